"""What an answer is made of: Citations in their context, the Answer."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from rag.corpus.document import Place, place_at
from rag.search import DocumentRef, Hit

if TYPE_CHECKING:
    from rag.answer.llm.prose import Prose

AbstentionReason = Literal["no-hits", "low-confidence"]


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

    @property
    def place(self) -> Place | None:
        """The page, slide, … in which the quote begins; ``None`` where the line is all there is to say."""
        return place_at(self.document.places, self.start)

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form; ``context`` and ``place`` are left out where there is none."""
        context = {} if self.context is None else {"context": asdict(self.context)}
        place = {} if self.place is None else {"place": self.place.to_dict()}
        return {
            "number": self.number,
            "document": self.document.to_dict(),
            "start": self.start,
            "end": self.end,
            "line": self.line,
            "quote": self.quote,
            "score": self.score,
            **place,
            **context,
        }


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
