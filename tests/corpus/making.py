"""Makes small files of each format, for the tests to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from struct import pack
from zipfile import ZIP_DEFLATED, ZipFile

import docx
import openpyxl
import pptx
from pptx.util import Inches
from reportlab.lib import pdfencrypt
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

from rag.corpus import Document, read_document

BODY = "潮が引くと、干潟は三キロ先まで続きます。貝を掘る人で浜はにぎわいます。"
FONT = "HeiseiMin-W3"
_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{kind}:1.0"'
    for name, kind in (
        ("office", "office"),
        ("text", "text"),
        ("table", "table"),
        ("style", "style"),
        ("draw", "drawing"),
        ("presentation", "presentation"),
        ("fo", "xsl-fo-compatible"),
        ("chart", "chart"),
    )
)
_SPACES += ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xlink="http://www.w3.org/1999/xlink"'
Written = tuple[float, float, float, str]
"""Where a line of a PDF begins (x, y, in points from the lower left), the size of its font, and its words."""


def read_bytes(folder: Path, name: str, data: bytes) -> Document:
    """Write the bytes and read them as a document."""
    path = folder / name
    path.write_bytes(data)
    return read_document(path)


def pdf_of(pages: Sequence[Sequence[Written]], *, title: str = "", password: str = "", vertical: bool = False) -> bytes:
    """A PDF with these lines on its pages, in a font that is not embedded, as old Japanese programs make them."""
    font = UnicodeCIDFont(FONT, isVertical=vertical)
    pdfmetrics.registerFont(font)
    buffer = BytesIO()
    encrypted = pdfencrypt.StandardEncryption(password) if password else None
    drawn = canvas.Canvas(buffer, encrypt=encrypted, invariant=True)
    drawn.setTitle(title)
    for lines in pages:
        for x, y, size, words in lines:
            drawn.setFont(font.fontName, size)
            drawn.drawString(x, y, words)
        drawn.showPage()
    drawn.save()
    return buffer.getvalue()


def paragraph(words: str, *, top: float = 700.0, size: float = 12.0, per_line: int = 20) -> list[Written]:
    """The words in lines of so many characters, one and a half times as far apart as they are high."""
    lines = [words[i : i + per_line] for i in range(0, len(words), per_line)]
    return [(72.0, top - number * 1.5 * size, size, line) for number, line in enumerate(lines)]


def word_file() -> bytes:
    """Headings, paragraphs, a table, and a title."""
    document = docx.Document()
    document.core_properties.author = "浜野 渚"
    document.add_heading("干潟の手引き", 0)
    document.add_heading("潮の時刻", 1)
    document.add_paragraph(BODY)
    table = document.add_table(2, 2)
    for cell, words in zip([c for row in table.rows for c in row.cells], ("貝", "距離", "アサリ", "2 km"), strict=True):
        cell.text = words
    document.add_heading("持ち物", 2)
    document.add_paragraph("熊手と長靴を持ってきてください。")
    return _saved(document)


def slides_file() -> bytes:
    """Two slides with titles; the second has a table in it and notes below it."""
    presentation = pptx.Presentation()
    first = presentation.slides.add_slide(presentation.slide_layouts[0])
    first.shapes.title.text = "干潟の一年"
    first.placeholders[1].text = BODY
    second = presentation.slides.add_slide(presentation.slide_layouts[5])
    second.shapes.title.text = "貝の種類"
    table = second.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(6), Inches(2)).table
    for place, words in enumerate(("貝", "季節", "アサリ", "春")):
        table.cell(place // 2, place % 2).text = words
    second.notes_slide.notes_text_frame.text = "アサリは四月が旬だと話す。"
    return _saved(presentation)


def sheets_file(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    """A workbook with these rows."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    return _saved(book)


