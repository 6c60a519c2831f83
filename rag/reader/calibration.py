"""What the reader's logits are weighed with: coefficients that ship inside its weights."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from rag.errors import ModelError
from rag.reader.model import PassageReading

READ_STEPS = (2, 4, 8, 14, 20)
"""Passages read so far when it is asked whether more must be: for most questions the first leads far enough by then."""


@dataclass(frozen=True, slots=True)
class ReadingWeights:
    """Fitted by ``training.calibrate`` on held-out questions.

    Attributes:
        relevance: what a passage's relevance logit adds to its fused score.
        confidence_bias, confidence_relevance, confidence_margin, confidence_coverage: logistic regression of "the
            documents hold the answer" on the first passage's relevance, its lead over the others, and the share of the
            question's terms that it holds.
        usual_coverage: that share where it cannot be told: the passage is in another language than the question.
        threshold: confidence below which a question is refused.
        lead: how far the best passage's score must be above the fused score of the next hit for that hit, and all
            behind it, to be left unread; ``None``: all are always read.
    """

    relevance: float = 0.5
    confidence_bias: float = 0.0
    confidence_relevance: float = 1.0
    confidence_margin: float = 0.0
    confidence_coverage: float = 0.0
    usual_coverage: float = 0.5
    threshold: float = 0.5
    lead: float | None = None

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> ReadingWeights:
        """From the ``reading`` entry of a reader's facts; what is missing has its default.

        Raises:
            ModelError: an entry that is no such weight.
        """
        found = facts.get("reading", {})
        unknown = set(found) - {field.name for field in fields(cls)}
        if unknown:
            raise ModelError(f"The reader's calibration has unknown entries: {', '.join(sorted(unknown))}.")
        return cls(**found)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def combined(self, fused: float, reading: PassageReading) -> float:
        """The score a passage is ranked by."""
        return fused + self.relevance * reading.relevance

    def read(
        self,
        fused: Sequence[float],
        read: Callable[[int, int], Sequence[PassageReading]],
        most: int = READ_STEPS[-1],
    ) -> list[PassageReading]:
        """Read passages in ``READ_STEPS``, until the best score leads far enough over the next fused one.

        Args:
            fused: scores of the passages, best first.
            read: gives the readings of the passages ``[first, last)``.
            most: passages to read at most.

        Returns:
            A reading of each of the first passages.
        """
        readings: list[PassageReading] = []
        best = -math.inf
        enough = min(most, len(fused))
        for step in READ_STEPS:
            found = read(len(readings), min(step, enough))
            best = max([best, *map(self.combined, fused[len(readings) :], found)])
            readings += found
            if len(readings) == enough or (self.lead is not None and best - fused[len(readings)] >= self.lead):
                break
        return readings

    def confidence(self, features: Sequence[float]) -> float:
        """Probability in [0, 1] that the documents hold the answer, from what ``confidence_features`` gives."""
        coefficients = (self.confidence_relevance, self.confidence_margin, self.confidence_coverage)
        logit = self.confidence_bias + sum(c * f for c, f in zip(coefficients, features, strict=True))
        return probability_of(logit)


def probability_of(logit: float) -> float:
    """The logistic function, in [0, 1]."""
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, logit))))


def confidence_features(readings: Sequence[PassageReading], coverage: float) -> tuple[float, float, float]:
    """Relevance, margin in relevance, and coverage of the first of readings ordered by combined score."""
    first = readings[0]
    second = max((reading.relevance for reading in readings[1:]), default=first.relevance - 10)
    return first.relevance, max(-10.0, min(10.0, first.relevance - second)), coverage
