"""PDF: text in reading order with page numbers, by pdfium; lines and paragraphs by where the characters stand."""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from rag.corpus.formats.authors import person
from rag.corpus.formats.draft import printable
from rag.corpus.formats.parsed import Parsed
from rag.corpus.formats.pdf_added import OnPage, on_page, with_fields
from rag.corpus.formats.pdf_bands import Bands, bands_of
from rag.corpus.formats.pdf_bullets import with_bullets
from rag.corpus.formats.pdf_lines import DIVIDED, Glyph, TextLine
from rag.corpus.formats.pdf_paragraphs import Beside, write_pages
from rag.corpus.formats.pdf_rules import Grid, Rule, drawn_on, grids_of
from rag.corpus.formats.pdf_running import printed_numbers, running_heads
from rag.corpus.formats.pdf_struck import without_struck
from rag.corpus.formats.pdf_turns import Turn, angle_of, lines_on, reading_turn
from rag.errors import DocumentError

MAX_PAGES = 20_000
"""A file with more pages is refused."""
_LINE_END_HYPHEN = 2  # what pdfium gives for a hyphen that divides a word at the end of a line
_FAR = 1e6  # points
_BELOW_BASE = 0.12  # of the em square of a wide character stands below its base line
_LONGEST_LABEL = 12
_MIN_CHARS_PER_PAGE = 2
_MAX_UNKNOWN_SHARE = 0.3
_PASSWORD_NEEDED = (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)
_NAME_OF_FILE = re.compile(r"\.\w{2,5}$|^Microsoft |^untitled|^無題|^名称未設定", re.IGNORECASE)


def read(data: bytes) -> Parsed:
    """The text of all pages; running heads and page numbers are marked, ruby is left out as on web pages.

    Raises:
        DocumentError: if it is encrypted, damaged, scanned without text, or its fonts do not tell the characters.
    """
    document = opened(data)
    try:
        if len(document) > MAX_PAGES:
            raise DocumentError(
                f"It has {len(document):,} pages, and at most {MAX_PAGES:,} are read.",
                code="too-many-pages",
                hint="Split it.",
                facts={"count": len(document), "limit": MAX_PAGES},
            )
        if document.get_formtype() != raw.FORMTYPE_NONE:
            document.init_forms()
        pages, unknown = [], 0
        notes: dict[int, list[str]] = {}
        struck: dict[int, list[str]] = {}
        drawn: dict[int, list[Grid | Bands]] = {}
        for index in range(len(document)):
            page = glyphs_of(document, index)
            pages.append(with_fields(lines_on(page.glyphs, *page.size), page.written.fields))
            notes[index + 1] = page.written.notes
            struck[index + 1] = page.written.struck
            grids = grids_of(page.rules)
            drawn[index + 1] = [*grids, *bands_of(page.rules, grids)]
            unknown += page.unknown
        labels = _labels(document)
        facts = document.get_metadata_dict(skip_empty=True)
    finally:
        document.close()
    running = running_heads(pages)
    _check_text(pages, running, unknown, any(notes.values()))
    shown = _shown(labels or printed_numbers(pages, running))
    draft, largest = write_pages(pages, running, Beside(notes, struck), shown, drawn)
    metadata = {"author": person(facts.get("Author", "")), "date": _date(facts.get("CreationDate", ""))}
    empty = [number for number, lines in enumerate(pages, 1) if not lines]
    metadata["pages_without_text"] = ", ".join(map(str, empty[:50]))
    return draft.parsed(_title(facts.get("Title", ""), pages, largest), metadata, plain=True)


def opened(data: bytes) -> pdfium.PdfDocument:
    """The file; whoever opens it closes it.

    Raises:
        DocumentError: if it is encrypted or damaged.
    """
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) in _PASSWORD_NEEDED or "assword" in str(error):
            raise DocumentError(
                "The PDF is protected by a password.",
                code="encrypted",
                hint="Open it in a PDF reader and save it without a password.",
            ) from error
        raise DocumentError(
            "The PDF is damaged, or not a PDF.",
            code="damaged",
            hint="Open it in a PDF reader and print it to a new PDF.",
        ) from error


