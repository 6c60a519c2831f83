"""The gate: where a password is set, nothing is served to anyone who has not given it.

Browsers get a page with a form and then a cookie; programs send the password with each request (HTTP Basic), or log in
as ``gradio_client`` does. What is behind the gate finds whose it is in ``scope["principal"]``.
"""

from __future__ import annotations

import base64
import binascii
import logging
from functools import partial
from urllib.parse import parse_qs

import anyio
import anyio.to_thread
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from rag.errors import SettingsError
from rag.web import audit
from rag.web.gate.account_file import LEAST_CHARS, AccountFile, PasswordError
from rag.web.gate.accounts import Account, Accounts
from rag.web.gate.asgi import App, Message, Receive, Send
from rag.web.gate.attempts import Attempts, Caller
from rag.web.gate.guard import PROBES
from rag.web.gate.pages import WaysIn, login_page, password_page, sessions_page, texts_of
from rag.web.gate.sessions import Session, Sessions
from rag.web.gate.sign_on import NAMED, SignOn, SignOnError
from rag.web.limits import LOGIN_PAUSE, SESSION_SECONDS, SIGNED_ON_SECONDS
from rag.web.principal import Principal
from rag.web.texts.login import LOGIN_TEXTS

log = logging.getLogger(__name__)

_HTML = "text/html"


