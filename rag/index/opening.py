"""Opens an index, whatever keeps it."""

from __future__ import annotations

from pathlib import Path

from rag.address import Address, IndexPlace
from rag.extras import require
from rag.index.folder import CURRENT_FILE, FolderSnapshot, current_id
from rag.index.snapshot import Snapshot

FEATURE = "An index in a database"

Pointer = tuple[int, ...]
"""What changes when another Snapshot becomes the current one."""


def open_snapshot(place: IndexPlace) -> Snapshot:
    """The current Snapshot of an index, held until it is closed.

    Raises:
        SnapshotError: if there is none, or it is damaged or of another format.
        MissingExtraError: if it is in a database and the packages for that are not installed.
    """
    if isinstance(place, Address):
        require("postgres", FEATURE)
        from rag.index.postgres import open_database

        return open_database(place)
    return FolderSnapshot.open(place)


def pointer_of(place: IndexPlace) -> Pointer | None:
    """Another value whenever another Snapshot has become the current one; ``None`` where there is none."""
    if isinstance(place, Address):
        require("postgres", FEATURE)
        from rag.index.postgres import current_versions

        return current_versions(place)
    try:
        stat = (place / CURRENT_FILE).stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns


def current_file(place: IndexPlace, name: str) -> bytes | None:
    """A small file that goes with the current Snapshot; ``None`` if there is no Snapshot.

    Raises:
        FileNotFoundError: the Snapshot has no such file.
        SnapshotError: if the index cannot be read.
    """
    if isinstance(place, Address):
        require("postgres", FEATURE)
        from rag.index.postgres import current_attachment

        return current_attachment(place, name)
    while (place / CURRENT_FILE).exists():
        snapshot = current_id(place)
        try:
            return (place / snapshot / name).read_bytes()
        except FileNotFoundError:
            # Unless another Snapshot has taken its place since, there is none.
            if current_id(place) == snapshot:
                raise
    return None


def is_there(place: IndexPlace) -> bool:
    """Whether there is an index at all."""
    return pointer_of(place) is not None


def local_folder(place: IndexPlace) -> Path:
    """The folder of what this machine keeps beside an index: the index itself, unless it is in a database."""
    return place.home if isinstance(place, Address) else place
