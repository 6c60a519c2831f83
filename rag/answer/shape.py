"""How a quote is laid out where it is no running text: a list item by item, rows of a table under its heads."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from rag.answer.evidence import Unit, heads_of
from rag.corpus.blocks import Table

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_MARKS = re.compile(r"\*\*|__|`+|^[ 　]*(?:#{1,6}|[-*+])[ 　]+", re.MULTILINE)
_ITEM = re.compile(r"^[・･•●○◦■□▪◆◇※*+-]\s*")

TextAt = Callable[[int, int], str]


@dataclass(frozen=True, slots=True)
class Shape:
    """A list or some rows, as they are shown.

    Attributes:
        kind: what it is; ``steps`` have an order.
        intro: what leads to a list.
        items: of a list, with their numbers but without other marks.
        heads: over the columns; empty if the table has none.
        rows: of a table, a text for each column.
        marked: row (of ``rows``) and column of each cell that answers.
        label: of a cell, the words that name its row and its column.
    """

    kind: Literal["list", "steps", "table"]
    intro: str = ""
    items: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    marked: tuple[tuple[int, int], ...] = ()
    label: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form; what is empty is left out."""
        return {name: value for name, value in asdict(self).items() if value}


def shown_text(text: str) -> str:
    """A quote as it is shown: without Markdown's marks, comments and the targets of links, cells apart by a stroke."""
    lines = []
    for line in _COMMENT.sub("", text).split("\n"):
        bare = _MARKS.sub("", _LINK.sub(r"\1", line)).strip()
        if re.fullmatch(r"[|:\s-]*", bare):
            continue
        cells = [cell.strip() for cell in re.split(r"\t|\|", bare)]
        lines.append(" | ".join(filter(None, cells)) if len(cells) > 1 else bare)
    return "\n".join(lines)


def shape_of(unit: Unit, columns: tuple[int, ...], text_at: TextAt) -> Shape | None:
    """The layout of a unit; ``None`` where it is running text.

    Args:
        unit: what is shown.
        columns: of a row, those of the cells that answer.
        text_at: the text of its document between two offsets.
    """
    block = unit.block
    if block is None:
        return None
    if block.table is not None and unit.kind in ("row", "list"):
        table = block.table
        rows = [unit.row] if unit.kind == "row" else sorted(row for row in table.lines if row >= table.header_rows)
        return _table(table, rows, columns, text_at)
    if unit.kind not in ("list", "steps"):
        return None
    intro = _line(text_at(*block.intro)) if block.intro is not None else ""
    items = tuple(_ITEM.sub("", _line(text_at(start, end))) for start, end in block.items)
    return Shape("steps" if unit.kind == "steps" else "list", intro, items)


def _table(table: Table, rows: list[int], columns: tuple[int, ...], text_at: TextAt) -> Shape:
    heads = tuple(_line(head) for head in heads_of(table, text_at)) if table.header_rows else ()
    cells = tuple(tuple(_cell(table, row, column, text_at) for column in range(table.size[1])) for row in rows)
    return Shape("table", heads=heads, rows=cells, marked=tuple((0, column) for column in columns))


def _cell(table: Table, row: int, column: int, text_at: TextAt) -> str:
    cell = table.grid.get((row, column))
    return _line(text_at(cell.start, cell.end)) if cell is not None and cell.start < cell.end else ""


def _line(text: str) -> str:
    return " ".join(shown_text(text).split())
