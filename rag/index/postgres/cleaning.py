"""Removes what no version holds any more that somebody may read."""

from __future__ import annotations

from typing import Final

from rag.index.postgres.connections import Connection

REPLICA_SECONDS: Final = 3600
"""How long a version is kept after the next was published where replicas read, which cannot lease it."""
_GONE: Final = "died IS NOT NULL AND NOT EXISTS (SELECT FROM versions AS v WHERE v.id >= born AND v.id < died)"
"""Whether a row holds in no version that there is."""
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
    while _removed_documents(connection):
        pass
    for (segment,) in connection.execute(f"SELECT id FROM segments WHERE {_GONE}").fetchall():
        with connection.transaction():
            connection.execute("DELETE FROM postings WHERE segment = %s", [segment])
            connection.execute("DELETE FROM segments WHERE id = %s", [segment])


def _removed_documents(connection: Connection) -> int:
    """How many documents were removed, a part of them at a time so that no transaction is long."""
    with connection.transaction():
        read = connection.execute(f"SELECT number FROM documents WHERE {_GONE} LIMIT %s", [_REMOVED_AT_ONCE])
        numbers = [number for (number,) in read]
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
