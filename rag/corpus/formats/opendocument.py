"""OpenDocument texts, sheets and slides (OASIS ODF 1.3), by zipfile and lxml.

Of the libraries for it, odfpy had its last release in 2020, and odfdo brings classes for all of the format where a walk
over its elements, as Word's are read, is shorter and gives merged cells, lists and places.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lxml import etree

from rag.corpus.formats.draft import Draft
from rag.corpus.formats.note_marks import without_marks
from rag.corpus.formats.opendocument_lists import Numbering
from rag.corpus.formats.opendocument_objects import embed
from rag.corpus.formats.opendocument_sheets import write_sheet
from rag.corpus.formats.opendocument_styles import Styles, name_of, number, value
from rag.corpus.formats.opendocument_tables import grid, head_rows, single_cells, take_tables
from rag.corpus.formats.opendocument_text import (
    SKIPPED,
    beside,
    comment_of,
    note_mark,
    take_struck,
    text_of,
)
from rag.corpus.formats.page_texts import write_page_texts
from rag.corpus.formats.parsed import Parsed
from rag.corpus.formats.sheet_tables import HIDDEN
from rag.corpus.formats.struck import write_struck
from rag.corpus.formats.zipped import damaged, member, open_zip, unpacked
from rag.errors import DocumentError

_KIND = "an OpenDocument file"
_DEEPEST = 30


def read(data: bytes) -> Parsed:
    """A text, a sheet a place, or a slide a place; hidden sheets are marked.

    Raises:
        DocumentError: if it is encrypted, damaged, or no OpenDocument file.
    """
    with open_zip(data, _KIND) as archive:
        names = set(archive.namelist())
        if "META-INF/manifest.xml" in names and b"encryption-data" in member(archive, "META-INF/manifest.xml", _KIND):
            raise DocumentError("The file is protected by a password.", code="encrypted", hint="Save it without one.")
        content = _tree(member(archive, "content.xml", _KIND))
        body = content.find("{*}body")
        if body is None:
            raise damaged(_KIND)
        others = {
            name: _tree(unpacked(archive, archive.getinfo(name)))
            for name in ("styles.xml", "meta.xml")
            if name in names
        }

        def part(name: str) -> Any:
            try:
                return _tree(unpacked(archive, archive.getinfo(name))) if name in names else None
            except DocumentError:
                return None

        embed(content, part)
    for each in list(body.iter("{*}tracked-changes")):
        each.getparent().remove(each)
    common = None if (found := others.get("styles.xml")) is None else found.find("{*}styles")
    writer = _Writer(Styles(common, content), Numbering(common, content))
    for kind in body:
        if name_of(kind) == "spreadsheet":
            writer.write_sheets(kind)
        elif name_of(kind) == "presentation":
            writer.write_slides(kind)
        elif name_of(kind):
            writer.write_text(kind)
    writer.write_page_texts(others.get("styles.xml"))
    facts = _facts(others.get("meta.xml"))
    named = facts.pop("title", "")
    return writer.draft.parsed(writer.title or named, facts, plain=True)


def _tree(data: bytes) -> Any:
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise damaged(_KIND) from error


def _facts(meta: Any) -> dict[str, str]:
    if meta is None:
        return {}
    facts = {"title": "title", "initial-creator": "author", "date": "date"}
    found = {facts[name_of(each)]: each.text or "" for each in meta.iter("{*}title", "{*}initial-creator", "{*}date")}
    return {name: value[:10] if name == "date" else value for name, value in found.items() if value.strip()}


class _Writer:
    """Writes the elements of a content into a draft.

    Attributes:
        draft: what is written.
        title: the words of the paragraph in the style Title.
    """

    def __init__(self, styles: Styles, numbering: Numbering) -> None:
        self.draft = Draft()
        self.title = ""
        self._styles = styles
        self._numbering = numbering
        self._items: list[tuple[str, int]] = []
        self._notes: list[Any] = []
        self._both = False  # footnotes and endnotes

    def write_text(self, text: Any) -> None:
        """Append a text, behind it its notes with their marks and what is struck out."""
        struck = take_struck(text, self._styles)
        self._both = len({value(note, "note-class") for note in text.iter("{*}note")}) > 1
        self.write(text)
        self.draft.blank()
        for note in sorted(self._notes, key=lambda each: value(each, "note-class") == "endnote"):
            words = " ".join(self._text(each).strip() for each in note.iter("{*}p")).strip()
            mark = note_mark(note, both=self._both)
            self.draft.line("" if not words else f"{mark}{words}" if mark else f"（注：{words}）")
        write_struck(self.draft, struck)

    def write(self, element: Any, depth: int = 0) -> None:
        """Append what is in an element, in its order."""
        for child in element:
            self._write_one(child, depth)
        self._end_list()

    def _write_one(self, child: Any, depth: int) -> None:
        name = name_of(child)
        if depth > _DEEPEST or name in SKIPPED or not name:
            return
        if name == "list":
            style = value(child, "style-name")
            self._write_list(child, style, self._numbering.begin(child, style), depth)
            return
        self._end_list()
        if name == "h":
            self._write_heading(child, depth)
        elif name == "p":
            self._write_paragraph(child, depth)
        elif name == "table":
            self._write_table(child, depth)
        elif name == "table-of-content":
            for line in child.iter("{*}p"):
                self.draft.line(self._text(line), reason="navigation")
        elif name in ("note", "annotation"):
            self._write_beside([child], depth)
        else:
            self.write(child, depth + 1)

    def write_sheets(self, book: Any) -> None:
        """Append each sheet under its name."""
        for sheet in book.iterchildren("{*}table"):
            inside = Draft()
            write_sheet(inside, sheet, self._styles, self._write_shape)
            part = inside.parsed()
            if not part.text.strip():
                continue
            name = value(sheet, "name") + (HIDDEN if self._styles.hides_table(value(sheet, "style-name")) else "")
            self.draft.blank()
            self.draft.place("sheet", name)
            self.draft.line(name, level=1)
            self.draft.parsed_block(part)

    def _write_shape(self, draft: Draft, shape: Any) -> None:
        inside = _Writer(self._styles, self._numbering)
        inside._write_one(shape, 0)
        inside._end_list()
        part = inside.draft.parsed()
        if part.text:
            draft.parsed_block(part)

    def write_slides(self, show: Any) -> None:
        """Append each slide with its notes and what is struck out."""
        for count, slide in enumerate(show.iterchildren("{*}page"), 1):
            self.draft.blank()
            self.draft.place("slide", str(count))
            struck = take_struck(slide, self._styles)
            frames = [each for each in slide if name_of(each) not in ("", *SKIPPED)]
            for frame in sorted(frames, key=lambda each: value(each, "class") != "title"):
                if value(frame, "class") == "title":
                    words = " ".join(self._text(each) for each in frame.iter("{*}p")).strip()
                    self.title = self.title or words
                    self.draft.line(words, level=1)
                else:
                    self._write_one(frame, 0)
                    self._end_list()
            write_struck(self.draft, struck)

    def write_page_texts(self, styles: Any) -> None:
        """Append what stands at the top and bottom of pages."""
        found = () if styles is None else styles.iter("{*}header", "{*}footer")
        own = Styles(styles)
        lines = (text_of(each, own) for part in found for each in part.iter("{*}p"))
        write_page_texts(self.draft, lines, title=self.title)

    def _text(self, paragraph: Any) -> str:
        return text_of(paragraph, self._styles, both=self._both)

    def _write_heading(self, heading: Any, depth: int) -> None:
        words, level = self._text(heading), max(1, min(number(heading, "outline-level", 1), 9))
        if words.strip():
            self.draft.blank()
            self.draft.line(self._numbering.heading(heading, level) + words, level=level)
        self._write_beside(beside(heading), depth)

    def _write_paragraph(self, paragraph: Any, depth: int) -> None:
        words = self._text(paragraph)
        is_title = bool(words.strip()) and self._styles.is_title(paragraph)
        if is_title and not self.title:
            self.title = without_marks(" ".join(words.split()))[0]
        self.draft.line(words, level=1 if is_title else 0)
        self._write_beside(beside(paragraph), depth)

    def _write_list(self, element: Any, style: str, counts: dict[int, int], depth: int, level: int = 0) -> None:
        """Collect the items of a list; what stands between them and is none is written where it stands."""
        for item in element.iterchildren("{*}list-item", "{*}list-header"):
            own: list[Any] = []
            numbered = name_of(item) == "list-item"
            for child in [*item, None]:
                name = "" if child is None else name_of(child)
                if name == "p":
                    own.append(child)
                    continue
                if own and (name or child is None):
                    label = self._numbering.label(counts, style, level, item) if numbered else ""
                    numbered = False
                    self._add_item(label, own, level, depth)
                    own = []
                if name == "list" and level < _DEEPEST:
                    self._write_list(child, value(child, "style-name") or style, counts, depth, level + 1)
                elif name and name not in SKIPPED:
                    self._end_list()
                    self._write_one(child, depth + 1)

    def _add_item(self, label: str, paragraphs: list[Any], level: int, depth: int) -> None:
        words = " ".join(self._text(each) for each in paragraphs).strip()
        if words:
            self._items.append((label + words, level))
        for each in paragraphs:
            self._write_beside(beside(each), depth)

    def _end_list(self) -> None:
        if self._items:
            items, self._items = self._items, []
            self.draft.items([words for words, _ in items], [level for _, level in items])

    def _write_beside(self, found: Iterable[Any], depth: int) -> None:
        """Append text boxes and comments that hang on a paragraph or a table; its notes follow at the end."""
        for each in found:
            kind = name_of(each)
            if kind == "note":
                self._notes.append(each)
                continue
            self._end_list()
            if kind != "annotation":
                self.write(each, depth + 1)
            elif words := comment_of(each, self._styles):
                author = " ".join((each.findtext("{*}creator") or "").split())
                self.draft.line(f"（コメント{f' {author}' if author else ''}：{words}）")

    def _write_table(self, table: Any, depth: int, name: str = "") -> None:
        """A row a line; tables inside cells follow, each below what its row is called."""
        self._end_list()
        self.draft.blank()
        cells = single_cells(table)
        if cells:
            for cell in cells:
                self.write(cell, depth + 1)
            self.draft.blank()
            return
        inside = take_tables(table, self._text) if depth < _DEEPEST else []
        self.draft.line(name)
        self.draft.table(list(grid(table, self._text)), header_rows=head_rows(table))
        self.draft.blank()
        self._write_beside(beside(table), depth)
        for name, each in inside:
            self._write_table(each, depth + 1, name)
