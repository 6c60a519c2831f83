"""A library in several databases, each with a part of the documents, asked as one index.

Which has a document follows from its id. Sums and maxima are those of all, so that a passage scores as it would in one
database: the mean length and the frequencies of terms, the scale of each language, the nearest vectors of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import cached_property

from rag.address import Address
from rag.corpus import Document
from rag.errors import SnapshotError
from rag.index.joined import JoinedLexical, JoinedSnapshot, JoinedStore, JoinedVectors, Part
from rag.index.lexical import Lexical
from rag.index.postgres.snapshot import PostgresSnapshot
from rag.index.snapshot import Snapshot, VectorIndex
from rag.index.store import Store


def shard_of(document_id: str, shards: int) -> int:
    """Which of so many shards has a document."""
    return int(document_id, 16) % shards


def open_database(address: Address) -> Snapshot:
    """The current version of a library, in one database or several. Raises as ``PostgresSnapshot.open``."""
    if not address.shards:
        return PostgresSnapshot.open(address)
    with ExitStack() as opened:
        snapshots = [PostgresSnapshot.open(shard) for shard in address.shards]
        for snapshot in snapshots:
            opened.callback(snapshot.close)
        found = ShardedSnapshot(address, snapshots)
        opened.pop_all()
    return found


class ShardedSnapshot(JoinedSnapshot):
    """The versions of several databases as one, each of which is asked by a thread of its own."""

    def __init__(self, address: Address, snapshots: Sequence[PostgresSnapshot]) -> None:
        super().__init__([Part("", "", snapshot) for snapshot in snapshots])
        self._address, self._snapshots = address, snapshots
        self._threads = ThreadPoolExecutor(len(snapshots), thread_name_prefix="shard")

    @property
    def place(self) -> str:
        return str(self._address)

    @cached_property
    def store(self) -> Store:
        """Documents and passages."""
        list(self._threads.map(lambda snapshot: snapshot.layout, self._snapshots))
        return ShardedStore(self.parts)

    @cached_property
    def vectors(self) -> VectorIndex:
        """Vectors of the passages."""
        return JoinedVectors([snapshot.vectors for snapshot in self._snapshots], self._threads.map)

    @cached_property
    def lexical(self) -> Lexical:
        """Terms of the passages."""
        layouts = [snapshot.layout for snapshot in self._snapshots]
        return JoinedLexical([snapshot.lexical_among(layouts) for snapshot in self._snapshots], self._threads.map)

    def verify(self) -> list[str]:
        """What is wrong, a sentence each."""
        return [f"{each.place}: {problem}" for each in self._snapshots for problem in each.verify()]

    def close(self) -> None:
        """Let all go."""
        for name in ("store", "vectors", "lexical"):
            self.__dict__.pop(name, None)
        self._threads.shutdown()
        for snapshot in self._snapshots:
            snapshot.close()


class ShardedStore(JoinedStore):
    """Reads the stores of shards, whose documents have the ids of one index."""

    def document(self, document_id: str) -> Document:
        """The document with this id.

        Raises:
            SnapshotError: if no shard has it.
        """
        number, own = self._place(document_id)
        if number is None:
            raise SnapshotError(f"The index has no document {document_id!r}.")
        return self._stores[number].document(own)

    def digests(self) -> dict[str, str]:
        """SHA-256 of the text of each document, by source."""
        return {source: digest for store in self._stores for source, digest in store.digests().items()}

    def _place(self, document_id: str) -> tuple[int | None, str]:
        try:
            return shard_of(document_id, len(self._stores)), document_id
        except ValueError:
            return None, document_id

    def _named(self, part: int, own: str) -> str:
        return own
