"""An answer with its sources as a workbook: question and answer, then a row for each place."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from rag.batch.writing.workbook import set_text
from rag.web.exports.content import Content
from rag.web.texts import Language
from rag.web.texts.exports import EXPORT_TEXTS

_WIDTHS = {"A": 10, "B": 30, "C": 30, "D": 16, "E": 80}
_TOP = Alignment(vertical="top", wrap_text=True)


def excel_of(content: Content, language: Language) -> bytes:
    """Nothing in it is ever computed, whatever documents say."""
    texts, book = EXPORT_TEXTS[language], Workbook()
    sheet = book.active
    sheet.title = texts.answer
    for column, width in _WIDTHS.items():
        sheet.column_dimensions[column].width = width
    for row, (label, words) in enumerate(((texts.question, content.question), (texts.answer, content.text)), 1):
        _write(sheet, row, (label, words.strip()), is_bold=False)
        sheet.cell(row, 1).font = Font(bold=True)
        sheet.merge_cells(start_row=row, end_row=row, start_column=2, end_column=len(_WIDTHS))
    _write(sheet, 4, texts.columns, is_bold=True)
    for row, source in enumerate(content.sources, 5):
        _write(sheet, row, (source.number, source.title, source.file, source.where, source.quote), is_bold=False)
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def _write(sheet: Any, row: int, values: Sequence[str | int], *, is_bold: bool) -> None:
    for column, value in enumerate(values, 1):
        cell = sheet.cell(row, column)
        if isinstance(value, str):
            set_text(cell, value)
        else:
            cell.value = value
        cell.alignment = _TOP
        cell.font = Font(bold=is_bold)
