"""A small stand-in for Engine, so that the page's behaviour can be tested without a model."""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Unpack

from rag.answer.citation import Citation
from rag.answer.result import Answer
from rag.chunking import Passage
from rag.corpus.blocks import Block
from rag.corpus.document import Document, Exclusion
from rag.errors import QuestionError, SnapshotError
from rag.index.filters import Filter
from rag.index.query import Options, Query
from rag.index.store import DocumentInfo
from rag.language.terms import terms
from rag.library import Evidence, MarkedQuestion
from rag.prose import ChatServer, Draft, Prose, Standalone, Turn, standalone_question, write_prose
from rag.ranking import RetrieverScore
from rag.search import DocumentRef, Hit, SearchResult
from rag.settings import Settings
from tests.llm.fakes import embed

TEA = Document(
    source="notes/茶.txt",
    title="茶の淹れ方",
    text="茶の淹れ方\n\nシェア\nツイート\n\n煎茶は七十度の湯で一分待つ。\n玉露はさらに低い五十度で、二分ほど待つ。\n\nほうじ茶は沸きたての湯で淹れる。\n",
    language="ja",
    excluded=(Exclusion(7, 15, "share"),),
)
COFFEE = Document(
    source="coffee.md",
    title="Coffee",
    text="Coffee\n\nGrind the beans shortly before brewing.\nUse water of ninety-two degrees.\n",
    language="en",
)


@dataclass(frozen=True)
class FakeStore:
    """Documents as a Store gives them."""

    contents: tuple[Document, ...]

    def _document(self, document_id: str) -> Document:
        return next(document for document in self.contents if document.id == document_id)

    def text(self, document_id: str, start: int, end: int) -> str:
        return self._document(document_id).text[start:end]

    def document(self, document_id: str) -> Document:
        return self._document(document_id)

    def blocks(self, document_id: str, start: int, end: int) -> tuple[Block, ...]:
        return tuple(block for block in self._document(document_id).blocks if block.start < end and block.end > start)

    def extents_of(self, document_id: str) -> list[tuple[int, int]]:
        return _sentences(self._document(document_id))


