"""What a search is restricted to."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache

from rag.corpus.dates import normal_date
from rag.errors import QuestionError

_SLASH = re.compile("/")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which documents may be found; as it is made, all.

    Attributes:
        sources: exact sources, folders ending in ``/``, or patterns with ``*`` and ``?``; none for all.
        languages: of passages, as ISO 639-1 codes; none for all.
        since, until: dates as exact as wanted (``2024``, ``2024-05``, ``2024-05-01``), both included; empty for any.
    """

    sources: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    since: str = ""
    until: str = ""

    @classmethod
    def of(cls, sources: Collection[str], languages: Collection[str], since: str, until: str) -> Filter:
        """A filter of what somebody wrote.

        Raises:
            QuestionError: if a date cannot be read.
        """
        return cls(frozenset(sources), frozenset(languages), _date(since), _date(until))

    def __bool__(self) -> bool:
        return bool(self.sources or self.languages or self.since or self.until)

    def lets(self, source: str, date: str) -> bool:
        """Whether a document may be found; one without a date only where no date is asked for."""
        return (not self.sources or matches_source(source, self.sources)) and self._lets_date(date)

    def _lets_date(self, date: str) -> bool:
        if not (self.since or self.until):
            return True
        return bool(date) and _is_between(self.since, date) and (not self.until or _is_between(date, self.until))


EVERYTHING = Filter()


def _is_between(early: str, late: str) -> bool:
    """Whether one date is not after another, as far as both are exact."""
    exact = min(len(early), len(late))
    return early[:exact] <= late[:exact]


def _date(written: str) -> str:
    date = normal_date(written)
    if written.strip() and not date:
        raise QuestionError(f"{written!r} is not a date.", hint="Write it as 2024, 2024-05 or 2024-05-01.")
    return date


def matches_source(source: str, patterns: Collection[str]) -> bool:
    """Whether one of these means a document: exact sources, folders ending in ``/``, patterns with ``*`` and ``?``."""
    return _source_filter(frozenset(patterns))(source)


@lru_cache(maxsize=64)
def _source_filter(patterns: frozenset[str]) -> Callable[[str], bool]:
    """What tells whether a source is meant, about as quickly for many patterns as for one."""
    wild = [translate(pattern) for pattern in patterns if any(character in pattern for character in "*?[")]
    matches = re.compile("|".join(wild)).match if wild else None

    def is_meant(source: str) -> bool:
        if source in patterns or (matches and matches(source)):
            return True
        return any(source[: slash.end()] in patterns for slash in _SLASH.finditer(source))

    return is_meant
