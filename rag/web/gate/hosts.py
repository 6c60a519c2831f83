"""The names a server goes by, and whether a request comes from its own page.

A site that a user visits can point its own name at this machine (DNS rebinding), or have the browser send requests here
(CSRF). The first shows in the header ``Host``, the second in ``Sec-Fetch-Site`` and ``Origin``.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

_OWN_SITES = ("same-origin", "none")
_UNFIT = re.compile(r"[^\w.:\[\]-]")
"""What no name of a host holds; ``evil@localhost`` would be localhost to some and evil to others."""
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Hosts:
    """Names without ports.

    Attributes:
        names: accepted in ``Host``.
        any_address: also accept every IP address in ``Host``: no name leads there, so none can be misused.
        any_name: also accept every name, where a password protects the server.
    """

    names: frozenset[str]
    any_address: bool = False
    any_name: bool = False
    public_origin: str = ""
    """Scheme, name and port by which a proxy serves it, as browsers write them in ``Origin``; empty if not known."""

    @classmethod
    def of(cls, host: str, public_address: str = "", protected: bool = False) -> Hosts:
        """Those of a server.

        Args:
            host: the address it listens on.
            public_address: where a proxy serves it, as ``https://example.com/shiori``, or only a path.
            protected: whether it asks for a password.
        """
        names = {"localhost", "127.0.0.1", "::1", _name(host)}
        if public := urlsplit(public_address).netloc:
            names.add(_name(public))
        origin = _origin(public_address)
        if is_loopback(host):
            return cls(frozenset(names), public_origin=origin)
        machine = socket.gethostname().lower()
        known = frozenset({*names, machine, f"{machine}.local"})
        return cls(known, any_address=True, any_name=protected, public_origin=origin)

    def knows(self, host: str) -> bool:
        """Whether a request with this ``Host`` header means this server."""
        name = _name(host)
        return name in self.names or (self.any_name and bool(name)) or (self.any_address and _is_address(name))

    def is_own(self, headers: Mapping[str, str]) -> bool:
        """Whether a request comes from the server's own page, or from a program rather than a page."""
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is not None:
            return site in _OWN_SITES
        if origin is None:
            return True
        own = headers.get("host", "").lower()
        return origin in (f"http://{own}", f"https://{own}") or (
            bool(self.public_origin) and origin == self.public_origin
        )

    def advice(self, host: str) -> str:
        """What to tell someone who used a name that is not the server's."""
        return (
            f"This server does not go by the name {_name(host)[:100]!r}. "
            f"If it should, start it with --root-path and its whole address, as https://example.com/shiori."
        )


def _name(netloc: str) -> str:
    """A host without its port and brackets, in lower case; empty if it is none."""
    if _UNFIT.search(netloc):
        return ""
    bare_ipv6 = netloc.count(":") > 1 and not netloc.startswith("[")
    try:
        return urlsplit(f"//[{netloc}]" if bare_ipv6 else f"//{netloc}").hostname or ""
    except ValueError:
        return ""


def _origin(address: str) -> str:
    """Scheme, name and port of an address, without the port that goes without saying; empty if it has no name."""
    parts = urlsplit(address.lower())
    usual = _PORTS.get(parts.scheme)
    return f"{parts.scheme}://{parts.netloc.removesuffix(f':{usual}')}" if parts.netloc else ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens on ``host``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
