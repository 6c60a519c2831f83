"""An Engine for evaluation: searches in bulk, and remembers the queries' vectors."""

from __future__ import annotations

from collections.abc import Sequence

from rag.engine import Engine
from rag.index.snapshot import Snapshot
from rag.index.vector_cache import VectorCache
from rag.settings import Settings


class BulkEngine(Engine):
    """Ranks the same queries again and again, not for timing: no query is embedded twice.

    The model is loaded only for queries never seen.
    """

    def __init__(self, snapshot: Snapshot, settings: Settings) -> None:
        name = f"{snapshot.manifest.fingerprint}-{settings.precision}-query"
        super().__init__(snapshot, settings, VectorCache(settings.cache_dir / "vectors.sqlite", name))

    def places_many(self, queries: Sequence[str], *, k: int) -> list[list[tuple[str, int, int, float]]]:
        """For each query, source, start, end and score of the best passages."""
        extents = self.snapshot.store.extents
        return [
            [(*extents[row], score) for row, score in zip(found.rows.tolist(), found.scores.tolist(), strict=True)]
            for found in self.rank_many(queries, k=k)
        ]
