"""Tables that are drawn with rules: what stands between the rules is a cell, however near the next one stands."""

from __future__ import annotations

import ctypes
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from operator import neg

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from rag.corpus.formats.pdf_bullets import Bullet, bullet_of
from rag.corpus.formats.pdf_lines import Glyph, TextLine, joined
from rag.corpus.formats.pdf_turns import Turn

_MOST_SEGMENTS = 20_000  # of a page; one with more is a drawing
_MOST_TABLES = 30  # of a page
_LEAST = 5.0  # points that a rule is long
_NEAR = 2.5  # points that two rules of one edge may stand apart
_STRAIGHT = 0.7
_MOST_COLUMNS = 60
_MOST_ROWS = 400
_LEAST_ROW = 8.0  # points that a row is high
_HIGHEST_ALONE = 60.0  # points that the only row of a table is high; a higher one is a frame
_FILLED = 0.5  # of the rows that have words in two cells
_SAME_BASE = 0.4


Place = tuple[int, int]
"""Row and column, from 0."""
Spans = Mapping[Place, tuple[int, int]]
"""How many rows and columns each merged cell covers."""


@dataclass(frozen=True)
class Rule:
    """A straight line on the page: where it stands, and from where to where it reaches."""

    is_upright: bool
    at: float
    begin: float
    end: float

    def turned(self, turn: Turn) -> Rule:
        """The same on the page that is turned."""
        box = (self.at, self.begin, self.at, self.end) if self.is_upright else (self.begin, self.at, self.end, self.at)
        left, bottom, right, top = turn.box(box)
        is_upright = self.is_upright == (turn.quarters % 2 == 0)
        return Rule(True, left, bottom, top) if is_upright else Rule(False, bottom, left, right)


class _Edge:
    """One edge of a table: from where to where rules are drawn along it."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._begins: list[float] = []
        self._ends: list[float] = []
        for rule in sorted(rules, key=lambda rule: rule.begin):
            if self._ends and rule.begin <= self._ends[-1] + _NEAR:
                self._ends[-1] = max(self._ends[-1], rule.end)
            else:
                self._begins.append(rule.begin)
                self._ends.append(rule.end)

    def is_drawn(self, place: float) -> bool:
        number = bisect_right(self._begins, place) - 1
        return number >= 0 and place <= self._ends[number]


@dataclass(frozen=True)
class Grid:
    """A table: the heights of its edges from the top down, and their places from the left."""

    rows: tuple[float, ...]
    columns: tuple[float, ...]
    level: tuple[_Edge, ...]
    upright: tuple[_Edge, ...]
    is_open: bool = False
    """Whether no rule closes it at the top: its first row goes on from the page before."""

    def holds(self, glyph: Glyph) -> bool:
        """Whether a character stands in the table."""
        x, y = _middle(glyph)
        return self.columns[0] < x < self.columns[-1] and self.rows[-1] < y < self.rows[0]

    def cell(self, glyph: Glyph) -> Place:
        """Row and column of a character's cell; of cells that are merged, those of the first."""
        return self.cell_at(*_middle(glyph))

    def cell_at(self, x: float, y: float) -> Place:
        """Row and column of the cell at a place."""
        row = bisect_left(self.rows, -y, lo=1, hi=len(self.rows) - 1, key=neg) - 1
        column = min(bisect_right(self.columns, x), len(self.columns) - 1) - 1
        while column > 0 and not self.upright[column].is_drawn(y):
            column -= 1
        while row > 0 and not self.level[row].is_drawn(x):
            row -= 1
        return row, column


def _middle(glyph: Glyph) -> tuple[float, float]:
    return (glyph.left + glyph.right) / 2, (glyph.bottom + glyph.top) / 2


