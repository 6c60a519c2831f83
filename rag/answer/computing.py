"""What is computed over a column of numbers: the rows with the extreme value, those beyond a threshold, sums, means.

Only where a column is plainly named and all its numbers count the same thing (weeks are not compared with days); what
the document states itself, in a row of totals, is quoted instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.answer.columns import HEADS_OF, named_columns, question_words
from rag.answer.coverage import Weigh
from rag.answer.evidence import heads_of
from rag.answer.question import Question, WantedType
from rag.answer.table import TextAt, rows_named
from rag.corpus.blocks import Cell, Table
from rag.language.variants import plain

_NUMBER = re.compile(r"[△▲−-]?\s?[¥￥$€£]?\s?(\d[\d,]*(?:\.\d+)?)\s?(千|百万|万|億)?")
_SCALE = {"千": 1e3, "万": 1e4, "百万": 1e6, "億": 1e8}
_TOTALS: Mapping[str, re.Pattern[str]] = {
    "sum": re.compile(r"(?:合\s*計|総\s*計|総\s*額|total|sum)", re.IGNORECASE),
    "mean": re.compile(r"(?:平\s*均|average|mean)", re.IGNORECASE),
}
_TOTAL_ROW = re.compile(r"\s*(?:合\s*計|総\s*計|小\s*計|計|平\s*均|(?:sub)?total|sum|average)\s*", re.IGNORECASE)
_MEANT: tuple[tuple[re.Pattern[str], WantedType], ...] = (
    (re.compile(r"高[いか]|高額|安|expensive|cheap"), "amount"),
    (re.compile(r"長[いか]|短|long|short"), "duration"),
)
"""What an adjective measures, where no column is named."""
_UNIT_KINDS: Mapping[str, WantedType] = {"円": "amount", "人": "count", "名": "count", "%": "percent"}
_LONGEST_UNIT = 6
_Numbers = Mapping[int, tuple[float, str]]
"""Numbers and their units, by row."""


@dataclass(frozen=True, slots=True)
class Computed:
    """What was computed over a column, and the cells it was computed from or that hold it.

    Attributes:
        operation: what was computed; empty where the document states it.
        value: of a sum, a mean or a count, the figure; empty where the cells are the answer.
        cells, rows: those that it comes from, and their rows.
    """

    operation: str
    value: str
    cells: tuple[Cell, ...]
    rows: tuple[int, ...]


def compute(question: Question, table: Table, text_at: TextAt, weigh: Weigh) -> Computed | None:
    """The rows or the figure that a superlative, a threshold, a sum or a mean over a column gives.

    ``None`` where no column of numbers is named, or nothing is to be computed.
    """
    wanted = question.superlative
    if wanted is None or not table.header_rows:
        return None
    if wanted.operation == "count":
        return _count(table, text_at)
    if wanted.against:
        return _against(question, wanted.operation, wanted.against, table, text_at, weigh)
    among = _rows_meant(question, table, text_at)
    columns = [] if among is None else _columns(question, table, text_at, weigh)
    if among is None or not columns:
        return None
    column = columns[0]
    if wanted.operation in _TOTALS:
        stated = _stated(wanted.operation, table, column, text_at)
        if stated is not None:
            return stated
        if _TOTALS[wanted.operation].search(heads_of(table, text_at)[column]):
            return None
    found = []
    for each in columns:
        numbers = {row: number for row, number in _numbers(table, each, text_at).items() if not among or row in among}
        found.append(_computed(wanted.operation, wanted.threshold, wanted.is_inclusive, numbers, table, each))
    first = found[0]
    # Of several columns, as the prices of two seasons, all must say the same.
    return first if first is not None and all(each is not None and each.rows == first.rows for each in found) else None


def _against(
    question: Question, operation: str, against: str, table: Table, text_at: TextAt, weigh: Weigh
) -> Computed | None:
    """The rows whose number is beyond that of another column: the stocks below their reorder point.

    The other column is named, and so is the number's, or there is but one that counts the same. What is counted may
    be another thing in each row.
    """
    heads = heads_of(table, text_at)
    columns = {column: _all_numbers(table, column, text_at) for column in range(table.size[1])}
    limits = [column for column, rows in columns.items() if len(rows) > 1 and plain(against) in plain(heads[column])]
    if len(limits) != 1:
        return None
    limit = columns.pop(limits[0])
    differences = {column: _differences(rows, limit) for column, rows in columns.items()}
    others = [column for column, rows in differences.items() if len(rows) > 1]
    named = _named_columns(question, heads, weigh)
    # 在庫 names the column 在庫数 too, for there is something to compare it with.
    begun = [c for c in others if any(plain(name) in plain(heads[c]) for name in question.names)]
    found = [column for column in named if column in others] or begun or (others if len(others) == 1 else [])
    return _computed(operation, 0.0, False, differences[found[0]], table, found[0]) if found else None


def _named_columns(question: Question, heads: Sequence[str], weigh: Weigh) -> list[int]:
    return named_columns(question, plain(question.text), question_words(question, weigh), heads)


def _differences(numbers: _Numbers, limits: _Numbers) -> dict[int, float]:
    """How far each row's number is above its limit, where both count the same thing or one does not tell what."""
    return {
        row: number - limits[row][0]
        for row, (number, unit) in numbers.items()
        if row in limits and len({unit, limits[row][1], ""}) < 3
    }


