"""The sheets of an Excel file, read cell by cell from its parts (ECMA-376 Part 1, 18).

openpyxl gives either all of a sheet as objects, or its cells in a stream without merged cells, notes and drawings, and
turns dates into Python's, so that how they are shown has to be guessed; here a cell is read as it stands in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from typing import Any

from lxml import etree

from rag.corpus.formats.number_formats import shown_value
from rag.corpus.formats.office import Package

Area = tuple[int, int, int, int]
"""First row and column, last row and column, from 0."""

_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_MOST_MERGED = 100_000
_MOST_COVERED = 100_000  # places of one merged cell
_LAST_ROW, _LAST_COLUMN = 1_048_575, 16_383
_LETTERS = 26
_BUILT_IN = {
    **{1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??"},
    **{5: '"¥"#,##0;-"¥"#,##0', 6: '"¥"#,##0;-"¥"#,##0', 7: '"¥"#,##0.00;-"¥"#,##0.00', 8: '"¥"#,##0.00;-"¥"#,##0.00'},
    **{14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm"},
    **{21: "h:mm:ss", 22: "yyyy/m/d h:mm", 37: "#,##0;-#,##0", 38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00"},
    **{40: "#,##0.00;-#,##0.00", 41: "#,##0;-#,##0;-", 42: '"¥"#,##0;-"¥"#,##0', 43: "#,##0.00;-#,##0.00"},
    **{44: '"¥"#,##0.00;-"¥"#,##0.00', 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@"},
    # Those of Japanese Excel (18.8.30), which a file in another language does not use.
    **dict.fromkeys((27, 36, 50, 57), "ge.m.d"),
    **dict.fromkeys((28, 29, 51, 54, 58), 'ggge"年"m"月"d"日"'),
    **{30: "m/d/yy", 31: 'yyyy"年"m"月"d"日"', 32: 'h"時"mm"分"', 33: 'h"時"mm"分"ss"秒"'},
    **dict.fromkeys((34, 52, 55), 'yyyy"年"m"月"'),
    **dict.fromkeys((35, 53, 56), 'm"月"d"日"'),
}


@dataclass(frozen=True, slots=True)
class SheetCell:
    """A cell that holds something: where it is, and what it shows.

    Attributes:
        is_formula: whether it has a formula whose value was never stored; the formula is shown.
    """

    row: int
    column: int
    words: str
    is_formula: bool = False


@dataclass
class Sheet:
    """A sheet: its name, the part it stands in, and whether it is hidden; merged cells are known once it is read."""

    name: str
    part: str
    is_hidden: bool
    merged: dict[tuple[int, int], Area] = field(default_factory=dict)
    page_texts: list[str] = field(default_factory=list)


class Book:
    """An Excel file.

    Attributes:
        sheets: in the order of their tabs.
    """

    def __init__(self, package: Package, part: str) -> None:
        self._package = package
        self._part = part
        tree = package.tree(part)
        assert tree is not None, "the caller has looked"
        properties = tree.find("{*}workbookPr")
        self._from_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        targets = {each.name: each.target for each in package.relations(part)}
        self.sheets = [
            Sheet(each.get("name", ""), target, each.get("state", "visible") != "visible")
            for each in tree.iterfind("{*}sheets/{*}sheet")
            if (target := targets.get(_identifier(each), "")) in package
        ]

    @cached_property
    def _strings(self) -> list[str]:
        found: list[str] = []
        for part in self._package.related(self._part, "sharedStrings"):
            found += map(_text, _elements(self._package.data(part), "si"))
        return found

    @cached_property
    def _formats(self) -> list[str]:
        """The number format of each style of cells."""
        for part in self._package.related(self._part, "styles"):
            tree = self._package.tree(part)
            if tree is not None:
                own = {
                    _integer(each.get("numFmtId")): each.get("formatCode", "")
                    for each in tree.iterfind("{*}numFmts/{*}numFmt")
                }
                used = [_integer(each.get("numFmtId")) for each in tree.iterfind("{*}cellXfs/{*}xf")]
                return [own.get(number) or _BUILT_IN.get(number, "General") for number in used]
        return []

    def rows(self, sheet: Sheet) -> Iterator[list[SheetCell]]:
        """The cells of each row that holds something; the sheet's merged cells and page texts are read on the way."""
        row = -1
        for element in _elements(self._package.data(sheet.part), "row", "mergeCell", "headerFooter"):
            name = etree.QName(element).localname
            if name == "mergeCell":
                _add_merged(sheet, element.get("ref", ""))
            elif name == "headerFooter":
                sheet.page_texts += [each.text or "" for each in element if isinstance(each.tag, str)]
            else:
                row = _row_number(element, row)
                cells = list(self._cells(element, row))
                if cells:
                    yield cells

    def _cells(self, element: Any, row: int) -> Iterator[SheetCell]:
        column = -1
        for cell in element.iterchildren("{*}c"):
            place = _place(cell.get("r", ""))
            column = place[1] if place else column + 1
            words, is_formula = self._shown(cell)
            if words:
                yield SheetCell(row, column, words, is_formula)

    def _shown(self, cell: Any) -> tuple[str, bool]:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            inside = cell.find("{*}is")
            return self._formatted("" if inside is None else _text(inside), cell), False
        value = cell.findtext("{*}v")
        formula = cell.find("{*}f")
        if formula is not None and (value is None or not (value or kind == "str")):
            return f"={' '.join((formula.text or '').split())}", True
        if not value:
            return "", False
        if kind == "s":
            number = _integer(value)
            return self._formatted(self._strings[number] if number < len(self._strings) else "", cell), False
        if kind in ("str", "e"):
            return self._formatted(value, cell), False
        if kind == "b":
            return ("TRUE" if value.strip() == "1" else "FALSE"), False
        if kind == "d":
            return value.replace("T00:00:00", "").replace("T", " "), False
        try:
            return self._formatted(float(value), cell), False
        except ValueError:
            return " ".join(value.split()), False

    def _formatted(self, value: float | str, cell: Any) -> str:
        style = _integer(cell.get("s"))
        number_format = self._formats[style] if style < len(self._formats) else "General"
        if isinstance(value, str) and "@" not in number_format:
            return " ".join(value.split())
        return shown_value(value, number_format, from_1904=self._from_1904)


