"""Texts -> what the reader's network takes: tokens with their characters, pairs, padded batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.models.tokenizer import BOS, EOS, PAD, TokenizedText, load_tokenizer

SPECIAL_TOKENS = 4
"""``<s>``, ``</s></s>`` and ``</s>`` around question and passage."""
MAX_QUESTION_TOKENS = 96

Ids = NDArray[np.int64]


class ReaderTokenizer:
    """The embedder's tokenizer, without the white space in its tokens.

    Args:
        folder: the embedding model's.
    """

    def __init__(self, folder: Path) -> None:
        self._tokenizer = load_tokenizer(folder)

    def __call__(self, texts: Sequence[str]) -> list[TokenizedText]:
        """Tokens of each text. No token begins or ends with white space; those of nothing else are left out."""
        return [_without_space(text, tokens) for text, tokens in zip(texts, self._tokenizer(texts), strict=True)]


def _without_space(text: str, tokens: TokenizedText) -> TokenizedText:
    starts, ends = tokens.starts.copy(), tokens.ends.copy()
    is_space = np.array([*map(str.isspace, text), False])
    while (blank := (starts < ends) & is_space[starts]).any():
        starts += blank
    while (blank := (starts < ends) & is_space[ends - 1]).any():
        ends -= blank
    kept = starts < ends
    return TokenizedText(tokens.ids[kept], starts[kept], ends[kept])


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
