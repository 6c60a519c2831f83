"""Lines of a page -> columns and tables, by where their parts stand: whatever order they were drawn in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise, takewhile

from rag.corpus.formats.pdf_bands import Bands
from rag.corpus.formats.pdf_corridors import corridor, halves
from rag.corpus.formats.pdf_lines import TextLine, is_unspaced
from rag.corpus.formats.pdf_rows import (
    LARGER,
    TIGHT_PITCH,
    Column,
    Part,
    Row,
    cells_in,
    columns_of,
    covered_by,
    grouped,
    rows_of,
)
from rag.corpus.formats.pdf_rules import Grid, Spans, cells_of

_MAX_PITCH = 3.4  # of the size, between two rows of one table
_MOST_CUTS = 10
_LEAST_ROWS = 0.5  # of what stands between level rules has several cells
_LEAST_COLUMN = 8.0  # ems that a column of running text is wide
_FULL_WITHIN = 1.6
_FULL_SHARE = 0.7
_LEAST_FULL = 0.4  # of the lines of short paragraphs, each of which begins with an indent
_INDENT = 0.8
_PUNCTUATED = re.compile(r"[。、，．]|[^\W\d_][.,] ")


@dataclass(frozen=True)
class PageTable:
    """A table on a page: rows of cells, an empty one where nothing stands, and where its columns begin, in points.

    ``spans`` tells of merged cells, by row and column, how many rows and columns they cover; ``is_open``, whether the
    rules show that the first row goes on from the page before.
    """

    rows: list[list[str]]
    begins: tuple[float, ...]
    size: float
    spans: Spans = field(default_factory=dict)
    is_open: bool = False


def arranged(lines: Sequence[TextLine], drawn_as: Sequence[Grid | Bands] = ()) -> list[TextLine | PageTable]:
    """The lines with columns one behind the other, and tables as such; all else as it comes.

    Args:
        drawn_as: the rules of tables.
    """
    numbers = {id(line): number for number, line in enumerate(lines)}
    drawn: list[tuple[PageTable, list[TextLine]]] = []
    taken: set[int] = set()
    for rules in drawn_as:
        found = _drawn(rules, lines)
        if found is not None and taken.isdisjoint(map(id, found[1])):
            drawn.append(found)
            taken.update(map(id, found[1]))
    result: list[TextLine | PageTable] = []
    rest = list(lines)
    for table, inside in sorted(drawn, key=lambda each: numbers[id(each[1][0])]):
        first, within = numbers[id(inside[0])], set(map(id, inside))
        result += [*_by_places([line for line in rest if numbers[id(line)] < first]), table]
        rest = [line for line in rest if numbers[id(line)] > first and id(line) not in within]
    return result + _by_places(rest)


def _drawn(rules: Grid | Bands, lines: Sequence[TextLine]) -> tuple[PageTable, list[TextLine]] | None:
    """The table that rules draw, and its lines; none if something else stands in it, as a field that is filled."""
    inside = [line for line in lines if any(map(rules.holds, line.glyphs))]
    if isinstance(rules, Bands):
        inside = [line for line in inside if not line.turn]
    for line in inside:
        is_whole = all(rules.holds(glyph) or glyph.char.isspace() for glyph in line.glyphs)
        is_written = not line.turn and line.text != TextLine("h", line.glyphs).close().text
        if line.direction == "v" or not is_whole or is_written:
            return None
    if isinstance(rules, Bands):
        table = _banded(rules, inside)
        return None if table is None else (table, inside)
    rows, spans = cells_of(rules, inside)
    if not rows:
        return None
    size = sorted(line.size for line in inside)[len(inside) // 2]
    return PageTable(rows, rules.columns[:-1], size, spans, rules.is_open), inside


def _banded(bands: Bands, lines: Sequence[TextLine]) -> PageTable | None:
    """The table of which level rules part the rows; none if most of what they part are no rows."""
    rows = rows_of(lines)
    if len(rows) < 2 or _as_columns(rows):
        return None
    rows = _refined(rows)
    columns = columns_of(rows)
    groups = [list(group) for _, group in groupby(rows, key=lambda row: bands.number(row.parts[0].line))]
    several = sum(any(len(row.parts) > 1 for row in group) for group in groups)
    if len(columns) < 2 or len(groups) < 2 or several < _LEAST_ROWS * len(groups):
        return None
    parted = [part for group in groups for part in _rows_of_band(group, columns)]
    cells = [cells_in(group, columns) for group in parted]
    size = sorted(row.size for row in rows)[len(rows) // 2]
    return PageTable(cells, tuple(begin for begin, _ in columns), size)


def _rows_of_band(group: list[Row], columns: Sequence[Column]) -> Iterator[list[Row]]:
    """The rows between two rules: one, unless two base lines of it begin in the first column and fill most others."""
    whole = [row for row in group if 2 * len(row.parts) > len(columns) and 0 in covered_by(row.parts[0].line, columns)]
    if len(whole) > 1:
        yield from grouped(group, columns)
    else:
        yield group


def _by_places(lines: Sequence[TextLine]) -> list[TextLine | PageTable]:
    """Columns and tables by where the lines stand; those that are turned come last."""
    if any(line.turn for line in lines):
        upright, turned = ([line for line in lines if bool(line.turn) == each] for each in (False, True))
        return [*_by_places(upright), *turned]
    if len(lines) < 2 or sum(line.direction == "h" for line in lines) < len(lines):
        return list(lines)
    rows = rows_of(lines)
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


def _regions(rows: Sequence[Row]) -> Iterator[list[Row]]:
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
            yield from ([region] if len(region) > 1 and _is_rest_of_cell(region) and _is_below(region) else [])
            start += max(1, len(region))


def _is_even(region: Sequence[Row]) -> bool:
    """Whether the rows at the end that have one part follow as closely as the others."""
    steps = [b.position - a.position for a, b in pairwise(region)]
    usual = sorted(steps)[len(steps) // 2]
    tail = takewhile(lambda pair: len(pair[1].parts) < 2, zip(reversed(steps), reversed(region), strict=False))
    return all(step <= LARGER * usual for step, _ in tail)


def _is_scattered(row: Row) -> bool:
    """Whether the parts are letters of a heading set far apart, or lines of a table of contents."""
    return any(part.line.is_leader for part in row.parts)


def _is_across(row: Row, region: Sequence[Row]) -> bool:
    columns = columns_of(region)
    return len(covered_by(row.parts[0].line, columns)) != 1


def _is_rest_of_cell(region: Sequence[Row]) -> bool:
    """Whether the last row goes on with a cell of the row above: right below it, and not in the first column.

    In the first it does if rows stand further apart and the cell above fills its column.
    """
    last, above = region[-1], region[-2] if len(region) > 1 else region[-1]
    if last is above or last.position - above.position > TIGHT_PITCH * last.size:
        return False
    columns = columns_of(region[:-1])
    covered = covered_by(last.parts[0].line, columns)
    if len(covered) != 1 or covered[0] > 0:
        return len(covered) == 1
    first = [row for row in region[:-1] if 0 in covered_by(row.parts[0].line, columns)]
    above = first[-1] if first else above
    usual = [b.position - a.position for a, b in pairwise(first)]
    is_near = bool(usual) and LARGER * (last.position - above.position) < max(usual)
    room = max(last.size, _first_word(last.parts[0].line))
    return is_near and above.parts[0].line.end >= columns[0][1] - room


def _is_below(region: Sequence[Row]) -> bool:
    """Whether the last row begins where the cell above does, and not where lines set to the right happen to."""
    last = region[-1].parts[0].line
    return any(abs(part.line.begin - last.begin) <= last.size for row in region[:-1] for part in row.parts)


def _as_columns(region: Sequence[Row]) -> list[TextLine | PageTable]:
    """The lines of columns of running text, column by column; empty if it is none."""
    columns = columns_of(region)
    if len(region) < 3 or not 2 <= len(columns) <= 3:
        return []
    lines: list[list[TextLine]] = [[] for _ in columns]
    for row in region:
        for part in row.parts:
            covered = covered_by(part.line, columns)
            if len(covered) != 1:
                return []
            lines[covered[0]].append(part.line)
    if not all(_is_running_text(column) for column in lines):
        return []
    return [line for column in lines for line in column]


def _is_running_text(lines: Sequence[TextLine]) -> bool:
    if len(lines) < 3:
        return False
    left, right = min(line.begin for line in lines), max(line.end for line in lines)
    full = [right - a.end <= max(_FULL_WITHIN * a.size, _first_word(b)) for a, b in pairwise(lines)]
    indented = [_INDENT * b.size <= b.begin - left <= 3 * b.size for b in lines[1:]]
    told = sum(a or b for a, b in zip(full, indented, strict=True))
    wide = right - left >= _LEAST_COLUMN * lines[0].size
    most = len(lines) - 1
    enough = sum(full) >= _FULL_SHARE * most or (sum(full) >= _LEAST_FULL * most and told == most)
    return wide and enough and any(_PUNCTUATED.search(line.text) for line in lines)


def _first_word(line: TextLine) -> float:
    """How much room the first word of a line and a space need; none where lines may end anywhere."""
    if is_unspaced(line.text[0]):
        return 0.0
    end = next((glyph.left for glyph in line.glyphs if glyph.char.isspace()), line.end)
    return end - line.begin + 0.5 * line.size


def _refined(region: Sequence[Row]) -> list[Row]:
    """The rows with those parts cut in two that are cells of two columns."""
    rows = list(region)
    for _ in range(_MOST_CUTS):
        columns = columns_of(rows)
        inside: list[list[TextLine]] = [[] for _ in columns]
        for part in (part for row in rows for part in row.parts):
            for column in covered_by(part.line, columns):
                inside[column].append(part.line)
        place = next((found for lines in inside if (found := corridor(lines))), 0.0)
        if not place:
            break
        rows = [
            Row([Part(half, part.number) for part in row.parts for half in halves(part.line, place)]) for row in rows
        ]
    return rows


def _as_table(region: Sequence[Row]) -> list[TextLine | PageTable]:
    region = _refined(region)
    columns = columns_of(region)
    if len(columns) < 2:
        return []
    rows = [cells_in(group, columns) for group in grouped(region, columns)]
    size = sorted(row.size for row in region)[len(region) // 2]
    return [PageTable(rows, tuple(begin for begin, _ in columns), size)] if len(rows) > 1 or len(region) > 1 else []
