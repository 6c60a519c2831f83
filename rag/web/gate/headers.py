"""What every response tells the browser: load nothing from elsewhere, keep nothing, show it in no other page."""

from __future__ import annotations

import re

from starlette.datastructures import MutableHeaders

from rag.web.gate.asgi import App, Message, Receive, Send

_POLICY = """
    default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';
    img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none';
    base-uri 'self'; form-action 'self'; frame-ancestors 'self'
"""
_STRICT = " ".join(_POLICY.split())
# Gradio compiles its templates in the page, so that the page itself may not do without.
_OF_THE_PAGE = _STRICT.replace("'unsafe-inline';", "'unsafe-inline' 'unsafe-eval';", 1)
_HEADERS = {"referrer-policy": "same-origin", "x-content-type-options": "nosniff", "x-frame-options": "SAMEORIGIN"}
_YEAR = 365 * 24 * 3600
_PUBLIC = re.compile(r"[^=]*/(assets|static|svelte)/[^=]*")
"""Parts of Gradio that are the same for everyone, which browsers may keep."""


class LocalOnly:
    """ASGI middleware that adds these headers, except where a response has its own.

    Args:
        app: what answers.
        secure: whether browsers reach it by https only, which they are told to remember.
    """

    def __init__(self, app: App, secure: bool = False) -> None:
        self._app = app
        self._headers = _HEADERS | ({"strict-transport-security": f"max-age={_YEAR}"} if secure else {})

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                is_page = headers.get("content-type", "").startswith("text/html")
                headers.setdefault("content-security-policy", _OF_THE_PAGE if is_page else _STRICT)
                if not _PUBLIC.fullmatch(scope["path"]):
                    headers.setdefault("cache-control", "no-store")
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)
