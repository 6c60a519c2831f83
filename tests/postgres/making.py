"""A library in a database, made of documents whose passages the test chooses."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.address import Address
from rag.chunking import Passage
from rag.corpus import Document
from rag.index.lexical import bigram_keys, keys_of
from rag.index.manifest import Manifest
from rag.index.postgres import PostgresSnapshot
from rag.index.postgres.prepared import Prepared, content_digest
from rag.index.postgres.writer import PostgresWriter
from rag.index.vector_cache import digest
from rag.language.terms import terms


def written(address: Address, documents: Sequence[tuple[Document, Sequence[Passage]]]) -> PostgresSnapshot:
    """The Snapshot of a library that holds just these, with vectors of two dimensions."""
    with PostgresWriter.open(address) as writer, tempfile.TemporaryDirectory() as files:
        writer.begin("test", is_same=False)
        batch = [_prepared(place, *each) for place, each in enumerate(documents)]
        numbers = writer.add(batch)
        passages = sum(len(each.passages) for each in batch)
        settings = {"bm25_k1": 0.4, "bm25_b": 0.3}
        manifest = Manifest("test", "", "", "", 2, len(batch), passages, settings, "pgvector", "test test", {})
        writer.publish(manifest, numbers, {}, Path(files))
    return PostgresSnapshot.open(address)


def _prepared(place: int, document: Document, passages: Sequence[Passage]) -> Prepared:
    texts = [passage.text for passage in passages]
    return Prepared(
        document,
        digest(document.text).hex(),
        content_digest(document),
        place,
        passages,
        [digest(text) for text in texts],
        np.tile(np.array([1, 0], dtype=np.float32), (len(texts), 1)),
        [keys_of(terms(text, passage.language)) for text, passage in zip(texts, passages, strict=True)],
        [bigram_keys(text) for text in texts],
    )
