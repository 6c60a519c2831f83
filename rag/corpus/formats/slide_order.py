"""The order in which what stands on a slide is read: cut where it leaves most room, into rows or into columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from rag.corpus.formats.drawings import in_reading_order

_MOST_CUT = 150  # boxes on a slide; more are read row by row
_DEEPEST = 40
_NEAR = 300_000  # English metric units between a head and what stands below it
_ALIKE = 1.3  # how much higher one row of a table of boxes may be than another


class Box(NamedTuple):
    """Something on a slide, and where it stands, in English metric units."""

    top: int
    left: int
    bottom: int
    right: int
    shape: Any


def ordered(boxes: Sequence[Box], *, apart: int) -> list[Any]:
    """The shapes as a reader takes them.

    The widest empty strip from side to side parts them first; where that is narrow, as between heads and what is below
    them, that from top to bottom. What stands in rows of one height, as in a table, is read row by row.

    Args:
        apart: how much lower a box of the same row may begin.
    """
    if len(boxes) > _MOST_CUT:
        return _row_by_row(boxes, apart)
    return _cut(list(boxes), apart, 0)


def _cut(boxes: list[Box], apart: int, depth: int) -> list[Any]:
    if len(boxes) < 2:
        return [box.shape for box in boxes]
    down, across = _widest(boxes, _vertical), _widest(boxes, _horizontal)
    if depth >= _DEEPEST or (down is None and across is None):
        return _row_by_row(boxes, apart)
    is_across = across is not None and (down is None or down[0] < min(across[0], _NEAR))
    if is_across and _is_table(boxes, apart):
        return _row_by_row(boxes, apart)
    found = across if is_across else down
    assert found is not None
    _, first, second = found
    return _cut(first, apart, depth + 1) + _cut(second, apart, depth + 1)


def _vertical(box: Box) -> tuple[int, int]:
    return box.top, box.bottom


def _horizontal(box: Box) -> tuple[int, int]:
    return box.left, box.right


def _widest(boxes: list[Box], reach: Callable[[Box], tuple[int, int]]) -> tuple[int, list[Box], list[Box]] | None:
    """How wide the widest strip is in which no box stands, and what is on both sides of it."""
    along = sorted(boxes, key=reach)
    best: tuple[int, int] | None = None
    end = reach(along[0])[1]
    for number, box in enumerate(along[1:], 1):
        begin, last = reach(box)
        if begin >= end and (best is None or begin - end > best[0]):
            best = begin - end, number
        end = max(end, last)
    return None if best is None else (best[0], along[: best[1]], along[best[1] :])


def _is_table(boxes: Sequence[Box], apart: int) -> bool:
    """Whether they stand in rows of as many boxes each, and of one height: names with values, steps with days."""
    rows: list[list[Box]] = []
    for box in sorted(boxes):
        if rows and box.top - rows[-1][0].top <= apart:
            rows[-1].append(box)
        else:
            rows.append([box])
    heights = [max(box.bottom - box.top for box in row) for row in rows]
    return len(rows) > 1 and len({len(row) for row in rows}) == 1 and max(heights) <= _ALIKE * min(heights)


def _row_by_row(boxes: Sequence[Box], apart: int) -> list[Any]:
    return in_reading_order([(box.top, box.left, box.shape) for box in boxes], apart=apart)
