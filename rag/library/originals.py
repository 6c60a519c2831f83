"""The file that a document was read from: where it is, and whether it is still the one that was read."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Literal

from rag.errors import RagError
from rag.files import Stamp
from rag.index.folder import ADDED_FOLDER
from rag.library.errors import LibraryError
from rag.library.record import RECORD_FILE, Record, added_name

State = Literal["gone", "changed"]


class OriginalError(LibraryError):
    """The file of a document is not the one that was read.

    Attributes:
        state: whether it is ``gone``, or has been ``changed`` or replaced.
    """

    def __init__(self, state: State, path: Path) -> None:
        words = {"gone": "The file is not there any more, or cannot be read.", "changed": "The file has changed since."}
        super().__init__(words[state], path=path, hint="Bring the index up to date.")
        self.state: State = state


@dataclass(frozen=True, slots=True)
class Original:
    """The file that a document was read from.

    Attributes:
        path: where it was.
        stamp: what it was just before it was read.
    """

    path: Path
    stamp: Stamp

    def open(self) -> BinaryIO:
        """The file, opened to be read.

        Raises:
            OriginalError: if it is gone, or not the file that was read.
        """
        if not self.path.is_file():  # opening a pipe would wait
            raise OriginalError("gone", self.path)
        try:
            file = self.path.open("rb")
        except OSError:
            raise OriginalError("gone", self.path) from None
        found = os.fstat(file.fileno())  # of what was opened, whatever takes its place meanwhile
        if Stamp(found.st_size, found.st_mtime_ns) != self.stamp:
            file.close()
            raise OriginalError("changed", self.path)
        return file


def original_of(snapshot: Path, source: str) -> Original | None:
    """The file of a document.

    Args:
        snapshot: folder of the Snapshot that holds the document; the path comes from it alone.
        source: the document's.

    Returns:
        ``None`` if the Snapshot does not tell, or the document is a part of a file, as one in an archive is.
    """
    try:
        record = _record(snapshot)
    except (RagError, OSError):
        return None
    entry = record.entries.get(source)
    stamp = record.files.get(entry.file) if entry else None
    if entry is None or stamp is None or entry.member(source):
        return None
    name = added_name(entry.file)
    return Original(Path(entry.file) if name is None else snapshot.parent / ADDED_FOLDER / name, stamp)


@lru_cache(maxsize=2)
def _record(snapshot: Path) -> Record:
    """The record of a Snapshot, which never changes."""
    return Record.read(snapshot / RECORD_FILE)
