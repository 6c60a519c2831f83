"""What the reader is trained to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from rag.reader.input import Ids, pair_batch, pair_length
from training.batches import Group
from training.data import TokenSpan
from training.network import ReaderNetwork, ReaderOutput


class Losses(NamedTuple):
    """Sums over questions; ``total`` is what is differentiated."""

    total: Tensor
    span: Tensor
    trim: Tensor
    relevance: Tensor
    ranking: Tensor


TRIM_WEIGHT = 0.3
RELEVANCE_WEIGHT = 0.8
RANKING_WEIGHT = 1.6


def group_losses(network: ReaderNetwork, words: Tensor, groups: Sequence[Group]) -> Losses:
    """Losses of one micro-batch, summed over its groups.

    Start and end share one softmax over all passages of a question (shared normalisation, Clark & Gardner 2018), so
    that scores of spans compare across passages. Relevance is learnt on its own (logistic), which is what makes it a
    confidence, and as what it adds to the fused score when the question's own passage is told from the others
    (softmax): where the search has told them apart there is little left to learn. Other passages with the answer's
    characters take part in the ranking only, for whether they answer is not known. Where nothing answers there is
    relevance alone to learn, and no span where the answer is not one stretch.
    """
    output, offsets = _read(network, words, [(group.question, text) for group in groups for text in group.passages])
    sizes = [len(group.passages) for group in groups]
    positive = torch.tensor([sum(sizes[:i]) for i in range(len(sizes))])
    known = ~torch.tensor([holds for group in groups for holds in group.holds])
    known[positive] = True
    spans = [group.span or TokenSpan(0, 0, 0, 0) for group in groups]
    has_span = torch.tensor([group.span is not None for group in groups])
    is_answered = torch.tensor([group.is_answered for group in groups])
    first = offsets[positive] + torch.tensor([span.first for span in spans])
    last = offsets[positive] + torch.tensor([span.last for span in spans])
    start, end = (logits.logsumexp(dim=1).where(known, -torch.inf) for logits in (output.start, output.end))
    starts, ends = output.start[positive, first], output.end[positive, last]
    span = (has_span * (_missed(start, starts, sizes) + _missed(end, ends, sizes))).sum()
    trim = (has_span * _trim_losses(output, spans, positive, first, last)).sum()
    target = torch.zeros_like(output.relevance)
    target[positive] = is_answered.float()
    relevance = functional.binary_cross_entropy_with_logits(
        output.relevance, target, weight=known.float(), reduction="sum"
    )
    combined = output.relevance + torch.tensor([score for group in groups for score in group.fused])
    ranking = (is_answered * _missed(combined, combined[positive], sizes)).sum()
    total = 0.5 * span + TRIM_WEIGHT * trim + RELEVANCE_WEIGHT * relevance + RANKING_WEIGHT * ranking
    return Losses(total, span, trim, relevance, ranking)


_MOST_WASTED = 0.25
"""Share of padding in what goes through the network at once: units are much shorter than passages."""


def _read(network: ReaderNetwork, words: Tensor, pairs: Sequence[tuple[Ids, Ids]]) -> tuple[ReaderOutput, Tensor]:
    """The output for all pairs, in order, though those of like length went through the network together."""
    lengths = np.array([pair_length(*pair) for pair in pairs])
    order = np.argsort(-lengths, kind="stable")
    parts: list[ReaderOutput] = []
    offsets: list[Tensor] = []
    first = 0
    while first < len(order):
        falling = lengths[order[first:]]
        wasted = 1 - np.cumsum(falling) / (falling[0] * np.arange(1, len(falling) + 1))
        count = int(np.argmax(wasted > _MOST_WASTED)) or len(falling)
        batch = pair_batch([pairs[i] for i in order[first : first + count]])
        parts.append(network.read(words, batch))
        offsets.append(torch.from_numpy(batch.offsets))
        first += count
    longest = parts[0].start.shape[1]
    back = torch.from_numpy(np.argsort(order, kind="stable"))
    start, end = (
        torch.cat([functional.pad(found, (0, longest - found.shape[1]), value=-torch.inf) for found in side])[back]
        for side in ([part.start for part in parts], [part.end for part in parts])
    )
    start_trim, end_trim = (
        torch.cat([functional.pad(found, (0, 0, 0, longest - found.shape[1])) for found in side])[back]
        for side in ([part.start_trim for part in parts], [part.end_trim for part in parts])
    )
    relevance = torch.cat([part.relevance for part in parts])[back]
    return ReaderOutput(start, end, start_trim, end_trim, relevance), torch.cat(offsets)[back]


def _missed(logits: Tensor, right: Tensor, sizes: Sequence[int]) -> Tensor:
    """-log of the right logits' (groups,) share among each group's (B,), for each group."""
    return _by_group(logits, sizes).logsumexp(dim=1) - right


def _by_group(values: Tensor, sizes: Sequence[int]) -> Tensor:
    """(B,) -> (groups, largest group), filled up with -inf."""
    return torch.nn.utils.rnn.pad_sequence(
        list(torch.split(values, list(sizes))), batch_first=True, padding_value=float("-inf")
    )


def _trim_losses(
    output: ReaderOutput, spans: Sequence[TokenSpan], positive: Tensor, first: Tensor, last: Tensor
) -> Tensor:
    head = torch.tensor([span.start_trim for span in spans])
    tail = torch.tensor([span.end_trim for span in spans])
    return functional.cross_entropy(
        output.start_trim[positive, first], head, reduction="none"
    ) + functional.cross_entropy(output.end_trim[positive, last], tail, reduction="none")
