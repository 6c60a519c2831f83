"""Evaluations without a model, held up when a test wants them to be."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from types import SimpleNamespace

import pytest

from rag.evaluation import Dataset
from rag.evaluation import runner as runner_module
from rag.settings import Settings
from tests.evaluation.collections import WordEngine

Gate = Callable[[threading.Semaphore | None], None]
"""Sets what each search of a whole dataset has to get past."""


class GatedEngine(WordEngine):
    """Searches when it is let."""

    gate: threading.Semaphore | None = None

    def places_many(self, queries: Sequence[str], *, k: int) -> list[list[tuple[str, int, int, float]]]:
        if self.gate is not None:
            self.gate.acquire()
        return super().places_many(queries, k=k)


def word_engines(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """Makes evaluations use engines that need no model, of which lexical ones rank worst."""

    def open_index(dataset: Dataset, settings: Settings, _progress: object) -> SimpleNamespace:
        engine = GatedEngine(dataset, backwards=settings.mode == "lexical")
        return SimpleNamespace(engine=engine, bulk=engine, passages=len(dataset.documents))

    monkeypatch.setattr(runner_module, "open_index", open_index)
    monkeypatch.setattr(runner_module, "model_fingerprint", lambda _name, _folder: "words")
    return lambda semaphore: monkeypatch.setattr(GatedEngine, "gate", semaphore)
