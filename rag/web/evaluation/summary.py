"""What the page shows of an evaluation, as JSON values: it outlasts the evaluation, and the server."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rag.evaluation import Evaluation
from rag.evaluation.failures import Failure, worst
from rag.evaluation.intervals import mean_interval
from rag.evaluation.report import figures, first_measure
from rag.evaluation.table import Cell, sheets

SHOWN_FAILURES = 5
SHOWN_REFUSALS = 5


def summary(evaluation: Evaluation) -> dict[str, Any]:
    """Tables with intervals, significant differences, failures, and which plots there are."""
    dataset, measure = evaluation.dataset, first_measure(evaluation)
    failing = {} if measure is None else {name: worst(evaluation, name, measure) for name in evaluation.results}
    return {
        "dataset": {
            "name": dataset.name,
            "documents": len(dataset.documents),
            "queries": len(dataset.queries),
            "judged": len(dataset.judged),
            "refused": [str(refusal) for refusal in dataset.refusals[:SHOWN_REFUSALS]],
            "refused_count": len(dataset.refusals),
        },
        "baseline": evaluation.baseline,
        "measure": measure,
        "sheets": [
            {
                "title": sheet.title,
                "columns": sheet.columns,
                "rows": [
                    {
                        "system": name,
                        "cells": [
                            _cell(evaluation, name, column, cell)
                            for column, cell in zip(sheet.columns, cells, strict=True)
                        ],
                    }
                    for name, cells in sheet.rows
                ],
            }
            for sheet in sheets(evaluation)
        ],
        "differences": {
            name: {each: found[each].to_dict() for each in found if each == measure}
            for name, found in evaluation.differences.items()
        },
        "plots": list(figures(evaluation)),
        "failures": {name: [_failure(each) for each in found[:SHOWN_FAILURES]] for name, found in failing.items()},
        "failed": {name: str(error) for name, error in evaluation.failures.items()},
    }


def _cell(evaluation: Evaluation, system: str, measure: str, cell: Cell) -> dict[str, Any]:
    values = evaluation.values.get(system, {}).get(measure, {})
    low, high = mean_interval(values.values()) if values else (None, None)
    return {"text": cell.text, "best": cell.best, "mark": cell.mark, "low": low, "high": high}


def _failure(failure: Failure) -> dict[str, Any]:
    return {
        "question": failure.query.text,
        "value": failure.value,
        "others": dict(failure.others),
        "found": [asdict(extract) for extract in failure.found],
        "wanted": [asdict(extract) for extract in failure.wanted],
    }
