"""The Answer to one question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from rag.answer.citation import Citation
from rag.search import Hit

if TYPE_CHECKING:
    from rag.answer.prose import Prose

AbstentionReason = Literal["no-hits", "low-confidence"]


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
        } | prose
