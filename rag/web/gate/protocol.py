"""HTTP as uvicorn speaks it, with an end to waiting: who sends half a request holds no connection for long."""

from __future__ import annotations

import asyncio
from typing import Literal

from uvicorn.protocols.http.h11_impl import H11Protocol

from rag.web.limits import BODY_SECONDS, HEAD_SECONDS, SLOWEST_BYTES


class TimedProtocol(H11Protocol):
    """A connection that is cut off when a request's head, or its body, takes too long to arrive as a whole."""

    _awaited: Literal["head", "body", ""] = ""
    _cutting_off: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """As uvicorn does it; the time for the first request's head begins."""
        super().connection_made(transport)
        self._wait("head", HEAD_SECONDS)

    def data_received(self, data: bytes) -> None:
        """As uvicorn does it, and then what is awaited next has its time."""
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self._wait("head", HEAD_SECONDS)
        elif self.cycle.more_body:
            length = dict(self.headers).get(b"content-length", b"0")
            self._wait("body", BODY_SECONDS + int(length) / SLOWEST_BYTES)
        else:
            self._wait("", 0)

    def connection_lost(self, exc: Exception | None) -> None:
        """As uvicorn does it; nothing is awaited any more."""
        self._wait("", 0)
        super().connection_lost(exc)

    def _wait(self, awaited: Literal["head", "body", ""], seconds: float) -> None:
        if awaited == self._awaited:
            return
        self._awaited = awaited
        if self._cutting_off is not None:
            self._cutting_off.cancel()
        self._cutting_off = self.loop.call_later(seconds, self.transport.abort) if awaited else None
