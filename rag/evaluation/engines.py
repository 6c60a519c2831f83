"""Engines for evaluation: they share one loaded model, and searches in bulk remember the queries' vectors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.engine import Engine
from rag.index.snapshot import Snapshot
from rag.index.vector_cache import VectorCache
from rag.models import Embedder
from rag.settings import Precision, Settings

Floats = npt.NDArray[np.float32]


@lru_cache(maxsize=1)
def _loaded(name: str, cache_dir: Path, precision: Precision) -> Embedder:
    return Embedder.load(name, cache_dir=cache_dir, precision=precision)


class SharingEngine(Engine):
    """An Engine that uses the model the last system has loaded, if it is the same."""

    @property
    def embedder(self) -> Embedder:
        """The model, loaded at the first use."""
        return _loaded(self.settings.model, self.settings.cache_dir, self.settings.precision)


class BulkEngine(SharingEngine):
    """An Engine for ranking the same queries again and again, not for timing: no query is embedded twice.

    The model is loaded only for queries never seen.
    """

    def __init__(self, snapshot: Snapshot, settings: Settings) -> None:
        super().__init__(snapshot, settings)
        self._vectors = VectorCache(
            settings.cache_dir / "vectors.sqlite", f"{snapshot.manifest.fingerprint}-{settings.precision}-query"
        )

    def places_many(self, queries: Sequence[str], *, k: int) -> list[list[tuple[str, int, int, float]]]:
        """For each query, source, start, end and score of the best passages."""
        extents = self.snapshot.store.extents
        return [
            [(*extents[row], score) for row, score in zip(found.rows.tolist(), found.scores.tolist(), strict=True)]
            for found in self.rank_many(queries, k=k)
        ]

    def _embed_queries(self, queries: Sequence[str]) -> Floats:
        """Vectors of queries, shape ``(len(queries), dimension)``, embedded now or by an earlier run."""
        return self._vectors.through(queries, lambda missing: self.embedder.embed_queries(missing))
