"""One index behind the page: always the current Snapshot, its model loaded in the background."""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rag.address import IndexPlace
from rag.errors import RagError
from rag.index.opening import Pointer, pointer_of
from rag.web.heap import give_back
from rag.web.html.scope import Scope

if TYPE_CHECKING:
    from rag.engine import Engine
    from rag.settings import Settings

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.5


class CurrentIndex:
    """Opens an index, and opens it again when it has changed: questions wait for neither.

    While the next Snapshot is opened and its Engine warmed up, ``engine`` gives the one before. Whoever holds that may
    finish with it; its files are let go when nobody does any more.

    Args:
        open_engine: opens the index; called again after it raised a ``RagError``.
        index: where it is, to be watched and named to the user; ``None`` if it is not to change.
        settings: those that the index is to be brought up to date with, if it can be from the page.
    """

    def __init__(
        self, open_engine: Callable[[], Engine], index: IndexPlace | None = None, settings: Settings | None = None
    ) -> None:
        self.place = index
        # In a database documents are changed by `rag build` alone: the page's own additions lie on one machine.
        self.index = index if isinstance(index, Path) else None
        self.settings = settings
        self._open_engine = open_engine
        self._engine: Engine | None = None
        self._pointer: Pointer | None = None
        self._refused: Pointer | None = None
        self._looked_at = 0.0
        self._opening = threading.Lock()
        self._refreshing = threading.Lock()
        self._warming = threading.Lock()
        self._is_warm = threading.Event()

    def engine(self) -> Engine:
        """The open index. Hold it as long as one thing is being done with it, and no longer.

        Raises:
            SnapshotError: if there is none, or it cannot be used.
        """
        self._look()
        with self._opening:
            if self._engine is None:
                self._pointer = self._current_pointer()
                self._engine = self._open_engine()
            return self._engine

    def _look(self) -> None:
        """Start opening the current Snapshot if it is another one; the folder is looked at twice a second at most."""
        now = time.monotonic()
        if self.place is None or now - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = now
        if (
            self._pointer is not None
            and self.index is not None
            and self._current_pointer() is None
            and self.index.is_dir()
        ):
            self.close()  # it was emptied: the pointer of an index is replaced, never away
        if self._is_behind() and not self._refreshing.locked():
            threading.Thread(target=self.refresh, name="refresh").start()

    def _is_behind(self) -> bool:
        pointer = self._current_pointer()
        return self._engine is not None and pointer is not None and pointer not in (self._pointer, self._refused)

    def _current_pointer(self) -> Pointer | None:
        return None if self.place is None else pointer_of(self.place)

    def refresh(self) -> None:
        """Serve the current Snapshot from now on, if it is not served already.

        One that cannot be opened is logged, and the one before stays.
        """
        with self._refreshing:
            pointer = self._current_pointer()
            if not self._is_behind():
                return
            try:
                engine = self._open_engine()
                if self._is_warm.is_set():
                    engine.warm_up()
            except RagError as error:
                log.warning("The index has changed and cannot be used; the one before stays: %s", error)
                self._refused = pointer
                return
            except Exception:
                log.exception("The index has changed and cannot be used; the one before stays.")
                self._refused = pointer
                return
            with self._opening:
                self._engine, self._pointer = engine, pointer
            give_back()

    def serve_with(self, settings: Settings) -> None:
        """Serve with these settings from the next question on; the index stays open, and the models loaded.

        Raises:
            SettingsError: if the file of synonyms cannot be understood; all stays as it was.
        """
        with self._refreshing, self._opening:  # what is being opened meanwhile has the settings before
            if self._engine is not None:
                self._engine = _with_settings(self._engine, settings)
            self.settings = settings

    @property
    def model_is_ready(self) -> bool:
        """False as long as the next question would have to wait for the model."""
        return self._is_warm.is_set()

    @property
    def is_ready(self) -> bool:
        """Whether an index is open and its models are loaded. Never waits."""
        return self._engine is not None and self._is_warm.is_set()

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
        """Start loading the model, and watching the index; a failure is told to whoever asks the first question.

        The process ends when the model is loaded, not in the middle of it, where it would be aborted.
        """
        threading.Thread(target=self._warm_up_quietly, name="warm-up").start()
        if self.place is not None:
            threading.Thread(target=_watch, args=[weakref.ref(self)], name="watch", daemon=True).start()

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
        return Scope.of(self.engine())

    def close(self) -> None:
        """Let the index go, as soon as nobody uses it any more; the next use opens it again, if it is there."""
        with self._opening:
            self._engine = self._pointer = None


def _with_settings(engine: Engine, settings: Settings) -> Engine:
    """Another Engine over the same Snapshot; where it lies and its model are no choice any more."""
    from rag.engine import Engine

    fixed = {"index": engine.settings.index, "model": engine.settings.model}
    return Engine(engine.snapshot, settings.model_copy(update=fixed))


def _watch(watched_by: weakref.ref[CurrentIndex]) -> None:
    """Keep an index up to date though nobody asks, as long as there is one."""
    while (watched := watched_by()) is not None:
        watched._look()
        del watched
        time.sleep(_LOOK_SECONDS)
