"""The models of an Engine, loaded when first needed."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from rag.errors import RagError, SnapshotError
from rag.index.snapshot import Snapshot
from rag.models import Embedder, fingerprint
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.answer.reranking import Reranker


class Models:
    """Embedder and reader for a Snapshot. Threads may share one."""

    def __init__(self, settings: Settings, snapshot: Snapshot) -> None:
        self._settings = settings
        self._snapshot = snapshot
        self._embedder: Embedder | None = None
        self._reader: Reranker | None = None
        self._loading_embedder, self._loading_reader = threading.Lock(), threading.Lock()

    @property
    def embedder(self) -> Embedder:
        """The model, loaded at the first use.

        Raises:
            ModelError: if it cannot be loaded.
            SnapshotError: if it is not the one the index was built with.
        """
        with self._loading_embedder:
            if self._embedder is None:
                self._embedder = self._load()
            return self._embedder

    def _load(self) -> Embedder:
        settings, manifest = self._settings, self._snapshot.manifest
        if fingerprint(settings.model, settings.cache_dir) != manifest.fingerprint:
            raise SnapshotError(
                f"The model {settings.model} is not the one the index was built with: its files have changed since.",
                path=self._snapshot.place,
                hint="Build the index again with `rag build`.",
            )
        return Embedder.shared(settings.model, cache_dir=settings.cache_dir, precision=settings.precision)

    @property
    def reader(self) -> Reranker | None:
        """The reader, loaded at the first use; ``None`` if the settings say so.

        Raises:
            ModelError: if it cannot be loaded.
        """
        if self._settings.reader == "none":
            return None
        with self._loading_reader:
            if self._reader is None:
                from rag.answer.reranking import Reranker

                self._reader = Reranker.shipped(self._settings.cache_dir)
            return self._reader

    def load_together(self) -> None:
        """Load both models at once, if neither is there yet: each keeps one core busy."""
        if self._embedder is None and self._reader is None and self._settings.reader != "none":
            # No daemon: torn down below a model that is being loaded, the process would be aborted.
            threading.Thread(target=self._load_quietly, name="reader").start()

    def _load_quietly(self) -> None:
        # Who needs the reader next is told what was wrong.
        with suppress(RagError):
            _ = self.reader
