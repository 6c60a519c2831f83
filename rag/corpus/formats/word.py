"""Word documents: paragraphs a line each, tables a row a line, headings by their styles; by python-docx."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any

import docx
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from lxml import etree

from rag.corpus.formats.draft import Draft, DraftCell
from rag.corpus.formats.office import facts_of
from rag.corpus.formats.parsed import Parsed
from rag.corpus.formats.word_numbers import Numbering
from rag.corpus.formats.zipped import damaged, open_zip

_KIND = "a Word document"
_MAX_STYLES_UP = 20
_MAX_OUTLINE_LEVEL = 8
_PARAGRAPH, _TABLE, _ROW, _CELL = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc")
_HEADER = qn("w:tblHeader")
_MOST_SPANNED = 100
_TEXT = qn("w:t")
_VALUE = qn("w:val")
_STANDS_FOR = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
# Deleted text, readings above characters, properties (w:tab is a tab stop there), the older copy of a drawing.
_UNSEEN = {
    *map(qn, ("w:del", "w:moveFrom", "w:rt", "w:pPr", "w:rPr", "w:tblPr", "w:sectPr", "w:instrText")),
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}
_BOX = qn("w:txbxContent")


def read(data: bytes) -> Parsed:
    """Body, text boxes, footnotes and endnotes. Headings are paragraphs with an outline level, their own or a style's.

    Raises:
        DocumentError: if it is encrypted, damaged, or no Word document.
    """
    open_zip(data, _KIND).close()
    try:
        document = docx.Document(BytesIO(data))
        levels = _style_levels(document)
        numbering = Numbering(document)
        titles = {style.style_id for style in document.styles if style.name == "Title"}
    except (KeyError, ValueError, AttributeError, etree.LxmlError) as error:
        raise damaged(_KIND) from error
    draft, title = Draft(), ""
    for element in [document.element.body, *_notes(document)]:
        for block in _blocks(element):
            if block.tag == _TABLE:
                _write_table(draft, block)
                continue
            style = _style(block)
            words = _text(block)
            if words.strip():
                words = numbering.label(block, style) + words
            if style in titles and not title:
                title = words
            level = 1 if style in titles else _level(block, levels)
            if level and words.strip():
                draft.blank()
            draft.line(words, level=level if len(words) <= 200 else 0)
            for box in _boxes(block):
                draft.line(_text(box))
    facts = facts_of(document.core_properties)
    return draft.parsed(title or facts.pop("title", ""), facts, plain=True)


def _style_levels(document: WordDocument) -> dict[str, int]:
    """Heading level of each style that has one, by its id; styles take over what those they are based on say."""
    own: dict[str, int] = {}
    base: dict[str, str] = {}
    for style in document.styles.element.iterchildren(qn("w:style")):
        name = style.get(qn("w:styleId")) or ""
        outline = style.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
        based_on = style.find(qn("w:basedOn"))
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


def _number(element: Any) -> int:
    value = element.get(_VALUE) or ""
    return int(value) if re.fullmatch(r"\d", value) else 9  # 9 stands for body text


def _level(paragraph: Any, levels: dict[str, int]) -> int:
    outline = paragraph.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
    if outline is not None:
        own = _number(outline)
        return own + 1 if own <= _MAX_OUTLINE_LEVEL else 0
    return levels.get(_style(paragraph), 0)


def _style(paragraph: Any) -> str:
    style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    return "" if style is None else style.get(_VALUE) or ""


def _notes(document: WordDocument) -> Iterator[Any]:
    """Footnotes and endnotes, which python-docx leaves alone."""
    for relation in document.part.rels.values():
        if relation.reltype.endswith(("/footnotes", "/endnotes")) and not relation.is_external:
            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            yield etree.fromstring(relation.target_part.blob, parser)


def _blocks(element: Any) -> Iterator[Any]:
    """Paragraphs and tables in order, whatever they are wrapped in: content controls, tracked insertions."""
    walk = etree.iterwalk(element, events=("start",))
    for _, child in walk:
        if child.tag in (_PARAGRAPH, _TABLE):
            yield child
            walk.skip_subtree()
        elif child.tag in _UNSEEN:
            walk.skip_subtree()


def _text(element: Any) -> str:
    """What a reader sees of a paragraph, without the text boxes anchored in it."""
    pieces: list[str] = []
    walk = etree.iterwalk(element, events=("start",))
    for _, child in walk:
        if child.tag in _UNSEEN or (child.tag == _BOX and child is not element):
            walk.skip_subtree()
        elif child.tag == _TEXT:
            pieces.append(child.text or "")
        elif child.tag in _STANDS_FOR:
            pieces.append(_STANDS_FOR[child.tag])
        elif child.tag == _PARAGRAPH and child is not element and pieces:
            pieces.append("\n")
    return "".join(pieces)


def _boxes(paragraph: Any) -> Iterator[Any]:
    walk = etree.iterwalk(paragraph, events=("start",))
    for _, child in walk:
        if child.tag in _UNSEEN:
            walk.skip_subtree()
        elif child.tag == _BOX:
            yield child
            walk.skip_subtree()


def _write_table(draft: Draft, table: Any) -> None:
    """A row a line, with tabs between its cells; a table inside a cell is part of the cell."""
    draft.blank()
    draft.table(
        list(_grid(table)),
        header_rows=sum(row.find(f"{qn('w:trPr')}/{_HEADER}") is not None for row in _rows(table)) or None,
    )
    draft.blank()


def _grid(table: Any) -> Iterator[list[DraftCell | None]]:
    """The cells of each row, ``None`` where a merged one reaches from the left or from above."""
    rows = [[(_span_of(cell), _merge_of(cell), cell) for cell in _cells(row)] for row in _rows(table)]
    starts = [dict(_columns([span for span, _, _ in row])) for row in rows]
    for number, row in enumerate(rows):
        line: list[DraftCell | None] = []
        for span, merge, cell in row:
            column = len(line)
            below = 1
            if merge == "restart":
                while (
                    number + below < len(rows)
                    and _merge_at(rows[number + below], starts[number + below], column) == "continue"
                ):
                    below += 1
            words = _text(cell)
            line.append(None if merge == "continue" and not words.strip() else DraftCell(words, below, span))
            line += [None] * (span - 1)
        yield line


def _columns(spans: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Column that each cell begins in, and the cell's number."""
    column = 0
    for index, span in enumerate(spans):
        yield column, index
        column += span


def _merge_at(row: Sequence[tuple[int, str, Any]], starts: Mapping[int, int], column: int) -> str:
    return row[starts[column]][1] if column in starts else ""


def _span_of(cell: Any) -> int:
    span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
    value = "" if span is None else span.get(_VALUE) or ""
    return min(int(value), _MOST_SPANNED) if re.fullmatch(r"[1-9]\d{0,2}", value) else 1


def _merge_of(cell: Any) -> str:
    """Whether a merged cell begins here (restart), goes on here (continue), or none is (empty)."""
    merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
    return "" if merge is None else merge.get(_VALUE) or "continue"


def _rows(table: Any) -> Iterator[Any]:
    walk = etree.iterwalk(table, events=("start",))
    for _, child in walk:
        if child.tag == _ROW:
            yield child
            walk.skip_subtree()


def _cells(row: Any) -> Iterator[Any]:
    walk = etree.iterwalk(row, events=("start",))
    for _, child in walk:
        if child.tag == _CELL:
            yield child
            walk.skip_subtree()