def _rows_meant(question: Question, table: Table, text_at: TextAt) -> frozenset[int] | None:
    """The rows that the question is about, none for all of them; ``None`` if it is about one, whose value is meant."""
    if question.superlative is not None and question.superlative.threshold is not None:
        return frozenset()  # its number may stand in a cell
    exact = [row for row in rows_named(question, table, text_at) if not _is_total(table, row, text_at)]
    return None if len(exact) == 1 else frozenset(exact)


def _columns(question: Question, table: Table, text_at: TextAt, weigh: Weigh) -> list[int]:
    """The column of numbers that is named, or those of the kind that an adjective or a unit measures."""
    heads = heads_of(table, text_at)
    numeric = [c for c in range(table.size[1]) if len(_numbers(table, c, text_at)) > 1]
    named = _named_columns(question, heads, weigh)
    found = [column for column in named if column in numeric]
    if found:
        return found[:1]
    kinds = [kind for pattern, kind in _MEANT if pattern.search(question.text)]
    if question.superlative is not None and question.superlative.unit in _UNIT_KINDS:
        kinds.append(_UNIT_KINDS[question.superlative.unit])
    return [c for c in numeric if any(HEADS_OF[kind].search(plain(heads[c])) for kind in kinds)]


def _count(table: Table, text_at: TextAt) -> Computed | None:
    rows = [row for row in table.lines if row >= table.header_rows and not _is_total(table, row, text_at)]
    cells = tuple(cell for row in rows if (cell := table.grid.get((row, 0))) is not None and cell.start < cell.end)
    return Computed("count", str(len(cells)), cells, tuple(rows)) if len(cells) == len(rows) > 1 else None


def _label(table: Table, row: int, text_at: TextAt) -> str:
    first = table.grid.get((row, 0))
    return text_at(first.start, first.end) if first is not None else ""


def _is_total(table: Table, row: int, text_at: TextAt) -> bool:
    return _TOTAL_ROW.fullmatch(_label(table, row, text_at)) is not None


def _stated(operation: str, table: Table, column: int, text_at: TextAt) -> Computed | None:
    """The figure of a row that the document has for it."""
    for row in table.lines:
        label, cell = _label(table, row, text_at), table.grid.get((row, column))
        if row >= table.header_rows and cell is not None and _TOTALS[operation].fullmatch(label.strip()):
            return Computed("", "", (cell,), (row,))
    return None


def _numbers(table: Table, column: int, text_at: TextAt) -> dict[int, float]:
    """The numbers of a column by row, without rows of totals; none if they do not count the same thing."""
    found = _all_numbers(table, column, text_at)
    return {row: number for row, (number, _) in found.items()} if len({unit for _, unit in found.values()}) == 1 else {}


def _all_numbers(table: Table, column: int, text_at: TextAt) -> _Numbers:
    """The numbers of a column by row, without rows of totals, and what each counts."""
    found = {}
    for row in range(table.header_rows, table.size[0]):
        cell = table.grid.get((row, column))
        if cell is None or _is_total(table, row, text_at):
            continue
        number = number_in(text_at(cell.start, cell.end))
        if number is not None:
            found[row] = number
    return found


def number_in(text: str) -> tuple[float, str] | None:
    """The number that a cell holds and its unit; ``None`` if it holds none or words besides."""
    folded = unicodedata.normalize("NFKC", text).strip()
    match = _NUMBER.match(folded)
    if match is None:
        return None
    unit = folded[match.end() :].strip()
    if len(unit) > _LONGEST_UNIT or re.search(r"\d", unit):
        return None
    value = float(match[1].replace(",", "")) * _SCALE.get(match[2] or "", 1.0)
    return (-value if folded[0] in "△▲−-" else value), unit


def _computed(
    operation: str, threshold: float | None, inclusive: bool, numbers: Mapping[int, float], table: Table, column: int
) -> Computed | None:
    def of(rows: Sequence[int], value: str = "") -> Computed:
        return Computed(operation, value, tuple(table.grid[row, column] for row in rows), tuple(rows))

    if len(numbers) < 2:
        return None
    if operation in ("max", "min"):
        best = max(numbers.values()) if operation == "max" else min(numbers.values())
        return of([row for row, number in numbers.items() if number == best])
    if operation in ("above", "below") and threshold is not None:
        sign = 1 if operation == "above" else -1
        beyond = {row: sign * (number - threshold) for row, number in numbers.items()}
        rows = [row for row, distance in beyond.items() if distance > 0 or (inclusive and distance == 0)]
        return of(rows) if rows else None
    if operation in ("sum", "mean"):
        total = sum(numbers.values())
        return of(list(numbers), f"{total / len(numbers) if operation == 'mean' else total:,.10g}")
    return None
