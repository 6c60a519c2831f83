"""What tests of the library run without a model, here and in processes of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rag.building import update
from rag.corpus.assembly import document_from
from rag.corpus.sandbox.process import SHARED
from rag.models import Embedder
from tests.faults.worker import HashEmbedder, kill_at

# What reading needs is loaded once, in the server of the forked processes.
document_from("text", "準備.txt", "準備".encode(), {})


def use_no_model(replace: Callable[[Any, str, Any], None] = setattr) -> None:
    """Have vectors made of the letters of the text."""
    replace(Embedder, "shared", classmethod(lambda cls, *args, **options: HashEmbedder()))


def read_here() -> None:
    """Have files read in this process: the one that else reads them touches no index, and takes long to start."""
    SHARED.read = lambda kind, data, source="", facts=None: document_from(kind, source, data, facts or {})  # type: ignore[method-assign]


def die_while_updating(index: Path, at: int | None, steps: Any) -> None:
    """Update, and die at the ``at``-th thing done to the index folder; without, count these things into ``steps``."""
    use_no_model()
    read_here()
    count = kill_at(index, at)
    update(index)
    if steps is not None:
        steps.put(count())
