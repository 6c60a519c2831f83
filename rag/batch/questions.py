"""Tables of any format -> questions: which column holds them, which their ids, which row is the header."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, TypeVar

from rag.errors import DatasetError

QUESTION_COLUMNS = ("question", "質問", "query", "問い", "設問")
ID_COLUMNS = ("id", "番号", "no")
MAX_COLUMNS = 1000
MAX_ROWS = 200_000

T = TypeVar("T")

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Question:
    """One question and all that its row holds.

    Attributes:
        place: the line, row or record of the file, from 1.
        id: from the id column; the question's number, from 1, if there is none. Need not be unique.
        text: the question, with ``\\n`` for all line breaks; empty if the row has none.
        columns: every column of the row by name, the question's own included; absent cells are left out.
    """

    place: int
    id: str
    text: str
    columns: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class QuestionFile:
    """A question file as read.

    Attributes:
        name: its path, or ``standard input``.
        digest: SHA-256 of its bytes, in hexadecimal.
        columns: names of all columns, in the file's order.
        question_column: the column that holds the questions.
        id_column: the column that holds ids, if there is one.
        questions: in the file's order.
    """

    name: str
    digest: str
    columns: tuple[str, ...]
    question_column: str
    id_column: str | None
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Named columns, and rows as place (from 1) and cells by column.

    Attributes:
        where: how a place is named in messages: the file's path, with the sheet's name if there are sheets.
        named: False if the columns' names are ours because the file has no header.
    """

    where: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[int, Mapping[str, Any]]]
    named: bool = True


def table_of_cells(grid: Iterable[tuple[int, Sequence[Any]]], where: str, wanted: str | None) -> Table:
    """A table of rows of cells, as spreadsheets have them.

    The first row that is not blank is the header. A file of one column needs none: without a column named as in
    ``QUESTION_COLUMNS``, every row of it is a question. Blank rows behind the last one are dropped, others stay.

    Args:
        grid: place and cells of each row.
        where: the file, for messages.
        wanted: the name of the question column, if it was given.

    Raises:
        DatasetError: if there are no rows, or too many rows or columns.
    """
    rows = [(place, list(cells)) for place, cells in limited(grid, where)]
    while rows and is_blank(rows[-1][1]):
        rows.pop()
    first = next((i for i, (_, cells) in enumerate(rows) if not is_blank(cells)), None)
    if first is None:
        raise empty_file(where)
    rows = rows[first:]
    width = max(_width(cells) for _, cells in rows)
    if width > MAX_COLUMNS:
        raise too_wide(where)
    header = [cell_text(cell) for cell in rows[0][1]]
    if width == 1 and wanted is None and not any(_key(name) in QUESTION_COLUMNS for name in header):
        return Table(where, ("question",), [(p, _cells(("question",), cells)) for p, cells in rows], named=False)
    columns = _unique(header, width)
    return Table(where, columns, [(place, _cells(columns, cells)) for place, cells in rows[1:]])


def questions_of(
    table: Table, column: str | None, id_column: str | None
) -> tuple[str, str | None, tuple[Question, ...]]:
    """The question column's name, the id column's, and the questions of a table.

    Raises:
        DatasetError: if the table lacks a column, or a question is not text.
    """
    wanted = find_column(table.columns, column, QUESTION_COLUMNS)
    ids = find_column(table.columns, id_column, ID_COLUMNS)
    if wanted is None:
        raise _no_column(table, column, "question", "--column")
    if id_column is not None and ids is None:
        raise _no_column(table, id_column, "id", "--id-column")
    questions = []
    for number, (place, cells) in enumerate(table.rows, start=1):
        text = question_text(cells.get(wanted), f"{table.where}:{place}", wanted)
        identity = cell_text(cells.get(ids)).strip() if ids is not None else ""
        questions.append(Question(place, identity or str(number), text, cells))
    if not questions:
        raise DatasetError("There is a header but no question below it.", path=table.where, hint="Add a row for each.")
    return wanted, ids, tuple(questions)


def find_column(columns: Sequence[str], wanted: str | None, usual: Sequence[str]) -> str | None:
    """The column named ``wanted``, or else the first with one of the usual names; width and case do not matter."""
    if wanted in columns:
        return wanted
    names = usual if wanted is None else (_key(wanted),)
    return next((column for column in columns if _key(column) in names), None)


def question_text(value: Any, where: str, column: str) -> str:
    """A cell as a question.

    Raises:
        DatasetError: if it holds a list or an object.
    """
    if isinstance(value, list | dict):
        raise DatasetError(f"{column!r} is not text.", path=where, hint="Write each question as a text of its own.")
    text = cell_text(value).replace("\r\n", "\n").replace("\r", "\n")
    return _SURROGATE.sub("\ufffd", text)


def cell_text(value: Any) -> str:
    """A cell as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date | time) else str(value)


def is_blank(cells: Iterable[Any]) -> bool:
    """Whether a row holds nothing to read."""
    return not any(cell is not None and cell_text(cell).strip() for cell in cells)


def limited(rows: Iterable[T], where: str) -> Iterator[T]:
    """The rows of a file.

    Raises:
        DatasetError: when there are more than ``MAX_ROWS``.
    """
    for number, row in enumerate(rows, start=1):
        if number > MAX_ROWS:
            raise too_long(where)
        yield row


def too_long(where: str) -> DatasetError:
    """The error for a file of too many rows."""
    return DatasetError(f"There are more than {MAX_ROWS:,} rows.", path=where, hint="Cut the file into smaller ones.")


def too_wide(where: str) -> DatasetError:
    """The error for a table of too many columns."""
    return DatasetError(f"There are more than {MAX_COLUMNS:,} columns.", path=where, hint="Keep those that are needed.")


def empty_file(where: str) -> DatasetError:
    """The error for a file without questions."""
    return DatasetError("The file is empty.", path=where, hint="Write one question a line, or a table with a header.")


def _key(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold().rstrip(".")


def _width(cells: Sequence[Any]) -> int:
    return next((i for i in range(len(cells), 0, -1) if not is_blank(cells[i - 1 : i])), 0)


def _cells(columns: Sequence[str], cells: Sequence[Any]) -> dict[str, Any]:
    return {name: cell for name, cell in zip(columns, cells, strict=False) if cell is not None}


def _unique(names: Sequence[str], width: int) -> tuple[str, ...]:
    """A name for each column: blank ones are numbered, and so are those used before."""
    taken: dict[str, None] = {}
    for i in range(width):
        name = names[i].strip() if i < len(names) else ""
        taken[free_name(name or f"column {i + 1}", taken)] = None
    return tuple(taken)


def free_name(name: str, taken: Iterable[str]) -> str:
    """``name``, or ``name (2)`` and so on if it is taken."""
    used, free, count = set(taken), name, 1
    while free in used:
        count += 1
        free = f"{name} ({count})"
    return free


def _no_column(table: Table, wanted: str | None, kind: str, option: str) -> DatasetError:
    shown = ", ".join(table.columns[:20]) + (", …" if len(table.columns) > 20 else "")
    missing = f"no column {wanted!r}" if wanted is not None else f"no {kind} column ({', '.join(QUESTION_COLUMNS)})"
    has = f"The columns are: {shown}." if table.named else "The file has no header."
    return DatasetError(f"There is {missing}. {has}", path=table.where, hint=f"Name the column with {option}.")
