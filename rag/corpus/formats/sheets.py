"""The cells of a workbook as values, for who reads it as a table; as a document ``spreadsheet`` reads it."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from rag.corpus.formats.cells import to_json
from rag.corpus.formats.zipped import damaged, open_zip
from rag.errors import DocumentError

MAX_CHARS = 20_000_000
"""A workbook with more text in its cells is refused, in characters."""
_KIND = "an Excel file"

Rows = list[tuple[int, list[Any]]]
"""Number of each row, from 1, and its cells, those behind the last one that holds something left out."""


def read(data: bytes, rows: int, columns: int) -> list[tuple[str, Rows]]:
    """Title and rows of each sheet that holds anything, as JSON values; of rows that hold nothing, only those between.

    Args:
        rows, columns: workbooks with more are refused.

    Raises:
        DocumentError: if it is no workbook, encrypted, damaged or too large.
    """
    open_zip(data, _KIND).close()
    try:
        book = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
        left, sheets = MAX_CHARS, []
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # what the file says of its own size may be wrong
            found = list(_rows(sheet, rows, columns))
            left -= sum(len(cell) for _, cells in found for cell in cells if isinstance(cell, str))
            if left < 0:
                raise DocumentError(
                    f"The cells hold more than {MAX_CHARS:,} characters.",
                    code="too-many-characters",
                    hint="Cut the file into smaller ones.",
                    facts={"count": MAX_CHARS - left, "limit": MAX_CHARS},
                )
            if found:
                sheets.append((sheet.title, found))
    except (DocumentError, MemoryError):
        raise
    except Exception as error:  # openpyxl meets damage of any kind with whatever Python raises then
        raise damaged(_KIND) from error
    return sheets


def _rows(sheet: Any, most_rows: int, most_columns: int) -> Iterator[tuple[int, list[Any]]]:
    last = 0
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > most_rows:  # checked here since a row may claim any number, and those before it come as blank ones
            raise _too_many("rows", most_rows, sheet.title, "Cut the file into smaller ones.")
        width = next((i for i in range(len(cells), 0, -1) if cells[i - 1] is not None), 0)
        if width > most_columns:
            raise _too_many("columns", most_columns, sheet.title, "Keep those that are needed.")
        if width:
            yield from ((blank, []) for blank in range(last + 1 if last else number, number))
            yield number, [to_json(cell) for cell in cells[:width]]
            last = number


def _too_many(what: str, limit: int, sheet: str, hint: str) -> DocumentError:
    return DocumentError(
        f"There are more than {limit:,} {what}.",
        code="too-many-cells",
        hint=hint,
        facts={"limit": limit, "sheet": sheet},
    )