def book_file(chapters: Mapping[str, str], *, extra: Mapping[str, bytes] | None = None) -> bytes:
    """An EPUB book of these chapters: file name and what is inside its body."""
    manifest = "".join(
        f'<item id="c{i}" href="{name}" media-type="application/xhtml+xml"/>' for i, name in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="c{i}"/>' for i in range(len(chapters)))
    package = f"""<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">
    <metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>干潟の本</dc:title><dc:creator>浜野 渚</dc:creator>
    </metadata><manifest>{manifest}</manifest><spine>{spine}</spine></package>"""
    container = """<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
    <rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>"""
    files = {"mimetype": b"application/epub+zip", "META-INF/container.xml": container.encode()}
    files["OEBPS/book.opf"] = package.encode()
    for name, body in chapters.items():
        page = f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>{body}</body></html>'
        files[f"OEBPS/{name}"] = page.encode()
    return zip_of(files | dict(extra or {}))


def zip_of(files: Mapping[str, bytes]) -> bytes:
    """A zip file of these files."""
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def open_document(
    kind: str, body: str, *, styles: str = "", automatic: str = "", parts: Mapping[str, str] | None = None
) -> bytes:
    """An OpenDocument file of a kind (text, spreadsheet, presentation) with these elements in its body.

    Args:
        parts: further files, by name: the XML of each, without the names of its spaces.
    """
    content = (
        f"<office:document-content {_SPACES}><office:automatic-styles>{automatic}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    files = {"mimetype": b"application/vnd.oasis.opendocument", "content.xml": content.encode()}
    if styles:
        files["styles.xml"] = f"<office:document-styles {_SPACES}>{styles}</office:document-styles>".encode()
    files |= {name: xml.replace(">", f" {_SPACES}>", 1).encode() for name, xml in (parts or {}).items()}
    return zip_of(files)


def _saved(document: object) -> bytes:
    buffer = BytesIO()
    document.save(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()


def outlook_message(subject: str, body: str) -> bytes:
    """A message as Outlook saves it: an OLE file ([MS-CFB], [MS-OXMSG]) of three short streams."""
    words = {0x0037: subject.encode("utf-16-le"), 0x1000: body.encode("utf-16-le")}
    told = b"".join(pack("<HHIII", 0x1F, each, 6, len(data) + 2, 0) for each, data in words.items())
    streams = {"__properties_version1.0": bytes(32) + told}
    streams |= {f"__substg1.0_{each:04X}001F": data for each, data in words.items()}
    free, end = 0xFFFFFFFF, 0xFFFFFFFE
    entries, small, chains = [], b"", []
    for number, (name, data) in enumerate(streams.items(), 1):
        count = -(-len(data) // 64)
        behind = number + 1 if number < len(streams) else free
        entries.append(_ole_entry(name, 2, behind, free, len(chains), len(data)))
        chains += [*range(len(chains) + 1, len(chains) + count), end]
        small += data.ljust(64 * count, b"\0")
    sectors = -(-len(small) // 512)
    table = [0xFFFFFFFD, end, end, *range(4, 3 + sectors), end]  # itself, the directory, that of the small, the small
    root = _ole_entry("Root Entry", 5, free, 1, 3, len(small))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += pack("<9I", 0, 1, 1, 0, 4096, 2, 1, end, 0) + pack("<109I", 0, *[free] * 108)
    parts = [_numbers(table), b"".join([root, *entries]), _numbers(chains), small.ljust(512 * sectors, b"\0")]
    return head + b"".join(parts)


def _ole_entry(name: str, kind: int, behind: int, child: int, start: int, size: int) -> bytes:
    coded = name.encode("utf-16-le") + b"\0\0"
    around = pack("<3I", 0xFFFFFFFF, behind, child) + bytes(36)
    return coded.ljust(64, b"\0") + pack("<HBB", len(coded), kind, 1) + around + pack("<IQ", start, size)


def _numbers(table: Sequence[int]) -> bytes:
    """A sector of them."""
    return pack("<128I", *table, *[0xFFFFFFFF] * (128 - len(table)))
