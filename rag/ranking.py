"""Scores of passages: the best of many, and how those of several languages are brought to one scale."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rag.arrays import Floats, Rows

_SAMPLE = 16_384
_USUAL_SHARE = 0.5
"""Of the most that a passage could score, what good ones do."""
_EXPECTED = 0.75
"""Of a passage's closeness by vectors, what its words can be expected to add where they cannot be compared."""
_FEW = 16
"""Passages of a language that tell as much of how far apart their scores are as all languages together do."""


@dataclass(frozen=True, slots=True)
class RetrieverScore:
    """Where one retriever placed a passage. ``rank`` starts at 1."""

    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """Rows of passages in the Snapshot and their scores, best first, both of shape ``(passages found,)``."""

    rows: Rows
    scores: Floats

    def best(self, k: int) -> Ranking:
        """The first ``k``."""
        return Ranking(self.rows[:k], self.scores[:k])


def _nothing(rows: Rows) -> Floats:
    return np.zeros(len(rows), dtype=np.float32)


def _the_same(rows: Rows) -> Floats:
    return np.ones(len(rows), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What one retriever found, best first.

    Attributes:
        rows, scores: of what it found.
        standard: how it scores any passages, in standard deviations.
        unseen: of any passages, for how much of what the other retriever says of them this one cannot speak.
        worth: of any passages, how much more than usual its score counts against the other retriever's.
    """

    rows: Rows
    scores: Floats
    standard: Callable[[Rows], Floats]
    unseen: Callable[[Rows], Floats] = _nothing
    worth: Callable[[Rows], Floats] = _the_same

    def places(self, wanted: Sequence[int]) -> dict[int, RetrieverScore]:
        """Rank and score of those of the wanted rows that were found, by row."""
        place = {row: index for index, row in enumerate(self.rows.tolist())}
        return {row: RetrieverScore(place[row] + 1, float(self.scores[place[row]])) for row in wanted if row in place}


def fused(retrieved: Mapping[str, Retrieved], dense_weight: float) -> Ranking:
    """Weighted sum of standard scores over all passages that a retriever found, by its name.

    Where words cannot be compared, because a passage is in another language, closeness by vectors stands for them.

    Args:
        retrieved: by ``dense`` and ``lexical``, or one of them.
        dense_weight: of the vectors' scores, in [0, 1]; the rest is that of words.
    """
    if not retrieved:
        return Ranking(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))
    rows = np.unique(np.concatenate([found.rows for found in retrieved.values()]))
    if len(retrieved) == 1:
        (scores,) = (found.standard(rows) for found in retrieved.values())
    else:
        lexical, near = retrieved["lexical"], retrieved["dense"].standard(rows)
        words = lexical.standard(rows) + lexical.unseen(rows) * np.maximum(near, 0)
        weight = dense_weight / (dense_weight + (1 - dense_weight) * lexical.worth(rows))
        scores = weight * near + (1 - weight) * words
    order = np.lexsort((rows, -scores))
    return Ranking(rows[order], scores[order])


def language_scales(scores: Floats, languages: Sequence[Rows], own: int | None, most: float) -> Floats:
    """How to tell scores in standard deviations from the mean of their own language.

    BM25 over passages of another language than the question's counts only the few words that both share, so that the
    scores of two languages are not on one scale; and where no passage of the question's own language answers, one will
    still share more of its words than others do. So the best of a language counts for its share of what a good passage
    has of all that could be shared: of another language, all scores are brought down by its root (in proportion, they
    counted for less than they told); of the question's own, all by the same, for their order beside the vectors' scores
    is to stay. And what of another language could not
    be shared is no sign against a passage: for that part its closeness by vectors speaks, unless the question's own
    language has the words.

    Args:
        scores: BM25 of each passage, shape ``(passages,)``.
        languages: the rows of each language.
        own: which of them is the question's language, if any is.
        most: the score that no passage's can be above.

    Returns:
        For each language what to take off, what to multiply with then, and how much of a passage's closeness by vectors
        to add; shape ``(3, languages)``.
    """
    groups = [_of(scores, rows) for rows in languages]
    spreads = [(float(group.mean()), float(group.var())) for group in groups]
    scales = np.zeros((3, len(languages)), dtype=np.float32)
    missing = 1 - float(groups[own].max()) / most if own is not None and most > 0 else 1.0
    for number, (mean, deviation) in enumerate(steadied(spreads, [len(group) for group in groups])):
        best = float(groups[number].max())
        share = min(1.0, best / (_USUAL_SHARE * most)) if most > 0 else 1.0
        if number == own and deviation > 0:
            scales[:, number] = mean + (best - mean) * (1 - share), 1 / deviation, 0
        elif number != own:
            scales[:, number] = mean, share**0.5 / deviation if deviation > 0 else 0, _EXPECTED * (1 - share) * missing
    return scales


def steadied(spreads: Sequence[tuple[float, float]], sizes: Sequence[int]) -> list[tuple[float, float]]:
    """Mean and standard deviation of each group, from its mean and variance: those of few are drawn to those of all."""
    weights = np.array(sizes, dtype=np.float64)
    own = np.array(spreads, dtype=np.float64)
    of_all = weights @ own / max(1.0, weights.sum())
    drawn = (weights[:, None] * own + _FEW * of_all) / (weights[:, None] + _FEW)
    return [(float(mean), float(variance) ** 0.5) for mean, variance in drawn]


def _of(scores: Floats, rows: Rows) -> Floats:
    """The scores at these rows; without a copy where they are all."""
    return scores if len(rows) == len(scores) else scores[rows]


def best_of(scores: Floats, rows: Rows, depth: int) -> Rows:
    """Those of the rows with the best scores, ``depth`` at most, in no order; only scores above 0 count."""
    group = _of(scores, rows)
    found = np.flatnonzero(group > _floor(group, depth))
    if len(found) < depth:
        found = np.flatnonzero(group > 0)
    if len(found) > depth:
        found = found[np.argpartition(-group[found], depth - 1)[:depth]]
    return rows[found]


def _floor(scores: Floats, depth: int) -> float:
    """A score that surely more than ``depth`` of many are above, as far as a sample can tell; at least 0."""
    sample = scores[:: max(1, len(scores) // _SAMPLE)]
    above = 1 + 8 * depth * len(sample) // len(scores) if len(scores) else len(sample)
    return max(0.0, float(np.partition(sample, -above)[-above])) if above < len(sample) else 0.0
