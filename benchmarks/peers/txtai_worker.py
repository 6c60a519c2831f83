"""txtai: an Embeddings database that keeps the texts too (``content``), as the other systems do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from measuring import DENSE, HYBRID, JAPANESE, Request, serve
from txtai import Embeddings

_OPTIONS: dict[str, dict[str, Any]] = {
    DENSE: {},
    HYBRID: {"hybrid": True},
    # What hybrid=True stands for, and terms of two letters.
    JAPANESE: {"scoring": {"method": "bm25", "terms": True, "normalize": True, "tokenizer": {"ngrams": 2}}},
}


class Txtai:
    def __init__(self, request: Request) -> None:
        self._folder, self._k = request.index, request.k
        self._embeddings = Embeddings(
            path=request.model,
            instructions={"query": request.query_prompt, "data": request.passage_prompt},
            content=True,
            **_OPTIONS[request.search],
        )
        self._embeddings.transform("準備")

    def index(self, passages: Sequence[tuple[str, str]]) -> None:
        self._embeddings.index((name, text, None) for name, text in passages)
        self._embeddings.save(self._folder)

    def search(self, question: str) -> list[str]:
        return [found["id"] for found in self._embeddings.search(question, self._k)]

    def search_all(self, questions: Sequence[str]) -> list[list[str]]:
        return [[each["id"] for each in found] for found in self._embeddings.batchsearch(list(questions), self._k)]


if __name__ == "__main__":
    serve(Txtai)
