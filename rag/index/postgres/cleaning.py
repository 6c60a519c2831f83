"""Removes what no version holds any more that somebody may read."""

from __future__ import annotations

from typing import Final

from rag.index.postgres.connections import Connection

REPLICA_SECONDS: Final = 3600
"""How long a version is kept after the next was published where replicas read, which cannot lease it."""
_REMOVED_AT_ONCE: Final = 5_000
"""Documents."""


def clean(connection: Connection) -> None:
    """Forget versions that nobody leases, then remove rows that none of the rest has. Called by the writer alone."""
    with connection.transaction():
        # Whoever leases a version now waits, and then finds whether it is still there.
        connection.execute("LOCK TABLE leases IN SHARE ROW EXCLUSIVE MODE")
        connection.execute("DELETE FROM leases WHERE expires < now()")
        connection.execute(
            "DELETE FROM versions WHERE id NOT IN (SELECT version FROM current) AND id NOT IN"
            " (SELECT version FROM leases) AND (NOT EXISTS (SELECT FROM pg_stat_replication)"
            " OR superseded < now() - %s * interval '1 second')",
            [REPLICA_SECONDS],
        )
    row = connection.execute("SELECT min(id) FROM versions").fetchone()
    # Without a version, what was ever written and ended is nobody's.
    oldest = row[0] if row and row[0] is not None else None
    gone = "died IS NOT NULL" if oldest is None else "died <= %(oldest)s"
    while _removed_documents(connection, gone, oldest):
        pass
    _remove_segments(connection, gone, oldest)


def _removed_documents(connection: Connection, gone: str, oldest: int | None) -> int:
    """How many documents were removed, a part of them at a time so that no transaction is long."""
    with connection.transaction():
        numbers = [
            number
            for (number,) in connection.execute(
                f"SELECT number FROM documents WHERE {gone} LIMIT %(most)s",
                {"oldest": oldest, "most": _REMOVED_AT_ONCE},
            )
        ]
        if numbers:
            connection.execute(
                "WITH removed AS (DELETE FROM passages WHERE document = ANY(%s) RETURNING pid)"
                " DELETE FROM vectors WHERE pid IN (SELECT pid FROM removed)",
                [numbers],
            )
            for table in ("places", "blocks"):
                connection.execute(f"DELETE FROM {table} WHERE document = ANY(%s)", [numbers])
            connection.execute("DELETE FROM documents WHERE number = ANY(%s)", [numbers])
    return len(numbers)


def _remove_segments(connection: Connection, gone: str, oldest: int | None) -> None:
    for (segment,) in connection.execute(f"SELECT id FROM segments WHERE {gone}", {"oldest": oldest}).fetchall():
        with connection.transaction():
            connection.execute("DELETE FROM postings WHERE segment = %s", [segment])
            connection.execute("DELETE FROM segments WHERE id = %s", [segment])
