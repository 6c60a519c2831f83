"""The gate: where a password is set, nothing is served to anyone who has not given it.

Browsers get a page with a form and then a cookie; programs send the password with each request (HTTP Basic), or log in
as ``gradio_client`` does.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from time import time
from urllib.parse import parse_qs

import anyio
import anyio.to_thread
from markupsafe import Markup
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from rag.web.gate.accounts import Accounts
from rag.web.gate.attempts import Attempts, Caller
from rag.web.gate.guard import PROBES, App, Message, Receive, Send
from rag.web.html.templates import Template
from rag.web.limits import LOGGED_IN, LOGIN_PAUSE, SESSION_SECONDS
from rag.web.texts import chosen_language
from rag.web.texts.login import LOGIN_TEXTS

_html = Template("gate/login.html")
_HTML = "text/html"
_POLICY = """default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';
    form-action 'self'; frame-ancestors 'none'""".replace("\n   ", "")
# The colours of the dark theme hang on a class that the page's own script sets.
_DARK = Markup('document.documentElement.classList.toggle("dark", matchMedia("(prefers-color-scheme: dark)").matches)')


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is logged in, until a time in seconds since the epoch."""

    user: str
    ends: float


class LoginGate:
    """ASGI middleware that asks for a password. Only ``PROBES`` and the login itself are open.

    Args:
        app: what is behind it.
        accounts: who may enter.
        public_path: where a proxy serves the page, as ``/shiori``.
        secure: whether browsers reach it by https only.
    """

    def __init__(self, app: App, accounts: Accounts, public_path: str = "", secure: bool = False) -> None:
        self._app = app
        self._accounts = accounts
        self._path = public_path
        self._secure = secure
        self._sessions: dict[str, Session] = {}
        self._attempts = Attempts()
        # One password is hashed at a time: that takes 16 MB, and whoever guesses has no use of many connections.
        self._hashing = anyio.Lock()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        if response := await self._answer(request):
            await response(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer(self, request: Request) -> Response | None:
        """What to say in place of the page; ``None`` to let the request through."""
        if request.scope["path"] == "/login":
            return await self._login(request)
        if request.scope["path"] == "/logout":
            return self._logout(request)
        if self._has_session(request):
            return None
        basic = _basic(request.headers)
        if basic is None:
            return self._asking(request)
        status = await self._tried(request, *basic)
        return None if status == 200 else _refused(request, status)

    async def _login(self, request: Request) -> Response:
        if request.method != "POST":
            return _page(request)
        form = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
        user, password = (form.get(name, [""])[0] for name in ("username", "password"))
        status = await self._tried(request, user, password)
        if status != 200:
            return _refused(request, status)
        response: Response = JSONResponse({"success": True})
        if _wants_html(request):
            response = RedirectResponse(f"{self._path}/", 303)
        response.set_cookie(
            _cookie(request),
            self._new_session(user),
            max_age=SESSION_SECONDS,
            path=f"{self._path}/",
            secure=self._secure or request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
        return response

    def _logout(self, request: Request) -> Response:
        self._sessions.pop(request.cookies.get(_cookie(request), ""), None)
        response = RedirectResponse(f"{self._path}/login", 303)
        response.delete_cookie(_cookie(request), path=f"{self._path}/", httponly=True, samesite="lax")
        return response

    def _new_session(self, user: str) -> str:
        now = time()
        self._sessions = {token: each for token, each in self._sessions.items() if each.ends > now}
        own = [token for token, each in self._sessions.items() if each.user == user]
        for token in own[: max(0, len(own) + 1 - LOGGED_IN)]:
            del self._sessions[token]
        token = secrets.token_urlsafe(32)
        self._sessions[token] = Session(user, now + SESSION_SECONDS)
        return token

    def _has_session(self, request: Request) -> bool:
        session = self._sessions.get(request.cookies.get(_cookie(request), ""))
        return session is not None and session.ends > time()

    async def _tried(self, request: Request, user: str, password: str) -> int:
        """200 if the password is right, 401 if it is wrong, 429 if there were too many wrong ones to look at it."""
        caller = Caller.of(user, request.client.host if request.client else "")
        if not self._attempts.may_try(caller):
            return 429
        if not self._accounts.has_accepted(user, password):
            async with self._hashing:
                # Others were counted while this one waited.
                if not self._attempts.may_try(caller):
                    return 429
                self._attempts.count(caller)
                if not await anyio.to_thread.run_sync(partial(self._accounts.accepts, user, password)):
                    return 401
        self._attempts.was_right(caller)
        return 200

    def _asking(self, request: Request) -> Response:
        if _wants_html(request):
            return RedirectResponse(f"{self._path}/login", 303)
        # Without this header a page's own requests do not make the browser ask in a window of its own.
        headers = {} if "sec-fetch-mode" in request.headers else {"www-authenticate": 'Basic realm="Shiori"'}
        return JSONResponse({"error": "This server asks for a user name and a password."}, 401, headers)


def _cookie(request: Request) -> str:
    """Browsers keep one set of cookies for all ports of a host, so each port has a name of its own."""
    server = request.scope.get("server") or ("", 0)
    return f"shiori-{server[1]}"


def _wants_html(request: Request) -> bool:
    return _HTML in request.headers.get("accept", "")


def _basic(headers: Headers) -> tuple[str, str] | None:
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        return None
    return user, password


def _refused(request: Request, status: int) -> Response:
    headers = {"retry-after": f"{LOGIN_PAUSE:.0f}"} if status == 429 else {}
    if _wants_html(request):
        return _page(request, status, headers)
    words = LOGIN_TEXTS["en"].pause if status == 429 else LOGIN_TEXTS["en"].wrong
    return JSONResponse({"error": words}, status, headers)


def _page(request: Request, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    language = chosen_language(request.headers.get("accept-language"), request.query_params.get("lang"))
    texts = LOGIN_TEXTS[language]
    words = {401: texts.wrong, 429: texts.pause}.get(status, "")
    assets = files("rag.web").joinpath("assets")
    style = "".join(assets.joinpath(name).read_text(encoding="utf-8") for name in ("theme.css", "login.css"))
    # Style and script are our own.
    html = _html.page(Markup(style), _DARK, words, texts)  # noqa: S704
    return HTMLResponse(html, status, {"content-security-policy": _POLICY, **(headers or {})})
