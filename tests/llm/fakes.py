"""Stand-ins for models: vectors that are close where texts share letters."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rag.index.lexical import bigram_keys
from rag.search import DocumentRef, Hit

DIMENSION = 512


def embed(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """A unit vector for each text, of its character bigrams."""
    vectors = np.full((len(texts), DIMENSION), 1e-6, dtype=np.float32)
    for row, text in enumerate(texts):
        for bigram in bigram_keys(text):
            vectors[row, zlib.crc32(bigram.tobytes()) % DIMENSION] += 1
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def same_meaning(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """One vector for all texts, so that only facts decide."""
    vectors = np.zeros((len(texts), 2), dtype=np.float32)
    vectors[:, 0] = 1
    return vectors


def hit_of(
    text: str,
    *,
    title: str = "文書",
    language: str = "ja",
    start: int = 0,
    rank: int = 1,
    heading: tuple[str, ...] = (),
) -> Hit:
    """A passage that begins at ``start`` of its document."""
    document = DocumentRef(f"d{rank}", title, f"{title}.txt")
    return Hit(rank, 1.0, {}, document, start, start + len(text), text, heading, language, 1, rank - 1)
