"""An engine with what a map is drawn from: vectors and passages in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from rag.answer.result import Answer
from rag.chunking import Passage
from rag.corpus.document import Document
from rag.index.store import StoredPassage
from rag.settings import Settings
from tests.llm.fakes import embed

from .doubles import FakeEngine, FakeStore, _sentences


@dataclass(frozen=True)
class FakePassages(FakeStore):
    """As FakeStore, with passages by row."""

    kept: Sequence[StoredPassage]

    def passages(self, rows: Collection[int]) -> dict[int, StoredPassage]:
        return {row: self.kept[row] for row in rows}


class FakeSnapshot:
    """The sentences of documents, each a passage."""

    def __init__(self, contents: Collection[Document], name: str, folder: Path) -> None:
        self.manifest = SimpleNamespace(id=name, created="2026-01-01T00:00:00+00:00")
        self.folder = folder
        self.kept = [
            StoredPassage(row, Passage(d.id, a, b, d.text[a:b], (), d.language), d.source, d.title, d.line(a))
            for row, (d, a, b) in enumerate((d, a, b) for d in contents for a, b in _sentences(d))
        ]
        vectors = np.asarray(embed([stored.passage.text for stored in self.kept]), dtype=np.float32)
        self.vectors = SimpleNamespace(count=len(vectors), at=lambda rows: vectors[rows])
        self.store = FakePassages(tuple(contents), self.kept)


@dataclass
class MapEngine(FakeEngine):
    """As FakeEngine, with a map; ``cache`` is where it keeps maps."""

    cache: Path = Path("/nowhere")
    name: str = "20260101T000000000000-abcdef"
    embedder: Any = field(init=False)

    def __post_init__(self) -> None:
        self.settings = Settings(cache_dir=self.cache)
        self.snapshot = FakeSnapshot(self.contents, self.name, self.cache / self.name)
        self.embedder = SimpleNamespace(embed_queries=embed)

    def info(self) -> SimpleNamespace:
        return SimpleNamespace(model="bundled:small", passages=self.snapshot.vectors.count, id=self.name, created="")

    def ask(self, question: str, *, k: int | None = None, **options: Any) -> Answer:
        answer = FakeEngine.ask(self, question, k=k)
        rows = {(s.passage.document_id, s.passage.start): s.row for s in self.snapshot.kept}
        hits = tuple(replace(hit, passage_id=rows[hit.document.id, hit.start]) for hit in answer.hits)
        return replace(answer, hits=hits)
