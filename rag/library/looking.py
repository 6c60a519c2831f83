"""What is in a folder now, against what the index was made of."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rag.corpus import find_files
from rag.corpus.files import FoundFile
from rag.files import Stamp
from rag.library.library import Library
from rag.library.record import Record, is_under


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a folder has found.

    Attributes:
        is_gone: whether it is not there, or shows nothing where there were documents.
        files: how many there are to read.
        differing: files that are new, changed or gone, each as it is now; ``None``: it is gone.
    """

    is_gone: bool
    files: int
    differing: Mapping[str, Stamp | None]


def look_at(path: str, library: Library, record: Record | None, *, follow_links: bool = False) -> Look:
    """Look at a folder, by its real path.

    Args:
        path: the folder.
        library: whose folder it is; what was taken out of that is no difference.
        record: of its Snapshot, if there is one.
        follow_links: whether links out of the folder are followed.

    Raises:
        SnapshotError: if the list of what was taken out is damaged.
    """
    known = record.files if record else {}
    if is_gone(path, library, record):
        return Look(True, 0, {})
    removals = library.removals()
    there: dict[str, Stamp] = {}
    for file in find_files([path], apart_from=[library.index], follow_links=follow_links):
        if isinstance(file, FoundFile):
            key = library.key(file.path)
            with suppress(OSError):
                if (key, "") not in removals.keys:
                    there[key] = Stamp.of(file.path)
    differing: dict[str, Stamp | None] = {key: stamp for key, stamp in there.items() if known.get(key) != stamp}
    differing |= {key: None for key in known if key not in there and is_under(key, path)}
    return Look(False, len(there), differing)


def is_gone(path: str, library: Library, record: Record | None) -> bool:
    """Whether a path is not there, or shows nothing where there were documents: more likely unplugged than emptied."""
    try:
        if not Path(path).exists():
            return True
    except OSError:
        return True
    real = os.path.realpath(path)
    if record is None or not any(is_under(entry.file, real) for entry in record.entries.values()):
        return False
    return not any(isinstance(file, FoundFile) for file in find_files([path], apart_from=[library.index]))
