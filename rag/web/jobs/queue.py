"""Heavy work behind the page: of each line one piece at a time, in its order; questions stay quick meanwhile."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from rag.errors import BusyError
from rag.web.heap import give_back

log = logging.getLogger(__name__)

MOST_WAITING = 16
"""Pieces of work in line at once, of all browsers together."""
_NICENESS = 10


class Stopped(BaseException):
    """Somebody stopped the work. No ``Exception``, so that nothing on the way takes it for a failure."""


@dataclass(eq=False)
class Task:
    """One piece of work in the line.

    Attributes:
        key: names it.
        work: called with the task, on the line's thread; it calls ``check`` often.
    """

    key: str
    work: Callable[[Task], None]
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def is_stopping(self) -> bool:
        return self._stop.is_set()

    def stop(self) -> None:
        self._stop.set()

    def check(self) -> None:
        """Raises Stopped once the work is to end."""
        if self._stop.is_set():
            raise Stopped


class Jobs:
    """A line of work. Its thread lives while there is some, with less right to the processor than questions."""

    def __init__(self, name: str = "jobs") -> None:
        self._name = name
        self._line: list[Task] = []
        self._changed = threading.Condition()

    def submit(self, key: str, work: Callable[[Task], None], *, again: bool = False) -> None:
        """Put work at the end of the line; nothing happens if work of this key is in it.

        Args:
            key: names it.
            work: called on the line's thread.
            again: put it there too if work of this key is being done, but does not wait.

        Raises:
            BusyError: if the line is full.
        """
        with self._changed:
            if any(task.key == key for task in self._line[1 if again else 0 :]):
                return
            if len(self._line) >= MOST_WAITING:
                raise BusyError("Too much work is waiting.", hint="Try again when some of it is done.")
            self._line.append(Task(key, work))
            if len(self._line) == 1:
                threading.Thread(target=self._run, name=self._name, daemon=True).start()

    def ahead(self, key: str) -> int | None:
        """How many pieces come before this one: 0 when it is being worked on, ``None`` if it is not in the line."""
        with self._changed:
            return next((place for place, task in enumerate(self._line) if task.key == key), None)

    def waits(self, key: str) -> bool:
        """Whether work of this key is in the line behind what is being done."""
        with self._changed:
            return any(task.key == key for task in self._line[1:])

    def wait(self, seconds: float) -> bool:
        """Wait until all is done; False if it is not after so long."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._line, seconds)

    def is_stopping(self, key: str) -> bool:
        """Whether it has been stopped but has not ended yet."""
        with self._changed:
            return any(task.key == key and task.is_stopping for task in self._line)

    def stop(self, key: str) -> None:
        """End the work, or take it out of the line."""
        with self._changed:
            for task in self._line:
                if task.key == key:
                    task.stop()
            self._line[1:] = [task for task in self._line[1:] if task.key != key]

    def _run(self) -> None:
        _be_nice()
        while True:
            with self._changed:
                task = self._line[0]
            try:
                task.work(task)
            except Stopped:
                log.info("Stopped: %s", task.key)
            except Exception:
                log.exception("A job failed.")
            give_back()
            with self._changed:
                self._line.pop(0)
                if not self._line:
                    self._changed.notify_all()
                    return


def _be_nice() -> None:
    """Where threads have a priority of their own (Linux), this one and those it starts yield to questions."""
    if sys.platform == "linux":  # elsewhere the number of a thread may be that of another program
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
