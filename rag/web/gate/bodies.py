"""What comes in the body of a request. But for the small forms of the gate, only theirs are read who may come in."""

from __future__ import annotations

import json
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
from rag.web.gate.uploads import Arrivals, is_stored, stored_bytes
from rag.web.limits import (
    BODY_SECONDS,
    JSON_BYTES,
    JSON_DEPTH,
    JSON_VALUES,
    LOGIN_BYTES,
    STORED_BYTES,
    UPLOAD_BYTES,
    UPLOAD_HOURS,
)

UPLOAD = "/gradio_api/upload"
FILE = "/gradio_api/file="
FORMS = ("/login", "/logout", "/sessions", "/password")
"""Pages of the gate: what is sent there is a form."""
UNFIT = re.compile("[\x00-\x1f\x7f\\\\\ud800-\udfff]")
"""What stands in no path."""
_HALF = re.compile("[\ud800-\udfff]")
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
"""One that nothing ends, too: otherwise each quotation mark in it would be tried as the first of one."""


@dataclass(frozen=True)
class RefusalError(Exception):
    """A request that is not let through: the status and what the caller is told."""

    status: int
    words: str
    headers: dict[str, str] = field(default_factory=dict)

    async def response(self, scope: Message, receive: Receive, send: Send) -> None:
        """Tell the caller."""
        await JSONResponse({"error": self.words}, self.status, self.headers)(scope, receive, send)


class Bodies:
    """ASGI middleware that looks at bodies before what is behind it does.

    Args:
        app: what is behind it.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._arrivals = Arrivals()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        with ExitStack() as under_way:
            if scope["type"] == "http" and scope["method"] == "POST" and scope["path"] not in FORMS:
                try:
                    receive = await self._looked_at(scope, receive, under_way)
                except RefusalError as refusal:
                    await refusal.response(scope, receive, send)
                    return
            await self._app(scope, receive, send)

    async def _looked_at(self, scope: Message, receive: Receive, under_way: ExitStack) -> Receive:
        """A ``receive`` that gives the body: one that was looked at, or an upload for which there is room."""
        headers = Headers(scope=scope)
        if scope["path"].rstrip("/") == UPLOAD:
            length = _length_of_upload(headers, _kind(headers))
            # Counted before there is a look at how much there is, so that no two take the same room.
            receive = under_way.enter_context(self._arrivals.expecting(length, receive))
            if await anyio.to_thread.run_sync(stored_bytes) + self._arrivals.due_bytes > STORED_BYTES:
                words = f"The server holds as many uploads as it may; they go after {UPLOAD_HOURS:.0f} hours."
                raise RefusalError(507, words)
            return receive
        body = await _whole(headers, receive, JSON_BYTES)
        if _kind(headers) != "application/json":
            raise RefusalError(415, "The body must be JSON, with the content type application/json.")
        _check_json(body)
        return replayed(body, receive)


async def form(scope: Message, receive: Receive) -> Receive:
    """A ``receive`` that gives what was sent to one of ``FORMS``.

    Raises:
        RefusalError: if it is no form, or a large one.
    """
    headers = Headers(scope=scope)
    body = await _whole(headers, receive, LOGIN_BYTES)
    if _kind(headers) != "application/x-www-form-urlencoded":
        raise RefusalError(415, "This is sent as a form.")
    return replayed(body, receive)


def _kind(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def check_stored(path: str) -> None:
    """Only what was uploaded to this server, or made by it for a download, can be fetched.

    Raises:
        RefusalError: if it is something else.
    """
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


def _has_many_values(body: bytes) -> bool:
    """Told by commas, before anything is parsed: a value costs a thousand times what a letter does."""
    if body.count(b",") <= JSON_VALUES:
        return False
    # In strings they are letters; with very many strings there is no need to look for these.
    return body.count(b'"') > 4 * JSON_VALUES or _STRING.sub(b"", body).count(b",") > JSON_VALUES


def _check_json(body: bytes) -> None:
    if _has_many_values(body):
        raise RefusalError(413, f"The body holds more than {JSON_VALUES:,} values.")
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
        if not isinstance(path, str) or UNFIT.search(path):
            raise RefusalError(403, "This file was not uploaded here.")
        check_stored(path)
        url = described.get("url")
        if url and urlsplit(str(url)).scheme and FILE not in str(url):
            raise RefusalError(403, "Files are taken from uploads only, not from addresses.")