def drawn_on(page: pdfium.PdfPage, origin: tuple[float, float]) -> tuple[list[Rule], list[Bullet]]:
    """The straight lines of a page in its own coordinates, and the shapes that may be bullets."""
    found: list[Rule] = []
    bullets: list[Bullet] = []
    shapes = page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=1)
    drawn = (_segments(shape, origin, bullets) for shape in islice(shapes, _MOST_SEGMENTS))
    segments = list(islice(chain.from_iterable(drawn), _MOST_SEGMENTS))
    for (x, y), (to_x, to_y) in segments if len(segments) < _MOST_SEGMENTS else []:
        if abs(x - to_x) <= _STRAIGHT and abs(y - to_y) >= _LEAST:
            found.append(Rule(True, x - origin[0], min(y, to_y) - origin[1], max(y, to_y) - origin[1]))
        elif abs(y - to_y) <= _STRAIGHT and abs(x - to_x) >= _LEAST:
            found.append(Rule(False, y - origin[1], min(x, to_x) - origin[0], max(x, to_x) - origin[0]))
    return found, bullets


Point = tuple[float, float]


def _segments(
    shape: pdfium.PdfObject, origin: tuple[float, float], bullets: list[Bullet]
) -> Iterator[tuple[Point, Point]]:
    """The lines of a path that is stroked, or filled and so thin that it is a line; bullets are noted."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    if not raw.FPDFPath_GetDrawMode(shape.raw, fill, stroke):
        return
    left, bottom, right, top = box = shape.get_bounds()
    bullet = bullet_of(shape, box, origin, is_filled=bool(fill.value) and not stroke.value)
    if bullet is not None:
        bullets.append(bullet)
    if not stroke.value and (not fill.value or min(right - left, top - bottom) > _NEAR):
        return
    matrix = shape.get_matrix()
    x, y = ctypes.c_float(), ctypes.c_float()
    first = last = (0.0, 0.0)
    for number in range(min(raw.FPDFPath_CountSegments(shape.raw), _MOST_SEGMENTS)):
        segment = raw.FPDFPath_GetPathSegment(shape.raw, number)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        point = matrix.on_point(x.value, y.value)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_LINETO:
            yield last, point
        elif kind == raw.FPDF_SEGMENT_MOVETO:
            first = point
        last = point
        if raw.FPDFPathSegment_GetClose(segment):
            yield last, first
            last = first


def grids_of(rules: Sequence[Rule]) -> list[Grid]:
    """The tables that the rules make: at least two columns; one of a single row may go on from the page before."""
    upright = sorted((rule for rule in rules if rule.is_upright), key=lambda rule: -rule.end)
    level = sorted((rule for rule in rules if not rule.is_upright), key=lambda rule: -rule.at)
    beside = [part for band in _below(upright)[:_MOST_TABLES] for part in _beside(band, level)]
    parts = [band for part in beside[:_MOST_TABLES] for band in _below(sorted(part, key=lambda rule: -rule.end))]
    return [grid for part in parts[:_MOST_TABLES] if (grid := _grid(part, level)) is not None]


def _below(upright: Sequence[Rule]) -> list[list[Rule]]:
    """Upright rules, from the top down, of tables that stand below each other."""
    bands: list[list[Rule]] = []
    lowest = 0.0
    for rule in upright:
        if bands and rule.end >= lowest - _NEAR:
            bands[-1].append(rule)
            lowest = min(lowest, rule.begin)
        else:
            bands.append([rule])
            lowest = rule.begin
    return bands


def _beside(band: Sequence[Rule], level: Sequence[Rule]) -> Iterator[list[Rule]]:
    """The upright rules of tables that stand beside each other, as in two columns: no level rule joins them."""
    top, bottom = max(rule.end for rule in band) + _NEAR, min(rule.begin for rule in band) - _NEAR
    joins = _Edge([rule for rule in level if bottom <= rule.at <= top])
    part: list[Rule] = []
    for rule in sorted(band, key=lambda rule: rule.at):
        if part and rule.at - part[-1].at > _NEAR and not joins.is_drawn((part[-1].at + rule.at) / 2):
            yield part
            part = []
        part.append(rule)
    yield part


def _grid(upright: Sequence[Rule], level: Sequence[Rule]) -> Grid | None:
    columns = _edges(sorted(upright, key=lambda rule: rule.at))
    left, right = columns[0][0].at, columns[-1][0].at
    top, bottom = max(rule.end for rule in upright) + _NEAR, min(rule.begin for rule in upright) - _NEAR
    inside = [rule for rule in level if bottom <= rule.at <= top and rule.begin < right and rule.end > left]
    rows = _edges(inside)
    if not 3 <= len(columns) <= _MOST_COLUMNS or not rows:
        return None
    # A row that goes on over pages is closed by no rule there.
    sides = [columns[0], columns[-1]]
    high, low = (min(max(r.end for r in s) for s in sides), max(min(r.begin for r in s) for s in sides))
    is_open = high > rows[0][0].at + _LEAST_ROW
    if is_open:
        rows.insert(0, [Rule(False, high, left, right)])
    if low < rows[-1][0].at - _LEAST_ROW:
        rows.append([Rule(False, low, left, right)])
    if not 2 <= len(rows) <= _MOST_ROWS:
        return None
    if len(rows) == 2 and rows[0][0].at - rows[1][0].at > _HIGHEST_ALONE:
        return None
    places = tuple(edge[0].at for edge in rows), tuple(edge[0].at for edge in columns)
    return Grid(*places, tuple(map(_Edge, rows)), tuple(map(_Edge, columns)), is_open)


def _edges(rules: Sequence[Rule]) -> list[list[Rule]]:
    """The rules of each edge, in their order; the two sides of a thin box are one."""
    found: list[list[Rule]] = []
    for rule in rules:
        if found and abs(rule.at - found[-1][0].at) <= _NEAR:
            found[-1].append(rule)
        else:
            found.append([rule])
    return found


def cells_of(grid: Grid, lines: Sequence[TextLine]) -> tuple[list[list[str]], Spans]:
    """The words of each cell, row by row, and which are merged; nothing if hardly a row has words in two cells."""
    parts: defaultdict[Place, list[TextLine]] = defaultdict(list)
    for line in lines:
        if line.turn:  # words that stand on end are whole in their cell
            parts[grid.cell(line.glyphs[len(line.glyphs) // 2])].append(line)
            continue
        pieces: defaultdict[Place, list[Glyph]] = defaultdict(list)
        for glyph in line.glyphs:
            pieces[grid.cell(glyph)].append(glyph)
        for cell, glyphs in pieces.items():
            part = TextLine("h", glyphs).close()
            if part.text:
                parts[cell].append(part)
    rows = [["" for _ in grid.columns[1:]] for _ in grid.rows[1:]]
    for (row, column), found in parts.items():
        rows[row][column] = _words(found)
    kept = [number for number, row in enumerate(rows) if any(row)]
    several = sum(sum(map(bool, rows[number])) > 1 for number in kept)
    if not kept or several < _FILLED * len(kept):
        return [], {}
    return [rows[number] for number in kept], dict(_merged(grid, set(parts), kept))


def _merged(grid: Grid, filled: set[Place], kept: Sequence[int]) -> Iterator[tuple[Place, tuple[int, int]]]:
    """Where merged cells with words begin among the rows that are kept, and how many rows and columns they cover."""
    covered: defaultdict[Place, list[Place]] = defaultdict(list)
    for row, (top, bottom) in enumerate(pairwise(grid.rows)):
        for column, (left, right) in enumerate(pairwise(grid.columns)):
            first = grid.cell_at((left + right) / 2, (top + bottom) / 2)
            if first in filled:
                covered[first].append((row, column))
    for (row, column), places in covered.items():
        rows, columns = places[-1][0] - row + 1, max(place[1] for place in places) - column + 1
        is_free = not any(place in filled for place in places if place != (row, column))
        if 1 < rows * columns == len(places) and is_free:
            below = sum(row <= number < row + rows for number in kept)
            yield (bisect_left(kept, row), column), (below, columns)


def _words(parts: list[TextLine]) -> str:
    parts.sort(key=lambda part: part.position)
    lines: list[list[TextLine]] = []
    for part in parts:
        if lines and abs(part.position - lines[-1][0].position) <= _SAME_BASE * part.size:
            lines[-1].append(part)
        else:
            lines.append([part])
    words = ""
    for line in lines:
        for part in sorted(line, key=lambda part: part.begin):
            words = joined(words, part.text) if words else part.text
    return words
