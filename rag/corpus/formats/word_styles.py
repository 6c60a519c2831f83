"""Which paragraphs of a Word document are headings: those with an outline level, their own or their style's."""

from __future__ import annotations

import re
from typing import Any

from docx.document import Document as WordDocument
from docx.oxml.ns import qn

_VALUE = qn("w:val")
_STYLE, _STYLE_ID, _NAME, _BASED_ON = map(qn, ("w:style", "w:styleId", "w:name", "w:basedOn"))
_OUTLINE, _STYLE_OF = f"{qn('w:pPr')}/{qn('w:outlineLvl')}", f"{qn('w:pPr')}/{qn('w:pStyle')}"
_MAX_STYLES_UP = 20
_MAX_OUTLINE_LEVEL = 8


def style_levels(document: WordDocument) -> dict[str, int]:
    """Heading level of each style that has one, by its id; styles take over what those they are based on say."""
    own: dict[str, int] = {}
    base: dict[str, str] = {}
    for style in document.styles.element.iterchildren(_STYLE):
        name = style.get(_STYLE_ID) or ""
        outline = style.find(_OUTLINE)
        based_on = style.find(_BASED_ON)
        if outline is not None:
            own[name] = _number(outline)
        if based_on is not None:
            base[name] = based_on.get(_VALUE) or ""
    levels: dict[str, int] = {}
    for name in {*own, *base}:
        above, steps = name, 0
        while above not in own and above in base and steps < _MAX_STYLES_UP:
            above, steps = base[above], steps + 1
        if own.get(above, 9) <= _MAX_OUTLINE_LEVEL:
            levels[name] = own[above] + 1
    return levels


def style_names(document: WordDocument) -> dict[str, str]:
    """What each style is called in English, by its id."""
    found = {}
    for style in document.styles.element.iterchildren(_STYLE):
        name = style.find(_NAME)
        found[style.get(_STYLE_ID) or ""] = "" if name is None else name.get(_VALUE) or ""
    return found


def _number(element: Any) -> int:
    value = element.get(_VALUE) or ""
    return int(value) if re.fullmatch(r"\d", value) else 9  # 9 stands for body text


def level_of(paragraph: Any, levels: dict[str, int]) -> int:
    outline = paragraph.find(_OUTLINE)
    if outline is not None:
        own = _number(outline)
        return own + 1 if own <= _MAX_OUTLINE_LEVEL else 0
    return levels.get(style_of(paragraph), 0)


def style_of(paragraph: Any) -> str:
    style = paragraph.find(_STYLE_OF)
    return "" if style is None else style.get(_VALUE) or ""
