"""How much of a question stands in a passage: the share of its terms, weighted by how rare they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.language.detection import detect_language
from rag.language.glossary import OTHER, translated
from rag.language.synonyms import NO_SYNONYMS, Synonyms
from rag.language.terms import terms
from rag.search import Hit

Weigh = Callable[[Sequence[str]], Mapping[str, float]]
"""Terms to their inverse document frequency."""


@dataclass(frozen=True, slots=True)
class WithSynonyms:
    """Weighs terms, and knows which words mean the same."""

    weigh: Weigh
    synonyms: Synonyms

    def __call__(self, terms_: Sequence[str]) -> Mapping[str, float]:
        return self.weigh(terms_)


_Others = Sequence[tuple[frozenset[str], frozenset[str]]]
"""Terms, and what counts as there where all of these are."""


class Wanted(dict[str, float]):
    """A question's terms and their weights.

    Args:
        found: terms and weights.
        question: the question.
        language: its language.
        by_others: terms of synonyms, and the words that they stand for.
    """

    def __init__(self, found: Mapping[str, float], question: str, language: str, by_others: _Others) -> None:
        super().__init__(found)
        self._question, self._language, self._by_others = question, language, by_others

    def by_others(self, language: str) -> _Others:
        """What else counts in a text of a language: synonyms, and in the other language translations."""
        if not self._is_translated(language):
            return self._by_others
        return [*self._by_others, *_by_translations(self._question, self._language)]

    def comparable(self, language: str) -> Mapping[str, float]:
        """The terms that a text of a language can have; of the other one those with translations, and Latin."""
        if not self._is_translated(language):
            return self
        known = frozenset(term for _, own in self.by_others(language) for term in own)
        return {term: weight for term, weight in self.items() if term in known or term.isascii()}

    def _is_translated(self, language: str) -> bool:
        return language != self._language and OTHER.get(self._language) == language


def wanted_terms(question: str, weigh: Weigh) -> Wanted:
    """The question's terms and their weights."""
    language = detect_language(question, default="ja")
    synonyms = weigh.synonyms if isinstance(weigh, WithSynonyms) else NO_SYNONYMS
    by_others = list(_by_others(question, language, synonyms))
    return Wanted(weigh(terms(question, language)), question, language, by_others)


@lru_cache(maxsize=256)
def _by_translations(question: str, language: str) -> _Others:
    """Terms of what words of a question may be in the other language, and those of the words."""
    return [
        (others, terms_of(word.text, language))
        for word in translated(question, language)
        for other in word.others
        if (others := terms_of(other, OTHER[language]))
    ]


def _by_others(question: str, language: str, synonyms: Synonyms) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """Terms of synonyms, and those of the words that they stand for; compounds that go beyond these by themselves."""
    asked = frozenset(terms(question, language))
    for spelled in synonyms.respellings(question, language):
        own = frozenset(terms(question[spelled.start : spelled.end], language))
        for word, text in zip(spelled.words, spelled.texts(question), strict=True):
            other, other_asked = frozenset(terms(word, language)), frozenset(terms(text, language))
            yield other, own
            if compounds := other_asked - asked - other:
                yield compounds, asked - other_asked - own


def coverage(wanted: Mapping[str, float], text: str, language: str) -> float:
    """Share in [0, 1] of the weight of these terms, as far as they can, that stands in a text."""
    there = terms_of(text, language)
    if isinstance(wanted, Wanted):
        for others, own in wanted.by_others(language):
            there |= own if others <= there else frozenset()
        wanted = wanted.comparable(language)
    total = sum(wanted.values())
    return sum(weight for term, weight in wanted.items() if term in there) / total if total else 0.0


@lru_cache(maxsize=4096)
def terms_of(text: str, language: str) -> frozenset[str]:
    """The terms of a text, remembered: good passages and their sentences come up for many questions."""
    return frozenset(terms(text, language))


def hit_coverage(wanted: Mapping[str, float], hit: Hit) -> float:
    """The same for a passage with its title and headings."""
    return coverage(wanted, "\n".join([hit.document.title, *hit.heading, hit.text]), hit.language)
