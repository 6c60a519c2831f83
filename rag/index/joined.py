"""Several Snapshots as one: rows one behind the other, terms as rare as they are in all of them together.

So one question has one ranking over all: cosines are those of one model, and BM25 counts with the frequencies of the
union, as an index of all the documents would. (A passage's length is still told against the mean of its own index.)
Documents go by their id behind the key of their index (``KEY.0123456789abcdef``): sources may be the same in two.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import accumulate
from typing import Protocol, TypeVar

import numpy as np

from rag.arrays import Floats, Rows
from rag.chunking import Passage
from rag.corpus.blocks import Block
from rag.corpus.document import Document
from rag.errors import SnapshotError
from rag.index.filters import EVERYTHING, Filter
from rag.index.lexical import Counts, Field, Keys, Lexical
from rag.index.snapshot import Snapshot, VectorIndex
from rag.index.store import DocumentInfo, Mask, Store, StoredPassage
from rag.index.vectors import PROBED, SPREAD_SAMPLE, Spread

A = TypeVar("A")
T = TypeVar("T")

_BETWEEN = "."


def qualified(key: str, document_id: str) -> str:
    """The id of a document among several indexes."""
    return f"{key}{_BETWEEN}{document_id}"


def parted(document_id: str) -> tuple[str, str]:
    """The key of its index and the id there, of an id among several; an id of one index has no key (``""``)."""
    key, _, own = document_id.rpartition(_BETWEEN)
    return key, own


@dataclass(frozen=True)
class QualifiedDocument(Document):
    """A Document of one index among several: ``key`` is that index's."""

    key: str = ""

    @classmethod
    def of(cls, document: Document, key: str) -> QualifiedDocument:
        """A document of the index with this key."""
        return cls(**{each.name: getattr(document, each.name) for each in fields(Document)}, key=key)

    @cached_property
    def id(self) -> str:
        """The id among several."""
        return qualified(self.key, super().id)


@dataclass(frozen=True, slots=True)
class Part:
    """One Snapshot of several: what its documents' ids begin with, and what it is called."""

    key: str
    name: str
    snapshot: Snapshot


