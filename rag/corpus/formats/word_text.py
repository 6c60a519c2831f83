"""What a reader sees of a paragraph of a Word document, and what hangs on it: text boxes, comments, equations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docx.oxml.ns import qn
from lxml import etree

from rag.corpus.formats.equations import equation
from rag.corpus.formats.note_marks import add_note
from rag.corpus.formats.raised import raised

_PARAGRAPH, _TABLE, _RUN = qn("w:p"), qn("w:tbl"), qn("w:r")
_TEXT, _SYMBOL = qn("w:t"), qn("w:sym")
_VALUE = qn("w:val")
_STANDS_FOR = {qn("w:tab"): "\t", qn("w:ptab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
# Deleted text, readings above characters, properties (w:tab is a tab stop there), the older copy of a drawing.
UNSEEN = {
    *map(qn, ("w:del", "w:moveFrom", "w:rt", "w:pPr", "w:tblPr", "w:sectPr", "w:instrText")),
    _FALLBACK,
}
_BOX = qn("w:txbxContent")
_EQUATION = "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath"
_FIELD = qn("w:ffData")
_VANISH = f"{qn('w:rPr')}/{qn('w:vanish')}"
_VERTICAL = f"{qn('w:rPr')}/{qn('w:vertAlign')}"
_COMMENT = qn("w:commentReference")
NOTE_MARK = "shiori-note"
"""What is written in the place of a note's number: an attribute of the element that Word puts it at."""
LABEL = "shiori-label"
"""What stands before a paragraph of a cell, such as the number of an item: an attribute of the paragraph."""
_NOTES = {*map(qn, ("w:footnoteReference", "w:endnoteReference", "w:footnoteRef", "w:endnoteRef"))}
# Characters of the fonts of signs that Word offers for ticks and bullets, which lie in the private area.
_SIGNS = {
    **{0x6C: "●", 0x6E: "■", 0x6F: "□", 0x71: "□", 0x72: "□", 0x75: "◆", 0x76: "❖", 0x9E: "・", 0x9F: "・", 0xA1: "○"},
    **{0xA7: "■", 0xA8: "□", 0xB7: "・", 0xD8: "➢", 0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓", 0xE8: "➔", 0xF0: "⇨"},
    **{0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑", 0x28: "☎", 0x29: "✆", 0x2A: "✉", 0x52: "☑", 0xA3: "☐", 0x22: "✂"},
}


def blocks_of(element: Any) -> Iterator[Any]:
    """Paragraphs and tables in order, whatever they are wrapped in: content controls, tracked insertions."""
    walk = etree.iterwalk(element, events=("start",))
    for _, child in walk:
        if child.tag in (_PARAGRAPH, _TABLE):
            yield child
            walk.skip_subtree()
        elif child.tag in UNSEEN:
            walk.skip_subtree()


def text_of(element: Any) -> str:
    """The words, without the text boxes anchored in them; hidden words are said to be that."""
    pieces: list[str] = []
    hidden = raises = False
    walk = etree.iterwalk(element, events=("start",))
    for _, child in walk:
        tag = child.tag
        if tag in UNSEEN or (tag == _BOX and child is not element):
            walk.skip_subtree()
        elif tag == _RUN:
            is_hidden = _is_on(child.find(_VANISH))
            if is_hidden != hidden:
                pieces.append("（隠し文字：" if is_hidden else "）")
            hidden = is_hidden
            raises = (vertical := child.find(_VERTICAL)) is not None and vertical.get(_VALUE) == "superscript"
        elif tag == _TEXT:
            words = child.text or ""
            pieces.append(raised(words, pieces[-1] if pieces else "") if raises else words)
        elif tag == _SYMBOL:
            pieces.append(_sign(child))
        elif tag == _EQUATION:
            pieces.append(equation(child))
            walk.skip_subtree()
        elif tag in _NOTES:
            add_note(pieces, child.get(NOTE_MARK) or "")
        elif tag == _FIELD:
            pieces.append(_filled_in(child))
            walk.skip_subtree()
        elif tag in _STANDS_FOR:
            pieces.append(_STANDS_FOR[tag])
        elif tag == _PARAGRAPH and child is not element:
            pieces.append(("\n" if pieces else "") + (child.get(LABEL) or ""))
    return "".join([*pieces, "）" if hidden else ""]).replace("（隠し文字：）", "")


def boxes_of(paragraph: Any) -> Iterator[Any]:
    """The text boxes anchored in a paragraph."""
    return shown(paragraph, _BOX, nested=False)


def shown(element: Any, tag: str, *, nested: bool) -> Iterator[Any]:
    """The elements of a kind within another that are shown; with ``nested`` those inside each other too."""
    walk = etree.iterwalk(element, events=("start",))
    for _, child in walk:
        if child.tag in UNSEEN:
            walk.skip_subtree()
        elif child.tag == tag:
            yield child
            if not nested:
                walk.skip_subtree()


def comments_on(element: Any) -> list[str]:
    """The names of the comments that are on it."""
    return [each.get(qn("w:id")) or "" for each in element.iter(_COMMENT)]


def _filled_in(field: Any) -> str:
    """What a field of a form shows that has no words of its own: a tick in a box, the choice of a list."""
    box, choices = field.find(qn("w:checkBox")), field.find(qn("w:ddList"))
    if box is not None:
        checked = box.find(qn("w:checked"))
        return "☑" if _is_on(box.find(qn("w:default")) if checked is None else checked) else "☐"
    if choices is None:
        return ""
    entries = [each.get(_VALUE) or "" for each in choices.iterchildren(qn("w:listEntry"))]
    said = [each.get(_VALUE) or "" for name in ("result", "default") for each in choices.iterchildren(qn(f"w:{name}"))]
    place = int(said[0]) if said and said[0].isdecimal() and len(said[0]) < 6 else 0
    return entries[place] if place < len(entries) else ""


def _is_on(element: Any) -> bool:
    return element is not None and element.get(_VALUE) not in ("0", "false", "off")


def _sign(symbol: Any) -> str:
    try:
        code = int(symbol.get(qn("w:char")) or "", 16)
    except ValueError:
        return ""
    if 0xF000 <= code <= 0xF0FF:
        return _SIGNS.get(code - 0xF000, "")
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
