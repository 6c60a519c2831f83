"""Watches the folders of one library: looks at them when something has changed, and has what is different indexed.

The system tells of changes; as it does not tell of all, each folder is also looked at from time to time. What is to be
watched stands in a file of the library, so that a server that is started again goes on with it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from rag.errors import RagError
from rag.files import Stamp
from rag.index.opening import Pointer, pointer_of
from rag.library import Changes, Record, RefusedFile, WatchedFolder, is_under, look_at
from rag.watching import changes, watching
from rag.web.documents.updates import Trouble, Updates, trouble_of
from rag.web.roots import WatchRoots

log = logging.getLogger(__name__)

FolderStage = Literal["watching", "indexing", "paused", "elsewhere", "error"]
FolderTrouble = Literal["", "gone", "outside", "failed"]

LOOK_SECONDS = 60.0
"""Between two looks at folders of which the system has told nothing."""
_GONE_SECONDS = 10.0
"""The same while one is gone, or another process watches them."""
_AGAIN_SECONDS = 600.0
"""After this time what could not be indexed is tried again though nothing has changed."""
_MOST_UNREAD = 100


@dataclass(frozen=True, slots=True)
class FolderState:
    """What there is to show of a folder.

    Attributes:
        path: its real path.
        stage: what is going on with it.
        trouble: why it is an error: it is gone, may not be watched here, or could not be indexed.
        failure: why it could not be indexed.
        looked: when it was last looked at, in seconds since 1970; 0: not yet.
        files: how many there are to read.
        last: what changed last.
        unread: files that could not be read, the first hundred.
        more_unread: how many more there are.
    """

    path: str
    stage: FolderStage = "watching"
    trouble: FolderTrouble = ""
    failure: Trouble | None = None
    looked: float = 0.0
    files: int = 0
    last: Changes | None = None
    unread: tuple[RefusedFile, ...] = ()
    more_unread: int = 0


class Watcher:
    """Watches the folders of one library as long as there are some. Threads may share one.

    Args:
        updates: bring the library up to date.
        roots: which folders may be watched here.
        follow_links: whether links out of the folders are followed.

    Attributes:
        updates: as given.
        library: whose folders they are.
    """

    def __init__(self, updates: Updates, roots: WatchRoots, *, follow_links: bool = False) -> None:
        self.updates = updates
        self.library = updates.library
        self._roots = roots
        self._follow_links = follow_links
        self._states: dict[str, FolderState] = {}
        self._tried: dict[str, tuple[Mapping[str, Stamp | None], float]] = {}
        self._seen: tuple[Pointer | None, Record | None] | None = None
        self._is_elsewhere = False
        self._is_closed = False
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()
        self._lock = threading.Lock()
        updates.ended = self._wake.set
        try:
            self._pause_outside()
        except (RagError, OSError) as error:
            log.warning("%s", error)

    def states(self) -> list[FolderState]:
        """All folders of the library, in the order they were added.

        Raises:
            LibraryError: if the file of them is damaged.
        """
        is_working = self.updates.status().work is not None
        with self._lock:
            known, waits = dict(self._states), set(self._tried)
        found = []
        for folder in self.library.watched.read().folders:
            state = replace(known.get(folder.path, FolderState(folder.path)), last=folder.last)
            if folder.is_paused:
                outside: FolderTrouble = "" if self._roots.cover(folder.path) else "outside"
                state = replace(state, stage="paused", trouble=outside, failure=None)
            elif self._is_elsewhere and state.stage != "error":
                state = replace(state, stage="elsewhere")
            elif state.stage == "watching" and is_working and folder.path in waits:
                state = replace(state, stage="indexing")
            found.append(state)
        return found

    def start(self) -> None:
        """Look at the folders now, and go on watching them; call again whenever they are others."""
        with self._lock:
            if self._thread is None and self._folders():
                self._thread = threading.Thread(target=self._run, name="watch-folders", daemon=True)
                self._thread.start()
        self._wake.set()

    def look(self, path: str) -> None:
        """Look at a folder now, and try again what could not be indexed."""
        with self._lock:
            self._tried.pop(path, None)
        self.start()

    def close(self, seconds: float = 10.0) -> None:
        """Watch nothing any more."""
        with self._lock:
            self._is_closed, thread = True, self._thread
        self._wake.set()
        if thread is not None:
            thread.join(seconds)

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._folders():
                    self._thread = None
                    return
            try:
                self._watch()
            except Exception:
                log.exception("The watched folders cannot be looked at.")
                self._rest(_GONE_SECONDS)

    def _watch(self) -> None:
        """Watch while there are folders; if another process does, wait a while."""
        with ExitStack() as held:
            try:
                held.enter_context(watching(self.library.index))
            except RagError as error:
                log.info("%s", error)
                self._is_elsewhere = True
                self._rest(_GONE_SECONDS)
                return
            self._is_elsewhere = False
            while folders := self._folders():
                self._follow([folder.path for folder in folders])

    def _rest(self, seconds: float) -> None:
        self._wake.wait(seconds)
        self._wake.clear()

    def _folders(self) -> list[WatchedFolder]:
        """Those to be watched now."""
        if self._is_closed:
            return []
        try:
            return [folder for folder in self.library.watched.read().folders if not folder.is_paused]
        except RagError as error:
            log.warning("%s", error)
            return []

    def _follow(self, paths: list[str]) -> None:
        """Look at the folders, and again when they change, until something else has."""
        self._wake.clear()
        there = self._look_at(paths)
        seconds = LOOK_SECONDS if len(there) == len(paths) else _GONE_SECONDS
        if not there:
            self._wake.wait(seconds)
            return
        for _ in changes([Path(path) for path in there], self.library.index, stop=self._wake, every=seconds):
            if self._look_at(paths) != there:
                return

    def _look_at(self, paths: list[str]) -> list[str]:
        """Look at the folders, and have what is different indexed; gives those that are there."""
        try:
            self._pause_outside()
            record = self._record(paths)
            looked = {path: self._looked_at(path, record) for path in paths}
        except RagError as error:
            log.info("The watched folders cannot be looked at: %s", error)
            state = FolderState("", "error", "failed", trouble_of(error), time.time())
            looked = {path: (replace(state, path=path), False) for path in paths}
        with self._lock:
            self._states |= {path: state for path, (state, _) in looked.items()}
        if any(is_new for _, is_new in looked.values()):
            self.updates.request()
        return [path for path, (state, _) in looked.items() if state.trouble != "gone"]

    def _pause_outside(self) -> None:
        """Leave alone what may not be watched any more: the settings, or where a link leads, are others now."""
        for folder in self.library.watched.read().folders:
            if not folder.is_paused and not self._roots.cover(folder.path):
                log.warning("%s is in none of watch_roots, and is watched no more.", folder.path)
                self.library.watched.pause(folder.path, is_paused=True)

    def _record(self, paths: list[str]) -> Record | None:
        """The record of the current Snapshot; what is different in the folders is noted when it is another one."""
        pointer, seen = pointer_of(self.library.index), self._seen
        if seen is not None and pointer == seen[0]:
            return seen[1]
        record = self.library.record()
        self._seen = pointer, record
        if record is not None and seen is not None:
            before = seen[1] or Record((), {}, {}, (), frozenset())
            for path in paths:
                if found := Changes.between(before, record, path):
                    self.library.watched.note(path, found)
        return record

    def _looked_at(self, path: str, record: Record | None) -> tuple[FolderState, bool]:
        """What a look at a folder finds, and whether it is to be indexed."""
        follow_links = self._follow_links or (record is not None and record.follow_links)
        found, looked = look_at(path, self.library, record, follow_links=follow_links), time.time()
        unread = [file for file in record.refused if is_under(file.file, path)] if record else []
        state = FolderState(
            path,
            looked=looked,
            files=found.files,
            unread=tuple(unread[:_MOST_UNREAD]),
            more_unread=max(0, len(unread) - _MOST_UNREAD),
        )
        if found.is_gone:
            return replace(state, stage="error", trouble="gone"), False
        with self._lock:
            if not found.differing:
                self._tried.pop(path, None)
                return state, False
            differing, when = self._tried.get(path, ({}, 0.0))
            status = self.updates.status()
            failure = status.failure if status.work is None else None
            if differing == found.differing and failure is not None:
                state = replace(state, stage="error", trouble="failed", failure=failure.trouble)
            is_due = failure is not None and time.monotonic() - when > _AGAIN_SECONDS
            if differing == found.differing and not is_due:
                return state, False
            self._tried[path] = found.differing, time.monotonic()
        return replace(state, stage="watching", trouble="", failure=None), True