class JoinedSnapshot(Snapshot):
    """Several Snapshots, searched as one. Whoever made the parts closes them.

    Args:
        parts: one or more, each with a key of its own.

    Raises:
        SnapshotError: if they were not built with one model.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        first = parts[0].snapshot.manifest
        for part in parts:
            manifest = part.snapshot.manifest
            if manifest.fingerprint != first.fingerprint:
                raise SnapshotError(
                    f"{parts[0].name} and {part.name} were built with different models ({first.model}, "
                    f"{manifest.model}), so that they cannot be asked together.",
                    path=part.snapshot.place,
                    hint="Ask them one by one, or build them with the same model.",
                )
        manifests = [part.snapshot.manifest for part in parts]
        self.parts = tuple(parts)
        self.folder = parts[0].snapshot.folder
        self.manifest = replace(
            first,
            id="+".join(manifest.id for manifest in manifests),
            created=max(manifest.created for manifest in manifests),
            documents=sum(manifest.documents for manifest in manifests),
            passages=sum(manifest.passages for manifest in manifests),
        )

    @property
    def place(self) -> str:
        return self.parts[0].snapshot.place

    def close(self) -> None:
        """Nothing is held here."""

    @cached_property
    def store(self) -> Store:
        """Documents and passages of all."""
        return JoinedStore(self.parts)

    @cached_property
    def vectors(self) -> VectorIndex:
        """Vectors of all passages."""
        return JoinedVectors([part.snapshot.vectors for part in self.parts])

    @cached_property
    def lexical(self) -> Lexical:
        """Terms of all passages."""
        return JoinedLexical([part.snapshot.lexical for part in self.parts])

    def verify(self) -> list[str]:
        """What is wrong with the files of each, a sentence each."""
        return [f"{part.name}: {problem}" for part in self.parts for problem in part.snapshot.verify()]


@dataclass(frozen=True)
class _Rows:
    """Which rows of all are whose: part ``n`` has those from ``starts[n]`` up to ``starts[n + 1]``."""

    starts: Sequence[int]

    @classmethod
    def of(cls, counts: Sequence[int]) -> _Rows:
        return cls((0, *accumulate(counts)))

    def place(self, row: int) -> tuple[int, int]:
        """The part of a row, and the row there."""
        part = bisect_right(self.starts, row) - 1
        return part, row - self.starts[part]

    def span(self, part: int) -> slice:
        return slice(self.starts[part], self.starts[part + 1])

    def each(self, rows: Rows) -> Iterator[tuple[int, Mask, Rows]]:
        """Each part that has some of the rows, which of them these are, and what they are there."""
        for part in range(len(self.starts) - 1):
            mine = (rows >= self.starts[part]) & (rows < self.starts[part + 1])
            if mine.any():
                yield part, mine, rows[mine] - self.starts[part]


class JoinedStore(Store):
    """Reads several stores. Safe to share between threads."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._numbers = {part.key: number for number, part in enumerate(parts)}
        self._stores = [part.snapshot.store for part in parts]
        self._keys = [(part.key, part.name) for part in parts]
        self._rows = _Rows.of([len(store.passage_documents) for store in self._stores])
        documents = _Rows.of([part.snapshot.manifest.documents for part in parts])
        names = tuple(dict.fromkeys(name for store in self._stores for name in store.languages))
        rows = np.concatenate(
            [store.passage_documents + start for store, start in zip(self._stores, documents.starts, strict=False)]
        ).astype(np.int32)
        codes = [np.array([names.index(name) for name in store.languages]) for store in self._stores]
        languages = np.concatenate(
            [code[store.passage_languages] for store, code in zip(self._stores, codes, strict=True)]
        ).astype(np.int16)
        super().__init__(rows, languages, names)

    def close(self) -> None:
        """Nothing is open here."""

    def document(self, document_id: str) -> Document:
        """The document with this id.

        Raises:
            SnapshotError: if no index has it.
        """
        number, own = self._place(document_id)
        if number is None:
            raise SnapshotError(f"No library that is asked has a document {document_id!r}.")
        return QualifiedDocument.of(self._stores[number].document(own), self._keys[number][0])

    def blocks(self, document_id: str, start: int, end: int) -> tuple[Block, ...]:
        """As of one store."""
        return self._at(document_id, lambda store, own: store.blocks(own, start, end), ())

    def date(self, document_id: str) -> str:
        """As of one store."""
        return self._at(document_id, lambda store, own: store.date(own), "")

    def text(self, document_id: str, start: int, end: int) -> str:
        """As of one store."""
        return self._at(document_id, lambda store, own: store.text(own, start, end), "")

    def extents_of(self, document_id: str) -> list[tuple[int, int]]:
        """As of one store."""
        return self._at(document_id, lambda store, own: store.extents_of(own), [])

    def neighbours(self, document_id: str, start: int, end: int) -> tuple[Passage | None, Passage | None]:
        """As of one store."""
        nothing: tuple[Passage | None, Passage | None] = (None, None)
        return self._at(document_id, lambda store, own: store.neighbours(own, start, end), nothing)

    def passage_at(self, document_id: str, offset: int) -> StoredPassage | None:
        """As of one store."""
        found = self._at(document_id, lambda store, own: store.passage_at(own, offset), None)
        number, _ = self._place(document_id)
        return self._stored(number, found) if found is not None and number is not None else None

    def documents(self) -> list[DocumentInfo]:
        """All documents, index by index."""
        return [
            replace(info, id=self._named(number, info.id), library=name)
            for number, (store, (_, name)) in enumerate(zip(self._stores, self._keys, strict=True))
            for info in store.documents()
        ]

    def embedded(self) -> Iterator[tuple[int, bytes]]:
        """Row and digest of the embedded text of each passage."""
        for start, store in zip(self._rows.starts, self._stores, strict=False):
            yield from ((start + row, digest) for row, digest in store.embedded())

    def names(self) -> Sequence[tuple[str, str]]:
        """Title and source of each document."""
        return [pair for store in self._stores for pair in store.names()]

    def digests(self) -> dict[str, str]:
        """Documents of several indexes have no sources of their own."""
        raise NotImplementedError("Only one index is updated at a time.")

    def passages(self, rows: Collection[int]) -> Mapping[int, StoredPassage]:
        """The passages at these rows."""
        found = {}
        for part, _, own in self._rows.each(np.array([*rows], dtype=np.int64)):
            for stored in self._stores[part].passages(own.tolist()).values():
                here = self._stored(part, stored)
                found[here.row] = here
        return found

    def words(self, rows: Sequence[int]) -> Iterator[tuple[int, str]]:
        """As of one store."""
        for part, _, own in self._rows.each(np.array(rows, dtype=np.int64)):
            for row, text in self._stores[part].words(own.tolist()):
                yield row + self._rows.starts[part], text

    @cached_property
    def extents(self) -> Sequence[tuple[str, int, int]]:
        """As of one store."""
        return [extent for store in self._stores for extent in store.extents]

    def mask(self, filter_: Filter = EVERYTHING) -> Mask | None:
        """Which passages a filter lets through, shape ``(passages,)``; ``None`` if it lets all through."""
        if not filter_:
            return None
        return np.concatenate([_all_or(store.mask(filter_), len(store.passage_documents)) for store in self._stores])

    def _at(self, document_id: str, read: Callable[[Store, str], T], otherwise: T) -> T:
        number, own = self._place(document_id)
        return otherwise if number is None else read(self._stores[number], own)

    def _place(self, document_id: str) -> tuple[int | None, str]:
        """Which part has a document, if any may, and its id there."""
        key, own = parted(document_id)
        return self._numbers.get(key), own

    def _named(self, part: int, own: str) -> str:
        """The id of a part's document."""
        return qualified(self._keys[part][0], own)

    def _stored(self, part: int, stored: StoredPassage) -> StoredPassage:
        passage = replace(stored.passage, document_id=self._named(part, stored.passage.document_id))
        return replace(stored, row=stored.row + self._rows.starts[part], passage=passage, library=self._keys[part][1])


