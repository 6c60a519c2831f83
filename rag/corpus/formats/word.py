"""Word documents: paragraphs a line each, lists, tables, comments, notes, headers and footers; by python-docx."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

import docx
from docx.document import Document as WordDocument
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from lxml import etree

from rag.corpus.formats.draft import Draft
from rag.corpus.formats.drawings import write_drawing
from rag.corpus.formats.note_marks import without_marks
from rag.corpus.formats.office import facts_of, ordinary
from rag.corpus.formats.page_texts import write_page_texts
from rag.corpus.formats.parsed import Parsed
from rag.corpus.formats.struck import write_struck
from rag.corpus.formats.word_notes import notes_of
from rag.corpus.formats.word_numbers import Numbering, depths_of
from rag.corpus.formats.word_struck import is_emptied, struck_styles, take_struck
from rag.corpus.formats.word_styles import level_of, style_levels, style_names, style_of
from rag.corpus.formats.word_tables import grid, head_rows, single_cells, take_tables
from rag.corpus.formats.word_text import LABEL, blocks_of, boxes_of, comments_on, shown, text_of
from rag.corpus.formats.zipped import damaged

_KIND = "a Word document"
_TABLE = qn("w:tbl")
_GRAPHIC = "{http://schemas.openxmlformats.org/drawingml/2006/main}graphicData"
_LONGEST_HEADING = 200
_DEEPEST = 10  # frames within frames
_ARTICLE = re.compile(r"第\s?[0-9０-９一二三四五六七八九十百]+\s?[編章節款条]")
_CONTENTS = re.compile(r"(?:toc|目次) ?\d", re.IGNORECASE)
_TITLE_WITHIN = 2_000  # characters of the text


def read(data: bytes) -> Parsed:
    """Body, text boxes, comments, footnotes and endnotes with their marks; headers and footers once, at the end.

    Raises:
        DocumentError: if it is encrypted, damaged, or no Word document.
    """
    data = ordinary(data, _KIND)
    try:
        document = docx.Document(BytesIO(data))
        writer = _Writer(document)
    except (KeyError, ValueError, AttributeError, PackageNotFoundError, etree.LxmlError) as error:
        raise damaged(_KIND) from error
    styles = struck_styles(document)
    struck = take_struck(document.element.body, styles)
    kinds = notes_of(document.element.body, next(_parts(document, "settings"), None))
    writer.write(document.element.body)
    for notes in kinds:
        for part in _parts(document, f"{notes.kind}s"):
            struck += take_struck(part, styles)
            writer.write_notes(notes.marked(part))
    writer.write_page_texts(_parts(document, "header", "footer"))
    write_struck(writer.draft, struck)
    facts = facts_of(document.core_properties)
    named = facts.pop("title", "")
    parsed = writer.draft.parsed(writer.title, facts, plain=True)
    if not writer.title and named and _bare(named) in _bare(parsed.text[:_TITLE_WITHIN]):
        return writer.draft.parsed(named, facts, plain=True)
    return parsed


class _Writer:
    """Writes the paragraphs and tables of a document into a draft.

    Attributes:
        draft: what is written.
        title: the words of the first paragraphs in the style Title.
    """

    def __init__(self, document: WordDocument) -> None:
        self.draft = Draft()
        self.title = ""
        self._part = document.part
        self._levels = style_levels(document)
        self._numbering = Numbering(document)
        names = style_names(document)
        self._titles = {style for style, name in names.items() if name.lower() == "title"}
        self._contents = {style for style, name in names.items() if _CONTENTS.match(name)}
        self._comments = dict(_comments(document))
        self._items: list[tuple[str, int]] = []
        self._in_title = False
        self._boxes = 0  # around what is being written

    def write(self, element: Any, depth: int = 0) -> None:
        """Append what is in an element: the body, a part with notes, a cell."""
        for block in blocks_of(element):
            if block.tag != _TABLE:
                self._write_paragraph(block)
                continue
            self._end_list()
            cells = single_cells(block)
            if cells and depth < _DEEPEST:
                self.draft.blank()
                for cell in cells:
                    self.write(cell, depth + 1)
                self.draft.blank()
            else:
                self._write_table(block)
        self._end_list()

    def write_notes(self, notes: Iterable[Any]) -> None:
        """Append footnotes or endnotes, with their marks."""
        self.draft.blank()
        for note in notes:
            self.write(note)

    def write_page_texts(self, parts: Iterator[Any]) -> None:
        """Append the lines of headers and footers."""
        lines = (line for part in parts for block in blocks_of(part) for line in _lines(block))
        write_page_texts(self.draft, lines, title=self.title)

    def _write_paragraph(self, paragraph: Any) -> None:
        style, words = style_of(paragraph), text_of(paragraph)
        counts = bool(words.strip()) or is_emptied(paragraph)
        label, left = self._numbering.label(paragraph, style) if counts else ("", 0)
        level = 1 if style in self._titles else level_of(paragraph, self._levels)
        self._note_title(style, words)
        if style in self._contents or _CONTENTS.match(style):
            self._end_list()
            self.draft.line(label + words, reason="navigation")
        elif not words.strip() and is_emptied(paragraph):
            pass  # an item that is struck out counts, and ends no list
        elif label and not level and not _ARTICLE.match(label):
            self._items.append((label + words, left))
        else:
            self._end_list()
            words = label + words
            if level and words.strip():
                self.draft.blank()
            self.draft.line(words, level=level if len(words) <= _LONGEST_HEADING else 0)
        self._write_beside(paragraph)

    def _note_title(self, style: str, words: str) -> None:
        words, _ = without_marks(words.strip())
        if style in self._titles and words.strip() and (self._in_title or not self.title):
            self.title = _joined(self.title, words.strip())
            self._in_title = True
        elif words.strip():
            self._in_title = False

    def _write_beside(self, block: Any) -> None:
        """What hangs on a paragraph or a table: text boxes, charts, SmartArt, comments."""
        boxes = list(boxes_of(block))
        drawn = next(block.iter(_GRAPHIC), None) is not None
        said = [self._comments[name] for name in comments_on(block) if name in self._comments]
        if boxes or drawn or said:
            self._end_list()
        self._boxes += 1
        for box in boxes:
            if self._boxes < _DEEPEST:
                self.write(box, _DEEPEST - 1)
            else:
                self.draft.line(text_of(box))
        self._boxes -= 1
        if drawn:
            write_drawing(self.draft, block, self._related)
        for words in said:
            self.draft.line(words)

    def _write_table(self, table: Any, name: str = "", depth: int = 0) -> None:
        """A row a line, with tabs between its cells; tables inside cells follow, each below what its row is called."""
        if not depth:
            self._label_items(table)
        inside = take_tables(table) if depth < _DEEPEST else []
        self.draft.blank()
        self.draft.line(name)
        self.draft.table(list(grid(table)), header_rows=head_rows(table))
        self.draft.blank()
        self._write_beside(table)
        for name, each in inside:
            self._write_table(each, name, depth + 1)

    def _label_items(self, table: Any) -> None:
        """Note what stands before the items in a table's cells, and numbers that stand alone there."""
        for paragraph in list(shown(table, qn("w:p"), nested=True)):
            if next(paragraph.iterancestors(qn("w:txbxContent")), None) is not None:
                continue  # text boxes are written by themselves
            words = text_of(paragraph)
            has_words = bool(words.strip()) or is_emptied(paragraph)
            if has_words or not any(each.tag == paragraph.tag for each in paragraph.itersiblings(preceding=True)):
                label, _ = self._numbering.label(paragraph, style_of(paragraph))
                if words.strip() or len(label.strip()) > 1:
                    paragraph.set(LABEL, label)

    def _end_list(self) -> None:
        if len(self._items) == 1:
            self.draft.line(self._items[0][0])
        elif self._items:
            self.draft.items([words for words, _ in self._items], depths_of([left for _, left in self._items]))
        self._items = []

    def _related(self, name: str) -> Any:
        relation = self._part.rels.get(name)
        if relation is None or relation.is_external:
            return None
        try:
            return etree.fromstring(relation.target_part.blob, _parser())
        except etree.XMLSyntaxError:
            return None


