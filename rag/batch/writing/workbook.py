"""Answers as a workbook: a row a question, its citations linked to a sheet of sources, and back."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink

from rag.batch.questions import Question, QuestionFile, cell_text
from rag.batch.result import Cited, Result
from rag.batch.writing import Rows, Totals
from rag.batch.writing.plain import all_columns, answer_cell, prose_cell, reason_cell

ANSWER_COLUMNS = ("status", "answer", "confidence", "conflict", "reason", "error")
SOURCE_COLUMNS = ("question", "citation", "title", "source", "line", "start", "end", "before", "quote", "after")

# https://support.microsoft.com/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3
_LONGEST_CELL = 32_767
_MOST_LINKS = 65_530
_MOST_DIGITS = 15

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # no character of XML 1.0
_WIDE = {"before", "quote", "after"}
_TOP = Alignment(vertical="top")
_WRAPPED = Alignment(vertical="top", wrap_text=True)
_BOLD = Font(bold=True)
_LINK = Font(color="0563C1", underline="single")


def write_xlsx(path: Path, questions: QuestionFile, totals: Totals, rows: Rows) -> None:
    """Writes the workbook row by row; memory does not grow with the rows, but for their links."""
    book = Workbook(write_only=True)
    answers, sources = _Sheet(book, "Answers"), _Sheet(book, "Sources")
    named = (*ANSWER_COLUMNS, "prose") if totals.prose else ANSWER_COLUMNS
    citations = [f"citation {i + 1}" for i in range(totals.most_citations)]
    columns = all_columns(questions.columns, [*named, *citations])
    ours = dict(zip(named, columns[len(questions.columns) :], strict=False))
    answers.begin(columns, {questions.question_column, *(ours[n] for n in ("answer", "error", "prose") if n in ours)})
    sources.begin(SOURCE_COLUMNS, _WIDE)
    for question, result in rows:
        row, first = answers.rows + 1, sources.rows + 1
        written = [prose_cell(question.text, result)] if totals.prose else []
        answers.append(
            [*_given(question, questions.columns), *_outcome(question.text, result), *written, *_links(result, first)]
        )
        for citation in result.citations:
            sources.append([_Linked(question.id, f"'Answers'!A{row}"), *_source(citation)])
    for sheet in (answers, sources):
        sheet.end()
    book.save(path)


def set_text(cell: Any, text: str) -> None:
    """Have a cell hold text that stays text, whether it looks like a formula or an error or not."""
    text = writable(text)
    cell.value = text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…"
    cell.data_type = "s"


def writable(text: str) -> str:
    """A text as XML can hold it, with the line breaks that it knows."""
    return _UNWRITABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


class _Linked:
    """A text that leads to a place in the workbook."""

    def __init__(self, text: str, location: str) -> None:
        self.text = text
        self.location = location


class _Sheet:
    """One sheet, written from the top."""

    def __init__(self, book: Workbook, title: str) -> None:
        self.rows = 0
        self._sheet = book.create_sheet(title)
        self._columns = 0
        self._wrapped: set[int] = set()
        self._links = 0

    def begin(self, columns: Sequence[str], wide: set[str]) -> None:
        self._columns = len(columns)
        self._sheet.freeze_panes = "A2"
        for i, name in enumerate(columns, start=1):
            self._sheet.column_dimensions[get_column_letter(i)].width = 60 if name in wide else 18
            if name in wide:
                self._wrapped.add(i)
        header = [self._cell(name, _TOP) for name in columns]
        for cell in header:
            cell.font = _BOLD
        self._append(header)

    def append(self, values: Sequence[Any]) -> None:
        self._append(
            [self._cell(value, _WRAPPED if i in self._wrapped else _TOP) for i, value in enumerate(values, start=1)]
        )

    def end(self) -> None:
        self._sheet.auto_filter.ref = f"A1:{get_column_letter(self._columns)}{self.rows}"

    def _append(self, cells: Sequence[Any]) -> None:
        self._sheet.append(cells)
        self.rows += 1

    def _cell(self, value: Any, alignment: Alignment) -> Any:
        cell = WriteOnlyCell(self._sheet)
        if isinstance(value, _Linked):
            set_text(cell, value.text)
            if self._links < _MOST_LINKS:
                self._links += 1
                cell.hyperlink = Hyperlink(ref="", location=value.location)
                cell.font = _LINK
        elif isinstance(value, str):
            set_text(cell, value)
        elif value is not None:
            cell.value = value
        cell.alignment = alignment
        return cell


def _given(question: Question, columns: Sequence[str]) -> list[Any]:
    return [_native(question.columns.get(name)) for name in columns]


def _native(value: Any) -> Any:
    """An input cell in the type that Excel has for it."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, datetime | time) and value.tzinfo is not None:
        return cell_text(value)
    if isinstance(value, int) and not isinstance(value, bool) and len(str(abs(value))) > _MOST_DIGITS:
        return str(value)
    return value if isinstance(value, bool | int | float | date | time | timedelta | None) else cell_text(value)


def _outcome(question: str, result: Result) -> list[Any]:
    answer, reason = answer_cell(question, result), reason_cell(result)
    return [result.status, answer, result.confidence, result.conflict or None, reason, result.error or ""]


def _links(result: Result, first: int) -> list[_Linked]:
    return [
        _Linked(f"[{citation.number}] {citation.place}", f"'Sources'!A{row}")
        for row, citation in enumerate(result.citations, start=first)
    ]


def _source(citation: Cited) -> list[Any]:
    c = citation
    return [c.number, c.title, c.source, c.line, c.start, c.end, c.before, c.quote, c.after]
