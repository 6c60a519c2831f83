"""How much of a question stands in a passage: the share of its terms, weighted by how rare they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from rag.language.detection import detect_language
from rag.language.terms import terms
from rag.search import Hit

Weigh = Callable[[Sequence[str]], Mapping[str, float]]
"""Terms to their inverse document frequency."""


def wanted_terms(question: str, weigh: Weigh) -> Mapping[str, float]:
    """The question's terms and their weights."""
    return weigh(terms(question, detect_language(question, default="ja")))


def coverage(wanted: Mapping[str, float], text: str, language: str) -> float:
    """Share in [0, 1] of the weight of these terms that stands in a text."""
    total = sum(wanted.values())
    if not total:
        return 0.0
    there = terms_of(text, language)
    return sum(weight for term, weight in wanted.items() if term in there) / total


@lru_cache(maxsize=4096)
def terms_of(text: str, language: str) -> frozenset[str]:
    """The terms of a text, remembered: good passages and their sentences come up for many questions."""
    return frozenset(terms(text, language))


def hit_coverage(wanted: Mapping[str, float], hit: Hit) -> float:
    """The same for a passage with its title and headings."""
    return coverage(wanted, "\n".join([hit.document.title, *hit.heading, hit.text]), hit.language)
