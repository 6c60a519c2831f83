"""What is known of a question file that is answered: how it was asked for, and how far it is."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from rag.batch.result import Status
from rag.settings import Mode
from rag.web.jobs.work import WorkState


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is answered.

    Attributes:
        ending: of the output, with its dot.
        mode: which retrievers search; ``None`` as the settings say.
        k: passages looked at; ``None`` as the settings say.
        llm: whether an LLM writes prose.
        column: name of the question column, where it is none of the usual ones.
    """

    ending: str = ".xlsx"
    mode: Mode | None = None
    k: int | None = None
    llm: bool = False
    column: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class State(WorkState):
    """How far a file is.

    Attributes:
        total: number of questions.
        counts: results so far, by status.
        seconds_left: an estimate; ``None`` while there is nothing to go by.
        rate: questions a second, 0 while there is nothing to go by.
        writing: whether the file of answers is being written.
        anew: whether earlier results were put aside, because the documents or settings have changed since.
        output: the file of answers, as far as they go; ``None`` if there is none.
        ending: of that file.
    """

    total: int
    counts: Counter[Status]
    seconds_left: float | None
    rate: float
    writing: bool
    anew: bool
    output: Path | None
    ending: str

    @property
    def done(self) -> int:
        return sum(self.counts.values())


@dataclass(slots=True)
class Pace:
    """When a run began, how many results there were, and what it is at."""

    began: float
    had: int
    done: int
    writing: bool = False

    def rate(self) -> float:
        asked, seconds = self.done - self.had, time.monotonic() - self.began
        return asked / seconds if asked >= 3 and seconds > 0 else 0.0