def _labels(document: pdfium.PdfDocument) -> dict[int, str]:
    """What the file calls its pages (ISO 32000-1, 12.4.2), counted from 1: i, ii, 1, 2; empty if it does not."""
    found = {}
    for index in range(len(document)):
        label = " ".join(printable(document.get_page_label(index)).split())
        if 0 < len(label) <= _LONGEST_LABEL:
            found[index + 1] = label
    return found


def _shown(printed: Mapping[int, str]) -> dict[int, str]:
    """The file's number of each page, with the printed one behind it where it is another: 3 (1)."""
    return {number: f"{number} ({label})" for number, label in printed.items() if label != str(number)}


class OfPage(NamedTuple):
    """What stands on a page, turned so that most of its words are upright.

    Attributes:
        glyphs: its characters, in the order of the content.
        size: its width and height.
        unknown: how many characters could not be told.
        written: what was added to it.
        rules: the lines that are drawn on it.
        shown: how it is turned from there to be as readers show it.
    """

    glyphs: list[Glyph]
    size: tuple[float, float]
    unknown: int
    written: OnPage
    rules: list[Rule]
    shown: Turn


_NOTHING = OfPage([], (0.0, 0.0), 0, OnPage(), [], Turn(0, 0.0, 0.0))


def glyphs_of(document: pdfium.PdfDocument, index: int) -> OfPage:
    """What stands on a page; nothing if it cannot be loaded, which does not keep the others from being read."""
    try:
        page = document[index]
    except pdfium.PdfiumError:
        return _NOTHING
    try:
        width, height = page.get_size()
        rotation = page.get_rotation() % 360
        if rotation % 180:
            width, height = height, width
        origin = page.get_bbox()[:2]
        found, unknown = _glyphs_in(page, origin)
        turn = reading_turn(found, width, height, rotation)
        if 90 * turn.quarters != rotation:
            page.set_rotation(90 * turn.quarters)  # pdfium orders lines by how they stand as the page is shown
            found, unknown = _glyphs_in(page, origin)
            page.set_rotation(rotation)
        rules, bullets = drawn_on(page, origin)
        if turn.quarters:
            found = [turn.glyph(glyph) for glyph in found]
            rules, bullets = [rule.turned(turn) for rule in rules], [bullet.turned(turn) for bullet in bullets]
        kept, struck = without_struck(found, rules)
        written = replace(on_page(document, page, origin, turn), struck=struck)
        shown = Turn((rotation // 90 - turn.quarters) % 4, *turn.size)
        return OfPage(with_bullets(kept, bullets), turn.size, unknown, written, rules, shown)
    except pdfium.PdfiumError:
        return _NOTHING
    finally:
        page.close()


def _glyphs_in(page: pdfium.PdfPage, origin: tuple[float, float]) -> tuple[list[Glyph], int]:
    """The characters in the page's own coordinates, and how many are unknown."""
    text = page.get_textpage()
    try:
        return _glyphs_of_text(text.raw, origin)
    finally:
        text.close()


def _glyphs_of_text(handle: raw.FPDF_TEXTPAGE, origin: tuple[float, float]) -> tuple[list[Glyph], int]:
    found: list[Glyph] = []
    unknown = 0
    spaced = False
    box, matrix = raw.FS_RECTF(), raw.FS_MATRIX()
    x, y = ctypes.c_double(), ctypes.c_double()
    for i, code in _code_points(handle):
        if raw.FPDFText_IsGenerated(handle, i) == 1:
            spaced = True
            continue
        if not 0 < code <= 0x10FFFF or raw.FPDFText_HasUnicodeMapError(handle, i) == 1:
            unknown += 1
            continue
        char = _printed(code)
        if not char:
            continue
        raw.FPDFText_GetLooseCharBox(handle, i, box)
        raw.FPDFText_GetMatrix(handle, i, matrix)
        size = raw.FPDFText_GetFontSize(handle, i) * math.hypot(matrix.c, matrix.d)
        left, bottom, right, top = box.left, box.bottom, box.right, box.top
        angle = angle_of(matrix.a, matrix.b, matrix.c, matrix.d)
        if unicodedata.east_asian_width(char) in "WF" and not angle % 90:
            # Boxes of punctuation hug the ink; the em square tells where the next character belongs.
            raw.FPDFText_GetCharOrigin(handle, i, x, y)
            left, bottom, right, top = _em_square(x.value, y.value, size, angle)
        if not -_FAR < left <= right < _FAR or not -_FAR < bottom <= top < _FAR or not 0 <= size < _FAR:
            continue  # NaN and infinity too
        shifted = (left - origin[0], bottom - origin[1], right - origin[0], top - origin[1])
        found.append(Glyph(char, *shifted, max(size, 0.1), spaced, angle))
        spaced = False
    return found, unknown


def _em_square(x: float, y: float, size: float, angle: int) -> tuple[float, float, float, float]:
    """The square of a wide character that stands upright or turned by quarters, by where its writing begins."""
    below, above = _BELOW_BASE * size, (1 - _BELOW_BASE) * size
    return {
        0: (x, y - below, x + size, y + above),
        90: (x - above, y, x + below, y + size),
        180: (x - size, y - above, x, y + below),
        270: (x - below, y - size, x + above, y),
    }[angle]


def _code_points(handle: raw.FPDF_TEXTPAGE) -> Iterator[tuple[int, int]]:
    """Place and code point of each character; pdfium gives those beyond U+FFFF as two halves in one box."""
    codes = [raw.FPDFText_GetUnicode(handle, i) for i in range(raw.FPDFText_CountChars(handle))]
    for i, (before, code, behind) in enumerate(zip([0, *codes], codes, [*codes[1:], 0], strict=False)):
        if _is_pair(code, behind):
            continue
        yield i, 0x10000 + ((before - 0xD800) << 10) + (code - 0xDC00) if _is_pair(before, code) else code


def _is_pair(high: int, low: int) -> bool:
    return 0xD800 <= high < 0xDC00 <= low < 0xE000


def _printed(code: int) -> str:
    """The character, any space as one of the two that are left in texts, and nothing for control characters."""
    if code == _LINE_END_HYPHEN:
        return DIVIDED
    char = chr(code)
    if char.isspace() and char != "\u3000":
        return " "
    return char if char.isprintable() else printable(char)


def _check_text(pages: list[list[TextLine]], running: set[int], unknown: int, has_notes: bool) -> None:
    known = sum(len(line.text) for lines in pages for line in lines)
    body = sum(len(line.text) for lines in pages for line in lines if id(line) not in running)
    if unknown > _MAX_UNKNOWN_SHARE * (known + unknown):
        raise DocumentError(
            "The fonts of the PDF do not tell which characters its shapes are.",
            code="unknown-fonts",
            hint="Print it to a new PDF, or have its text recognised (OCR), for example with ocrmypdf --force-ocr.",
        )
    if not has_notes and (body < _MIN_CHARS_PER_PAGE * len(pages) or not body):
        raise DocumentError(
            "The PDF holds no text: its pages are scanned images, or empty.",
            code="scanned",
            hint="Have its text recognised (OCR), for example with ocrmypdf -l jpn.",
        )


def _title(named: str, pages: list[list[TextLine]], largest: str) -> str:
    """The title that the file names, if the first page shows it: many are left over from a template."""
    shown = "".join(line.text for lines in pages[:2] for line in lines)
    key = re.sub(r"\s+", "", named)
    if len(key) >= 2 and not _NAME_OF_FILE.search(named) and key in re.sub(r"\s+", "", shown):
        return named
    return largest


def _date(value: str) -> str:
    """The day of ``D:YYYYMMDDhhmmss+09'00'`` (ISO 32000-1, 7.9.4)."""
    match = re.match(r"(?:D:)?(\d{4})(\d{2})(\d{2})", value)
    return "-".join(match.groups()) if match else ""
