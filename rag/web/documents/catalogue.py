"""The documents of an index as a table: what is said of each, and the part of it that is shown."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, cast, get_args

from rag.errors import RagError
from rag.library import DEFAULT_ID, RECORD_FILE, Library, Record, RefusedFile, Removals, TakenOut, added_key, added_name

if TYPE_CHECKING:
    from rag.engine import Engine
    from rag.index.store import DocumentInfo

Column = Literal["title", "source", "chars", "passages", "language", "excluded", "indexed"]

ROWS = 50
"""Documents shown at once."""
_LARGEST_FIRST: tuple[Column, ...] = ("chars", "passages", "excluded", "indexed")


@dataclass(frozen=True, slots=True)
class Row:
    """One document.

    Attributes:
        id, source, title, language: as indexed.
        chars, passages: how many it has.
        excluded: share of its characters that no passage holds, in [0, 1].
        indexed: since when the index holds this text of it, ISO 8601 in UTC; empty if that is not known.
        is_added: whether its file was added through the page.
        is_leaving: whether the next update leaves it out.
    """

    id: str
    source: str
    title: str
    language: str
    chars: int
    passages: int
    excluded: float
    indexed: str
    is_added: bool
    is_leaving: bool = False


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All documents of an index.

    Attributes:
        rows: in the order of the index.
        can_change: whether it is known what the index was built from, so that the page can update it.
        removed: documents of the user's own that were taken out and are out.
        refused: files that could not be read, with the name of those that were added.
    """

    rows: tuple[Row, ...] = ()
    can_change: bool = False
    removed: tuple[TakenOut, ...] = ()
    refused: tuple[tuple[RefusedFile, str | None], ...] = ()

    def row(self, document_id: str) -> Row | None:
        """The document with this id."""
        return next((row for row in self.rows if row.id == document_id), None)


@dataclass(frozen=True, slots=True)
class View:
    """Which part of which library's catalogue is shown, and how: page from 0."""

    words: str = ""
    column: Column = "source"
    descending: bool = False
    page: int = 0
    library: str = DEFAULT_ID

    @property
    def order(self) -> str:
        return "descending" if self.descending else "ascending"

    def filtered(self, words: str) -> View:
        return replace(self, words=words, page=0)

    def sorted_by(self, column: object) -> View:
        """By this column, or the other way round if it is that already; not at all by what is none."""
        if column not in get_args(Column):
            return self
        column = cast(Column, column)
        descending = not self.descending if column == self.column else column in _LARGEST_FIRST
        return replace(self, column=column, descending=descending, page=0)

    def turned_to(self, page: object) -> View:
        return replace(self, page=max(0, page)) if isinstance(page, int) else self


@dataclass(frozen=True, slots=True)
class Part:
    """Rows to show: those of one page, the number of the page (from 0), of pages, and of rows that the words fit."""

    rows: Sequence[Row] = field(default_factory=tuple)
    page: int = 0
    pages: int = 1
    found: int = 0


def catalogue_of(engine: Engine, library: Library | None) -> Catalogue:
    """What an Engine serves, and how it got into the index."""
    record, removals = _record_of(engine), _removals_of(library)
    built = engine.info().created
    rows = tuple(_row(document, record, removals, built) for document in engine.documents())
    if record is None or library is None:
        return Catalogue(rows)
    removed = tuple(out for out in removals.removed if (out.file, out.member) in record.left_out)
    gone = {added_key(name) for name in removals.discarded}
    refused = tuple((file, added_name(file.file)) for file in record.refused if file.file not in gone)
    return Catalogue(rows, True, removed, refused)


def _record_of(engine: Engine) -> Record | None:
    try:
        return Record.read(engine.snapshot.folder / RECORD_FILE)
    except (RagError, OSError):
        return None


def _removals_of(library: Library | None) -> Removals:
    try:
        return library.removals() if library is not None else Removals()
    except RagError:
        return Removals()


def _row(document: DocumentInfo, record: Record | None, removals: Removals, built: str) -> Row:
    entry = record.entries.get(document.source) if record else None
    added = added_name(entry.file) if entry else None
    is_leaving = entry is not None and (
        added in removals.discarded or (entry.file, entry.member(document.source)) in removals.keys
    )
    return Row(
        document.id,
        document.source,
        document.title,
        document.language,
        document.chars,
        document.passages,
        document.excluded_chars / document.chars if document.chars else 0.0,
        entry.indexed if entry else built,
        added is not None,
        is_leaving,
    )


def part_of(rows: Sequence[Row], view: View) -> Part:
    """The rows that hold all words of the view in title or file name, sorted, one page of them."""
    words = [_folded(word) for word in view.words.split()]
    found = [row for row in rows if all(word in _folded(f"{row.title}\n{row.source}") for word in words)]
    found.sort(key=_KEYS[view.column], reverse=view.descending)
    pages = max(1, math.ceil(len(found) / ROWS))
    page = min(view.page, pages - 1)
    return Part(found[page * ROWS : (page + 1) * ROWS], page, pages, len(found))


def _folded(text: str) -> str:
    """Without the differences of width, case and composition that nobody means when looking for a name."""
    return unicodedata.normalize("NFKC", text).casefold()


_KEYS: Mapping[Column, Callable[[Row], tuple[str, float]]] = {
    "title": lambda row: (_folded(row.title), 0),
    "source": lambda row: (_folded(row.source), 0),
    "chars": lambda row: ("", row.chars),
    "passages": lambda row: ("", row.passages),
    "language": lambda row: (row.language, 0),
    "excluded": lambda row: ("", row.excluded),
    "indexed": lambda row: (row.indexed, 0),
}
