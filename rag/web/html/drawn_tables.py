"""The rows of a table that a stretch of a document touches, as rows and cells of HTML."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from markupsafe import Markup

from rag.corpus.blocks import Block, Cell, Span, Table
from rag.web.html.markup import to_html
from rag.web.html.templates import attributes

Write = Callable[[int, int], Markup]
"""Writes ``[start, end)`` of a document with its marks; what it has written before stands before that."""

_SEPARATORS = '|,":+=-'
_ONLY_SEPARATORS = re.compile(rf"[\s{re.escape(_SEPARATORS)}]*")
_NUMBER = re.compile(
    r"[(（]?[¥￥$€£△▲±+−-]?\s?(?!0\d)\d[\d,]*(?:\.\d+)?\s?(?:[%％‰]|[^\W\d_]{1,3})?[)）]?", re.IGNORECASE
)
_MOSTLY = 0.6
"""From this share of numbers on, a column is set to the right."""
_SHORT = 16
"""Cells of up to so many characters are kept on one line."""
_MOST_FILLERS = 20
_MOST_BELOW = 2
"""So many rows below the first heads are heads too, at most; a cell that reaches further names rows."""


@dataclass(frozen=True, slots=True)
class DrawnCell:
    """A cell as it is written: ``tag`` is its attributes, ``is_head`` whether it is a ``<th>``."""

    words: Markup
    tag: Markup
    is_head: bool = False


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """Cells from left to right; ``offset`` is where its words begin, or ``None`` if it has none of its own."""

    cells: list[DrawnCell]
    offset: int | None


@dataclass(frozen=True, slots=True)
class DrawnTable:
    """Heads and rows; ``again`` if the heads stand before the stretch and are there to name the columns."""

    heads: list[DrawnRow]
    rows: list[DrawnRow]
    again: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """A cell where it is put; ``None`` fills a hole."""

    cell: Cell | None
    column: int
    rows: int = 1
    columns: int = 1


def has_content(text: str) -> bool:
    """Whether a part of a table that is in none of its cells says anything."""
    return _ONLY_SEPARATORS.fullmatch(text) is None


def is_drawable_table(block: Block) -> bool:
    """Whether a Block is a table whose cells can be drawn in the order of the text."""
    return block.kind == "table" and block.table is not None and block.table.in_order


def drawn_table(text: str, block: Block, table: Table, start: int, end: int, write: Write) -> DrawnTable | None:
    """The rows of a table between two offsets, which lie in its Block or around it; ``None`` if there are none.

    Every character between them that is no mere separator is in a cell, in the order of the text.
    """
    touched = _touched(text, block, table, start, end)
    if touched is None:
        return None
    first, last = touched
    own = table.cells[_first_of(table, first) : _first_of(table, last + 1)]
    words = _Words(text, own, start, end, write)
    heads = _head_rows(table)
    width = table.size[1]
    above = [cell for cell in table.row(first) if heads <= cell.row < first]
    body = [*above, *(cell for cell in own if cell.row >= heads)]
    numeric = _numeric_columns(text, body)
    is_again = first >= heads
    top = table.cells[: _first_of(table, heads)] if is_again else [cell for cell in own if cell.row < heads]
    style = _Style(text, table, heads, numeric, frozenset((*above, *top) if is_again else above), words)
    head_rows = _rows(top, 0 if is_again else first, heads - 1 if is_again else min(last, heads - 1), width, style)
    return DrawnTable(head_rows, _rows(body, max(first, heads), last, width, style), is_again)


def _first_of(table: Table, row: int) -> int:
    """Index of the first cell of a row, or of those below it."""
    return bisect_left(table.cells, row, key=lambda cell: cell.row)


def _touched(text: str, block: Block, table: Table, start: int, end: int) -> Span | None:
    """The first and the last row with words between the offsets; those of heads repeated from another Block apart."""
    lines = [(span[0], span[1], row) for row, span in table.lines.items() if span[0] >= block.start]
    first = max(0, bisect_right(lines, start, key=lambda line: line[0]) - 1)
    if first < len(lines) and lines[first][1] <= start:
        following = lines[first + 1][0] if first + 1 < len(lines) else end
        first += not has_content(text[start : min(following, end)])
    last = bisect_left(lines, end, key=lambda line: line[0]) - 1
    return (lines[first][2], lines[last][2]) if first <= last and lines[first][2] <= lines[last][2] else None


def _head_rows(table: Table) -> int:
    """How many rows at the top are heads: those just below into which one reaches are too, but never all."""
    count, rows = table.header_rows, table.size[0]
    if not 0 < count < rows:
        return 0
    reached = (cell.row + cell.rows for cell in table.cells[: _first_of(table, count)])
    near = (reach for reach in reached if count < reach <= count + _MOST_BELOW)
    return min(max(near, default=count), rows - 1)


class _Words:
    """Writes cells in the order of the text, each with what stands behind it and is in no cell."""

    def __init__(self, text: str, cells: Sequence[Cell], start: int, end: int, write: Write) -> None:
        self._text, self._start, self._end, self._write = text, start, end, write
        filled = [cell for cell in cells if cell.start < cell.end]
        self._following = {a: b.start for a, b in pairwise(filled)}
        self._first = filled[0] if filled else None

    def of(self, cell: Cell) -> Markup:
        """The part of a cell that is to be written."""
        if cell.start >= cell.end:
            return Markup()
        parts = [
            self._outside(self._start, cell.start) if cell is self._first else Markup(),
            self._part(cell.start, cell.end),
            self._outside(cell.end, self._following.get(cell, self._end)),
        ]
        return Markup("").join(filter(None, parts))

    def _outside(self, start: int, end: int) -> Markup:
        words = self._text[max(start, self._start) : min(end, self._end)]
        if not has_content(words):
            return Markup()
        start = max(start, self._start) + len(words) - len(words.lstrip(f"{_SEPARATORS} \t\n　"))
        return self._part(start, start + len(words.strip(f"{_SEPARATORS} \t\n　")))

    def _part(self, start: int, end: int) -> Markup:
        start, end = max(start, self._start), min(end, self._end)
        return self._write(start, end) if start < end else Markup()


@dataclass(frozen=True, slots=True)
class _Style:
    """How each cell looks."""

    text: str
    table: Table
    heads: int
    numeric: frozenset[int]
    again: frozenset[Cell]
    words: _Words

    def drawn(self, place: _Place) -> DrawnCell:
        cell = place.cell
        if cell is None:
            return DrawnCell(Markup(), _tag("", "", 1, place.columns))
        is_again = cell in self.again
        words = to_html(self.text[cell.start : cell.end]) if is_again else self.words.of(cell)
        scope = self._scope(cell, place) if words else ""
        classes = [
            *(["number"] if place.column in self.numeric and place.columns == 1 else []),
            *(["long"] if cell.end - cell.start > _SHORT else []),
            *(["again"] if is_again and cell.row >= self.heads else []),
        ]
        return DrawnCell(words, _tag(scope, " ".join(classes), place.rows, place.columns), bool(scope))

    def _scope(self, cell: Cell, place: _Place) -> str:
        if cell.row < self.heads:
            return "col"
        return "row" if place.column < self.table.header_columns and place.columns < self.table.size[1] else ""


@lru_cache(maxsize=1024)
def _tag(scope: str, classes: str, rows: int, columns: int) -> Markup:
    given = {"scope": scope, "class": classes, "rowspan": rows, "colspan": columns}
    return attributes({name: value for name, value in given.items() if value not in ("", 1)})


def _numeric_columns(text: str, cells: Sequence[Cell]) -> frozenset[int]:
    filled, numbers = Counter[int](), Counter[int]()
    for cell in cells:
        if cell.start < cell.end and cell.columns == 1:
            filled[cell.column] += 1
            numbers[cell.column] += _NUMBER.fullmatch(text, cell.start, cell.end) is not None
    return frozenset(column for column, count in filled.items() if numbers[column] >= _MOSTLY * count)


def _rows(cells: Sequence[Cell], first: int, last: int, width: int, style: _Style) -> list[DrawnRow]:
    """The rows from the first to the last; what reaches into them from above begins in the first."""
    begun: dict[int, list[Cell]] = defaultdict(list)
    for cell in cells:
        begun[max(cell.row, first)].append(cell)
    own = {(row, cell.column) for row, those in begun.items() for cell in those}
    taken: set[Span] = set()
    rows = []
    for row in range(first, last + 1):
        there = sorted(begun[row], key=lambda cell: cell.column)
        places = list(_placed(there, row, last, width, own, taken))
        offsets = [cell.start for cell in there if cell.start < cell.end and cell not in style.again]
        rows.append(DrawnRow([style.drawn(place) for place in places], min(offsets, default=None)))
    return rows


def _placed(
    cells: Sequence[Cell], row: int, last: int, width: int, own: set[Span], taken: set[Span]
) -> Iterator[_Place]:
    """The cells that begin in a row and fillers for its holes, none over what is taken; takes what they cover."""
    column = 0
    for cell in cells:
        at = max(cell.column, column)
        while (row, at) in taken:
            at += 1
        yield from _fillers(row, column, at, taken)
        columns = 1
        while columns < cell.columns and at + columns < width and _is_free(row, at + columns, 1, own, taken):
            columns += 1
        rows = 1
        below = cell.row + cell.rows - row
        while rows < below and row + rows <= last and _is_free(row + rows, at, columns, own, taken):
            taken.update((row + rows, at + beside) for beside in range(columns))
            rows += 1
        yield _Place(cell, at, rows, columns)
        column = at + columns
    yield from _fillers(row, column, width, taken)


def _is_free(row: int, column: int, columns: int, own: set[Span], taken: set[Span]) -> bool:
    places = [(row, column + beside) for beside in range(columns)]
    return own.isdisjoint(places) and taken.isdisjoint(places)


def _fillers(row: int, start: int, end: int, taken: set[Span]) -> Iterator[_Place]:
    free = [column for column in range(start, end) if (row, column) not in taken]
    if len(free) > _MOST_FILLERS and len(free) == end - start:
        yield _Place(None, start, columns=len(free))
        return
    yield from (_Place(None, column) for column in free)
