"""The tables of Word documents: which cells are merged, which rows are heads (ECMA-376 Part 1, 17.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from docx.oxml.ns import qn
from lxml import etree

from rag.corpus.formats.draft import DraftCell
from rag.corpus.formats.word_text import text_of

_ROW, _CELL = qn("w:tr"), qn("w:tc")
_HEADER = qn("w:tblHeader")
_VALUE = qn("w:val")
_MOST_SPANNED = 100


def head_rows(table: Any) -> int | None:
    """How many rows at the top say that they are repeated on each page; ``None`` if none does."""
    count = 0
    for row in _rows(table):
        if row.find(f"{qn('w:trPr')}/{_HEADER}") is None:
            break
        count += 1
    return count or None


def single_cells(table: Any) -> list[Any]:
    """The cells of a table of one column, which is a frame around text; empty if it has more."""
    rows = [list(_cells(row)) for row in _rows(table)]
    return [cell for row in rows for cell in row] if all(len(row) <= 1 for row in rows) else []


def grid(table: Any) -> Iterator[list[DraftCell | None]]:
    """The cells of each row, ``None`` where a merged one reaches from the left or from above."""
    rows = [[(_span_of(cell), _merge_of(cell), cell) for cell in _cells(row)] for row in _rows(table)]
    starts = [dict(_columns([span for span, _, _ in row])) for row in rows]
    for number, row in enumerate(rows):
        line: list[DraftCell | None] = []
        for span, merge, cell in row:
            column = len(line)
            below = 1
            if merge == "restart":
                while (
                    number + below < len(rows)
                    and _merge_at(rows[number + below], starts[number + below], column) == "continue"
                ):
                    below += 1
            words = text_of(cell)
            line.append(None if merge == "continue" and not words.strip() else DraftCell(words, below, span))
            line += [None] * (span - 1)
        yield line


def _columns(spans: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Column that each cell begins in, and the cell's number."""
    column = 0
    for index, span in enumerate(spans):
        yield column, index
        column += span


def _merge_at(row: Sequence[tuple[int, str, Any]], starts: Mapping[int, int], column: int) -> str:
    return row[starts[column]][1] if column in starts else ""


def _span_of(cell: Any) -> int:
    span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
    value = "" if span is None else span.get(_VALUE) or ""
    return min(int(value), _MOST_SPANNED) if re.fullmatch(r"[1-9]\d{0,2}", value) else 1


def _merge_of(cell: Any) -> str:
    """Whether a merged cell begins here (restart), goes on here (continue), or none is (empty)."""
    merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
    return "" if merge is None else merge.get(_VALUE) or "continue"


def _rows(table: Any) -> Iterator[Any]:
    walk = etree.iterwalk(table, events=("start",))
    for _, child in walk:
        if child.tag == _ROW:
            yield child
            walk.skip_subtree()


def _cells(row: Any) -> Iterator[Any]:
    walk = etree.iterwalk(row, events=("start",))
    for _, child in walk:
        if child.tag == _CELL:
            yield child
            walk.skip_subtree()
