"""Excel files: a sheet a place with its name as heading, its tables, notes, text boxes and charts."""

from __future__ import annotations

import re
from dataclasses import replace

from rag.corpus.formats.book import Book, Sheet, SheetCell, place_of
from rag.corpus.formats.draft import Draft
from rag.corpus.formats.drawings import anchored, write_drawing
from rag.corpus.formats.office import Package
from rag.corpus.formats.parsed import Parsed
from rag.corpus.formats.sheet_tables import HIDDEN, note_line, write_rows
from rag.corpus.formats.struck import take_struck_drawn, write_struck
from rag.corpus.formats.zipped import damaged, open_zip
from rag.errors import DocumentError

MAX_CELLS = 1_000_000
"""A file with more cells that hold something is refused."""
_KIND = "an Excel file"
_PAGE_CODE = re.compile(r'&(?:"[^"]*"|K[0-9A-F]{6}|\d{1,3}|[A-Z])', re.IGNORECASE)
_SECTION = re.compile(r"&[LCR]")
_THREAD_NOTICE = re.compile(r"\[(?:Threaded comment|スレッド)[^\]]{0,80}\].*?(?:Comment|コメント)[:：]\s*", re.DOTALL)
_PAGE_ONLY = re.compile(r"(?:page|ページ|of|頁|[-/\s])+", re.IGNORECASE)


def read(data: bytes) -> Parsed:
    """All sheets, those that are hidden marked, as hidden rows and columns are.

    Values are given as they are shown, those of formulas as they were last saved.

    Raises:
        DocumentError: if it is encrypted, damaged, no Excel file, or has too many cells.
    """
    with open_zip(data, _KIND) as archive:
        package = Package(archive)
        main = next(iter(package.related("", "officeDocument")), "")
        tree = package.tree(main) if main else None
        if tree is None or tree.find("{*}sheets") is None:
            raise damaged(_KIND)
        book = Book(package, main)
        draft = Draft()
        cells = 0
        for sheet in book.sheets:
            cells += _write_sheet(draft, book, package, sheet, MAX_CELLS - cells)
        facts = package.facts()
    named = facts.pop("title", "")
    parsed = draft.parsed(named, facts)
    return replace(parsed, protected=[(0, len(parsed.text))])


def _write_sheet(draft: Draft, book: Book, package: Package, sheet: Sheet, most: int) -> int:
    """Write a sheet under its name; how many of its cells hold something."""
    rows: list[list[SheetCell]] = []
    count = 0
    for row in book.rows(sheet):
        count += len(row)
        if count > most:
            raise DocumentError(
                f"The file has more than {MAX_CELLS:,} cells.",
                code="too-many-cells",
                facts={"limit": MAX_CELLS},
                hint="Split it, or save the sheets with text in them as CSV.",
            )
        rows.append(row)
    name = sheet.name + (HIDDEN if sheet.is_hidden else "")
    inside = Draft()
    write_rows(inside, rows, sheet.merged, notes := _notes(package, sheet, rows), sheet.hidden)
    for words in notes.values():
        inside.line(words)
    _write_drawings(inside, package, sheet)
    formulas = sum(cell.is_formula for row in rows for cell in row)
    if formulas:
        inside.blank()
        inside.line(f"（数式のうち {formulas} 個は計算結果が保存されていません。Excel で開いて保存すると入ります。）")
    for words in dict.fromkeys(filter(None, map(_page_text, sheet.page_texts))):
        inside.line(words)
    write_struck(inside, sheet.struck)
    part = inside.parsed()
    if part.text.strip():
        draft.blank()
        draft.place("sheet", name)
        draft.line(name, level=1)  # an empty sheet has none
        draft.parsed_block(part)
    return count


def _notes(package: Package, sheet: Sheet, rows: list[list[SheetCell]]) -> dict[tuple[int, int], str]:
    """What notes and comments say, by row and column, behind the words of their row that say what they are about."""
    found: dict[tuple[int, int], list[str]] = {}
    threaded = package.related(sheet.part, "threadedComment")
    for part in threaded or package.related(sheet.part, "comments"):
        tree = package.tree(part)
        for note in () if tree is None else tree.iter("{*}comment", "{*}threadedComment"):
            words = "".join(each.text or "" for each in note.iter("{*}t", "{*}text") if each.text)
            words = " ".join(_THREAD_NOTICE.sub("", words).split())
            if words:
                found.setdefault(place_of(note.get("ref", "")), []).append(words)
    beside = {row[0].row: row for row in rows}
    return {place: note_line(beside.get(place[0], []), place[1], words) for place, words in sorted(found.items())}


def _write_drawings(draft: Draft, package: Package, sheet: Sheet) -> None:
    for part in package.related(sheet.part, "drawing"):
        tree = package.tree(part)
        targets = {each.name: each.target for each in package.relations(part)}
        if tree is not None:
            sheet.struck += take_struck_drawn(tree)
        for drawn in () if tree is None else anchored(tree):
            draft.blank()
            write_drawing(draft, drawn.element, lambda name, own=targets: package.tree(own.get(name, "")))  # type: ignore[misc]


def _page_text(code: str) -> str:
    """The words of a page's header or footer, without pages' numbers and what else a program fills in."""
    pieces = (" ".join(_PAGE_CODE.sub("", part.replace("&&", "＆")).split()) for part in _SECTION.split(code))
    words = " ".join(filter(None, pieces))
    says_something = re.search(r"[^\W\d_]", words) and not _PAGE_ONLY.fullmatch(words)
    return words if says_something else ""
