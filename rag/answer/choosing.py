"""Which units are worth reading, and which answers: what is known of each, weighed into one score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.answer.evidence import Unit
from rag.answer.features import READ, SEEN, Mark, Seen, clipped
from rag.answer.question import Condition
from rag.answer.table import Match
from rag.answer.weights import PROMISE, UNIT
from rag.reader.model import PassageReading

FEATURES = (*READ, *SEEN)
"""Names of what is known of a unit once it is read, in the order in which ``Judged`` has it."""
LEAST_UNITS, MOST_UNITS = 4, 12
ENOUGH = 0.95
"""Units are read until one of them answers with this probability, if any does."""
PROMISE_WEIGHTS = np.array([PROMISE[name] for name in SEEN])
"""What tells whether a unit is worth reading, in the order of ``SEEN``."""
_WEIGHTS = np.array([UNIT[name] for name in FEATURES])


@dataclass(frozen=True, slots=True)
class Judged:
    """A unit that was read.

    Attributes:
        seen: what was known of it before.
        reading: the reader's relevance and spans, within ``unit.read_as``.
        features: in the order of ``FEATURES``.
        score: their weighted sum.
    """

    seen: Seen
    reading: PassageReading
    features: tuple[float, ...]
    score: float

    @property
    def unit(self) -> Unit:
        """The unit."""
        return self.seen.unit

    @property
    def unmet(self) -> tuple[Condition, ...]:
        """What the question names that neither the unit nor what it stands under holds."""
        return self.seen.unmet

    @property
    def match(self) -> Match | None:
        """Of a row, how the question names it."""
        return self.seen.match

    @property
    def spans(self) -> tuple[Mark, ...]:
        """What the reader marked in the unit when it read its passage, best first."""
        return self.seen.spans

    @property
    def is_echo(self) -> bool:
        """Whether it says nothing that the question does not."""
        return self.seen["echo"] > 0

    @property
    def is_wanted_list(self) -> bool:
        """Whether it is a whole list, and one was wanted."""
        return self.seen["list"] > 0


def promising(
    units: Sequence[Seen],
    weights: NDArray[np.floating[Any]] = PROMISE_WEIGHTS,
    *,
    enough: float = ENOUGH,
    most: int = MOST_UNITS,
) -> list[Seen]:
    """The units worth reading, best first: so many that one of them is likely to answer, if any does.

    Args:
        units: all there are.
        weights: of what is known of them, in the order of ``SEEN``; a softmax over the units gives the probabilities.
        enough: probability that one of those read answers.
        most: units at most.
    """
    if not units:
        return []
    scores = np.array([unit.features for unit in units]) @ weights
    chances = np.exp(scores - scores.max())
    order = sorted(range(len(units)), key=lambda i: (-scores[i], units[i].unit.hit.rank, units[i].unit.start))
    together = np.cumsum(chances[order]) / chances.sum()
    count = int(np.searchsorted(together, enough)) + 1
    return [units[i] for i in order[: max(LEAST_UNITS, min(count, most))]]


def _is_led(unit: Unit, reading: PassageReading) -> bool:
    """Whether the reader's best mark stands in what the unit stands under."""
    return bool(reading.spans) and reading.spans[0].start < len(unit.read_as) - len(unit.text)


def judged(units: Sequence[Seen], readings: Sequence[PassageReading]) -> list[Judged]:
    """All units with their scores, best first; of each the reader's reading of its ``read_as``."""
    sections: dict[tuple[str, tuple[str, ...]], float] = {}
    for each, reading in zip(units, readings, strict=True):
        section = (each.unit.hit.document.id, each.unit.hit.heading)
        sections[section] = max(sections.get(section, -10.0), reading.relevance)
    found = []
    for each, reading in zip(units, readings, strict=True):
        relevance = clipped(reading.relevance)
        best = clipped(sections[each.unit.hit.document.id, each.unit.hit.heading])
        features = (relevance, best, each["foreign"] * relevance, float(_is_led(each.unit, reading)), *each.features)
        found.append(Judged(each, reading, features, float(_WEIGHTS @ features)))
    return sorted(found, key=lambda each: (each.is_echo, -each.score, each.unit.hit.rank, each.unit.start))
