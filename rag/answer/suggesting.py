"""For who was refused: words of the question that stand in no document, and words there that may mean the same.

A word is near another by their vectors, or is short for it (社食 for 社員食堂). It is for people to say whether it
means the same: what is suggested is shown, and may go into a file of synonyms, but nothing is searched with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from rag.arrays import Floats
from rag.language.morphemes import Morpheme, morphemes
from rag.language.terms import stopwords
from rag.search import Hit

MOST_WORDS: Final = 3
MOST_OTHERS: Final = 3
_READ_HITS: Final = 5
_MOST_COMPARED: Final = 120
_LONGEST: Final = 16
_NEAR: Final = 0.88
"""Cosine from which two words are near; those of e5 are seldom below 0.8."""
_LATIN: Final = re.compile(r"[A-Za-z][A-Za-z\-]{3,}")
_NO_WORD: Final = re.compile(r"[\d０-９]|^[A-Za-zＡ-Ｚａ-ｚ\-]{1,3}$|^[ぁ-んー]+$")

Embed = Callable[[Sequence[str]], Floats]
"""Words to their unit vectors, shape ``(len(words), dimension)``."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A word of a question that stands in no document, and words there that may mean the same, the likeliest first."""

    word: str
    others: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"word": self.word, "others": list(self.others)}


def suggestions(
    question: str, language: str, hits: Sequence[Hit], is_known: Callable[[str], bool], embed: Embed
) -> tuple[Suggestion, ...]:
    """What may be meant by the nouns of a question that stand nowhere.

    Args:
        question: as searched.
        language: its language.
        hits: the best passages; words are looked for in the first of them.
        is_known: whether a word stands in any document.
        embed: gives vectors of words; not called where all of the question is known.
    """
    unknown = [word for word in dict.fromkeys(nouns(question, language)) if not is_known(word)][:MOST_WORDS]
    if not unknown:
        return ()
    said = question.casefold()
    there = (word for word in _words_of(hits) if word.casefold() not in said and len(word) <= _LONGEST)
    others = list(islice(dict.fromkeys(there), _MOST_COMPARED))
    if not others:
        return ()
    vectors = embed([*unknown, *others])
    found = []
    for word, likeness in zip(unknown, vectors[: len(unknown)] @ vectors[len(unknown) :].T, strict=True):
        by_likeness = sorted(zip(likeness.tolist(), others, strict=True), reverse=True)
        short = [other for _, other in by_likeness if _is_short(word, other)]
        near = short or [other for cosine, other in by_likeness if cosine >= _NEAR]
        if near:
            found.append(Suggestion(word, tuple(near[:MOST_OTHERS])))
    return tuple(found)


def nouns(text: str, language: str) -> Iterator[str]:
    """Runs of nouns, without names, numbers and words that ask; in other languages than Japanese, words."""
    if language != "ja":
        yield from (word for word in _LATIN.findall(text) if word.casefold() not in stopwords(language))
        return
    run: list[Morpheme] = []
    for each in [*morphemes(text), None]:
        if each is not None and _is_noun(each) and (not run or run[-1].end == each.start):
            run.append(each)
            continue
        word = text[run[0].start : run[-1].end] if run else ""
        if len(word) > 1 and not _NO_WORD.search(word) and not any(part.is_proper for part in run):
            yield word
        run = [each] if each is not None and _is_noun(each) else []


def _is_noun(morpheme: Morpheme) -> bool:
    counts = {"数詞", "助数詞", "助数詞可能"}.intersection(morpheme.parts)
    return morpheme.parts[:1] in (("名詞",), ("接頭辞",), ("接尾辞",)) and not counts


def _words_of(hits: Sequence[Hit]) -> Iterator[str]:
    for hit in hits[:_READ_HITS]:
        for text in (hit.document.title, *hit.heading, hit.text):
            yield from nouns(text, hit.language)


def _is_short(word: str, other: str) -> bool:
    """Whether a word is short for another: its characters stand there in order, the first first."""
    rest = iter(other)
    return len(word) < len(other) and word[0] == other[0] and all(character in rest for character in word)
