"""Questions proposed at the start of the page, found in the background while nobody asks, once for each Snapshot."""

from __future__ import annotations

import logging
import threading
import time
import weakref
from functools import partial
from typing import TYPE_CHECKING

import anyio.to_thread
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from rag.errors import RagError
from rag.proposing import Proposed, keep, kept, propose
from rag.web.current import CurrentIndex
from rag.web.texts import chosen_language
from rag.web.turns import Turns

if TYPE_CHECKING:
    from rag.engine import Engine

log = logging.getLogger(__name__)

_MOST_SHOWN = 5
_LOOK_SECONDS = 0.2
_PAUSE_SECONDS = 0.05


class _EndedError(Exception):
    """Nobody needs the questions any more."""


class Proposals:
    """The questions of the index that is served.

    Args:
        current: the index.
        turns: of questions: as long as there are any, nothing is done here.
    """

    def __init__(self, current: CurrentIndex, turns: Turns) -> None:
        self._current = current
        self._turns = turns
        self._of: weakref.ref[Engine] | None = None
        self._found: list[Proposed] = []
        self._is_ready = False
        self._changing = threading.Lock()

    def now(self) -> tuple[list[Proposed], bool]:
        """The questions found so far, and whether these are all. Waits for nothing.

        Raises:
            RagError: if there is no index.
        """
        engine = self._current.engine()
        with self._changing:
            if self._of is None or self._of() is not engine:
                known = kept(engine.snapshot.folder)
                if known is None and not self._current.model_is_ready:
                    return [], False
                self._of, self._found, self._is_ready = weakref.ref(engine), known or [], known is not None
                if known is None:
                    # No daemon: torn down in the midst of a question, the process would be aborted.
                    threading.Thread(target=self._find, args=[engine, self._found], name="proposals").start()
            return list(self._found), self._is_ready

    def _find(self, engine: Engine, found: list[Proposed]) -> None:
        try:
            found.extend(propose(engine, partial(self._wait, weakref.ref(engine))))
            keep(engine.snapshot.folder, found)
        except _EndedError:
            return
        except Exception:
            log.exception("No questions could be proposed.")
        with self._changing:
            if self._of is not None and self._of() is engine:
                self._is_ready = True

    def _wait(self, engine: weakref.ref[Engine]) -> None:
        """Until nobody asks.

        Raises:
            _EndedError: if another index is served, or the server ends.
        """
        time.sleep(_PAUSE_SECONDS)
        while self._turns.length:
            time.sleep(_LOOK_SECONDS)
        if self._of is None or self._of() is not engine() or not threading.main_thread().is_alive():
            raise _EndedError


def routes(current: CurrentIndex, turns: Turns) -> APIRouter:
    """``GET /api/proposed``: questions to begin with, those in the reader's language first."""
    router = APIRouter(prefix="/api")
    proposals = Proposals(current, turns)

    async def proposed(request: Request) -> JSONResponse:
        language = chosen_language(request.headers.get("accept-language"), request.query_params.get("lang"))
        try:
            found, is_ready = await anyio.to_thread.run_sync(proposals.now)
        except RagError as error:
            return JSONResponse({"error": str(error)}, 503)
        ordered = sorted(found, key=lambda each: each.language != language)[:_MOST_SHOWN]
        return JSONResponse({"questions": [each.question for each in ordered], "ready": is_ready})

    router.add_api_route("/proposed", proposed, methods=["GET"])
    return router
