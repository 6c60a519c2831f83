"""Characters on a page -> lines, horizontal or vertical, in reading order."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, NamedTuple

Direction = Literal["h", "v"]

_MAX_GAP = 30.0  # ems within a row of a table; what is further apart is two lines
CELL_GAP = 1.8
"""Ems between two cells of a row."""
_WORD_GAP = 0.25
_SEEN_GAP = 0.18
_LEAST_GAP = 0.08
_JAPANESE_WORD_GAP = 0.7
_BACK = 0.4
_RUBY_SIZE = 0.65
_MAX_RUBY_CHARS = 30
_LEADER_CHARS = 60
_LEADER = re.compile(r"(?:[.．・…‥·]\s?){4,}\s*[\divxl]{0,5}$")


_WIDE = r"[\u3001-\u3011\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uff65]"
_SPACED = re.compile(rf"(?<={_WIDE})[ 　]{{1,3}}(?={_WIDE})")
_TOUCHING = re.compile(rf"{_WIDE}(?={_WIDE})")
_LETTERS_ALONE = re.compile(rf"{_WIDE}(?:[ 　]{{1,3}}{_WIDE}){{1,30}}")
_RUN_OF_LETTERS = re.compile(rf"(?<!\S)(?![０-９]){_WIDE}(?:[ 　]{_WIDE}){{2,30}}(?!\S)")
_NUMBER_OF_LABEL = re.compile(r"[０-９]{1,2}[ 　]{1,3}(?=[^\s０-９])")
_HEADINGS_SET_WIDE = (
    *("附則", "総則", "雑則", "罰則", "細則", "目次", "次第", "別紙", "別表", "規約", "規程", "記", "以上", "敬具"),
    *("議事録", "議事次第", "趣意書", "申込書", "同意書", "委任状", "誓約書", "領収書", "請求書", "見積書", "納品書"),
)
_SINGLE_LETTERS = re.compile(r"[^\W\d_](?:\s{1,3}[^\W\d_]){1,30}")
_SET_WIDE = re.compile("|".join(r"\s{1,3}".join(word) for word in _HEADINGS_SET_WIDE))
_MOST_BESIDE = 40  # lines that are looked at
_LARGE = 1.15  # of the size of most characters of a page
DIVIDED = "\u00ad"
"""What stands for a hyphen that divides a word at the end of a line."""


STRUCK = "\u2061"
"""What stands for words that are struck out, as wide as they are, so that what is beside them is no cell."""
_AROUND_STRUCK = re.compile(rf" ?{STRUCK} ?")


class Glyph(NamedTuple):
    """A character and its box on the page as shown, in points, y upwards.

    Attributes:
        size: of its font, in points.
        spaced: whether the library saw a space before it.
        angle: degrees, against the clock, at which it stands.
    """

    char: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    spaced: bool
    angle: int = 0

    @property
    def is_wide(self) -> bool:
        return unicodedata.east_asian_width(self.char) in "WF"


@dataclass(eq=False)
class TextLine:
    """A line of one direction.

    ``begin`` and ``end`` are measured along it, ``position`` across the lines; all grow as one reads, in points.
    ``depth`` is where it stands on the page, from 0 (top) to 1 (bottom); ``is_label``, whether its letters stand apart;
    ``turn``, degrees against the clock at which it stands on the page, if it does not stand as most lines do. Then all
    but the characters are measured as if the page were turned so that it stands upright.
    """

    direction: Direction
    glyphs: list[Glyph] = field(default_factory=list)
    text: str = ""
    begin: float = 0.0
    end: float = 0.0
    position: float = 0.0
    size: float = 0.0
    depth: float = 0.5
    is_label: bool = False
    turn: int = 0

    def close(self) -> TextLine:
        """Fill in what follows from the glyphs."""
        self.text = _text(self.glyphs, self.direction)
        if self.is_label:
            self.text = re.sub(r"(?<=\D)\s+", "", self.text)
        seen = [glyph for glyph in self.glyphs if not glyph.char.isspace()] or self.glyphs
        first, last = seen[0], seen[-1]
        self.size = sorted(glyph.size for glyph in seen)[len(seen) // 2]
        if self.direction == "h":
            self.begin, self.end = first.left, last.right
            self.position = -sorted(glyph.bottom for glyph in seen)[len(seen) // 2]
        else:
            self.begin, self.end = -first.top, -last.bottom
            self.position = -sorted(glyph.right for glyph in seen)[len(seen) // 2]
        return self

    @property
    def is_row(self) -> bool:
        """Whether it is a row of cells, or a line of a table of contents."""
        return "\t" in self.text or self.is_leader

    @property
    def is_leader(self) -> bool:
        """Whether it is a line of a table of contents, with dots up to the page's number."""
        return _LEADER.search(self.text[-_LEADER_CHARS:]) is not None


