"""What was added to the pages of a PDF: filled form fields, and notes of those who read it."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from rag.corpus.formats.draft import printable
from rag.corpus.formats.pdf_lines import TextLine
from rag.corpus.formats.pdf_turns import Turn

_NOTES = (
    raw.FPDF_ANNOT_TEXT,
    raw.FPDF_ANNOT_FREETEXT,
    raw.FPDF_ANNOT_HIGHLIGHT,
    raw.FPDF_ANNOT_UNDERLINE,
    raw.FPDF_ANNOT_SQUIGGLY,
    raw.FPDF_ANNOT_STRIKEOUT,
    raw.FPDF_ANNOT_STAMP,
    raw.FPDF_ANNOT_CARET,
    raw.FPDF_ANNOT_LINE,
    raw.FPDF_ANNOT_SQUARE,
    raw.FPDF_ANNOT_CIRCLE,
    raw.FPDF_ANNOT_POLYGON,
    raw.FPDF_ANNOT_INK,
)
_MOST_ADDED = 5_000  # of a page
_LONGEST = 100_000  # characters
_FAR_LABEL = 12.0  # times its height that a field may stand behind its label
_CHECKED = "☑"


@dataclass(frozen=True)
class Field:
    """A filled form field: where it stands, from the page's lower left, in points; its value, and its name if shown."""

    left: float
    bottom: float
    right: float
    top: float
    value: str
    name: str = ""


@dataclass(frozen=True)
class OnPage:
    """What was added to a page, and what of it was struck out."""

    fields: list[Field] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)


def on_page(document: pdfium.PdfDocument, page: pdfium.PdfPage, origin: tuple[float, float], turn: Turn) -> OnPage:
    """The values of the fields and the words of the notes, as the file has them in order."""
    found = OnPage()
    for annotation in _annotations(page):
        kind = raw.FPDFAnnot_GetSubtype(annotation)
        if kind == raw.FPDF_ANNOT_WIDGET:
            filled = _field(document, annotation, origin, turn)
            if filled is not None:
                found.fields.append(filled)
        elif kind in _NOTES and (words := _string(annotation, b"Contents")):
            found.notes.append(words)
    return found


def _annotations(page: pdfium.PdfPage) -> Iterator[Any]:
    for index in range(min(raw.FPDFPage_GetAnnotCount(page.raw), _MOST_ADDED)):
        annotation = raw.FPDFPage_GetAnnot(page.raw, index)
        if not annotation:
            continue
        try:
            yield annotation
        finally:
            raw.FPDFPage_CloseAnnot(annotation)


def _string(annotation: Any, key: bytes) -> str:
    return _read(lambda buffer, size: raw.FPDFAnnot_GetStringValue(annotation, key, buffer, size))


def _read(get: Any) -> str:
    """What a function of pdfium writes in UTF-16, asked for its length first."""
    size = get(None, 0)
    if not 2 < size <= 2 * _LONGEST:
        return ""
    buffer = ctypes.create_string_buffer(size)
    get(ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    words = buffer.raw[:size].decode("utf-16-le", "replace").split("\0")[0]
    return "\n".join(" ".join(line.split()) for line in printable(words).splitlines() if line.strip())


def _field(document: pdfium.PdfDocument, annotation: Any, origin: tuple[float, float], turn: Turn) -> Field | None:
    form = document.formenv
    value, name = _string(annotation, b"V"), ""
    if form is not None:
        kind = raw.FPDFAnnot_GetFormFieldType(form.raw, annotation)
        if kind in (raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON):
            value = _CHECKED if raw.FPDFAnnot_IsChecked(form.raw, annotation) else ""
        elif kind in (raw.FPDF_FORMFIELD_PUSHBUTTON, raw.FPDF_FORMFIELD_SIGNATURE):
            value = ""
        elif not value:
            value = _read(lambda buffer, size: raw.FPDFAnnot_GetFormFieldValue(form.raw, annotation, buffer, size))
        name = _read(lambda b, n: raw.FPDFAnnot_GetFormFieldAlternateName(form.raw, annotation, b, n))
    box = raw.FS_RECTF()
    if not value or not raw.FPDFAnnot_GetRect(annotation, box):
        return None
    left, bottom = box.left - origin[0], min(box.bottom, box.top) - origin[1]
    right, top = box.right - origin[0], max(box.bottom, box.top) - origin[1]
    return Field(*turn.box((left, bottom, right, top)), value, name)


def with_fields(lines: Sequence[TextLine], fields: Sequence[Field]) -> list[TextLine]:
    """The lines with each field's value behind its label, on the same base line to the left; else as a line."""
    result = list(lines)
    for each in sorted(fields, key=lambda each: (-each.top, each.left)):
        label = _label_of(result, each)
        if label is not None:
            label.text = f"{label.text}　{' '.join(each.value.split())}"
            label.end = max(label.end, each.right)
            continue
        words = f"{each.name}：{each.value}" if each.name else each.value
        line = TextLine(
            "h", [], words, each.left, each.right, -each.bottom, max(1.0, min(12.0, each.top - each.bottom))
        )
        place = next((n for n, other in enumerate(result) if other.position > line.position), len(result))
        result.insert(place, line)
    return result


def _label_of(lines: Sequence[TextLine], box: Field) -> TextLine | None:
    height = max(1.0, box.top - box.bottom)
    near = [
        line
        for line in lines
        if line.direction == "h"
        and not line.turn
        and box.bottom - 0.5 * height <= -line.position <= box.top
        and line.begin < box.left
        and -2 * line.size <= box.left - line.end <= _FAR_LABEL * height
    ]
    return max(near, key=lambda line: line.end, default=None)
