"""Question files that browsers had answered: started, stopped, taken up again, looked into."""

from __future__ import annotations

import logging
import os
import re
import shutil
import time
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from rag.batch import JournalView, Question, QuestionFile, Result, part_file, read_questions, run_batch
from rag.errors import DatasetError, RagError
from rag.web.batch.state import Options, Pace, State
from rag.web.jobs.folders import Entry
from rag.web.jobs.queue import Jobs, Stopped, Task
from rag.web.jobs.views import IN_LINE
from rag.web.jobs.work import KeptWork
from rag.web.libraries import OpenLibraries

if TYPE_CHECKING:
    from rag.answer.result import Answer
    from rag.corpus.document import Document
    from rag.engine import Engine
    from rag.index.query import Options as QueryOptions
    from rag.index.snapshot import Snapshot
    from rag.settings import Settings

log = logging.getLogger(__name__)

MOST_QUESTIONS = 20_000
_READ_AHEAD = 4
_STEM_CHARS = 40
_UNSAFE = re.compile(r"[^\w.()-]+")


class InSmallPieces:
    """An Engine that takes in few questions at a time: one asked on the page meanwhile waits for no more than these."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def settings(self) -> Settings:
        return self._engine.settings

    @property
    def snapshot(self) -> Snapshot:
        return self._engine.snapshot

    def document(self, document_id: str) -> Document:
        return self._engine.document(document_id)

    def batch(
        self, questions: Iterable[str], *, llm: bool = False, **options: Unpack[QueryOptions]
    ) -> Iterator[Answer | RagError]:
        return self._engine.batch(questions, llm=llm, read_ahead=_READ_AHEAD, **options)


class Batches(KeptWork[State]):
    """Files of questions of all browsers; each sees its own. Threads may share one.

    Args:
        libraries: those that are asked.
        jobs: the line in which the work waits its turn.
    """

    def __init__(self, libraries: OpenLibraries, jobs: Jobs) -> None:
        super().__init__(libraries, jobs, "batch")
        self._paces: dict[str, Pace] = {}
        self._view = lru_cache(maxsize=16)(JournalView)
        self._questions = lru_cache(maxsize=4)(_questions_of)

    @property
    def settings(self) -> Settings:
        """Those of the server. Raises as ``OpenLibraries.settings``."""
        return self._libraries.settings

    def read(self, file: Path, column: str | None = None) -> QuestionFile:
        """What an uploaded file holds, under its own name.

        Raises:
            DatasetError: if it cannot be read, or holds more than ``MOST_QUESTIONS``.
        """
        settings = self.settings
        try:
            found = replace(read_questions(file, column=column, max_mb=settings.max_file_mb), name=file.name)
        except DatasetError as error:
            path = None if error.path is None else error.path.replace(f"{file.parent}{os.sep}", "")
            raise DatasetError(error.message, path=path, hint=error.hint) from None
        if len(found.questions) > MOST_QUESTIONS:
            raise DatasetError(
                f"There are {len(found.questions):,} questions, more than {MOST_QUESTIONS:,}.",
                path=file.name,
                hint="Cut the file into smaller ones, or use `rag batch`.",
            )
        return found

    def start(self, owner: str, file: Path, options: Options, libraries: Sequence[str] = ()) -> str:
        """Put a file into the line; gives the id of its folder.

        Args:
            owner: whose it is.
            file: holds the questions.
            options: how it is answered.
            libraries: by name or id; the default one where none is named.

        Raises:
            DatasetError: if it cannot be read.
            UnknownLibraryError: if a library is not there, or not for whoever asks.
            SnapshotError: if there is no index.
            BusyError: if there is too much work in line already, or kept.
            StorageError: if it cannot be kept.
        """
        questions = self.read(file, options.column)
        facts = {"name": file.name, "total": len(questions.questions), "options": asdict(options)}
        entry = self._added(owner, libraries, facts)
        shutil.copyfile(file, entry.folder / _question_file(entry))
        self.go_on(owner, entry.id)
        return entry.id

    def state(self, owner: str, name: object) -> State:
        """How far a file is.

        Raises:
            DatasetError: if the owner has no such file.
        """
        entry = self._entry(owner, name)
        if entry is None:
            raise DatasetError("This file of questions is not here any more.", hint="Upload it again.")
        return self._state(entry)

    def results(self, owner: str, name: object, first: int, count: int) -> list[tuple[Question, Result]]:
        """Questions with their results, from number ``first`` on, counted from 0."""
        entry = self._entry(owner, name)
        if entry is None:
            return []
        results = self._view(part_file(_output(entry))).results(first, count)
        questions = self._questions(entry.folder / _question_file(entry), _options(entry).column).questions
        return list(zip(questions[first : first + len(results)], results, strict=False))

    def download(self, state: State) -> str | None:
        """The file of answers, to be fetched by the browser."""
        return None if state.output is None else self._downloads.copy(state.output)

    def _state(self, entry: Entry) -> State:
        facts, output, pace = self._facts(entry), _output(entry), self._paces.get(entry.id)
        stage = facts["stage"]
        counts = self._view(part_file(output)).counts()
        rate = pace.rate() if pace is not None and stage == "running" else 0.0
        total = int(entry.facts["total"])
        return State(
            **facts,
            total=total,
            counts=counts,
            seconds_left=max(0, total - sum(counts.values())) / rate if rate else None,
            rate=rate,
            writing=pace is not None and pace.writing and stage == "running",
            anew=bool(entry.facts.get("anew")),
            output=output if stage not in IN_LINE and output.is_file() else None,
            ending=output.suffix,
        )

    def _do(self, owner: str, entry: Entry, task: Task) -> None:
        served = self._served(entry)
        served.warm_up()
        engine = served.engine()
        try:
            self._answer(entry, engine, task)
        except Stopped:
            self._write_partly(entry, engine)
            raise

    def _ended(self, entry: Entry) -> None:
        self._paces.pop(entry.id, None)

    def _answer(self, entry: Entry, engine: Engine, task: Task) -> None:
        had = self._view(part_file(_output(entry))).counts().total()

        def progress(stage: str, done: int, _total: int) -> None:
            task.check()
            if entry.id not in self._paces:
                self._paces[entry.id] = Pace(time.monotonic(), done, done)
                if done < had:
                    self._folders.note(entry, anew=True)
            pace = self._paces[entry.id]
            pace.writing = stage == "writing"
            pace.done = pace.done if pace.writing else done

        self._run(entry, engine, progress=progress)

    def _write_partly(self, entry: Entry, engine: Engine) -> None:
        """The answers so far, as a file; that it cannot be written is no reason to lose them."""
        if done := self._view(part_file(_output(entry))).counts().total():
            try:
                self._run(entry, engine, limit=done)
            except RagError as error:
                log.warning("%s", error)

    def _run(self, entry: Entry, engine: Engine, **more: Any) -> None:
        options = _options(entry)
        questions = self._questions(entry.folder / _question_file(entry), options.column)
        run_batch(
            InSmallPieces(engine),
            replace(questions, name=str(entry.facts["name"])),
            _output(entry),
            k=options.k,
            mode=options.mode,
            llm=options.llm,
            tell=log.info,
            keep=True,
            **more,
        )


def _questions_of(file: Path, column: str | None) -> QuestionFile:
    return read_questions(file, column=column, max_mb=1 + file.stat().st_size / 1e6)


def _options(entry: Entry) -> Options:
    options: Mapping[str, Any] = entry.facts["options"]
    return Options(**options)


def _question_file(entry: Entry) -> str:
    """A name of our own: the uploaded one can be anything, and only its ending says what it is."""
    return f"questions{Path(entry.facts['name']).suffix.lower()}"


def _output(entry: Entry) -> Path:
    """Named after the question file, since browsers save it under this name."""
    stem = _UNSAFE.sub("_", unicodedata.normalize("NFC", Path(entry.facts["name"]).stem))[:_STEM_CHARS].strip("._")
    return entry.folder / f"{stem or 'questions'}-answers{_options(entry).ending}"
