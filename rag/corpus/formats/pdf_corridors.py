"""Cells that stand nearer to each other than cells of other tables do: an empty strip runs down between them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rag.corpus.formats.pdf_lines import Glyph, TextLine

_LEAST_GAP = 0.7  # ems
_LEAST_STRIP = 0.4
_SAME_PLACE = 0.3
_LEAST_ROWS = 3
_MARK = re.compile(r"[^\w\s]{1,2}|[(（]?[0-9０-９a-zA-Zア-ン]{1,3}[)）.．、]|[①-⑳]")

Gap = tuple[float, float]


def corridor(lines: Sequence[TextLine]) -> float:
    """Where the lines of one column part into two, in points; 0 if they do not.

    Three lines at least have a gap there without a space in it, as writers of text put one, and begin again, or end, at
    one place; the others end before it or begin behind it. Marks of items make no column.
    """
    gaps = [(line, list(_gaps(line))) for line in lines]
    apart = sorted((each for each in gaps if each[1]), key=lambda each: len(each[1]))
    if len(apart) < _LEAST_ROWS:
        return 0.0
    return next((found for gap in apart[0][1] if (found := _along(gap, gaps))), 0.0)


def _gaps(line: TextLine) -> Iterator[Gap]:
    for before, glyph in pairwise(line.glyphs):
        if before.char.isspace() or glyph.char.isspace():
            continue
        if glyph.left - before.right >= _LEAST_GAP * max(before.size, glyph.size):
            yield before.right, glyph.left


def _along(strip: Gap, lines: Sequence[tuple[TextLine, list[Gap]]]) -> float:
    left, right = strip
    passed: list[Gap] = []
    marks = 0
    for line, gaps in lines:
        least = _LEAST_STRIP * line.size
        gap = next((gap for gap in gaps if min(gap[1], right) - max(gap[0], left) >= least), None)
        if gap is not None:
            left, right = max(gap[0], left), min(gap[1], right)
            passed.append(gap)
            before = "".join(glyph.char for glyph in line.glyphs if glyph.right <= gap[0] + 0.1)
            marks += _MARK.fullmatch(before.strip()) is not None
        elif line.end > left + _SAME_PLACE * line.size and line.begin < right - _SAME_PLACE * line.size:
            return 0.0
    near = _SAME_PLACE * lines[0][0].size
    ends, begins = [gap[0] for gap in passed], [gap[1] for gap in passed]
    aligned = max(begins) - min(begins) <= near or max(ends) - min(ends) <= near
    return (left + right) / 2 if len(passed) >= _LEAST_ROWS and aligned and marks < len(passed) else 0.0


def halves(line: TextLine, place: float) -> list[TextLine]:
    """The parts of a line on both sides of a place; the line itself if it stands on one of them."""
    sides: tuple[list[Glyph], list[Glyph]] = ([], [])
    for glyph in line.glyphs:
        sides[(glyph.left + glyph.right) / 2 > place].append(glyph)
    if not all(any(not glyph.char.isspace() for glyph in side) for side in sides):
        return [line]
    return [TextLine("h", side, depth=line.depth, is_label=line.is_label).close() for side in sides]
