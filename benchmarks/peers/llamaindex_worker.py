"""LlamaIndex: a VectorStoreIndex and a BM25Retriever, joined by its QueryFusionRetriever without an LLM."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from llama_index.core import VectorStoreIndex
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.llms import MockLLM
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.retrievers.fusion_retriever import FUSION_MODES
from llama_index.core.schema import NodeWithScore, TextNode
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.retrievers.bm25 import BM25Retriever
from measuring import BIGRAMS, CANDIDATES, DENSE, JAPANESE, Request, serve


class LlamaIndex:
    def __init__(self, request: Request) -> None:
        self._request = request
        self._model = HuggingFaceEmbedding(
            model_name=request.model,
            query_instruction=request.query_prompt,
            text_instruction=request.passage_prompt,
        )
        self._model.get_query_embedding("準備")

    def index(self, passages: Sequence[tuple[str, str]]) -> None:
        nodes = [TextNode(id_=name, text=text) for name, text in passages]
        index = VectorStoreIndex(nodes, embed_model=self._model)
        index.storage_context.persist(self._request.index)
        self._retriever = self._dense(index) if self._request.search == DENSE else self._hybrid(index, nodes)

    def search(self, question: str) -> list[str]:
        return _names(self._retriever.retrieve(question))

    def search_all(self, questions: Sequence[str]) -> list[list[str]]:
        """There is no retriever for many questions; they are asked at once through its asynchronous side."""

        async def ask() -> list[list[NodeWithScore]]:
            return await asyncio.gather(*(self._retriever.aretrieve(question) for question in questions))

        return [_names(found) for found in asyncio.run(ask())]

    def _dense(self, index: VectorStoreIndex, k: int | None = None) -> BaseRetriever:
        return index.as_retriever(similarity_top_k=k or self._request.k)

    def _hybrid(self, index: VectorStoreIndex, nodes: list[TextNode]) -> BaseRetriever:
        if self._request.search == JAPANESE:
            candidates = min(CANDIDATES, len(nodes))
            lexical = BM25Retriever.from_defaults(
                nodes=nodes, similarity_top_k=candidates, token_pattern=BIGRAMS, skip_stemming=True
            )
            dense, mode = self._dense(index, candidates), FUSION_MODES.RECIPROCAL_RANK
        else:
            lexical = BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=self._request.k)
            dense, mode = self._dense(index), FUSION_MODES.SIMPLE
        lexical.persist(str(Path(self._request.index) / "bm25"))
        # With one query there is nothing for an LLM to write, but one has to be named.
        return QueryFusionRetriever(
            [dense, lexical], llm=MockLLM(), mode=mode, num_queries=1, similarity_top_k=self._request.k
        )


def _names(found: Sequence[NodeWithScore]) -> list[str]:
    return [each.node.node_id for each in found]


if __name__ == "__main__":
    serve(LlamaIndex)
