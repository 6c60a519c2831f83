"""Documents and passages of a Snapshot, wherever they are kept; each passage's document and language, as arrays."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from rag.chunking import Passage
from rag.corpus.blocks import Block
from rag.corpus.document import Document, Exclusion, Heading, Place
from rag.errors import SnapshotError
from rag.index.filters import EVERYTHING, Filter

_MOST_RECENT = 10_000
_MOST_PLACES = 1_000
"""Documents whose places are kept."""
_MASKS_KEPT = 16
_MOST_CHARS = 4_000_000
"""Of documents' texts, and of Blocks as they are stored, that are kept: a question asks for them many times."""

K = TypeVar("K")
V = TypeVar("V")

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """What is known of a document without reading its text.

    ``chars`` and ``excluded_chars`` count characters; ``date`` is as ``Document.date``. ``library`` is the name of the
    one that holds it, where several are asked together.
    """

    id: str
    source: str
    title: str
    language: str
    chars: int
    excluded_chars: int
    passages: int
    date: str
    library: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form; ``library`` is left out where there is none."""
        return {name: value for name, value in asdict(self).items() if name != "library" or value}


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage with its row, its document's title, source and places, and the line it starts in (from 1).

    ``library`` is as that of ``DocumentInfo``.
    """

    row: int
    passage: Passage
    source: str
    title: str
    line: int
    places: tuple[Place, ...] = ()
    library: str = ""


def stored_marks(document: Document) -> tuple[str, str]:
    """Headings and exclusions, as the store writes them."""
    headings = json.dumps([[h.start, h.end, h.level] for h in document.headings])
    return headings, json.dumps([[e.start, e.end, e.reason] for e in document.excluded])


def without(text: str, begin: int, spans: Sequence[tuple[int, int]]) -> str:
    """A stretch of a document that begins at an offset, without these spans of the document, which are in order."""
    kept, position = [], begin
    for start, end in islice(spans, max(0, bisect_left(spans, (begin, begin)) - 1), None):
        if start >= begin + len(text):
            break
        kept.append(text[position - begin : max(start, position) - begin])
        position = max(end, position)
    return "".join([*kept, text[position - begin :]])


class _Kept(Generic[K, V]):
    """What was read last, until all together are too large. Threads may share one."""

    def __init__(self) -> None:
        self._known: dict[K, V] = {}
        self._size = 0

    def __len__(self) -> int:
        return len(self._known)

    def get(self, key: K, read: Callable[[K], tuple[V, int]], most: int) -> V:
        """The value of a key; ``read`` gives it with its size if it is not known, ``most`` is the size of all."""
        return self.all([key], lambda _: {key: read(key)}, most)[0]

    def all(self, keys: Sequence[K], read: Callable[[Sequence[K]], Mapping[K, tuple[V, int]]], most: int) -> list[V]:
        """As ``get``, for several keys; ``read`` is given those that are not known, if any, together."""
        found = {key: self._known.get(key) for key in keys}
        missing = [key for key, value in found.items() if value is None]
        for key, (new, size) in read(missing).items() if missing else ():
            if self._size + size > most:
                self._known, self._size = {}, 0
            self._known[key] = found[key] = new
            self._size += size
        return [value for key in keys if (value := found[key]) is not None]


