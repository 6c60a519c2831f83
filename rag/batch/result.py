"""What a batch keeps of each answer: enough for every output format, and no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from rag.corpus.document import Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from rag.answer.result import Answer
    from rag.corpus.document import Document
    from rag.errors import RagError

Status = Literal["answered", "abstained", "failed"]

_CONTEXT_CHARS = 300


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation with the text around it: ``before + quote + after`` stands in the document.

    Attributes:
        number: the ``n`` of ``[n]`` in the answer's text.
        title, source: of the document.
        line: of the quote's first character, from 1.
        start, end: of the quote, in characters of the document's text.
        quote: the words of the document.
        sentence: the quote in its sentences, where it is not a whole one.
        before, after: whole lines around it where they are short, up to 300 characters each.
        page: the page, slide, sheet, … where the file has them.
    """

    number: int
    title: str
    source: str
    line: int
    start: int
    end: int
    quote: str
    sentence: str
    before: str
    after: str
    page: str = ""

    @property
    def place(self) -> str:
        """Where to look it up."""
        return f"{self.source}:{self.line}" + (f" ({self.page})" if self.page else "")


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one question.

    Attributes:
        status: ``answered``, ``abstained`` or ``failed``.
        error: what failed, with what to do about it; ``None`` if nothing did.
        body: the answer's JSON form, its citations with ``before`` and ``after``, its hits without their texts; empty
            if the question failed.
    """

    status: Status
    error: str | None
    body: Mapping[str, Any]

    @property
    def answer(self) -> str:
        return str(self.body.get("answer") or "")

    @property
    def reason(self) -> str:
        """Why there is no answer, as ``Answer.reason`` says it; empty if there is one."""
        return str(self.body.get("reason") or "")

    @property
    def missing(self) -> tuple[str, ...]:
        """What the question names that the documents do not hold."""
        return tuple(self.body.get("missing") or ())

    @property
    def not_found(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Of an answer, what was asked that the documents do not tell, and what of it is missing in them."""
        parts = () if self.body.get("abstained") else self.body.get("parts") or ()
        return tuple((part["question"], tuple(part["missing"])) for part in parts if not part["found"])

    @property
    def confidence(self) -> float | None:
        return self.body.get("confidence")

    @property
    def conflict(self) -> bool:
        """Whether the citations contradict each other."""
        return bool(self.body.get("conflict"))

    @property
    def prose(self) -> tuple[tuple[str, bool], ...]:
        """What an LLM wrote, in pieces, each with whether it is a sentence that could not be verified."""
        prose = self.body.get("prose") or {}
        text, position, pieces = str(prose.get("text") or ""), 0, []
        for sentence in prose.get("sentences", ()):
            pieces.append((text[position : sentence["start"]], False))
            pieces.append((text[sentence["start"] : sentence["end"]], sentence["verdict"] == "unverified"))
            position = sentence["end"]
        return tuple(piece for piece in (*pieces, (text[position:], False)) if piece[0])

    @property
    def citations(self) -> tuple[Cited, ...]:
        return tuple(_cited(citation) for citation in self.body.get("citations", ()))

    def to_dict(self) -> dict[str, Any]:
        return {"status": self.status, "error": self.error, "body": self.body}


def result_of(outcome: Answer | RagError, document: Callable[[str], Document]) -> Result:
    """What is kept of an answer, or of the error that came instead of it.

    Args:
        outcome: as the Engine gave it.
        document: gives the document with an id, for the text around a quote.
    """
    if isinstance(outcome, Exception):
        return Result("failed", str(outcome), {})
    body = outcome.to_dict()
    body["citations"] = [_with_context(c, document) for c in body["citations"]]
    body["hits"] = [{name: value for name, value in hit.items() if name != "text"} for hit in body["hits"]]
    return Result("abstained" if outcome.abstained else "answered", None, body)


def result_from(record: Mapping[str, Any]) -> Result:
    """A Result from its JSON form."""
    return Result(record["status"], record["error"], record["body"])


def _with_context(citation: dict[str, Any], document: Callable[[str], Document]) -> dict[str, Any]:
    text = document(citation["document"]["id"]).text
    start, end = citation["start"], citation["end"]
    return citation | {
        "before": text[_context_start(text, start) : start],
        "after": text[end : _context_end(text, end)],
    }


def _context_start(text: str, start: int) -> int:
    """The first line start at most ``_CONTEXT_CHARS`` before, or just so many characters if the line is long."""
    furthest = max(0, start - _CONTEXT_CHARS)
    line_end = text.find("\n", furthest - 1 if furthest else 0, start)
    return 0 if not furthest else furthest if line_end < 0 else line_end + 1


def _context_end(text: str, end: int) -> int:
    furthest = min(len(text), end + _CONTEXT_CHARS)
    line_end = text.rfind("\n", end, furthest + 1)
    return furthest if furthest == len(text) or line_end < 0 else line_end


def _cited(citation: Mapping[str, Any]) -> Cited:
    document = citation["document"]
    return Cited(
        citation["number"],
        document["title"],
        document["source"],
        citation["line"],
        citation["start"],
        citation["end"],
        citation["quote"],
        citation.get("context", {}).get("text") or citation["quote"],
        citation["before"],
        citation["after"],
        _page(citation.get("place")),
    )


def _page(place: Mapping[str, Any] | None) -> str:
    return "" if place is None else Place(0, place["kind"], place["label"]).describe()
