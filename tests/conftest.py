"""Fixtures shared by all tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from rag import Engine, Settings, build

SEEDS = Path(__file__).parents[1] / "seeds"

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
def engine(seed_index: Path) -> Iterator[Engine]:
    """An Engine over the seed documents that quotes whole sentences, shared by the tests that only read."""
    yield Engine.open(seed_index, Settings.load(reader="none"))
