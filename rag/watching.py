"""Tells when documents have changed, to one process at a time: ``rag build --watch`` or a server.

watchfiles is told of changes by the system (inotify, FSEvents, ReadDirectoryChangesW) and gathers those that come
together; where a folder cannot do that, as on some network drives, WATCHFILES_FORCE_POLLING=1 makes it look instead.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from watchfiles import Change, DefaultFilter, watch

from rag.errors import BusyError, StorageError

log = logging.getLogger(__name__)

_LOCK_FILE = ".watching.lock"
_GATHERED = 1500
"""Milliseconds for which changes are gathered, so that a copy of many files is one update."""
_MILLISECONDS = 1000


@contextmanager
def watching(index: Path) -> Iterator[None]:
    """Hold the lock of whoever watches the documents of an index folder, which is made if need be.

    Raises:
        BusyError: if another process holds it.
        StorageError: if the folder cannot be written.
    """
    try:
        index.mkdir(parents=True, exist_ok=True)
        with FileLock(index / _LOCK_FILE, timeout=0):
            yield
    except Timeout:
        raise BusyError(
            "Another process watches the documents of this index.", path=index, hint="End it, or leave it to that one."
        ) from None
    except OSError as error:
        raise StorageError(
            f"The index folder cannot be written ({error.strerror or error}).", path=index, hint="Choose another."
        ) from error


class _Documents(DefaultFilter):
    """All but hidden files, editors' leavings, and the index itself if it lies among the documents."""

    def __init__(self, index: Path) -> None:
        super().__init__()
        self._index = index.absolute()

    def __call__(self, change: Change, path: str) -> bool:
        return super().__call__(change, path) and not Path(path).is_relative_to(self._index)


def changes(
    paths: Sequence[Path], index: Path, *, stop: threading.Event | None = None, every: float | None = None
) -> Iterator[int]:
    """How many files have changed, each time some have; without ``stop`` it ends never.

    Args:
        paths: files and folders. Files are watched through their folder: saving often replaces them.
        index: the index folder, whose changes do not count.
        stop: ends it once it is set.
        every: also give 0 when nothing has changed for so many seconds, as far as the system has told: it tells nothing
            of what another machine does on a network drive, nor of more folders than it may watch.
    """
    watched = {path if path.is_dir() else path.absolute().parent for path in paths}
    files = {path.absolute() for path in paths if not path.is_dir()}
    folders = [path.absolute() for path in paths if path.is_dir()]
    try:
        for found in watch(
            *watched,
            watch_filter=_Documents(index),
            debounce=_GATHERED,
            stop_event=stop,
            rust_timeout=5 * _MILLISECONDS if every is None else int(every * _MILLISECONDS),
            yield_on_timeout=every is not None,
        ):
            places = {Path(path).absolute() for _, path in found}
            meant = [p for p in places if p in files or any(p.is_relative_to(folder) for folder in folders)]
            if meant or not found:
                yield len(meant)
    except OSError as error:
        if every is None or stop is None:
            raise
        log.warning("The system does not tell of changes (%s); they are looked for every %g s.", error, every)
        while not stop.wait(every):
            yield 0
