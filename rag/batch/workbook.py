"""XLSX workbooks -> tables, one a sheet. A workbook is a zip of XML from anybody, so it meets limits first."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from rag.batch.questions import MAX_COLUMNS, MAX_ROWS, Table, empty_file, table_of_cells, too_long, too_wide
from rag.errors import DatasetError

_MAX_UNPACKED = 256_000_000
_OLE = b"\xd0\xcf\x11\xe0"  # old .xls, and .xlsx with a password


def read_workbook(data: bytes, where: str, column: str | None) -> Iterator[Table]:
    """A table for each sheet that holds anything; formulas count as what they last came to.

    Raises:
        DatasetError: if the data are no workbook, too large when unpacked, or without anything in them.
    """
    _check(data, where)
    tables = []
    try:
        book = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # what the file says of its own size may be wrong
            place = f"{where} ({sheet.title})"
            rows = _rows(sheet, place)
            if rows:
                tables.append((place, rows))
    except DatasetError:
        raise
    except Exception as error:  # openpyxl meets damage of any kind with whatever Python raises then
        raise _unreadable(where, f"{type(error).__name__}: {error}") from None
    if not tables:
        raise empty_file(where)
    return (table_of_cells(rows, place, column) for place, rows in tables)


def _rows(sheet: Any, where: str) -> list[tuple[int, Sequence[Any]]]:
    """Rows with their numbers; of rows that hold nothing, only those between others."""
    rows: list[tuple[int, Sequence[Any]]] = []
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > MAX_ROWS:  # checked here since a row may claim any number, and those before it come as blank ones
            raise too_long(where)
        width = next((i for i in range(len(cells), 0, -1) if cells[i - 1] is not None), 0)
        if width > MAX_COLUMNS:
            raise too_wide(where)
        if width:
            rows += [(blank, ()) for blank in range(rows[-1][0] + 1 if rows else number, number)]
            rows.append((number, cells[:width]))
    return rows


def _check(data: bytes, where: str) -> None:
    if data.startswith(_OLE):
        raise DatasetError(
            "This is an old .xls workbook, or one with a password.", path=where, hint="Save it as .xlsx without one."
        )
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _unreadable(where, str(error)) from None
    if unpacked > _MAX_UNPACKED:
        raise DatasetError(
            f"The workbook would take {unpacked / 1e6:,.0f} MB unpacked, more than {_MAX_UNPACKED / 1e6:,.0f}.",
            path=where,
            hint="Save the questions as .csv.",
        )


def _unreadable(where: str, reason: str) -> DatasetError:
    return DatasetError(
        f"The workbook cannot be read: {reason}.", path=where, hint="Open it in Excel and save it again as .xlsx."
    )