def _parts(document: WordDocument, *kinds: str) -> Iterator[Any]:
    """The parts of these kinds, which python-docx leaves alone."""
    for relation in document.part.rels.values():
        if relation.reltype.endswith(tuple(f"/{kind}" for kind in kinds)) and not relation.is_external:
            yield etree.fromstring(relation.target_part.blob, _parser())


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True)


def _comments(document: WordDocument) -> Iterator[tuple[str, str]]:
    """What each comment says, by its name."""
    for part in _parts(document, "comments"):
        for comment in part.iterchildren(qn("w:comment")):
            words = " ".join(text_of(comment).split())
            author = comment.get(qn("w:author")) or ""
            if words:
                yield comment.get(qn("w:id")) or "", f"（コメント{f' {author}' if author else ''}：{words}）"


def _lines(block: Any) -> Iterator[str]:
    if block.tag == _TABLE:
        for row in grid(block):
            yield " ".join(cell.words for cell in row if cell is not None)
    else:
        yield text_of(block)
        for box in boxes_of(block):
            yield from text_of(box).split("\n")


def _joined(first: str, second: str) -> str:
    apart = " " if first[-1:].isascii() and second[:1].isascii() and first else ""
    return f"{first}{apart}{second}"


def _bare(words: str) -> str:
    return "".join(words.split())
