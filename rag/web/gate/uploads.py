"""The folder of what was uploaded, and of what was made for a download: the only files that are served.

Gradio keeps all of it until the server ends, and of uploads that broke off it does not even know.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic

import anyio
from gradio.utils import get_upload_folder

from rag.web.gate.asgi import Message, Receive
from rag.web.limits import BODY_SECONDS, SLOWEST_BYTES, UPLOAD_HOURS


class Arrivals:
    """Uploads under way: what they have announced and not yet sent will need room, too."""

    def __init__(self) -> None:
        self._due: dict[object, int] = {}

    @property
    def due_bytes(self) -> int:
        """How much is still to come."""
        return sum(self._due.values())

    @contextmanager
    def expecting(self, length: int, receive: Receive) -> Iterator[Receive]:
        """Counts an upload of this length in the block; what it gives is to be received from.

        It breaks off where it is slower than ``SLOWEST_BYTES``, since nobody else has its room meanwhile.
        """
        upload, began = object(), monotonic()
        self._due[upload] = length

        async def counted() -> Message:
            seconds = BODY_SECONDS + (length - self._due[upload]) / SLOWEST_BYTES
            with anyio.move_on_after(began + seconds - monotonic()):
                message = await receive()
                self._due[upload] = max(0, self._due[upload] - len(message.get("body", b"")))
                return message
            return {"type": "http.disconnect"}

        try:
            yield counted
        finally:
            del self._due[upload]


def is_stored(path: str) -> bool:
    """Whether this is the absolute path of something in the folder, after links and ``..``."""
    try:
        wanted = Path(path).resolve()
    except (OSError, ValueError, RuntimeError):
        return False
    return Path(path).is_absolute() and wanted.is_relative_to(_folder().resolve())


def stored_bytes() -> int:
    """How much there is now, without what is older than ``UPLOAD_HOURS``: that is deleted."""
    oldest, kept = time.time() - UPLOAD_HOURS * 3600, 0
    for path, found in _files():
        if found.st_mtime >= oldest:
            kept += found.st_size
            continue
        with suppress(OSError):
            path.unlink()
            path.parent.rmdir()
    return kept


def _folder() -> Path:
    return Path(get_upload_folder())


def _files() -> Iterator[tuple[Path, os.stat_result]]:
    for path in list(_folder().rglob("*")):
        with suppress(OSError):
            if path.is_file() and not path.is_symlink():
                yield path, path.stat()
