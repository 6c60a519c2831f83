"""Small documents as an index would hold them, and units of them judged by a reader that says what it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.answer.choosing import Judged, judged
from rag.answer.compose import asked_of, composed
from rag.answer.coverage import wanted_terms
from rag.answer.evidence import Unit, units_of
from rag.answer.features import Seen, row_matches, seen
from rag.answer.question import understand
from rag.answer.result import Answer
from rag.answer.sources import Sources
from rag.corpus import Document
from rag.corpus.blocks import Block, Table
from rag.corpus.reading import read_document
from rag.reader.model import PassageReading
from rag.search import DocumentRef, Hit


def document(folder: Path, name: str, text: str) -> Document:
    """The document that a file with this text is read as."""
    (folder / name).write_text(text, encoding="utf-8")
    return read_document(folder / name, name)


def hit_of(found: Document, *, heading: tuple[str, ...] = (), rank: int = 1) -> Hit:
    """All of a document as one passage."""
    return Hit(
        rank=rank,
        score=1.0,
        retrievers={},
        document=DocumentRef(found.id, found.title, found.source),
        start=0,
        end=len(found.text),
        text=found.text,
        heading=heading,
        language=found.language,
        line=1,
        passage_id=rank,
    )


def weigh(words: Sequence[str]) -> Mapping[str, float]:
    """All words are as rare."""
    return dict.fromkeys(words, 1.0)


@dataclass(frozen=True)
class Held:
    """Documents as an index would give them."""

    documents: tuple[Document, ...]
    by_section: bool = False
    """Whether each section is a passage of its own."""

    def text(self, document_id: str, start: int, end: int) -> str:
        return self._of(document_id).text[start:end]

    def blocks(self, document_id: str, start: int, end: int) -> Sequence[Block]:
        return [block for block in self._of(document_id).blocks if block.start < end and block.end > start]

    def _of(self, document_id: str) -> Document:
        return next(each for each in self.documents if each.id == document_id)

    def units(self) -> list[Unit]:
        return [
            unit
            for each in self.documents
            for hit in self._hits(each)
            for unit in units_of(hit, self.blocks, self.text)
        ]

    def _hits(self, found: Document) -> list[Hit]:
        if not self.by_section:
            return [hit_of(found)]
        heads = [block for block in found.blocks if block.kind == "heading"]
        ends = [*(block.start for block in heads[1:]), len(found.text)]
        whole = hit_of(found)
        return [
            replace(
                whole, start=a.start, end=end, text=found.text[a.start : end], heading=(found.text[a.start : a.end],)
            )
            for a, end in zip(heads, ends, strict=True)
        ]

    def judged(self, question: str, relevance: Mapping[str, float] | None = None) -> list[Judged]:
        """All units, as relevant as told by words of them."""
        told = relevance or {}
        units = self.units()
        readings = [
            PassageReading(max((value for words, value in told.items() if words in unit.text), default=-3.0), ())
            for unit in units
        ]
        return judged(self.seen(question, units), readings)

    def seen(self, question: str, units: Sequence[Unit], **told: Any) -> list[Seen]:
        """What is known of units before they are read; ``told`` are marks."""
        asked = understand(question)
        rows = row_matches(asked, units, self.text, weigh)
        return seen(asked, units, wanted_terms(question, weigh), rows, self.text, **told)

    def sources(self) -> Sources:
        """Where units come from, without a reader; all words of the documents are known."""

        def is_known(word: str) -> bool:
            return any(word in f"{each.title}\n{each.text}" for each in self.documents)

        return Sources(
            self.blocks,
            self.text,
            lambda *_: (),
            weigh,
            lambda found: self._of(found).date,
            is_known,
            lambda _, texts, __: [0.0] * len(texts),
        )

    def answer(self, question: str, relevance: Mapping[str, float] | None = None, *, apart: bool = False) -> Answer:
        """The answer to a question, however sure; ``apart`` where each thing asked is to be judged by itself."""
        asked = understand(question)
        hits = [hit_of(each, rank=rank) for rank, each in enumerate(self.documents, 1)]
        parts = [(each, self.judged(each.text, relevance)) for each in (asked_of(asked) if apart else [asked])]
        return composed(asked, parts, hits, self.sources(), 0.0)


def table_of(found: Document) -> Table:
    """The one table of a document."""
    (table,) = (block.table for block in found.blocks if block.table is not None)
    return table
