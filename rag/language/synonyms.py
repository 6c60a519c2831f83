"""Words that a user says are the same, in the format of Solr: a file of lines such as these.

    # equal, whichever is asked
    有給, 有休, 年休
    # who asks for a PC finds パソコン too, and not the other way round
    PC => パソコン

A word may be several (``paid leave, annual leave``). Commas and arrows within one have a backslash before them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from rag.errors import SettingsError
from rag.language.terms import term_spans, terms

_Key = tuple[str, ...]
_Words = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Respelling:
    """A word of a text, and what it may be instead.

    Attributes:
        start, end: where it stands, in characters.
        words: those that mean the same, or what it is meant to find.
    """

    start: int
    end: int
    words: tuple[str, ...]

    def texts(self, text: str) -> list[str]:
        """The text with each of the words in its place."""
        return [text[: self.start] + word + text[self.end :] for word in self.words]


RuleCode = Literal["arrows", "alone", "missing", "nothing"]


class RuleError(ValueError):
    """A line is no rule.

    Attributes:
        code: what is wrong, for those who say it in words of their own.
        word: which word is meant, if one is.
    """

    def __init__(self, message: str, code: RuleCode, word: str = "") -> None:
        self.code: RuleCode = code
        self.word = word
        super().__init__(message)


class Synonyms:
    """The words of a file. Safe to share between threads.

    Args:
        words: for each word, those that it finds too.
    """

    def __init__(self, words: _Words) -> None:
        self._words = words
        self._by_language: dict[str, dict[_Key, tuple[str, ...]]] = {}

    @classmethod
    def read(cls, path: Path) -> Synonyms:
        """The words of a file.

        Raises:
            SettingsError: naming the file and its first line that cannot be understood.
        """
        words: dict[str, list[str]] = {}
        for number, line in enumerate(_lines(path), 1):
            try:
                for word, others in _rule(line):
                    words.setdefault(word, []).extend(others)
            except RuleError as error:
                raise SettingsError(
                    f"Line {number} is no synonyms: {error}.",
                    path=path,
                    hint="Write 有給, 有休 for words that are equal, PC => パソコン for one that finds another.",
                ) from None
        return cls(words)

    def __bool__(self) -> bool:
        return bool(self._words)

    def respellings(self, text: str, language: str) -> list[Respelling]:
        """The words of a text that others are said to be the same as, in order, the longest at each place."""
        if not self._words:
            return []
        known = self._known(language)
        longest = max(map(len, known), default=0)
        units, found, place = _units(text, language), [], 0
        while place < len(units):
            size, others = _longest(units[place : place + longest], known)
            if others:
                found.append(Respelling(units[place].start, units[place + size - 1].end, others))
            place += size
        return found

    def _known(self, language: str) -> dict[_Key, tuple[str, ...]]:
        """What each word finds, by the terms of the word."""
        known = self._by_language.get(language)
        if known is None:
            merged: dict[_Key, list[str]] = {}
            for word, others in self._words.items():
                merged.setdefault(_key(_units(word, language)), []).extend(others)
            known = {key: tuple(dict.fromkeys(others)) for key, others in merged.items() if key}
            self._by_language[language] = known
        return known


NO_SYNONYMS = Synonyms({})


def rule_problems(text: str) -> list[tuple[int, RuleError]]:
    """The lines of a text that are no rules, by their numbers from 1 on, and what is wrong with each."""
    problems: list[tuple[int, RuleError]] = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            list(_rule(line))
        except RuleError as error:
            problems.append((number, error))
    return problems


def synonyms_digest(path: Path | None) -> str:
    """What changes with the content of the file; empty without one.

    Raises:
        SettingsError: if it cannot be read.
    """
    return sha256("\n".join(_lines(path)).encode()).hexdigest()[:32] if path else ""


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise SettingsError(f"The synonyms cannot be read ({error.strerror}).", path=path) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SettingsError(f"Line {line} of the synonyms is not UTF-8.", path=path, hint="Save it as UTF-8.") from None


def _rule(line: str) -> Iterator[tuple[str, list[str]]]:
    """Each word of a line with those that it finds; nothing of an empty line or a comment.

    Raises:
        RuleError: in words, what is wrong.
    """
    if not line.strip() or line.lstrip().startswith("#"):
        return
    parts = re.split(r"(?<!\\)=>", line)
    if len(parts) > 2:
        raise RuleError("it has more than one =>", "arrows")
    sides = [_listed(part) for part in parts]
    if len(sides) == 1 and len(sides[0]) == 1:
        raise RuleError(f"{sides[0][0]} stands alone, and commas part words", "alone", sides[0][0])
    for word in sides[0]:
        yield word, [other for other in sides[-1] if other != word]


def _listed(side: str) -> list[str]:
    words = [re.sub(r"\\(.)", r"\1", word.strip()) for word in re.split(r"(?<!\\),", side)]
    for word in words:
        if not word:
            raise RuleError("a word is missing beside a comma or =>", "missing")
        if not terms(word):
            raise RuleError(f"{word} has nothing that a search looks for", "nothing", word)
    return words


@dataclass(frozen=True, slots=True)
class _Unit:
    """A morpheme or word of a text: its terms, and what stands between it and the one before, if that is not blank."""

    start: int
    end: int
    terms: tuple[str, ...]
    before: str


def _units(text: str, language: str) -> list[_Unit]:
    """The smallest stretches of a text that have terms."""
    at: dict[tuple[int, int], list[str]] = {}
    for start, end, term in term_spans(text, language):
        at.setdefault((start, end), []).append(term)
    units: list[_Unit] = []
    position = 0
    for start, end in sorted(at, key=lambda span: (span[1], -span[0])):
        if start >= position:  # a compound ends where its last part does, and begins before
            units.append(_Unit(start, end, tuple(at[start, end]), text[position:start].strip().casefold()))
            position = end
    return units


def _key(units: Sequence[_Unit]) -> _Key:
    """What tells words apart: their terms, with what stands between these."""
    key: list[str] = []
    for number, unit in enumerate(units):
        key += [f" {unit.before}"] if number and unit.before else []
        key += unit.terms
    return tuple(key)


def _longest(units: Sequence[_Unit], known: Mapping[_Key, tuple[str, ...]]) -> tuple[int, tuple[str, ...]]:
    """How many of the first units are the longest known word, and what it finds; one and nothing if there is none."""
    for size in range(len(units), 0, -1):
        if others := known.get(_key(units[:size])):
            return size, others
    return 1, ()
