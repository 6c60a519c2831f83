"""Evaluations that browsers had run: started, stopped, taken up again, looked into, compared."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.errors import DatasetError, SettingsError
from rag.evaluation import evaluate
from rag.evaluation.report import METRICS, PER_QUERY, REPORT
from rag.evaluation.systems import BUILT_IN
from rag.files import replace_file
from rag.web.evaluation.comparing import Comparison, compare_runs, read_values
from rag.web.evaluation.datasets import Datasets
from rag.web.evaluation.summary import summary
from rag.web.jobs.folders import Entry
from rag.web.jobs.queue import Jobs, Task
from rag.web.jobs.work import KeptWork, WorkState
from rag.web.libraries import OpenLibraries
from rag.web.texts import LANGUAGES, Language

SYSTEMS = tuple(BUILT_IN)
_SUMMARY = "summary.json"


@dataclass(frozen=True, slots=True)
class Step:
    """What a run is at: ``what`` as the evaluation names it, and how much of it is done."""

    what: str
    done: int
    total: int
    began: float
    had: int

    def seconds_left(self) -> float | None:
        """An estimate for this step; ``None`` while there is nothing to go by."""
        seconds, made = time.monotonic() - self.began, self.done - self.had
        return seconds / made * (self.total - self.done) if made > 0 and seconds > 0.5 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState(WorkState):
    """How far a run is; its name is the dataset's.

    Attributes:
        systems: what is compared.
        limit: how many queries are asked; ``None`` for all.
        step: what it is at, if it runs.
    """

    systems: tuple[str, ...]
    limit: int | None
    step: Step | None


class Runs(KeptWork[RunState]):
    """Evaluations of all browsers; each sees its own. Threads may share one.

    Args:
        libraries: those whose model and settings the systems start from.
        jobs: the line in which the work waits its turn.
        datasets: what can be measured.
    """

    def __init__(self, libraries: OpenLibraries, jobs: Jobs, datasets: Datasets) -> None:
        super().__init__(libraries, jobs, "runs")
        self._datasets = datasets
        self._steps: dict[str, Step] = {}

    def start(
        self,
        owner: str,
        dataset: str,
        systems: Sequence[str],
        limit: int | None,
        answers: bool,
        language: Language = LANGUAGES[0],
        libraries: Sequence[str] = (),
    ) -> str:
        """Put an evaluation into the line; gives its id.

        Raises:
            UnknownLibraryError: if a library is not there, or not for whoever asks.
            SnapshotError: if there is no index.
            SettingsError: if there is no system, or an unknown one.
            DatasetError: if there is no such dataset.
            BusyError: if there is too much work in line already, or kept.
        """
        chosen = [name for name in SYSTEMS if name in systems]
        if not chosen or (limit is not None and limit < 1):
            raise SettingsError("There is no system to evaluate.", hint="Choose at least one.")
        name = {key: name for name, key in self._datasets.choices(owner, language, libraries)}.get(dataset)
        if name is None:
            raise DatasetError("This dataset is not here any more.", hint="Choose another, or upload it again.")
        facts = {"name": name, "dataset": dataset, "systems": chosen, "limit": limit, "answers": answers}
        entry = self._added(owner, libraries, facts)
        self.go_on(owner, entry.id)
        return entry.id

    def summary(self, owner: str, name: object) -> Mapping[str, Any] | None:
        """What a finished run found, as ``summary`` gives it."""
        entry = self._entry(owner, name)
        with suppress(OSError, ValueError):
            if entry is not None:
                found: dict[str, Any] = json.loads((_folder(entry) / _SUMMARY).read_text(encoding="utf-8"))
                return found
        return None

    def plot(self, owner: str, name: object, plot: str) -> bytes | None:
        """A plot of a finished run, as PNG."""
        entry = self._entry(owner, name)
        with suppress(OSError):
            return None if entry is None else (_folder(entry) / f"{Path(plot).name}.png").read_bytes()
        return None

    def downloads(self, owner: str, name: object) -> tuple[str | None, str | None]:
        """Report and metrics of a finished run, to be fetched by the browser."""
        entry = self._entry(owner, name)
        if entry is None:
            return None, None
        return self._downloads.copy(_folder(entry) / REPORT), self._downloads.copy(_folder(entry) / METRICS)

    def compare(self, owner: str, chosen: Mapping[str, str], baseline: str, separator: str) -> Comparison:
        """Finished runs beside each other.

        Args:
            owner: whose they are.
            chosen: label of each by its id.
            baseline: label of run and system, with the separator between them.
            separator: what stands between them.

        Raises:
            DatasetError: if they have nothing in common, or one is gone.
        """
        found = {}
        for name, label in chosen.items():
            if (entry := self._entry(owner, name)) is None:
                raise DatasetError("A run is not here any more.", hint="Choose others.")
            found[label] = read_values(_folder(entry) / PER_QUERY)
        return compare_runs(found, baseline, separator)

    def _state(self, entry: Entry) -> RunState:
        facts = self._facts(entry)
        return RunState(
            **facts,
            systems=tuple(entry.facts["systems"]),
            limit=entry.facts["limit"],
            step=self._steps.get(entry.id) if facts["stage"] == "running" else None,
        )

    def _ended(self, entry: Entry) -> None:
        self._steps.pop(entry.id, None)

    def _do(self, owner: str, entry: Entry, task: Task) -> None:
        def progress(what: str, done: int, total: int) -> None:
            task.check()
            gc.collect(1)  # evaluations switch it off; the page around them goes on making garbage
            step = self._steps.get(entry.id)
            if step is None or step.what != what or done < step.done:
                step = Step(what, done, total, time.monotonic(), done)
            self._steps[entry.id] = replace(step, done=done, total=total)

        facts = entry.facts
        dataset = self._datasets.load(owner, str(facts["dataset"]), facts.get("libraries", ()))
        evaluation = evaluate(
            dataset,
            facts["systems"],
            settings=self._served(entry).engine().settings,
            limit=facts["limit"],
            answers=bool(facts["answers"]),
            output=_folder(entry),
            progress=progress,
        )
        replace_file(_folder(entry) / _SUMMARY, json.dumps(summary(evaluation)).encode(), durable=False)


def _folder(entry: Entry) -> Path:
    return entry.folder / "run"
