"""Retrieval measures by their names in ``ir_measures`` (MacAvaney, Macdonald and Ounis, ECIR 2022)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.errors import SettingsError
from rag.evaluation.judging import Qrels, Run
from rag.evaluation.trec_ids import decoded, encoded
from rag.extras import require

if TYPE_CHECKING:
    import ir_measures

DEFAULT_MEASURES = ("nDCG@10", "RR@10", "R@1", "R@5", "R@10", "R@100")
QUESTION_MEASURES = ("Success@5", *DEFAULT_MEASURES)
"""For questions with several pieces of evidence, of which any one will do."""
PERCENTILES = (50, 95, 99)
DEFAULT_DEPTH = 100

PerQuery = dict[str, dict[str, float]]
"""Value by measure and query id."""


def parse_measures(names: Sequence[str]) -> list[ir_measures.measures.Measure]:
    """Measures by name, such as ``nDCG@10``, ``RR@10``, ``R@5``, ``AP``, ``P@3``, ``Success@5`` or ``Judged@10``.

    Raises:
        SettingsError: if a name is unknown, or the measure needs a library that is not installed.
    """
    require("eval", "Evaluation")
    return [_parse(name) for name in dict.fromkeys(names)]


def _parse(name: str) -> ir_measures.measures.Measure:
    import ir_measures

    pipeline: Any = ir_measures.DefaultPipeline
    hint = f"Known are for example {', '.join(DEFAULT_MEASURES)}, AP, P@5, Success@5, Judged@10 (see https://ir-measur.es)."
    try:
        measure = ir_measures.parse_measure(name.strip())
        supported = pipeline.supports(measure)
    except (NameError, ValueError, TypeError, KeyError, AttributeError, AssertionError, SyntaxError):
        raise SettingsError(f"Unknown measure {name!r}.", hint=hint) from None
    cutoff = measure.params.get("cutoff")
    if cutoff is not None and (not isinstance(cutoff, int) or cutoff < 1):
        raise SettingsError(f"The cutoff of {name!r} is not a whole number above 0.", hint=hint)
    if not supported:
        raise SettingsError(f"{name!r} cannot be computed with the libraries installed.", hint=hint)
    return measure


def depth(measures: Sequence[ir_measures.measures.Measure]) -> int:
    """How many hits a query needs: the deepest cutoff, and 100 for measures without one."""
    cutoffs = (measure.params.get("cutoff") for measure in measures)
    return max((cutoff or DEFAULT_DEPTH for cutoff in cutoffs), default=DEFAULT_DEPTH)


def per_query(measures: Sequence[ir_measures.measures.Measure], qrels: Qrels, run: Run) -> PerQuery:
    """Value of each measure for each query of ``qrels``, in its order; 0 where the run has nothing for a query."""
    import ir_measures

    values: PerQuery = {str(measure): dict.fromkeys(qrels, 0.0) for measure in measures}
    if qrels:
        # ir_measures hands ids to C code, which reads them up to the first NUL: they are encoded as in the saved files.
        judged = {encoded(query): {encoded(d): g for d, g in grades.items()} for query, grades in qrels.items()}
        found = {encoded(query): {encoded(d): s for d, s in run[query].items()} for query in qrels if run.get(query)}
        for metric in ir_measures.iter_calc(measures, judged, found):
            values[str(metric.measure)][decoded(metric.query_id)] = float(metric.value)
    return values


def means(values: PerQuery) -> dict[str, float]:
    """Mean of each measure over its queries; measures without any are left out."""
    return {name: sum(each.values()) / len(each) for name, each in values.items() if each}


def percentiles(milliseconds: Sequence[float]) -> Mapping[str, float]:
    """p50, p95 and p99 of these latencies, in milliseconds; empty if nothing was timed."""
    if not milliseconds:
        return {}
    found = np.percentile(np.asarray(milliseconds), PERCENTILES)
    return {f"p{percent}": float(value) for percent, value in zip(PERCENTILES, found, strict=True)}
