"""The question each browser tab is asking now, so that another one or a click can stop it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(eq=False)
class Run:
    """One question being answered.

    Attributes:
        cancelled: set to end it.
        superseded: True once the same tab asks another question; nothing of this one is to be shown any more.
        has_opened: True once a place was opened while it went on: what is being read there stays open.
    """

    cancelled: threading.Event = field(default_factory=threading.Event)
    superseded: bool = False
    has_opened: bool = False


class Sessions:
    """Runs by the tab they belong to. Threads may share one."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}
        self._lock = threading.Lock()

    @contextmanager
    def run(self, session: str) -> Iterator[Run]:
        """A new run, which ends the one before it."""
        run = Run()
        with self._lock:
            before = self._runs.get(session)
            self._runs[session] = run
        if before is not None:
            before.superseded = True
            before.cancelled.set()
        try:
            yield run
        finally:
            run.cancelled.set()
            with self._lock:
                if self._runs.get(session) is run:
                    del self._runs[session]

    def note_opened(self, session: str) -> None:
        """That the tab has opened a place."""
        if (run := self._current(session)) is not None:
            run.has_opened = True

    def stop(self, session: str) -> None:
        """End what the tab is asking; what came so far stays shown."""
        if (run := self._current(session)) is not None:
            run.cancelled.set()

    def _current(self, session: str) -> Run | None:
        with self._lock:
            return self._runs.get(session)
