"""What a search is restricted to."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache

MOST_PATTERNS = 1_000
"""Patterns in one filter; each document is compared with all of them."""
MOST_PATTERN_CHARS = 4_000
"""Length of a source in a filter, in characters."""
_SLASH = re.compile("/")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which documents may be found; as it is made, all. ``Query.of`` makes one of what somebody wrote.

    Attributes:
        sources: exact sources, folders ending in ``/``, or patterns with ``*`` and ``?``; none for all.
        languages: of passages, as ISO 639-1 codes; none for all.
        since, until: dates as exact as wanted (``2024``, ``2024-05``, ``2024-05-01``), both included; empty for any.
    """

    sources: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    since: str = ""
    until: str = ""

    def __bool__(self) -> bool:
        return bool(self.sources or self.languages or self.since or self.until)

    def lets(self, source: str, date: str) -> bool:
        """Whether a document may be found; one without a date only where no date is asked for."""
        return (not self.sources or matches_source(source, self.sources)) and self._lets_date(date)

    def _lets_date(self, date: str) -> bool:
        if not (self.since or self.until):
            return True
        return bool(date) and is_between(self.since, date) and (not self.until or is_between(date, self.until))


EVERYTHING = Filter()


def is_between(early: str, late: str) -> bool:
    """Whether one date is not after another, as far as both are exact."""
    exact = min(len(early), len(late))
    return early[:exact] <= late[:exact]


def matches_source(source: str, patterns: Collection[str]) -> bool:
    """Whether one of these means a document: exact sources, folders ending in ``/``, patterns with ``*`` and ``?``."""
    return _source_filter(frozenset(patterns))(source)


def is_pattern(source: str) -> bool:
    """Whether this is no source or folder itself, but a pattern that may mean several."""
    return any(character in source for character in "*?[")


@lru_cache(maxsize=64)
def _source_filter(patterns: frozenset[str]) -> Callable[[str], bool]:
    """What tells whether a source is meant, about as quickly for many patterns as for one."""
    wild = [translate(pattern) for pattern in patterns if is_pattern(pattern)]
    matches = re.compile("|".join(wild)).match if wild else None

    def is_meant(source: str) -> bool:
        if source in patterns or (matches and matches(source)):
            return True
        return any(source[: slash.end()] in patterns for slash in _SLASH.finditer(source))

    return is_meant