def _all_or(mask: Mask | None, count: int) -> Mask:
    return np.ones(count, dtype=bool) if mask is None else mask


class AtOnce(Protocol):
    """Does the same with each of some things, as ``map``: maybe with all at once, by threads."""

    def __call__(self, do: Callable[[A], T], things: Iterable[A], /) -> Iterable[T]: ...


class JoinedVectors:
    """Searches the vectors of several indexes, one after the other or all at once."""

    def __init__(self, parts: Sequence[VectorIndex], at_once: AtOnce = map) -> None:
        self._parts, self._at_once = parts, at_once
        self._rows = _Rows.of([part.count for part in parts])
        self.dimension = parts[0].dimension
        self.count = self._rows.starts[-1]

    def cosines(self, query: Floats, rows: Rows) -> Floats:
        """The query's cosine to the vector at each row, shape ``(len(rows),)``."""
        found = np.zeros(len(rows), dtype=np.float32)

        def compare(part: tuple[int, Mask, Rows]) -> None:
            number, mine, own = part
            found[mine] = self._parts[number].cosines(query, own)

        list(self._at_once(compare, self._rows.each(np.asarray(rows))))
        return found

    def spread(self, rows: Rows) -> Spread:
        """How the vectors at these rows lie, by an even sample of them."""
        return Spread.of(self.at(rows[:: max(1, len(rows) // SPREAD_SAMPLE)]), len(rows))

    def at(self, rows: Rows) -> Floats:
        """The vectors at these rows, shape ``(len(rows), dimension)``."""
        found = np.zeros((len(rows), self.dimension), dtype=np.float32)
        for part, mine, own in self._rows.each(np.asarray(rows)):
            found[mine] = self._parts[part].at(own)
        return found

    def search(
        self, queries: Floats, k: int, mask: Mask | None = None, *, probed: float = PROBED
    ) -> tuple[Rows, Floats]:
        """The nearest of all indexes, as of one."""

        def nearest(number: int) -> tuple[Rows, Floats] | None:
            own = None if mask is None else mask[self._rows.span(number)]
            if own is not None and not own.any():
                return None
            rows, cosines = self._parts[number].search(queries, k, own, probed=probed)
            return np.where(rows >= 0, rows + self._rows.starts[number], -1), cosines

        each = [found for found in self._at_once(nearest, range(len(self._parts))) if found is not None]
        rows = np.concatenate([rows for rows, _ in each], axis=1)
        cosines = np.concatenate([cosines for _, cosines in each], axis=1)
        best = np.argsort(np.where(rows >= 0, -cosines, np.inf), axis=1, kind="stable")[:, : max(1, min(k, self.count))]
        return np.take_along_axis(rows, best, axis=1), np.take_along_axis(cosines, best, axis=1)


class JoinedLexical(Lexical):
    """Scores the passages of several indexes by their terms."""

    def __init__(self, parts: Sequence[Lexical], at_once: AtOnce = map) -> None:
        super().__init__(
            JoinedField([part.words for part in parts], at_once), JoinedField([part.bigrams for part in parts], at_once)
        )


class JoinedField(Field):
    """Inverted indexes of several, with the frequencies of all."""

    def __init__(self, parts: Sequence[Field], at_once: AtOnce = map) -> None:
        self._parts, self._at_once = parts, at_once
        self._places = _Rows.of([part.passages for part in parts])
        self.passages = self._places.starts[-1]

    def expect(self, keys: Keys) -> None:
        """As of one."""
        list(self._at_once(lambda part: part.expect(keys), self._parts))

    def add(self, scores: Floats, keys: Keys, units: Floats) -> None:
        """As of one, index by index."""
        for number, part in enumerate(self._parts):
            part.add(scores[self._places.span(number)], keys, units)

    def frequency(self, keys: Keys) -> Counts:
        """How many passages of all have each key, shape ``(len(keys),)``."""
        counts: Counts = np.add.reduce(list(self._at_once(lambda part: part.frequency(keys), self._parts)))
        return counts

    def having_all(self, keys: Keys) -> Mask:
        """As of one."""
        return np.concatenate([part.having_all(keys) for part in self._parts])

    def having_any(self, keys: Keys) -> Mask:
        """As of one."""
        return np.concatenate([part.having_any(keys) for part in self._parts])

    def bigrams_with(self, character: str) -> Keys:
        """As of one."""
        return np.unique(np.concatenate([part.bigrams_with(character) for part in self._parts]))
