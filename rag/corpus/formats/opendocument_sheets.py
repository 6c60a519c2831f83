"""Sheets of OpenDocument files, written as those of Excel are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from rag.corpus.formats.book import MOST_COVERED, Area, Hidden, SheetCell
from rag.corpus.formats.draft import Draft
from rag.corpus.formats.opendocument_styles import Styles, name_of, number, value
from rag.corpus.formats.opendocument_tables import MOST_REPEATED, check_cells, parts_of
from rag.corpus.formats.opendocument_text import BESIDE, comment_of, take_struck, text_of
from rag.corpus.formats.sheet_tables import note_line, write_rows
from rag.corpus.formats.struck import write_struck

_MOST_COLUMNS = 16_384
_UNSEEN = frozenset(("collapse", "filter"))


@dataclass
class _Sheet:
    rows: list[list[SheetCell]] = field(default_factory=list)
    merged: dict[tuple[int, int], Area] = field(default_factory=dict)
    notes: dict[tuple[int, int], list[str]] = field(default_factory=dict)
    hidden: Hidden = field(default_factory=Hidden)
    struck: list[str] = field(default_factory=list)
    shapes: list[Any] = field(default_factory=list)
    column_styles: list[tuple[range, str]] = field(default_factory=list)


def write_sheet(draft: Draft, table: Any, styles: Styles, write_shape: Callable[[Draft, Any], None]) -> None:
    """Append a sheet: its tables and lines, notes, shapes, and what is struck out.

    Args:
        write_shape: appends what a shape says.

    Raises:
        DocumentError: if it has too many cells.
    """
    sheet = _Sheet(struck=take_struck(table, styles))
    _read(sheet, table, styles)
    about = {row[0].row: row for row in sheet.rows}
    notes = {place: note_line(about.get(place[0], []), place[1], words) for place, words in sorted(sheet.notes.items())}
    write_rows(draft, sheet.rows, sheet.merged, notes, sheet.hidden)
    for words in notes.values():
        draft.line(words)
    for shape in sheet.shapes:
        draft.blank()
        write_shape(draft, shape)
    write_struck(draft, sheet.struck)


def _read(sheet: _Sheet, table: Any, styles: Styles) -> None:
    _read_columns(sheet, table)
    row = cells = 0
    for element in parts_of(table, "table-row"):
        repeated = number(element, "number-rows-repeated", 1)
        if value(element, "visibility") in _UNSEEN:
            sheet.hidden.rows.update(range(row, row + min(repeated, MOST_REPEATED)))
        found = list(_cells(sheet, element, row, styles))
        cells += len(found)
        check_cells(cells)
        if found:
            sheet.rows.append(found)
            for copy in range(row + 1, row + min(repeated, MOST_REPEATED)):
                sheet.rows.append([SheetCell(copy, each.column, each.words) for each in found])
        row += repeated
    for shapes in table.iterchildren("{*}shapes"):
        sheet.shapes += shapes


def _read_columns(sheet: _Sheet, table: Any) -> None:
    column = 0
    for element in parts_of(table, "table-column"):
        last = min(column + number(element, "number-columns-repeated", 1), _MOST_COLUMNS)
        if value(element, "visibility") in _UNSEEN:
            sheet.hidden.columns.update(range(column, last))
        style = value(element, "default-cell-style-name")
        if style:
            sheet.column_styles.append((range(column, last), style))
        column = last


def _cells(sheet: _Sheet, row: Any, number_of_row: int, styles: Styles) -> Iterator[SheetCell]:
    column = 0
    for cell in row.iterchildren("{*}table-cell", "{*}covered-table-cell"):
        repeated = min(number(cell, "number-columns-repeated", 1), _MOST_COLUMNS)
        first, column = column, column + repeated
        if name_of(cell) == "covered-table-cell":
            continue
        _read_beside(sheet, cell, (number_of_row, first), styles)
        words = cell_words(cell, styles)
        if not words:
            continue
        if styles.named("table-cell", _style_of(sheet, row, cell, first)).strikes:
            sheet.struck.append(words)
            continue
        rows, columns = (number(cell, f"number-{kind}-spanned", 1) for kind in ("rows", "columns"))
        if 1 < rows * columns <= MOST_COVERED:
            area = (number_of_row, first, number_of_row + rows - 1, first + columns - 1)
            sheet.merged[number_of_row, first] = area
        for each in range(first, first + min(repeated, MOST_REPEATED)):
            yield SheetCell(number_of_row, each, words)


def _read_beside(sheet: _Sheet, cell: Any, place: tuple[int, int], styles: Styles) -> None:
    """Notes on a cell, and the shapes that are anchored in it."""
    for each in cell:
        if name_of(each) == "annotation":
            words = " ".join(comment_of(each, styles).split())
            if words:
                sheet.notes.setdefault(place, []).append(words)
        elif name_of(each) in BESIDE:
            sheet.shapes.append(each)


def _style_of(sheet: _Sheet, row: Any, cell: Any, column: int) -> str:
    own = value(cell, "style-name") or value(row, "default-cell-style-name")
    return own or next((style for columns, style in sheet.column_styles if column in columns), "")


def cell_words(cell: Any, styles: Styles) -> str:
    """What a cell shows, a paragraph a line; its value if a program has left it to others to show it."""
    lines = [" ".join(text_of(each, styles).split()) for each in cell.iterchildren("{*}p", "{*}h")]
    if lines:
        return "\n".join(filter(None, lines))
    kinds = ("string-value", "date-value", "time-value", "value", "boolean-value")
    return next(filter(None, (value(cell, kind) for kind in kinds)), "")