def lines_of_page(glyphs: Sequence[Glyph], height: float) -> list[TextLine]:
    """The lines that hold anything but spaces, in the order of the content; vertical ones from right to left.

    Args:
        glyphs: in the order of the content.
        height: of the page, in points.
    """
    lines = _upright([line.close() for line in _grouped(glyphs)])
    lines = [line for line in lines if line.text]
    without = [line for i, line in enumerate(lines) if not _is_ruby(lines, i)]
    ordered = list(_in_reading_order(_mended(without)))
    usual = _usual_size(ordered)
    for line in ordered:
        if (line.size >= _LARGE * usual or _SET_WIDE.fullmatch(line.text)) and _SINGLE_LETTERS.fullmatch(line.text):
            line.text = re.sub(r"\s", "", line.text)  # a heading set wide: 議　事　録
        line.depth = 1 - line.glyphs[0].bottom / height if height > 0 else 0.5
    return ordered


def _usual_size(lines: Sequence[TextLine]) -> float:
    """The size of the middle one of all characters."""
    sizes = sorted(glyph.size for line in lines for glyph in line.glyphs)
    return sizes[len(sizes) // 2] if sizes else 0.0


def _grouped(glyphs: Sequence[Glyph]) -> Iterator[TextLine]:
    line: TextLine | None = None
    for i, glyph in enumerate(glyphs):
        if line is not None and _fits(line, glyph):
            line.glyphs.append(glyph)
            continue
        if line is not None:
            yield line
        line = TextLine(_direction(glyphs[i : i + 3]), [glyph])
    if line is not None:
        yield line


def _direction(start: Sequence[Glyph]) -> Direction:
    """Vertical only if the next two characters go down, since below a line of one character stands the next line."""
    steps = list(pairwise(start))
    if steps and all(follows(a, b, "v") and not follows(a, b, "h") for a, b in steps):
        return "v"
    return "h"


def _upright(lines: Sequence[TextLine]) -> list[TextLine]:
    """Vertical lines of one or two characters as such, as the last of a paragraph: each begins beside another."""
    vertical = sorted((line for line in lines if line.direction == "v"), key=lambda line: line.glyphs[0].left)
    if not vertical:
        return list(lines)
    lefts = [line.glyphs[0].left for line in vertical]
    result: list[TextLine] = []
    for line in lines:
        last, glyph = result[-1] if result else None, line.glyphs[0]
        if line.direction == "h" and len(line.glyphs) == 1:
            if last is not None and last.direction == "v" and follows(last.glyphs[-1], glyph, "v"):
                last.glyphs.append(glyph)
                last.close()
                continue
            first, end = (bisect_left(lefts, glyph.left + ems * glyph.size) for ems in (0.5, 3.0))
            beside = vertical[first : min(end, first + _MOST_BESIDE)]
            if any(abs(each.glyphs[0].top - glyph.top) < 2.5 * glyph.size for each in beside):
                line = TextLine("v", [glyph]).close()
        result.append(line)
    return result


def _fits(line: TextLine, glyph: Glyph) -> bool:
    return follows(line.glyphs[-1], glyph, line.direction)


def follows(before: Glyph, glyph: Glyph, direction: Direction) -> bool:
    """Whether a glyph stands behind another on one line. Two digits side by side in a vertical line do."""
    size = max(before.size, glyph.size)
    if direction == "h":
        along = glyph.left - before.right
        moved = glyph.left - before.left
        overlap = min(glyph.top, before.top) - max(glyph.bottom, before.bottom)
        extent = min(glyph.top - glyph.bottom, before.top - before.bottom)
        limit = _MAX_GAP
    else:
        along = before.bottom - glyph.top
        moved = before.top - glyph.top
        overlap = min(glyph.right, before.right) - max(glyph.left, before.left)
        extent = min(glyph.right - glyph.left, before.right - before.left)
        limit = 3.0
        side_by_side = 0 <= glyph.left - before.right + 0.2 * size < 0.4 * size and abs(moved) < 0.2 * size
        if side_by_side and not glyph.is_wide and not before.is_wide:
            return True
    return overlap > 0.4 * max(extent, 0.01) and moved > -_BACK * size and along < limit * size


def _text(glyphs: Iterable[Glyph], direction: Direction) -> str:
    pieces: list[str] = []
    before: Glyph | None = None
    for glyph in glyphs:
        if before is not None and not before.char.isspace() and not glyph.char.isspace():
            pieces.append(_between(before, glyph, direction))
        pieces.append(glyph.char)
        before = glyph
    text = "".join(pieces)
    return unspaced((_AROUND_STRUCK.sub(" ", text) if STRUCK in text else text).strip())


def unspaced(text: str) -> str:
    """The words of a line whose letters stand apart, as in headings and the layers of text recognition.

    Where nearly all Japanese letters have a space between them, none of these spaces means anything; elsewhere only
    runs of at least three single letters are words, without the number of an item before them.
    """
    if " " not in text and "　" not in text:
        return text
    number = _NUMBER_OF_LABEL.match(text)
    if number is not None and _LETTERS_ALONE.fullmatch(text, number.end()):
        return number[0] + _SPACED.sub("", text[number.end() :])  # an item whose label is set wide: ４　内　容
    apart, together = len(_SPACED.findall(text)), len(_TOUCHING.findall(text))
    if apart >= 3 and apart >= 3 * together:
        return _SPACED.sub("", text)
    if _LETTERS_ALONE.fullmatch(text):
        return _SPACED.sub("", text)
    return _RUN_OF_LETTERS.sub(lambda run: _SPACED.sub("", run.group()), text)


def joined(text: str, following: str) -> str:
    """Two lines of a paragraph as one: Japanese without a space, a word that a hyphen divides whole."""
    if text.endswith(DIVIDED) or re.search(r"[a-z][-‐]$", text):
        if re.match(r"[a-zà-ÿ]", following):
            return text[:-1] + following
        return text.replace(DIVIDED, "-") + following
    return text + ("" if is_unspaced(text[-1]) or is_unspaced(following[0]) else " ") + following


def is_unspaced(char: str) -> bool:
    """Whether it is of a script without spaces between words; Korean has them."""
    return unicodedata.east_asian_width(char) in "WF" and not "\uac00" <= char <= "\ud7a3"


def _between(before: Glyph, glyph: Glyph, direction: Direction) -> str:
    """The space between two characters: the width of a cell's gap, of a space, or none."""
    gap = glyph.left - before.right if direction == "h" else before.bottom - glyph.top
    gap /= max(before.size, glyph.size)
    if gap > CELL_GAP:
        return "\t"
    if before.is_wide or glyph.is_wide:
        # In vertical text the library sees spaces around digits that are turned.
        seen = glyph.spaced and direction == "h" and gap > _SEEN_GAP
        return " " if seen or gap > _JAPANESE_WORD_GAP else ""
    return " " if gap > (_LEAST_GAP if glyph.spaced else _WORD_GAP) else ""


def _is_ruby(lines: Sequence[TextLine], index: int) -> bool:
    """Whether a line is the reading of a word in a line beside it in the content: small kana right above it."""
    line = lines[index]
    if len(line.text) > _MAX_RUBY_CHARS or not all(_is_kana(char) or char.isspace() for char in line.text):
        return False
    near = [*lines[max(0, index - 3) : index], *lines[index + 1 : index + 4]]
    return any(_is_reading_of(line, other) for other in near)


def _is_reading_of(line: TextLine, base: TextLine) -> bool:
    size = base.size
    one_glyph = len(line.glyphs) == 1
    if line.size > _RUBY_SIZE * size or (line.direction != base.direction and not one_glyph):
        return False
    first = line.glyphs[0]
    if base.direction == "h":
        begin, beyond = first.left, first.bottom - max(glyph.top for glyph in base.glyphs)
    else:
        begin, beyond = -first.top, first.left - max(glyph.right for glyph in base.glyphs)
    return base.begin - size < begin < base.end + size and -0.6 * size < beyond < 0.8 * size


def _is_kana(char: str) -> bool:
    return "\u3041" <= char <= "\u30ff"


def _mended(lines: Sequence[TextLine]) -> list[TextLine]:
    """Lines that ruby had cut, in one again."""
    mended: list[TextLine] = []
    for line in lines:
        last = mended[-1] if mended else None
        same = last is not None and last.direction == line.direction and abs(last.size - line.size) < 0.1 * line.size
        if last is not None and same and abs(line.begin - last.end) < line.size and _fits(last, line.glyphs[0]):
            last.glyphs += line.glyphs
            last.close()
        else:
            mended.append(line)
    return mended


def _in_reading_order(lines: Sequence[TextLine]) -> Iterator[TextLine]:
    """As they are, but vertical lines side by side from right to left, whatever order they were drawn in."""
    group: list[TextLine] = []
    for line in lines:
        if group and (line.direction == "h" or not _is_beside(group[-1], line)):
            yield from sorted(group, key=lambda each: each.position)
            group = []
        if line.direction == "v":
            group.append(line)
        else:
            yield line
    yield from sorted(group, key=lambda each: each.position)


def _is_beside(line: TextLine, other: TextLine) -> bool:
    overlap = min(line.end, other.end) - max(line.begin, other.begin)
    apart = abs(line.position - other.position)
    return overlap > 0.5 * min(line.end - line.begin, other.end - other.begin) and apart > 0.5 * line.size
