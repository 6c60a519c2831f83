"""Where words stand in a text as somebody would type them: whatever their width, case, form and spacing."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import regex

from rag.language.terms import normalize, normalize_with_origin
from rag.language.variants import UNSEEN

MOST_FOUND = 10_000
"""More places of one text are not looked for."""
_LINE = regex.compile(r"[^\n]+\n?|\n")
# What can become one character with what stands before it, or none.
_JOINED = regex.compile(rf"[\p{{M}}\uff9e\uff9f\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]|{UNSEEN.pattern}")
_SPACE = regex.compile(r"\s+")
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}ー、。，．・「」『』（）！？：；]")


def exact_places_of(quote: str, text: str) -> Iterator[tuple[int, int]]:
    """Where a quote stands, character for character; line ends and runs of spaces count as one space."""
    pattern = r"\s+".join(map(regex.escape, quote.split()))
    return ((found.start(), found.end()) for found in regex.finditer(pattern, text))


def places_of(words: str, text: str) -> list[tuple[int, int]]:
    """Where the words stand in a text: ``(start, end)`` in characters of it, in order, none over another.

    Between Japanese characters white space does not count, elsewhere a line's end is a space like any other.
    """
    wanted, _ = _folded(words.strip())
    if not wanted:
        return []
    folded, origin = _folded(text)
    found: list[tuple[int, int]] = []
    at = folded.find(wanted)
    while at >= 0 and len(found) < MOST_FOUND:
        end = at + len(wanted)
        # What one character became is found as a whole: ㍿ by 株.
        start, stop = origin[at], next((o for o in _from(origin, end) if o > origin[end - 1]), len(text))
        found.append((start, stop))
        at = folded.find(wanted, next((n for n in range(end, len(folded)) if origin[n] >= stop), len(folded)))
    return found


def _from(origin: Sequence[int], number: int) -> Iterator[int]:
    return (origin[n] for n in range(number, len(origin)))


@lru_cache(maxsize=3)
def _folded(text: str) -> tuple[str, Sequence[int]]:
    """What is compared, and for each of its characters (and its end) the offset in ``text`` it came from."""
    pieces: list[str] = []
    origin = array("I")
    for line in _LINE.finditer(text):
        words, start = line.group(), line.start()
        folded = normalize(words).casefold()
        offsets: Iterable[int] = range(len(words))
        if len(folded) != len(words) or _JOINED.search(words):
            folded, offsets = _folded_one_by_one(words)
        pieces.append(folded)
        origin.extend(start + offset for offset in offsets)
    return _without_spaces("".join(pieces), array("I", [*origin, len(text)]))


def _folded_one_by_one(words: str) -> tuple[str, list[int]]:
    """As where characters become several, or several one: ß, half-width kana with their marks."""
    normal, origin = normalize_with_origin(words)
    pieces = [char.casefold() for char in normal]
    return "".join(pieces), [start for start, piece in zip(origin, pieces, strict=False) for _ in piece]


def _without_spaces(folded: str, origin: array[int]) -> tuple[str, Sequence[int]]:
    """White space as one space, or as none beside Japanese."""
    pieces: list[str] = []
    kept = array("I")
    position = 0
    for space in _SPACE.finditer(folded):
        pieces.append(folded[position : space.start()])
        kept.extend(origin[position : space.start()])
        beside = folded[max(0, space.start() - 1) : space.start()] + folded[space.end() : space.end() + 1]
        if not _UNSPACED.search(beside):
            pieces.append(" ")
            kept.append(origin[space.start()])
        position = space.end()
    kept.extend(origin[position:])
    return "".join([*pieces, folded[position:]]), kept
