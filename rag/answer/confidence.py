"""How probable it is that what is shown is right."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answer.choosing import FEATURES, Judged
from rag.answer.weights import BIAS, CONFIDENCE, UNIT
from rag.reader.calibration import probability_of

CONFIDENCE_FEATURES = tuple(CONFIDENCE)
"""Names of what it is told from: the best unit's score, its margin over other places, and features of it."""
_MOST = 4.0
_COMPUTED = {"cell": 1.0, "unnamed_row": 0.0}
"""Features of a table's row where something was computed over all rows: none needed to be named."""


def confidence_features(ranked: Sequence[Judged], *, is_computed: bool = False) -> tuple[float, ...]:
    """What the probability is told from; ``ranked`` is not empty.

    Args:
        ranked: units, best first.
        is_computed: whether the answer was computed over the table that the best is of.
    """
    best = ranked[0]
    named = dict(zip(FEATURES, best.features, strict=True))
    place = (best.unit.hit.document.id, best.unit.hit.heading)
    rest = [each.score for each in ranked[1:] if (each.unit.hit.document.id, each.unit.hit.heading) != place]
    margin = max(-_MOST, min(_MOST, best.score - max(rest, default=best.score - _MOST)))
    named |= {"score": best.score, "margin": margin}
    if is_computed:
        named["score"] += sum(UNIT[name] * (value - named[name]) for name, value in _COMPUTED.items())
        named |= _COMPUTED
    return tuple(named[name] for name in CONFIDENCE_FEATURES)


def confidence_of(ranked: Sequence[Judged], *, is_fitting: bool, is_computed: bool) -> float:
    """Probability in [0, 1] that the units shown answer the question; little where what it names does not hold."""
    features = confidence_features(ranked, is_computed=is_computed)
    logit = BIAS + sum(w * f for w, f in zip(CONFIDENCE.values(), features, strict=True))
    probability = probability_of(logit)
    return probability if is_fitting else min(probability, 0.1)
