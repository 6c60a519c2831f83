"""Folders that a server watches for a library: which, whether it pauses, and what changed there last."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from rag.clock import now
from rag.files import write_durably
from rag.library.changing import changing
from rag.library.errors import LibraryError
from rag.library.lines import damaged
from rag.library.record import WATCHED_FILE, Record

_CALLED = "watched folders"
MOST_WATCHED = 50
"""Folders of one library."""

FolderProblem = Literal["relative", "missing", "index", "watched", "nested", "many"]


class WatchedFolderError(LibraryError):
    """A folder cannot be watched.

    Attributes:
        problem: why not, for those who say it in words of their own.
        other: the folder that is watched already, if that is why.
    """

    def __init__(self, path: str, problem: FolderProblem, message: str, hint: str, other: str = "") -> None:
        self.problem: FolderProblem = problem
        self.other = other
        super().__init__(message, path=path, hint=hint)


@dataclass(frozen=True, slots=True)
class Changes:
    """How many documents of a folder came, changed and went, and when: ISO 8601 in UTC."""

    added: int
    changed: int
    removed: int
    time: str

    @classmethod
    def between(cls, before: Record, after: Record, path: str) -> Changes | None:
        """What is different in a folder; ``None`` if nothing is."""
        old, new = before.documents_under(path), after.documents_under(path)
        changed = sum(old[key] != sha256 for key, sha256 in new.items() if key in old)
        found = cls(len(new.keys() - old.keys()), changed, len(old.keys() - new.keys()), now())
        return found if found.added or found.changed or found.removed else None


@dataclass(frozen=True, slots=True)
class WatchedFolder:
    """One folder.

    Attributes:
        path: its real path.
        since: when it was added, ISO 8601 in UTC.
        is_paused: whether its documents stay as they are, whatever happens there.
        last: what changed last.
    """

    path: str
    since: str
    is_paused: bool = False
    last: Changes | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """The folders of a library.

    Attributes:
        folders: those that are watched, in the order they were added.
        left: real paths that the next update leaves out, though the Snapshot was made of them.
    """

    folders: tuple[WatchedFolder, ...] = ()
    left: frozenset[str] = frozenset()

    def folder(self, path: str) -> WatchedFolder | None:
        """The folder with this path."""
        return next((folder for folder in self.folders if folder.path == path), None)


class WatchedFolders:
    """The watched folders of one index folder. Threads and processes may share it.

    Attributes:
        path: the file.
    """

    def __init__(self, index: Path) -> None:
        self._index = index
        self.path = index / WATCHED_FILE

    def read(self) -> Watched:
        """Those there are now; none where there is no file.

        Raises:
            LibraryError: if the file is damaged.
        """
        try:
            body = json.loads(self.path.read_text(encoding="utf-8") or "{}")
            folders = tuple(map(_from_dict, body.get("folders", ())))
            return Watched(folders, frozenset(map(str, body.get("left", ()))))
        except (FileNotFoundError, NotADirectoryError):
            return Watched()
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise damaged(self.path, _CALLED, repr(error)) from None

    def add(self, path: str | Path) -> WatchedFolder:
        """Watch a folder from now on, durably.

        Raises:
            WatchedFolderError: if it cannot be watched.
            LibraryError: if the file is damaged.
            BusyError: if the library stays locked.
        """
        given = Path(path)
        if not given.is_absolute():
            raise WatchedFolderError(str(path), "relative", "The path is not absolute.", "Give it from the root on.")
        if not _is_folder(given):
            raise WatchedFolderError(str(path), "missing", "There is no such folder.", "Check the path.")
        folder = WatchedFolder(os.path.realpath(given), now())
        if Path(folder.path).is_relative_to(os.path.realpath(self._index)):
            raise WatchedFolderError(folder.path, "index", "This folder belongs to the index.", "Choose another.")

        def added(watched: Watched) -> Watched:
            _check_new(folder.path, watched)
            return replace(watched, folders=(*watched.folders, folder), left=watched.left - {folder.path})

        self._change(added)
        return folder

    def pause(self, path: str, *, is_paused: bool) -> None:
        """Have the documents of a folder stay as they are, or follow it again."""
        self._change_one(path, lambda folder: replace(folder, is_paused=is_paused))

    def note(self, path: str, changes: Changes) -> None:
        """Remember what changed last."""
        self._change_one(path, lambda folder: replace(folder, last=changes))

    def remove(self, path: str, *, with_documents: bool) -> None:
        """Watch a folder no more.

        Args:
            path: its path.
            with_documents: the next update leaves its documents out. Otherwise they stay, and updates that are asked
                for go on reading it, as a folder that ``rag build`` was given.
        """

        def removed(watched: Watched) -> Watched:
            folders = tuple(folder for folder in watched.folders if folder.path != path)
            is_there = len(folders) < len(watched.folders)
            return Watched(folders, watched.left | {path} if is_there and with_documents else watched.left)

        self._change(removed)

    def take_back(self, paths: Iterable[Path]) -> None:
        """Have paths that are named anew be read though they were to be left out."""
        named = {os.path.realpath(path) for path in paths}
        if named & self.read().left:
            self._change(lambda watched: replace(watched, left=watched.left - named))

    def take_over(self, other: WatchedFolders) -> int:
        """Watch the folders of another index too, but for those that are part of what is watched; how many are new.

        Raises:
            LibraryError: if a file is damaged.
            BusyError: if the library stays locked.
        """
        given, before = other.read(), len(self.read().folders)

        def taken(watched: Watched) -> Watched:
            for folder in given.folders:
                with suppress(WatchedFolderError):
                    _check_new(folder.path, watched)
                    watched = replace(watched, folders=(*watched.folders, folder))
            return replace(watched, left=watched.left | given.left)

        if given != Watched():
            self._change(taken)
        return len(self.read().folders) - before

    def settle(self, record: Record | None) -> None:
        """Forget what was to be left out and is, now that this is the record of the Snapshot."""
        if self.read().left:
            read = {os.path.realpath(path) for path in record.paths} if record else set()
            self._change(lambda watched: replace(watched, left=watched.left & read))

    def _change_one(self, path: str, change: Callable[[WatchedFolder], WatchedFolder]) -> None:
        def changed(watched: Watched) -> Watched:
            folders = (change(folder) if folder.path == path else folder for folder in watched.folders)
            return replace(watched, folders=tuple(folders))

        self._change(changed)

    def _change(self, change: Callable[[Watched], Watched]) -> None:
        with changing(self._index):
            before = self.read()
            if (after := change(before)) != before:
                body = {"folders": [asdict(folder) for folder in after.folders], "left": sorted(after.left)}
                write_durably(self.path, (json.dumps(body, ensure_ascii=False, indent=1) + "\n").encode("utf-8"))


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _check_new(path: str, watched: Watched) -> None:
    """Raises WatchedFolderError if the folder is watched already, by itself or with another."""
    if watched.folder(path):
        raise WatchedFolderError(path, "watched", "This folder is watched already.", "Look at its state.")
    for other in watched.folders:
        if Path(path).is_relative_to(other.path) or Path(other.path).is_relative_to(path):
            message = f"It is part of {other.path}, or that of it, which is watched already."
            raise WatchedFolderError(path, "nested", message, "Remove that one first.", other.path)
    if len(watched.folders) >= MOST_WATCHED:
        raise WatchedFolderError(path, "many", f"{MOST_WATCHED} folders are watched already.", "Remove one first.")


def _from_dict(record: dict[str, Any]) -> WatchedFolder:
    last = record.get("last")
    return WatchedFolder(
        str(record["path"]), str(record["since"]), bool(record["is_paused"]), Changes(**last) if last else None
    )
