"""An index from a folder into a database, or back: built from its own documents, with its own vectors."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from rag.address import IndexPlace, placed
from rag.arrays import Floats
from rag.building import builder_for
from rag.chunking import Chunker
from rag.corpus import Document
from rag.errors import SettingsError
from rag.index.builder import Progress, limit
from rag.index.opening import local_folder, open_snapshot
from rag.index.report import BuildReport
from rag.index.reuse import MadeWith
from rag.index.snapshot import Snapshot
from rag.library.record import LIBRARY_FILE, QUESTIONS_FILE, RECORD_FILE
from rag.library.saved import SavedAnswers
from rag.library.watched import WatchedFolders
from rag.models import Embedder
from rag.proposing import PROPOSED_FILE
from rag.settings import Settings


@dataclass(frozen=True)
class MigrationReport(BuildReport):
    """What was copied, beside what a build tells.

    Attributes:
        saved: answers that readers saved, and that are new at the target.
        watched: folders that are watched for the index, and were not at the target.
    """

    saved: int = 0
    watched: int = 0


class _Vectors:
    """The vectors of a Snapshot, by what was embedded."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._rows = {digest: row for row, digest in snapshot.store.embedded()}

    def get(self, digests: Sequence[bytes]) -> Mapping[bytes, Floats]:
        """Those of the vectors that are known, by digest."""
        known = [digest for digest in digests if digest in self._rows]
        vectors = self._snapshot.vectors.at(np.array([self._rows[digest] for digest in known], dtype=np.int64))
        return dict(zip(known, vectors, strict=True))

    def put(self, digests: Sequence[bytes], vectors: Floats) -> None:
        """A Snapshot does not change."""


def migrate(
    source: str | IndexPlace,
    target: str | IndexPlace,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> MigrationReport:
    """Copy an index: its documents, vectors, the record of what it was made of, and what readers made of it.

    What stands at the target before is brought up to date with it; answers saved and folders watched there stay. The
    source is left as it is. Passages are cut anew from the stored documents; only what this version of Shiori cuts
    otherwise is embedded again. Of an index in a database, what readers made of it is kept on this machine. Files that
    were added through the page stay where they are, in the source's folder.

    Args:
        source: a folder, or the address of a database.
        target: the same, another one.
        settings: where models are kept, and how they compute.
        progress: told the stage, what is done and the total.

    Raises:
        SettingsError: if both are the same.
        SnapshotError, ModelError, BusyError, StorageError: the target is as it was before.
        LibraryError: a file of saved answers or watched folders is damaged; the index is copied, and that file is not.
    """
    origin, place = placed(source), placed(target)
    if str(origin) == str(place):
        raise SettingsError("The index is to be copied onto itself.", hint="Give another folder or address.")
    with closing(open_snapshot(origin)) as snapshot:
        manifest = snapshot.manifest
        chosen = (settings or Settings.load()).updated(model=manifest.model, **manifest.settings)
        embedder = Embedder.shared(chosen.model, cache_dir=chosen.cache_dir, precision=chosen.precision)
        report = builder_for(place)(
            _documents(snapshot),
            place,
            chosen,
            embedder,
            as_given=_is_as_given(snapshot, chosen, embedder),
            cache=_Vectors(snapshot) if manifest.fingerprint == embedder.fingerprint else None,
            progress=progress,
            record=lambda folder: _copy(snapshot.folder, folder, (RECORD_FILE, PROPOSED_FILE)),
        )
    old, new = local_folder(origin), local_folder(place)
    _copy(old, new, (LIBRARY_FILE, QUESTIONS_FILE))
    saved = SavedAnswers(new).take_over(SavedAnswers(old))
    watched = WatchedFolders(new).take_over(WatchedFolders(old))
    told = {each.name: getattr(report, each.name) for each in fields(report)}
    return MigrationReport(**told, saved=saved, watched=watched)


def _documents(snapshot: Snapshot) -> Iterator[Document]:
    for listed in snapshot.store.documents():
        yield snapshot.store.document(listed.id)


def _is_as_given(snapshot: Snapshot, settings: Settings, embedder: Embedder) -> bool:
    """Whether each document of the index is one passage, whatever its length."""
    chunker = Chunker(settings.chunk_tokens, settings.overlap_sentences, limit(embedder), embedder.count_tokens)
    whole = MadeWith.now(chunker, snapshot.manifest.fingerprint, as_given=True)
    return whole.passages == MadeWith.parsed(snapshot.manifest.made_with).passages


def _copy(source: Path, target: Path, names: Sequence[str]) -> None:
    for name in names:
        if (source / name).is_file():
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target / name)
