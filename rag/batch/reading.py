"""Question files -> QuestionFile: text, CSV, TSV, XLSX, JSON Lines, JSON, standard input."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn

from rag.batch.neutral import restored
from rag.batch.questions import (
    MAX_COLUMNS,
    QUESTION_COLUMNS,
    QuestionFile,
    Table,
    empty_file,
    find_column,
    limited,
    questions_of,
    table_of_cells,
    too_wide,
)
from rag.corpus.charset.encoding import decode
from rag.errors import DatasetError, DocumentError

STANDARD_INPUT = "-"
_MAX_DEPTH = 50
_DELIMITERS = {".csv": ",\t;", ".tsv": "\t,;"}


def read_questions(
    path: str | Path, *, column: str | None = None, id_column: str | None = None, max_mb: float = 64.0
) -> QuestionFile:
    """Read a question file; what it is, its ending tells.

    ``.txt``: one question a line, blank lines skipped. ``.csv``, ``.tsv``, ``.xlsx``: a table; a row without a
    question stays in its place, with an empty text. ``.jsonl``: objects or texts, one a line. ``.json``: a list of
    them, or an object with that list under ``questions``. ``-``: standard input, JSON Lines or one question a line.
    Text may be in any encoding that documents may be in.

    Args:
        path: the file, or ``-``.
        column: name of the column with the questions, if it is none of ``QUESTION_COLUMNS``.
        id_column: name of the column with ids, if it is none of ``ID_COLUMNS``.
        max_mb: larger files are refused, in megabytes (10^6 bytes).

    Raises:
        DatasetError: naming the file, the line or row, and what to do.
    """
    name, data = _read(path, max_mb)
    if not data.strip():
        raise empty_file(name)
    ending = STANDARD_INPUT if str(path) == STANDARD_INPUT else Path(path).suffix.lower()
    if ending not in _TABLES:
        hint = " Save it as .xlsx." if ending in (".xls", ".xlsb", ".ods") else ""
        raise DatasetError(
            f"Questions are not read from {ending or 'files without ending'}.",
            path=name,
            hint=f"Use one of {', '.join(INPUT_ENDINGS)}.{hint}",
        )
    tables = _TABLES[ending](data, name, column)
    first = next(tables)
    chosen = first if _has_questions(first, column) else next((t for t in tables if _has_questions(t, column)), first)
    found = questions_of(chosen, column, id_column)
    return QuestionFile(name, sha256(data).hexdigest(), chosen.columns, *found)


def _has_questions(table: Table, column: str | None) -> bool:
    return find_column(table.columns, column, QUESTION_COLUMNS) is not None


def _read(path: str | Path, max_mb: float) -> tuple[str, bytes]:
    limit = int(max_mb * 1e6)
    try:
        if str(path) == STANDARD_INPUT:
            name, data = "standard input", sys.stdin.buffer.read(limit + 1)
        else:
            with Path(path).open("rb") as file:
                name, data = str(path), file.read(limit + 1)
    except OSError as error:
        raise DatasetError(f"The file cannot be read: {error.strerror or error}.", path=path) from None
    if len(data) > limit:
        raise DatasetError(f"The file is larger than {max_mb:g} MB.", path=name, hint="Cut it into smaller ones.")
    return name, data


def _text(data: bytes, where: str) -> str:
    try:
        return decode(data)[0]
    except DocumentError as error:
        raise DatasetError(error.message, path=where, hint="Save the file as UTF-8.") from None


def _plain(data: bytes, where: str, _column: str | None) -> Iterator[Table]:
    yield _table_of_lines(_text(data, where), where)


def _table_of_lines(text: str, where: str) -> Table:
    lines = ((number, line.strip()) for number, line in enumerate(text.split("\n"), start=1))
    rows = [(number, {"question": line}) for number, line in limited(((n, x) for n, x in lines if x), where)]
    if not rows:
        raise empty_file(where)
    return Table(where, ("question",), rows, named=False)


def _delimited(ending: str) -> Callable[[bytes, str, str | None], Iterator[Table]]:
    def read(data: bytes, where: str, column: str | None) -> Iterator[Table]:
        text = _text(data, where)
        delimiter = _delimiter(text, _DELIMITERS[ending], column)
        yield table_of_cells(_cells(text, where, delimiter), where, column)

    return read


def _delimiter(text: str, candidates: str, column: str | None) -> str:
    """The first that makes a header with a question column of the first line; Excel's choice depends on its locale."""
    head = next((line for line in text.split("\n") if line.strip()), "")
    for delimiter in candidates:
        with suppress(csv.Error):
            names = [name.strip() for name in next(csv.reader([head], delimiter=delimiter), [])]
            if len(names) > 1 and find_column(names, column, QUESTION_COLUMNS) is not None:
                return delimiter
    return candidates[0]


