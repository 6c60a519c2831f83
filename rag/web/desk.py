"""One index behind the page: opened when first needed, its model loaded in the background."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import RagError
from rag.web.ask.views import Listing, Scope

if TYPE_CHECKING:
    from rag.engine import Engine

log = logging.getLogger(__name__)


class Desk:
    """Opens an index once, and tries again as long as there is none: it may be built while the page is up.

    Args:
        open_engine: opens the index; called again after it raised a ``RagError``.
        index: the folder it opens, to be named to the user.
    """

    def __init__(self, open_engine: Callable[[], Engine], index: Path | None = None) -> None:
        self.index = index
        self._open_engine = open_engine
        self._engine: Engine | None = None
        self._opening = threading.Lock()
        self._warming = threading.Lock()
        self._is_warm = threading.Event()

    def engine(self) -> Engine:
        """The open index.

        Raises:
            SnapshotError: if there is none, or it cannot be used.
        """
        with self._opening:
            if self._engine is None:
                self._engine = self._open_engine()
            return self._engine

    @property
    def model_is_ready(self) -> bool:
        """False as long as the next question would have to wait for the model."""
        return self._is_warm.is_set()

    def warm_up(self) -> None:
        """Load the model, or wait until another thread has.

        Raises:
            SnapshotError: if there is no index.
            ModelError: if the model cannot be loaded.
        """
        if self._is_warm.is_set():
            return
        engine = self.engine()
        with self._warming:
            if not self._is_warm.is_set():
                engine.warm_up()
                self._is_warm.set()

    def warm_up_in_background(self) -> None:
        """Start loading the model; a failure is told to whoever asks the first question."""
        threading.Thread(target=self._warm_up_quietly, name="warm-up", daemon=True).start()

    def _warm_up_quietly(self) -> None:
        try:
            self.warm_up()
        except RagError as error:
            log.warning("%s", error)

    def scope(self) -> Scope:
        """What there is to ask about.

        Raises:
            SnapshotError: if there is no index.
        """
        engine = self.engine()
        listings = tuple(
            Listing(d.id, d.title, d.source, d.chars, d.passages, d.excluded_chars) for d in engine.documents()
        )
        model = str(engine.info().model).rpartition(":")[2]
        return Scope(listings, sum(listing.passages for listing in listings), model)
