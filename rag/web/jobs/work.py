"""Long work that browsers have the server do: kept in folders, done in the line, stopped, taken up again."""

from __future__ import annotations

import logging
import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from rag.errors import BusyError, RagError
from rag.library import DEFAULT_ID, NamedLibrary
from rag.web.jobs.downloads import Downloads
from rag.web.jobs.folders import Entry, WorkFolders
from rag.web.jobs.queue import Jobs, Stopped, Task
from rag.web.jobs.views import IN_LINE, JobStage
from rag.web.libraries import OpenLibraries, Served

log = logging.getLogger(__name__)

MOST_UNFINISHED = 3
"""Pieces of work of one kind that a browser may have in line at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkState:
    """How far a piece of work is.

    Attributes:
        id: of its folder.
        name: what it is about.
        created: seconds since 1970.
        stage: what is going on with it.
        ahead: how many pieces of work come before it.
        error: why it failed.
        libraries: those it is about, where there is more than one to choose from.
    """

    id: str
    name: str
    created: float
    stage: JobStage
    ahead: int
    error: str
    libraries: tuple[NamedLibrary, ...] = ()

    @property
    def is_live(self) -> bool:
        """Whether it is still in the line."""
        return self.stage in IN_LINE


S = TypeVar("S", bound=WorkState)


class KeptWork(ABC, Generic[S]):
    """Work of one kind of all browsers; each sees its own, as far as it may read the libraries. Threads may share one.

    Args:
        libraries: those that are served; each piece of work keeps to those that it began with.
        jobs: the line in which the work waits its turn.
        folder: where it is kept, in the cache folder.
    """

    def __init__(self, libraries: OpenLibraries, jobs: Jobs, folder: str) -> None:
        self._libraries = libraries
        self._jobs = jobs
        self._folder = folder
        self._downloads = Downloads()

    def states(self, owner: str) -> list[S]:
        """All of the owner's, newest first."""
        readable = {library.id for library in self._libraries.readable()}
        return [self._state(entry) for entry in self._folders.of(owner) if readable.issuperset(_libraries_of(entry))]

    def go_on(self, owner: str, name: str) -> None:
        """Put work that is new, was stopped, or was being done when the server ended, into the line.

        Raises:
            BusyError: if the line is full.
        """
        if (entry := self._entry(owner, name)) is not None:
            self._folders.note(entry, outcome=None, error="")
            self._jobs.submit(entry.id, lambda task: self._work(owner, entry, task))

    def stop(self, owner: str, name: str) -> None:
        """End the work; what is done is kept."""
        if (entry := self._entry(owner, name)) is not None:
            self._jobs.stop(entry.id)

    def remove(self, owner: str, name: str) -> None:
        """Forget work that is not in the line, and all that came of it."""
        entry = self._entry(owner, name)
        if entry is not None and self._jobs.ahead(entry.id) is None:
            self._downloads.forget(entry.folder)
            self._folders.remove(entry)

    @abstractmethod
    def _state(self, entry: Entry) -> S:
        """How far the work is."""

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
        return WorkFolders(self._libraries.settings.cache_dir / "web" / self._folder)

    def _entry(self, owner: str, name: object) -> Entry | None:
        """The folder of this id, if it is the owner's, and the libraries are there for whoever asks."""
        entry = self._folders.get(owner, name)
        if entry is None:
            return None
        readable = {library.id for library in self._libraries.readable()}
        return entry if readable.issuperset(_libraries_of(entry)) else None

    def _served(self, entry: Entry) -> Served:
        """What the work is about. In the line it is nobody's: whose right it is was looked at on the way there."""
        return self._libraries.chosen(_libraries_of(entry))

    def _added(self, owner: str, libraries: Sequence[str], facts: Mapping[str, Any]) -> Entry:
        """A folder for new work.

        Raises:
            UnknownLibraryError: if one of the libraries is not there, or not for whoever asks.
            SnapshotError: if they have no index.
            BusyError: if the owner has as much in line, or kept, as may be.
        """
        named = self._libraries.named(libraries)
        self._libraries.chosen(libraries).engine()
        if sum(self._jobs.ahead(entry.id) is not None for entry in self._folders.of(owner)) >= MOST_UNFINISHED:
            raise BusyError(f"{MOST_UNFINISHED} of yours are in line already.", hint="Wait until one is done.")
        return self._folders.add(owner, {**facts, "libraries": [library.id for library in named]})

    def _facts(self, entry: Entry) -> dict[str, Any]:
        """The part of its state that all kinds of work have."""
        stage, ahead = self._stage(entry)
        readable, about = self._libraries.readable(), _libraries_of(entry)
        return {
            "id": entry.id,
            "name": str(entry.facts["name"]),
            "created": entry.created,
            "stage": stage,
            "ahead": ahead,
            "error": str(entry.facts.get("error") or ""),
            "libraries": tuple(each for each in readable if each.id in about) if len(readable) > 1 else (),
        }

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


def _libraries_of(entry: Entry) -> tuple[str, ...]:
    """Ids of the libraries that work is about; before there were several, it was the default one."""
    return tuple(entry.facts.get("libraries") or (DEFAULT_ID,))
