"""What a build takes over from the Snapshot before it: passages, vectors and terms of what did not change.

For that a Snapshot keeps the terms of its passages as they were found: ``terms/keys.npy`` holds the hashes of all
passages' terms one after the other, ``terms/ends.npy``, where each passage's end.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from rag.arrays import Floats, Rows
from rag.chunking import Chunker, Passage, with_words
from rag.code_digest import code_digest
from rag.corpus.document import Document
from rag.errors import SnapshotError
from rag.index.arrays import ArrayWriter, mapped
from rag.index.folder import FolderSnapshot
from rag.index.lexical import Keys

log = logging.getLogger(__name__)

TERMS_FOLDER = "terms"

_TERMS = ("language", "index/lexical.py")
_CUTTING = ("corpus", "language", "chunking.py", "models/tokenizer.py")
_LIBRARIES = ("fugashi", "unidic-lite", "snowballstemmer", "py3langid", "regex")


@dataclass(frozen=True, slots=True)
class MadeWith:
    """What a build depends on beside the documents.

    Attributes:
        passages: changes with whatever may cut a document otherwise.
        terms: changes with whatever may find other terms in a text.
    """

    passages: str
    terms: str

    @classmethod
    def now(cls, chunker: Chunker, fingerprint: str, *, as_given: bool) -> MadeWith:
        """With this code, these lengths and the model of this fingerprint, whose tokens are counted."""
        lengths = (chunker.target, chunker.overlap, chunker.limit)
        cut = (code_digest(*_CUTTING, libraries=_LIBRARIES), fingerprint, as_given, *lengths)
        return cls(sha256(repr(cut).encode()).hexdigest()[:32], code_digest(*_TERMS, libraries=_LIBRARIES))

    @classmethod
    def parsed(cls, written: str) -> MadeWith:
        """As a manifest has it."""
        passages, _, counted = written.partition(" ")
        return cls(passages, counted)

    def __str__(self) -> str:
        return f"{self.passages} {self.terms}"


class TermsWriter:
    """Keeps the terms of the passages for the next build; a context manager.

    Args:
        folder: the Snapshot's.
    """

    def __init__(self, folder: Path) -> None:
        (folder / TERMS_FOLDER).mkdir()
        self._keys = ArrayWriter(folder / TERMS_FOLDER / "keys.npy", np.uint64)
        self._ends = ArrayWriter(folder / TERMS_FOLDER / "ends.npy", np.int64)
        self._end = 0

    def add(self, passages: Sequence[Keys]) -> None:
        """Append passages, by the hashes of their terms."""
        self._keys.append(np.concatenate(passages))
        ends = self._end + np.cumsum([len(keys) for keys in passages], dtype=np.int64)
        self._ends.append(ends)
        self._end = int(ends[-1]) if len(ends) else self._end

    def __enter__(self) -> TermsWriter:
        return self

    def __exit__(self, *raised: Any) -> None:
        self._keys.__exit__(*raised)
        self._ends.__exit__(*raised)


class Carried:
    """Looks things up in the Snapshot before; finds nothing if there is none, or it cannot be used.

    Args:
        snapshot: the one before.
        fingerprint: of the embedding model now.
        made: what a build depends on now.
    """

    def __init__(self, snapshot: FolderSnapshot | None, fingerprint: str, made: MadeWith) -> None:
        self._snapshot = snapshot
        self._has_vectors = snapshot is not None and snapshot.manifest.fingerprint == fingerprint
        before = None if snapshot is None else MadeWith.parsed(snapshot.manifest.made_with)
        self._cuts_alike = before is not None and before.passages == made.passages
        self._counts_alike = before is not None and before.terms == made.terms

    def passages(self, document: Document, sha256: str) -> list[Passage] | None:
        """The document's passages, if it was cut in the same way and has not changed since."""
        if self._snapshot is None or not self._cuts_alike:
            return None
        try:
            found = self._snapshot.store.passages_of(document, sha256)
            return None if found is None else with_words(document, found)
        except SnapshotError:
            return None

    def vectors(self, digests: Sequence[bytes]) -> tuple[Rows, Floats]:
        """Vectors of texts that are known: their places among the digests, and the vectors, ``(known, dimension)``."""
        nothing = np.zeros(0, dtype=np.int64), np.zeros((0, 0), dtype=np.float32)
        if self._snapshot is None or not self._has_vectors:
            return nothing
        try:
            rows = self._rows
            places = np.array([place for place, digest in enumerate(digests) if digest in rows], dtype=np.int64)
            theirs = np.array([rows[digests[place]] for place in places], dtype=np.int64)
            return places, self._snapshot.vectors.at(theirs)
        except SnapshotError as error:
            log.warning("The vectors of the index before this build cannot be used: %s", error)
            return nothing

    def terms(self, wanted: Collection[bytes]) -> dict[tuple[bytes, str], Keys]:
        """Hashes of the terms of texts, by digest and language."""
        if self._snapshot is None or not self._counts_alike:
            return {}
        store = self._snapshot.store
        try:
            keys, ends = (mapped(self._snapshot.folder / TERMS_FOLDER / name) for name in ("keys.npy", "ends.npy"))
            begins = np.concatenate([[0], ends[:-1]])
            return {
                (digest, store.languages[store.passage_languages[row]]): keys[begins[row] : ends[row]]
                for digest, row in self._rows.items()
                if digest in wanted
            }
        except (SnapshotError, OSError, ValueError, IndexError) as error:
            log.warning("The terms of the index before this build cannot be used: %s", error)
            return {}

    @cached_property
    def _rows(self) -> dict[bytes, int]:
        """Row of each embedded text of the Snapshot before, by digest."""
        assert self._snapshot is not None
        return {digest: row for row, digest in self._snapshot.store.embedded()}
