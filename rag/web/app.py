"""The web server: the page, its API, a health check, and what stands before them."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import gradio as gr
import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from rag.errors import RagError
from rag.web import audit
from rag.web.api import describing
from rag.web.api.endpoints import endpoints
from rag.web.api.mcp import add_tools
from rag.web.api.rest import LINES, routes
from rag.web.current import CurrentIndex
from rag.web.ending import serve_until_interrupted
from rag.web.exports import routes as exports
from rag.web.gate.accounts import Accounts
from rag.web.gate.bodies import Bodies
from rag.web.gate.guard import HEALTH, READY, Guard
from rag.web.gate.headers import LocalOnly
from rag.web.gate.hosts import Hosts, is_loopback
from rag.web.gate.icon import OwnIcon
from rag.web.gate.load import Load
from rag.web.gate.login import LoginGate
from rag.web.gate.protocol import trusting
from rag.web.gate.requests import Requests
from rag.web.gate.sign_on import SignOn
from rag.web.heap import limit_arenas
from rag.web.libraries import OpenLibraries
from rag.web.limits import AT_ONCE, CONNECTIONS, EVENTS, HEAD_BYTES, KEPT_ALIVE_SECONDS, SESSIONS, WAITING
from rag.web.metrics import Metrics
from rag.web.originals import routes as originals
from rag.web.page import create_page, page_assets
from rag.web.principal import current_principal
from rag.web.proposals import routes as proposals
from rag.web.roots import WatchRoots
from rag.web.turns import PLACES, Turns

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Access:
    """How the server is reached, and by whom.

    Attributes:
        host: the address it listens on.
        accounts: who may use it; ``None`` for everyone who reaches it.
        root_path: where a proxy serves it: a path (``/shiori``) or, better, the whole address
            (``https://example.com/shiori``).
        mcp: also serve the API as MCP tools at ``/mcp``.
        max_file_mb: larger files cannot be uploaded, in megabytes (10^6 bytes).
        sign_on: by which users of another server log in; ``accounts`` are needed beside it.
        proxies: addresses or networks of proxies that are believed when they say who asks, and how.
    """

    host: str = "127.0.0.1"
    accounts: Accounts | None = None
    root_path: str = ""
    mcp: bool = False
    max_file_mb: float = 64.0
    proxies: tuple[str, ...] = ()
    sign_on: SignOn | None = None

    @property
    def is_own_desk(self) -> bool:
        """Whether nobody but who sits at this machine can be asking."""
        return self.accounts is None and is_loopback(self.host) and not self.root_path and not self.proxies

    @property
    def path(self) -> str:
        """The path in ``root_path``, without a slash at its end."""
        return urlsplit(self.root_path).path.rstrip("/")


def create_server(current: CurrentIndex, access: Access = Access()) -> FastAPI:
    """The page as an ASGI application, with ``/healthz``, ``/readyz`` and the API beside it.

    Raises:
        SettingsError: if MCP is asked for and not installed.
    """
    app = FastAPI(title="Shiori", version="1", docs_url=None, redoc_url=None, openapi_url=None)
    turns = Turns()
    metrics = Metrics(current, turns)
    libraries = OpenLibraries(current)
    roots = WatchRoots(current.settings.watch_roots if current.settings else (), access.is_own_desk)
    protected = access.accounts is not None
    may_set = protected or access.is_own_desk
    page = create_page(current, turns, log_out=protected, libraries=libraries, roots=roots, may_set=may_set)
    app.add_middleware(OwnIcon)
    app.add_middleware(Load, turns=turns, endpoints=partial(endpoints, page), refused=metrics.refused)
    app.add_middleware(Bodies)
    is_secure = access.root_path.startswith("https:")
    if access.accounts is not None:
        app.add_middleware(
            LoginGate,
            accounts=access.accounts,
            public_path=access.path,
            secure=is_secure,
            sign_on=access.sign_on,
        )
    hosts = Hosts.of(access.host, access.root_path, protected=access.accounts is not None)
    app.add_middleware(Guard, hosts=hosts, root_path=access.path)
    app.add_middleware(LocalOnly, secure=is_secure)
    # Lines and events are not held back until there is enough to compress; files are sent as they are.
    as_they_are = (*DEFAULT_EXCLUDED_CONTENT_TYPES, LINES, originals.FILE_TYPE)
    app.add_middleware(GZipMiddleware, compresslevel=4, exclude_content_types=as_they_are)
    app.add_middleware(Requests, counts=metrics)
    if access.proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(access.proxies))

    # Asynchronous, so that they wait for no thread.
    @app.get(HEALTH, include_in_schema=False)
    async def healthz() -> dict[str, str]:
        return {"status": "ok", "model": "ready" if current.model_is_ready else "loading"}

    @app.get(READY, include_in_schema=False)
    async def readyz() -> JSONResponse:
        if current.is_ready:
            return JSONResponse({"status": "ready"})
        return JSONResponse({"status": "not ready"}, 503, {"retry-after": "5"})

    @app.get("/metrics", include_in_schema=False)
    def metrics_written() -> Response:
        if not current_principal().may("administrator"):
            audit.record("refused", what="/metrics")
            return JSONResponse({"error": "Only administrators may see this."}, 403)
        # Not noted: it is asked for every few seconds, and tells of nobody.
        return Response(metrics.written(), media_type=CONTENT_TYPE_LATEST)

    app.include_router(describing.routes(app, protected=access.accounts is not None))
    app.include_router(routes(libraries, turns))
    app.include_router(proposals(current, turns), include_in_schema=False)
    app.include_router(exports.routes(), include_in_schema=False)
    app.include_router(originals.routes(libraries), include_in_schema=False)
    if access.mcp:
        add_tools(app, libraries, turns)
    _mount_page(app, page, access)
    return app


def _mount_page(app: FastAPI, page: gr.Blocks, access: Access) -> None:
    page.queue(default_concurrency_limit=AT_ONCE, max_size=WAITING)
    # Questions wait in their own line, not in Gradio's: they take no places from other events.
    page._queue.max_thread_count = PLACES + EVENTS
    page.state_session_capacity = SESSIONS
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        root_path=access.root_path.rstrip("/") or None,
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        pwa=False,
        show_error=False,
        mcp_server=False,
        enable_monitoring=False,
        max_file_size=int(access.max_file_mb * 10**6),
        **page_assets(),
    )
    # Gradio looks at the files a request names only when it believes that it was launched.
    page.has_launched = page.is_running = True


def run(current: CurrentIndex, access: Access, port: int, open_browser: bool, announce: Callable[[str], None]) -> None:
    """Serve until interrupted, as ``KeyboardInterrupt`` tells.

    Args:
        current: the index to serve.
        access: how and by whom.
        port: the TCP port; 0 takes a free one.
        open_browser: also show the page in the user's browser.
        announce: told the page's address once it is up.

    Raises:
        RagError: if the port is taken.
        SettingsError: if MCP is asked for and not installed.
    """
    limit_arenas()
    host = access.host
    if not is_loopback(host) and access.accounts is None:
        log.warning("Everyone who can reach %s can read the indexed documents; the page asks for no password.", host)
    if access.root_path and access.accounts is not None and not access.proxies:
        log.warning("All who come through the proxy share one limit of wrong passwords; name it in trusted_proxies.")
    config = server_config(FastAPI(), access, port)
    # The port first: what the page begins to load in threads would outlive a failure, and abort the process.
    with _bind(config) as socket:
        config.app = create_server(current, access)
        current.warm_up_in_background()
        socket.listen()  # so that nobody who is told the address comes too early
        address = f"http://{_reachable(host)}:{socket.getsockname()[1]}"
        announce(address)
        if open_browser:
            threading.Timer(0.5, webbrowser.open, [address]).start()
        logging.getLogger("uvicorn.error").addFilter(_is_no_cancellation)
        serve_until_interrupted(uvicorn.Server(config), socket)


def server_config(app: FastAPI, access: Access, port: int) -> uvicorn.Config:
    """How an application is served, on purpose: what is not set here is uvicorn's default."""
    return uvicorn.Config(
        app,
        host=access.host,
        port=port,
        log_level="warning",
        log_config=None,  # its own would print lines that are no JSON, and what others sent as it came
        server_header=False,
        # By default it would believe what every program of this machine says of where a request is from.
        proxy_headers=False,
        http=trusting(access.proxies),
        h11_max_incomplete_event_size=HEAD_BYTES,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=KEPT_ALIVE_SECONDS,
        timeout_graceful_shutdown=1,
    )


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


def _bind(config: uvicorn.Config) -> Any:
    try:
        return config.bind_socket()
    except (SystemExit, OSError):
        raise RagError(
            f"Port {config.port} of {config.host} cannot be used; another program may be listening there.",
            hint="Choose another with --port.",
        ) from None
