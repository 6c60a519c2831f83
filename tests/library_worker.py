"""What tests of the library run without a model, here and in processes of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rag.building import update
from rag.models import Embedder
from tests.faults.worker import HashEmbedder, kill_at


def use_no_model(replace: Callable[[Any, str, Any], None] = setattr) -> None:
    """Have vectors made of the letters of the text."""
    replace(Embedder, "shared", classmethod(lambda cls, *args, **options: HashEmbedder()))


def die_while_updating(index: Path, at: int | None, steps: Any) -> None:
    """Update, and die at the ``at``-th thing done to the index folder; without, count these things into ``steps``."""
    use_no_model()
    count = kill_at(index, at)
    update(index)
    if steps is not None:
        steps.put(count())
