"""The library of an index folder: what it is made of, what was added to it and taken out of it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from rag.address import IndexPlace
from rag.corpus import find_files
from rag.corpus.files import FoundFile
from rag.files import Stamp, sha256_of, sync
from rag.index.folder import ADDED_FOLDER
from rag.index.opening import current_file, local_folder
from rag.library.changing import changing
from rag.library.errors import LibraryError, UnknownSourcesError
from rag.library.placing import is_placed
from rag.library.questions import MarkedQuestions
from rag.library.record import LIBRARY_FILE, RECORD_FILE, Record, Removals, TakenOut, added_key, added_name
from rag.library.watched import WatchedFolders

_COPIED_BYTES = 1 << 20
_PARTIAL = ".part"
_STALE_SECONDS = 3600


class Library:
    """The library of one index. Threads and processes may share its folder.

    Attributes:
        place: where the index is.
        index: the index folder; of an index in a database, what this machine keeps beside it.
        added: the folder of files added through the page.
        questions: those whose right answers readers have marked.
        watched: folders that a server watches for it.
    """

    def __init__(self, index: IndexPlace) -> None:
        self.place = index
        self.index = local_folder(index)
        self.added = self.index / ADDED_FOLDER
        self.questions = MarkedQuestions(self.index)
        self.watched = WatchedFolders(self.index)
        self._settle_restored()

    def record(self) -> Record | None:
        """What the current Snapshot was made of; ``None`` if there is no Snapshot.

        Raises:
            UnknownSourcesError: if the Snapshot does not tell.
        """
        try:
            content = current_file(self.place, RECORD_FILE)
        except FileNotFoundError:
            # It was not built from files, or long ago.
            raise UnknownSourcesError(
                "The index does not tell which folders it was made of.",
                path=str(self.place),
                hint="Run `rag build FOLDER` once; after that it can be updated here.",
            ) from None
        return None if content is None else Record.parsed(content, f"{self.place}: {RECORD_FILE}")

    def removals(self) -> Removals:
        """What the user has taken out."""
        self._settle_restored()
        return Removals.read(self.index / LIBRARY_FILE)

    def changed(self) -> Stamp | None:
        """Another value whenever the user has taken something out or back."""
        try:
            return Stamp.of(self.index / LIBRARY_FILE)
        except OSError:
            return None

    def added_files(self) -> dict[str, Stamp]:
        """The added files that are to be indexed, by name."""
        discarded = self.removals().discarded
        found = find_files([self.added]) if self.added.is_dir() else ()
        stamps = {}
        for file in found:
            with suppress(OSError):
                if isinstance(file, FoundFile) and file.source not in discarded:
                    stamps[file.source] = Stamp.of(file.path)
        return stamps

    def pending(self) -> list[str]:
        """Names of added files that the current Snapshot was not built with as they are now.

        Raises:
            UnknownSourcesError: if the Snapshot does not tell.
        """
        record = self.record()
        known = record.files if record else {}
        return [name for name, stamp in self.added_files().items() if known.get(added_key(name)) != stamp]

    def is_up_to_date(self) -> bool:
        """Whether the current Snapshot holds all that was added and nothing that was taken out.

        Raises:
            UnknownSourcesError: if the Snapshot does not tell.
        """
        record, removals, left = self.record(), self.removals(), self.watched.read().left
        if record is None:
            return not self.added_files()
        if left and any(os.path.realpath(path) in left for path in record.paths):
            return False
        discarded = {added_key(name) for name in removals.discarded}
        holds_discarded = any(entry.file in discarded for entry in record.entries.values())
        return not self.pending() and record.left_out == removals.keys and not holds_discarded

    def key(self, path: Path) -> str:
        """What a file is called here: its real path or, if it was added, a name that moves with the index."""
        real, root = Path(os.path.realpath(path)), os.path.realpath(self.added)
        return added_key(real.relative_to(root).as_posix()) if real.is_relative_to(root) else str(real)

    def add(self, content: Path, name: str) -> bool:
        """Take in a copy of a file, durably. It replaces a file of that name, and undoes that one's removal.

        Args:
            content: the file to copy; it is left as it is.
            name: a safe name, with ``/`` between folders.

        Returns:
            False if it was there already, with the same content.

        Raises:
            BusyError: if the library stays locked.
            OSError: if it cannot be read or written; nothing has changed then.
        """
        target = self.added / name
        partial = self.added / f".{os.urandom(8).hex()}{_PARTIAL}"
        self.added.mkdir(parents=True, exist_ok=True)
        try:
            _copy(content, partial)
            with changing(self.index):
                removals = self.removals()
                wanted = removals.with_added(name, added_key(name))
                if wanted == removals and target.is_file() and sha256_of(partial) == sha256_of(target):
                    return False
                target.parent.mkdir(parents=True, exist_ok=True)
                partial.replace(target)
                self._sync_above(target)
                if wanted != removals:
                    wanted.write(self.index / LIBRARY_FILE)
                return True
        finally:
            partial.unlink(missing_ok=True)

    def take_out(self, source: str, title: str) -> None:
        """Have the next update leave a document out. If its file was added here, it is deleted after that.

        Raises:
            LibraryError: if the current Snapshot does not tell of such a document.
        """
        record = self.record()
        entry = record.entries.get(source) if record else None
        if entry is None:
            raise LibraryError(f"The index has no document {source!r}.", path=self.index)
        name, member = added_name(entry.file), entry.member(source)
        with changing(self.index):
            removals = self.removals()
            if name is not None and not member:
                removals = removals.with_discarded(name)
            else:
                removals = removals.with_removed(TakenOut(source, title, entry.file, member))
            removals.write(self.index / LIBRARY_FILE)

    def take_back(self, source: str) -> None:
        """Undo ``take_out``: the next update has the document again, or keeps it."""
        record = self.record()
        entry = record.entries.get(source) if record else None
        name = added_name(entry.file) if entry else None
        with changing(self.index):
            removals = self.removals().without(source)
            removals = removals if name is None else removals.without_discarded({name})
            removals.write(self.index / LIBRARY_FILE)

    def take_back_files(self, paths: Iterable[Path]) -> None:
        """Undo ``take_out`` for files that are named one by one."""
        named = {self.key(path) for path in paths if path.is_file()}
        if any(out.file in named for out in self.removals().removed):
            with changing(self.index):
                self.removals().without_files(named).write(self.index / LIBRARY_FILE)

    def discard(self, name: str) -> None:
        """Delete an added file that no document of the index stands in, such as one that cannot be read."""
        with changing(self.index):
            self.removals().with_discarded(name).write(self.index / LIBRARY_FILE)
        self.settle()

    def settle(self) -> None:
        """Be done with what was taken out and is in no document of the current Snapshot: added files are deleted."""
        for partial in self.added.glob(f".*{_PARTIAL}"):
            with suppress(OSError):
                if time.time() - partial.stat().st_mtime > _STALE_SECONDS:
                    partial.unlink()
        self.watched.settle(self.record())
        if not self.removals().discarded:
            return
        with changing(self.index):
            record, removals = self.record(), self.removals()
            held = {entry.file for entry in record.entries.values()} if record else set()
            gone = {name for name in removals.discarded if added_key(name) not in held}
            for name in gone:
                (self.added / name).unlink(missing_ok=True)
                self._remove_empty_folders(self.added / name)
            removals.without_discarded(gone).write(self.index / LIBRARY_FILE)

    def _settle_restored(self) -> None:
        """Put in place what a restore has left halfway that was killed, or wait for one that is about to."""
        if not is_placed(self.index):
            with changing(self.index):
                pass

    def _sync_above(self, file: Path) -> None:
        """Make the folders that lead to an added file durable."""
        for folder in file.parents:
            sync(folder)
            if folder == self.index:
                return

    def _remove_empty_folders(self, file: Path) -> None:
        for folder in file.parents:
            try:
                if folder == self.added:
                    return
                folder.rmdir()
            except OSError:
                return


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as reading, target.open("xb") as writing:
        while part := reading.read(_COPIED_BYTES):
            writing.write(part)
        writing.flush()
        os.fsync(writing.fileno())
