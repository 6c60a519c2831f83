"""Texts -> what the reader's network takes: tokens with their characters, pairs, padded batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.models.tokenizer import load_tokenizer

BOS, PAD, EOS = 0, 1, 2
"""Ids of ``<s>``, ``<pad>``, ``</s>`` in XLM-R's vocabulary."""
SPECIAL_TOKENS = 4
"""``<s>``, ``</s></s>`` and ``</s>`` around question and passage."""
MAX_QUESTION_TOKENS = 96

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TokenizedText:
    """A text's tokens: ids, and the characters ``[starts[i], ends[i])`` each stands for, without white space."""

    ids: Ids
    starts: Ids
    ends: Ids

    def __len__(self) -> int:
        return len(self.ids)

    def cut(self, first: int, last: int) -> TokenizedText:
        """Tokens ``[first, last)``; their characters still count from the start of the whole text."""
        return TokenizedText(self.ids[first:last], self.starts[first:last], self.ends[first:last])


class ReaderTokenizer:
    """The embedder's tokenizer, giving characters beside ids.

    Args:
        path: ``tokenizer.json`` of the embedding model.
    """

    def __init__(self, path: Path) -> None:
        self._tokenizer = load_tokenizer(path)

    def __call__(self, texts: Sequence[str]) -> list[TokenizedText]:
        """Tokens of each text, without special tokens. Tokens of nothing but white space are left out."""
        encodings = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [
            _without_space(text, encoding.ids, encoding.offsets)
            for text, encoding in zip(texts, encodings, strict=True)
        ]


def _without_space(text: str, ids: list[int], offsets: list[tuple[int, int]]) -> TokenizedText:
    kept: list[tuple[int, int, int]] = []
    for token, (start, end) in zip(ids, offsets, strict=True):
        while start < end and text[start].isspace():
            start += 1
        while start < end and text[end - 1].isspace():
            end -= 1
        if start < end:
            kept.append((token, start, end))
    columns = np.array(kept, dtype=np.int64).reshape(-1, 3)
    return TokenizedText(columns[:, 0], columns[:, 1], columns[:, 2])


@dataclass(frozen=True, slots=True)
class PairBatch:
    """B pairs padded to T tokens.

    Attributes:
        ids: (B, T) tokens of ``<s> question </s></s> passage </s>``.
        segments: (B, T) 1 for the passage's tokens (its closing ``</s>`` not included), 0 for all others.
        shared: (B, T) 1 for tokens that question and passage have in common.
        lengths: (B,) tokens of each pair before padding.
        offsets: (B,) where the passage's first token stands.
    """

    ids: Ids
    segments: Ids
    shared: Ids
    lengths: Ids
    offsets: Ids


def pair_length(question: Ids, passage: Ids) -> int:
    """Tokens of a pair, special tokens included."""
    return min(len(question), MAX_QUESTION_TOKENS) + len(passage) + SPECIAL_TOKENS


def pair_batch(pairs: Sequence[tuple[Ids, Ids]]) -> PairBatch:
    """Pad question-passage pairs (ids without special tokens) to the longest of them."""
    lengths = [pair_length(question, passage) for question, passage in pairs]
    shape = (len(pairs), max(lengths))
    ids = np.full(shape, PAD, dtype=np.int64)
    segments = np.zeros(shape, dtype=np.int64)
    shared = np.zeros(shape, dtype=np.int64)
    offsets = []
    for row, (question, passage) in enumerate(pairs):
        question = question[:MAX_QUESTION_TOKENS]
        begin = len(question) + 3
        end = begin + len(passage)
        ids[row, : end + 1] = np.concatenate(([BOS], question, [EOS, EOS], passage, [EOS]))
        segments[row, begin:end] = 1
        shared[row, begin:end] = np.isin(passage, question)
        shared[row, 1 : begin - 2] = np.isin(question, passage)
        offsets.append(begin)
    return PairBatch(ids, segments, shared, np.array(lengths), np.array(offsets))
