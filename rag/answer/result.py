"""The Answer to one question."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from rag.answer.citation import Citation
from rag.answer.question import Question
from rag.search import Hit

if TYPE_CHECKING:
    from rag.answer.prose import Prose

AbstentionReason = Literal["no-hits", "low-confidence", "missing"]


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
class Answer:
    """The answer to one question, or an abstention.

    Attributes:
        question: as asked.
        answer: quotes with ``[n]`` behind each; empty if ``abstained``.
        abstained: True if the documents do not seem to hold an answer.
        reason: why it abstained; ``None`` otherwise.
        confidence: probability that the documents hold the answer, in [0, 1].
        citations: in the order of their numbers; when abstaining, none.
        hits: the passages the answer was made from, best first.
        conflict: whether the citations contradict each other, as two documents that give different dates do.
        prose: what an LLM wrote from the hits, checked; ``None`` if none was asked.
        kind: what kind of answer was wanted.
        parts: each thing that was asked, found or not.
        missing: what the question names and the documents do not hold.
        understood: the question, as it was understood.
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

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form; ``prose`` is left out where no LLM was asked."""
        prose = {} if self.prose is None else {"prose": self.prose.to_dict()}
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
        } | prose