def _elements(data: bytes, *names: str) -> Iterator[Any]:
    """The elements of these names, one after the other; each is forgotten before the next comes."""
    wanted = [f"{{*}}{name}" for name in names]
    walk = etree.iterparse(
        BytesIO(data), events=("end",), tag=wanted, resolve_entities=False, no_network=True, load_dtd=False
    )
    for _, element in walk:
        yield element
        element.clear(keep_tail=False)
        while element.getprevious() is not None:
            del element.getparent()[0]


def _text(element: Any) -> str:
    """The words of a string, without the readings above them."""
    pieces = []
    for each in element.iter("{*}t"):
        parent = each.getparent()
        if etree.QName(parent).localname != "rPh":
            pieces.append(each.text or "")
    return "".join(pieces)


def _identifier(sheet: Any) -> str:
    return next((value for name, value in sheet.attrib.items() if name.endswith("}id")), "")


def _row_number(element: Any, before: int) -> int:
    value = element.get("r") or ""
    return int(value) - 1 if re.fullmatch(r"[1-9]\d{0,6}", value) else before + 1


def _place(reference: str) -> tuple[int, int] | None:
    """Row and column, from 0, of a reference such as ``B3``."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * _LETTERS + ord(letter) - ord("A") + 1
    return min(int(match[2]) - 1, _LAST_ROW), min(column - 1, _LAST_COLUMN)


def place_of(reference: str) -> tuple[int, int]:
    """Row and column, from 0, of a reference such as ``$B$3``; the first cell if it is none."""
    return _place(reference.replace("$", "")) or (0, 0)


def _add_merged(sheet: Sheet, reference: str) -> None:
    first, _, last = reference.partition(":")
    start, end = _place(first), _place(last)
    if start and end and len(sheet.merged) < _MOST_MERGED:
        area = (*start, *end)
        if 1 < (area[2] - area[0] + 1) * (area[3] - area[1] + 1) <= _MOST_COVERED:
            sheet.merged[start] = area


def _integer(value: str | None) -> int:
    return int(value) if value and value.strip().isdecimal() and len(value) < 10 else 0
