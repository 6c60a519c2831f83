"""The training tests' tiny encoder serves these tests too."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# ``training`` is no part of the installed package; it stands beside it.
sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.training import tiny


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.make_encoder(tmp_path_factory.mktemp("encoder"))