def _cells(text: str, where: str, delimiter: str) -> Iterator[tuple[int, Sequence[str]]]:
    rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in rows:
            yield line, [restored(cell) for cell in cells]
            line = rows.line_num + 1
    except csv.Error as error:
        raise DatasetError(
            f"The row cannot be read: {error}.",
            path=f"{where}:{line}",
            hint='Close each quoted cell, and write a quote inside one twice ("").',
        ) from None


def _json_lines(data: bytes, where: str, _column: str | None) -> Iterator[Table]:
    lines = enumerate(_text(data, where).split("\n"), start=1)
    yield _table_of_records(((n, _parsed(line, where, n)) for n, line in lines if line.strip()), where)


def _json(data: bytes, where: str, _column: str | None) -> Iterator[Table]:
    value = _parsed(_text(data, where), where, None)
    records = value.get("questions") if isinstance(value, dict) else value
    if not isinstance(records, list):
        raise DatasetError("There is no list of questions.", path=where, hint='Write [...] or {"questions": [...]}.')
    yield _table_of_records(enumerate(records, start=1), where)


def _standard_input(data: bytes, where: str, _column: str | None) -> Iterator[Table]:
    text = _text(data, where)
    yield from _json_lines(data, where, None) if _is_json_lines(text) else [_table_of_lines(text, where)]


def _is_json_lines(text: str) -> bool:
    """Whether the first line is an object, or all lines are JSON texts. Then a line that is not JSON is an error."""
    lines = [line for line in text.split("\n") if line.strip()]
    with suppress(ValueError, RecursionError):
        first = json.loads(lines[0]) if lines else None
        return isinstance(first, dict) or all(isinstance(json.loads(line), str) for line in lines)
    return False


def _parsed(text: str, where: str, line: int | None) -> Any:
    """A JSON value.

    Raises:
        DatasetError: naming the line; ``line`` is that of a JSON Lines file.
    """
    try:
        value = json.loads(text, parse_constant=_not_json)
    except json.JSONDecodeError as error:
        place = f"{where}:{line or error.lineno}"
        raise DatasetError(f"This is not JSON: {error.msg}.", path=place, hint=_mend(line)) from None
    except (ValueError, RecursionError) as error:
        place = where if line is None else f"{where}:{line}"
        raise DatasetError(f"This is not JSON that can be used: {error}.", path=place, hint=_mend(line)) from None
    if _is_deeper(value, _MAX_DEPTH):
        place = where if line is None else f"{where}:{line}"
        raise DatasetError(f"Values are nested deeper than {_MAX_DEPTH}.", path=place, hint="Flatten them.")
    return value


def _not_json(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def _mend(line: int | None) -> str:
    return "Mend the file." if line is None else "Write one object or one text in quotes on each line."


def _is_deeper(value: Any, limit: int) -> bool:
    """Whether lists and objects are nested deeper than ``limit``; without recursion, since that is what it guards."""
    level = [value]
    for _ in range(limit):
        level = [
            inner
            for outer in level
            if isinstance(outer, list | dict)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return any(isinstance(value, list | dict) for value in level)


def _table_of_records(records: Iterable[tuple[int, Any]], where: str) -> Table:
    rows: list[tuple[int, dict[str, Any]]] = []
    columns: dict[str, None] = {}
    for place, record in limited(records, where):
        if isinstance(record, str):
            record = {"question": record}
        if not isinstance(record, dict):
            raise DatasetError(
                "The record is neither an object nor a text.",
                path=f"{where}:{place}",
                hint='Write {"question": "…"} or "…".',
            )
        columns.update(dict.fromkeys(record))
        rows.append((place, {name: value for name, value in record.items() if value is not None}))
        if len(columns) > MAX_COLUMNS:
            raise too_wide(where)
    if not rows:
        raise empty_file(where)
    return Table(where, tuple(columns), rows)


def _workbook(data: bytes, where: str, column: str | None) -> Iterator[Table]:
    from rag.batch.workbook import read_workbook

    return read_workbook(data, where, column)


_TABLES: dict[str, Callable[[bytes, str, str | None], Iterator[Table]]] = {
    ".txt": _plain,
    ".csv": _delimited(".csv"),
    ".tsv": _delimited(".tsv"),
    ".xlsx": _workbook,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".json": _json,
    STANDARD_INPUT: _standard_input,
}
INPUT_ENDINGS = tuple(ending for ending in _TABLES if ending != STANDARD_INPUT)
"""What question files may end in."""
