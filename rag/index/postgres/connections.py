"""Connections to a database: lent to one thread at a time, cut when the server is silent, their errors told as ours."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

import psycopg
from psycopg import errors
from psycopg.rows import TupleRow

from rag.address import Address
from rag.errors import BusyError, RagError, SnapshotError, StorageError

CONNECT_SECONDS: Final = 10
READ_SECONDS: Final = 60.0
"""Longest that a reader waits for one statement."""
WRITE_SECONDS: Final = 3600.0
"""Longest that a writer does: making an index of vectors takes minutes."""
_KEPT: Final = 4
"""Idle connections."""
_KEEPALIVE: Final[Mapping[str, Any]] = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
"""After how much silence each end asks whether the other is there: a machine that died keeps no lock for long."""
_GRAPH: Final[Mapping[str, str]] = {"hnsw.ef_search": "400", "hnsw.iterative_scan": "relaxed_order"}
"""How far a graph of vectors is followed; on through what a filter keeps out."""
_NO_INDEX = "There is no index here yet."

Connection = psycopg.Connection[TupleRow]
Values = Sequence[Any] | Mapping[str, Any]


def schema_of(address: Address) -> str:
    """The schema that a library is."""
    return f"shiori_{address.library}"


def connected(address: Address, *, seconds: float = READ_SECONDS) -> Connection:
    """A new connection, each of whose statements is a transaction of its own and may take so many seconds.

    Raises:
        SnapshotError: if the database cannot be reached.
    """
    with told(address):
        connection: Connection = psycopg.connect(
            address.conninfo,
            autocommit=True,
            prepare_threshold=None,  # poolers that share connections know no prepared statements
            connect_timeout=CONNECT_SECONDS,
            application_name="shiori",
            **_KEEPALIVE,
        )
        try:
            with limited(connection, CONNECT_SECONDS):
                # Compiling a statement takes longer than running it.
                settings = {"statement_timeout": f"{seconds:.0f}s", "jit": "off", **_GRAPH}
                settings |= {f"tcp_{name}": str(value) for name, value in _KEEPALIVE.items()}
                settings["search_path"] = f"{schema_of(address)}, public"
                for name, value in settings.items():
                    connection.execute("SELECT set_config(%s, %s, false)", [name, value])
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def limited(connection: Connection, seconds: float) -> Iterator[None]:
    """Cut the connection if the block takes longer: a network that swallows what is sent says nothing."""
    cut = socket.fromfd(connection.fileno(), socket.AF_INET, socket.SOCK_STREAM)

    def shut() -> None:
        with suppress(OSError):
            cut.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, shut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        cut.close()


@contextmanager
def told(address: Address) -> Iterator[None]:
    """Errors of the database become errors a user can act on, without a password in them."""
    try:
        yield
    except psycopg.Error as error:
        raise _error(address, error) from None


def _error(address: Address, error: psycopg.Error) -> RagError:
    where = str(address)
    words = address.without_secrets(" ".join(str(error).split())) or type(error).__name__
    if isinstance(error, errors.UndefinedTable | errors.InvalidSchemaName):
        return SnapshotError(_NO_INDEX, path=where, hint=f"Make one with `rag build FOLDER --index {where}`.")
    if isinstance(error, errors.ReadOnlySqlTransaction):
        return StorageError(
            "This server is a replica, which only reads.", path=where, hint="Give the address of the primary."
        )
    if isinstance(error, errors.DiskFull):
        return StorageError("The disk of the database is full.", path=where, hint="The index before is untouched.")
    if isinstance(error, errors.QueryCanceled):
        return SnapshotError(f"The database took too long ({words}).", path=where, hint="Try again.")
    if isinstance(error, errors.LockNotAvailable):
        return BusyError("The index is being written.", path=where, hint="Wait until that is done.")
    if isinstance(error, errors.InsufficientPrivilege):
        return StorageError(f"The database does not allow it ({words}).", path=where, hint="Ask who administers it.")
    if isinstance(error, psycopg.OperationalError):
        return SnapshotError(
            f"The database cannot be reached ({words}).",
            path=where,
            hint="Check the address, the password (PGPASSWORD or ~/.pgpass) and whether the server runs.",
        )
    return SnapshotError(f"The database refused ({words}).", path=where, hint="See the server's log.")


class Connections:
    """The connections of a reader; threads may share them.

    Attributes:
        address: of the library.
        before: called before each query, as whoever leases a version does.
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        self.before: Callable[[], None] | None = None
        self._idle: list[Connection] = []
        self._closed = False

    def query(self, sql: str, values: Values = ()) -> list[tuple[Any, ...]]:
        """The rows that a statement gives. One whose connection was lost meanwhile is asked again.

        Raises:
            SnapshotError: if the database cannot be reached, or refuses.
        """
        if self.before is not None:
            self.before()
        return self.ask(sql, values)

    def ask(self, sql: str, values: Values = ()) -> list[tuple[Any, ...]]:
        """As ``query``, whatever is to be done before."""
        with told(self.address):
            if self._closed:
                raise SnapshotError("The index was closed.", path=str(self.address))
            try:
                return self._asked(self._idle.pop(), sql, values)
            except IndexError:
                pass
            except errors.QueryCanceled:
                raise
            except psycopg.OperationalError:
                self._drop()  # what was lost is seldom one connection alone
            return self._asked(connected(self.address), sql, values)

    def _asked(self, connection: Connection, sql: str, values: Values) -> list[tuple[Any, ...]]:
        try:
            with limited(connection, READ_SECONDS + CONNECT_SECONDS):
                rows = connection.execute(sql, values, binary=True).fetchall()
        except BaseException:
            connection.close()
            raise
        if len(self._idle) < _KEPT and not self._closed:
            self._idle.append(connection)
        else:
            connection.close()
        return rows

    def _drop(self) -> None:
        while self._idle:
            with suppress(IndexError):
                self._idle.pop().close()

    def close(self) -> None:
        """Close those that nobody uses; no other is opened."""
        self._closed = True
        self._drop()
