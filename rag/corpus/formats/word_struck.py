"""Struck-out words of Word documents, by the properties of their runs and the styles of characters (17.3.2)."""

from __future__ import annotations

from typing import Any

from docx.document import Document as WordDocument
from docx.oxml.ns import qn

_VALUE = qn("w:val")
_RUN, _PROPERTIES, _STYLE, _PARAGRAPH = qn("w:r"), qn("w:rPr"), qn("w:rStyle"), qn("w:p")
_STRIKES = (qn("w:strike"), qn("w:dstrike"))
_TEXTS = {qn("w:t"): None, qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_EMPTIED = "shiori-emptied"


def struck_styles(document: WordDocument) -> frozenset[str]:
    """The styles of characters that strike out, by their ids."""
    found = set()
    for style in document.styles.element.iterchildren(qn("w:style")):
        properties = style.find(_PROPERTIES)
        if style.get(qn("w:type")) == "character" and properties is not None and _strikes(properties):
            found.add(style.get(qn("w:styleId")) or "")
    return frozenset(found)


def take_struck(element: Any, styles: frozenset[str] = frozenset()) -> list[str]:
    """Take the struck-out words out of a part of a Word document: those of runs beside each other together."""
    found: list[str] = []
    last: Any = None
    for properties in _struck_properties(element, styles):
        run = properties.getparent()
        if run is None or run.tag != _RUN:
            continue  # the mark of a paragraph's end
        words = ""
        for child in [each for each in run if each.tag in _TEXTS]:
            words += _TEXTS[child.tag] or child.text or ""
            run.remove(child)
        if not words:
            continue
        before = run.getprevious()
        if found and last is not None and before is last:
            found[-1] += words
        else:
            found.append(words)
        last = run
        paragraph = next(run.iterancestors(_PARAGRAPH), None)
        if paragraph is not None:
            paragraph.set(_EMPTIED, "1")
    return [words for words in found if words.strip()]


def is_emptied(paragraph: Any) -> bool:
    """Whether words were taken out of it: an item that is struck out still counts."""
    return paragraph.get(_EMPTIED) is not None


def _struck_properties(element: Any, styles: frozenset[str]) -> list[Any]:
    wanted = (*_STRIKES, _STYLE) if styles else _STRIKES
    properties = dict.fromkeys(each.getparent() for each in element.iter(*wanted))
    return [each for each in properties if each.tag == _PROPERTIES and _strikes(each, styles)]


def _strikes(properties: Any, styles: frozenset[str] = frozenset()) -> bool:
    told = [each for each in properties if each.tag in _STRIKES]
    if told:
        return any(each.get(_VALUE) not in ("0", "false", "off") for each in told)
    style = properties.find(_STYLE)
    return style is not None and style.get(_VALUE) in styles
