"""What stands before the page: only requests that the page, its API and MCP are made for get through.

Gradio serves more than the page needs (a proxy, files by address, monitoring, code tools) and trusts what a request
says of files. Here everything that is not on a short list is refused, with a status and a sentence that says why.
"""

from __future__ import annotations

import json
import logging
import re
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
from starlette.datastructures import Headers
from starlette.responses import JSONResponse

from rag.web.gate.asgi import App, Message, Receive, Send
from rag.web.gate.hosts import Hosts
from rag.web.gate.uploads import Arrivals, is_stored, stored_bytes
from rag.web.limits import (
    BODY_SECONDS,
    HEAD_BYTES,
    JSON_BYTES,
    JSON_DEPTH,
    LOGIN_BYTES,
    PATH_CHARS,
    STORED_BYTES,
    UPLOAD_BYTES,
    UPLOAD_HOURS,
)

log = logging.getLogger(__name__)

UPLOAD = "/gradio_api/upload"
FILE = "/gradio_api/file="
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
_FORMS = ("/login", "/logout", "/sessions", "/password")
_METHODS = {"GET": _READ, "HEAD": _READ, "POST": _WRITTEN}
_HALF = re.compile("[\ud800-\udfff]")
_UNFIT = re.compile("[\x00-\x1f\x7f\\\\\ud800-\udfff]")
_FORWARDED = (b"x-forwarded-host", b"forwarded")


@dataclass(frozen=True)
class RefusalError(Exception):
    """A request that is not let through: the status and what the caller is told."""

    status: int
    words: str
    headers: dict[str, str] = field(default_factory=dict)


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
        self._arrivals = Arrivals()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with ExitStack() as under_way:
            try:
                scope = self._inside(scope)
                self._check(scope)
                if scope["method"] == "POST":
                    receive = await self._checked_body(scope, receive, under_way)
            except RefusalError as refusal:
                response = JSONResponse({"error": refusal.words}, refusal.status, refusal.headers)
                await response(scope, receive, send)
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
        if _UNFIT.search(path):
            raise RefusalError(400, "The address holds characters that no page of this server has.")
        if path not in PROBES and not self._hosts.knows(headers.get("host", "")):
            raise RefusalError(421, self._hosts.advice(headers.get("host", "")))
        allowed = _METHODS.get(scope["method"])
        if allowed is None:
            raise RefusalError(405, "Only GET and POST are answered here.", {"allow": "GET, HEAD, POST"})
        if not allowed.fullmatch(path):
            raise RefusalError(404, "There is nothing here.")
        if path.startswith(FILE):
            _check_stored(path.removeprefix(FILE))
        if scope["method"] == "POST" and not self._hosts.is_own(headers):
            raise RefusalError(403, "Pages of other sites may not send anything here.")

    async def _checked_body(self, scope: Message, receive: Receive, under_way: ExitStack) -> Receive:
        """A ``receive`` that gives the body, which has been looked at unless it is an upload."""
        headers = Headers(scope=scope)
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        path = scope["path"].rstrip("/")
        if path == UPLOAD:
            length = _length_of_upload(headers, kind)
            # Counted before there is a look at how much there is, so that no two take the same room.
            receive = under_way.enter_context(self._arrivals.expecting(length, receive))
            if await anyio.to_thread.run_sync(stored_bytes) + self._arrivals.due_bytes > STORED_BYTES:
                words = f"The server holds as many uploads as it may; they go after {UPLOAD_HOURS:.0f} hours."
                raise RefusalError(507, words)
            return receive
        body = await _whole(headers, receive, LOGIN_BYTES if path in _FORMS else JSON_BYTES)
        if path in _FORMS:
            if kind != "application/x-www-form-urlencoded":
                raise RefusalError(415, "This is sent as a form.")
        else:
            if kind != "application/json":
                raise RefusalError(415, "The body must be JSON, with the content type application/json.")
            _check_json(body)
        return replayed(body, receive)


def _check_stored(path: str) -> None:
    """Only what was uploaded to this server, or made by it for a download, can be fetched."""
    if not is_stored(path):
        raise RefusalError(403, "This file is not served.")


def _length_of_upload(headers: Headers, kind: str) -> int:
    if kind != "multipart/form-data":
        raise RefusalError(415, "Files are uploaded as multipart/form-data.")
    length = headers.get("content-length", "")
    if not length.isdecimal():
        raise RefusalError(411, "An upload must say how long it is.")
    if int(length) > UPLOAD_BYTES:
        raise RefusalError(413, f"An upload may have {UPLOAD_BYTES // 10**6} MB in all; send fewer files at a time.")
    return int(length)


async def _whole(headers: Headers, receive: Receive, most: int) -> bytes:
    told = headers.get("content-length", "0")
    if not told.isdecimal() or int(told) > most:
        raise _too_large(most)
    body = bytearray()
    try:
        with anyio.fail_after(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise RefusalError(400, "The request broke off.")
                body += message.get("body", b"")
                if len(body) > most:
                    raise _too_large(most)
                if not message.get("more_body"):
                    return bytes(body)
    except TimeoutError:
        raise RefusalError(408, "The request took too long to arrive.") from None


def _too_large(most: int) -> RefusalError:
    return RefusalError(413, f"The body is larger than {most // 1000:,} kB.")


def replayed(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that gives this body at first, whole."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return messages.pop() if messages else await receive()

    return again


def _check_json(body: bytes) -> None:
    try:
        value = json.loads(body.decode("utf-8")) if body else None
    except RecursionError:
        raise RefusalError(400, "The JSON is nested too deeply.") from None
    except ValueError:
        raise RefusalError(400, "The body is not JSON in UTF-8.") from None
    _check_value(value)


def _check_value(value: Any, depth: int = 0) -> None:
    if depth > JSON_DEPTH:
        raise RefusalError(400, "The JSON is nested too deeply.")
    if isinstance(value, str):
        if _HALF.search(value):
            raise RefusalError(400, "The body holds half a character (a lone surrogate).")
    elif isinstance(value, dict):
        _check_file(value)
        for name, each in value.items():
            _check_value(name, depth + 1)
            _check_value(each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            _check_value(each, depth + 1)


def _check_file(described: dict[str, Any]) -> None:
    """What Gradio would take for a file must be an upload; it would fetch addresses and copy any file."""
    meta = described.get("meta")
    if "path" in described and meta is not None and not isinstance(meta, dict):
        raise RefusalError(400, "The body describes a file in a way that cannot be used.")
    if isinstance(meta, dict) and "_type" in meta:
        path = described.get("path")
        if not isinstance(path, str) or _UNFIT.search(path):
            raise RefusalError(403, "This file was not uploaded here.")
        _check_stored(path)
        url = described.get("url")
        if url and urlsplit(str(url)).scheme and FILE not in str(url):
            raise RefusalError(403, "Files are taken from uploads only, not from addresses.")
