"""Updates of the index in a queue of their own: what waits, what is being done, and what came of it.

All of it is kept here and none in the browser: a page that is opened again shows it as it is. What waits is on the disk
as well, so that a server that is started again goes on with it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rag.corpus import Document, Refusal
from rag.errors import BusyError, Facts, ModelError, NoDocumentsError, RagError, StorageError
from rag.library import Library, MissingPathError, RefusedFile, UnknownSourcesError, added_name
from rag.settings import Settings
from rag.web.current import CurrentIndex
from rag.web.documents.intake import NotStored, Stored
from rag.web.jobs.queue import Jobs, Stopped, Task

if TYPE_CHECKING:
    from rag.index.report import BuildReport

log = logging.getLogger(__name__)

State = Literal["waiting", "read", "indexed", "same", "unread", "refused"]
"""Of a file: to be read, read, in the index, in it before, not readable, not taken in."""
Stage = Literal["starting", "blocked", "reading", "embedding", "writing", "opening"]
Trouble = Literal["busy", "gone", "unknown", "none", "storage", "model", "other"]

_SHARES: Mapping[Stage, tuple[float, float]] = {
    "starting": (0.0, 0.0),
    "blocked": (0.0, 0.0),
    "reading": (0.0, 0.25),
    "embedding": (0.25, 0.95),
    "writing": (0.95, 0.95),
    "opening": (0.98, 0.98),
}
"""What part of the work each stage is, about: meaning takes longest."""
_UPDATE = "update"
_MOST_FILES = 2000
_BLOCKED_SECONDS = 90.0
_AGAIN_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class FileStatus:
    """How far a file has come.

    Attributes:
        name: what it is called in the library, or what the browser called it if it was refused.
        state: how far it is.
        passages: passages made of it, once it is in the index.
        replaced: whether it took the place of another of its name.
        refusal: why it was not taken in.
        problem, hint: why it could not be read, in English.
        code, facts: the same, for words of another language, as ``DocumentError`` has them.
    """

    name: str
    state: State
    passages: int = 0
    replaced: bool = False
    refusal: NotStored | None = None
    problem: str = ""
    hint: str = ""
    code: str = "unreadable"
    facts: Facts = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Work:
    """What is being done: ``done`` of ``total`` files or passages, 0 of 0 if that cannot be told.

    ``began`` is when this stage did, on a clock that only goes on; 0 if it is not timed.
    """

    stage: Stage
    done: int = 0
    total: int = 0
    began: float = 0.0

    @property
    def share(self) -> float:
        """How much of all the work is done, over its stages: it never goes back."""
        start, end = _SHARES[self.stage]
        return start + (end - start) * (self.done / self.total if self.total else 0)

    def a_second(self, now: float) -> float | None:
        """How many a second, in this stage so far; ``None`` if that cannot be told."""
        if not self.began or not 0 < self.done <= self.total or now <= self.began:
            return None
        return self.done / (now - self.began)

    def seconds_left(self, now: float) -> float | None:
        """Of this stage, at its own pace; ``None`` if that cannot be told."""
        pace = self.a_second(now)
        return None if pace is None else (self.total - self.done) / pace


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an update did.

    Attributes:
        added, changed, removed: documents.
        embedded: passages read for their meaning.
        seconds: time taken.
        ended: when, in seconds since 1970.
    """

    added: int
    changed: int
    removed: int
    embedded: int
    seconds: float
    ended: float = 0.0

    @classmethod
    def of(cls, report: BuildReport) -> Outcome:
        """What a report of the builder tells."""
        return cls(report.added, report.changed, report.removed, report.embedded, report.seconds, time.time())


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an update did not come about; the index is as it was before."""

    trouble: Trouble
    path: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """All there is to show.

    Attributes:
        version: another number whenever something has changed.
        files: the files that browsers have sent, in the order they came.
        work: what is being done; ``None`` if nothing is.
        failure: of the last update.
        stopped: whether the last update was stopped by somebody.
        outcome: of the last update, if it came about and nobody has put that away.
    """

    version: int
    files: tuple[FileStatus, ...]
    work: Work | None
    failure: Failure | None
    stopped: bool
    outcome: Outcome | None = None


class Updates:
    """Brings an index up to date when asked to, in a queue of its own: evaluations and batches do not hold it up.

    Attributes:
        library: what it brings up to date.
        ended: called whenever an update has ended, on the queue's thread.
    """

    def __init__(self, current: CurrentIndex, index: Path) -> None:
        self.library = Library(index)
        self.ended: Callable[[], None] = lambda: None
        self._current = current
        self._jobs = Jobs("updates")
        self._files: dict[str, FileStatus] = {}
        self._work: Work | None = None
        self._failure: Failure | None = None
        self._outcome: Outcome | None = None
        self._stopped = False
        self._version = 0
        self._lock = threading.Lock()

    def status(self) -> Status:
        """What there is to show now."""
        with self._lock:
            files = tuple(self._files.values())
            return Status(self._version, files, self._work, self._failure, self._stopped, self._outcome)

    def note(self, taken: Sequence[Stored | NotStored]) -> None:
        """Show what became of uploads, and bring the index up to date if some are new."""
        with self._lock:
            for each in taken:
                self._put(_status_of(each))
            self._version += 1
        if any(isinstance(each, Stored) and each.is_new for each in taken):
            self.request()

    def request(self) -> None:
        """Have the index brought up to date, now or after what is being done."""
        with self._lock:
            self._failure, self._stopped, self._outcome = None, False, None
            self._version += 1
            self._jobs.submit(_UPDATE, self._run, again=True)
            self._work = self._work or Work("starting")

    def resume(self) -> None:
        """Go on with what an earlier server has left undone."""
        try:
            self.library.settle()
            waiting = self.library.pending()
            if self.library.is_up_to_date():
                return
        except RagError as error:
            log.info("%s", error)
            return
        with self._lock:
            for name in waiting:
                self._put(FileStatus(name, "waiting"))
        self.request()

    def stop(self) -> None:
        """End the update that is being done; the index stays as it is, and what waits goes on waiting."""
        self._jobs.stop(_UPDATE)

    @property
    def is_stopping(self) -> bool:
        """Whether an update has been told to end and has not ended yet."""
        return self._jobs.is_stopping(_UPDATE)

    def forget_finished(self) -> None:
        """Show only the files that something is still to be done with."""
        with self._lock:
            self._files = {name: file for name, file in self._files.items() if file.state in ("waiting", "read")}
            self._failure, self._stopped, self._outcome = None, False, None
            self._version += 1

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is being done; False if it still is after so long."""
        return self._jobs.wait(seconds)

    def _put(self, file: FileStatus) -> None:
        self._files.pop(file.name, None)
        self._files[file.name] = file
        while len(self._files) > _MOST_FILES:
            finished = next((n for n, f in self._files.items() if f.state not in ("waiting", "read")), None)
            self._files.pop(finished if finished is not None else next(iter(self._files)))

    def _run(self, task: Task) -> None:
        came = self._update_or_tell(task)
        with self._lock:
            self._failure = came if isinstance(came, Failure) else None
            self._outcome = came if isinstance(came, Outcome) else None
            self._stopped = came is None
            self._work = Work("starting") if self._jobs.waits(_UPDATE) else None
            self._version += 1
        self.ended()

    def _update_or_tell(self, task: Task) -> Outcome | Failure | None:
        """What came of it; ``None`` if somebody has stopped it."""
        try:
            return self._update(task)
        except Stopped:
            log.info("The update was stopped.")
        except RagError as error:
            log.warning("The index could not be brought up to date: %s", error)
            return Failure(trouble_of(error), error.path or "", str(error))
        except Exception as error:
            log.exception("The index could not be brought up to date.")
            return Failure("other", detail=repr(error))
        return None

    def _update(self, task: Task) -> Outcome:
        from rag.building import update

        began, heard = time.monotonic(), (partial(self._progress, task), partial(self._watch, task))
        while True:
            try:
                outcome = Outcome.of(update(self.library.index, self._settings(), *heard))
                break
            except BusyError:
                if time.monotonic() - began > _BLOCKED_SECONDS:
                    raise
                self._show(task, Work("blocked"))
                time.sleep(_AGAIN_SECONDS)
        self._show(task, Work("opening"))
        self._current.refresh()
        self._finish()
        return outcome

    def _settings(self) -> Settings:
        """The settings the index was built with, so that what is in it stays comparable."""
        settings = self._current.settings or Settings.load()
        try:
            manifest = self._current.engine().info()
        except RagError:
            return settings.updated(index=self.library.index)
        known = {name: value for name, value in manifest.settings.items() if name in Settings.model_fields}
        return settings.updated(index=self.library.index, model=manifest.model, **known)

    def _progress(self, task: Task, stage: str, done: int, total: int) -> None:
        if stage == "embedding":
            self._show(task, Work("embedding", done, total, self._began("embedding")))
        elif stage == "writing":
            self._show(task, Work("writing"))
        else:
            task.check()

    def _watch(self, task: Task, file: str, item: Document | Refusal, number: int, total: int) -> None:
        name = added_name(file)
        with self._lock:
            if name is not None and (known := self._files.get(name)):
                self._files[name] = _as_read(known, item)
        self._show(task, Work("reading", number, total))

    def _began(self, stage: Stage) -> float:
        """When the stage that is being done began: now if it begins now."""
        work = self._work
        return work.began if work is not None and work.stage == stage else time.monotonic()

    def _show(self, task: Task, work: Work) -> None:
        task.check()
        with self._lock:
            self._work = work
            self._version += 1

    def _finish(self) -> None:
        """What was read is in the index now."""
        record = self.library.record()
        passages: Counter[str] = Counter()
        for document in self._current.engine().documents():
            entry = record.entries.get(document.source) if record else None
            if entry is not None and (name := added_name(entry.file)):
                passages[name] += document.passages
        with self._lock:
            for name, file in self._files.items():
                if file.state == "read" or (file.state == "same" and name in passages):
                    state: State = "indexed" if file.state == "read" else "same"
                    self._files[name] = replace(file, state=state, passages=passages[name])
            self._version += 1


def _status_of(taken: Stored | NotStored) -> FileStatus:
    if isinstance(taken, NotStored):
        return FileStatus(taken.name, "refused", refusal=taken)
    return FileStatus(taken.name, "waiting" if taken.is_new else "same", replaced=taken.replaced)


def _as_read(file: FileStatus, item: Document | Refusal) -> FileStatus:
    """An archive counts as read as soon as one of its documents does."""
    if file.state in ("same", "indexed"):
        return file
    if isinstance(item, Document):
        return replace(file, state="read", problem="", hint="", code="unreadable", facts={})
    if file.state == "read":
        return file
    told = RefusedFile.of(file.name, "", item.error)
    return replace(file, state="unread", problem=told.message, hint=told.hint, code=told.code, facts=told.facts)


def trouble_of(error: RagError) -> Trouble:
    """Which kind of failure an error is."""
    kinds: list[tuple[type[RagError], Trouble]] = [
        (MissingPathError, "gone"),
        (UnknownSourcesError, "unknown"),
        (BusyError, "busy"),
        (NoDocumentsError, "none"),
        (StorageError, "storage"),
        (ModelError, "model"),
    ]
    return next((trouble for kind, trouble in kinds if isinstance(error, kind)), "other")
