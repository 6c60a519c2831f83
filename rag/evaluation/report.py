"""Files of an evaluation: metrics, runs, qrels, per-query values, plots, and one HTML page with all of it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from functools import partial
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from rag.errors import StorageError
from rag.evaluation import judging
from rag.evaluation.failures import worst
from rag.evaluation.result import Evaluation
from rag.evaluation.table import ANSWERS, notes, sheets
from rag.files import replace_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

METRICS, QRELS, PER_QUERY, REPORT = "metrics.json", "qrels", "per_query.csv", "report.html"


def save(evaluation: Evaluation, folder: Path) -> list[Path]:
    """Writes all files into ``folder`` and returns them.

    ``metrics.json``; ``qrels`` and ``NAME.run`` for trec_eval; ``per_query.csv``, a line for each system and query;
    ``bars.png``, ``differences.png`` and ``reliability.png`` where there is something to draw; ``report.html``.

    Raises:
        StorageError: if one cannot be written.
    """
    from rag.evaluation import plots

    files: dict[str, bytes] = {
        METRICS: (json.dumps(evaluation.to_dict(), ensure_ascii=False, indent=2) + "\n").encode(),
        QRELS: judging.qrels_text(evaluation.qrels).encode("utf-8", "surrogatepass"),
        PER_QUERY: per_query_csv(evaluation).encode("utf-8", "surrogatepass"),
    }
    for name, run in evaluation.runs.items():
        files[f"{name}.run"] = judging.run_text(run, name).encode("utf-8", "surrogatepass")
    drawings = figures(evaluation)
    files |= {f"{name}.png": plots.png(figure) for name, figure in drawings.items()}
    files[REPORT] = html(evaluation, drawings).encode("utf-8", "backslashreplace")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"The folder cannot be made: {error.strerror or error}.", path=folder) from None
    for name, content in files.items():
        replace_file(folder / name, content, durable=False)
    return [folder / name for name in files]


def per_query_csv(evaluation: Evaluation) -> str:
    """``system,query,question,relevant`` and every measure; blank where a measure does not apply to a query."""
    text = StringIO()
    measures = list(dict.fromkeys(chain.from_iterable(evaluation.values.values())))
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["system", "query", "question", "relevant", *measures])
    for name, values in evaluation.values.items():
        for query in evaluation.dataset.queries:
            numbers = (values.get(measure, {}).get(query.id) for measure in measures)
            cells = ("" if number is None else f"{number:.6g}" for number in numbers)
            table.writerow([name, query.id, query.text, len(query.relevant), *cells])
    return text.getvalue()


def figures(evaluation: Evaluation) -> dict[str, Figure]:
    """Plots by file name without the ending."""
    from rag.evaluation import plots

    shares = [
        measure
        for measure in evaluation.measures
        if not measure.startswith("chars@")
        and all(0 <= each.get(measure, 0) <= 1 for each in evaluation.scores.values())
    ]
    drawings = {"bars": plots.bars(evaluation.scores, shares)} if shares else {}
    measure = first_measure(evaluation)
    others = list(evaluation.differences)
    if others and measure and evaluation.baseline:
        values = {name: each.get(measure, {}) for name, each in evaluation.values.items()}
        drawings["differences"] = plots.differences(values, evaluation.baseline, measure, others)
    if evaluation.refusals:
        drawings["reliability"] = plots.reliability(evaluation.refusals)
    return drawings


def first_measure(evaluation: Evaluation) -> str | None:
    """The measure that per-query differences and failures are shown in."""
    wanted = [measure for measure in evaluation.options.get("measures", []) if measure in evaluation.measures]
    return next(iter([*wanted, *(measure for measure in ANSWERS if measure in evaluation.measures)]), None)


def html(evaluation: Evaluation, drawings: dict[str, Figure]) -> str:
    """The report: one page that needs no other file."""
    from rag.evaluation import plots

    environment = Environment(
        loader=PackageLoader("rag.evaluation"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    measure = first_measure(evaluation)
    failing: Callable[[str], object] = partial(_failing, evaluation, measure)
    return environment.get_template("report.html").render(
        evaluation=evaluation,
        measure=measure,
        sheets=sheets(evaluation),
        notes=list(notes(evaluation)),
        drawings={name: Markup(plots.svg(figure)) for name, figure in drawings.items()},  # noqa: S704 (matplotlib escapes)
        failures={name: failing(name) for name in evaluation.results},
        details=evaluation.to_dict(),
    )


def _failing(evaluation: Evaluation, measure: str | None, system: str) -> object:
    return worst(evaluation, system, measure) if measure else []
