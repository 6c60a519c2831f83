"""What is passed on of an answer: the question, what was answered, and the places with their words."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from rag.answer.citation import Citation
from rag.answer.result import Answer
from rag.answer.wording import AnswerWords, words_in
from rag.library import QuotedPlace, SavedAnswer
from rag.prose import Prose
from rag.search import DocumentRef
from rag.web.texts import Texts

_MOST_SOURCES = 500


@dataclass(frozen=True, slots=True)
class Content:
    """An answer to be passed on.

    Attributes:
        question: as it was asked.
        text: the answer, with ``[n]`` behind what is quoted.
        sources: what it cites.
        is_broken: whether each line of the text stands by itself.
    """

    question: str
    text: str
    sources: tuple[QuotedPlace, ...]
    is_broken: bool = False

    def to_json(self) -> str:
        """As a browser keeps it."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def of_saved(cls, answer: SavedAnswer) -> Content:
        """An answer that was saved."""
        return cls(answer.question, answer.text, answer.places, answer.is_broken)

    @classmethod
    def from_dict(cls, data: Any) -> Content:
        """As it comes back from a browser, where anything can have happened to it.

        Raises:
            ValueError: if it is no answer.
        """
        try:
            sources = tuple(
                QuotedPlace(
                    int(each["number"]),
                    str(each["title"]),
                    str(each["file"]),
                    str(each["where"]),
                    str(each["quote"]),
                    str(each.get("document", "")),
                    int(each.get("start", 0)),
                    int(each.get("end", 0)),
                )
                for each in list(data["sources"])[:_MOST_SOURCES]
            )
            return cls(str(data["question"]), str(data["text"]), sources, data.get("is_broken") is True)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ValueError(f"not an answer: {error}") from None


def content_of(answer: Answer, texts: Texts, prose: Prose | None = None) -> Content | None:
    """What is passed on of an answer; ``None`` if there is none.

    Args:
        answer: what was found.
        texts: the page's words.
        prose: if given, it is the answer, and the passages it cites are its sources.
    """
    if prose is not None:
        cited = sorted({n for s in prose.sentences for n in s.cited if 1 <= n <= len(answer.hits)})
        hits = [(n, answer.hits[n - 1], answer.hits[n - 1].document) for n in cited]
        passages = (
            QuotedPlace(n, d.title, _file(d, texts), texts.where(h.line, h.place), h.text, d.id, h.start, h.end)
            for n, h, d in hits
        )
        return Content(answer.question, prose.text, tuple(passages))
    if answer.abstained:
        return None
    quotes = (
        QuotedPlace(c.number, c.document.title, _file(c.document, texts), texts.where(c.line, c.place), *_quoted(c))
        for c in answer.citations
    )
    lines = [*answer.answer.split("\n"), *_not_found(answer, words_in(texts.language))]
    return Content(answer.question, "\n".join(lines), tuple(quotes), bool(answer.parts))


def _file(document: DocumentRef, texts: Texts) -> str:
    """A document's file, behind the library it is in where one was named."""
    return f"{texts.library(document.library)}: {document.source}" if document.library else document.source


def _not_found(answer: Answer, words: AnswerWords) -> list[str]:
    missed = [part for part in answer.parts if not part.found]
    return [words.part_refusal(part.question, part.missing).strip() for part in missed]


def _quoted(citation: Citation) -> tuple[str, str, int, int]:
    """The whole sentence where only some words of it are the answer, its document, and where it stands there."""
    around = citation.context
    if around is None:
        return citation.quote, citation.document.id, citation.start, citation.end
    return around.text, citation.document.id, around.start, around.end
