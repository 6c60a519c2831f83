"""What a build takes over from the Snapshot before it: passages, vectors and terms of what did not change.

For that a Snapshot keeps the terms of its passages as they were found: ``terms.npz`` holds ``ids``, the terms of all
passages one after the other by their numbers in the index of words, ``ends``, where each passage's end, and ``made``,
with what they were made.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from rag.chunking import Chunker, Passage
from rag.corpus.document import Document
from rag.errors import SnapshotError
from rag.index.snapshot import Snapshot

log = logging.getLogger(__name__)

TERMS_FILE = "terms.npz"

Floats = npt.NDArray[np.float32]


def made_with(chunker: Chunker, fingerprint: str, *, as_given: bool) -> str:
    """What passages and terms depend on beside the document; other versions may cut and count differently."""
    lengths = (chunker.target, chunker.overlap, chunker.limit)
    return repr((version("shiori-rag"), fingerprint, as_given, *lengths))


def write_terms(folder: Path, terms: Sequence[Sequence[str]], numbers: Mapping[str, int], made: str) -> None:
    """Keep the terms of the passages for the next build.

    Args:
        folder: the Snapshot's.
        terms: of each passage, in order.
        numbers: of each term.
        made: what ``made_with`` gives.
    """
    ids = np.array([numbers[term] for found in terms for term in found], dtype=np.uint32)
    ends = np.cumsum([len(found) for found in terms], dtype=np.int64)
    np.savez(folder / TERMS_FILE, ids=ids, ends=ends, made=np.array(made))


class Carried:
    """Looks things up in the Snapshot before; finds nothing if there is none, or it cannot be used.

    Args:
        snapshot: the one before.
        fingerprint: of the embedding model now.
        made: what ``made_with`` gives now.
    """

    def __init__(self, snapshot: Snapshot | None, fingerprint: str, made: str) -> None:
        self._snapshot = snapshot
        self._has_vectors = snapshot is not None and snapshot.manifest.fingerprint == fingerprint
        self._terms = None if snapshot is None else _read_terms(snapshot.folder / TERMS_FILE, made)

    def passages(self, document: Document, sha256: str) -> list[Passage] | None:
        """The document's passages, if it was cut in the same way and has not changed since."""
        if self._snapshot is None or self._terms is None:
            return None
        try:
            return self._snapshot.store.passages_of(document, sha256)
        except SnapshotError:
            return None

    def vectors(self, wanted: Collection[bytes]) -> dict[bytes, Floats]:
        """Vectors of texts, by digest."""
        if self._snapshot is None or not self._has_vectors:
            return {}
        try:
            rows = self._rows(wanted)
            vectors = self._snapshot.vectors.at(np.fromiter(rows.values(), dtype=np.int64, count=len(rows)))
        except SnapshotError as error:
            log.warning("The vectors of the index before this build cannot be used: %s", error)
            return {}
        return dict(zip(rows, vectors, strict=True))

    def terms(self, wanted: Collection[bytes]) -> dict[tuple[bytes, str], list[str]]:
        """Terms of texts, by digest and language."""
        if self._snapshot is None or self._terms is None:
            return {}
        ids, ends = self._terms
        store = self._snapshot.store
        try:
            words = self._snapshot.lexical.terms()
            languages = [store.languages[code] for code in store.passage_languages]
            spans = list(pairwise([0, *ends.tolist()]))
            return {
                (digest, languages[row]): [words[number] for number in ids[slice(*spans[row])]]
                for digest, row in self._rows(wanted).items()
            }
        except (SnapshotError, IndexError) as error:
            log.warning("The terms of the index before this build cannot be used: %s", error)
            return {}

    def _rows(self, wanted: Collection[bytes]) -> dict[bytes, int]:
        assert self._snapshot is not None
        return {digest: row for row, digest in self._snapshot.store.embedded() if digest in wanted}


def _read_terms(path: Path, made: str) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]] | None:
    try:
        with np.load(path, allow_pickle=False) as kept:
            return (kept["ids"], kept["ends"]) if str(kept["made"]) == made else None
    except (OSError, ValueError, KeyError, BadZipFile):
        return None
