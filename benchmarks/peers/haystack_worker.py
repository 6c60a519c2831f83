"""Haystack: its in-memory store with BM25 and embedding retrievers, joined by its DocumentJoiner."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from haystack import Document, Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)
from measuring import BIGRAMS, CANDIDATES, DENSE, JAPANESE, Request, serve

RETRIEVER, JOINER = "retriever", "joiner"


class Haystack:
    def __init__(self, request: Request) -> None:
        self._request = request
        fusing = request.search == JAPANESE
        self._store = InMemoryDocumentStore(**({"bm25_tokenization_regex": BIGRAMS} if fusing else {}))
        self._passages = SentenceTransformersDocumentEmbedder(
            model=request.model, prefix=request.passage_prompt, progress_bar=False
        )
        self._passages.run([Document(content="準備")])
        self._pipeline = _pipeline(request, self._store)

    def index(self, passages: Sequence[tuple[str, str]]) -> None:
        documents = [Document(id=name, content=text) for name, text in passages]
        self._store.write_documents(self._passages.run(documents)["documents"])
        folder = Path(self._request.index)
        folder.mkdir(parents=True, exist_ok=True)
        self._store.save_to_disk(str(folder / "store.json"))

    def search(self, question: str) -> list[str]:
        return self._names(self._pipeline.run(self._inputs(question)))

    def search_all(self, questions: Sequence[str]) -> list[list[str]]:
        """There is no pipeline for many questions; they are asked at once through its asynchronous side."""

        async def ask() -> list[dict[str, Any]]:
            return await asyncio.gather(*(self._pipeline.run_async(self._inputs(question)) for question in questions))

        return [self._names(found) for found in asyncio.run(ask())]

    def _inputs(self, question: str) -> dict[str, Any]:
        inputs = {"embedder": {"text": question}}
        return inputs if self._request.search == DENSE else inputs | {"bm25": {"query": question}}

    def _names(self, found: Mapping[str, Any]) -> list[str]:
        last = RETRIEVER if self._request.search == DENSE else JOINER
        return [document.id for document in found[last]["documents"]]


def _pipeline(request: Request, store: InMemoryDocumentStore) -> Pipeline:
    fusing = request.search == JAPANESE
    k = CANDIDATES if fusing else request.k
    pipeline = Pipeline()
    pipeline.add_component(
        "embedder",
        SentenceTransformersTextEmbedder(model=request.model, prefix=request.query_prompt, progress_bar=False),
    )
    pipeline.add_component(RETRIEVER, InMemoryEmbeddingRetriever(store, top_k=k))
    pipeline.connect("embedder.embedding", f"{RETRIEVER}.query_embedding")
    if request.search != DENSE:
        mode = {"join_mode": "reciprocal_rank_fusion"} if fusing else {}
        pipeline.add_component("bm25", InMemoryBM25Retriever(store, top_k=k))
        pipeline.add_component(JOINER, DocumentJoiner(top_k=request.k, **mode))
        pipeline.connect("bm25", JOINER)
        pipeline.connect(RETRIEVER, JOINER)
    pipeline.warm_up()
    return pipeline


if __name__ == "__main__":
    serve(Haystack)
