"""Browsers that are logged in, each by a token of its own; its owner ends it, or an administrator."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from time import time

from rag.web.gate.accounts import Account, Accounts
from rag.web.limits import LOGGED_IN, SESSION_SECONDS

_SHOWN_BROWSER = 120


@dataclass(slots=True)
class Session:
    """A browser that is logged in. Times are in seconds since the epoch.

    Attributes:
        id: what it is called in the list; whoever knows it is not logged in by that.
        account: whose it is, as the account was at the login.
        address: where the login came from.
        browser: what the browser called itself.
        began, seen, ends: when it logged in, asked for something last, and will be logged out.
    """

    id: str
    account: Account
    address: str
    browser: str
    began: float
    seen: float
    ends: float


class Sessions:
    """The sessions of one server, kept by a digest of their tokens. They end with the server.

    Args:
        accounts: a session ends when its account is removed or has another password.
    """

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._kept: dict[str, Session] = {}

    def begin(self, account: Account, address: str, browser: str, seconds: float = SESSION_SECONDS) -> str:
        """The token of a new session of so many seconds. The first of an account's goes where it has ``LOGGED_IN``."""
        own = [key for key, each in self._current() if each.account.name == account.name]
        for key in own[: max(0, len(own) + 1 - LOGGED_IN)]:
            del self._kept[key]
        token, now = secrets.token_urlsafe(32), time()
        key = _digest(token)
        shown = browser if len(browser) <= _SHOWN_BROWSER else browser[: _SHOWN_BROWSER - 1] + "…"
        self._kept[key] = Session(key[:16], account, address, shown, now, now, now + seconds)
        return token

    def used(self, token: str) -> Session | None:
        """The session with this token, as from now on its last use; ``None`` if there is none any more."""
        session = self._kept.get(_digest(token))
        if session is None or not self._lasts(session):
            return None
        session.seen = time()
        return session

    def seen_by(self, account: Account) -> list[Session]:
        """The account's own sessions, or an administrator's view: those of all; the last used come first."""
        seen = [each for _, each in self._current() if _may_end(account, each)]
        return sorted(seen, key=lambda each: (each.account.name != account.name, -each.seen))

    def end(self, session_id: str, account: Account) -> Session | None:
        """End one session on behalf of an account; ``None`` if there is none that it may end."""
        for key, each in self._current():
            if each.id == session_id and _may_end(account, each):
                return self._kept.pop(key)
        return None

    def end_others(self, account: Account, kept: Session | None) -> int:
        """End the account's own sessions but this one; how many there were."""
        others = [key for key, each in self._current() if each.account.name == account.name and each is not kept]
        for key in others:
            del self._kept[key]
        return len(others)

    def _current(self) -> Iterator[tuple[str, Session]]:
        """Sessions that last, oldest first; the others are forgotten."""
        self._kept = {key: each for key, each in self._kept.items() if self._lasts(each)}
        return iter(list(self._kept.items()))

    def _lasts(self, session: Session) -> bool:
        account = self._accounts.get(session.account.name)
        return session.ends > time() and account is not None and account.password == session.account.password


def _may_end(account: Account, session: Session) -> bool:
    return session.account.name == account.name or account.may("administrator")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
