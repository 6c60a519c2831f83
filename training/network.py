"""The reader's network as it is trained, in PyTorch; ``rag.reader.network`` is what it becomes.

The encoder has the shape of the bundled e5 model and starts from its weights. Two things are added to its input, both
starting at nothing: which of the two texts a token is from, and whether the same token stands in the other text. Word
embeddings are not part of the network: they are frozen, shared with the embedder, and handed to ``forward``.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from rag.arrays import Floats
from rag.models.encoder import EncoderShape
from rag.reader.input import PairBatch
from rag.reader.spans import MAX_TRIM


class ReaderOutput(NamedTuple):
    """What the heads say of a batch of B pairs, T tokens each, all as logits.

    Attributes:
        start, end: (B, T), -inf outside the passage: the answer's first and last token.
        start_trim, end_trim: (B, T, MAX_TRIM + 1): characters to leave off that token, counted from its outer side.
        relevance: (B,): does the passage answer the question?
    """

    start: Tensor
    end: Tensor
    start_trim: Tensor
    end_trim: Tensor
    relevance: Tensor


class Block(nn.Module):
    """One transformer block as in BERT: attention, feed-forward, normalisation after each (Devlin et al. 2019)."""

    def __init__(self, shape: EncoderShape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.qkv = nn.Linear(shape.hidden, 3 * shape.hidden)
        self.attention_out = nn.Linear(shape.hidden, shape.hidden)
        self.attention_norm = nn.LayerNorm(shape.hidden, eps=shape.norm_eps)
        self.widen = nn.Linear(shape.hidden, shape.intermediate)
        self.narrow = nn.Linear(shape.intermediate, shape.hidden)
        self.norm = nn.LayerNorm(shape.hidden, eps=shape.norm_eps)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """(B, T, hidden) -> the same; ``mask`` (B, 1, 1, T) is added to the attention logits."""
        batch, length, hidden = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, self.heads, hidden // self.heads).permute(2, 0, 3, 1, 4)
        # Written out: on a CPU in bfloat16, what is made for long texts takes a quarter of the step on the way back.
        scores = (q / math.sqrt(q.shape[-1])) @ k.transpose(-1, -2)
        if mask is not None:
            scores += mask.to(scores.dtype)
        # Of bfloat16 the softmax is taken in float32 and rounded once; autocast would copy it there and back.
        with torch.autocast("cpu", enabled=False):
            shares = scores.softmax(dim=-1)
        attended = shares @ v
        x = self.attention_norm(x + self.attention_out(attended.transpose(1, 2).reshape(batch, length, hidden)))
        normed: Tensor = self.norm(x + self.narrow(functional.gelu(self.widen(x))))
        return normed


class ReaderNetwork(nn.Module):
    """Encoder and heads. The first token of each pair is the one relevance is read from."""

    def __init__(self, shape: EncoderShape) -> None:
        super().__init__()
        self.shape = shape
        self.position = nn.Embedding(shape.positions, shape.hidden)
        self.segment = nn.Embedding(2, shape.hidden)
        self.shared = nn.Embedding(2, shape.hidden)
        self.norm = nn.LayerNorm(shape.hidden, eps=shape.norm_eps)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.span = nn.Linear(shape.hidden, 2)
        self.trim = nn.Linear(shape.hidden, 2 * (MAX_TRIM + 1))
        self.relevance_hidden = nn.Linear(shape.hidden, shape.hidden)
        self.relevance = nn.Linear(shape.hidden, 1)
        for added in (self.segment, self.shared):
            nn.init.zeros_(added.weight)

    def head_parameters(self) -> list[nn.Parameter]:
        """The parameters that do not come from the encoder's own training."""
        heads = (self.segment, self.shared, self.span, self.trim, self.relevance_hidden, self.relevance)
        return [parameter for head in heads for parameter in head.parameters()]

    def arrays(self) -> dict[str, Floats]:
        """Its weights, by name."""
        return {name: tensor.detach().float().numpy() for name, tensor in self.state_dict().items()}

    def read(self, words: Tensor, batch: PairBatch) -> ReaderOutput:
        """``forward`` for a batch of pairs; ``words`` (vocabulary, hidden) are the word embeddings."""
        ids, *rest = (torch.from_numpy(part) for part in (batch.ids, batch.segments, batch.shared, batch.lengths))
        output: ReaderOutput = self(functional.embedding(ids, words), *rest)
        return output

    def forward(self, words: Tensor, segments: Tensor, shared: Tensor, lengths: Tensor) -> ReaderOutput:
        """Read a padded batch.

        Args:
            words: (B, T, hidden) word embeddings of ``<s> question </s></s> passage </s>``.
            segments: (B, T) 1 for the passage's tokens (its closing ``</s>`` not included), 0 for all others.
            shared: (B, T) 1 for tokens that question and passage have in common.
            lengths: (B,) tokens of each pair before padding.
        """
        x = self.encode(words, segments, shared, lengths)
        outside = segments == 0
        start, end = self.span(x).float().masked_fill(outside.unsqueeze(-1), float("-inf")).unbind(-1)
        start_trim, end_trim = torch.split(self.trim(x).float(), MAX_TRIM + 1, dim=-1)
        relevance: Tensor = self.relevance(torch.tanh(self.relevance_hidden(x[:, 0]))).float().squeeze(-1)
        return ReaderOutput(start, end, start_trim, end_trim, relevance)

    def encode(self, words: Tensor, segments: Tensor, shared: Tensor, lengths: Tensor) -> Tensor:
        """The token vectors (B, T, hidden) after the last block; arguments as for ``forward``."""
        length = words.shape[1]
        x = words + self.position.weight[:length] + self.segment(segments) + self.shared(shared)
        x = self.norm(x)
        mask = padding_mask(lengths, length, x.dtype)
        for block in self.blocks:
            x = block(x, mask)
        encoded: Tensor = x
        return encoded


def padding_mask(lengths: Tensor, length: int, dtype: torch.dtype) -> Tensor | None:
    """(B, 1, 1, T) with -inf on padding; ``None`` if all pairs are equally long."""
    padding = torch.arange(length) >= lengths.unsqueeze(1)
    if not bool(padding.any()):
        return None
    mask = torch.zeros(padding.shape, dtype=dtype).masked_fill_(padding, float("-inf"))
    return mask[:, None, None, :]
