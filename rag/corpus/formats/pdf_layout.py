"""Lines of a page -> columns and tables, by where their parts stand: whatever order they were drawn in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, takewhile

from rag.corpus.formats.pdf_lines import CELL_GAP, Glyph, TextLine, is_unspaced, joined
from rag.corpus.formats.pdf_rules import Grid, cells_of

_SPACED_GAP = 2.4  # ems between two cells where spaces stand between them
_SAME_BASE = 0.4  # of the size that parts of one row may stand apart, up and down
_MAX_PITCH = 3.4  # of the size, between two rows of one table
_TIGHT_PITCH = 1.75
_LARGER = 1.25  # how much further apart rows stand than the lines in their cells
_LEAST_COLUMN = 8.0  # ems that a column of running text is wide
_FULL_WITHIN = 1.6
_FULL_SHARE = 0.7
_PUNCTUATED = re.compile(r"[。、，．]|[^\W\d_][.,] ")


@dataclass(frozen=True)
class PageTable:
    """A table on a page: rows of cells, an empty one where nothing stands, and where its columns begin, in points."""

    rows: list[list[str]]
    begins: tuple[float, ...]
    size: float


@dataclass(eq=False)
class _Part:
    """What stands between two wide gaps of a line."""

    line: TextLine
    number: int


@dataclass(eq=False)
class _Row:
    """Parts on one base line, from left to right."""

    parts: list[_Part] = field(default_factory=list)

    @property
    def position(self) -> float:
        return self.parts[0].line.position

    @property
    def size(self) -> float:
        return max(part.line.size for part in self.parts)


def arranged(lines: Sequence[TextLine], grids: Sequence[Grid] = ()) -> list[TextLine | PageTable]:
    """The lines with columns one behind the other, and tables as such; all else as it comes."""
    numbers = {id(line): number for number, line in enumerate(lines)}
    drawn = [found for grid in grids if (found := _drawn(grid, lines)) is not None]
    result: list[TextLine | PageTable] = []
    rest = list(lines)
    for table, inside in sorted(drawn, key=lambda each: numbers[id(each[1][0])]):
        first, within = numbers[id(inside[0])], set(map(id, inside))
        result += [*_by_places([line for line in rest if numbers[id(line)] < first]), table]
        rest = [line for line in rest if numbers[id(line)] > first and id(line) not in within]
    return result + _by_places(rest)


def _drawn(grid: Grid, lines: Sequence[TextLine]) -> tuple[PageTable, list[TextLine]] | None:
    """The table that rules draw, and its lines; none if something else stands in it, as a field that is filled."""
    inside = [line for line in lines if any(map(grid.holds, line.glyphs))]
    for line in inside:
        is_whole = all(grid.holds(glyph) or glyph.char.isspace() for glyph in line.glyphs)
        if line.direction == "v" or not is_whole or line.text != TextLine("h", line.glyphs).close().text:
            return None
    rows = cells_of(grid, inside)
    if not rows:
        return None
    size = sorted(line.size for line in inside)[len(inside) // 2]
    return PageTable(rows, grid.columns[:-1], size), inside


def _by_places(lines: Sequence[TextLine]) -> list[TextLine | PageTable]:
    """Columns and tables by where the lines stand."""
    if len(lines) < 2 or sum(line.direction == "h" for line in lines) < len(lines):
        return list(lines)
    rows = _rows(lines)
    taken: dict[int, list[TextLine | PageTable]] = {}
    gone: set[int] = set()
    for region in _regions(rows):
        numbers = {part.number for row in region for part in row.parts}
        found = _as_columns(region) or _as_table(region)
        if found:
            taken[min(numbers)] = found
            gone |= numbers
    result: list[TextLine | PageTable] = []
    for number, line in enumerate(lines):
        result += taken.get(number, [] if number in gone else [line])
    return result


def _rows(lines: Sequence[TextLine]) -> list[_Row]:
    parts = [part for number, line in enumerate(lines) for part in _parts(line, number)]
    parts.sort(key=lambda part: (part.line.position, part.line.begin))
    rows: list[_Row] = []
    for part in parts:
        if rows and abs(part.line.position - rows[-1].position) <= _SAME_BASE * part.line.size:
            rows[-1].parts.append(part)
        else:
            rows.append(_Row([part]))
    for row in rows:
        row.parts.sort(key=lambda part: part.line.begin)
    return rows


def _parts(line: TextLine, number: int) -> Iterator[_Part]:
    if line.is_leader or not line.glyphs:
        yield _Part(line, number)
        return
    pieces: list[list[Glyph]] = [[]]
    before: Glyph | None = None
    wide = CELL_GAP
    for glyph in line.glyphs:
        if glyph.char.isspace():
            pieces[-1].append(glyph)
            wide = _SPACED_GAP
            continue
        if before is not None and glyph.left - before.right > wide * max(before.size, glyph.size):
            pieces.append([])
        pieces[-1].append(glyph)
        before, wide = glyph, CELL_GAP
    for piece in pieces:
        if len(pieces) == 1:
            yield _Part(line, number)
        elif any(not glyph.char.isspace() for glyph in piece):
            yield _Part(TextLine("h", piece, depth=line.depth).close(), number)


def _regions(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    """Runs of rows of which two at least have several parts, up to those that stand across their columns."""
    start = 0
    while start < len(rows):
        if len(rows[start].parts) < 2 or _is_scattered(rows[start]):
            start += 1
            continue
        region = [rows[start]]
        for row in rows[start + 1 :]:
            last = region[-1]
            if row.position - last.position > _MAX_PITCH * max(row.size, last.size) or _is_scattered(row):
                break
            if abs(row.size - last.size) > 0.3 * last.size or (len(row.parts) == 1 and _is_across(row, region)):
                break
            region.append(row)
        if _as_columns(region) and _is_even(region):
            yield region  # the first column may be the longer one
            start += len(region)
            continue
        while len(region[-1].parts) < 2 and not _is_rest_of_cell(region):
            region.pop()
        if sum(len(row.parts) > 1 for row in region) > 1:
            yield region
            start += len(region)
        else:
            yield from ([region] if len(region) > 1 and _is_rest_of_cell(region) else [])
            start += max(1, len(region))


def _is_even(region: Sequence[_Row]) -> bool:
    """Whether the rows at the end that have one part follow as closely as the others."""
    steps = [b.position - a.position for a, b in pairwise(region)]
    usual = sorted(steps)[len(steps) // 2]
    tail = takewhile(lambda pair: len(pair[1].parts) < 2, zip(reversed(steps), reversed(region), strict=False))
    return all(step <= _LARGER * usual for step, _ in tail)


def _is_scattered(row: _Row) -> bool:
    """Whether the parts are letters of a heading set far apart, or lines of a table of contents."""
    return any(part.line.is_leader for part in row.parts)


def _is_across(row: _Row, region: Sequence[_Row]) -> bool:
    columns = _columns(region)
    return len(_covered(row.parts[0].line, columns)) != 1


def _is_rest_of_cell(region: Sequence[_Row]) -> bool:
    """Whether the last row goes on with a cell of the row above: right below it, and not in the first column."""
    last, above = region[-1], region[-2] if len(region) > 1 else region[-1]
    if last is above or last.position - above.position > _TIGHT_PITCH * last.size:
        return False
    covered = _covered(last.parts[0].line, _columns(region[:-1]))
    return len(covered) == 1 and covered[0] > 0


Column = tuple[float, float]


def _columns(region: Sequence[_Row]) -> list[Column]:
    """From where to where each column reaches: as the row with most parts has them, widened by the others."""
    base = max(region, key=lambda row: len(row.parts))
    columns: list[Column] = [(part.line.begin, part.line.end) for part in base.parts]
    for row in region:
        for part in row.parts:
            covered = _covered(part.line, columns)
            if len(covered) == 1:
                begin, end = columns[covered[0]]
                columns[covered[0]] = min(begin, part.line.begin), max(end, part.line.end)
            elif not covered:
                columns = sorted([*columns, (part.line.begin, part.line.end)])
    return columns


def _covered(line: TextLine, columns: Sequence[Column]) -> list[int]:
    return [n for n, (begin, end) in enumerate(columns) if line.begin < end and begin < line.end]


def _as_columns(region: Sequence[_Row]) -> list[TextLine | PageTable]:
    """The lines of columns of running text, column by column; empty if it is none."""
    columns = _columns(region)
    if len(region) < 3 or not 2 <= len(columns) <= 3:
        return []
    lines: list[list[TextLine]] = [[] for _ in columns]
    for row in region:
        for part in row.parts:
            covered = _covered(part.line, columns)
            if len(covered) != 1:
                return []
            lines[covered[0]].append(part.line)
    if not all(_is_running_text(column) for column in lines):
        return []
    return [line for column in lines for line in column]


def _is_running_text(lines: Sequence[TextLine]) -> bool:
    if len(lines) < 3:
        return False
    right = max(line.end for line in lines)
    full = sum(right - a.end <= max(_FULL_WITHIN * a.size, _first_word(b)) for a, b in pairwise(lines))
    wide = right - min(line.begin for line in lines) >= _LEAST_COLUMN * lines[0].size
    return wide and full >= _FULL_SHARE * (len(lines) - 1) and any(_PUNCTUATED.search(line.text) for line in lines)


def _first_word(line: TextLine) -> float:
    """How much room the first word of a line and a space need; none where lines may end anywhere."""
    if is_unspaced(line.text[0]):
        return 0.0
    end = next((glyph.left for glyph in line.glyphs if glyph.char.isspace()), line.end)
    return end - line.begin + 0.5 * line.size


def _as_table(region: Sequence[_Row]) -> list[TextLine | PageTable]:
    columns = _columns(region)
    if len(columns) < 2:
        return []
    rows: list[list[str]] = []
    for group in _grouped(region, columns):
        cells = ["" for _ in columns]
        for row in group:
            for part in row.parts:
                covered = _covered(part.line, columns)
                column = covered[0] if covered else 0
                cells[column] = joined(cells[column], part.line.text) if cells[column] else part.line.text
        rows.append(cells)
    size = sorted(row.size for row in region)[len(region) // 2]
    return [PageTable(rows, tuple(begin for begin, _ in columns), size)] if len(rows) > 1 or len(region) > 1 else []


def _grouped(region: Sequence[_Row], columns: Sequence[Column]) -> Iterator[list[_Row]]:
    """Base lines that are one row: those nearer to each other than rows are, or without a cell in the first column."""
    steps = [b.position - a.position for a, b in pairwise(region)]
    near = min(steps, default=0.0)
    size = region[0].size
    parted = near <= _TIGHT_PITCH * size and any(step > _LARGER * near for step in steps) and _has_rest(region, columns)
    group = [region[0]]
    for step, row in zip(steps, region[1:], strict=True):
        goes_on = 0 not in _covered(row.parts[0].line, columns) and len(row.parts) < len(columns)
        if step <= _LARGER * near if parted else goes_on and step <= _TIGHT_PITCH * row.size:
            group.append(row)
        else:
            yield group
            group = [row]
    yield group


def _has_rest(region: Sequence[_Row], columns: Sequence[Column]) -> bool:
    """Whether some base line fills only a part of the columns, as the second line of a cell does."""
    return any(len(row.parts) < len(columns) for row in region)
