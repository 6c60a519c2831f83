"""Which passages a version has, and where: passages are known by permanent ids, a version's by rows from 0.

A row follows from the order of documents, as in a folder's index. Ids of a segment's passages follow each other; those
of documents that have gone since are passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.index.postgres.connections import Connections
from rag.index.postgres.schema import LIVE

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the passages of a version are.

    Attributes:
        version: its number.
        numbers: of the documents, in the order of the index.
        passage_documents, passage_languages, languages: as a ``Store`` has them.
        words, bigrams: how many terms each passage has.
        segments: id and first passage of each segment.
        first: the least id of a passage.
        ids: of each row's passage, less ``first``.
        rows: the row of each id less ``first``; as many as there are rows where it has none.
        is_complete: whether each id from the first to the last is a row's.
        is_plain: whether rows and ids are in the same order, too.
    """

    version: int
    numbers: Numbers
    passage_documents: npt.NDArray[np.int32]
    passage_languages: npt.NDArray[np.int16]
    languages: tuple[str, ...]
    words: npt.NDArray[np.int32]
    bigrams: npt.NDArray[np.int32]
    segments: dict[int, int]
    first: int
    ids: Numbers
    rows: npt.NDArray[np.int32]
    is_complete: bool
    is_plain: bool

    @property
    def count(self) -> int:
        """Number of passages."""
        return len(self.ids)

    @property
    def last(self) -> int:
        """The greatest id of a passage."""
        return self.first + len(self.rows) - 1

    @classmethod
    def read(cls, connections: Connections, version: int) -> Layout:
        """That of one version."""
        at = {"version": version}
        segments = connections.query(
            f"SELECT id, first, span, documents, languages, words, bigrams FROM segments WHERE {LIVE} ORDER BY first",
            at,
        )
        ((numbers,),) = connections.query(
            f"SELECT array_agg(number ORDER BY place, number) FROM documents WHERE {LIVE}",
            at,
        )
        codes = dict(connections.query("SELECT code, name FROM languages"))
        return cls._of(version, np.array(numbers, dtype=np.int64), segments, codes)

    @classmethod
    def _of(cls, version: int, numbers: Numbers, segments: list[tuple[Any, ...]], codes: dict[int, str]) -> Layout:
        first = segments[0][1]
        span = segments[-1][1] + segments[-1][2] - first
        documents = np.full(span, -1, dtype=np.int64)
        languages = np.zeros(span, dtype=np.int16)
        words, bigrams = np.zeros(span, dtype=np.int32), np.zeros(span, dtype=np.int32)
        for _, begin, length, *columns in segments:
            there = slice(begin - first, begin - first + length)
            for column, content in zip((documents, languages, words, bigrams), columns, strict=True):
                column[there] = np.frombuffer(content, dtype=column.dtype.newbyteorder("<"))
        order = _places(numbers, documents)
        ids = np.flatnonzero(order >= 0)
        if np.any(np.diff(order[ids]) < 0):
            ids = ids[np.argsort(order[ids], kind="stable")]
        rows = np.full(span, len(ids), dtype=np.int32)
        rows[ids] = np.arange(len(ids), dtype=np.int32)
        present = np.unique(languages[ids])
        names = sorted(codes[code] for code in present.tolist())
        renamed = np.zeros(max(codes) + 1, dtype=np.int16)
        for code in present.tolist():
            renamed[code] = names.index(codes[code])
        return cls(
            version,
            numbers,
            order[ids].astype(np.int32),
            renamed[languages[ids]],
            tuple(names),
            words[ids],
            bigrams[ids],
            {segment[0]: segment[1] - first for segment in segments},
            first,
            ids,
            rows,
            len(ids) == span,
            bool(np.array_equal(ids, np.arange(span))),
        )

    def bits_of(self, rows: Numbers) -> bytes:
        """A bit for each id from ``first`` on, the least significant of a byte first, set for these rows."""
        there = np.zeros(len(self.rows), dtype=bool)
        there[self.ids[rows]] = True
        return np.packbits(there, bitorder="little").tobytes()


def _places(numbers: Numbers, documents: Numbers) -> Numbers:
    """At which place among the numbers each passage's document is; -1 where it is not among them."""
    order = np.argsort(numbers)
    known = numbers[order]
    found = np.minimum(np.searchsorted(known, documents), len(known) - 1)
    return np.where(known[found] == documents, order[found], -1)
