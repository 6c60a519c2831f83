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
MOST_COVERED = 100_000  # places of one merged cell
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
    """A cell that holds something: where it is, and what it shows, which may have several lines.

    Attributes:
        is_formula: whether it has a formula whose value was never stored; the formula is shown.
    """

    row: int
    column: int
    words: str
    is_formula: bool = False


@dataclass(frozen=True, slots=True)
class _String:
    """What a string says, what of it is struck out, and whether it has runs of letters of their own looks."""

    words: str
    struck: str = ""
    is_rich: bool = False


@dataclass(frozen=True)
class Hidden:
    """The rows and columns of a sheet that are not shown: hidden by hand or by a filter, or of no size."""

    rows: set[int] = field(default_factory=set)
    columns: set[int] = field(default_factory=set)


@dataclass
class Sheet:
    """A sheet: its name, the part it stands in, and whether it is hidden.

    Merged cells, texts of its pages, what is struck out and what is not shown are known once it is read.
    """

    name: str
    part: str
    is_hidden: bool
    merged: dict[tuple[int, int], Area] = field(default_factory=dict)
    page_texts: list[str] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)
    hidden: Hidden = field(default_factory=Hidden)


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
    def _strings(self) -> list[_String]:
        found: list[_String] = []
        for part in self._package.related(self._part, "sharedStrings"):
            found += map(_string, _elements(self._package.data(part), "si"))
        return found

    @cached_property
    def _formats(self) -> list[tuple[str, bool]]:
        """The number format of each style of cells, and whether it strikes out."""
        for part in self._package.related(self._part, "styles"):
            tree = self._package.tree(part)
            if tree is not None:
                own = {
                    _integer(each.get("numFmtId")): each.get("formatCode", "")
                    for each in tree.iterfind("{*}numFmts/{*}numFmt")
                }
                fonts = [_is_on(each.find("{*}strike")) for each in tree.iterfind("{*}fonts/{*}font")]
                return [
                    (own.get(number) or _BUILT_IN.get(number, "General"), font < len(fonts) and fonts[font])
                    for each in tree.iterfind("{*}cellXfs/{*}xf")
                    for number, font in [(_integer(each.get("numFmtId")), _integer(each.get("fontId")))]
                ]
        return []

    def rows(self, sheet: Sheet) -> Iterator[list[SheetCell]]:
        """The cells of each row that holds something; the sheet's merged cells and page texts are read on the way."""
        row = last = -1
        for element in _elements(self._package.data(sheet.part), "col", "row", "mergeCell", "headerFooter"):
            name = etree.QName(element).localname
            if name == "mergeCell":
                _add_merged(sheet, element.get("ref", ""))
            elif name == "headerFooter":
                sheet.page_texts += [each.text or "" for each in element if isinstance(each.tag, str)]
            elif name == "col":
                first = max(last + 1, _integer(element.get("min")) - 1)
                last = max(last, min(_integer(element.get("max")) - 1, _LAST_COLUMN))
                if _is_unseen(element, "width"):
                    sheet.hidden.columns.update(range(first, last + 1))
            else:
                row = _row_number(element, row)
                if _is_unseen(element, "ht"):
                    sheet.hidden.rows.add(row)
                cells = list(self._cells(element, row, sheet.struck))
                if cells:
                    yield cells

    def _cells(self, element: Any, row: int, struck: list[str]) -> Iterator[SheetCell]:
        column = -1
        for cell in element.iterchildren("{*}c"):
            place = _place(cell.get("r", ""))
            column = place[1] if place else column + 1
            string = self._string(cell)
            words, is_formula = self._shown(cell, string)
            if words and self._format(cell)[1] and not (string and string.is_rich):
                struck.append(words)
                continue
            if string and string.struck:
                struck.append(string.struck)
            if words:
                yield SheetCell(row, column, words, is_formula)

    def _string(self, cell: Any) -> _String | None:
        """The string that a cell holds or names."""
        kind = cell.get("t")
        if kind == "inlineStr":
            inside = cell.find("{*}is")
            return None if inside is None else _string(inside)
        number = _integer(cell.findtext("{*}v")) if kind == "s" else len(self._strings)
        return self._strings[number] if number < len(self._strings) else None

    def _shown(self, cell: Any, string: _String | None) -> tuple[str, bool]:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return self._formatted("" if string is None else string.words, cell), False
        value = cell.findtext("{*}v")
        formula = cell.find("{*}f")
        if formula is not None and (value is None or not (value or kind == "str")):
            return f"={' '.join((formula.text or '').split())}", True
        if not value:
            return "", False
        if kind == "s":
            return self._formatted("" if string is None else string.words, cell), False
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
        number_format, _ = self._format(cell)
        if isinstance(value, str) and "@" not in number_format:
            return "\n".join(filter(None, (" ".join(line.split()) for line in value.split("\n"))))
        return shown_value(value, number_format, from_1904=self._from_1904)

    def _format(self, cell: Any) -> tuple[str, bool]:
        style = _integer(cell.get("s"))
        return self._formats[style] if style < len(self._formats) else ("General", False)


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


def _string(element: Any) -> _String:
    """A string without the readings above its words, and without those that are struck out."""
    shown: list[str] = []
    struck: list[str] = []
    is_rich = False
    for each in element.iter("{*}t"):
        parent = each.getparent()
        if etree.QName(parent).localname != "rPh":
            properties = parent.find("{*}rPr")
            is_rich = is_rich or properties is not None
            strikes = properties is not None and _is_on(properties.find("{*}strike"))
            (struck if strikes else shown).append(each.text or "")
    return _String("".join(shown), "".join(struck), is_rich)


def _is_unseen(element: Any, size: str) -> bool:
    """Whether a row or a column is hidden, or has no size (``size`` is the name of the attribute)."""
    return element.get("hidden") in ("1", "true") or element.get(size) in ("0", "0.0")


def _is_on(element: Any) -> bool:
    return element is not None and element.get("val") not in ("0", "false")


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
        if 1 < (area[2] - area[0] + 1) * (area[3] - area[1] + 1) <= MOST_COVERED:
            sheet.merged[start] = area


def _integer(value: str | None) -> int:
    return int(value) if value and value.strip().isdecimal() and len(value) < 10 else 0
