"""The pages of the gate: forms for a password and for another one, and the list of browsers that are logged in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from rag.web.gate.sessions import Session
from rag.web.html.templates import Template, style_of
from rag.web.texts import chosen_language
from rag.web.texts.login import LOGIN_TEXTS, LoginTexts

_html = Template("gate/pages.html")
_STYLES = ("theme.css", "login.css")
_POLICY = """default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';
    form-action 'self'; frame-ancestors 'none'""".replace("\n   ", "")
# The colours of the dark theme hang on a class that the page's own script sets.
_DARK = Markup('document.documentElement.classList.toggle("dark", matchMedia("(prefers-color-scheme: dark)").matches)')


@dataclass(frozen=True, slots=True)
class WaysIn:
    """How one can log in: by a password, by the account of an organisation."""

    password: bool = True
    sign_on: bool = False


def login_page(
    request: Request,
    ways: WaysIn,
    status: int = 200,
    headers: dict[str, str] | None = None,
    problem: str = "",
    stays: str = "",
) -> Response:
    """The form, with a word on what went wrong: the problem, or that of a status of 401 or 429.

    ``stays`` is said of the organisation's account, in which the browser is still logged in, before a way out of it.
    """
    texts = texts_of(request)
    words = problem or {401: texts.wrong, 429: texts.pause}.get(status, "")
    if ways.sign_on and "signed-off" in request.query_params:
        stays = texts.signed_off
    html = _html.login(style_of(*_STYLES), _DARK, words, ways.password, ways.sign_on, stays, texts)
    return _response(html, status, headers)


def password_page(request: Request, status: int = 200, problem: str = "") -> Response:
    """The form for another password, with a word on what went wrong."""
    return _response(_html.password(style_of(*_STYLES), _DARK, problem, texts_of(request)), status)


def sessions_page(request: Request, sessions: Sequence[Session], own: Session | None, user: str) -> Response:
    """The sessions that ``user`` may see, each with a button that ends it."""
    texts = texts_of(request)
    rows = [_row(session, session is own, texts) for session in sessions]
    others = any(session.account.name == user and session is not own for session in sessions)
    return _response(_html.sessions(style_of(*_STYLES), _DARK, rows, others, texts))


def texts_of(request: Request) -> LoginTexts:
    """What is said, in the language of the browser or the one chosen on the page."""
    return LOGIN_TEXTS[chosen_language(request.headers.get("accept-language"), request.query_params.get("lang"))]


def _row(session: Session, is_this: bool, texts: LoginTexts) -> SimpleNamespace:
    times = texts.session_times.format(
        began=_minute(session.began), seen=_minute(session.seen), address=session.address or "?"
    )
    label = texts.end_labelled.format(user=session.account.name, began=_minute(session.began))
    return SimpleNamespace(
        id=session.id, user=session.account.name, is_this=is_this, browser=session.browser, times=times, label=label
    )


def _minute(seconds: float) -> str:
    """In the server's own time zone, which it names."""
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M %Z")


def _response(html: Markup, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return HTMLResponse(html, status, {"content-security-policy": _POLICY, **(headers or {})})
