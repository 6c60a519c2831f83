"""The page's icon, in its HTML from the first byte on.

Gradio puts what belongs into the head there only when it is running. By then a browser has asked for an icon at the
root of the host, and for Gradio's manifest too, which a page behind a path has not.
"""

from __future__ import annotations

import re

from starlette.datastructures import MutableHeaders

from rag.web.gate.asgi import App, Message, Receive, Send

_LINK = (
    b"""<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"""
    b"""%3Cpath fill='%23fffdf8' stroke='%238f8b80' """
    b"""d='M7 3h18a2 2 0 0 1 2 2v22a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2z'/%3E"""
    b"""%3Cpath fill='%23b5432e' d='M15 3h7v15l-3.5-3-3.5 3z'/%3E%3C/svg%3E">"""
)
_HEAD = b"<head>"
_MANIFEST = re.compile(rb'<link rel="manifest"[^>]*>')


class OwnIcon:
    """ASGI middleware that gives the page its icon, and takes Gradio's manifest out of it."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        body = bytearray()

        async def send_changed(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_html(message):
                start = message  # its length is not known yet
            elif start is None or message["type"] != "http.response.body":
                await send(message)
            else:
                body.extend(message.get("body", b""))
                if not message.get("more_body"):
                    html = _MANIFEST.sub(b"", bytes(body), count=1).replace(_HEAD, _HEAD + _LINK, 1)
                    MutableHeaders(scope=start)["content-length"] = str(len(html))
                    await send(start)
                    await send({"type": "http.response.body", "body": html})

        await self._app(scope, receive, send_changed)


def _is_html(message: Message) -> bool:
    return MutableHeaders(scope=message).get("content-type", "").startswith("text/html")
