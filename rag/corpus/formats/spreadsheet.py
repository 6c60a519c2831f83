"""Excel files: a sheet a place with its name as heading, a row a line with tabs between cells; by openpyxl."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any
from zipfile import BadZipFile

import openpyxl
from lxml import etree
from openpyxl.utils.exceptions import InvalidFileException

from rag.corpus.formats.draft import Draft
from rag.corpus.formats.office import facts_of
from rag.corpus.formats.parsed import Parsed
from rag.corpus.formats.zipped import damaged, open_zip
from rag.errors import DocumentError

MAX_CELLS = 1_000_000
"""A file with more cells that hold something is refused."""
_MAX_ROWS = 1_100_000  # a sheet of Excel has 1,048,576 at most
_KIND = "an Excel file"
_PERCENT = re.compile(r"0(?:\.(0+))?%")


def read(data: bytes) -> Parsed:
    """All sheets, hidden ones too; of formulas the values that were last saved.

    Raises:
        DocumentError: if it is encrypted, damaged, no Excel file, or has too many cells.
    """
    open_zip(data, _KIND).close()
    try:
        book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except (
        KeyError,
        ValueError,
        AttributeError,
        TypeError,
        InvalidFileException,
        BadZipFile,
        etree.LxmlError,
    ) as error:
        raise damaged(_KIND) from error
    draft = Draft()
    cells = 0
    for sheet in book.worksheets:
        cells += _write_sheet(draft, sheet, MAX_CELLS - cells)
    facts = facts_of(book.properties)
    parsed = draft.parsed(facts.pop("title", ""), facts)
    return replace(parsed, protected=[(0, len(parsed.text))])


def _write_sheet(draft: Draft, sheet: Any, most: int) -> int:
    """Write the rows that hold something; how many cells they have."""
    sheet.reset_dimensions()  # what a file says of its size may be made up
    draft.blank()
    draft.place("sheet", sheet.title)
    count = 0
    heading = sheet.title
    rows: list[list[str]] = []
    for number, row in enumerate(sheet.iter_rows()):
        cells = [_shown(cell) for cell in row]
        count += sum(map(bool, cells))
        if count > most or number > _MAX_ROWS:
            raise DocumentError(
                f"The file has more than {MAX_CELLS:,} cells.",
                code="too-many-cells",
                facts={"limit": MAX_CELLS},
                hint="Split it, or save the sheets with text in them as CSV.",
            )
        if any(cells) and heading:
            draft.line(heading, level=1)  # an empty sheet has none
            heading = ""
        if sum(map(bool, cells)) > 1:
            rows.append(cells)
        else:
            _write_rows(draft, rows)
            rows = []
            draft.line("".join(cells))
    _write_rows(draft, rows)
    return count


def _write_rows(draft: Draft, rows: list[list[str]]) -> None:
    """A table, without columns that are empty throughout at its left."""
    if rows:
        left = min(next(column for column, cell in enumerate(row) if cell) for row in rows)
        draft.table([row[left:] for row in rows])


def _shown(cell: Any) -> str:
    """A cell's value about as Excel shows it."""
    value = cell.value
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, cell.number_format)
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, timedelta):
        return str(value)
    return " ".join(str(value).split())


def _number(value: float, number_format: str | None) -> str:
    percent = _PERCENT.fullmatch(number_format or "")
    if percent:
        return f"{value:.{len(percent[1] or '')}%}"
    return f"{value:.15g}" if isinstance(value, float) else str(value)
