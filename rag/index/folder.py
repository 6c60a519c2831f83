"""A Snapshot in a folder: one complete, immutable index on disk, and the pointer to the current one.

``<index>/<snapshot id>/`` holds the files, ``<index>/CURRENT`` the id. Building writes a new folder beside the old one
and then replaces ``CURRENT`` by rename, so that a reader finds the old Snapshot or the new one, whole.
"""

from __future__ import annotations

import re
import shutil
import weakref
from contextlib import nullcontext, suppress
from functools import cached_property
from pathlib import Path

from rag.errors import SnapshotError
from rag.files import IS_WINDOWS, sync, write_durably
from rag.index.holding import hold, unheld
from rag.index.integrity import REBUILD, damaged_files
from rag.index.lexical import Lexical
from rag.index.manifest import MANIFEST_FILE, Manifest
from rag.index.snapshot import Snapshot
from rag.index.sqlite_store import SqliteStore
from rag.index.vectors import Vectors

CURRENT_FILE = "CURRENT"
TEMPORARY = ".building-"
REMOVING = ".removing-"
ADDED_FOLDER = "added"
"""Holds documents of the user's, never a Snapshot, whatever their names."""


class FolderSnapshot(Snapshot):
    """Opens the parts of one Snapshot as they are needed; ``folder`` is where all its files are."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._hold = hold(folder / MANIFEST_FILE)
        weakref.finalize(self, self._hold.close)
        try:
            self.manifest = Manifest.read(folder)
        except BaseException:
            self._hold.close()
            raise

    @property
    def place(self) -> str:
        return str(self.folder.parent)

    @classmethod
    def open(cls, index: Path) -> FolderSnapshot:
        """Open the current Snapshot of an index folder, and hold it until ``close``.

        Raises:
            SnapshotError: if there is none, or it is damaged or of another format.
        """
        while True:
            name = current_id(index)
            try:
                return cls(index / name)
            except FileNotFoundError:
                # A builder has moved the pointer and removed this Snapshot since.
                if current_id(index) == name:
                    raise SnapshotError(
                        f"The index points to a Snapshot that is not there ({name!r}).",
                        path=index / CURRENT_FILE,
                        hint=REBUILD,
                    ) from None
            except OSError as error:
                raise SnapshotError(f"The index cannot be read ({error}).", path=index / name, hint=REBUILD) from None

    def close(self) -> None:
        """Let the files go; nothing can be read afterwards."""
        for part in ("store", "vectors", "lexical"):
            if part == "store" and part in self.__dict__:
                self.store.close()
            self.__dict__.pop(part, None)
        self._hold.close()

    @cached_property
    def store(self) -> SqliteStore:
        """Documents and passages."""
        return SqliteStore(self.folder)

    @cached_property
    def vectors(self) -> Vectors:
        """Vectors of the passages."""
        vectors = Vectors(self.folder)
        if vectors.count != self.manifest.passages:
            raise SnapshotError(
                f"The index holds {self.manifest.passages} passages but {vectors.count} vectors.",
                path=self.folder,
                hint="Build it again with `rag build`.",
            )
        return vectors

    @cached_property
    def lexical(self) -> Lexical:
        """Terms of the passages."""
        return Lexical.open(self.folder, self.manifest.passages)

    def verify(self) -> list[str]:
        """What is wrong with the files, a sentence each; empty if all is well."""
        problems = [
            f"{name}: its SHA-256 is not the recorded one." for name in damaged_files(self.folder, self.manifest.files)
        ]
        if problems:
            return problems
        counts = {
            "documents": (self.manifest.documents, len(self.store.documents())),
            "passages": (self.manifest.passages, len(self.store.passage_documents)),
            "vectors": (self.manifest.passages, self.vectors.count),
        }
        problems += [f"{n}: {found} found, {due} recorded." for n, (due, found) in counts.items() if found != due]
        return [*problems, *self.store.misplaced()]


def current_id(index: Path) -> str:
    """Id of the current Snapshot of an index folder.

    Raises:
        SnapshotError: if the folder holds no index.
    """
    path = index / CURRENT_FILE
    try:
        name = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise SnapshotError(
            "There is no index here yet.", path=index, hint="Make one with `rag build FOLDER`."
        ) from None
    except (OSError, ValueError) as error:
        raise SnapshotError(f"The index cannot be read ({error}).", path=path, hint=REBUILD) from None
    if not re.fullmatch(r"[0-9A-Za-z-]+", name):
        raise SnapshotError(f"The index points to no Snapshot ({name!r}).", path=path, hint=REBUILD)
    return name


def publish(index: Path, building: Path, name: str) -> None:
    """Make a finished folder the current Snapshot: sync its files, rename it, then move the pointer."""
    for path in [*building.rglob("*"), building]:
        sync(path)
    building.rename(index / name)
    sync(index)
    write_durably(index / CURRENT_FILE, f"{name}\n".encode("ascii"))


def clear_broken_off(index: Path) -> None:
    """Remove what builds left that were killed. Call with the writer's lock held."""
    for path in list(index.iterdir()):
        if path.name.startswith((TEMPORARY, REMOVING)):
            shutil.rmtree(path, ignore_errors=True)
        elif path.name.startswith(f".{CURRENT_FILE}."):
            path.unlink(missing_ok=True)


def clean_up(index: Path) -> None:
    """Remove old Snapshots that nobody holds. Call with the writer's lock held."""
    current = current_id(index)
    for path in list(index.iterdir()):
        if path.name not in (current, ADDED_FOLDER) and (path / MANIFEST_FILE).is_file():
            _remove(path)


def withdraw(index: Path) -> None:
    """Have an index folder hold no Snapshot any more. Call with the writer's lock held."""
    (index / CURRENT_FILE).unlink(missing_ok=True)
    sync(index)
    for path in list(index.iterdir()):
        if path.name != ADDED_FOLDER and (path / MANIFEST_FILE).is_file():
            _remove(path)


def _remove(folder: Path) -> None:
    # Windows renames no folder of which a file is open, as the manifest of a held Snapshot is: there that is the hold.
    with suppress(OSError), nullcontext(True) if IS_WINDOWS else unheld(folder / MANIFEST_FILE) as free:
        if free:
            # Renamed first: whoever finds the folder finds all of it.
            removing = folder.with_name(f"{REMOVING}{folder.name}")
            folder.rename(removing)
            shutil.rmtree(removing, ignore_errors=True)
