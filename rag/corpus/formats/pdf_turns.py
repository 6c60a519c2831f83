"""Words that do not stand upright: a page is read the way most of its words stand, and the others by themselves."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rag.corpus.formats.pdf_lines import Glyph, TextLine, follows, lines_of_page

Box = tuple[float, float, float, float]
"""Left, bottom, right and top, in points."""

_NEARLY = 8  # degrees off that words may stand, as on a page that was scanned askew
_TURNED_IN_LINE = 270  # degrees that Latin words stand at in a line that goes down


@dataclass(frozen=True, slots=True)
class Turn:
    """Turns a page of this size clockwise, by quarters; what is turned stays on the page, from its new lower left."""

    quarters: int
    width: float
    height: float

    @property
    def size(self) -> tuple[float, float]:
        """Width and height once it is turned."""
        return (self.height, self.width) if self.quarters % 2 else (self.width, self.height)

    def box(self, box: Box) -> Box:
        left, bottom, right, top = box
        if self.quarters == 1:
            return bottom, self.width - right, top, self.width - left
        if self.quarters == 2:
            return self.width - right, self.height - top, self.width - left, self.height - bottom
        if self.quarters == 3:
            return self.height - top, left, self.height - bottom, right
        return box

    def glyph(self, glyph: Glyph) -> Glyph:
        left, bottom, right, top = self.box((glyph.left, glyph.bottom, glyph.right, glyph.top))
        angle = (glyph.angle - 90 * self.quarters) % 360
        return glyph._replace(left=left, bottom=bottom, right=right, top=top, angle=angle)


def angle_of(a: float, b: float, c: float, d: float) -> int:
    """Degrees, against the clock, at which a character stands by its matrix; 0 for one that is seen in a mirror."""
    if (a > 0 and abs(b) < 0.1 * a) or a * d - b * c <= 0:
        return 0
    degrees = round(math.degrees(math.atan2(b, a)))
    quarter = 90 * round(degrees / 90)
    return (quarter if abs(degrees - quarter) <= _NEARLY else degrees) % 360


def reading_turn(glyphs: Sequence[Glyph], width: float, height: float, shown: int) -> Turn:
    """How a page is to be turned so that most of its words stand upright.

    Args:
        glyphs: of the page in its own coordinates.
        shown: degrees that readers turn it; what counts if as many words stand one way as another.
    """
    counts = Counter(glyph.angle for glyph in glyphs if not glyph.angle % 90 and not glyph.char.isspace())
    best = max((0, 90, 180, 270), key=lambda angle: (counts[angle], angle == shown))
    return Turn(best // 90, width, height)


def lines_on(glyphs: Sequence[Glyph], width: float, height: float) -> list[TextLine]:
    """The lines of a page that is turned to be read; behind them those that stand otherwise, told by their ``turn``."""
    if not any(glyph.angle for glyph in glyphs):
        return lines_of_page(glyphs, height)
    apart: defaultdict[int, list[Glyph]] = defaultdict(list)
    for glyph in _as_they_stand(glyphs):
        apart[glyph.angle].append(glyph)
    lines = lines_of_page(apart.pop(0, []), height)
    for angle, group in apart.items():
        lines += _turned_lines(group, angle, width, height)
    return lines


def _as_they_stand(glyphs: Sequence[Glyph]) -> Iterator[Glyph]:
    """The characters; those as upright that are turned because they stand in a line that goes down."""
    before: Glyph | None = None
    runs = [list(run) for _, run in groupby(glyphs, key=lambda glyph: glyph.angle)]
    for run, behind in zip(runs, [*runs[1:], []], strict=True):
        is_in_line = run[0].angle == _TURNED_IN_LINE and (
            (before is not None and not before.angle and follows(before, run[0], "v"))
            or (bool(behind) and not behind[0].angle and follows(run[-1], behind[0], "v"))
        )
        yield from (glyph._replace(angle=0) for glyph in run) if is_in_line else run
        before = run[-1]


def _turned_lines(group: Sequence[Glyph], angle: int, width: float, height: float) -> Iterator[TextLine]:
    """Lines of characters that all stand at an angle; the characters of each stay where they stand on the page."""
    turn = Turn(angle // 90, width, height)
    upright = [turn.glyph(glyph) if not angle % 90 else _upright(glyph, angle) for glyph in group]
    owners = {id(seen): glyph for seen, glyph in zip(upright, group, strict=True)}
    for line in sorted(lines_of_page(upright, turn.size[1]), key=lambda line: line.position):
        line.glyphs = [owners[id(glyph)] for glyph in line.glyphs]
        line.turn = angle
        yield line


def _upright(glyph: Glyph, angle: int) -> Glyph:
    """A character that stands askew, turned around the page's lower left; its box is as wide as such mostly are."""
    x, y = (glyph.left + glyph.right) / 2, (glyph.bottom + glyph.top) / 2
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    x, y = x * cosine + y * sine, y * cosine - x * sine
    half = glyph.size * (0.5 if glyph.is_wide else 0.25)
    return glyph._replace(left=x - half, right=x + half, bottom=y - 0.5 * glyph.size, top=y + 0.5 * glyph.size, angle=0)
