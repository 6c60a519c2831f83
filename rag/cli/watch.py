"""``rag build --watch``: tells when documents have changed.

watchfiles is told of changes by the system (inotify, FSEvents, ReadDirectoryChangesW) and gathers those that come
together; where a folder cannot do that, as on some network drives, WATCHFILES_FORCE_POLLING=1 makes it look instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from watchfiles import Change, DefaultFilter, watch

_GATHERED = 1500
"""Milliseconds for which changes are gathered, so that a copy of many files is one update."""


class _Documents(DefaultFilter):
    """All but hidden files, editors' leavings, and the index itself if it lies among the documents."""

    def __init__(self, index: Path) -> None:
        super().__init__()
        self._index = index.absolute()

    def __call__(self, change: Change, path: str) -> bool:
        return super().__call__(change, path) and not Path(path).is_relative_to(self._index)


def changes(paths: Sequence[Path], index: Path) -> Iterator[int]:
    """How many files have changed, each time some have; ends never.

    Args:
        paths: files and folders. Files are watched through their folder: saving often replaces them.
        index: the index folder, whose changes do not count.
    """
    watched = {path if path.is_dir() else path.absolute().parent for path in paths}
    files = {path.absolute() for path in paths if not path.is_dir()}
    folders = [path.absolute() for path in paths if path.is_dir()]
    for found in watch(*watched, watch_filter=_Documents(index), debounce=_GATHERED):
        places = {Path(path).absolute() for _, path in found}
        meant = [p for p in places if p in files or any(p.is_relative_to(folder) for folder in folders)]
        if meant:
            yield len(meant)
