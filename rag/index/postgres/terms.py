"""Terms of a version, in BM25: the posting lists of a question's terms come from the database, and are added up here.

Impacts are as a folder's index has them, to the last bit, though mean length and rarity are those of the version: what
is stored is how often a term stands in a passage.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rag.arrays import Floats
from rag.index.lexical import FULL_SCALE, Counts, Field, Keys, Mask
from rag.index.postgres.connections import Connections
from rag.index.postgres.layout import Layout

_KEPT_BYTES = 64_000_000
"""Of posting lists that are kept."""
_MOST_COUNTS = 1_000_000
"""Terms whose numbers of passages are kept."""

Postings = tuple[npt.NDArray[np.int32], npt.NDArray[np.uint16]]
"""Rows of passages that have a term, and what it adds to each, in units of 1/65535."""
_NONE: Postings = (np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.uint16))


class PostgresField(Field):
    """One inverted index of a version. Threads may share it.

    Args:
        connections: to the database.
        field: which of the two.
        layout: where the passages are.
        lengths: terms of each passage.
        mean: of the lengths of all passages that are ranked together.
        k1, b: BM25's parameters.
    """

    def __init__(
        self,
        connections: Connections,
        field: int,
        layout: Layout,
        lengths: npt.NDArray[np.int32],
        mean: float,
        k1: float,
        b: float,
    ) -> None:
        self._connections, self._field, self._layout = connections, field, layout
        self.passages = layout.count
        self._saturation: Floats = (k1 * (1 - b + b * lengths.astype(np.float32) / (mean or 1.0))).astype(np.float32)
        self._lists: dict[int, Postings] = {}
        self._size = 0
        self._counts: dict[int, int] = {}
        self._changing = threading.Lock()

    def expect(self, keys: Keys) -> None:
        # Read at once, the lists tell their own lengths.
        self._postings(keys)

    def add(self, scores: Floats, keys: Keys, units: Floats) -> None:
        for (rows, impacts), unit in zip(self._postings(keys), units, strict=True):
            scores[rows] += impacts * unit

    def frequency(self, keys: Keys) -> Counts:
        wanted: list[int] = keys.view(np.int64).tolist()
        if not self._layout.is_complete:
            # Some of those counted with a segment have gone since.
            return np.array([len(rows) for rows, _ in self._postings(keys)], dtype=np.int64)
        lists = self._lists
        known = {key: len(lists[key][0]) if key in lists else self._counts.get(key) for key in wanted}
        missing = [key for key, count in known.items() if count is None]
        if missing:
            known |= dict.fromkeys(missing, 0)
            known |= dict(
                self._connections.query(
                    "SELECT key, sum(octet_length(counts))::bigint FROM postings"
                    " WHERE field = %s AND key = ANY(%s) AND segment = ANY(%s) GROUP BY key",
                    [self._field, missing, list(self._layout.segments)],
                )
            )
            with self._changing:
                if len(self._counts) > _MOST_COUNTS:
                    self._counts.clear()
                self._counts.update((key, known[key] or 0) for key in missing)
        return np.array([known[key] for key in wanted], dtype=np.int64)

    def having_all(self, keys: Keys) -> Mask:
        having = np.zeros(self.passages, dtype=bool)
        lists = sorted((rows for rows, _ in self._postings(np.unique(keys))), key=len)
        rows = lists[0] if lists else np.arange(self.passages, dtype=np.int32)
        for others in lists[1:]:
            rows = rows[np.isin(rows, others, assume_unique=True)]
        having[rows] = True
        return having

    def having_any(self, keys: Keys) -> Mask:
        having = np.zeros(self.passages, dtype=bool)
        for rows, _ in self._postings(keys):
            having[rows] = True
        return having

    def bigrams_with(self, character: str) -> Keys:
        code = ord(character)
        rows = self._connections.query(
            "SELECT DISTINCT key FROM postings WHERE field = %(field)s AND segment = ANY(%(segments)s)"
            " AND (key BETWEEN %(first)s AND %(last)s OR key & 4294967295 = %(code)s)",
            {
                "field": self._field,
                "segments": list(self._layout.segments),
                "first": code << 32,
                "last": (code << 32) + 0xFFFFFFFF,
                "code": code,
            },
        )
        return np.array([key for (key,) in rows], dtype=np.int64).view(np.uint64)

    def _postings(self, keys: Keys) -> Sequence[Postings]:
        """The postings of each key."""
        wanted: list[int] = keys.view(np.int64).tolist()
        known = {key: self._lists.get(key) for key in wanted}
        missing = [key for key, postings in known.items() if postings is None]
        if missing:
            read = self._read(missing)
            known |= read
            self._keep(read)
        return [known[key] or _NONE for key in wanted]

    def _read(self, keys: Sequence[int]) -> dict[int, Postings]:
        parts: dict[int, list[Postings]] = {key: [] for key in keys}
        for key, segment, offsets, counts in self._connections.query(
            "SELECT key, segment, rows, counts FROM postings WHERE field = %s AND key = ANY(%s) AND segment = ANY(%s)",
            [self._field, list(keys), list(self._layout.segments)],
        ):
            parts[key].append(self._parsed(self._layout.segments[segment], offsets, counts))
        return {key: _joined(lists) for key, lists in parts.items()}

    def _parsed(self, begin: int, offsets: bytes, counts: bytes) -> Postings:
        rows = np.frombuffer(offsets, dtype="<u2").astype(np.int32) + np.int32(begin)
        often = np.frombuffer(counts, dtype=np.uint8)
        if not self._layout.is_plain:
            rows = self._layout.rows[rows]
            there = rows < self.passages
            rows, often = rows[there], often[there]
        exact = often.astype(np.float32)
        return rows, np.round(FULL_SCALE * exact / (exact + self._saturation[rows])).astype(np.uint16)

    def _keep(self, read: dict[int, Postings]) -> None:
        size = sum(rows.nbytes + impacts.nbytes for rows, impacts in read.values())
        with self._changing:
            if self._size + size > _KEPT_BYTES:
                self._lists, self._size = {}, 0
            self._lists.update(read)
            self._size += size


def _joined(lists: Sequence[Postings]) -> Postings:
    if len(lists) == 1:
        return lists[0]
    if not lists:
        return _NONE
    rows, impacts = zip(*lists, strict=True)
    return np.concatenate(rows), np.concatenate(impacts)
