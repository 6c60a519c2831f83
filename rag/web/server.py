"""The web server: the page, a health check, and headers that keep the browser on this machine."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import threading
import webbrowser
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI

from rag.errors import RagError
from rag.web.desk import Desk
from rag.web.page import create_page, page_assets

log = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# Gradio needs inline scripts and styles and compiles its templates in the page; everything else only from this server.
_POLICY = """
    default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline';
    img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none';
    base-uri 'self'; form-action 'self'; frame-ancestors 'self'
"""
_HEADERS = {
    "content-security-policy": " ".join(_POLICY.split()),
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


class LocalOnly:
    """ASGI middleware: every response tells the browser to load nothing from and send nothing to other hosts."""

    def __init__(self, app: Callable[[Message, Receive, Send], Awaitable[None]]) -> None:
        self._app = app
        self._headers = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *self._headers]
            await send(message)

        await self._app(scope, receive, send_with_headers)


def create_server(desk: Desk) -> FastAPI:
    """The page as an ASGI application, with ``/healthz`` beside it."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(LocalOnly)

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok", "model": "ready" if desk.model_is_ready else "loading"}

    page = create_page(desk)
    page.queue(default_concurrency_limit=2, max_size=64)
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        pwa=False,
        show_error=False,
        **page_assets(),
    )
    return app


def run(desk: Desk, host: str, port: int, open_browser: bool, announce: Callable[[str], None]) -> None:
    """Serve until interrupted.

    Args:
        desk: the index to serve.
        host: the address to listen on.
        port: the TCP port; 0 takes a free one.
        open_browser: also show the page in the user's browser.
        announce: told the page's address once it is up.

    Raises:
        RagError: if the port is taken.
    """
    if not _is_loopback(host):
        log.warning("Everyone who can reach %s can read the indexed documents; the page asks for no password.", host)
    config = uvicorn.Config(create_server(desk), host=host, port=port, log_level="warning", timeout_graceful_shutdown=1)
    socket = _bind(config)
    desk.warm_up_in_background()
    address = f"http://{_reachable(host)}:{socket.getsockname()[1]}"
    announce(address)
    if open_browser:
        threading.Timer(0.5, webbrowser.open, [address]).start()
    logging.getLogger("uvicorn.error").addFilter(_is_no_cancellation)
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[socket])


def _is_no_cancellation(record: logging.LogRecord) -> bool:
    """Open pages keep a connection, which ends when the server does: no error to tell the user of."""
    cancelled = record.exc_info is not None and isinstance(record.exc_info[1], asyncio.CancelledError)
    return not cancelled and "timeout graceful shutdown" not in record.getMessage()


def _reachable(host: str) -> str:
    """What to write in a link: a server that listens everywhere is reached here by name."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "localhost"
    return f"[{host}]" if address.version == 6 else host


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _bind(config: uvicorn.Config) -> Any:
    try:
        return config.bind_socket()
    except (SystemExit, OSError):
        raise RagError(
            f"Port {config.port} of {config.host} cannot be used; another program may be listening there.",
            hint="Choose another with --port.",
        ) from None