class Store(ABC):
    """Reads documents and passages. Safe to share between threads.

    Documents and passages are known by their rows, from 0, in the order of the index.

    Attributes:
        passage_documents: row of each passage's document.
        passage_languages: of each passage, a place in ``languages``.
        languages: ISO 639-1 codes.
        rows_by_language: rows of the passages in each of these.
    """

    def __init__(
        self, documents: npt.NDArray[np.int32], languages: npt.NDArray[np.int16], names: Sequence[str]
    ) -> None:
        self.passage_documents, self.passage_languages = documents, languages
        self.languages: tuple[str, ...] = tuple(names)
        self.rows_by_language = tuple(np.flatnonzero(languages == code) for code in range(len(self.languages)))

    @abstractmethod
    def close(self) -> None:
        """Let go of what is read."""

    @abstractmethod
    def documents(self) -> list[DocumentInfo]:
        """All documents, in the order of the index."""

    @abstractmethod
    def digests(self) -> dict[str, str]:
        """SHA-256 of each document as indexed, by source."""

    @abstractmethod
    def embedded(self) -> Iterator[tuple[int, bytes]]:
        """Row and digest of the embedded text of each passage."""

    @abstractmethod
    def names(self) -> Sequence[tuple[str, str]]:
        """Title and source of each document, in the order of the index."""

    @abstractmethod
    def words(self, rows: Sequence[int]) -> Iterator[tuple[int, str]]:
        """Each of these rows with the text of its passage, without the markup in it."""

    @abstractmethod
    def passage_at(self, document_id: str, offset: int) -> StoredPassage | None:
        """The passage that holds an offset of a document, or the next behind it; ``None`` if there is none."""

    @abstractmethod
    def neighbours(self, document_id: str, start: int, end: int) -> tuple[Passage | None, Passage | None]:
        """The passages before and after the stretch ``[start, end)`` of a document; ``None`` at its ends."""

    @property
    @abstractmethod
    def extents(self) -> Sequence[tuple[str, int, int]]:
        """Source of the document, start and end of every passage, by row."""

    @abstractmethod
    def extents_of(self, document_id: str) -> list[tuple[int, int]]:
        """Start and end of every passage of one document, in characters, in their order."""

    @abstractmethod
    def date(self, document_id: str) -> str:
        """The date of a document, as ``Document.date``."""

    @abstractmethod
    def document(self, document_id: str) -> Document:
        """The document with this id.

        Raises:
            SnapshotError: if the index has none.
        """

    @abstractmethod
    def blocks(self, document_id: str, start: int, end: int) -> tuple[Block, ...]:
        """The Blocks of a document that the stretch ``[start, end)`` touches, in order."""

    @abstractmethod
    def text(self, document_id: str, start: int, end: int) -> str:
        """What stands in a document between two offsets."""

    @abstractmethod
    def passages(self, rows: Collection[int]) -> Mapping[int, StoredPassage]:
        """The passages at these rows."""

    @abstractmethod
    def mask(self, filter_: Filter = EVERYTHING) -> Mask | None:
        """Which passages a filter lets through, shape ``(passages,)``; ``None`` if it lets all through."""

    def all_passages(self) -> Iterator[StoredPassage]:
        """Every passage in the order of rows."""
        count = len(self.passage_documents)
        for first in range(0, count, 500):
            part = self.passages(range(first, min(first + 500, count)))
            yield from (part[row] for row in sorted(part))

    def misplaced(self) -> Iterator[str]:
        """A sentence for each passage that is not the span of its document that it claims to be."""
        for stored in self.all_passages():
            passage = stored.passage
            if self.text(passage.document_id, passage.start, passage.end) != passage.text:
                yield f"passage {stored.row}: it is not the span of {stored.source} that it claims to be."


