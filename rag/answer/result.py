"""What an answer is made of: Spans, Citations, the Answer."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from rag.search import DocumentRef, Hit

AbstentionReason = Literal["no-hits", "low-confidence"]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a passage that answers the question: offsets into the Document's text, with a score in [0, 1]."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Context:
    """The sentences around a citation: ``document.text[start:end] == text``."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A Span and where it stands: ``document.text[start:end] == quote``.

    Attributes:
        number: the ``n`` of ``[n]`` in the answer's text, from 1.
        document: the document quoted.
        start, end: offsets into the document's text, in characters.
        line: line of ``start``, from 1.
        quote: the words of the document.
        score: how well it answers, in [0, 1].
        hit: rank of the Hit it was taken from.
        context: the sentence that the quote is part of; ``None`` if whole sentences are quoted.
    """

    number: int
    document: DocumentRef
    start: int
    end: int
    line: int
    quote: str
    score: float
    hit: int
    context: Context | None = None

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form; ``context`` is left out where there is none."""
        context = {} if self.context is None else {"context": asdict(self.context)}
        return {
            "number": self.number,
            "document": self.document.to_dict(),
            "start": self.start,
            "end": self.end,
            "line": self.line,
            "quote": self.quote,
            "score": self.score,
        } | context


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
    """

    question: str
    answer: str
    abstained: bool
    reason: AbstentionReason | None
    confidence: float
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    conflict: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            "question": self.question,
            "answer": self.answer,
            "abstained": self.abstained,
            "reason": self.reason,
            "confidence": self.confidence,
            "conflict": self.conflict,
            "citations": [citation.to_dict() for citation in self.citations],
            "hits": [hit.to_dict() for hit in self.hits],
        }
