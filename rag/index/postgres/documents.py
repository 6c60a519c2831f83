"""Documents and passages of a version."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np

from rag.chunking import Passage
from rag.corpus.blocks import Block
from rag.corpus.document import INLINE, Place
from rag.index.postgres.connections import Connections
from rag.index.postgres.layout import Layout
from rag.index.postgres.schema import LIVE
from rag.index.store import DocumentInfo, KeptStore, StoredPassage, without

_PASSAGE = """
SELECT p.pid, d.id, d.source, d.title, p.start, p."end", p.line, p.text, p.heading, p.language, p.context
FROM passages p JOIN documents d ON d.number = p.document
"""


def decoded(content: bytes) -> str:
    """A text of a document, as it is stored."""
    return content.decode("utf-8")


class PostgresStore(KeptStore):
    """Reads the documents and passages of a version.

    Args:
        connections: to the database; closed by whoever opened them.
        layout: where the passages are.
    """

    def __init__(self, connections: Connections, layout: Layout) -> None:
        super().__init__(layout.passage_documents, layout.passage_languages, layout.languages)
        self._connections, self._layout = connections, layout
        self._version = {"version": layout.version}

    def close(self) -> None:
        """Nothing of its own is open."""

    def _query(self, sql: str, values: Any = ()) -> list[tuple[Any, ...]]:
        return self._connections.query(sql, values)

    @cached_property
    def _listed(self) -> list[DocumentInfo]:
        rows = self._query(
            "SELECT id, source, title, language, chars, excluded_chars, passages, date"
            f" FROM documents WHERE {LIVE} ORDER BY place, number",
            self._version,
        )
        return [DocumentInfo(id_, decoded(source), decoded(title), *rest) for id_, source, title, *rest in rows]

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {document.id: row for row, document in enumerate(self._listed)}

    def documents(self) -> list[DocumentInfo]:
        return list(self._listed)

    def digests(self) -> dict[str, str]:
        rows = self._query(f"SELECT source, sha256 FROM documents WHERE {LIVE}", self._version)
        return {decoded(source): digest for source, digest in rows}

    def embedded(self) -> Iterator[tuple[int, bytes]]:
        read = self._query(
            "SELECT pid, embedded FROM passages WHERE pid BETWEEN %s AND %s", [self._layout.first, self._layout.last]
        )
        rows = ((self._row_of(id_), embedded) for id_, embedded in read)
        yield from ((row, embedded) for row, embedded in rows if row < self._layout.count)

    def names(self) -> Sequence[tuple[str, str]]:
        return [(document.title, document.source) for document in self._listed]

    def _dated(self) -> Sequence[tuple[str, str]]:
        return [(document.source, document.date) for document in self._listed]

    def date(self, document_id: str) -> str:
        row = self._row(document_id)
        return "" if row is None else self._listed[row].date

    def _row(self, document_id: str) -> int | None:
        return self._rows.get(document_id)

    def _number(self, row: int) -> int:
        return int(self._layout.numbers[row])

    def _fields(self, row: int) -> Sequence[str]:
        ((source, title, text, *rest),) = self._query(
            "SELECT source, title, text, language, headings, excluded, metadata FROM documents WHERE number = %s",
            [self._number(row)],
        )
        return [decoded(source), decoded(title), decoded(text), *rest]

    def _read_text(self, document_id: str) -> tuple[str, int]:
        row = self._row(document_id)
        if row is None:
            return "", 0
        ((content,),) = self._query("SELECT text FROM documents WHERE number = %s", [self._number(row)])
        text = decoded(content)
        return text, len(text)

    def _read_places(self, documents: Sequence[int]) -> Mapping[int, tuple[tuple[Place, ...], int]]:
        rows = {self._number(document): document for document in documents}
        found: dict[int, list[Place]] = {document: [] for document in documents}
        for number, start, kind, label in self._query(
            "SELECT document, start, kind, label FROM places WHERE document = ANY(%s) ORDER BY document, start",
            [list(rows)],
        ):
            found[rows[number]].append(Place(start, kind, decoded(label)))
        return {document: (tuple(places), 1) for document, places in found.items()}

    def _block_keys(self, document: int, start: int, end: int) -> Sequence[int]:
        rows = self._query(
            'SELECT id FROM blocks WHERE document = %s AND start < %s AND "end" > %s ORDER BY start, "end" DESC, id',
            [self._number(document), end, start],
        )
        return [id_ for (id_,) in rows]

    def _read_blocks(self, keys: Sequence[int]) -> Mapping[int, tuple[Block, int]]:
        read = self._query("SELECT id, data FROM blocks WHERE id = ANY(%s)", [list(keys)])
        return {key: (Block.from_list(json.loads(data)), len(data)) for key, data in read}

    def _read_passages(self, rows: Sequence[int]) -> dict[int, StoredPassage]:
        return {stored.row: stored for stored in self._stored(f"{_PASSAGE} WHERE p.pid = ANY(%s)", [self._ids(rows)])}

    def _stored(self, sql: str, values: Sequence[Any]) -> list[StoredPassage]:
        """The passages that a statement gives, as ``_PASSAGE`` does."""
        read = self._query(sql, values)
        rows = [self._row_of(id_) for id_, *_ in read]
        documents = self.passage_documents[rows].tolist()
        places = self._places_of_each(documents)
        return [
            StoredPassage(
                row,
                Passage(id_, start, end, decoded(text), tuple(json.loads(heading)), language, decoded(context)),
                decoded(source),
                decoded(title),
                line,
                places[document],
            )
            for row, document, (_, id_, source, title, start, end, line, text, heading, language, context) in zip(
                rows, documents, read, strict=True
            )
        ]

    def _ids(self, rows: Sequence[int]) -> list[int]:
        ids: list[int] = (self._layout.ids[np.array(rows, dtype=np.int64)] + self._layout.first).tolist()
        return ids

    def _row_of(self, id_: int) -> int:
        return int(self._layout.rows[id_ - self._layout.first])

    def words(self, rows: Sequence[int]) -> Iterator[tuple[int, str]]:
        read = self._query(
            "SELECT p.pid, p.start, p.text, d.excluded FROM passages p JOIN documents d ON d.number = p.document"
            " WHERE p.pid = ANY(%s) ORDER BY p.document",
            [self._ids(rows)],
        )
        for excluded, passages in groupby(read, key=lambda each: each[3]):
            marks = [(start, end) for start, end, reason in json.loads(excluded) if reason in INLINE]
            for id_, start, text, _ in passages:
                yield self._row_of(id_), without(decoded(text), start, marks)

    def passage_at(self, document_id: str, offset: int) -> StoredPassage | None:
        return self._one('p.document = %s AND p."end" > %s ORDER BY p.start LIMIT 1', document_id, offset)

    def neighbours(self, document_id: str, start: int, end: int) -> tuple[Passage | None, Passage | None]:
        before = self._one("p.document = %s AND p.start < %s ORDER BY p.start DESC LIMIT 1", document_id, start)
        after = self._one('p.document = %s AND p."end" > %s ORDER BY p.start LIMIT 1', document_id, end)
        return before.passage if before else None, after.passage if after else None

    def _one(self, condition: str, document_id: str, offset: int) -> StoredPassage | None:
        row = self._row(document_id)
        if row is None:
            return None
        found = self._stored(f"{_PASSAGE} WHERE {condition}", [self._number(row), offset])
        return found[0] if found else None

    @cached_property
    def extents(self) -> Sequence[tuple[str, int, int]]:
        found: list[tuple[str, int, int]] = [("", 0, 0)] * self._layout.count
        sources = [document.source for document in self._listed]
        for id_, start, end in self._query(
            'SELECT pid, start, "end" FROM passages WHERE pid BETWEEN %s AND %s',
            [self._layout.first, self._layout.last],
        ):
            row = self._row_of(id_)
            if row < len(found):
                found[row] = (sources[self.passage_documents[row]], start, end)
        return found

    def extents_of(self, document_id: str) -> list[tuple[int, int]]:
        row = self._row(document_id)
        if row is None:
            return []
        return self._query(
            'SELECT start, "end" FROM passages WHERE document = %s ORDER BY start, "end"', [self._number(row)]
        )
