"""Documents as rows of the next version of a library, which nobody sees before it is published."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rag.address import Address
from rag.arrays import Floats, Rows
from rag.corpus.blocks import sliced
from rag.index.manifest import Manifest
from rag.index.postgres.connections import Connection
from rag.index.postgres.prepared import Known, Prepared
from rag.index.postgres.schema import LIVE
from rag.index.postgres.segments import MOST_PASSAGES, Columns, write_segment
from rag.index.postgres.vectors import packed, unpacked
from rag.index.store import stored_marks


@dataclass(frozen=True, slots=True)
class KnownVectors:
    """Vectors of texts, of the version that is written and, if one model made both, of the current one."""

    _connection: Connection
    _current: int
    _is_same_model: bool

    def vectors(self, digests: Sequence[bytes]) -> tuple[Rows, Floats]:
        """Vectors of texts that are known: their places among the digests, and the vectors, ``(known, dimension)``."""
        found = {
            digest: unpacked(content)
            for digest, content in self._connection.execute(
                "SELECT DISTINCT ON (p.embedded) p.embedded, v.embedding FROM passages p JOIN vectors v USING (pid)"
                " JOIN documents d ON d.number = p.document"
                " WHERE p.embedded = ANY(%s) AND d.died IS NULL AND (%s OR d.born > %s)",
                [list(digests), self._is_same_model, self._current],
                binary=True,
            )
        }
        places = np.array([place for place, digest in enumerate(digests) if digest in found], dtype=np.int64)
        known = [found[digests[place]] for place in places]
        return places, np.stack(known) if known else np.zeros((0, 0), dtype=np.float32)


class RowWriter:
    """Writes documents. Several may at once: they take turns when they number what they write.

    Attributes:
        previous: manifest of the current version; ``None`` if there is none.

    Args:
        address: of the library.
        connection: to write with.
    """

    def __init__(self, address: Address, connection: Connection) -> None:
        self._address, self._connection = address, connection
        row = connection.execute("SELECT id, manifest FROM versions JOIN current ON version = id").fetchone()
        self._current: int = row[0] if row else 0
        self._next = self._current + 1
        self.previous = Manifest.parsed(row[1], str(address)) if row else None
        self._languages: dict[str, int] = dict(connection.execute("SELECT name, code FROM languages").fetchall())

    def known(self, *, is_same: bool, ids: Sequence[str] | None = None) -> dict[str, Known]:
        """Documents that need not be written again, by source.

        Args:
            is_same: whether the current version's were made as the next one's are.
            ids: of the documents to look for; all if not given.
        """
        rows = self._connection.execute(
            "SELECT number, source, sha256, content, place FROM documents"
            f" WHERE {LIVE} AND (%(same)s OR born > %(now)s) AND (%(ids)s::text[] IS NULL OR id = ANY(%(ids)s))"
            " ORDER BY number",
            {"version": self._next, "same": is_same, "now": self._current, "ids": None if ids is None else list(ids)},
            binary=True,
        )
        return {
            source.decode(): Known(number, digest, content, place) for number, source, digest, content, place in rows
        }

    def vectors_of(self, fingerprint: str) -> KnownVectors:
        """Vectors that a model made, by its fingerprint."""
        is_same = self.previous is not None and self.previous.fingerprint == fingerprint
        return KnownVectors(self._connection, self._current, is_same)

    def add(self, batch: Sequence[Prepared]) -> list[int]:
        """Write documents, all of them or none; gives their numbers."""
        with self._connection.transaction():
            passages = sum(len(each.passages) for each in batch)
            number, first = self._take("document", len(batch)), self._take("passage", passages)
            numbers = list(range(number, number + len(batch)))
            self._copy_documents(batch, numbers)
            self._copy_passages(batch, numbers, first)
            self._write_segments(batch, numbers, first)
        return numbers

    def _take(self, what: str, count: int) -> int:
        """The first of so many numbers that nobody has had."""
        row = self._connection.execute(
            "UPDATE counters SET next = next + %s WHERE name = %s RETURNING next - %s", [count, what, count]
        ).fetchone()
        assert row is not None
        return int(row[0])

    def _copy(self, table: str, columns: str, types: str, rows: Iterator[Sequence[Any]]) -> None:
        statement = f"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)"
        with self._connection.cursor().copy(statement) as copy:
            copy.set_types(types.split())
            for row in rows:
                copy.write_row(row)

    def _copy_documents(self, batch: Sequence[Prepared], numbers: Sequence[int]) -> None:
        each = [(number, one, one.document) for number, one in zip(numbers, batch, strict=True)]
        self._copy(
            "documents",
            "number, id, source, title, language, text, headings, excluded, metadata, date, chars, excluded_chars,"
            " passages, sha256, content, place, born",
            "int8 text bytea bytea text bytea text text text text int4 int4 int4 text bytea float8 int8",
            (
                (
                    number,
                    document.id,
                    document.source.encode(),
                    document.title.encode(),
                    document.language,
                    document.text.encode(),
                    *stored_marks(document),
                    json.dumps(dict(document.metadata)),
                    document.date,
                    len(document.text),
                    sum(e.end - e.start for e in document.excluded),
                    len(one.passages),
                    one.sha256,
                    one.content,
                    one.place,
                    self._next,
                )
                for number, one, document in each
            ),
        )
        places = (
            (number, place.start, place.kind, place.label.encode())
            for number, _, document in each
            for place in document.places
        )
        self._copy("places", "document, start, kind, label", "int8 int4 text bytea", places)
        blocks = (
            (number, block.start, block.end, json.dumps(block.to_list()))
            for number, _, document in each
            for whole in document.blocks
            for block in sliced(whole)
        )
        self._copy("blocks", 'document, start, "end", data', "int8 int4 int4 text", blocks)

    def _copy_passages(self, batch: Sequence[Prepared], numbers: Sequence[int], first: int) -> None:
        rows = (
            (
                number,
                p.start,
                p.end,
                one.document.line(p.start),
                p.text.encode(),
                json.dumps(p.heading),
                p.language,
                p.context.encode(),
                digest,
            )
            for number, one in zip(numbers, batch, strict=True)
            for p, digest in zip(one.passages, one.digests, strict=True)
        )
        self._copy(
            "passages",
            'pid, document, start, "end", line, text, heading, language, context, embedded',
            "int8 int8 int4 int4 int4 bytea text text bytea bytea",
            ((pid, *row) for pid, row in enumerate(rows, first)),
        )
        vectors = (packed(vector) for one in batch for vector in one.vectors)
        self._copy("vectors", "pid, embedding", "int8 bytea", ((pid, v) for pid, v in enumerate(vectors, first)))

    def _write_segments(self, batch: Sequence[Prepared], numbers: Sequence[int], first: int) -> None:
        documents = [number for number, one in zip(numbers, batch, strict=True) for _ in one.passages]
        languages = [self._code(passage.language) for one in batch for passage in one.passages]
        words = [keys for one in batch for keys in one.words]
        bigrams = [keys for one in batch for keys in one.bigrams]
        for begin in range(0, len(documents), MOST_PASSAGES):
            some = slice(begin, begin + MOST_PASSAGES)
            columns = Columns(documents[some], languages[some], words[some], bigrams[some])
            write_segment(self._connection, self._take("segment", 1), first + begin, columns, self._next)

    def _code(self, language: str) -> int:
        if language not in self._languages:
            row = self._connection.execute(
                "INSERT INTO languages (name) VALUES (%s)"
                " ON CONFLICT (name) DO UPDATE SET name = EXCLUDED.name RETURNING code",
                [language],
            ).fetchone()
            assert row is not None
            self._languages[language] = row[0]
        return self._languages[language]
