"""What stands before the page: only requests that the page, its API and MCP are made for get through.

Gradio serves more than the page needs (a proxy, files by address, monitoring, code tools) and trusts what a request
says of files. Here everything that is not on a short list is refused, with a status and a sentence that says why.
"""

from __future__ import annotations

import logging
import re

from starlette.datastructures import Headers
from starlette.responses import JSONResponse

from rag.web.gate.asgi import App, Message, Receive, Send
from rag.web.gate.bodies import FILE, FORMS, UNFIT, UPLOAD, RefusalError, check_stored, form
from rag.web.gate.hosts import Hosts
from rag.web.limits import HEAD_BYTES, PATH_CHARS

log = logging.getLogger(__name__)

HEALTH, READY = "/healthz", "/readyz"
PROBES = (HEALTH, READY)
"""What tells how the server is, and nothing of what it holds: to whoever asks, by whatever name."""

_READ = re.compile(
    r"""/ | /healthz | /readyz | /metrics | /docs | /openapi\.json | /login | /sessions | /password | /config
    | /oidc/(login | callback | logout)
    | /theme\.css | /robots\.txt | /favicon\.ico | /manifest\.json | /(assets|static|svelte)/.+
    | /api/(documents|libraries|questions|proposed) | /mcp
    | /originals/(([0-9a-f]{8}|default)\.)?[0-9a-f]{16}(/view | /[1-9]\d{0,5}\.png)?
    | /gradio_api/(info | openapi\.json | app_id | user | login_check | startup-events | theme\.css | queue/data
      | upload_progress | heartbeat/[\w-]+ | call/(v2/)?(ask|search|documents|libraries)/\w+ | file=.+)""",
    re.VERBOSE,
)
_WRITTEN = re.compile(
    r"/login | /logout | /sessions | /password | /exports/(word|excel) | /mcp"
    r" | /api/(ask|search|documents|libraries|mark)"
    r" | /gradio_api/(upload | cancel | reset | queue/join | run/\w+ | call/(v2/)?(ask|search|documents|libraries))/?",
    re.VERBOSE,
)
_METHODS = {"GET": _READ, "HEAD": _READ, "POST": _WRITTEN}
_FORWARDED = (b"x-forwarded-host", b"forwarded")


class Guard:
    """ASGI middleware that lets through what the page is made for.

    Args:
        app: what it guards.
        hosts: the names this server goes by.
        root_path: the path a proxy serves it under, as ``/shiori``; taken off where the proxy has left it.
    """

    def __init__(self, app: App, hosts: Hosts, root_path: str = "") -> None:
        self._app = app
        self._hosts = hosts
        self._root_path = root_path

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            scope = self._inside(scope)
            self._check(scope)
            if scope["method"] == "POST" and scope["path"] in FORMS:
                receive = await form(scope, receive)
        except RefusalError as refusal:
            await refusal.response(scope, receive, send)
            return
        await self._pass_on(scope, receive, send)

    async def _pass_on(self, scope: Message, receive: Receive, send: Send) -> None:
        """An error inside ends in a plain sentence, or where the answer has begun, in its end."""
        has_begun = False
        held: list[Message] = []

        async def noted(message: Message) -> None:
            nonlocal has_begun
            # Gradio answers its own errors with two words, and raises them then.
            if held or message.get("status") == 500:
                held.append(message)
                return
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
            for message in held:
                await send(message)
        except Exception as error:
            if has_begun:
                log.warning("An answer broke off: %s", error.__cause__ or error)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
            if scope["path"].rstrip("/") == UPLOAD and not isinstance(error, OSError):
                await JSONResponse({"error": "The upload holds something that is no file."}, 400)(scope, receive, send)
                return
            log.exception("A request to %r could not be answered.", scope["path"])
            words = "Something unexpected went wrong; the server's log has more."
            await JSONResponse({"error": words}, 500)(scope, receive, send)

    def _inside(self, scope: Message) -> Message:
        """The scope as the application knows it: without the proxy's path, and without headers it must not believe."""
        path = scope["path"]
        if self._root_path and (path == self._root_path or path.startswith(self._root_path + "/")):
            path = path.removeprefix(self._root_path) or "/"
        scope = {**scope, "path": path, "raw_path": path.encode("utf-8", "surrogateescape")}
        if not self._root_path:
            scope["headers"] = [(name, value) for name, value in scope["headers"] if name.lower() not in _FORWARDED]
        return scope

    def _check(self, scope: Message) -> None:
        path, headers = scope["path"], Headers(scope=scope)
        if len(scope.get("query_string", b"")) + sum(len(n) + len(v) for n, v in headers.raw) > HEAD_BYTES:
            raise RefusalError(431, "The head of the request is too large.")
        if "content-length" in headers and "transfer-encoding" in headers:
            raise RefusalError(400, "The request says in two ways how long it is.")
        if len(path) > PATH_CHARS:
            raise RefusalError(414, "The address is too long.")
        if UNFIT.search(path):
            raise RefusalError(400, "The address holds characters that no page of this server has.")
        if path not in PROBES and not self._hosts.knows(headers.get("host", "")):
            raise RefusalError(421, self._hosts.advice(headers.get("host", "")))
        allowed = _METHODS.get(scope["method"])
        if allowed is None:
            raise RefusalError(405, "Only GET and POST are answered here.", {"allow": "GET, HEAD, POST"})
        if not allowed.fullmatch(path):
            raise RefusalError(404, "There is nothing here.")
        if path.startswith(FILE):
            check_stored(path.removeprefix(FILE))
        if scope["method"] == "POST" and not self._hosts.is_own(headers):
            raise RefusalError(403, "Pages of other sites may not send anything here.")
