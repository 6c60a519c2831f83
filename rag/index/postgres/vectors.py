"""Vectors of a version, in pgvector: compared one by one, or found through a graph (HNSW) where one was made."""

from __future__ import annotations

from typing import Final

import numpy as np

from rag.arrays import Floats, Rows
from rag.index.postgres.connections import Connections
from rag.index.postgres.layout import Layout
from rag.index.store import Mask
from rag.index.vectors import PROBED, SPREAD_SAMPLE, Spread

_READ_AT_ONCE: Final = 4096
_NAMED_SHARE: Final = 0.02
"""A filter that lets fewer through names them; another is a bit for each."""

_NEAREST: Final = """
SELECT pid, -distance FROM (
    SELECT pid, embedding <#> %(vector)s::vector AS distance FROM vectors
    WHERE {condition} ORDER BY distance, pid LIMIT %(k)s
) AS nearest
"""


_GRAPH: Final = """
SELECT pid, -(embedding <#> %(vector)s::vector) AS cosine FROM (
    SELECT pid, embedding FROM vectors WHERE {condition} AND vector_dims(embedding) = {dimension}
    ORDER BY embedding::halfvec({dimension}) <#> %(vector)s::halfvec({dimension}) LIMIT %(k)s
) AS near ORDER BY cosine DESC, pid
"""
GRAPH_INDEX: Final = """
CREATE INDEX IF NOT EXISTS vectors_graph_{dimension} ON vectors
USING hnsw ((embedding::halfvec({dimension})) halfvec_ip_ops) WHERE vector_dims(embedding) = {dimension}
"""
COMPARED, GRAPH = "pgvector", "pgvector HNSW"
"""What a manifest calls the kinds of index."""
_WIDE: Final = 0.1
"""Share of the passages that a filter must let through for the graph to be the shorter way to them."""


def written(vector: Floats) -> str:
    """A vector as a statement takes it; nothing of its 32 bits is lost."""
    return f"[{','.join(map(repr, vector.astype(np.float32).tolist()))}]"


def packed(vector: Floats) -> bytes:
    """A vector as pgvector sends and takes it in binary."""
    head = np.array([len(vector), 0], dtype=">i2").tobytes()
    return head + vector.astype(">f4").tobytes()


def unpacked(content: bytes) -> Floats:
    """The vector that ``packed`` made it of."""
    return np.frombuffer(content, dtype=">f4", offset=4).astype(np.float32)


class PostgresVectors:
    """Searches the vectors of a version. Threads may share it.

    Attributes:
        dimension: length of a vector.
        count: how many there are.

    Args:
        connections: to the database.
        layout: where the passages are.
        dimension: length of a vector.
        has_graph: whether there is a graph over them.
    """

    def __init__(self, connections: Connections, layout: Layout, dimension: int, *, has_graph: bool = False) -> None:
        self._connections, self._layout, self._has_graph = connections, layout, has_graph
        self.dimension, self.count = dimension, layout.count

    def cosines(self, query: Floats, rows: Rows) -> Floats:
        """The query's cosine to the vector at each row, shape ``(len(rows),)``."""
        ids = (self._layout.ids[rows] + self._layout.first).tolist()
        found = dict(
            self._connections.query(
                "SELECT pid, -(embedding <#> %s::vector) FROM vectors WHERE pid = ANY(%s)", [written(query), ids]
            )
        )
        return np.array([found[id_] for id_ in ids], dtype=np.float32)

    def at(self, rows: Rows) -> Floats:
        """The vectors at these rows, shape ``(len(rows), dimension)``."""
        vectors = np.zeros((len(rows), self.dimension), dtype=np.float32)
        ids = (self._layout.ids[np.asarray(rows, dtype=np.int64)] + self._layout.first).tolist()
        for first in range(0, len(ids), _READ_AT_ONCE):
            some = ids[first : first + _READ_AT_ONCE]
            found = dict(
                self._connections.query("SELECT pid, embedding FROM vectors WHERE pid = ANY(%s)", [sorted(set(some))])
            )
            for place, id_ in enumerate(some, first):
                vectors[place] = unpacked(found[id_])
        return vectors

    def search(
        self, queries: Floats, k: int, mask: Mask | None = None, *, probed: float = PROBED
    ) -> tuple[Rows, Floats]:
        """Rows and cosines of the nearest passages, each of shape ``(queries, k)``; rows are padded with -1.

        ``probed`` is of no use here: all vectors within the mask are compared, or the graph is followed.
        """
        k = max(1, min(k, self.count))
        condition, values = self._within(mask)
        is_wide = mask is None or np.count_nonzero(mask) > _WIDE * self.count
        statement = _GRAPH if self._has_graph and is_wide else _NEAREST
        sql = statement.format(condition=condition, dimension=self.dimension)
        rows, scores = np.full((len(queries), k), -1, dtype=np.int64), np.zeros((len(queries), k), dtype=np.float32)
        for number, query in enumerate(queries):
            found = self._connections.query(sql, {"vector": written(query), "k": k, **values})
            if found:
                ids, cosines = zip(*found, strict=True)
                rows[number, : len(ids)] = self._layout.rows[np.array(ids) - self._layout.first]
                scores[number, : len(ids)] = cosines
        return rows, scores

    def _within(self, mask: Mask | None) -> tuple[str, dict[str, object]]:
        """The condition that passages are of this version and within a mask, and its values."""
        layout = self._layout
        between: dict[str, object] = {"first": layout.first, "last": layout.last}
        if mask is None and layout.is_complete:
            return "pid BETWEEN %(first)s AND %(last)s", between
        rows = np.arange(self.count) if mask is None else np.flatnonzero(mask)
        if len(rows) < _NAMED_SHARE * len(layout.rows):
            return "pid = ANY(%(ids)s)", {"ids": (layout.ids[rows] + layout.first).tolist()}
        bits = "get_bit(%(bits)s, (pid - %(first)s)::integer) = 1"
        return f"pid BETWEEN %(first)s AND %(last)s AND {bits}", between | {"bits": layout.bits_of(rows)}

    def spread(self, rows: Rows) -> Spread:
        """How the vectors at these rows lie, by an even sample of them."""
        return Spread.of(self.at(rows[:: max(1, len(rows) // SPREAD_SAMPLE)]), len(rows))
