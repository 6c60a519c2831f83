"""Documents and passages of a Snapshot, in SQLite; beside it each passage's document and language, as arrays."""

from __future__ import annotations

import json
import sqlite3
import threading
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Generic, TypeVar
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from rag.chunking import Passage
from rag.corpus.blocks import Block
from rag.corpus.document import INLINE, Document, Exclusion, Heading, Place
from rag.errors import SnapshotError
from rag.index.filters import EVERYTHING, Filter

STORE_FILE = "documents.sqlite"
PASSAGES_FILE = "passages.npz"
_MOST_RECENT = 10_000
_MOST_PLACES = 1_000
"""Documents whose places are kept."""
_MASKS_KEPT = 16
_MOST_CHARS = 4_000_000
"""Of documents' texts, and of Blocks as they are stored, that are kept: a question asks for them many times."""

K = TypeVar("K")
V = TypeVar("V")

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """What is known of a document without reading its text.

    ``chars`` and ``excluded_chars`` count characters; ``date`` is as ``Document.date``. ``library`` is the name of the
    one that holds it, where several are asked together.
    """

    id: str
    source: str
    title: str
    language: str
    chars: int
    excluded_chars: int
    passages: int
    date: str
    library: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form; ``library`` is left out where there is none."""
        return {name: value for name, value in asdict(self).items() if name != "library" or value}


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage with its row, its document's title, source and places, and the line it starts in (from 1).

    ``library`` is as that of ``DocumentInfo``.
    """

    row: int
    passage: Passage
    source: str
    title: str
    line: int
    places: tuple[Place, ...] = ()
    library: str = ""


def stored_marks(document: Document) -> tuple[str, str]:
    """Headings and exclusions, as the store writes them."""
    headings = json.dumps([[h.start, h.end, h.level] for h in document.headings])
    return headings, json.dumps([[e.start, e.end, e.reason] for e in document.excluded])


def _without(text: str, begin: int, spans: Sequence[tuple[int, int]]) -> str:
    """A stretch of a document that begins at an offset, without these spans of the document, which are in order."""
    kept, position = [], begin
    for start, end in islice(spans, max(0, bisect_left(spans, (begin, begin)) - 1), None):
        if start >= begin + len(text):
            break
        kept.append(text[position - begin : max(start, position) - begin])
        position = max(end, position)
    return "".join([*kept, text[position - begin :]])


class _Kept(Generic[K, V]):
    """What was read last, until all together are too large. Threads may share one."""

    def __init__(self) -> None:
        self._known: dict[K, V] = {}
        self._size = 0

    def __len__(self) -> int:
        return len(self._known)

    def get(self, key: K, read: Callable[[K], tuple[V, int]], most: int) -> V:
        """The value of a key; ``read`` gives it with its size if it is not known, ``most`` is the size of all."""
        known = self._known.get(key)
        if known is None:
            known, size = read(key)
            if self._size + size > most:
                self._known, self._size = {}, 0
            self._known[key] = known
            self._size += size
        return known


