"""Runs beside each other: their systems over the queries they share, with what differs for certain."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.errors import DatasetError, StorageError
from rag.evaluation.comparison import Difference, compare
from rag.evaluation.intervals import mean_interval

_COLUMNS = ("system", "query", "question", "relevant")
Values = dict[str, dict[str, dict[str, float]]]
"""Value by system, measure and query; a query is named by its id and its text."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One system of one run.

    Attributes:
        label: of run and system.
        means: by measure, over the queries that all runs share.
        intervals: low and high of each mean.
        differences: from the baseline, by measure; empty for the baseline itself.
    """

    label: str
    means: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    differences: Mapping[str, Difference]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Systems of several runs: ``measures`` in the order of the table, and how many queries all of them share."""

    measures: tuple[str, ...]
    baseline: str
    queries: int
    rows: tuple[Compared, ...]


def read_values(file: Path) -> Values:
    """The ``per_query.csv`` of a run.

    Raises:
        StorageError: if it cannot be read.
    """
    values: Values = {}
    try:
        with file.open(encoding="utf-8", errors="surrogatepass", newline="") as lines:
            for row in csv.DictReader(lines):
                for measure, cell in row.items():
                    if measure not in _COLUMNS and cell:
                        of_system = values.setdefault(row["system"], {})
                        of_system.setdefault(measure, {})[f"{row['query']}\0{row['question']}"] = float(cell)
    except (OSError, ValueError, KeyError, csv.Error) as error:
        raise StorageError(f"A run cannot be read: {error}.", hint="Measure it again.") from None
    return values


def compare_runs(runs: Mapping[str, Values], baseline: str, separator: str) -> Comparison:
    """All systems of all runs against one of them.

    Args:
        runs: values of each run, by its label.
        baseline: label of the system compared with, as ``labels`` gives it.
        separator: between the label of a run and a system.

    Raises:
        DatasetError: if the runs have no query in common.
        SettingsError: if there is no such baseline.
    """
    named = {
        f"{run}{separator}{system}": measures for run, values in runs.items() for system, measures in values.items()
    }
    shared = set.intersection(*({query for each in of.values() for query in each} for of in named.values()))
    if not shared:
        raise DatasetError("These runs have no question in common.", hint="Choose runs over the same dataset.")
    common = [measure for measure in next(iter(named.values())) if all(measure in each for each in named.values())]
    values = {
        label: {
            measure: {query: value for query, value in measures[measure].items() if query in shared}
            for measure in common
        }
        for label, measures in named.items()
    }
    differences = compare(values, baseline)
    return Comparison(
        measures=tuple(common),
        baseline=baseline,
        queries=len(shared),
        rows=tuple(_compared(label, measures, differences.get(label, {})) for label, measures in values.items()),
    )


def labels(runs: Mapping[str, Sequence[str]], separator: str) -> list[str]:
    """Labels of all systems of these runs."""
    return [f"{run}{separator}{system}" for run, systems in runs.items() for system in systems]


def _compared(
    label: str, measures: Mapping[str, Mapping[str, float]], differences: Mapping[str, Difference]
) -> Compared:
    means = {measure: sum(of.values()) / len(of) for measure, of in measures.items() if of}
    intervals = {measure: mean_interval(measures[measure].values()) for measure in means}
    return Compared(label, means, intervals, differences)
