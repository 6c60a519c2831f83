"""A Snapshot in a database: one version of a library."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Sequence
from functools import cached_property
from operator import attrgetter
from pathlib import Path

import numpy as np

from rag.address import Address
from rag.errors import SnapshotError
from rag.index.lexical import Lexical
from rag.index.manifest import Manifest
from rag.index.postgres.connections import Connections
from rag.index.postgres.documents import PostgresStore
from rag.index.postgres.layout import Layout
from rag.index.postgres.leases import Lease
from rag.index.postgres.schema import BIGRAMS_FIELD, WORDS_FIELD, check_format
from rag.index.postgres.terms import PostgresField
from rag.index.postgres.vectors import GRAPH, PostgresVectors
from rag.index.postgres.verifying import problems
from rag.index.snapshot import Snapshot


class PostgresSnapshot(Snapshot):
    """Opens the parts of one version as they are needed, and leases it until ``close``.

    Attributes:
        address: of the library.
    """

    def __init__(self, address: Address, connections: Connections, lease: Lease) -> None:
        self.address = address
        self._connections, self._lease = connections, lease
        self._folders: list[Path] = []
        weakref.finalize(self, _let_go, lease, connections, self._folders)
        ((content,),) = connections.query("SELECT manifest FROM versions WHERE id = %s", [lease.version])
        self.manifest = Manifest.parsed(content, str(address))

    @classmethod
    def open(cls, address: Address) -> PostgresSnapshot:
        """Open the current version of a library.

        Raises:
            SnapshotError: if there is none, the database cannot be reached, or the version is damaged or of another
                format.
        """
        connections = Connections(address)
        try:
            for (found,) in connections.query("SELECT format FROM about"):
                check_format(found, address)
            return cls(address, connections, Lease(connections))
        except BaseException:
            connections.close()
            raise

    @property
    def place(self) -> str:
        return str(self.address)

    @property
    def version(self) -> int:
        """The version's number."""
        return self._lease.version

    @cached_property
    def folder(self) -> Path:  # type: ignore[override]
        """A copy of the files that go with the version, on this machine."""
        folder = Path(tempfile.mkdtemp(prefix="shiori-"))
        self._folders.append(folder)
        for name, content in self._connections.query(
            "SELECT name, content FROM attachments WHERE version = %s", [self.version]
        ):
            (folder / Path(name).name).write_bytes(content)
        return folder

    @cached_property
    def layout(self) -> Layout:
        """Which passages the version has, and where."""
        layout = Layout.read(self._connections, self.version)
        if layout.count != self.manifest.passages:
            raise SnapshotError(
                f"The index should hold {self.manifest.passages} passages and holds {layout.count}.",
                path=self.place,
                hint="Build it again with `rag build`.",
            )
        return layout

    @cached_property
    def store(self) -> PostgresStore:
        """Documents and passages."""
        return PostgresStore(self._connections, self.layout)

    @cached_property
    def vectors(self) -> PostgresVectors:
        """Vectors of the passages."""
        has_graph = self.manifest.vector_index == GRAPH
        return PostgresVectors(self._connections, self.layout, self.manifest.dimension, has_graph=has_graph)

    @cached_property
    def lexical(self) -> Lexical:
        """Terms of the passages."""
        return self.lexical_among([self.layout])

    def lexical_among(self, layouts: Sequence[Layout]) -> Lexical:
        """Terms of the passages as they are ranked among those of several layouts: lengths are told by their mean."""
        settings = self.manifest.settings
        k1, b = float(settings["bm25_k1"]), float(settings["bm25_b"])
        words, bigrams = (
            PostgresField(
                self._connections,
                field,
                self.layout,
                lengths(self.layout),
                float(np.concatenate([lengths(each) for each in layouts]).astype(np.float32).mean()),
                k1,
                b,
            )
            for field, lengths in (
                (WORDS_FIELD, attrgetter("words")),
                (BIGRAMS_FIELD, attrgetter("bigrams")),
            )
        )
        return Lexical(words, bigrams)

    def verify(self) -> list[str]:
        read_anew = PostgresStore(self._connections, self.layout)
        return [*problems(self._connections, self.layout, self.manifest.dimension), *read_anew.misplaced()]

    def close(self) -> None:
        for part in ("store", "vectors", "lexical", "layout", "folder"):
            self.__dict__.pop(part, None)
        _let_go(self._lease, self._connections, self._folders)


def _let_go(lease: Lease, connections: Connections, folders: list[Path]) -> None:
    lease.close()
    connections.close()
    while folders:
        shutil.rmtree(folders.pop(), ignore_errors=True)


def current_versions(address: Address) -> tuple[int, ...] | None:
    """The number of the current version of each shard; ``None`` if one has none, or cannot be reached."""
    found = [current_version(shard) for shard in address.parts]
    return tuple(version for version in found if version is not None) if None not in found else None


def current_version(address: Address) -> int | None:
    """The number of the current version; ``None`` if there is none, or the database cannot be reached."""
    connections = _watching(address)
    try:
        rows = connections.query("SELECT version FROM current")
    except SnapshotError:
        return None
    return int(rows[0][0]) if rows else None


def current_attachment(address: Address, name: str) -> bytes | None:
    """A file that goes with the current version, in the first shard; ``None`` if there is no version.

    Raises:
        FileNotFoundError: the version has no such file.
        SnapshotError: if the database cannot be reached.
    """
    address = address.parts[0]
    if current_version(address) is None:
        return None
    rows = _watching(address).query(
        "SELECT content FROM attachments JOIN current USING (version) WHERE name = %s", [name]
    )
    if not rows:
        raise FileNotFoundError(name)
    return bytes(rows[0][0])


_watchers: dict[Address, Connections] = {}


def _watching(address: Address) -> Connections:
    """Connections that outlive any version: the page looks for the next one twice a second."""
    return _watchers.setdefault(address, Connections(address))
