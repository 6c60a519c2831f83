"""How much of a question stands in a passage: the share of its terms, weighted by how rare they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rag.language.detection import detect_language
from rag.language.glossary import OTHER, near, translated
from rag.language.names import Name, Named, names
from rag.language.sentences import sentences
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

    def told_in(self, language: str) -> tuple[_Others, Mapping[str, float]]:
        """What else counts in a text of a language, and the terms that it can have.

        In the other language translations count too, and it can have the terms with translations, and Latin ones.
        """
        if language == self._language or OTHER.get(self._language) != language:
            return self._by_others, self
        return self._across

    @cached_property
    def names(self) -> Sequence[tuple[Name, frozenset[str]]]:
        """Names in the question, which a text in the other language may have in its own script, and their terms."""
        found = ((name, terms_of(name.written, self._language)) for name in names(self._question, self._language))
        return [(name, own) for name, own in found if own and not name.quoted and not name.written.isupper()]

    def near_in(self, language: str) -> _Others:
        """Words of nearly the same meaning, in a text of the question's own language."""
        return _by_near(self._question, self._language) if language == self._language else ()

    @cached_property
    def _across(self) -> tuple[_Others, Mapping[str, float]]:
        by_others = [*self._by_others, *_by_translations(self._question, self._language)]
        known = frozenset(term for _, own in by_others for term in own)
        return by_others, {term: weight for term, weight in self.items() if term in known or term.isascii()}


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


@lru_cache(maxsize=256)
def _by_near(question: str, language: str) -> _Others:
    """Terms of words that mean nearly the same as words of a question, and those of the words."""
    return [
        (others, own)
        for word in near(question, language)
        for other in word.others
        if (others := terms_of(other, language)) and (own := terms_of(word.text, language))
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
    return _share(*_there(wanted, text, language))


def coverages(wanted: Mapping[str, float], text: str, language: str) -> tuple[float, float]:
    """That share, and the share of those for which only words of nearly the same meaning stand there."""
    there, possible = _there(wanted, text, language)
    by_near = wanted.near_in(language) if isinstance(wanted, Wanted) else ()
    nearly = frozenset(term for others, own in by_near if others <= there for term in own)
    return _share(there, possible), _share(nearly - there, possible)


def _there(wanted: Mapping[str, float], text: str, language: str) -> tuple[frozenset[str], Mapping[str, float]]:
    """The terms of a text, with those that others there count for, and the terms of the question that it can have."""
    there = terms_of(text, language)
    if not isinstance(wanted, Wanted):
        return there, wanted
    by_others, possible = wanted.told_in(language)
    for others, own in by_others:
        there |= own if others <= there else frozenset()
    if possible is not wanted and wanted.names:
        there |= frozenset(term for name, own in wanted.names if named(text).holds(name, across=True) for term in own)
        of_names = {term for _, own in wanted.names for term in own}
        possible = {**possible, **{term: weight for term, weight in wanted.items() if term in of_names}}
    return there, possible


@lru_cache(maxsize=1024)
def named(text: str) -> Named:
    """A text to look up names in, remembered."""
    return Named(text)


def _share(terms_: frozenset[str], possible: Mapping[str, float]) -> float:
    total = sum(possible.values())
    return sum(weight for term, weight in possible.items() if term in terms_) / total if total else 0.0


@lru_cache(maxsize=512)
def terms_of(text: str, language: str) -> frozenset[str]:
    """The terms of a text: those of its lines, for no term goes beyond one, nor tells of another.

    Remembered for as long as one question takes: a unit and what it stands under are looked at again and again.
    """
    return frozenset().union(*(_terms_of_line(line, language) for line in text.split("\n")))


@lru_cache(maxsize=16_384)
def _terms_of_line(line: str, language: str) -> frozenset[str]:
    """Remembered: headings and heads of tables stand over many units, and good passages come up for many questions."""
    return frozenset(terms(line, language))


def best_stretch(wanted: Mapping[str, float], hit: Hit, longest: int) -> tuple[int, int]:
    """Offsets into a passage's text of the sentences, one after the other, that hold most of these terms together.

    They are no longer than ``longest`` characters, but for one that is longer alone. All of it, if it is not longer, or
    if none of the terms stands there.
    """
    text = hit.text
    if len(text) <= longest:
        return 0, len(text)
    spans = sentences(text)
    held = [coverage(wanted, text[start:end], hit.language) for start, end in spans]
    best, found = 0.0, (0, len(text))
    for first, (start, _) in enumerate(spans):
        together = 0.0
        for number in range(first, len(spans)):
            end = spans[number][1]
            if number > first and end - start > longest:
                break
            together += held[number]
            if together > best or (together == best > 0 and start == found[0]):
                best, found = together, (start, end)
    return found


def hit_coverage(wanted: Mapping[str, float], hit: Hit) -> float:
    """The same for a passage with its title and headings."""
    return coverage(wanted, "\n".join([hit.document.title, *hit.heading, hit.text]), hit.language)
