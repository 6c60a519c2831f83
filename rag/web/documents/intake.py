"""Uploaded files -> files of the library: each is checked, stored durably under a safe name, or refused."""

from __future__ import annotations

import errno
import logging
import threading
from collections.abc import Mapping, MutableSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rag.corpus.files import FORMATS
from rag.errors import RagError
from rag.library import Library
from rag.settings import Settings
from rag.web.documents.names import is_left_behind, safe_name

log = logging.getLogger(__name__)

Reason = Literal[
    "type", "hidden", "empty", "size", "count", "total", "name", "not-sent", "folder", "full", "busy", "other"
]
"""Why an upload is refused."""
_MOST_NAME_CHARS = 4096


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a browser tells of it: anything can stand in it.

    Attributes:
        name: what it is called there, with ``/`` between folders.
        size: its length in bytes as the browser tells it; -1 if it cannot read the file.
        path: where Gradio has put it; empty if the browser did not send it.
    """

    name: str
    size: int
    path: str

    @classmethod
    def from_event(cls, data: Any) -> Upload:
        """The upload in an event's data; what is missing is empty."""
        fields = data if isinstance(data, Mapping) else {}
        name, size, path = fields.get("name"), fields.get("size"), fields.get("path")
        return cls(
            name[:_MOST_NAME_CHARS] if isinstance(name, str) else "",
            int(size) if isinstance(size, int | float) and 0 <= size < 1e18 else -1,
            path if isinstance(path, str) else "",
        )


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that was taken in, as ``name`` of the library.

    Attributes:
        is_new: False if it was there already, with the same content.
        replaced: True if a file of that name was there with other content.
    """

    name: str
    is_new: bool
    replaced: bool


@dataclass(frozen=True, slots=True)
class NotStored:
    """A file that was refused: ``limit`` is the limit it exceeds, in the unit of ``reason``."""

    name: str
    reason: Reason
    limit: float = 0.0
    size: int = 0
    detail: str = ""


class Intake:
    """Takes uploads into a library. Threads may share one.

    Args:
        library: where the files go.
        settings: the limits.
        uploaded: paths of the files that browsers have sent to this server; others are not looked at.
    """

    def __init__(self, library: Library, settings: Settings, uploaded: MutableSet[str]) -> None:
        self._library = library
        self._settings = settings
        self._uploaded = uploaded
        self._storing = threading.Lock()

    def take(self, upload: Upload) -> Stored | NotStored:
        """Store one upload. Its temporary file is deleted in any case."""
        try:
            refusal = self._refused(upload)
            return refusal or self._store(upload)
        finally:
            if upload.path in self._uploaded:
                self._uploaded.discard(upload.path)
                Path(upload.path).unlink(missing_ok=True)

    def _refused(self, upload: Upload) -> NotStored | None:
        name, settings = upload.name, self._settings
        if is_left_behind(name):
            return NotStored(name, "hidden")
        if not safe_name(name):
            return NotStored(name, "name")
        if Path(safe_name(name)).suffix.lower() not in FORMATS:
            return NotStored(name, "type")
        size = max(upload.size, self._size(upload))
        if size > settings.max_file_mb * 1e6:
            return NotStored(name, "size", settings.max_file_mb, size)
        if not self._was_sent(upload):  # nothing is sent of an empty file
            return NotStored(name, "empty" if upload.size == 0 else "not-sent")
        if size == 0:
            return NotStored(name, "empty")
        return None

    def _was_sent(self, upload: Upload) -> bool:
        return upload.path in self._uploaded and Path(upload.path).is_file()

    def _size(self, upload: Upload) -> int:
        return Path(upload.path).stat().st_size if self._was_sent(upload) else 0

    def _store(self, upload: Upload) -> Stored | NotStored:
        name = safe_name(upload.name)
        with self._storing:
            try:
                files = self._library.added_files()
                size = self._size(upload)
                if name not in files and len(files) >= self._settings.max_added_files:
                    return NotStored(upload.name, "count", self._settings.max_added_files)
                total = size + sum(stamp.size for other, stamp in files.items() if other != name)
                if total > self._settings.max_added_mb * 1e6:
                    return NotStored(upload.name, "total", self._settings.max_added_mb, size)
                is_new = self._library.add(Path(upload.path), name)
                return Stored(name, is_new, is_new and name in files)
            except RagError as error:
                return NotStored(upload.name, "busy", detail=str(error))
            except OSError as error:
                log.warning("An upload could not be stored: %s", error)
                return NotStored(upload.name, _reason_of(error), detail=error.strerror or str(error))


def _reason_of(error: OSError) -> Reason:
    if error.errno in (errno.ENOSPC, errno.EDQUOT if hasattr(errno, "EDQUOT") else errno.ENOSPC):
        return "full"
    if isinstance(error, FileExistsError | NotADirectoryError | IsADirectoryError):
        return "folder"
    return "other"
