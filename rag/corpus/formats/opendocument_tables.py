"""Tables of OpenDocument texts and slides: which cells are merged, which rows are heads, tables inside cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from rag.corpus.formats.draft import DraftCell
from rag.corpus.formats.note_marks import without_marks
from rag.corpus.formats.opendocument_styles import name_of, number
from rag.corpus.formats.opendocument_text import BESIDE
from rag.errors import DocumentError

_CELLS = ("table-cell", "covered-table-cell")
MOST_REPEATED = 100
_MOST_CELLS = 1_000_000
_GROUP_NAMES = "rows row-group header-rows columns column-group header-columns"
_GROUPS = frozenset(f"table-{each}" for each in _GROUP_NAMES.split())


def parts_of(table: Any, name: str) -> Iterator[Any]:
    """The rows or columns of a table, those in groups and heads too."""
    walk = etree.iterwalk(table, events=("start",))
    for _, each in walk:
        if name_of(each) == name:
            yield each
        if each is not table and name_of(each) not in _GROUPS:
            walk.skip_subtree()


def head_rows(table: Any) -> int | None:
    """How many rows at the top say that they are repeated on each page; ``None`` if none does."""
    return sum(1 for rows in table.iterchildren("{*}table-header-rows") for _ in parts_of(rows, "table-row")) or None


def single_cells(table: Any) -> list[Any]:
    """The cells of a table of one column, which is a frame around text; empty if it has more."""
    rows = [[each for each in row if name_of(each) in _CELLS] for row in parts_of(table, "table-row")]
    is_frame = all(
        len(row) <= 1 and all(number(each, "number-columns-repeated", 1) == 1 for each in row) for row in rows
    )
    return [cell for row in rows for cell in row] if is_frame else []


def take_tables(table: Any, text: Callable[[Any], str]) -> list[tuple[str, Any]]:
    """Take the tables of several columns out of a table's cells, each with the words that its row begins with."""
    found = []
    for row in list(parts_of(table, "table-row")):
        cells = [each for each in row if name_of(each) == "table-cell"]
        for place, cell in enumerate(cells):
            for inside in [each for each in _tables(cell) if not single_cells(each)]:
                found.append((_words(cells[0], text) if place else "", inside))
                inside.getparent().remove(inside)
    return found


def grid(table: Any, text: Callable[[Any], str]) -> Iterator[list[DraftCell | str | None]]:
    """The cells of each row, ``None`` where a merged one reaches from the left or from above.

    Raises:
        DocumentError: if it has too many.
    """
    count = 0
    for row in parts_of(table, "table-row"):
        cells: list[DraftCell | str | None] = []
        for cell in row:
            if name_of(cell) not in _CELLS:
                continue
            repeated = min(number(cell, "number-columns-repeated", 1), MOST_REPEATED)
            words = _words(cell, text)
            if name_of(cell) == "covered-table-cell":
                cells += [None] * repeated
                continue
            bare, mark = without_marks(words)
            spans = (number(cell, "number-rows-spanned", 1), number(cell, "number-columns-spanned", 1))
            cells += [DraftCell(bare, *spans, mark) if bare.strip() else DraftCell(words, *spans)] * repeated
        copies = min(number(row, "number-rows-repeated", 1), MOST_REPEATED)
        count += len(cells) * copies
        check_cells(count)
        yield from [cells] * copies


def check_cells(count: int) -> None:
    """That no file keeps the reader busy with empty cells that it repeats.

    Raises:
        DocumentError: if there are more than are read of a file.
    """
    if count > _MOST_CELLS:
        raise DocumentError(
            f"The file has more than {_MOST_CELLS:,} cells.",
            code="too-many-cells",
            hint="Split it.",
            facts={"limit": _MOST_CELLS},
        )


def _words(cell: Any, text: Callable[[Any], str]) -> str:
    """The words of the paragraphs of a cell, those of lists and frames of one column too."""
    found = []
    walk = etree.iterwalk(cell, events=("start",))
    for _, each in walk:
        if name_of(each) in BESIDE:
            walk.skip_subtree()
        elif name_of(each) in ("p", "h"):
            found.append(text(each))
            walk.skip_subtree()
    return "\n".join(found).strip()


def _tables(cell: Any) -> Iterator[Any]:
    """The tables that stand in a cell, without those in their own cells."""
    walk = etree.iterwalk(cell, events=("start",))
    for _, child in walk:
        if name_of(child) == "table":
            yield child
            walk.skip_subtree()
