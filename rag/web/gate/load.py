"""How much is taken on: one bound for all ways in, fair by account or else by address.

What is too much is refused at once, with status 503 and the time to come again. Probes, parts of the page that are the
same for all, and requests that only wait for news are not counted.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse

from rag.web.gate.asgi import App, Message, Receive, Send
from rag.web.gate.bodies import replayed
from rag.web.gate.guard import PROBES
from rag.web.limits import REQUESTS, REQUESTS_EACH, RETRY_SECONDS
from rag.web.principal import Principal, enter
from rag.web.turns import Kind, Turns, kind_of

_NOT_WORK = re.compile(
    r"/(assets|static|svelte)/.+ | /metrics | /theme\.css | /robots\.txt | /favicon\.ico | /manifest\.json"
    r" | /gradio_api/(app_id | heartbeat/.+ | upload_progress | cancel | reset | queue/data | theme\.css"
    r" | call/(v2/)?\w+/\w+)/?",
    re.VERBOSE,
)
"""What is sent as it lies, and what waits for news of work that is counted elsewhere."""
_QUESTIONS = re.compile(
    r"/api/(?P<api>\w+) | /mcp | /gradio_api/(call/(v2/)?(?P<call>\w+) | run/(?P<run>ask|search|documents))/?",
    re.VERBOSE,
)
_BY_NUMBER = re.compile(r"/gradio_api/(queue/join | run/predict)/?", re.VERBOSE)


class Load:
    """ASGI middleware that refuses what is too much, and says to all behind it whose a request is.

    Args:
        app: what is behind it.
        turns: the line of questions.
        endpoints: gives the line in which the functions of Gradio's API wait, by the numbers it knows them by.
        refused: told which bound was reached when something is refused.
    """

    def __init__(
        self, app: App, turns: Turns, endpoints: Callable[[], Mapping[int, Kind]], refused: Callable[[str], None]
    ) -> None:
        self._app = app
        self._turns = turns
        self._endpoints = endpoints
        self._refused = refused
        self._at_work: Counter[tuple[str, str]] = Counter()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        principal = _principal(scope)
        enter(scope, principal)
        if _NOT_WORK.fullmatch(scope["path"]) and not _QUESTIONS.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        if self._at_work.total() >= REQUESTS or self._at_work[principal.key] >= REQUESTS_EACH:
            self._refused("requests")
            await _refusal("Too many requests are being answered.")(scope, receive, send)
            return
        self._at_work[principal.key] += 1
        try:
            line, receive = await self._line(scope, receive)
            if line is not None and self._turns.is_full_for(principal, line):
                self._refused("questions")
                await _refusal("Too many questions are waiting.")(scope, receive, send)
            else:
                await self._app(scope, receive, _with_time_to_come_again(send))
        finally:
            self._at_work[principal.key] -= 1
            if not self._at_work[principal.key]:
                del self._at_work[principal.key]

    async def _line(self, scope: Message, receive: Receive) -> tuple[Kind | None, Receive]:
        """The line in which it waits for its turn, if it does, and what gives its body again."""
        path = scope["path"]
        if found := _QUESTIONS.fullmatch(path):
            name = found["api"] or found["call"] or found["run"]
            if name is not None or scope["method"] != "POST":
                return kind_of(name or ""), receive
        elif scope["method"] != "POST" or not _BY_NUMBER.fullmatch(path):
            return None, receive
        body = (await receive()).get("body", b"")  # whole: it was looked at
        content = json.loads(body) if body else None
        return self._line_of(content if isinstance(content, dict) else {}, by_number=not found), replayed(body, receive)

    def _line_of(self, content: Mapping[str, Any], *, by_number: bool) -> Kind | None:
        """The same of what Gradio calls by number, or a message of MCP."""
        if by_number:
            number = content.get("fn_index")
            return self._endpoints().get(number) if isinstance(number, int) else None
        called = content.get("params")
        return kind_of(str(called.get("name")) if isinstance(called, dict) else "")


def _principal(scope: Message) -> Principal:
    known: Principal | None = scope.get("principal")
    return known or Principal(address=(scope.get("client") or ("",))[0])


def _refusal(words: str) -> JSONResponse:
    return JSONResponse({"error": f"{words} Try again in a moment."}, 503, {"retry-after": str(RETRY_SECONDS)})


def _with_time_to_come_again(send: Send) -> Send:
    async def timed(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 503:
            MutableHeaders(scope=message).setdefault("retry-after", str(RETRY_SECONDS))
        await send(message)

    return timed
