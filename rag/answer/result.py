"""The Answer to one question."""

from __future__ import annotations

import logging
import unicodedata
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from rag.answer.citation import Citation
from rag.answer.question import Question
from rag.answer.suggesting import Suggestion
from rag.search import Hit

if TYPE_CHECKING:
    from rag.answer.prose import Prose

logger = logging.getLogger(__name__)

AbstentionReason = Literal["no-hits", "low-confidence", "missing", "unclear"]


_STEPS = (0.6, 0.8)
HIGH = len(_STEPS)
"""The highest level of confidence."""


def confidence_level(confidence: float) -> int:
    """0 low, 1 fair, 2 high."""
    return sum(confidence >= step for step in _STEPS)


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that the question asks, and its answer.

    Attributes:
        question: what is asked, by itself.
        kind: what kind of answer it wants.
        found: whether the documents tell.
        text: its answer, with ``[n]`` behind what is quoted; empty if it was not found.
        citations: numbers of its citations.
        confidence: probability that it is right, in [0, 1].
        missing: what the question names and no document holds.
    """

    question: str
    kind: str
    found: bool
    text: str
    citations: tuple[int, ...]
    confidence: float
    missing: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return asdict(self) | {"citations": list(self.citations), "missing": list(self.missing)}


@dataclass(frozen=True, slots=True)
class Computation:
    """A figure that stands in no document, or the rows that were found by comparing numbers.

    Attributes:
        operation: ``max``, ``min``, ``above``, ``below``, ``sum``, ``mean``, ``count`` or ``difference``.
        value: the figure; empty where the cells cited are the answer.
        citations: numbers of the citations of the cells that it was computed from, or that it picked.
    """

    operation: str
    value: str
    citations: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return asdict(self) | {"citations": list(self.citations)}


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question, or an abstention.

    Attributes:
        question: as asked.
        answer: quotes with ``[n]`` behind each; empty if ``abstained``.
        abstained: True if the documents do not seem to hold an answer.
        reason: why it abstained; ``None`` otherwise.
        confidence: probability that what is shown answers the question, in [0, 1].
        citations: in the order of their numbers; when abstaining, none.
        hits: the passages the answer was made from, those that it cites first, then the best.
        conflict: whether the citations contradict each other, as two documents that give different dates do.
        prose: what an LLM wrote from the hits, checked; ``None`` if none was asked.
        kind: what kind of answer was wanted.
        parts: each thing that was asked, found or not.
        missing: what the question names and the documents do not hold.
        understood: the question, as it was understood.
        computed: what was computed from numbers of the documents.
        suggestions: when abstaining, words of the question that stand in no document, and others that do.
    """

    question: str
    answer: str
    abstained: bool
    reason: AbstentionReason | None
    confidence: float
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    conflict: bool = False
    prose: Prose | None = None
    kind: str = "fact"
    parts: tuple[Part, ...] = ()
    missing: tuple[str, ...] = ()
    understood: Question | None = None
    computed: tuple[Computation, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()

    @property
    def searched(self) -> str:
        """The question that was searched where it is another than the one asked, as of a follow-up; else empty."""
        searched = self.understood.text if self.understood is not None else self.question
        return "" if _plain(searched) == _plain(self.question) else searched

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form; ``understood``, ``computed``, ``prose``, ``suggestions`` are left out if empty."""
        understood = {} if self.understood is None else {"understood": _understood(self.understood)}
        computed = {"computed": [each.to_dict() for each in self.computed]} if self.computed else {}
        prose = {} if self.prose is None else {"prose": self.prose.to_dict()}
        suggested = {"suggestions": [each.to_dict() for each in self.suggestions]} if self.suggestions else {}
        return {
            "question": self.question,
            "answer": self.answer,
            "abstained": self.abstained,
            "reason": self.reason,
            "confidence": self.confidence,
            "conflict": self.conflict,
            "citations": [citation.to_dict() for citation in self.citations],
            "hits": [hit.to_dict() for hit in self.hits],
            "kind": self.kind,
            "parts": [part.to_dict() for part in self.parts],
            "missing": list(self.missing),
            **understood,
            **computed,
            **prose,
            **suggested,
        }


def log_answer(answer: Answer, seconds: float, *, name_question: bool) -> None:
    """Log what became of a question, and how long it took; the question itself only where that is wanted."""
    facts: dict[str, object] = {
        "milliseconds": round(1000 * seconds, 1),
        "abstained": answer.abstained,
        "confidence": round(answer.confidence, 3),
        "citations": len(answer.citations),
    }
    asked = {"question": answer.question} if name_question else {}
    ended = "nothing found" if answer.abstained else f"{len(answer.citations)} citations"
    logger.info(
        "Answered in %.0f ms: %s, confidence %.2f%s",
        1000 * seconds,
        ended,
        answer.confidence,
        "".join(f": {question}" for question in asked.values()),
        extra=facts | asked,
    )


def _understood(question: Question) -> dict[str, Any]:
    literals = [literal.text for literal in question.literals]
    return {"question": question.text, "kind": question.kind, "wanted": question.wanted, "literals": literals}


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
