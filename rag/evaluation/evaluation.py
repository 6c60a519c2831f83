"""One evaluation from dataset to numbers; `evaluate` is what the command line calls, too."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag.errors import DatasetError, RagError, SettingsError
from rag.evaluation import judging
from rag.evaluation.answers import Given, Refusals, answer_measures, gold_measures, refusal_measures
from rag.evaluation.comparison import compare
from rag.evaluation.datasets import Dataset, Query
from rag.evaluation.indexes import Progress
from rag.evaluation.measures import (
    DEFAULT_MEASURES,
    QUESTION_MEASURES,
    PerQuery,
    depth,
    means,
    parse_measures,
    per_query,
)
from rag.evaluation.report import save
from rag.evaluation.result import Evaluation
from rag.evaluation.runner import SystemResult, Task, run_systems
from rag.evaluation.saved import Store
from rag.evaluation.systems import System, checked_systems, systems_named
from rag.settings import Settings

CHARACTER_CUTOFFS = (1, 5, 10)
DEFAULT_SYSTEMS = ("dense", "lexical", "hybrid")


def evaluate(
    dataset: Dataset,
    systems: Sequence[System | str] = DEFAULT_SYSTEMS,
    *,
    measures: Sequence[str] | None = None,
    settings: Settings | None = None,
    baseline: str | None = None,
    limit: int | None = None,
    seed: int = 0,
    answers: bool = False,
    refusals: bool = False,
    output: str | Path | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Runs systems over a dataset and measures what they found.

    Args:
        dataset: from `load_dataset`.
        systems: Systems, or names of built-in ones (``dense``, ``lexical``, ``hybrid``).
        measures: retrieval measures as ``ir_measures`` names them; by default nDCG@10, RR@10 and R@1/5/10/100, and for
            question files Success@5 first: the share of questions with any evidence among five hits.
        settings: what all systems start from; ``rag.toml`` and ``RAG_*`` by default.
        baseline: the system the others are compared with; the first by default.
        limit: ask only this many queries, drawn at random; the corpus stays whole.
        seed: of that sample, of the timed queries and of the randomisation test.
        answers: also ask every question and measure the answers (protocol A; refusals too, where the dataset has
            unanswerable questions).
        refusals: also ask every question while every second article is missing, and measure refusals (protocol N).
        output: folder for results as they come, taken up again by the next run, and for the report.
        progress: called with what is being done, how much of it is done, and how much there is.

    Raises:
        SettingsError: if a measure, a system or the baseline is unknown.
        DatasetError: if no query has anything relevant or an answer, or if the dataset has no articles to leave out.
        RagError: if every system failed: the first one's reason.
    """
    parsed = parse_measures(measures or (QUESTION_MEASURES if dataset.format == "questions" else DEFAULT_MEASURES))
    chosen = checked_systems(_described_systems(systems), settings or Settings.load())
    reference = next(iter(chosen)) if baseline is None else baseline
    if reference not in chosen:
        raise SettingsError(
            f"The baseline {reference!r} is none of the systems.", hint=f"Systems: {', '.join(chosen)}."
        )
    if refusals:
        dataset.without_every_second_article()
    asked = dataset.sample(limit, seed)
    if not (asked.judged or answers or refusals):
        raise DatasetError(f"None of the {len(asked.queries)} queries of {asked.name} has anything relevant to find.")
    task = Task(depth(parsed), answers, refusals, seed)
    store = Store(None if output is None else Path(output))
    options = {
        "measures": [str(measure) for measure in parsed],
        "protocol": dataset.protocol,
        "limit": limit,
        "seed": seed,
        "depth": task.depth,
        "answers": answers,
        "refusals": refusals,
    }
    with _no_garbage_collection():
        results, failures = run_systems(asked, chosen, task, store, progress or _silent)
        if not results:
            raise next(iter(failures.values()))
        evaluation = _measured(asked, parsed, reference, results, failures, options)
        if output is not None:
            save(evaluation, Path(output))
    return evaluation


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Results are millions of small tuples without cycles: walking them again and again would take long."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _measured(
    dataset: Dataset,
    parsed: Sequence[Any],
    baseline: str,
    results: Mapping[str, SystemResult],
    failures: Mapping[str, RagError],
    options: Mapping[str, Any],
) -> Evaluation:
    qrels = judging.qrels_of(dataset)
    runs = {name: judging.run_of(dataset, result.found) for name, result in results.items()}
    values = {
        name: per_query(parsed, qrels, runs[name]) | _characters(dataset, result) | _answered(dataset, result)
        for name, result in results.items()
    }
    refusals = {name: found for name, result in results.items() if (found := _refusals(dataset, result)) is not None}
    scores = {
        name: means(each) | (refusals[name].to_dict() if name in refusals else {}) for name, each in values.items()
    }
    return Evaluation(
        dataset=dataset,
        measures=tuple(dict.fromkeys(measure for each in scores.values() for measure in each)),
        baseline=baseline if baseline in results else None,
        results=results,
        failures=failures,
        qrels=qrels,
        runs=runs,
        values=values,
        scores=scores,
        differences=compare(values, baseline, seed=options["seed"]) if baseline in results else {},
        refusals=refusals,
        options=options,
    )


def _characters(dataset: Dataset, result: SystemResult) -> PerQuery:
    """``chars@k``: characters in the first k hits, where passages are of our own making and could win by size."""
    if dataset.protocol == "passages":
        return {}
    judged = [query.id for query in dataset.judged if query.id in result.found]
    return {
        f"chars@{cutoff}": {query: float(judging.characters(result.found[query], cutoff)) for query in judged}
        for cutoff in CHARACTER_CUTOFFS
    }


def _answered(dataset: Dataset, result: SystemResult) -> PerQuery:
    given = answer_measures(result.answers, dataset.queries) if result.answers else {}
    return given | gold_measures(result.gold, dataset.queries) if result.gold else given


def _refusals(dataset: Dataset, result: SystemResult) -> Refusals | None:
    """Protocol N if it was run; else over the dataset's own unanswerable questions."""
    if result.half:
        return _refusals_of(result.half, dataset.without_every_second_article().queries)
    return _refusals_of(result.answers, dataset.queries)


def _refusals_of(given: Mapping[str, Given], queries: Sequence[Query]) -> Refusals | None:
    asked = [query for query in queries if query.id in given]
    return refusal_measures(
        [given[query.id].confidence for query in asked],
        [given[query.id].refused for query in asked],
        [query.unanswerable for query in asked],
    )


def _described_systems(systems: Sequence[System | str]) -> list[System]:
    return [each if isinstance(each, System) else systems_named([each])[0] for each in systems]


def _silent(_what: str, _done: int, _all: int) -> None:
    """Progress that nobody watches."""
