"""Looking into a journal while it grows: how many results there are of each kind, and any page of them."""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path

from rag.batch.result import Result, Status, result_from


class JournalView:
    """What a journal holds so far. Only what was added since the last look is read. Threads may share one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._forget()

    def counts(self) -> Counter[Status]:
        """Number of results by status, as of now."""
        with self._lock:
            self._catch_up()
            return Counter(self._counts)

    def results(self, first: int, count: int) -> list[Result]:
        """At most ``count`` results from number ``first`` on, counted from 0."""
        with self._lock:
            self._catch_up()
            starts = self._starts[first : first + count]
            if not starts:
                return []
            with self._path.open("rb") as file:
                file.seek(starts[0])
                return [result_from(json.loads(file.readline().decode("utf-8", "surrogatepass"))) for _ in starts]

    def _forget(self) -> None:
        self._starts: list[int] = []
        self._counts: Counter[Status] = Counter()
        self._end = 0
        self._inode = 0

    def _catch_up(self) -> None:
        try:
            file = self._path.open("rb")
        except FileNotFoundError:
            self._forget()
            return
        with file:
            now = os.fstat(file.fileno())
            if now.st_ino != self._inode or now.st_size < self._end:  # another run's, or cut after a crash
                self._forget()
                self._inode = now.st_ino
            file.seek(self._end)
            with suppress(ValueError):  # what a crash left of a line: the next run drops it
                while (line := file.readline()).endswith(b"\n"):
                    self._take(line)

    def _take(self, line: bytes) -> None:
        if self._end:  # the first line is the journal's head
            self._counts[json.loads(line.decode("utf-8", "surrogatepass"))["status"]] += 1
            self._starts.append(self._end)
        self._end += len(line)
