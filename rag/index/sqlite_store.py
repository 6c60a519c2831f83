"""Documents and passages of a Snapshot, in SQLite; beside it each passage's document and language, as arrays."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from rag.chunking import Passage
from rag.corpus.blocks import Block
from rag.corpus.document import INLINE, Document, Place
from rag.errors import SnapshotError
from rag.index.store import DocumentInfo, KeptStore, StoredPassage, stored_marks, without

STORE_FILE = "documents.sqlite"
PASSAGES_FILE = "passages.npz"


class SqliteStore(KeptStore):
    """Reads the store of a Snapshot in a folder."""

    def __init__(self, folder: Path) -> None:
        path = folder / STORE_FILE
        self._lock = threading.Lock()
        try:
            self._db = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
            with np.load(folder / PASSAGES_FILE, allow_pickle=False) as passages:
                super().__init__(passages["documents"], passages["languages"], passages["names"].tolist())
        except (sqlite3.Error, OSError, ValueError, KeyError, BadZipFile) as error:
            raise SnapshotError(
                f"The documents of the index cannot be read ({error}).",
                path=path,
                hint="Build it again with `rag build`.",
            ) from None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _query(self, sql: str, values: Iterable[object] = ()) -> list[tuple]:  # type: ignore[type-arg]
        with self._lock:
            return self._db.execute(sql, tuple(values)).fetchall()

    def _row(self, document_id: str) -> int | None:
        rows = self._query("SELECT row FROM documents WHERE id=?", [document_id])
        return int(rows[0][0]) if rows else None

    def _fields(self, row: int) -> Sequence[str]:
        (fields,) = self._query(
            "SELECT source, title, text, language, headings, excluded, metadata FROM documents WHERE row=?", [row]
        )
        return fields

    def _read_places(self, documents: Sequence[int]) -> Mapping[int, tuple[tuple[Place, ...], int]]:
        found: dict[int, list[Place]] = {document: [] for document in documents}
        for document, *place in self._query(
            "SELECT document, start, kind, label FROM places WHERE document IN (SELECT value FROM json_each(?))"
            " ORDER BY document, start",
            [json.dumps(documents)],
        ):
            found[document].append(Place(*place))
        return {document: (tuple(places), 1) for document, places in found.items()}

    def date(self, document_id: str) -> str:
        rows = self._query("SELECT date FROM documents WHERE id=?", [document_id])
        return str(rows[0][0]) if rows else ""

    def _read_text(self, document_id: str) -> tuple[str, int]:
        rows = self._query("SELECT text FROM documents WHERE id=?", [document_id])
        text = str(rows[0][0]) if rows else ""
        return text, len(text)

    def _block_keys(self, document: int, start: int, end: int) -> Sequence[int]:
        rows = self._query(
            'SELECT rowid FROM blocks WHERE document=? AND start<? AND "end">? ORDER BY start, "end" DESC',
            [document, end, start],
        )
        return [row for (row,) in rows]

    def _read_blocks(self, keys: Sequence[int]) -> Mapping[int, tuple[Block, int]]:
        read = self._query(
            "SELECT rowid, data FROM blocks WHERE rowid IN (SELECT value FROM json_each(?))", [json.dumps(keys)]
        )
        return {key: (Block.from_list(json.loads(data)), len(data)) for key, data in read}

    def documents(self) -> list[DocumentInfo]:
        rows = self._query(
            "SELECT id, source, title, language, chars, excluded_chars,"
            " (SELECT count(*) FROM passages WHERE document=documents.row), date FROM documents ORDER BY row"
        )
        return [DocumentInfo(*row) for row in rows]

    def digests(self) -> dict[str, str]:
        return dict(self._query("SELECT source, sha256 FROM documents"))

    def _dated(self) -> Sequence[tuple[str, str]]:
        return self._query("SELECT source, date FROM documents ORDER BY row")

    def embedded(self) -> Iterator[tuple[int, bytes]]:
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

    def words(self, rows: Sequence[int]) -> Iterator[tuple[int, str]]:
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
            yield row, without(text, start, marks.get(document, ()))

    def names(self) -> Sequence[tuple[str, str]]:
        return self._query("SELECT title, source FROM documents ORDER BY row")

    def passage_at(self, document_id: str, offset: int) -> StoredPassage | None:
        sql = "SELECT p.row FROM passages p JOIN documents d ON d.row=p.document WHERE d.id=?"
        rows = self._query(f'{sql} AND p."end">? ORDER BY p.start LIMIT 1', [document_id, offset])
        return self.passages([rows[0][0]])[rows[0][0]] if rows else None

    def neighbours(self, document_id: str, start: int, end: int) -> tuple[Passage | None, Passage | None]:
        sql = "SELECT p.row FROM passages p JOIN documents d ON d.row=p.document WHERE d.id=?"
        before = self._query(f"{sql} AND p.start<? ORDER BY p.start DESC LIMIT 1", [document_id, start])
        after = self._query(f'{sql} AND p."end">? ORDER BY p.start LIMIT 1', [document_id, end])
        found = self.passages([row for rows in (before, after) for (row,) in rows])
        first, second = (found[rows[0][0]].passage if rows else None for rows in (before, after))
        return first, second

    def _read_passages(self, rows: Sequence[int]) -> dict[int, StoredPassage]:
        found: dict[int, StoredPassage] = {}
        read = self._query(
            'SELECT p.row, d.row, d.id, d.source, d.title, p.start, p."end", p.line, p.text, p.heading, p.language,'
            " p.context FROM passages p JOIN documents d ON d.row=p.document"
            " WHERE p.row IN (SELECT value FROM json_each(?))",
            [json.dumps(rows)],
        )
        places = self._places_of_each(document for _, document, *_ in read)
        for row, document, id_, source, title, start, end, line, text, heading, language, context in read:
            passage = Passage(id_, start, end, text, tuple(json.loads(heading)), language, context)
            found[row] = StoredPassage(row, passage, source, title, line, places[document])
        return found

    @cached_property
    def extents(self) -> Sequence[tuple[str, int, int]]:
        return self._query(
            'SELECT d.source, p.start, p."end" FROM passages p JOIN documents d ON d.row=p.document ORDER BY p.row'
        )

    def extents_of(self, document_id: str) -> list[tuple[int, int]]:
        return self._query(
            'SELECT p.start, p."end" FROM passages p JOIN documents d ON d.row=p.document WHERE d.id=?'
            ' ORDER BY p.start, p."end"',
            [document_id],
        )
