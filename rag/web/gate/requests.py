"""Each request has an id, which stands in the log and in the answer, and is counted by the way it came in."""

from __future__ import annotations

import logging
import re
import secrets
import time
from typing import Protocol

from starlette.datastructures import Headers, MutableHeaders

from rag.logs import REQUEST_ID
from rag.web.gate.asgi import App, Message, Receive, Send
from rag.web.gate.guard import PROBES
from rag.web.principal import NOBODY, Principal

log = logging.getLogger(__name__)

_HEADER = "x-request-id"
_FITS = re.compile(r"[\w-]{1,64}", re.ASCII)
_WAYS = {"/api/": "http", "/mcp": "mcp", "/gradio_api/call/": "gradio", "/gradio_api/run/": "gradio"}


class Counts(Protocol):
    """What is told of each request."""

    def request(self, way: str, status: int, seconds: float) -> None:
        """It came in by this way, and was answered with this status in this time."""
        ...


class Requests:
    """ASGI middleware that logs each request, counts it, and gives its id to all that is logged in answering it.

    The id is the caller's ``X-Request-ID``, if it is one, or a new one. Of addresses only the path is logged: what was
    asked may stand behind it.

    Args:
        app: what answers.
        counts: told of each request.
    """

    def __init__(self, app: App, counts: Counts) -> None:
        self._app = app
        self._counts = counts

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(_HEADER, "")
        request_id = given if _FITS.fullmatch(given) else secrets.token_hex(8)
        REQUEST_ID.set(request_id)
        state = scope.setdefault("state", {})
        status, began = 0, time.perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[_HEADER] = request_id
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            seconds = time.perf_counter() - began
            self._counts.request(_way(scope["path"]), status, seconds)
            principal: Principal = state.get("principal", NOBODY)
            log.info(
                "%s %s %d in %.0f ms",
                *(scope["method"], scope["path"], status, 1000 * seconds),
                extra={
                    "method": scope["method"],
                    "path": scope["path"],
                    "status": status,
                    "milliseconds": round(1000 * seconds, 1),
                    "account": principal.account,
                    "address": principal.address,
                },
            )


def _way(path: str) -> str:
    if path in PROBES:
        return "probe"
    return next((way for start, way in _WAYS.items() if path.startswith(start)), "page")