class LoginGate:
    """ASGI middleware that asks for a password. Only ``PROBES`` and the login itself are open.

    Args:
        app: what is behind it.
        accounts: who may enter.
        public_path: where a proxy serves the page, as ``/shiori``.
        secure: whether browsers reach it by https only.
        sign_on: by which users of another server log in.
    """

    def __init__(
        self,
        app: App,
        accounts: Accounts,
        public_path: str = "",
        secure: bool = False,
        sign_on: SignOn | None = None,
    ) -> None:
        self._app = app
        self._accounts = accounts
        self._path = public_path
        self._secure = secure
        self._sign_on = sign_on
        self._sessions = Sessions(accounts)
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
        """What to say in place of the page; ``None`` to let the request through, with whose it is in the scope."""
        path = request.scope["path"]
        if path == "/login":
            return await self._login(request)
        if path.startswith("/oidc/"):
            return await self._signed_on(request, path)
        session = self._sessions.used(self._token(request))
        if path == "/logout":
            return self._logout(session, request)
        account = self._accounts.get(session.account.name) if session is not None else None
        if account is None:
            basic = _basic(request.headers)
            if basic is None:
                return self._asking(request)
            status = await self._tried(request, *basic)
            account = self._accounts.get(basic[0])
            if status != 200 or account is None:
                return self._refused(request, 401 if status == 200 else status)
        if path == "/sessions":
            return await self._listed(request, session, account)
        if path == "/password":
            return await self._password(request, account)
        request.scope["principal"] = _principal(account, request)
        return None

    async def _login(self, request: Request) -> Response:
        if request.method != "POST":
            return login_page(request, self._ways)
        form = await _form(request)
        user, password = form.get("username", ""), form.get("password", "")
        status = await self._tried(request, user, password)
        account = self._accounts.get(user)
        if status != 200 or account is None:
            return self._refused(request, 401 if status == 200 else status)
        response: Response = JSONResponse({"success": True})
        if _wants_html(request):
            response = RedirectResponse(f"{self._path}/", 303)
        self._enter(response, account, request)
        return response

    async def _signed_on(self, request: Request, path: str) -> Response:
        """Send a browser to the server that vouches for it, take it back from there, or log it out there."""
        if self._sign_on is None:
            return JSONResponse({"error": "There is nothing here."}, 404)
        try:
            if path == "/oidc/login":
                return await self._sign_on.begin(request, self._is_secure(request))
            if path == "/oidc/logout":
                return await self._sign_on.leave(request)
            name, role = await self._sign_on.finish(request, self._is_secure(request))
        except SignOnError as error:
            audit.record("log-in-refused", Principal(address=_address(request), role="reader"), user=error.user[:100])
            texts = texts_of(request)
            # Without a way out, the provider would vouch for the same account at every try.
            stays = texts.other_account if error.reason == "no_role" else ""
            problem = texts.sign_on_refused[error.reason]
            return login_page(request, self._ways, error.status, problem=problem, stays=stays)
        response = RedirectResponse(f"{self._path}/", 303)
        self._enter(response, self._accounts.admit(name, role), request, SIGNED_ON_SECONDS)
        self._sign_on.forget(response, request, self._is_secure(request))
        return response

    @property
    def _ways(self) -> WaysIn:
        return WaysIn(self._accounts.have_passwords, self._sign_on is not None)

    def _enter(self, response: Response, account: Account, request: Request, seconds: int = SESSION_SECONDS) -> None:
        if earlier := self._sessions.used(self._token(request)):
            self._sessions.end(earlier.id, earlier.account)
        audit.record("log-in", _principal(account, request))
        self._begin(response, account, request, seconds)

    def _begin(self, response: Response, account: Account, request: Request, seconds: int = SESSION_SECONDS) -> None:
        response.set_cookie(
            self._cookie(request),
            self._sessions.begin(account, _address(request), request.headers.get("user-agent", ""), seconds),
            max_age=seconds,
            path=f"{self._path}/",
            secure=self._is_secure(request),
            httponly=True,
            samesite="lax",
        )

    def _logout(self, session: Session | None, request: Request) -> Response:
        if session is not None:
            self._sessions.end(session.id, session.account)
            audit.record("log-out", _principal(session.account, request))
        signed_on = self._sign_on is not None and session is not None and session.account.name.startswith(NAMED)
        response = RedirectResponse(f"{self._path}/login{'?signed-off' if signed_on else ''}", 303)
        response.delete_cookie(
            self._cookie(request),
            path=f"{self._path}/",
            secure=self._is_secure(request),
            httponly=True,
            samesite="lax",
        )
        return response

    async def _listed(self, request: Request, own: Session | None, account: Account) -> Response:
        """The list of sessions; a POST ends one of them, or all others of the account."""
        if request.method != "POST":
            if account.may("administrator"):
                audit.record("administration", _principal(account, request), what="/sessions")
            return sessions_page(request, self._sessions.seen_by(account), own, account.name)
        ended = (await _form(request)).get("end", "")
        if ended == "others":
            count = self._sessions.end_others(account, own)
            audit.record("session-ended", _principal(account, request), of=account.name, count=count)
        elif session := self._sessions.end(ended, account):
            audit.record("session-ended", _principal(account, request), of=session.account.name, count=1)
        else:
            return JSONResponse({"error": "There is no such session of yours."}, 404)
        language = texts_of(request).language
        return RedirectResponse(f"{self._path}/sessions?lang={language}", 303)

    async def _password(self, request: Request, account: Account) -> Response:
        """A form for another password of one's own; the one before is asked for, and all sessions but a new one end."""
        if self._accounts.file is None or account.name.startswith(NAMED):
            return password_page(request, 403, texts_of(request).password_fixed)
        if request.method != "POST":
            return password_page(request)
        form = await _form(request)
        status = await self._tried(request, account.name, form.get("current", ""))
        if status != 200:
            texts = texts_of(request)
            return password_page(request, status, texts.pause if status == 429 else texts.wrong)
        change = partial(AccountFile(self._accounts.file).change, account.name, form.get("new", ""))
        try:
            await anyio.to_thread.run_sync(change)
        except PasswordError as error:
            words = texts_of(request).passwords_refused[error.reason]
            return password_page(request, 422, words.format(least=LEAST_CHARS))
        except (SettingsError, OSError):
            log.exception("A password could not be changed.")
            return password_page(request, 500, texts_of(request).password_fixed)
        self._accounts.look_again()
        audit.record("user-changed", _principal(account, request), user=account.name)
        changed = self._accounts.get(account.name)
        response = RedirectResponse(f"{self._path}/sessions?lang={texts_of(request).language}", 303)
        if changed is not None:
            self._begin(response, changed, request)
        return response

    async def _tried(self, request: Request, user: str, password: str) -> int:
        """200 if the password is right, 401 if it is wrong, 429 if there were too many wrong ones to look at it."""
        caller = Caller.of(user, _address(request))
        if not self._attempts.may_try(caller):
            return 429
        if not self._accounts.has_accepted(user, password):
            async with self._hashing:
                # Others were counted while this one waited.
                if not self._attempts.may_try(caller):
                    return 429
                self._attempts.count(caller)
                if not await anyio.to_thread.run_sync(partial(self._accounts.accepts, user, password)):
                    audit.record("log-in-refused", Principal(address=_address(request), role="reader"), user=user[:100])
                    return 401
        self._attempts.was_right(caller)
        return 200

    def _cookie(self, request: Request) -> str:
        """Browsers keep one set of cookies for all ports of a host, so each port has a name of its own.

        By its prefix, a browser takes it from nobody but a server that it reaches by https.
        """
        prefix = ("__Secure-" if self._path else "__Host-") if self._is_secure(request) else ""
        server = request.scope.get("server") or ("", 0)
        return f"{prefix}shiori-{server[1]}"

    def _is_secure(self, request: Request) -> bool:
        return self._secure or request.url.scheme == "https"

    def _token(self, request: Request) -> str:
        return request.cookies.get(self._cookie(request), "")

    def _refused(self, request: Request, status: int) -> Response:
        headers = {"retry-after": f"{LOGIN_PAUSE:.0f}"} if status == 429 else {}
        if _wants_html(request):
            return login_page(request, self._ways, status, headers)
        words = LOGIN_TEXTS["en"].pause if status == 429 else LOGIN_TEXTS["en"].wrong
        return JSONResponse({"error": words}, status, headers)

    def _asking(self, request: Request) -> Response:
        if _wants_html(request):
            return RedirectResponse(f"{self._path}/login", 303)
        # Without this header a page's own requests do not make the browser ask in a window of its own.
        headers = {} if "sec-fetch-mode" in request.headers else {"www-authenticate": 'Basic realm="Shiori"'}
        return JSONResponse({"error": "This server asks for a user name and a password."}, 401, headers)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _principal(account: Account, request: Request) -> Principal:
    return Principal(account.name, _address(request), account.role)


async def _form(request: Request) -> dict[str, str]:
    """The first value of each field."""
    fields = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}


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
