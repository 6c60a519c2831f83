"""Long work that browsers have the server do: kept in folders, done in the line, stopped, taken up again."""

from __future__ import annotations

import logging
import os
from abc import ABC, abstractmethod

from rag.errors import BusyError, RagError
from rag.web.current import CurrentIndex
from rag.web.jobs.downloads import Downloads
from rag.web.jobs.folders import Entry, WorkFolders
from rag.web.jobs.queue import Jobs, Stopped, Task
from rag.web.jobs.views import JobStage

log = logging.getLogger(__name__)

MOST_UNFINISHED = 3
"""Pieces of work of one kind that a browser may have in line at once."""


class KeptWork(ABC):
    """Work of one kind of all browsers; each sees its own. Threads may share one.

    Args:
        current: the index that is worked with.
        jobs: the line in which the work waits its turn.
        folder: where it is kept, in the cache folder.
    """

    def __init__(self, current: CurrentIndex, jobs: Jobs, folder: str) -> None:
        self._current = current
        self._jobs = jobs
        self._folder = folder
        self._downloads = Downloads()

    def go_on(self, owner: str, name: str) -> None:
        """Put work that is new, was stopped, or was being done when the server ended, into the line.

        Raises:
            BusyError: if the line is full.
        """
        if (entry := self._folders.get(owner, name)) is not None:
            self._folders.note(entry, outcome=None, error="")
            self._jobs.submit(entry.id, lambda task: self._work(owner, entry, task))

    def stop(self, owner: str, name: str) -> None:
        """End the work; what is done is kept."""
        if (entry := self._folders.get(owner, name)) is not None:
            self._jobs.stop(entry.id)

    def remove(self, owner: str, name: str) -> None:
        """Forget work that is not in the line, and all that came of it."""
        entry = self._folders.get(owner, name)
        if entry is not None and self._jobs.ahead(entry.id) is None:
            self._downloads.forget(entry.folder)
            self._folders.remove(entry)

    @abstractmethod
    def _do(self, owner: str, entry: Entry, task: Task) -> None:
        """Do the work.

        Raises:
            Stopped: once ``task.check`` says so.
            RagError: it failed; the browser is told why.
        """

    @abstractmethod
    def _ended(self, entry: Entry) -> None:
        """Forget what was only of use while the work was being done."""

    @property
    def _folders(self) -> WorkFolders:
        return WorkFolders(self._current.engine().settings.cache_dir / "web" / self._folder)

    def _check_line(self, owner: str) -> None:
        """Raise BusyError if the owner has as much in line as may be."""
        if sum(self._jobs.ahead(entry.id) is not None for entry in self._folders.of(owner)) >= MOST_UNFINISHED:
            raise BusyError(f"{MOST_UNFINISHED} of yours are in line already.", hint="Wait until one is done.")

    def _stage(self, entry: Entry) -> tuple[JobStage, int]:
        """What is going on with the work, and how many pieces come before it."""
        ahead = self._jobs.ahead(entry.id)
        if ahead is None:
            return entry.facts.get("outcome") or "stopped", 0
        return "waiting" if ahead else "stopping" if self._jobs.is_stopping(entry.id) else "running", ahead

    def _work(self, owner: str, entry: Entry, task: Task) -> None:
        outcome, error = None, ""
        try:
            self._do(owner, entry, task)
            outcome = "done"
        except Stopped:
            log.info("Work was stopped.")
        except RagError as failure:
            outcome, error = "failed", str(failure).replace(f"{entry.folder}{os.sep}", "")
        except Exception:
            log.exception("Work failed.")
            outcome = "failed"
        finally:
            self._ended(entry)
            self._folders.note(entry, outcome=outcome, error=error)