class KeptStore(Store):
    """Keeps what was read last; whoever keeps the documents tells what stands at each row."""

    def __init__(
        self, documents: npt.NDArray[np.int32], languages: npt.NDArray[np.int16], names: Sequence[str]
    ) -> None:
        super().__init__(documents, languages, names)
        self._recent: dict[int, StoredPassage] = {}
        self._places: _Kept[int, tuple[Place, ...]] = _Kept()
        self._texts: _Kept[str, str] = _Kept()
        self._parsed_blocks: _Kept[int, Block] = _Kept()
        self._masks: dict[Filter, Mask] = {}

    @abstractmethod
    def _row(self, document_id: str) -> int | None:
        """The row of a document."""

    @abstractmethod
    def _fields(self, row: int) -> Sequence[str]:
        """Source, title, text, language, headings, exclusions and metadata of a document, the last three in JSON."""

    @abstractmethod
    def _read_text(self, document_id: str) -> tuple[str, int]:
        """The text of a document, and its length; empty where there is none."""

    @abstractmethod
    def _read_places(self, documents: Sequence[int]) -> Mapping[int, tuple[tuple[Place, ...], int]]:
        """Places of the documents at these rows, and what keeping them costs."""

    @abstractmethod
    def _block_keys(self, document: int, start: int, end: int) -> Sequence[int]:
        """Which Blocks of the document at a row a stretch touches, the outer ones first."""

    @abstractmethod
    def _read_blocks(self, keys: Sequence[int]) -> Mapping[int, tuple[Block, int]]:
        """These, and the length of each as it is stored."""

    @abstractmethod
    def _read_passages(self, rows: Sequence[int]) -> dict[int, StoredPassage]:
        """The passages at these rows, by row."""

    @abstractmethod
    def _dated(self) -> Sequence[tuple[str, str]]:
        """Source and date of each document, in the order of the index."""

    def document(self, document_id: str) -> Document:
        row = self._row(document_id)
        if row is None:
            raise SnapshotError(f"The index has no document {document_id!r}.", hint="`rag info` lists the documents.")
        source, title, text, language, headings, excluded, metadata = self._fields(row)
        return Document(
            source,
            title,
            text,
            language,
            tuple(Heading(*h) for h in json.loads(headings)),
            tuple(Exclusion(*e) for e in json.loads(excluded)),
            json.loads(metadata),
            self._places_of(row),
            self._blocks(row, 0, len(text)),
        )

    def blocks(self, document_id: str, start: int, end: int) -> tuple[Block, ...]:
        row = self._row(document_id)
        return self._blocks(row, start, end) if row is not None else ()

    def text(self, document_id: str, start: int, end: int) -> str:
        return self._texts.get(document_id, self._read_text, _MOST_CHARS)[start:end]

    def _places_of(self, document: int) -> tuple[Place, ...]:
        """Pages, slides, … of the document at this row; those of the last documents are kept."""
        return self._places_of_each([document])[document]

    def _places_of_each(self, documents: Iterable[int]) -> dict[int, tuple[Place, ...]]:
        wanted = list(dict.fromkeys(documents))
        return dict(zip(wanted, self._places.all(wanted, self._read_places, _MOST_PLACES), strict=True))

    def _blocks(self, document: int, start: int, end: int) -> tuple[Block, ...]:
        keys = self._block_keys(document, start, end)
        return tuple(self._parsed_blocks.all(keys, self._read_blocks, _MOST_CHARS))

    def passages(self, rows: Collection[int]) -> Mapping[int, StoredPassage]:
        wanted = [int(row) for row in rows]
        # Another thread may clear the recent ones at any moment, so each is looked up once.
        recent = ((row, self._recent.get(row)) for row in wanted)
        found = {row: passage for row, passage in recent if passage}
        missing = [row for row in wanted if row not in found]
        if missing:
            found |= self._read_passages(missing)
            if len(self._recent) > _MOST_RECENT:
                self._recent.clear()
            self._recent.update(found)
        return found

    def mask(self, filter_: Filter = EVERYTHING) -> Mask | None:
        if not filter_:
            return None
        found = self._masks.get(filter_)
        if found is None:
            found = self._new_mask(filter_)
            if len(self._masks) >= _MASKS_KEPT:
                self._masks.clear()
            self._masks[filter_] = found
        return found

    def _new_mask(self, filter_: Filter) -> Mask:
        chosen = np.ones(len(self.passage_documents), dtype=bool)
        if filter_.languages:
            chosen &= np.array([language in filter_.languages for language in self.languages])[self.passage_languages]
        if filter_.sources or filter_.since or filter_.until:
            let = [filter_.lets(source, date) for source, date in self._dated()]
            chosen &= np.array(let, dtype=bool)[self.passage_documents]
        chosen.setflags(write=False)
        return chosen
