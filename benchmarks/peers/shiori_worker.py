"""Shiori through its public API, with its default settings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from measuring import DENSE, Request, serve

from rag import Document, Engine, Settings
from rag.building import build_documents
from rag.language.detection import detect_language
from rag.models import Embedder


class Shiori:
    """The model is the bundled one by its name; the others get the folder that it is unpacked into."""

    def __init__(self, request: Request) -> None:
        self._folder, self._k = Path(request.index), request.k
        self._settings = Settings.load(mode=DENSE if request.search == DENSE else None)
        embedder = Embedder.shared(
            self._settings.model, cache_dir=self._settings.cache_dir, precision=self._settings.precision
        )
        embedder.embed_queries(["準備"])

    def index(self, passages: Sequence[tuple[str, str]]) -> None:
        documents = (Document(name, "", text, detect_language(text)) for name, text in passages)
        build_documents(documents, self._folder, self._settings, whole=True)
        self._engine = Engine.open(self._folder, self._settings)

    def search(self, question: str) -> list[str]:
        return [hit.document.source for hit in self._engine.search(question, operators=False, k=self._k).hits]

    def search_all(self, questions: Sequence[str]) -> list[list[str]]:
        results = self._engine.search_many(questions, operators=False, k=self._k)
        return [[hit.document.source for hit in result.hits] for result in results]


if __name__ == "__main__":
    serve(Shiori)
