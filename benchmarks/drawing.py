"""Draws pages of PDF as the programs of offices write them: with an embedded font and a table of its characters.

The font is made here, with a block in the place of each character, so that no font need be installed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from io import BytesIO

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from reportlab.pdfbase.pdfmetrics import stringWidth

WIDTH, HEIGHT = 595.0, 842.0  # A4, in points
_NOT_FIRST = "、。，．」』）〕】：；！？ー々ゃゅょっャュョッ,.:;!?)"


@lru_cache(maxsize=10_000)
def _thousandths(char: str) -> int:
    """How wide a character is, of a size of a thousand: as in Helvetica, or as high as it is wide."""
    if unicodedata.east_asian_width(char) in "WF":
        return 1000
    if unicodedata.east_asian_width(char) == "H":
        return 500
    return round(stringWidth(char, "Helvetica", 1000)) if char <= "\u024f" else 600


def width_of(words: str, size: float) -> float:
    """How wide words are."""
    return sum(map(_thousandths, words)) * size / 1000


def wrapped(words: str, size: float, width: float, *, spaced: bool, indent: float = 0.0) -> list[str]:
    """The words in lines no wider than ``width``, the first narrower by ``indent``.

    Lines end at spaces if the script has them, else anywhere but before punctuation and within Latin words.
    """
    lines, room, line = [], width - indent, ""
    for part in words.split(" ") if spaced else _breakable(words):
        longer = f"{line} {part}" if spaced and line else line + part
        if line and width_of(longer, size) > room:
            lines.append(line)
            room, line = width, part
        else:
            line = longer
    return [*lines, line]


def _breakable(words: str) -> Iterator[str]:
    part = ""
    for char in words:
        goes_on = part and (char in _NOT_FIRST or part[-1] in "「『（【" or (part[-1].isascii() and char.isascii()))
        if part and not goes_on:
            yield part
            part = ""
        part += char
    yield part


class Drawing:
    """Pages of one PDF. Places are in points from the lower left corner; a vertical line begins at its top middle."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._pages: list[list[str]] = []

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return len(self._pages)

    def page(self) -> None:
        """Begin a page."""
        self._pages.append([])

    def write(
        self,
        x: float,
        y: float,
        words: str,
        size: float,
        *,
        apart: float = 0.0,
        down: bool = False,
        unseen: bool = False,
    ) -> None:
        """Draw words.

        Args:
            apart: points between two letters.
            down: vertical writing.
            unseen: as the layer of text recognition over an image.
        """
        codes = "".join(f"{self._numbers.setdefault(char, len(self._numbers) + 1):04x}" for char in words)
        font, mode = ("V" if down else "H"), (3 if unseen else 0)
        self._pages[-1].append(
            f"BT /{font} {size:.2f} Tf {mode} Tr {apart:.2f} Tc 1 0 0 1 {x:.2f} {y:.2f} Tm <{codes}> Tj ET"
        )

    def rule(self, x: float, y: float, to_x: float, to_y: float) -> None:
        """Draw a line."""
        self._pages[-1].append(f"0.5 w {x:.2f} {y:.2f} m {to_x:.2f} {to_y:.2f} l S")

    def file(self) -> bytes:
        """The PDF."""
        return _file(_objects(self._numbers, ["\n".join(page) for page in self._pages]))


def _objects(numbers: dict[str, int], contents: Sequence[str]) -> list[str]:
    codes = list(numbers.items())
    table = [f"<{number:04x}> <{char.encode('utf-16-be').hex()}>" for char, number in codes]
    blocks = [table[i : i + 100] for i in range(0, len(table), 100)]
    told = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    unicode = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Told def /CMapType 2 def\n"
        f"1 begincodespacerange <0000> <ffff> endcodespacerange\n{told}\nendcmap end end"
    )
    widths = " ".join(f"{number} [{_thousandths(char)}]" for char, number in codes)
    first = 9
    kids = " ".join(f"{first + 2 * n} 0 R" for n in range(len(contents)))
    font = "<</Type/Font/Subtype/Type0/BaseFont/Office/Encoding/Identity-{}/DescendantFonts[5 0 R]/ToUnicode 7 0 R>>"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(contents)}>>",
        font.format("H"),
        font.format("V"),
        "<</Type/Font/Subtype/CIDFontType2/BaseFont/Office"
        "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
        f"/FontDescriptor 6 0 R/DW 1000/W [{widths}]/CIDToGIDMap/Identity>>",
        "<</Type/FontDescriptor/FontName/Office/Flags 4/FontBBox[0 -120 1000 880]/ItalicAngle 0/Ascent 880/Descent -120"
        "/CapHeight 700/StemV 80/FontFile2 8 0 R>>",
        _stream(unicode),
        _stream(_font([_thousandths(char) for char in numbers])),
    ]
    for number, content in enumerate(contents):
        objects += [
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {WIDTH:.0f} {HEIGHT:.0f}]/Contents {first + 2 * number + 1} 0 R"
            "/Resources<</Font<</H 3 0 R/V 4 0 R>>>>>>",
            _stream(content),
        ]
    return objects


def _font(widths: Sequence[int]) -> str:
    """A TrueType font with a block of each width, a character for each byte."""
    names = [".notdef", *(f"g{number}" for number in range(1, len(widths) + 1))]
    glyphs, metrics = {}, {}
    for name, width in zip(names, [1000, *widths], strict=True):
        pen = TTGlyphPen(None)
        if name != ".notdef":
            pen.moveTo((50, 0))
            for corner in ((50, 700), (width - 50, 700), (width - 50, 0)):
                pen.lineTo(corner)
            pen.closePath()
        glyphs[name], metrics[name] = pen.glyph(), (width, 50)
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder(names)
    font.setupCharacterMap({})
    font.setupGlyf(glyphs)
    font.setupHorizontalMetrics(metrics)
    font.setupHorizontalHeader(ascent=880, descent=-120)
    font.setupPost(keepGlyphNames=False)
    written = BytesIO()
    font.save(written)
    return written.getvalue().decode("latin-1")


def _stream(content: str) -> str:
    return f"<</Length {len(content)}>>\nstream\n{content}\nendstream"


def _file(objects: Sequence[str]) -> bytes:
    body, places = "%PDF-1.7\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{each}\nendobj\n"
    index = "".join(f"{place:010d} 00000 n \n" for place in places)
    trailer = f"trailer\n<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(body)}\n%%EOF\n"
    return f"{body}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{index}{trailer}".encode("latin-1")
