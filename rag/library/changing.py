"""One change of a library at a time, whichever thread or process makes it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from rag.errors import BusyError
from rag.library.placing import place

_LOCK_SECONDS = 30


@contextmanager
def changing(index: Path) -> Iterator[None]:
    """Hold the library of an index folder, which is made if need be. A restore that was killed is brought to its end.

    Raises:
        BusyError: if it stays locked.
    """
    try:
        index.mkdir(parents=True, exist_ok=True)
        with FileLock(index / ".library.lock", timeout=_LOCK_SECONDS):
            place(index)
            yield
    except Timeout:
        raise BusyError(
            "Another process is changing the documents of this index.", path=index, hint="Try again."
        ) from None
