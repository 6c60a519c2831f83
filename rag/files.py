"""What tells a file from another, and writing one so that it lasts."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rag.errors import StorageError

IS_WINDOWS: Final = os.name == "nt"
_WAITS: Final = (0.01, 0.05, 0.2, 1.0)
"""Seconds between tries to replace a file that another program has open, on Windows."""


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class Stamp:
    """What changes when a file is written to or replaced: length in bytes, time in nanoseconds."""

    size: int
    modified: int

    @classmethod
    def of(cls, path: Path) -> Stamp:
        """The stamp of a file now."""
        stat = path.stat()
        return cls(stat.st_size, stat.st_mtime_ns)


@contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """Gives another file to write, which takes the place of ``path`` in one step when the block ends.

    Readers see the old content or the new, whole; if the block raises, the old content stays.

    Args:
        path: its folder must be there.
        durable: this holds after a power cut too.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        yield partial
        if durable:
            sync(partial)
        take_place(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    if durable:
        sync(path.parent)


def write_durably(path: Path, content: bytes) -> None:
    """Replace a file in one step: after a crash it holds the old content or the new, whole."""
    with replacing(path) as partial:
        partial.write_bytes(content)


def replace_file(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Replace a file in one step: the old content stays, or the new is there, whole.

    Args:
        path: its folder must be there.
        content: what it is to hold.
        durable: this holds after a power cut too.

    Raises:
        StorageError: if it cannot be written.
    """
    try:
        with replacing(path, durable=durable) as partial:
            partial.write_bytes(content)
    except OSError as error:
        raise StorageError(f"The file cannot be written: {error.strerror or error}.", path=path) from None


def take_place(new: Path, old: Path) -> None:
    """Rename ``new`` to ``old``, whatever stood there. Windows refuses while others read that, so it is tried again.

    Raises:
        OSError: if it cannot be.
    """
    for seconds in _WAITS if IS_WINDOWS else ():
        try:
            new.replace(old)
        except PermissionError:
            time.sleep(seconds)
        else:
            return
    new.replace(old)


def sync(path: Path) -> None:
    """Make a file or a folder's entries durable.

    Windows cannot open folders, and needs no such thing; of a file it wants a handle that may write.
    """
    if IS_WINDOWS and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDWR if IS_WINDOWS else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
