"""What every Snapshot gives, whatever keeps it: a folder (``index.folder``) or a database (``index.postgres``)."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from rag.arrays import Floats, Rows
from rag.index.lexical import Lexical
from rag.index.manifest import Manifest
from rag.index.store import Mask, Store
from rag.index.vectors import PROBED, Spread


class VectorIndex(Protocol):
    """Unit vectors of the passages, by row."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    @property
    def count(self) -> int:
        """How many there are."""
        ...

    def cosines(self, query: Floats, rows: Rows) -> Floats:
        """The query's cosine to the vector at each row, shape ``(len(rows),)``."""
        ...

    def at(self, rows: Rows) -> Floats:
        """The vectors at these rows, shape ``(len(rows), dimension)``."""
        ...

    def search(
        self, queries: Floats, k: int, mask: Mask | None = None, *, probed: float = PROBED
    ) -> tuple[Rows, Floats]:
        """Rows and cosines of the nearest passages, each of shape ``(queries, k)``; rows are padded with -1."""
        ...

    def spread(self, rows: Rows) -> Spread:
        """How the vectors at these rows lie, by an even sample of them."""
        ...


class Snapshot(Protocol):
    """One complete, immutable index. Its parts are opened as they are needed; threads may share them.

    Attributes:
        folder: where the small files that go with it lie, such as the record of what it was made of.
        manifest: what it was made with.
    """

    folder: Path
    manifest: Manifest

    @property
    def place(self) -> str:
        """What the index is called in messages; no password is in it."""
        ...

    @property
    def store(self) -> Store:
        """Documents and passages."""
        ...

    @property
    def vectors(self) -> VectorIndex:
        """Vectors of the passages."""
        ...

    @property
    def lexical(self) -> Lexical:
        """Terms of the passages."""
        ...

    def verify(self) -> list[str]:
        """What is wrong with it, a sentence each; empty if all is well."""
        ...

    def close(self) -> None:
        """Let it go; nothing can be read afterwards."""
        ...
