"""What came out of an evaluation: numbers for tables and files, and what they depend on."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from rag.errors import RagError
from rag.evaluation.answers import Refusals
from rag.evaluation.comparison import Difference
from rag.evaluation.datasets import Dataset
from rag.evaluation.judging import Qrels, Run
from rag.evaluation.measures import PerQuery, percentiles
from rag.evaluation.runner import SystemResult

_LIBRARIES = ("shiori-rag", "ir_measures", "scipy", "numpy", "torch", "sentence-transformers", "openvino")


@dataclass(frozen=True)
class Evaluation:
    """What came out, ready for tables and files.

    Attributes:
        dataset: with the queries that were asked.
        measures: names of all measures, in the order of the table.
        baseline: the system the others are compared with; ``None`` if it failed.
        results: per system, in order, what it found.
        failures: systems that could not be evaluated, and why.
        qrels: what is relevant, as saved.
        runs: what each system found, as measured and saved.
        values: by system, measure and query.
        scores: means and other numbers over all queries, by system and measure.
        differences: from the baseline, by system and measure.
        refusals: how well each system tells unanswerable questions, where that was asked.
        options: how the evaluation was called.
    """

    dataset: Dataset
    measures: tuple[str, ...]
    baseline: str | None
    results: Mapping[str, SystemResult]
    failures: Mapping[str, RagError]
    qrels: Qrels
    runs: Mapping[str, Run]
    values: Mapping[str, PerQuery]
    scores: Mapping[str, Mapping[str, float]]
    differences: Mapping[str, Mapping[str, Difference]]
    refusals: Mapping[str, Refusals] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The content of ``metrics.json``."""
        return {
            "dataset": _described(self.dataset),
            "systems": {name: dict(scores) for name, scores in self.scores.items()},
            "baseline": self.baseline,
            "significance": {
                name: {measure: each.to_dict() for measure, each in found.items()}
                for name, found in self.differences.items()
            },
            "latency_ms": {name: dict(percentiles(result.milliseconds)) for name, result in self.results.items()},
            "passages": {name: result.passages for name, result in self.results.items()},
            "failed": {name: str(error) for name, error in self.failures.items()},
            "settings": {"evaluation": dict(self.options)}
            | {"systems": {name: dict(result.settings) for name, result in self.results.items()}},
            "versions": versions(),
        }


def _described(dataset: Dataset) -> dict[str, Any]:
    return {
        "name": dataset.name,
        "format": dataset.format,
        "protocol": dataset.protocol,
        "judging": dataset.judging,
        "fingerprint": dataset.fingerprint,
        "documents": len(dataset.documents),
        "queries": len(dataset.queries),
        "queries_with_relevant": len(dataset.judged),
        "queries_unanswerable": sum(query.unanswerable for query in dataset.queries),
        "refused": [str(refusal) for refusal in dataset.refusals],
    }


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that results depend on."""
    return {"python": platform.python_version(), "platform": sys.platform} | {
        name: found for name in _LIBRARIES if (found := _version(name))
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
