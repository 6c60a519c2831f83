"""How probable it is that what is shown is right."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answer.choosing import FEATURES, Judged
from rag.answer.versions import family_of, is_another_year
from rag.answer.weights import BIAS, CONFIDENCE, UNIT
from rag.reader.calibration import probability_of
from rag.search import Hit

CONFIDENCE_FEATURES = tuple(CONFIDENCE)
"""Names of what it is told from: the best unit's score, its margin over other places, and features of it."""
_MOST = 4.0


def confidence_features(ranked: Sequence[Judged], computed_about: float | None = None) -> tuple[float, ...]:
    """What the probability is told from; ``ranked`` is not empty.

    Args:
        ranked: units, best first.
        computed_about: where the answer was computed over a table, how much of what the question says it is about.
            No row needed to be named then.
    """
    best = ranked[0]
    named = dict(zip(FEATURES, best.features, strict=True))
    rest = [each.score for each in ranked[1:] if _is_elsewhere(each.unit.hit, best.unit.hit)]
    margin = max(-_MOST, min(_MOST, best.score - max(rest, default=best.score - _MOST)))
    named |= {"score": _score(ranked), "margin": margin}
    if computed_about is not None:
        known = {"cell": 1.0, "unnamed_row": 0.0, "context": max(named["context"], computed_about)}
        named["score"] += sum(UNIT[name] * (value - named[name]) for name, value in known.items())
        named |= known
    return tuple(named[name] for name in CONFIDENCE_FEATURES)


def _score(ranked: Sequence[Judged]) -> float:
    """The best unit's score; of one that leads as the newest of its versions, halfway to that of the one it follows."""
    best, family = ranked[0], family_of(ranked[0].unit.hit.document.title)
    versions = (each.score for each in ranked[1:] if family and family_of(each.unit.hit.document.title) == family)
    return max(best.score, (best.score + max(versions, default=best.score)) / 2)


def _is_elsewhere(hit: Hit, best: Hit) -> bool:
    """Whether a hit speaks of something else than the best: of another section, of no other version of its document."""
    if hit.document.id == best.document.id:
        return hit.heading != best.heading and not is_another_year(hit.heading, best.heading)
    family = family_of(best.document.title)
    return not family or family_of(hit.document.title) != family


def confidence_of(features: Sequence[float], *, is_fitting: bool) -> float:
    """Probability in [0, 1] that what is shown answers the question; little where what it names does not hold."""
    logit = BIAS + sum(w * f for w, f in zip(CONFIDENCE.values(), features, strict=True))
    probability = probability_of(logit)
    return probability if is_fitting else min(probability, 0.1)
