"""Words of Japanese and English for one another, after JMdict.

``glossary.db`` is a table made by ``training.glossary``: for a word of Japanese as it is written in a dictionary, or
the terms of one to three words of English, what it may be in the other language, the most usual first. It tells words,
not sentences: of all that a word may be, what is looked for is whatever stands in the documents.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import as_file, files
from typing import Final

from rag.language.morphemes import Morpheme, morphemes
from rag.language.terms import normalize, terms

SEPARATOR: Final = "\t"
MOST_OTHERS: Final = 24
"""Kept for each word."""
OTHER: Final = {"ja": "en", "en": "ja"}
"""The language that a word is told in, by its own."""

_MOST_TOGETHER: Final = 5
_MOST_WORDS: Final = 3
_USUAL: Final = 2
_MOST_NEAR: Final = 10
_NO_WORDS: Final = frozenset(
    ["助詞", "助動詞", "記号", "補助記号", "空白", "代名詞", "連体詞", "接続詞", "感動詞", "接頭辞"]
)
_ENGLISH: Final = re.compile(r"[A-Za-z][A-Za-z'’-]*")


@dataclass(frozen=True, slots=True)
class Translated:
    """What stands in a text at ``start`` to ``end``, and what it may be in the other language, the most usual first."""

    text: str
    start: int
    end: int
    others: tuple[str, ...]


@lru_cache(maxsize=1024)
def translated(text: str, language: str) -> tuple[Translated, ...]:
    """The words of a text that are known, in order, at each place the longest first; one may be part of another.

    Args:
        text: a question.
        language: its language, ISO 639-1; nothing is known of words of languages that are not in ``OTHER``.
    """
    if language == "ja":
        return tuple(_japanese(text))
    return tuple(_english(text)) if language == "en" else ()


@lru_cache(maxsize=1024)
def near(text: str, language: str) -> tuple[Translated, ...]:
    """The words of a text that others of its own language mean nearly the same as: 賞与 for ボーナス.

    Such are words with the same usual translation. Of three about one is wide of the mark, so they are no synonyms.
    """
    if language == "ja":
        return tuple(_each_word(text, _near))
    found = (Translated(t.text, t.start, t.end, _near(english_key(t.text))) for t in translated(text, language))
    return tuple(each for each in found if each.others)


@lru_cache(maxsize=8192)
def english_key(words: str) -> str:
    """What English words are known by: all their terms; empty if one of them is none."""
    found = terms(words, "en")
    return " ".join(found) if len(found) == len(words.split()) else ""


def _japanese(text: str) -> Iterator[Translated]:
    return _each_word(text, _known)


def _each_word(text: str, others_of: Callable[[str], Sequence[str]]) -> Iterator[Translated]:
    found = morphemes(text)
    words = _words(found)
    for place, first in enumerate(found):
        for last in reversed(found[place : place + _MOST_TOGETHER]):
            if first in words and last in words:
                whole = normalize(text[first.start : last.end])
                based = normalize(text[first.start : last.start]) + last.base
                # Behind 入れた is 入れる, not a container.
                if others := tuple(dict.fromkeys((*others_of(based), *others_of(whole)))):
                    yield Translated(text[first.start : last.end], first.start, last.end, others)


def _words(found: Sequence[Morpheme]) -> set[Morpheme]:
    """Those that are neither grammar nor numbers nor what counts: behind 2 no eye is meant, and no stand."""
    words: set[Morpheme] = set()
    behind_number = False
    for each in found:
        is_number = "数詞" in each.parts or each.surface in ("何", "幾")
        counts = behind_number and ("接尾辞" in each.parts or "助数詞可能" in each.parts)
        if each.parts[0] not in _NO_WORDS and not is_number and not counts:
            words.add(each)
        behind_number = is_number or counts
    return words


def _english(text: str) -> Iterator[Translated]:
    words = list(_ENGLISH.finditer(text))
    for place, first in enumerate(words):
        for last in reversed(words[place : place + _MOST_WORDS]):
            start, end = first.start(), last.end()
            key = english_key(text[start:end])
            if key and (others := _known(key)):
                yield Translated(text[start:end], start, end, others)


@lru_cache(maxsize=4096)
def _near(word: str) -> tuple[str, ...]:
    """Words of the same language of which the first translation is that of this one, or the first two are."""
    own = _senses(word)
    found = []
    for place, sense in enumerate(own):
        for other in _known(sense)[:_MOST_NEAR]:
            back = _senses(_key(other))
            if _key(other) != word and ((place == 0 and back[:1] == own[:1]) or set(back) == set(own)):
                found.append(other)
    return tuple(dict.fromkeys(found))


def _senses(word: str) -> list[str]:
    """What the first two translations of a word are known by."""
    return [key for key in map(_key, _known(word)[:_USUAL]) if key]


def _key(word: str) -> str:
    """What a word is known by; what is written in Latin letters is English."""
    return english_key(word) if word.isascii() else word


@lru_cache(maxsize=4096)
def _known(word: str) -> tuple[str, ...]:
    with _lock:
        row = _table().execute("SELECT others FROM glossary WHERE word = ?", (word,)).fetchone()
    return tuple(row[0].split(SEPARATOR)) if row else ()


_lock: Final = threading.Lock()


@cache
def _table() -> sqlite3.Connection:
    with as_file(files("rag.language").joinpath("glossary.db")) as path:
        return sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
