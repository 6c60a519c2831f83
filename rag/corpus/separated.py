"""Comma-separated values (RFC 4180), and those with other signs between: what stands above a table is none of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from rag.corpus.blocks import Block, Cell, Table
from rag.corpus.cleaning.lines import Line
from rag.corpus.tables import RawCell, header_rows, trimmed

_SEPARATORS = ",;\t|"
_LOOKED_AT = 30  # lines
_LEAST_COLUMNS = 3  # of a table that lines of two cells may stand above

Row = tuple[int, int, list[RawCell]]
"""Where its lines begin and end, and its cells."""
Place = tuple[int, int]
"""Rows and columns: where a cell stands, or how many it covers."""


def separated_blocks(lines: Sequence[Line]) -> Iterator[Block]:
    """The tables of a file, and the lines above each that name or date it."""
    table: list[Row] = []
    rows = _rows(lines, _separator(lines))
    widest = max(map(_filled, rows), default=0)
    for segment in _segments(rows):
        most = max(map(_filled, segment))
        is_narrow = not table and (most < _LEAST_COLUMNS <= widest or (most == 1 < widest and _is_undivided(segment)))
        above = len(segment) if is_narrow else _above(segment)
        if above or not table or header_rows(_words(segment))[0]:
            yield from _blocks(table)
            table = []
        for row in segment[:above]:
            yield Block(row[0], row[1], "paragraph")
        table += segment[above:]
    yield from _blocks(table)


def _separator(lines: Sequence[Line]) -> str:
    """The sign that parts most lines into as many cells."""
    best, found = 0, ","
    for separator in _SEPARATORS:
        rows = _rows(lines[:_LOOKED_AT], separator)
        counts = Counter(len(cells) for _, _, cells in rows if len(cells) > 1)
        number = counts.most_common(1)[0][1] if counts else 0
        if number > best:
            best, found = number, separator
    return found


def _segments(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Runs of rows between empty ones."""
    run: list[Row] = []
    for row in rows:
        if any(words for _, _, words in row[2]):
            run.append(row)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _above(rows: Sequence[Row]) -> int:
    """How many rows stand above the first that fills most columns: a title, a date, one or two cells each."""
    filled = list(map(_filled, rows))
    widest = max(filled)
    first = next(number for number, count in enumerate(filled) if 2 * count > widest)
    if len(rows) == 1:
        return int(widest == 1 and len(rows[0][2]) > 1)
    if widest == _LEAST_COLUMNS - 1:
        first = next(number for number, count in enumerate(filled) if count == widest)
        below = rows[first:]
        is_above = min(map(_filled, below)) == widest and (_is_undivided(rows[:first]) or header_rows(_words(below))[0])
        return first if is_above and len(below) > 1 else 0
    is_above = widest >= _LEAST_COLUMNS and len(rows) - first > 1 and max(filled[:first], default=0) < _LEAST_COLUMNS
    return first if is_above else 0


def _is_undivided(rows: Sequence[Row]) -> bool:
    """Whether nothing parts any of these lines into cells, as a title, a date or a note."""
    return all(len(cells) == 1 for _, _, cells in rows)


def _filled(row: Row) -> int:
    return sum(bool(words) for _, _, words in row[2])


def _blocks(rows: Sequence[Row]) -> Iterator[Block]:
    if rows:
        yield table_of([cells for _, _, cells in rows], rows[0][0], rows[-1][1])


def _words(rows: Sequence[Row]) -> list[list[str]]:
    return [[words for _, _, words in cells] for _, _, cells in rows]


def _rows(lines: Sequence[Line], separator: str) -> list[Row]:
    """The rows without the quotes around cells; a quoted cell may go on in the next lines."""
    rows: list[Row] = []
    row: list[RawCell] = []
    opened: RawCell | None = None
    start = 0
    for line in lines:
        if separator == "\t" and line.indent:  # what stands before the first words is empty cells
            line = replace(line, start=line.start - line.indent, text=separator * line.indent + line.text)
        start = start if row or opened is not None else line.start
        cells, is_open = _row_of(line, separator, inside=opened is not None)
        if opened is not None:
            first = cells.pop(0)
            row.append((opened[0], first[1], f"{opened[2]} {first[2]}"))
            opened = None
            if is_open and not cells:
                opened = row.pop()
                continue
        row += cells
        if is_open:
            opened = row.pop()
            continue
        rows.append((start, line.end, row))
        row = []
    if opened is not None:  # a quote that nothing closes is no quote
        return [(line.start, line.end, _row_of(line, separator, inside=False)[0]) for line in lines]
    return rows


def _row_of(line: Line, separator: str, *, inside: bool) -> tuple[list[RawCell], bool]:
    """The cells of a line, and whether the last one goes on in the next.

    Args:
        inside: whether the line begins within a quoted cell.
    """
    text, position, cells = line.text, 0, list[RawCell]()
    while position <= len(text):
        if inside or text[position : position + 1] == '"':
            start = position if inside else position + 1
            end, inside = start, False
            while end < len(text) and not (text[end] == '"' and text[end + 1 : end + 2] != '"'):
                end += 2 if text[end : end + 2] == '""' else 1
            cells.append(trimmed(text, line.start, start, min(end, len(text))))
            if end >= len(text):
                return cells, True
            border = text.find(separator, end)
        else:
            border = text.find(separator, position)
            cells.append(trimmed(text, line.start, position, len(text) if border < 0 else border))
        if border < 0:
            break
        position = border + 1
    return cells, False


def table_of(rows: Sequence[Sequence[tuple[int, int, str]]], start: int, end: int) -> Block:
    """A table of these rows of cells, with the heads that it looks to have."""
    words = [[words for _, _, words in line] for line in rows]
    heads, columns = header_rows(words)
    reach, covered = _merged(words[:heads])
    cells = tuple(
        Cell(a, b, row, column, *reach.get((row, column), (1, 1)))
        for row, line in enumerate(rows)
        for column, (a, b, _) in enumerate(line)
        if (row, column) not in covered
    )
    return Block(start, end, "table", table=Table(cells, heads, columns))


def _merged(heads: Sequence[Sequence[str]]) -> tuple[dict[Place, Place], set[Place]]:
    """How many rows and columns each head covers, and the empty places that one does.

    A head covers the empty ones behind it that name what is below, or else those below it.
    """
    reach: dict[Place, Place] = {}
    covered: set[Place] = set()
    for row, (line, below) in enumerate(pairwise(heads)):
        column = 0
        while column < len(line):
            first, column = column, column + 1
            if not line[first]:
                continue
            end = min(len(line), len(below))
            while column < end and not line[column] and below[column] and (row, column) not in covered:
                column += 1
            if column > first + 1 and below[first]:
                reach[row, first] = 1, column - first
                covered |= {(row, place) for place in range(first + 1, column)}
                continue
            column, last = first + 1, row + 1
            while last < len(heads) and first < len(heads[last]) and not heads[last][first]:
                covered.add((last, first))
                last += 1
            reach[row, first] = last - row, 1
    return reach, covered
