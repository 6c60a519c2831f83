"""Builds with workers, in processes of their own that can be killed; none has a model."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rag import Settings, build
from rag.address import Address
from rag.errors import RagError
from rag.index.postgres import crew, working
from rag.index.postgres.prepared import Prepared
from rag.index.postgres.rows import RowWriter
from tests.faults.worker import HashEmbedder
from tests.library_worker import use_no_model

DEATHS = "SHIORI_TEST_DEATHS"
"""Variable of the environment: a folder, each of whose files is the death of one worker, where its name says."""
GATE = "SHIORI_TEST_GATE"
"""Variable of the environment: a folder. Each of its files lets one lot be embedded, and one called ``open`` all."""


def serve_without_model(*arguments: Any) -> None:
    """A worker, that dies where it is told to."""
    use_no_model()
    _wait_at_the_gate()
    add = RowWriter.add

    def dying_add(self: RowWriter, batch: Sequence[Prepared]) -> list[int]:
        _die_if_told("before")
        numbers = add(self, batch)
        _die_if_told("after")
        return numbers

    RowWriter.add = dying_add  # type: ignore[method-assign]
    working.serve(*arguments)


def _die_if_told(where: str) -> None:
    folder = os.environ.get(DEATHS, "")
    for death in sorted(Path(folder).glob(f"{where}*")) if folder else []:
        with suppress(FileNotFoundError):
            death.unlink()
            os.kill(os.getpid(), signal.SIGKILL)


def _wait_at_the_gate() -> None:
    gate = Path(os.environ.get(GATE, ""))
    embed = HashEmbedder.embed_passages

    def waiting(self: HashEmbedder, texts: Sequence[str], **options: Any) -> Any:
        while not (gate / "open").exists() and not _passes(gate):
            time.sleep(0.05)
        return embed(self, texts, **options)

    if GATE in os.environ:
        HashEmbedder.embed_passages = waiting  # type: ignore[method-assign]


def _passes(gate: Path) -> bool:
    for token in gate.glob("token*"):
        with suppress(FileNotFoundError):
            token.unlink()
            return True
    return False


def build_with_workers(folder: Path, address: Address, workers: int, said: Any) -> None:
    """Build, and put the report into ``said``, or the error."""
    use_no_model()
    crew.serve = serve_without_model  # type: ignore[attr-defined]
    try:
        said.put(build(folder, index=address, settings=Settings.load(reader="none"), workers=workers))
    except RagError as error:
        said.put(error)
