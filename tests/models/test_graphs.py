"""Compiled graphs that are kept: the same numbers, made anew where anything is wrong or different."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
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

ROOT = Path(__file__).parents[2]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


def kept(folder: Path, weights: str = "these") -> KeptGraph:
    return KeptGraph(folder, weights, ("models/encoder.py",))


def encoder_of(graph: KeptGraph | None, streams: int = 1) -> Encoder:
    return Encoder(WEIGHTS, SHAPE, tokens_as_they_are, fastest_precision(), streams=streams, kept=graph)


def tokens(graph: KeptGraph | None, streams: int = 1) -> Floats:
    (found,) = encoder_of(graph, streams)(texts(20, 7), (20, 7))
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


AT_ONCE = """
import sys, threading
from pathlib import Path
from tests.models.test_graphs import encoder_of, kept
from tests.models.test_encoder import texts

sys.setswitchinterval(1e-6)
encoder, batch, begin = encoder_of(kept(Path(sys.argv[1])), 2), texts(20, 7), threading.Barrier(8)

def ask():
    begin.wait()
    encoder(batch, (20, 7))

threads = [threading.Thread(target=ask) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""


def test_threads_may_be_the_first_to_use_what_was_kept(tmp_path: Path) -> None:
    """OpenVINO's bindings stop for good where two threads are the first to hand them arrays."""
    encoder_of(kept(tmp_path), 2)
    for _ in range(5):
        subprocess.run([sys.executable, "-c", AT_ONCE, str(tmp_path)], check=True, timeout=60, env=ENVIRONMENT)