class Store:
    """Reads a store. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / STORE_FILE
        self._lock = threading.Lock()
        self._recent: dict[int, StoredPassage] = {}
        self._places: _Kept[int, tuple[Place, ...]] = _Kept()
        self._texts: _Kept[str, str] = _Kept()
        self._parsed_blocks: _Kept[int, Block] = _Kept()
        try:
            self._db = sqlite3.connect(
                f"{self._path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
            with np.load(folder / PASSAGES_FILE, allow_pickle=False) as passages:
                self.passage_documents: npt.NDArray[np.int32] = passages["documents"]
                self.passage_languages: npt.NDArray[np.int16] = passages["languages"]
                self.languages: tuple[str, ...] = tuple(passages["names"].tolist())
        except (sqlite3.Error, OSError, ValueError, KeyError, BadZipFile) as error:
            raise SnapshotError(
                f"The documents of the index cannot be read ({error}).",
                path=self._path,
                hint="Build it again with `rag build`.",
            ) from None
        self._masks: dict[Filter, Mask] = {}
        self.rows_by_language = tuple(
            np.flatnonzero(self.passage_languages == code) for code in range(len(self.languages))
        )

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _query(self, sql: str, values: Iterable[object] = ()) -> list[tuple]:  # type: ignore[type-arg]
        with self._lock:
            return self._db.execute(sql, tuple(values)).fetchall()

    def document(self, document_id: str) -> Document:
        """The document with this id.

        Raises:
            SnapshotError: if the index has none.
        """
        rows = self._query(
            "SELECT row, source, title, text, language, headings, excluded, metadata FROM documents WHERE id=?",
            [document_id],
        )
        if not rows:
            raise SnapshotError(f"The index has no document {document_id!r}.", hint="`rag info` lists the documents.")
        row, source, title, text, language, headings, excluded, metadata = rows[0]
        return Document(
            source,
            title,
            text,
            language,
            tuple(Heading(*h) for h in json.loads(headings)),
            tuple(Exclusion(*e) for e in json.loads(excluded)),
            json.loads(metadata),
            self._places_of(row),
            self._blocks(row, 0, len(text)),
        )

    def _places_of(self, document: int) -> tuple[Place, ...]:
        """Pages, slides, … of the document at this row; those of the last documents are kept."""
        return self._places.get(document, self._read_places, _MOST_PLACES)

    def _read_places(self, document: int) -> tuple[tuple[Place, ...], int]:
        rows = self._query("SELECT start, kind, label FROM places WHERE document=? ORDER BY start", [document])
        return tuple(Place(*row) for row in rows), 1

    def blocks(self, document_id: str, start: int, end: int) -> tuple[Block, ...]:
        """The Blocks of a document that the stretch ``[start, end)`` touches, in order."""
        rows = self._query("SELECT row FROM documents WHERE id=?", [document_id])
        return self._blocks(rows[0][0], start, end) if rows else ()

    def date(self, document_id: str) -> str:
        """The date of a document, as ``Document.date``."""
        rows = self._query("SELECT date FROM documents WHERE id=?", [document_id])
        return str(rows[0][0]) if rows else ""

    def text(self, document_id: str, start: int, end: int) -> str:
        """What stands in a document between two offsets."""
        return self._texts.get(document_id, self._read_text, _MOST_CHARS)[start:end]

    def _read_text(self, document_id: str) -> tuple[str, int]:
        rows = self._query("SELECT text FROM documents WHERE id=?", [document_id])
        text = str(rows[0][0]) if rows else ""
        return text, len(text)

    def _blocks(self, document: int, start: int, end: int) -> tuple[Block, ...]:
        rows = self._query(
            'SELECT rowid FROM blocks WHERE document=? AND start<? AND "end">? ORDER BY start, "end" DESC',
            [document, end, start],
        )
        return tuple(self._parsed_blocks.get(row, self._read_block, _MOST_CHARS) for (row,) in rows)

    def _read_block(self, row: int) -> tuple[Block, int]:
        ((data,),) = self._query("SELECT data FROM blocks WHERE rowid=?", [row])
        return Block.from_list(json.loads(data)), len(data)

    def documents(self) -> list[DocumentInfo]:
        """All documents, in the order of the index."""
        rows = self._query(
            "SELECT id, source, title, language, chars, excluded_chars,"
            " (SELECT count(*) FROM passages WHERE document=documents.row), date FROM documents ORDER BY row"
        )
        return [DocumentInfo(*row) for row in rows]

    def digests(self) -> dict[str, str]:
        """SHA-256 of each document as indexed, by source."""
        return dict(self._query("SELECT source, sha256 FROM documents"))

    def embedded(self) -> Iterator[tuple[int, bytes]]:
        """Row and digest of the embedded text of each passage."""
        yield from self._query("SELECT row, embedded FROM passages ORDER BY row")

    def passages_of(self, document: Document, sha256: str) -> list[Passage] | None:
        """All passages of a document; ``None`` unless it is indexed just as it is now.

        Args:
            document: as read now.
            sha256: of its text, as given to ``StoreWriter.add``.
        """
        headings, excluded = stored_marks(document)
        rows = self._query(
            "SELECT row FROM documents WHERE source=? AND sha256=? AND language=? AND headings=? AND excluded=?",
            [document.source, sha256, document.language, headings, excluded],
        )
        if not rows:
            return None
        passages = self._query(
            'SELECT start, "end", text, heading, language, context FROM passages WHERE document=? ORDER BY row', rows[0]
        )
        return [
            Passage(document.id, start, end, text, tuple(json.loads(heading)), language, context)
            for start, end, text, heading, language, context in passages
        ]

    def passages(self, rows: Collection[int]) -> Mapping[int, StoredPassage]:
        """The passages at these rows."""
        wanted = [int(row) for row in rows]
        # Another thread may clear the recent ones at any moment, so each is looked up once.
        recent = ((row, self._recent.get(row)) for row in wanted)
        found = {row: passage for row, passage in recent if passage}
        missing = [row for row in wanted if row not in found]
        if missing:
            found |= self._read_passages(missing)
            if len(self._recent) > _MOST_RECENT:
                self._recent.clear()
            self._recent.update(found)
        return found

    def words(self, rows: Sequence[int]) -> Iterator[tuple[int, str]]:
        """Each of these rows with the text of its passage, without the markup in it."""
        wanted = [json.dumps(rows)]
        marks = {
            document: [(start, end) for start, end, reason in json.loads(excluded) if reason in INLINE]
            for document, excluded in self._query(
                "SELECT row, excluded FROM documents WHERE excluded != '[]' AND row IN"
                " (SELECT document FROM passages WHERE row IN (SELECT value FROM json_each(?)))",
                wanted,
            )
        }
        for row, document, start, text in self._query(
            "SELECT row, document, start, text FROM passages WHERE row IN (SELECT value FROM json_each(?))", wanted
        ):
            yield row, _without(text, start, marks.get(document, ()))

    def names(self) -> Sequence[tuple[str, str]]:
        """Title and source of each document, in the order of the index."""
        return self._query("SELECT title, source FROM documents ORDER BY row")

    def passage_at(self, document_id: str, offset: int) -> StoredPassage | None:
        """The passage that holds an offset of a document, or the next behind it; ``None`` if there is none."""
        sql = "SELECT p.row FROM passages p JOIN documents d ON d.row=p.document WHERE d.id=?"
        rows = self._query(f'{sql} AND p."end">? ORDER BY p.start LIMIT 1', [document_id, offset])
        return self.passages([rows[0][0]])[rows[0][0]] if rows else None

    def neighbours(self, document_id: str, start: int, end: int) -> tuple[Passage | None, Passage | None]:
        """The passages before and after the stretch ``[start, end)`` of a document; ``None`` at its ends."""
        sql = "SELECT p.row FROM passages p JOIN documents d ON d.row=p.document WHERE d.id=?"
        before = self._query(f"{sql} AND p.start<? ORDER BY p.start DESC LIMIT 1", [document_id, start])
        after = self._query(f'{sql} AND p."end">? ORDER BY p.start LIMIT 1', [document_id, end])
        found = self.passages([row for rows in (before, after) for (row,) in rows])
        first, second = (found[rows[0][0]].passage if rows else None for rows in (before, after))
        return first, second

    def _read_passages(self, rows: Sequence[int]) -> dict[int, StoredPassage]:
        found: dict[int, StoredPassage] = {}
        for row, document, id_, source, title, start, end, line, text, heading, language, context in self._query(
            'SELECT p.row, d.row, d.id, d.source, d.title, p.start, p."end", p.line, p.text, p.heading, p.language,'
            " p.context FROM passages p JOIN documents d ON d.row=p.document"
            " WHERE p.row IN (SELECT value FROM json_each(?))",
            [json.dumps(rows)],
        ):
            passage = Passage(id_, start, end, text, tuple(json.loads(heading)), language, context)
            found[row] = StoredPassage(row, passage, source, title, line, self._places_of(document))
        return found

    @cached_property
    def extents(self) -> Sequence[tuple[str, int, int]]:
        """Source of the document, start and end of every passage, by row."""
        return self._query(
            'SELECT d.source, p.start, p."end" FROM passages p JOIN documents d ON d.row=p.document ORDER BY p.row'
        )

    def extents_of(self, document_id: str) -> list[tuple[int, int]]:
        """Start and end of every passage of one document, in characters, in their order."""
        return self._query(
            'SELECT p.start, p."end" FROM passages p JOIN documents d ON d.row=p.document WHERE d.id=?'
            ' ORDER BY p.start, p."end"',
            [document_id],
        )

    def all_passages(self) -> Iterator[StoredPassage]:
        """Every passage in the order of rows."""
        count = len(self.passage_documents)
        for first in range(0, count, 500):
            part = self.passages(range(first, min(first + 500, count)))
            yield from (part[row] for row in sorted(part))

    def mask(self, filter_: Filter = EVERYTHING) -> Mask | None:
        """Which passages a filter lets through, shape ``(passages,)``; ``None`` if it lets all through."""
        if not filter_:
            return None
        found = self._masks.get(filter_)
        if found is None:
            found = self._new_mask(filter_)
            if len(self._masks) >= _MASKS_KEPT:
                self._masks.clear()
            self._masks[filter_] = found
        return found

    def _new_mask(self, filter_: Filter) -> Mask:
        chosen = np.ones(len(self.passage_documents), dtype=bool)
        if filter_.languages:
            chosen &= np.array([language in filter_.languages for language in self.languages])[self.passage_languages]
        if filter_.sources or filter_.since or filter_.until:
            listed = self._query("SELECT source, date FROM documents ORDER BY row")
            let = [filter_.lets(source, date) for source, date in listed]
            chosen &= np.array(let, dtype=bool)[self.passage_documents]
        chosen.setflags(write=False)
        return chosen
