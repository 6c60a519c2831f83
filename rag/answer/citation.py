"""A Citation: the words of a document that an answer quotes, and where they stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from rag.answer.shape import Shape
from rag.corpus.document import Place, place_at
from rag.search import DocumentRef, Hit


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
        context: the sentence or row that the quote is part of; ``None`` if all of it is quoted.
        shape: of a list or of rows, how they are laid out.
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
    shape: Shape | None = None

    @property
    def place(self) -> Place | None:
        """The page, slide, … in which the quote begins; ``None`` where the line is all there is to say."""
        return place_at(self.document.places, self.start)

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form; ``context``, ``place`` and ``shape`` are left out where there is none."""
        shape = {} if self.shape is None else {"shape": self.shape.to_dict()}
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
            **shape,
        }


def cited_first(cited: Iterable[Hit], hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Hits as an answer has them: those that it cites first, in the order in which it does, then the others.

    They are ranked anew. There are as many as before, or as many as are cited if that is more.
    """
    passages = {hit.passage_id: hit for hit in cited}
    count = max(len(passages), len(hits))
    passages |= {hit.passage_id: hit for hit in hits}
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate([*passages.values()][:count], 1))
