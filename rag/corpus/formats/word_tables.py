"""The tables of Word documents: which cells are merged, which rows are heads (ECMA-376 Part 1, 17.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from docx.oxml.ns import qn
from lxml import etree

from rag.corpus.formats.draft import DraftCell
from rag.corpus.formats.note_marks import without_marks
from rag.corpus.formats.word_text import text_of

_TABLE, _ROW, _CELL = qn("w:tbl"), qn("w:tr"), qn("w:tc")
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


def take_tables(table: Any) -> list[tuple[str, Any]]:
    """Take the tables of several columns out of a table's cells, each with the words that its row begins with."""
    found = []
    for row in list(_rows(table)):
        cells = list(_cells(row))
        for number, cell in enumerate(cells):
            for inside in [each for each in _tables(cell) if not single_cells(each)]:
                found.append(("" if not number else " ".join(text_of(cells[0]).split()), inside))
                inside.getparent().remove(inside)
    return found


def _tables(cell: Any) -> Iterator[Any]:
    """The tables that stand in a cell, without those in their own cells."""
    walk = etree.iterwalk(cell, events=("start",))
    for _, child in walk:
        if child.tag == _TABLE:
            yield child
            walk.skip_subtree()


def grid(table: Any) -> Iterator[list[DraftCell | None]]:
    """The cells of each row, ``None`` where a merged one reaches from the left or from above."""
    found = list(_rows(table))
    rows = [[(_span_of(cell), _merge_of(cell), cell) for cell in _cells(row)] for row in found]
    skipped = [_skipped(row) for row in found]
    starts = [dict(_columns([span for span, _, _ in row], first)) for row, first in zip(rows, skipped, strict=True)]
    for number, row in enumerate(rows):
        line: list[DraftCell | None] = [DraftCell("") for _ in range(skipped[number])]
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
            bare, mark = without_marks(words)
            shown = DraftCell(bare, below, span, mark) if bare.strip() else DraftCell(words, below, span)
            line.append(None if merge == "continue" and not words.strip() else shown)
            line += [None] * (span - 1)
        yield line


def _skipped(row: Any) -> int:
    """How many columns at the left a row leaves out."""
    before = row.find(f"{qn('w:trPr')}/{qn('w:gridBefore')}")
    return _number(before)


def _columns(spans: Sequence[int], column: int) -> Iterator[tuple[int, int]]:
    """Column that each cell begins in, the first in ``column``, and the cell's number."""
    for index, span in enumerate(spans):
        yield column, index
        column += span


def _merge_at(row: Sequence[tuple[int, str, Any]], starts: Mapping[int, int], column: int) -> str:
    return row[starts[column]][1] if column in starts else ""


def _span_of(cell: Any) -> int:
    return _number(cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")) or 1


def _number(element: Any) -> int:
    value = "" if element is None else element.get(_VALUE) or ""
    return min(int(value), _MOST_SPANNED) if re.fullmatch(r"[1-9]\d{0,2}", value) else 0


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
