"""Compiled graphs that are kept: the same numbers, made anew where anything is wrong or different."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.arrays import Floats
from rag.models import encoder as module
from rag.models import graphs
from rag.models.encoder import Encoder, fastest_precision
from rag.models.graphs import KeptGraph

from .test_encoder import SHAPE, WEIGHTS, texts, tokens_as_they_are


def kept(folder: Path, weights: str = "these") -> KeptGraph:
    return KeptGraph(folder, weights, ("models/encoder.py",))


def tokens(graph: KeptGraph | None, streams: int = 1) -> Floats:
    encoder = Encoder(WEIGHTS, SHAPE, tokens_as_they_are, fastest_precision(), streams=streams, kept=graph)
    (found,) = encoder(texts(20, 7), (20, 7))
    return found


def files(folder: Path) -> list[Path]:
    return sorted((folder / graphs.FOLDER).iterdir())


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A note for each time that a graph is compiled."""
    noted: list[str] = []
    model = module._model

    def noting(*arguments: Any) -> Any:
        noted.append("compiled")
        return model(*arguments)

    monkeypatch.setattr(module, "_model", noting)
    return noted


def test_what_is_kept_gives_the_same_and_is_not_compiled_again(tmp_path: Path, compiled: list[str]) -> None:
    expected = tokens(None)
    first = tokens(kept(tmp_path))
    assert len(compiled) == 2 and len(files(tmp_path)) == 1
    again = tokens(kept(tmp_path))
    assert len(compiled) == 2
    assert np.array_equal(expected, first) and np.array_equal(first, again)


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "other"])
def test_what_is_damaged_is_made_anew(tmp_path: Path, compiled: list[str], damage: str) -> None:
    expected = tokens(kept(tmp_path))
    (file,) = files(tmp_path)
    content = file.read_bytes()
    middle = len(content) // 2
    file.write_bytes(
        {
            "cut": content[:middle],
            "changed": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
            "empty": b"",
            "other": (0).to_bytes(4, "little"),  # a right checksum over nothing
        }[damage]
    )
    assert np.array_equal(tokens(kept(tmp_path)), expected)
    assert len(compiled) == 2
    assert np.array_equal(tokens(kept(tmp_path)), expected)
    assert len(compiled) == 2


def test_other_weights_options_and_cpus_have_files_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens(kept(tmp_path))
    tokens(kept(tmp_path, "those"))
    tokens(kept(tmp_path), streams=2)
    monkeypatch.setattr(graphs, "capabilities", lambda: ("another",))
    tokens(kept(tmp_path))
    assert len(files(tmp_path)) == 4


def test_the_oldest_make_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphs, "_MOST_KEPT", 2)
    for weights in ("a", "b", "c"):
        tokens(kept(tmp_path, weights))
    assert len(files(tmp_path)) == 2


def test_nothing_is_lost_where_nothing_can_be_written(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / graphs.FOLDER).write_text("a file where a folder should be")
    with caplog.at_level(logging.INFO, logger=graphs.__name__):
        found = tokens(kept(tmp_path))
    assert np.array_equal(found, tokens(None))
    assert "cannot be kept" in caplog.text
