"""What stands on one base line of a page, and which base lines are one row of a table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise

from rag.corpus.formats.pdf_lines import CELL_GAP, Glyph, TextLine, is_unspaced, joined

_SPACED_GAP = 2.4  # ems between two cells where spaces stand between them
_TYPED = (0.45, 0.65)  # ems that a space is wide in fonts whose characters are all of one width
_SAME_BASE = 0.4  # of the size that parts of one row may stand apart, up and down
TIGHT_PITCH = 1.75
LARGER = 1.25  # how much further apart rows stand than the lines in their cells
_NUMBER = re.compile(r"[¥￥$€△▲+−(（-]?\s?\d{1,3}(?:,?\d{3})*(?:\.\d+)?\s?(?:[円%％)）]|千円)?")
_ITEM = re.compile(r"[(（]?[0-9０-９一二三四五六七八九十]{1,2}[)）.．、]?")
_ITEM_AND_LETTER = re.compile(rf"(?:{_ITEM.pattern})[ 　]*[一-鿿ぁ-ヿ]")
_LONGEST_LABEL = 6  # pieces up to the end of a label whose letters stand apart
_HEIGHT = 0.8  # of the size that a letter is high

Column = tuple[float, float]
"""From where to where it reaches, in points."""


@dataclass(eq=False)
class Part:
    """What stands between two wide gaps of a line."""

    line: TextLine
    number: int


@dataclass(eq=False)
class Row:
    """Parts on one base line, from left to right."""

    parts: list[Part] = field(default_factory=list)

    @property
    def position(self) -> float:
        return self.parts[0].line.position

    @property
    def size(self) -> float:
        return max(part.line.size for part in self.parts)


def rows_of(lines: Sequence[TextLine]) -> list[Row]:
    parts = [part for number, line in enumerate(lines) for part in _parts(line, number)]
    parts.sort(key=lambda part: (part.line.position, part.line.begin))
    rows: list[Row] = []
    for part in parts:
        if rows and abs(part.line.position - rows[-1].position) <= _SAME_BASE * part.line.size:
            rows[-1].parts.append(part)
        else:
            rows.append(Row([part]))
    for row in rows:
        row.parts.sort(key=lambda part: part.line.begin)
    return rows


def _parts(line: TextLine, number: int) -> Iterator[Part]:
    if line.is_leader or not line.glyphs:
        yield Part(line, number)
        return
    pieces: list[list[Glyph]] = [[]]
    before: Glyph | None = None
    wide = CELL_GAP
    for glyph in line.glyphs:
        if glyph.char.isspace():
            pieces[-1].append(glyph)
            wide = CELL_GAP if _is_typed(glyph) else _SPACED_GAP
            continue
        if before is not None and glyph.left - before.right > wide * max(before.size, glyph.size):
            pieces.append([])
        pieces[-1].append(glyph)
        before, wide = glyph, CELL_GAP
    if len(pieces) == 1:
        yield Part(line, number)
        return
    filled = [piece for piece in pieces if any(not glyph.char.isspace() for glyph in piece)]
    for piece, is_label in _with_labels(filled):
        yield Part(TextLine("h", piece, depth=line.depth, is_label=is_label).close(), number)


def _is_typed(space: Glyph) -> bool:
    """Whether several spaces may set cells apart, as in reports of plain text; pdfium gives the first of them alone."""
    least, most = _TYPED
    return space.char == " " and least * space.size <= space.right - space.left <= most * space.size


def _with_labels(pieces: Sequence[list[Glyph]]) -> Iterator[tuple[list[Glyph], bool]]:
    """The pieces of a line; the letters of a label behind an item's number are one: １　日　　時　　5月1日."""
    words = ["".join(glyph.char for glyph in piece).strip() for piece in pieces]
    first = 1 if _ITEM.fullmatch(words[0]) else 0
    end = first + (not first and _ITEM_AND_LETTER.fullmatch(words[0]) is not None)
    while first + end and end < len(words) - 1 and len(words[end]) == 1 and is_unspaced(words[end]):
        end += 1
    if not 1 < end - first + (not first) <= _LONGEST_LABEL or end < 2:
        yield from ((piece, False) for piece in pieces)
        return
    yield from ((piece, False) for piece in pieces[:first])
    yield list(chain.from_iterable(pieces[first:end])), True
    yield from ((piece, False) for piece in pieces[end:])


