"""HTTP as uvicorn speaks it, with an end to waiting: half a request or an unread answer holds nothing for long."""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from uvicorn.protocols.http.h11_impl import H11Protocol

from rag.web.gate.guard import PROBES
from rag.web.limits import BODY_SECONDS, CONNECTIONS_EACH, HEAD_SECONDS, READ_SECONDS, SLOWEST_BYTES

_PROBES = tuple(f"GET {path} ".encode() for path in PROBES)


class TimedProtocol(H11Protocol):
    """A connection that is cut off in time.

    That is when the head or the body of a request takes too long to arrive as a whole, when an answer is not read, and
    at once when its address has ``CONNECTIONS_EACH`` already. ``trusting`` gives one that knows proxies.
    """

    proxies: ClassVar[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]] = ()
    held: ClassVar[Counter[str]] = Counter()
    """Connections by their addresses; each server has its own."""
    _awaited: Literal["head", "body", ""] = ""
    _cutting_off: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """As uvicorn does it; the time for the first request's head begins."""
        super().connection_made(transport)
        if self._has_too_many():
            transport.abort()
            return
        self._wait("head", HEAD_SECONDS)

    def data_received(self, data: bytes) -> None:
        """As uvicorn does it, but for probes no connection is too many; then what is awaited next has its time."""
        self.limit_concurrency = None if data.startswith(_PROBES) else self.config.limit_concurrency
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self._wait("head", HEAD_SECONDS)
        elif self.cycle.more_body:
            length = dict(self.headers).get(b"content-length", b"0")
            self._wait("body", BODY_SECONDS + int(length) / SLOWEST_BYTES)
        else:
            self._wait("", 0)

    def connection_lost(self, exc: Exception | None) -> None:
        """As uvicorn does it; nothing is awaited any more."""
        self._wait("", 0)
        self._is_read()
        self._let_go()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """As uvicorn does it; what is not read has its time."""
        super().pause_writing()
        self._is_unread()

    def resume_writing(self) -> None:
        """As uvicorn does it; what was sent has been read, but for a little."""
        super().resume_writing()
        self._is_read()

    def timeout_keep_alive_handler(self) -> None:
        """As uvicorn does it; it closes when the last answer has been read, for which there is a time, too."""
        super().timeout_keep_alive_handler()
        if self.transport.get_write_buffer_size():
            self._is_unread()

    def _wait(self, awaited: Literal["head", "body", ""], seconds: float) -> None:
        if awaited == self._awaited:
            return
        self._awaited = awaited
        if self._cutting_off is not None:
            self._cutting_off.cancel()
        self._cutting_off = self.loop.call_later(seconds, self.transport.abort) if awaited else None

    def _is_unread(self) -> None:
        if self._unread is None:
            self._unread = self.loop.call_later(READ_SECONDS, self.transport.abort)

    def _is_read(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _has_too_many(self) -> bool:
        address = self.client[0] if self.client else ""
        self.held[address] += 1
        return self.held[address] > CONNECTIONS_EACH and not self._is_proxy(address)

    def _let_go(self) -> None:
        address = self.client[0] if self.client else ""
        self.held[address] -= 1
        if self.held[address] <= 0:
            del self.held[address]

    def _is_proxy(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self.proxies)


def trusting(proxies: Sequence[str]) -> type[TimedProtocol]:
    """The protocol of a server before which these addresses or networks stand: theirs are the connections of many."""
    networks: Any = tuple(ipaddress.ip_network(proxy) for proxy in proxies)
    return type("TimedProtocol", (TimedProtocol,), {"proxies": networks, "held": Counter()})
