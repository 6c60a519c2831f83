"""Stand-ins for the tabs in which the server works for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

from rag.answer.result import Answer
from rag.errors import QuestionError, RagError

from .doubles import FakeEngine


@dataclass
class WorkingEngine(FakeEngine):
    """Answers files of questions, each question only when ``gate`` lets it through."""

    gate: threading.Semaphore | None = None
    asked: list[str] = field(default_factory=list)

    def batch(
        self,
        questions: Iterable[str],
        *,
        k: int | None = None,
        mode: object = None,
        sources: Collection[str] = (),
        languages: Collection[str] = (),
        since: str = "",
        until: str = "",
        llm: bool = False,
        read_ahead: int = 64,
    ) -> Iterator[Answer | RagError]:
        for question in questions:
            if self.gate is not None:
                self.gate.acquire()
            self.asked.append(question)
            try:
                yield self.ask(question, k=k)
            except QuestionError as error:
                yield error


def wait_until(holds: Callable[[], object], seconds: float = 20) -> None:
    """Return as soon as something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.01)
