"""The numbers that Word puts before paragraphs ("第1条", "(2)"), which the text of the file does not hold.

Numbering definitions are in ECMA-376 Part 1, 17.9; the formats of numbers in 17.18.59.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from lxml import etree

from rag.corpus.formats.shown_numbers import shown_number

_VALUE = qn("w:val")
_STYLE, _STYLE_ID = qn("w:style"), qn("w:styleId")
_NUMBERED, _INDENT = f"{qn('w:pPr')}/{qn('w:numPr')}", f"{qn('w:pPr')}/{qn('w:ind')}"
_LEFT, _START = qn("w:left"), qn("w:start")
_LEVELS = 9
_MAX_STYLES_UP = 20
_BULLET = "・"
_USUAL_STEP = 420
_NEAR = 100


@dataclass(frozen=True, slots=True)
class _Level:
    number_format: str
    text: str
    start: int
    suffix: str
    left: int


@dataclass(slots=True)
class _List:
    """A numbering definition and how far it has counted. Lists of one definition go on counting together."""

    levels: Mapping[int, _Level]
    counts: dict[int, int] = field(default_factory=dict)

    def next(self, level: int) -> str:
        self.counts[level] = self.counts.get(level, self._start(level) - 1) + 1
        for deeper in range(level + 1, _LEVELS):
            self.counts.pop(deeper, None)
        own = self.levels.get(level)
        if own is None:
            return ""
        if own.number_format == "bullet":
            return _BULLET
        label = own.text
        for above in range(_LEVELS):
            if f"%{above + 1}" in label:
                label = label.replace(f"%{above + 1}", self._shown(above))
        return label + own.suffix if label else ""

    def _start(self, level: int) -> int:
        return self.levels[level].start if level in self.levels else 1

    def _shown(self, level: int) -> str:
        number_format = self.levels[level].number_format if level in self.levels else "decimal"
        return shown_number(self.counts.get(level, self._start(level)), number_format)


class Numbering:
    """Counts the numbered paragraphs of a document, which are to be asked for in their order."""

    def __init__(self, document: WordDocument) -> None:
        self._lists: dict[str, _List] = {}
        self._styles = _styles(document)
        self._elements = {each.get(_STYLE_ID) or "": each for each in document.styles.element.iterchildren(_STYLE)}
        self._lefts: dict[str, int] = {}
        for relation in document.part.rels.values():
            if relation.reltype.endswith("/numbering") and not relation.is_external:
                parser = etree.XMLParser(resolve_entities=False, no_network=True)
                self._read(etree.fromstring(relation.target_part.blob, parser))

    def label(self, paragraph: Any, style: str) -> tuple[str, int]:
        """What stands before a paragraph, with the space behind it, and how far it is set in; empty without a number.

        How far is in twentieths of a point, and tells how deep an item is: levels may be lists of their own.
        """
        own = _reference(paragraph)
        inherited = self._styles.get(style, ("", 0))
        number, level = (own[0] or inherited[0], own[1] if own[1] is not None else inherited[1])
        counted = self._lists.get(number)
        if counted is None:
            return "", 0
        shown = counted.levels.get(level)
        left = _left(paragraph) or self._left_of(style) or (shown.left if shown else 0)
        return counted.next(level), left or level * _USUAL_STEP

    def _left_of(self, style: str) -> int:
        if style not in self._lefts:
            element = self._elements.get(style)
            self._lefts[style] = 0 if element is None else _left(element)
        return self._lefts[style]

    def _read(self, numbering: Any) -> None:
        definitions: dict[str, Mapping[int, _Level]] = {}
        shared: dict[str, _List] = {}
        for definition in numbering.iterchildren(qn("w:abstractNum")):
            levels = {
                _integer(each.get(qn("w:ilvl")), 0): _level(each) for each in definition.iterchildren(qn("w:lvl"))
            }
            definitions[definition.get(qn("w:abstractNumId")) or ""] = levels
        for number in numbering.iterchildren(qn("w:num")):
            name = _value(number, "w:abstractNumId")
            restarts = number.find(f"{qn('w:lvlOverride')}/{qn('w:startOverride')}") is not None
            own = _List(definitions.get(name, {}))
            counted = own if restarts else shared.setdefault(name, own)
            self._lists[number.get(qn("w:numId")) or ""] = counted


def _styles(document: WordDocument) -> dict[str, tuple[str, int]]:
    """Number and level of each style that is numbered, its own or that of a style it is based on."""
    own: dict[str, tuple[str, int | None]] = {}
    base: dict[str, str] = {}
    for style in document.styles.element.iterchildren(_STYLE):
        name = style.get(_STYLE_ID) or ""
        own[name] = _reference(style)
        base[name] = _value(style, "w:basedOn")
    found: dict[str, tuple[str, int]] = {}
    for name in own:
        number, level = own[name]
        above = base[name]
        for _ in range(_MAX_STYLES_UP):
            if number or above not in own:
                break
            number, level = own[above][0], level if level is not None else own[above][1]
            above = base[above]
        if number:
            found[name] = (number, level or 0)
    return found


def _reference(element: Any) -> tuple[str, int | None]:
    """Number and level that a paragraph or a style names itself."""
    properties = element.find(_NUMBERED)
    if properties is None:
        return "", None
    level = _value(properties, "w:ilvl")
    return _value(properties, "w:numId"), min(_integer(level, 0), _LEVELS - 1) if level else None


def _level(element: Any) -> _Level:
    suffix = {"nothing": "", "space": " "}.get(_value(element, "w:suff"), " ")
    start = _integer(_value(element, "w:start"), 1)
    return _Level(_value(element, "w:numFmt") or "decimal", _value(element, "w:lvlText"), start, suffix, _left(element))


def _left(element: Any) -> int:
    """How far a paragraph, a style or a level is set in."""
    indent = element.find(_INDENT)
    return 0 if indent is None else _integer(indent.get(_LEFT) or indent.get(_START), 0)


def depths_of(lefts: Sequence[int]) -> list[int]:
    """How deep each item is nested, by how far it is set in."""
    open_lefts: list[int] = []
    depths = []
    for left in lefts:
        while len(open_lefts) > 1 and open_lefts[-1] > left + _NEAR:
            open_lefts.pop()
        if not open_lefts or left > open_lefts[-1] + _NEAR:
            open_lefts.append(left)
        depths.append(len(open_lefts) - 1)
    return depths


def _value(element: Any, name: str) -> str:
    child = element.find(qn(name))
    return "" if child is None else child.get(_VALUE) or ""


def _integer(value: str | None, default: int) -> int:
    return int(value) if value and value.isdecimal() and len(value) < 6 else default
