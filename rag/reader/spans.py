"""The network's logits -> spans of characters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.models.tokenizer import TokenizedText

MAX_ANSWER_TOKENS = 32
MAX_TRIM = 4
"""Most characters that a span may leave off its first or its last token."""

Logits = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class CharSpan:
    """Characters ``[start, end)`` of a passage, and the sum of the start and end logits."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class PassageLogits:
    """The heads' logits over the T tokens of one passage: ``start``, ``end`` (T,), trims (T, MAX_TRIM + 1)."""

    start: Logits
    end: Logits
    start_trim: Logits
    end_trim: Logits


def best_spans(logits: PassageLogits, tokens: TokenizedText, text: str, count: int) -> list[CharSpan]:
    """The ``count`` best spans that do not overlap, best first.

    A span has at most ``MAX_ANSWER_TOKENS`` tokens; characters that its outer tokens have beside the answer (a particle
    glued to a noun, a bracket) are left off as the trim heads say.
    """
    spans: list[CharSpan] = []
    taken = np.zeros(len(tokens), dtype=bool)
    for first, last, score in _ranked(logits, count * 8):
        if len(spans) == count:
            break
        if taken[first : last + 1].any():
            continue
        taken[first : last + 1] = True
        start, end = _characters(logits, tokens, first, last)
        start, end = _without_outer_space(text, start, end)
        spans.append(CharSpan(start, end, score))
    return spans


def _ranked(logits: PassageLogits, count: int) -> list[tuple[int, int, float]]:
    """(first, last, score) of the best token pairs with ``first <= last < first + MAX_ANSWER_TOKENS``."""
    length = len(logits.start)
    if not length:
        return []
    scores = logits.start[:, None] + logits.end[None, :]
    distance = np.arange(length)[None, :] - np.arange(length)[:, None]
    scores = np.where((distance >= 0) & (distance < MAX_ANSWER_TOKENS), scores, -np.inf).ravel()
    count = min(count, len(scores))
    best = np.argpartition(-scores, count - 1)[:count]
    best = best[np.argsort(-scores[best], kind="stable")]
    return [(int(i) // length, int(i) % length, float(scores[i])) for i in best if np.isfinite(scores[i])]


def _characters(logits: PassageLogits, tokens: TokenizedText, first: int, last: int) -> tuple[int, int]:
    """Outer characters trimmed as the heads say, but never a whole token, nor both ends of a one-character rest."""
    start, end = int(tokens.starts[first]), int(tokens.ends[last])
    head = min(int(logits.start_trim[first].argmax()), int(tokens.ends[first]) - start - 1)
    tail = min(int(logits.end_trim[last].argmax()), end - int(tokens.starts[last]) - 1)
    if start + head < end - tail:
        start, end = start + head, end - tail
    return start, end


def _without_outer_space(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end - 1 and text[start].isspace():
        start += 1
    while end - 1 > start and text[end - 1].isspace():
        end -= 1
    return start, end
