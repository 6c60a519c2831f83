"""Readers lease the version they opened, so that nothing of it is removed under them.

A lease is a row with a time at which it ends, which a thread moves on; it ends by itself where a process or its
network dies. On a replica there is none: what is read there is kept as long as ``cleaning`` says.
"""

from __future__ import annotations

import logging
import threading
import time
import weakref
from typing import Final

from rag.address import Address
from rag.errors import RagError, SnapshotError
from rag.index.postgres.connections import Connections

log = logging.getLogger(__name__)

LEASE_SECONDS: Final = 180
_RENEWED_SECONDS: Final = 60.0
_LOOKED_SECONDS: Final = 5.0
"""After so long a reader of a replica looks whether its version is still there."""


class Lease:
    """A hold on the current version, from when it is made until ``close``.

    Attributes:
        version: its number.

    Raises:
        SnapshotError: if there is none.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._id: str | None = None
        self._closed = threading.Event()
        self.version = self._take()
        self._renewed = time.time()
        connections.before = self.ensure
        if self._id is not None:
            threading.Thread(target=_renew, args=[weakref.ref(self), self._closed], name="lease", daemon=True).start()

    def _take(self) -> int:
        """The current version. Taken again if it was removed between reading and leasing it."""
        while True:
            ((is_replica,),) = self._connections.ask("SELECT pg_is_in_recovery()")
            if is_replica:
                rows = self._connections.ask("SELECT version FROM current")
            else:
                rows = self._connections.ask(
                    "INSERT INTO leases (version, expires) SELECT version, now() + %s * interval '1 second'"
                    " FROM current RETURNING version, id::text",
                    [LEASE_SECONDS],
                )
            if not rows:
                raise missing(self._connections.address)
            version = int(rows[0][0])
            self._id = None if is_replica else rows[0][1]
            if self._connections.ask("SELECT 1 FROM versions WHERE id = %s", [version]):
                return version
            self._end()

    def ensure(self) -> None:
        """Before anything is read: that the version is leased still, though the process may have slept since.

        Raises:
            SnapshotError: if it has been removed.
        """
        if time.time() - self._renewed > (_LOOKED_SECONDS if self._id is None else _RENEWED_SECONDS * 1.5):
            self.renew()

    def renew(self) -> None:
        """Move its end on, or take it anew if it has ended and the version is still there.

        Raises:
            SnapshotError: if it is not.
        """
        now = time.time()
        if self._id is None:
            rows = self._connections.ask("SELECT id FROM versions WHERE id = %s", [self.version])
        else:
            rows = self._connections.ask(
                "INSERT INTO leases (id, version, expires)"
                " SELECT %(id)s::uuid, id, now() + %(seconds)s * interval '1 second' FROM versions"
                " WHERE id = %(version)s ON CONFLICT (id) DO UPDATE SET expires = EXCLUDED.expires RETURNING version",
                {"id": self._id, "seconds": LEASE_SECONDS, "version": self.version},
            )
        if not rows:
            raise SnapshotError(
                "The version of the index that was open has been replaced and removed since.",
                path=str(self._connections.address),
                hint="Open the index again.",
            )
        self._renewed = now

    def close(self) -> None:
        """End it; where the database cannot be reached it ends by itself."""
        self._closed.set()
        self._connections.before = None
        self._end()

    def _end(self) -> None:
        if self._id is not None:
            try:
                self._connections.ask("DELETE FROM leases WHERE id = %s::uuid RETURNING version", [self._id])
            except RagError as error:
                log.debug("%s", error)
            self._id = None


def missing(address: Address) -> SnapshotError:
    """There is no version."""
    return SnapshotError(
        "There is no index here yet.",
        path=str(address),
        hint=f"Make one with `rag build FOLDER --index {address}`.",
    )


def _renew(held: weakref.ref[Lease], closed: threading.Event) -> None:
    """Renew a lease as long as there is one; what fails now may work the next time."""
    while not closed.wait(_RENEWED_SECONDS):
        lease = held()
        if lease is None:
            return
        try:
            lease.renew()
        except RagError as error:
            log.warning("The version of the index that is read could not be leased on: %s", error)
        del lease
