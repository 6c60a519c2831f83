"""The tiny encoder and data set, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.training import tiny


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.make_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="session")
def data_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.make_data(tmp_path_factory.mktemp("data") / "data.json")


@pytest.fixture(scope="session")
def mined_file(tmp_path_factory: pytest.TempPathFactory, data_file: Path) -> Path:
    return tiny.make_mined(tmp_path_factory.mktemp("mined") / "mined.jsonl", data_file)
