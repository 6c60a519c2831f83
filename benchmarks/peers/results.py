"""What the workers wrote down, as one line of the table for each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.peers.measuring import DENSE, HYBRID, JAPANESE, Result, Round
from benchmarks.report import table
from rag.evaluation.judging import Qrels, Run
from rag.evaluation.measures import means, parse_measures, per_query

MEASURES = ("R@1", "nDCG@10")
SEARCHES = {DENSE: "dense", HYBRID: "hybrid", JAPANESE: "hybrid, bigrams"}
HEADER = (
    "system",
    "search",
    "index s",
    "peak MB",
    "index MB",
    "p50 ms",
    "p95 ms",
    "together ms",
    *MEASURES,
)


@dataclass(frozen=True)
class Line:
    """One system in one kind of search.

    Attributes:
        system: its name.
        search: ``dense``, ``hybrid`` or ``japanese``.
        index_seconds: from passages in memory to an index on disk.
        peak_mb, index_mb: most resident memory and size on disk, in megabytes (10^6 bytes).
        p50, p95: milliseconds for a question asked alone, in the median round.
        together: milliseconds a question when all are asked at once, in the median round; None if there is no such way.
        measures: means over the questions, by name.
        versions: of its packages.
    """

    system: str
    search: str
    index_seconds: float
    peak_mb: float
    index_mb: float
    p50: float
    p95: float
    together: float | None
    measures: Mapping[str, float]
    versions: Mapping[str, str]

    @classmethod
    def of(cls, system: str, search: str, result: Result, qrels: Qrels) -> Line:
        """The line for what a worker measured and found."""
        together = [each.together for each in result.rounds if each.together is not None]
        return cls(
            system=system,
            search=search,
            index_seconds=result.index_seconds,
            peak_mb=result.peak_bytes / 1e6,
            index_mb=result.index_bytes / 1e6,
            p50=1000 * median(float(np.percentile(each.alone, 50)) for each in result.rounds),
            p95=1000 * median(float(np.percentile(each.alone, 95)) for each in result.rounds),
            together=1000 * median(together) / len(qrels) if together else None,
            measures=means(per_query(parse_measures(MEASURES), qrels, scored(result.run))),
            versions=result.versions,
        )

    def cells(self) -> list[object]:
        """The line as the table shows it."""
        together = "" if self.together is None else f"{self.together:.1f}"
        sizes = [f"{self.index_seconds:.1f}", f"{self.peak_mb:,.0f}", f"{self.index_mb:.1f}"]
        times = [f"{self.p50:.1f}", f"{self.p95:.1f}", together]
        return [self.system, SEARCHES[self.search], *sizes, *times, *(self.measures[name] for name in MEASURES)]


def read_result(path: Path) -> Result:
    """What a worker wrote.

    Raises:
        SystemExit: if the file is not a worker's.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Result(**content | {"rounds": [Round(**each) for each in content["rounds"]]})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SystemExit(f"{path} is no result of a worker: {error}") from error


def scored(run: Mapping[str, Sequence[str]]) -> Run:
    """A run in which the order alone counts: scores of different systems do not compare, and some give equal ones.

    A passage named twice keeps its better place.
    """
    return {
        question: {passage: 1.0 / rank for rank, passage in reversed(list(enumerate(found, 1)))}
        for question, found in run.items()
    }


def lines_table(lines: Sequence[Line]) -> str:
    """The table of all lines."""
    return table(HEADER, [line.cells() for line in lines])


def versions_of(lines: Sequence[Line]) -> str:
    """Every package and its version once, in the order of the lines."""
    found = {name: version for line in lines for name, version in line.versions.items()}
    return ", ".join(f"{name} {version}" for name, version in found.items())
