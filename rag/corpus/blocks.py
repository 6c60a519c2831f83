"""Blocks: what the stretches of a document's text are. Paragraphs, lists, steps, tables, questions with answers, …

Offsets are into ``Document.text``, which stays as it was decoded: a Block says what stands there, never other words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal, get_args

Span = tuple[int, int]

BlockKind = Literal["heading", "paragraph", "list", "steps", "table", "pair", "form", "code", "mail-header", "quoted"]

MOST_CELLS = 20_000
"""A table with more is kept in several Blocks, each with the header rows."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: its words are ``text[start:end]``; both are equal where it is empty.

    ``row`` and ``column`` count from 0; ``rows`` and ``columns`` tell how many it covers.
    """

    start: int
    end: int
    row: int
    column: int
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True)
class Table:
    """Cells in the order of the text, without those that only a merged cell covers.

    Attributes:
        cells: each place of the grid is covered by one at most.
        header_rows: rows at the top that name the columns.
        header_columns: columns at the left that name the rows.
    """

    cells: tuple[Cell, ...]
    header_rows: int = 0
    header_columns: int = 1

    @cached_property
    def grid(self) -> Mapping[tuple[int, int], Cell]:
        """The cell at each row and column; a merged one at all that it covers."""
        return {
            (row, column): cell
            for cell in self.cells
            for row in range(cell.row, cell.row + cell.rows)
            for column in range(cell.column, cell.column + cell.columns)
        }

    @cached_property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        rows = max((cell.row + cell.rows for cell in self.cells), default=0)
        return rows, max((cell.column + cell.columns for cell in self.cells), default=0)

    @cached_property
    def in_order(self) -> bool:
        """Whether the cells stand row by row, each row from left to right, none over another's words."""
        filled = [cell for cell in self.cells if cell.start < cell.end]
        return all(a.row <= b.row for a, b in pairwise(self.cells)) and all(
            a.end <= b.start and (a.row, a.column) < (b.row, b.column) for a, b in pairwise(filled)
        )

    def row(self, number: int) -> list[Cell]:
        """The cells of a row from left to right, those that reach into it from above too."""
        found = (self.grid.get((number, column)) for column in range(self.size[1]))
        return list(dict.fromkeys(cell for cell in found if cell is not None))

    @cached_property
    def lines(self) -> Mapping[int, Span]:
        """From where to where the own words of each row stand, by row; rows of empty cells have none."""
        found: dict[int, Span] = {}
        for cell in self.cells:
            if cell.start < cell.end:
                start, end = found.get(cell.row, (cell.start, cell.end))
                found[cell.row] = min(start, cell.start), max(end, cell.end)
        return found


@dataclass(frozen=True, slots=True)
class Block:
    """What ``text[start:end]`` is.

    Attributes:
        start, end: offsets into the document's text, in characters.
        kind: what it is.
        items: of a list or steps, each item with its mark; of a form, each line; of a pair, question and answer.
        depths: how deep each item is nested, from 0.
        intro: the words that lead to a list, a table or steps: a sentence that ends in の次のとおり, a caption.
        table: of a table, its cells.
    """

    start: int
    end: int
    kind: BlockKind
    items: tuple[Span, ...] = ()
    depths: tuple[int, ...] = ()
    intro: Span | None = None
    table: Table | None = None

    def moved(self, by: int) -> Block:
        """The same so many characters later."""
        return replace(
            self,
            start=self.start + by,
            end=self.end + by,
            items=tuple((start + by, end + by) for start, end in self.items),
            intro=self.intro and (self.intro[0] + by, self.intro[1] + by),
            table=self.table
            and replace(
                self.table, cells=tuple(replace(c, start=c.start + by, end=c.end + by) for c in self.table.cells)
            ),
        )

    def to_list(self) -> list[Any]:
        """What JSON can hold, for :meth:`from_list`."""
        table = None
        if self.table is not None:
            cells = [[c.start, c.end, c.row, c.column, c.rows, c.columns] for c in self.table.cells]
            table = [self.table.header_rows, self.table.header_columns, cells]
        return [self.start, self.end, self.kind, list(self.items), list(self.depths), self.intro, table]

    @classmethod
    def from_list(cls, data: Sequence[Any]) -> Block:
        """The Block that :meth:`to_list` wrote.

        Raises:
            ValueError, TypeError: if it is anything else.
        """
        start, end, kind, items, depths, intro, table = data
        if kind not in get_args(BlockKind):
            raise ValueError(f"unknown: {kind!r}")
        return cls(
            int(start),
            int(end),
            kind,
            tuple((int(a), int(b)) for a, b in items),
            tuple(map(int, depths)),
            None if intro is None else (int(intro[0]), int(intro[1])),
            None if table is None else Table(tuple(Cell(*map(int, c)) for c in table[2]), int(table[0]), int(table[1])),
        )

    def spans(self) -> Iterator[Span]:
        """Every stretch it names."""
        yield self.start, self.end
        yield from self.items
        if self.intro is not None:
            yield self.intro
        if self.table is not None:
            yield from ((cell.start, cell.end) for cell in self.table.cells)


def sliced(block: Block) -> Iterator[Block]:
    """A table with very many cells as several Blocks, each with the header; any other Block as it is."""
    table = block.table
    if table is None or len(table.cells) <= MOST_CELLS:
        yield block
        return
    header = [cell for cell in table.cells if cell.row < table.header_rows]
    part: list[Cell] = []
    for cell in table.cells[len(header) :]:
        if len(part) >= MOST_CELLS and cell.row != part[-1].row:
            yield _slice(block, table, header, part)
            part = []
        part.append(cell)
    yield _slice(block, table, header, part)


def _slice(block: Block, table: Table, header: Sequence[Cell], part: Sequence[Cell]) -> Block:
    first = part[0].row
    rows = [replace(cell, row=cell.row - first + table.header_rows) for cell in part]
    return Block(
        min(cell.start for cell in part),
        max(cell.end for cell in part),
        "table",
        intro=block.intro,
        table=Table((*header, *rows), table.header_rows, table.header_columns),
    )
