"""XLSX workbooks -> tables, one a sheet. A workbook is a zip of XML from anybody, so a process of its own parses it."""

from __future__ import annotations

from collections.abc import Iterator

from rag.batch.questions import MAX_COLUMNS, MAX_ROWS, Table, empty_file, table_of_cells
from rag.corpus.sandbox.process import Sandbox
from rag.errors import DatasetError, DocumentError

SANDBOX = Sandbox()
"""One beside that of documents, so that questions need not wait until a long document is read."""


def read_workbook(data: bytes, where: str, column: str | None) -> Iterator[Table]:
    """A table for each sheet that holds anything; formulas count as what they last came to.

    Raises:
        DatasetError: if the data are no workbook, not to be read within the limits of documents, or empty.
    """
    try:
        sheets = SANDBOX.sheets(data, rows=MAX_ROWS, columns=MAX_COLUMNS)
    except DocumentError as error:
        place = f"{where} ({error.facts['sheet']})" if "sheet" in error.facts else where
        if error.code == "damaged":
            hint = "Open it in Excel and save it again as .xlsx."
            raise DatasetError("The workbook cannot be read: it is damaged, or none.", path=place, hint=hint) from None
        raise DatasetError(error.message, path=place, hint=error.hint) from None
    finally:
        SANDBOX.close()
    if not sheets:
        raise empty_file(where)
    return (table_of_cells(rows, f"{where} ({title})", column) for title, rows in sheets)
