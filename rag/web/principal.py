"""Who a request is from: an account with its role, or an address where nobody logs in."""

from __future__ import annotations

import ipaddress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal, get_args

Role = Literal["reader", "editor", "administrator"]
ROLES: tuple[Role, ...] = get_args(Role)
"""Each may do what those before it may: a reader asks, an editor changes the library, an administrator the server."""

_NETWORK_BITS = 64
"""Whoever has one address of IPv6 has all that share its first 64 bits."""


def covers(held: Role, wanted: Role) -> bool:
    """Whether who has one role may do what another may."""
    return ROLES.index(held) >= ROLES.index(wanted)


@dataclass(frozen=True, slots=True)
class Principal:
    """One whose requests count together.

    Attributes:
        account: the name of the account; empty where the server asks for no password.
        address: where the request came from, as the server believes.
        role: what it may do; who needs no password may do everything.
    """

    account: str = ""
    address: str = ""
    role: Role = "administrator"

    def may(self, role: Role) -> bool:
        """Whether it may do what this role may."""
        return covers(self.role, role)

    @property
    def key(self) -> tuple[str, str]:
        """The same for all requests that count together: those of an account, or else of a network."""
        return (self.account, "") if self.account else ("", network(self.address))


NOBODY = Principal()
"""Whoever is no request, such as a test or another thread."""
UNKNOWN = Principal(role="reader")
"""Whose request it is does not stand where it should: the least that a role may do."""
_CURRENT: ContextVar[Principal] = ContextVar("principal", default=NOBODY)


def network(address: str) -> str:
    """What an address shares with the others of whoever has it."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.IPv6Network((int(parsed), _NETWORK_BITS), strict=False))


def enter(scope: Any, principal: Principal) -> None:
    """Say whose the request with this ASGI scope is, for all that is done in answering it."""
    scope.setdefault("state", {})["principal"] = principal
    _CURRENT.set(principal)


def current_principal() -> Principal:
    """Whose request is being answered."""
    # Gradio answers in tasks of its own, which know of the request by a variable of Gradio's.
    from gradio.context import LocalContext

    request = getattr(LocalContext.request.get(None), "request", None)
    if request is None:
        return _CURRENT.get()
    principal: Principal = request.scope.get("state", {}).get("principal", UNKNOWN)
    return principal
