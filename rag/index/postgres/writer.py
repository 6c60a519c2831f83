"""Writes a library: one writer at a time, its rows seen by nobody before they are published."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Final

import psycopg

from rag.address import Address
from rag.errors import BusyError, StorageError
from rag.index.manifest import Manifest
from rag.index.postgres.cleaning import clean
from rag.index.postgres.connections import WRITE_SECONDS, Connection, connected, schema_of, told
from rag.index.postgres.prepared import Known, places_for
from rag.index.postgres.rows import RowWriter
from rag.index.postgres.schema import LIVE, create
from rag.index.postgres.segments import merge
from rag.index.postgres.vectors import GRAPH, GRAPH_INDEX

log = logging.getLogger(__name__)

_LOCK: Final = "hashtext('shiori writer'), hashtext(%s)"
_LOCK_SECONDS: Final = 2.0
_UNPLACED: Final = -1.0
_WRITTEN: Final = "SELECT coalesce(sum(passages), 0)::bigint FROM documents WHERE born = %s"
_ANALYSED: Final = 1000
"""New passages from which on the planner is told at once how much there is of what."""


class PostgresWriter(RowWriter):
    """Writes the next version of a library. Whatever ends it before ``publish``, readers see nothing of it.

    Its connection has the writer's lock.
    """

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
        # Whoever helped the writer before ends what it is at, and finds nothing more to do.
        connection.execute("DELETE FROM crew")
        connection.execute("DELETE FROM work")
        left = connection.execute("SELECT made_with FROM broken_off").fetchone()
        if left != (made,):
            self._remove_unpublished()
            connection.execute("DELETE FROM broken_off")
            connection.execute("INSERT INTO broken_off VALUES (%s)", [made])
        return self.known(is_same=is_same)

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

    def _remove_unpublished(self) -> None:
        with self._connection.transaction():
            self._connection.execute("UPDATE segments SET died = 0 WHERE born > %s", [self._current])
            self._connection.execute("UPDATE documents SET died = 0 WHERE born > %s", [self._current])
        clean(self._connection)

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
            for table in ("broken_off", "crew", "work"):
                self._connection.execute(f"DELETE FROM {table}")
            written = self._connection.execute(_WRITTEN, [self._next]).fetchone()
        if written and written[0] >= _ANALYSED:
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


def is_led(connection: Connection, address: Address) -> bool:
    """Whether a library has a writer just now."""
    if connection.execute(f"SELECT pg_try_advisory_lock({_LOCK})", [schema_of(address)]).fetchone() != (True,):
        return True
    connection.execute(f"SELECT pg_advisory_unlock({_LOCK})", [schema_of(address)])
    return False


def _lock(connection: Connection, address: Address) -> None:
    """Keep other writers of a library out for as long as the connection lasts.

    A server takes a moment to notice that the connection of a writer before has gone.

    Raises:
        BusyError: if another process has it.
    """
    until = monotonic() + _LOCK_SECONDS
    lock = f"SELECT pg_try_advisory_lock({_LOCK})"
    while connection.execute(lock, [schema_of(address)]).fetchone() != (True,):
        if monotonic() > until:
            raise BusyError("Another process is building this index.", path=str(address), hint="Wait until it is done.")
        sleep(_LOCK_SECONDS / 20)
