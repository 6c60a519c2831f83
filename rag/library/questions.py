"""Questions whose right answers readers have marked: a library's own test set, as `rag eval` takes it.

One JSON object a line: ``id``, ``question``, ``answers`` (none: the documents do not hold one) and ``evidence``, a list
of ``{"source", "quote"}``. Other fields and their order stay as they are, so that the file can be edited by hand.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from rag.clock import now
from rag.errors import QuestionError
from rag.language.finding import exact_places_of
from rag.language.terms import normalize
from rag.library.changing import changing
from rag.library.errors import LibraryError
from rag.library.lines import read_lines, write_lines
from rag.library.record import QUESTIONS_FILE

_CALLED = "marked questions"
MOST_QUESTIONS = 10_000
MOST_PLACES = 100
MOST_CHARS = 20_000
"""Of the answers to one question and the words of its places, together."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words that answer a question: the source of their document, and the words as they stand there."""

    source: str
    quote: str


@dataclass(frozen=True, slots=True)
class MarkedQuestion:
    """A question and what answers it.

    Attributes:
        question: as asked.
        answers: accepted answers; none if the documents do not hold one.
        evidence: where they stand.
    """

    question: str
    answers: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    @classmethod
    def judged(
        cls, question: str, places: Sequence[tuple[str, str]], answers: Sequence[str], text_of: Callable[[str], str]
    ) -> MarkedQuestion:
        """What is kept of a reader's word, if the documents bear it out.

        Args:
            question: as asked.
            places: sources of documents, each with words of it that answer.
            answers: accepted answers; the words of the places if not given.
            text_of: the text of the document of a source; empty if there is none.

        Raises:
            QuestionError: if a document does not hold its words, there are answers without places, or too many or too
                long ones to be kept.
        """
        for name, given in (("evidence", places), ("answers", answers)):
            if len(given) > MOST_PLACES:
                raise QuestionError(f"{name} holds {len(given):,}, more than {MOST_PLACES}.", argument=name)
        if sum(map(len, (*answers, *(quote for _, quote in places)))) > MOST_CHARS:
            words = f"Answers and evidence have more than {MOST_CHARS:,} characters."
            raise QuestionError(words, argument="evidence", hint="Name the words that answer alone.")
        for source, quote in places:
            if not quote.strip() or next(exact_places_of(quote, text_of(source)), None) is None:
                raise QuestionError(f"No document {source!r} holds the words {quote!r}.", argument="evidence")
        accepted = [answer for answer in answers if answer.strip()]
        if accepted and not places:
            raise QuestionError("There are answers and no evidence for them.", argument="evidence")
        found = tuple(dict.fromkeys(accepted or (quote for _, quote in places)))
        return cls(question, found, tuple(Evidence(*place) for place in dict.fromkeys(places)))

    @property
    def id(self) -> str:
        """The same for a question that differs in width, case or spaces alone."""
        return sha256("".join(normalize(self.question).casefold().split()).encode()).hexdigest()[:16]


class MarkedQuestions:
    """The marked questions of one index folder. Threads and processes may share the folder.

    Attributes:
        path: the file.
    """

    def __init__(self, index: Path) -> None:
        self._index = index
        self.path = index / QUESTIONS_FILE

    def __len__(self) -> int:
        return len(self._records())

    def put(self, marked: MarkedQuestion) -> int:
        """Keep a question, durably, in place of what was kept of it before; gives how many there are.

        Raises:
            LibraryError: if there are too many, they are too long, or the file is damaged.
            BusyError: if the library stays locked.
        """
        with changing(self._index):
            records = [record for record in self._records() if record.get("id") != marked.id]
            if len(records) >= MOST_QUESTIONS:
                raise LibraryError(
                    f"There are {MOST_QUESTIONS:,} marked questions.", path=self.path, hint="Empty the file."
                )
            self._write([*records, {"id": marked.id, **asdict(marked), "marked": now()}])
            return len(records) + 1

    def remove(self, question: str) -> None:
        """Forget what was marked of a question."""
        with changing(self._index):
            gone = MarkedQuestion(question).id
            self._write([record for record in self._records() if record.get("id") != gone])

    def clear(self) -> None:
        """Forget all of them."""
        with changing(self._index):
            self.path.unlink(missing_ok=True)

    def _records(self) -> list[dict[str, Any]]:
        return read_lines(self.path, _CALLED)

    def _write(self, records: Sequence[dict[str, Any]]) -> None:
        lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        write_lines(self.path, _CALLED, lines)
