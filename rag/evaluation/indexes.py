"""Indexes of datasets: one for each distinct corpus and set of index-time settings, kept between runs."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rag.building import build_documents
from rag.engine import Engine
from rag.errors import SnapshotError
from rag.evaluation.bulk import BulkEngine
from rag.evaluation.datasets import Dataset
from rag.evaluation.saved import code_fingerprint, fingerprint
from rag.evaluation.systems import index_settings
from rag.index.folder import FolderSnapshot
from rag.models import fingerprint as model_fingerprint
from rag.settings import Settings

KEPT = 24
"""Indexes kept in the cache folder; the least recently used go first."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Index:
    """An index of a dataset, and the Engines over it, opened when first needed."""

    snapshot: FolderSnapshot
    settings: Settings

    @cached_property
    def engine(self) -> Engine:
        """For single questions, as a user asks them."""
        return Engine(self.snapshot, self.settings)

    @cached_property
    def bulk(self) -> BulkEngine:
        """For all queries at once."""
        return BulkEngine(self.snapshot, self.settings)

    @property
    def passages(self) -> int:
        """Number of passages in the index."""
        return self.snapshot.manifest.passages


def open_index(dataset: Dataset, settings: Settings, progress: Progress) -> Index:
    """The dataset's documents, indexed with these settings now or by an earlier run.

    Vectors come from a cache shared by all systems and runs, so that only texts never embedded before cost time.

    Raises:
        RagError: if the index cannot be built.
    """
    home = settings.cache_dir / "evaluation"
    folder = home / fingerprint(
        documents=dataset.fingerprint,
        settings=index_settings(settings),
        model=model_fingerprint(settings.model, settings.cache_dir),
        code=code_fingerprint(),
    )
    if not _is_complete(folder):
        shutil.rmtree(folder, ignore_errors=True)
        _forget_old(home)
        whole = dataset.protocol == "passages"
        build_documents(dataset.documents, folder, settings, whole=whole, progress=progress, cache=True)
    folder.touch()
    return Index(FolderSnapshot.open(folder), settings)


def _is_complete(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    try:
        FolderSnapshot.open(folder)
    except SnapshotError as error:
        _log.info("The index is built anew: %s", error)
        return False
    return True


def _forget_old(home: Path) -> None:
    """Makes room for one more index."""
    if not home.is_dir():
        return
    indexes = sorted((each for each in home.iterdir() if each.is_dir()), key=lambda each: each.stat().st_mtime)
    for old in indexes[: max(0, len(indexes) - KEPT + 1)]:
        shutil.rmtree(old, ignore_errors=True)
