"""Readers hold the Snapshot they opened, so that no builder removes it under them.

A hold is a shared lock on the Snapshot's manifest; it ends with the process at the latest. portalocker is used because
it has shared locks on Linux, macOS and Windows alike, and needs no right to write.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import portalocker

log = logging.getLogger(__name__)


def hold(path: Path) -> BinaryIO:
    """An open file with a shared lock on it; closing it ends the hold.

    Raises:
        FileNotFoundError: the file is gone, or about to be removed.
    """
    file = path.open("rb")
    try:
        portalocker.lock(file, portalocker.LOCK_SH | portalocker.LOCK_NB)
    except portalocker.AlreadyLocked:
        file.close()
        raise FileNotFoundError(path) from None
    except portalocker.LockException as error:
        log.debug("%s cannot be locked, and is read without: %s", path, error)
        return file
    if not (path.exists() and os.path.samestat(path.stat(), os.fstat(file.fileno()))):
        file.close()
        raise FileNotFoundError(path)
    return file


@contextmanager
def unheld(path: Path) -> Iterator[bool]:
    """Whether nobody holds this file; while the block runs, nobody can."""
    try:
        with path.open("rb") as file:
            portalocker.lock(file, portalocker.LOCK_EX | portalocker.LOCK_NB)
            yield True
    except portalocker.AlreadyLocked:
        yield False
    except portalocker.LockException as error:
        log.debug("%s cannot be locked: %s", path, error)
        yield True