def columns_of(region: Sequence[Row]) -> list[Column]:
    """From where to where each column reaches: as the row with most parts has them, widened by the others."""
    base = max(region, key=lambda row: len(row.parts))
    columns: list[Column] = [(part.line.begin, part.line.end) for part in base.parts]
    for row in region:
        for part in row.parts:
            covered = covered_by(part.line, columns)
            if len(covered) == 1:
                begin, end = columns[covered[0]]
                columns[covered[0]] = min(begin, part.line.begin), max(end, part.line.end)
            elif not covered:
                columns = sorted([*columns, (part.line.begin, part.line.end)])
    return columns


def covered_by(line: TextLine, columns: Sequence[Column]) -> list[int]:
    return [n for n, (begin, end) in enumerate(columns) if line.begin < end and begin < line.end]


def cells_in(group: Sequence[Row], columns: Sequence[Column]) -> list[str]:
    """The words in each column of the base lines that are one row."""
    cells = ["" for _ in columns]
    for part in (part for row in group for part in row.parts):
        covered = covered_by(part.line, columns)
        column = covered[0] if covered else 0
        cells[column] = joined(cells[column], part.line.text) if cells[column] else part.line.text
    return cells


def grouped(region: Sequence[Row], columns: Sequence[Column]) -> Iterator[list[Row]]:
    """Base lines that are one row: those nearer to each other than rows are, or without a cell in the first column."""
    if (whole := _by_cells(region, columns)) is not None:
        yield from whole
        return
    steps = [b.position - a.position for a, b in pairwise(region)]
    near = min(steps, default=0.0)
    size = region[0].size
    parted = near <= TIGHT_PITCH * size and any(step > LARGER * near for step in steps) and _has_rest(region, columns)
    group = [region[0]]
    for step, row in zip(steps, region[1:], strict=True):
        goes_on = 0 not in covered_by(row.parts[0].line, columns) and len(row.parts) < len(columns)
        goes_on = goes_on and not _has_number_below(group[-1], row, columns)
        if step <= LARGER * near if parted else goes_on and step <= TIGHT_PITCH * row.size:
            group.append(row)
        else:
            yield group
            group = [row]
    yield group


def _has_number_below(above: Row, row: Row, columns: Sequence[Column]) -> bool:
    """Whether a number stands below a number: no cell goes on so, as that of a sum below the tax."""
    numbers = {tuple(covered_by(part.line, columns)) for part in above.parts if _NUMBER.fullmatch(part.line.text)}
    return any(
        _NUMBER.fullmatch(part.line.text) and tuple(covered_by(part.line, columns)) in numbers for part in row.parts
    )


def _by_cells(region: Sequence[Row], columns: Sequence[Column]) -> list[list[Row]] | None:
    """Rows of cells whose lines stand nearer to each other than cells do, whatever height each begins at.

    Cells that stand beside each other are a row. ``None`` if lines are not nearer, or a row has two cells in a column.
    """
    lines: list[list[Part]] = [[] for _ in columns]
    for part in (part for row in region for part in row.parts):
        covered = covered_by(part.line, columns)
        if len(covered) != 1:
            return None
        lines[covered[0]].append(part)
    steps = [b.line.position - a.line.position for column in lines for a, b in pairwise(column)]
    near, size = min(steps, default=0.0), region[0].size
    if not 0 < near <= TIGHT_PITCH * size or all(step <= LARGER * near for step in steps):
        return None
    cells: list[list[Part]] = []
    for column in lines:
        for number, part in enumerate(column):
            if number and part.line.position - column[number - 1].line.position <= LARGER * near:
                cells[-1].append(part)
            else:
                cells.append([part])
    cells.sort(key=lambda cell: cell[0].line.position)
    rows: list[list[list[Part]]] = []
    bottom = 0.0
    for cell in cells:
        if rows and cell[0].line.position - _HEIGHT * size < bottom:
            rows[-1].append(cell)
            bottom = max(bottom, cell[-1].line.position)
        else:
            rows.append([cell])
            bottom = cell[-1].line.position
    if any(len({covered_by(cell[0].line, columns)[0] for cell in row}) < len(row) for row in rows):
        return None
    return [[Row([part]) for cell in row for part in cell] for row in rows]


def _has_rest(region: Sequence[Row], columns: Sequence[Column]) -> bool:
    """Whether some base line fills only a part of the columns, as the second line of a cell does."""
    return any(len(row.parts) < len(columns) for row in region)
