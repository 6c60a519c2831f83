"""How probable it is that what is shown is right."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answer.choosing import FEATURES, Judged
from rag.answer.weights import BIAS, CONFIDENCE
from rag.reader.calibration import probability_of

CONFIDENCE_FEATURES = tuple(CONFIDENCE)
"""Names of what it is told from: the best unit's score, its margin over other places, and features of it."""
_MOST = 4.0


def confidence_features(ranked: Sequence[Judged]) -> tuple[float, ...]:
    """What the probability is told from; ``ranked`` is not empty."""
    best = ranked[0]
    named = dict(zip(FEATURES, best.features, strict=True))
    place = (best.unit.hit.document.id, best.unit.hit.heading)
    rest = [each.score for each in ranked[1:] if (each.unit.hit.document.id, each.unit.hit.heading) != place]
    margin = max(-_MOST, min(_MOST, best.score - max(rest, default=best.score - _MOST)))
    named |= {"score": best.score, "margin": margin}
    return tuple(named[name] for name in CONFIDENCE_FEATURES)


def confidence_of(ranked: Sequence[Judged], is_fitting: bool) -> float:
    """Probability in [0, 1] that the units shown answer the question; little where what it names does not hold."""
    logit = BIAS + sum(w * f for w, f in zip(CONFIDENCE.values(), confidence_features(ranked), strict=True))
    probability = probability_of(logit)
    return probability if is_fitting else min(probability, 0.1)
