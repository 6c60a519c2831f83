"""The index of the firm's documents, made once for all tests that ask it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag import Engine, Settings, build
from tests.answer.firm import DOCUMENTS


@pytest.fixture(scope="package")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("office")
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    index = folder.parent / "office-index"
    build(folder, index=index, settings=Settings.load())
    yield Engine.open(index, Settings.load())
