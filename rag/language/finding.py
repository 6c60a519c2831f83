"""Where words stand in a text as somebody would type them: whatever their width, case, form and spacing."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from functools import lru_cache

import regex

from rag.language.terms import normalize_with_origin

MOST_FOUND = 10_000
"""More places of one text are not looked for."""
_SPACE = regex.compile(r"\s+")
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}ー、。，．・「」『』（）！？：；]")


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
    normal, origin = normalize_with_origin(text)
    folded = normal.casefold()
    if len(folded) != len(normal):  # ß becomes ss
        pieces = [char.casefold() for char in normal]
        origin = [*(start for start, piece in zip(origin, pieces, strict=False) for _ in piece), len(text)]
        folded = "".join(pieces)
    kept: list[str] = []
    origins: list[int] = []
    position = 0
    for space in _SPACE.finditer(folded):
        kept.append(folded[position : space.start()])
        origins += origin[position : space.start()]
        beside = folded[max(0, space.start() - 1) : space.start()] + folded[space.end() : space.end() + 1]
        if not _UNSPACED.search(beside):
            kept.append(" ")
            origins.append(origin[space.start()])
        position = space.end()
    kept.append(folded[position:])
    return "".join(kept), array("I", [*origins, *origin[position:]])
