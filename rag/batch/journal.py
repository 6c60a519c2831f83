"""The journal beside an unfinished output: every result reaches the disk as it is made."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from rag.batch.result import Result, result_from
from rag.errors import StorageError
from rag.files import sync

FORMAT = 1

_SYNC_RECORDS = 32
_SYNC_SECONDS = 5.0


class Journal:
    """Results in the order of their questions, in a JSON Lines file that only grows.

    The first line holds the format and the fingerprint of what the results are made with. A record is handed to the
    system as it is made, so killing the process loses none; it is forced to the disk every 32 records or 5 seconds, so
    a power cut loses no more. What a crash left of a last line is dropped. One process at a time may have it open.

    Attributes:
        path: the file.
        done: how many results it holds.
        set_aside: where a journal of another fingerprint was moved to, if there was one.
    """

    def __init__(self, path: Path, fingerprint: str) -> None:
        """Opens the journal, and takes over what it holds if its fingerprint is the same.

        Raises:
            StorageError: if it cannot be read or written.
        """
        self.path = path
        self.done = 0
        self.set_aside: Path | None = None
        self._head = {"format": FORMAT, "fingerprint": fingerprint}
        self._unsynced = 0
        self._synced_at = time.monotonic()
        try:
            length = self._take_over()
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o666)
            os.ftruncate(self._file, length)
            if not length:
                self._write(_line(self._head))
                self._sync()
                sync(path.parent)
        except OSError as error:
            raise self._failed(error) from None

    def append(self, result: Result) -> None:
        """Keeps the result of the next question.

        Raises:
            StorageError: if it cannot be written; those before are kept.
        """
        try:
            self._write(_line({"n": self.done, **result.to_dict()}))
            self.done += 1
            self._unsynced += 1
            if self._unsynced >= _SYNC_RECORDS or time.monotonic() - self._synced_at >= _SYNC_SECONDS:
                self._sync()
        except OSError as error:
            raise self._failed(error) from None

    def results(self) -> Iterator[Result]:
        """All results from the first on, read from the file one by one.

        Raises:
            StorageError: if it cannot be read.
        """
        try:
            with self.path.open("rb") as file:
                file.readline()
                for record, _ in _records(file):
                    yield result_from(record)
        except OSError as error:
            raise self._failed(error) from None

    def close(self) -> None:
        """Forces everything to the disk, as far as the disk lets it."""
        with suppress(OSError):
            self._sync()
        os.close(self._file)

    def remove(self) -> None:
        """Deletes the file, when the output is there; one that stays does no harm: the same command goes on from it."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)

    def _take_over(self) -> int:
        """Counts the records of an earlier run and gives the length of the file up to the last of them."""
        if not self.path.exists():
            return 0
        with self.path.open("rb") as file:
            first = file.readline()
            if not first.endswith(b"\n"):
                return 0  # killed before it had begun
            if _parsed(first) == self._head:
                length = len(first)
                for _, size in _records(file):
                    self.done += 1
                    length += size
                return length
        self.set_aside = self.path.with_name(f"{self.path.name}.old")
        self.path.replace(self.set_aside)
        return 0

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._file, rest) :]

    def _sync(self) -> None:
        os.fsync(self._file)
        self._unsynced = 0
        self._synced_at = time.monotonic()

    def _failed(self, error: OSError) -> StorageError:
        return StorageError(
            f"Results cannot be kept: {error.strerror or error}.",
            path=self.path,
            hint=f"Make room, or choose another output; the same command goes on after the {self.done:,} so far.",
        )


def _records(lines: Iterator[bytes]) -> Iterator[tuple[dict[str, Any], int]]:
    """Each record with its length in bytes, up to the first line that is cut off, damaged or out of order."""
    for number, line in enumerate(lines):
        record = _parsed(line) if line.endswith(b"\n") else None
        if not isinstance(record, dict) or record.get("n") != number:
            return
        yield record, len(line)


def _parsed(line: bytes) -> Any:
    with suppress(ValueError):
        return json.loads(line.decode("utf-8", "surrogatepass"))
    return None


def _line(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass") + b"\n"
