"""Bullets that are drawn, as browsers draw those of lists: a dot, a ring or a square before a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from rag.corpus.formats.pdf_lines import Glyph
from rag.corpus.formats.pdf_turns import Turn

_LEAST, _MOST = 1.5, 9.0  # points that a bullet is wide
_ROUND = 0.25  # of its width that it may be higher, or less high
_MOST_BULLETS = 1_000  # of a page; one with more is a drawing
_FARTHEST = 1.6  # ems that the line begins behind it
_SMALLEST, _LARGEST = 0.2, 0.75  # of the size of the letters behind it
_MOST_CURVES = 100
_HIGHEST = 40.0  # points of a letter that has a bullet before it
_MOST_LOOKED_AT = 500_000  # beginnings of lines near bullets, of a page


@dataclass(frozen=True)
class Bullet:
    """A small shape on the page, and the character that looks like it."""

    char: str
    left: float
    bottom: float
    right: float
    top: float

    def turned(self, turn: Turn) -> Bullet:
        """The same on the page that is turned."""
        return Bullet(self.char, *turn.box((self.left, self.bottom, self.right, self.top)))


def bullet_of(
    shape: pdfium.PdfObject, box: tuple[float, float, float, float], origin: tuple[float, float], *, is_filled: bool
) -> Bullet | None:
    """The bullet that a shape may be, by its size and its outline."""
    left, bottom, right, top = box
    width, height = right - left, top - bottom
    if not (_LEAST <= width <= _MOST and abs(width - height) <= _ROUND * width):
        return None
    count = raw.FPDFPath_CountSegments(shape.raw)
    if not 4 <= count <= _MOST_CURVES:
        return None
    kinds = {raw.FPDFPathSegment_GetType(raw.FPDFPath_GetPathSegment(shape.raw, number)) for number in range(1, count)}
    if kinds == {raw.FPDF_SEGMENT_LINETO}:
        char = "▪" if is_filled else "▫"
    elif kinds == {raw.FPDF_SEGMENT_BEZIERTO}:
        char = "•" if is_filled else "◦"
    else:
        return None
    return Bullet(char, left - origin[0], bottom - origin[1], right - origin[0], top - origin[1])


def with_bullets(glyphs: Sequence[Glyph], bullets: Sequence[Bullet]) -> list[Glyph]:
    """The characters of a page with each bullet before the line that begins behind it.

    Where one bullet alone stands on a page, it may be anything.
    """
    if not 2 <= len(bullets) <= _MOST_BULLETS:
        return list(glyphs)
    begins = [0] if glyphs else []
    begins += [n for n, (a, b) in enumerate(pairwise(glyphs), 1) if _is_new_line(a, b)]
    begins.sort(key=lambda number: glyphs[number].bottom)
    before: dict[int, Glyph] = {}
    waiting = sorted(bullets, key=lambda bullet: bullet.bottom)
    first = looked_at = 0
    for bullet in waiting:
        middle = (bullet.bottom + bullet.top) / 2
        while first < len(begins) and glyphs[begins[first]].bottom < middle - _HIGHEST:
            first += 1
        place = first
        while place < len(begins) and looked_at < _MOST_LOOKED_AT and glyphs[begins[place]].bottom <= middle:
            glyph = glyphs[begins[place]]
            if _stands_before(bullet, glyph):
                box = (bullet.left, glyph.bottom, bullet.right, glyph.top)
                before[begins[place]] = Glyph(bullet.char, *box, glyph.size, False)
                break
            place += 1
            looked_at += 1
    return [each for n, glyph in enumerate(glyphs) for each in ((before[n], glyph) if n in before else (glyph,))]


def _is_new_line(before: Glyph, glyph: Glyph) -> bool:
    return glyph.left < before.left or abs(glyph.bottom - before.bottom) > 0.5 * glyph.size


def _stands_before(bullet: Bullet, glyph: Glyph) -> bool:
    size = bullet.right - bullet.left
    return (
        glyph.bottom <= bullet.bottom
        and bullet.top <= glyph.top
        and 0 <= glyph.left - bullet.right <= _FARTHEST * glyph.size
        and _SMALLEST * glyph.size <= size <= _LARGEST * glyph.size
        and not glyph.char.isspace()
    )
