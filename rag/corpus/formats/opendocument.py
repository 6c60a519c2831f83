"""OpenDocument texts, sheets and slides (OASIS ODF 1.3), by zipfile and lxml.

Of the libraries for it, odfpy had its last release in 2020, and odfdo brings classes for all of the format where a walk
over its elements, as Word's are read, is shorter and gives merged cells, lists and places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from rag.corpus.formats.draft import Draft, DraftCell
from rag.corpus.formats.parsed import Parsed
from rag.corpus.formats.zipped import damaged, member, open_zip, unpacked
from rag.errors import DocumentError

_KIND = "an OpenDocument file"
_SKIPPED = frozenset(("tracked-changes", "ruby-text", "deletion", "annotation-end", "forms", "sequence-decls"))
_BESIDE = frozenset(("annotation", "note", "frame", "custom-shape", "text-box"))
_DEEPEST = 30
_MOST_REPEATED = 100
_MOST_CELLS = 1_000_000
_PAGE_NUMBER = re.compile(r"[\d０-９\s\-/ページ頁]+")


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
    writer = _Writer(content)
    for kind in body:
        if _name(kind) == "spreadsheet":
            writer.write_sheets(kind)
        elif _name(kind) == "presentation":
            writer.write_slides(kind)
        elif isinstance(kind.tag, str):
            writer.write(kind)
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
    found = {facts[_name(each)]: each.text or "" for each in meta.iter("{*}title", "{*}initial-creator", "{*}date")}
    return {name: value[:10] if name == "date" else value for name, value in found.items() if value.strip()}


class _Writer:
    """Writes the elements of a content into a draft.

    Attributes:
        draft: what is written.
        title: the words of the paragraph in the style Title.
    """

    def __init__(self, content: Any) -> None:
        self.draft = Draft()
        self.title = ""
        self._parents: dict[str, str] = {}
        self._hidden: set[str] = set()
        for style in content.iter("{*}style"):
            name = _get(style, "name")
            self._parents[name] = _get(style, "parent-style-name")
            properties = style.find("{*}table-properties")
            if properties is not None and _get(properties, "display") == "false":
                self._hidden.add(name)

    def write(self, element: Any, depth: int = 0) -> None:
        """Append what is in an element, in its order."""
        if depth > _DEEPEST:
            return
        for child in element:
            name = _name(child)
            if name == "h":
                self.draft.blank()
                level = _number(child, "outline-level", 1)
                self.draft.line(_words(child), level=max(1, min(level, 9)))
                self._write_beside(child, depth)
            elif name == "p":
                self._write_paragraph(child, depth)
            elif name == "list":
                items = list(_items(child))
                self.draft.items([words for words, _ in items], [level for _, level in items])
            elif name == "table":
                self.draft.blank()
                self._write_table(child)
                self.draft.blank()
            elif name not in _SKIPPED and name:
                self.write(child, depth + 1)

    def write_sheets(self, book: Any) -> None:
        """Append each sheet under its name."""
        for sheet in book.iterchildren("{*}table"):
            inside = _Writer(sheet)
            inside._write_table(sheet, rows_are_lines=True)
            part = inside.draft.parsed()
            if not part.text.strip():
                continue
            name = _get(sheet, "name") + ("（非表示）" if _get(sheet, "style-name") in self._hidden else "")
            self.draft.blank()
            self.draft.place("sheet", name)
            self.draft.line(name, level=1)
            self.draft.parsed_block(part)

    def write_slides(self, show: Any) -> None:
        """Append each slide with its notes."""
        for number, slide in enumerate(show.iterchildren("{*}page"), 1):
            self.draft.blank()
            self.draft.place("slide", str(number))
            frames = sorted(
                slide, key=lambda each: _get(each, "class") != "title" if isinstance(each.tag, str) else True
            )
            for frame in frames:
                if _name(frame) and _get(frame, "class") == "title":
                    words = " ".join(_words(each) for each in frame.iter("{*}p")).strip()
                    self.title = self.title or words
                    self.draft.line(words, level=1)
                elif _name(frame) not in ("", *_SKIPPED):
                    self.write(frame)

    def write_page_texts(self, styles: Any) -> None:
        """Append what stands at the top and bottom of pages, once."""
        found = () if styles is None else styles.iter("{*}header", "{*}footer")
        lines = [_words(each) for part in found for each in part.iter("{*}p")]
        wanted = dict.fromkeys(" ".join(line.split()) for line in lines if not _PAGE_NUMBER.fullmatch(line))
        for line in wanted:
            if line:
                self.draft.blank()
                self.draft.line(line)

    def _write_paragraph(self, paragraph: Any, depth: int) -> None:
        words = _words(paragraph)
        style = _get(paragraph, "style-name")
        is_title = "Title" in (style, self._parents.get(style, ""))
        if is_title and words.strip() and not self.title:
            self.title = " ".join(words.split())
        self.draft.line(words, level=1 if is_title and words.strip() else 0)
        self._write_beside(paragraph, depth)

    def _write_beside(self, paragraph: Any, depth: int) -> None:
        """Text boxes, comments and notes that hang on a paragraph."""
        for each in _beside(paragraph):
            kind = _name(each)
            if kind in ("annotation", "note"):
                words = " ".join(_words(inner) for inner in each.iter("{*}p")).strip()
                self.draft.line(f"（{'コメント' if kind == 'annotation' else '注'}：{words}）" if words else "")
            else:
                self.write(each, depth + 1)

    def _write_table(self, table: Any, *, rows_are_lines: bool = False) -> None:
        rows: list[list[DraftCell | str | None]] = []
        notes: list[str] = []
        count = 0
        for row in _rows(table):
            cells, said = _cells(row)
            notes += said
            count += len(cells)
            if count > _MOST_CELLS:
                raise DocumentError(
                    f"The file has more than {_MOST_CELLS:,} cells.",
                    code="too-many-cells",
                    hint="Split it.",
                    facts={"limit": _MOST_CELLS},
                )
            filled = [cell for cell in cells if isinstance(cell, DraftCell) and cell.words]
            if rows_are_lines and len(filled) == 1 and filled[0].rows == 1 and not _is_covered(rows):
                self.draft.table(rows)
                rows = []
                self.draft.line(filled[0].words)
            elif filled:
                rows += [cells] * min(_number(row, "number-rows-repeated", 1), _MOST_REPEATED)
        self.draft.table(rows)
        for words in notes:
            self.draft.line(words)


def _is_covered(rows: list[list[DraftCell | str | None]]) -> bool:
    """Whether a cell of the rows so far reaches below them."""
    return any(
        isinstance(cell, DraftCell) and cell.rows > len(rows) - number
        for number, row in enumerate(rows[-50:], max(0, len(rows) - 50))
        for cell in row
    )


def _rows(table: Any) -> Iterator[Any]:
    """The rows, those in groups and heads too."""
    for child in table:
        if _name(child) == "table-row":
            yield child
        elif _name(child) in ("table-header-rows", "table-row-group", "table-rows"):
            yield from (row for row in child.iter("{*}table-row"))


def _cells(row: Any) -> tuple[list[DraftCell | str | None], list[str]]:
    cells: list[DraftCell | str | None] = []
    notes: list[str] = []
    for cell in row:
        name = _name(cell)
        if name not in ("table-cell", "covered-table-cell"):
            continue
        repeated = min(_number(cell, "number-columns-repeated", 1), 16_384)
        if name == "covered-table-cell":
            cells += [None] * repeated
            continue
        words = " ".join(_words(each) for each in cell.iter("{*}p", "{*}h") if not _is_in_note(each, cell)).strip()
        for note in cell.iter("{*}annotation"):
            said = " ".join(_words(each) for each in note.iter("{*}p")).strip()
            notes.append(f"（注：{words} → {said}）" if words else f"（注：{said}）")
        spans = (_number(cell, "number-rows-spanned", 1), _number(cell, "number-columns-spanned", 1))
        cells += [DraftCell(words, *spans)] * (min(repeated, _MOST_REPEATED) if words else repeated)
    while cells and (cells[-1] is None or (isinstance(cells[-1], DraftCell) and not cells[-1].words)):
        cells.pop()
    return cells, notes


def _is_in_note(element: Any, cell: Any) -> bool:
    while element is not cell:
        if _name(element) == "annotation":
            return True
        element = element.getparent()
    return False


def _items(element: Any, depth: int = 0) -> Iterator[tuple[str, int]]:
    """The items of a list with how deep they are."""
    for item in element.iterchildren("{*}list-item", "{*}list-header"):
        own = " ".join(_words(each) for each in item.iterchildren("{*}p", "{*}h")).strip()
        if own:
            yield f"・{own}", depth
        for inner in item.iterchildren("{*}list"):
            if depth < _DEEPEST:
                yield from _items(inner, depth + 1)


def _words(paragraph: Any) -> str:
    """What a reader sees of a paragraph, without what hangs on it."""
    pieces = [paragraph.text or ""]
    walk = etree.iterwalk(paragraph, events=("start", "end"))
    for event, each in walk:
        if each is paragraph:
            continue
        if event == "end":
            pieces.append(each.tail or "")
            continue
        name = _name(each)
        if name in _SKIPPED or name in _BESIDE or not name:
            walk.skip_subtree()
        elif name == "s":
            pieces.append(" " * min(_number(each, "c", 1), 100))
        elif name in ("tab", "line-break"):
            pieces.append("\t" if name == "tab" else "\n")
        else:
            pieces.append(each.text or "")
    return "".join(pieces)


def _beside(paragraph: Any) -> Iterator[Any]:
    walk = etree.iterwalk(paragraph, events=("start",))
    for _, each in walk:
        if each is not paragraph and _name(each) in _BESIDE:
            yield each
            walk.skip_subtree()


def _name(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _get(element: Any, name: str) -> str:
    return next((str(value) for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def _number(element: Any, name: str, default: int) -> int:
    value = _get(element, name)
    return int(value) if value.isdecimal() and 0 < len(value) < 8 else default