@dataclass
class FakeEngine:
    """Answers with the sentences that share most words with the question; refuses when none shares any."""

    contents: tuple[Document, ...] = (TEA, COFFEE)
    warmed: bool = False
    settings: Settings = field(default_factory=Settings)
    llm: ChatServer | None = None
    snapshot: Any = field(init=False)

    def __post_init__(self) -> None:
        """A Snapshot that no record tells the origin of."""
        self.snapshot = SimpleNamespace(
            folder=Path("no-snapshot"),
            manifest=SimpleNamespace(id="snapshot-1"),
            store=FakeStore(self.contents),
        )

    def standalone(
        self,
        question: str,
        history: Sequence[Turn],
        *,
        llm: bool = False,
        cancelled: threading.Event | None = None,
    ) -> Standalone:
        return standalone_question(question, history, self.llm if llm else None, cancelled=cancelled)

    def read_on(self, question: str, last: str, answer: Answer, **options: Unpack[Options]) -> None:
        """No question leans on the one before it."""

    def write_prose(self, answer: Answer, *, cancelled: threading.Event | None = None) -> Iterator[Draft | Prose]:
        assert self.llm is not None
        return write_prose(answer.question, answer.hits, self.llm, embed, embed, cancelled=cancelled)

    def warm_up(self) -> None:
        self.warmed = True

    def document(self, document_id: str) -> Document:
        for document in self.contents:
            if document.id == document_id:
                return document
        raise SnapshotError(f"No document {document_id}.")

    def documents(self) -> list[DocumentInfo]:
        return [
            DocumentInfo(
                id=d.id,
                title=d.title,
                source=d.source,
                language=d.language,
                chars=len(d.text),
                passages=len(list(_sentences(d))),
                excluded_chars=sum(e.end - e.start for e in d.excluded),
                date=d.date,
            )
            for d in self.contents
        ]

    def info(self) -> SimpleNamespace:
        return SimpleNamespace(model="bundled:multilingual-e5-small", created="")

    def search(
        self,
        query: str,
        *,
        operators: bool = True,
        k: int | None = None,
        mode: str | None = None,
        sources: Collection[str] = (),
        languages: Collection[str] = (),
        since: str = "",
        until: str = "",
    ) -> SearchResult:
        return SearchResult(
            query,
            self._hits(query, Query.of(sources=sources, languages=languages, since=since, until=until).within)[
                : k or 10
            ],
        )

    def neighbours(self, document_id: str, start: int, end: int) -> tuple[Passage | None, Passage | None]:
        document = self.document(document_id)
        spans = _sentences(document)
        before = [span for span in spans if span[0] < start][-1:]
        after = [span for span in spans if span[1] > end][:1]
        first, second = (_passage(document, *found[0]) if found else None for found in (before, after))
        return first, second

    def ask(
        self,
        question: str,
        *,
        k: int | None = None,
        mode: str | None = None,
        sources: Collection[str] = (),
        languages: Collection[str] = (),
        since: str = "",
        until: str = "",
        llm: bool = False,
    ) -> Answer:
        if not question.strip():
            raise QuestionError("The question is empty.")
        if len(question) > self.settings.max_question_chars:
            raise QuestionError("The question is too long.")
        hits = self._hits(question, Query.of(sources=sources, languages=languages, since=since, until=until).within)[
            : k or 10
        ]
        asked = set(terms(question, "ja"))
        best = [h for h in hits if asked & set(terms(h.text, "ja"))][:2]
        if not best:
            return Answer(question, "", True, "low-confidence", 0.1, (), hits)
        citations = tuple(
            Citation(n, h.document, h.start, h.end, h.line, h.text, 0.9, h.rank) for n, h in enumerate(best, 1)
        )
        text = "\n".join(f"{c.quote}[{c.number}]" for c in citations)
        return Answer(question, text, False, None, 0.9, citations, hits)

    def mark(
        self, question: str, evidence: Sequence[tuple[str, str]] = (), answers: Sequence[str] = ()
    ) -> MarkedQuestion:
        """As an Engine does, but nothing is kept."""
        places = tuple(Evidence(*place) for place in evidence)
        return MarkedQuestion(question, tuple(answers) or tuple(place.quote for place in places), places)

    def ask_in_steps(
        self, question: str, *, history: Sequence[str] = (), **options: Any
    ) -> Iterator[SearchResult | Answer]:
        if question.strip():
            narrowed = {name: options[name] for name in ("sources", "languages", "since", "until") if name in options}
            yield SearchResult(question, self._hits(question, Query.of(**narrowed).within)[: options.get("k") or 10])
        yield self.ask(question, **options)

    def _hits(self, query: str, within: Filter) -> tuple[Hit, ...]:
        asked = set(terms(query, "ja"))
        found = []
        for document in self.contents:
            by_language = not within.languages or document.language in within.languages
            if not (by_language and within.lets(document.source, document.date)):
                continue
            for start, end in _sentences(document):
                score = len(asked & set(terms(document.text[start:end], "ja")))
                found.append((score, document, start, end))
        found.sort(key=lambda item: -item[0])
        return tuple(hit_in(d, a, b, rank, float(score)) for rank, (score, d, a, b) in enumerate(found[:10], 1))


def _passage(document: Document, start: int, end: int) -> Passage:
    return Passage(document.id, start, end, document.text[start:end], (), document.language)


def _sentences(document: Document) -> list[tuple[int, int]]:
    spans = [m.span() for m in re.finditer(r"[^\n。.]*[。.]", document.text)]
    return [(a, b) for a, b in spans if not any(e.start <= a < e.end for e in document.excluded)]


def hit_in(document: Document, start: int, end: int, rank: int = 1, score: float = 1.0) -> Hit:
    """A passage of a document, found by both retrievers."""
    return Hit(
        rank=rank,
        score=score,
        retrievers={"dense": RetrieverScore(rank, 0.9 - rank / 100), "lexical": RetrieverScore(rank, score)},
        document=DocumentRef(document.id, document.title, document.source),
        start=start,
        end=end,
        text=document.text[start:end],
        heading=(document.title, "淹れ方"),
        language=document.language,
        line=document.line(start),
        passage_id=rank - 1,
    )


def citation_in(document: Document, start: int, end: int, number: int = 1) -> Citation:
    """A citation of a stretch of a document."""
    return Citation(
        number=number,
        document=DocumentRef(document.id, document.title, document.source),
        start=start,
        end=end,
        line=document.line(start),
        quote=document.text[start:end],
        score=0.9,
        hit=1,
    )
