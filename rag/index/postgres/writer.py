"""Writes a library: one writer at a time, its rows seen by nobody before they are published."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

import numpy as np
import psycopg

from rag.address import Address
from rag.arrays import Floats, Rows
from rag.corpus.blocks import sliced
from rag.errors import BusyError, StorageError
from rag.index.manifest import Manifest
from rag.index.postgres.cleaning import clean
from rag.index.postgres.connections import WRITE_SECONDS, Connection, connected, schema_of, told
from rag.index.postgres.prepared import Known, Prepared, places_for
from rag.index.postgres.schema import LIVE, create
from rag.index.postgres.segments import MOST_PASSAGES, Columns, merge, write_segment
from rag.index.postgres.vectors import GRAPH, GRAPH_INDEX, packed, unpacked
from rag.index.store import stored_marks

log = logging.getLogger(__name__)

_LOCK_SECONDS: Final = 2.0
_UNPLACED: Final = -1.0
_ANALYSED: Final = 1000
"""New passages from which on the planner is told at once how much there is of what."""


class PostgresWriter:
    """Writes the next version of a library. Whatever ends it before ``publish``, readers see nothing of it.

    Attributes:
        previous: manifest of the current version; ``None`` if there is none.

    Args:
        address: of the library.
        connection: with the writer's lock.
    """

    def __init__(self, address: Address, connection: Connection) -> None:
        self._address, self._connection = address, connection
        row = connection.execute("SELECT id, manifest FROM versions JOIN current ON version = id").fetchone()
        self._current: int = row[0] if row else 0
        self._next = self._current + 1
        self.previous = Manifest.parsed(row[1], str(address)) if row else None
        self._languages: dict[str, int] = dict(connection.execute("SELECT name, code FROM languages").fetchall())
        self._written = 0

    @classmethod
    @contextmanager
    def open(cls, address: Address) -> Iterator[PostgresWriter]:
        """Make the library if it is not there, and keep other writers out of it.

        Raises:
            BusyError: if another process is writing it.
            StorageError: if it cannot be written.
            SnapshotError: if the database cannot be reached.
        """
        connection = connected(address, seconds=WRITE_SECONDS)
        try:
            with told(address):
                if connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,):
                    raise StorageError(
                        "This server is a replica, which only reads.",
                        path=str(address),
                        hint="Give the address of the primary.",
                    )
                # What is published lasts, whatever else the server is used for.
                lasting = "SELECT set_config(name, 'on', false) FROM pg_settings WHERE name = %s AND setting = 'off'"
                connection.execute(lasting, ["synchronous_commit"])
                create(connection, address)
                _lock(connection, address)
                yield cls(address, connection)
        finally:
            connection.close()

    def begin(self, made: str, *, is_same: bool) -> Mapping[str, Known]:
        """Go on with what a writer left that was broken off and made its rows alike; remove what others left.

        Args:
            made: what passages, vectors and terms depend on beside the documents.
            is_same: whether the current version's were made alike.

        Returns:
            The documents that need not be written again, by source.
        """
        connection = self._connection
        left = connection.execute("SELECT made_with FROM broken_off").fetchone()
        if left != (made,):
            self._remove_unpublished()
            connection.execute("DELETE FROM broken_off")
            connection.execute("INSERT INTO broken_off VALUES (%s)", [made])
        rows = connection.execute(
            "SELECT number, source, sha256, content, place FROM documents"
            f" WHERE {LIVE} AND (%(same)s OR born > %(now)s) ORDER BY number",
            {"version": self._next, "same": is_same, "now": self._current},
            binary=True,
        )
        return {
            source.decode(): Known(number, digest, content, place) for number, source, digest, content, place in rows
        }

    def digests(self) -> dict[str, str]:
        """SHA-256 of the text of each document of the current version, by source."""
        rows = self._connection.execute(
            f"SELECT source, sha256 FROM documents WHERE {LIVE}", {"version": self._current}, binary=True
        )
        return {source.decode(): digest for source, digest in rows}

    def count_passages(self, numbers: Sequence[int]) -> int:
        """How many passages these documents have together."""
        row = self._connection.execute(
            "SELECT coalesce(sum(passages), 0)::bigint FROM documents WHERE number = ANY(%s)", [list(numbers)]
        ).fetchone()
        return int(row[0]) if row else 0

    def vectors(self, digests: Sequence[bytes]) -> tuple[Rows, Floats]:
        """Vectors of texts that are known: their places among the digests, and the vectors, ``(known, dimension)``."""
        found = {
            digest: unpacked(content)
            for digest, content in self._connection.execute(
                "SELECT DISTINCT ON (p.embedded) p.embedded, v.embedding FROM passages p JOIN vectors v USING (pid)"
                " JOIN documents d ON d.number = p.document WHERE p.embedded = ANY(%s) AND d.died IS NULL",
                [list(digests)],
                binary=True,
            )
        }
        places = np.array([place for place, digest in enumerate(digests) if digest in found], dtype=np.int64)
        known = [found[digests[place]] for place in places]
        return places, np.stack(known) if known else np.zeros((0, 0), dtype=np.float32)

    def _remove_unpublished(self) -> None:
        with self._connection.transaction():
            self._connection.execute("UPDATE segments SET died = 0 WHERE born > %s", [self._current])
            self._connection.execute("UPDATE documents SET died = 0 WHERE born > %s", [self._current])
        clean(self._connection)

    def add(self, batch: Sequence[Prepared]) -> list[int]:
        """Write documents, all of them or none; gives their numbers."""
        with self._connection.transaction():
            passages = sum(len(each.passages) for each in batch)
            number, first = self._take("document", len(batch)), self._take("passage", passages)
            numbers = list(range(number, number + len(batch)))
            self._copy_documents(batch, numbers)
            self._copy_passages(batch, numbers, first)
            self._write_segments(batch, numbers, first)
            self._written += passages
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
                    float(one.place),
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
                "INSERT INTO languages (name) VALUES (%s) RETURNING code", [language]
            ).fetchone()
            assert row is not None
            self._languages[language] = row[0]
        return self._languages[language]

    def publish(self, manifest: Manifest, order: Sequence[int], known: Mapping[int, float], files: Path) -> None:
        """Make what was written, and what was known before, the current version.

        Args:
            manifest: of the version.
            order: numbers of all its documents, in their order.
            known: the places of those that were there before.
            files: a folder whose files go with the version.
        """
        if manifest.vector_index == GRAPH:
            self._connection.execute(GRAPH_INDEX.format(dimension=int(manifest.dimension)))
        with self._connection.transaction():
            self._end_others(order)
            self._put_in_order(order, known)
            self._merge_segments()
            self._connection.execute(
                "INSERT INTO versions (id, name, manifest) VALUES (%s, %s, %s)",
                [self._next, manifest.id, manifest.written()],
            )
            for path in sorted(files.iterdir()):
                values = [self._next, path.name, path.read_bytes()]
                self._connection.execute("INSERT INTO attachments VALUES (%s, %s, %s)", values)
            self._connection.execute("UPDATE versions SET superseded = now() WHERE id = %s", [self._current])
            self._connection.execute(
                "INSERT INTO current (version) VALUES (%s) ON CONFLICT (one) DO UPDATE SET version = EXCLUDED.version",
                [self._next],
            )
            self._connection.execute("DELETE FROM broken_off")
        if self._written >= _ANALYSED:
            self._connection.execute("ANALYZE documents, passages, vectors, segments, postings")
        try:
            clean(self._connection)
        except psycopg.Error as error:
            log.warning(
                "What nobody reads any more could not be removed: %s", self._address.without_secrets(str(error))
            )

    def _end_others(self, order: Sequence[int]) -> None:
        """Documents that are not in the order end with this version, and segments that hold none of it."""
        self._connection.execute(
            f"UPDATE documents SET died = %(version)s WHERE {LIVE} AND number <> ALL(%(kept)s)",
            {"version": self._next, "kept": list(order)},
        )
        self._connection.execute(
            f"UPDATE segments SET died = %(version)s WHERE {LIVE} AND NOT EXISTS ("
            "SELECT FROM passages JOIN documents ON number = passages.document"
            " WHERE pid BETWEEN first AND first + span - 1 AND documents.died IS NULL)",
            {"version": self._next},
        )

    def _put_in_order(self, order: Sequence[int], known: Mapping[int, float]) -> None:
        """Give documents their places; those that were there keep theirs where the order allows."""
        places = places_for(order, known)
        moved = [(n, p) for n, p in zip(order, places, strict=True) if known.get(n, _UNPLACED) != p]
        if not known:
            return  # written in this order
        self._connection.execute("CREATE TEMPORARY TABLE moved (number bigint, place float8) ON COMMIT DROP")
        self._copy("moved", "number, place", "int8 float8", iter(moved))
        self._connection.execute(
            "UPDATE documents SET place = moved.place FROM moved WHERE documents.number = moved.number"
        )

    def _merge_segments(self) -> None:
        live = self._connection.execute(
            f"SELECT id, first, span FROM segments WHERE {LIVE} ORDER BY first", {"version": self._next}
        ).fetchall()
        gone = merge(self._connection, live, self._take("segment", 1), self._next)
        self._connection.execute("UPDATE segments SET died = %s WHERE id = ANY(%s)", [self._next, list(gone)])


def _lock(connection: Connection, address: Address) -> None:
    """Keep other writers of a library out for as long as the connection lasts.

    A server takes a moment to notice that the connection of a writer before has gone.

    Raises:
        BusyError: if another process has it.
    """
    until = monotonic() + _LOCK_SECONDS
    lock = "SELECT pg_try_advisory_lock(hashtext('shiori writer'), hashtext(%s))"
    while connection.execute(lock, [schema_of(address)]).fetchone() != (True,):
        if monotonic() > until:
            raise BusyError("Another process is building this index.", path=str(address), hint="Wait until it is done.")
        sleep(_LOCK_SECONDS / 20)
