"""The tables a paper would hold, on a terminal; the report shows the same cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from rag.counting import counted
from rag.evaluation.comparison import SIGNIFICANCE
from rag.evaluation.measures import percentiles

if TYPE_CHECKING:
    from rag.evaluation.result import Evaluation

ANSWERS = ("EM", "F1", "gold_EM", "gold_F1", "found", "cited")
REFUSALS = ("AUROC", "refusal_F1", "unanswerable_refused", "answerable_refused", "ECE")
LOWER_IS_BETTER = frozenset({"answerable_refused", "ECE", "ms p50", "ms p95", "ms p99"})
BETTER, WORSE = "▲", "▼"
_PLAIN_WIDTH = 160


@dataclass(frozen=True, slots=True)
class Cell:
    """A number as printed, whether it is the best of its column, and how it differs from the baseline."""

    text: str
    best: bool = False
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: a title, column names, and a row of cells for each system."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


def sheets(evaluation: Evaluation) -> list[Sheet]:
    """Retrieval, answers, refusals and cost, as far as they were measured."""
    apart = (*ANSWERS, *REFUSALS)
    retrieval = [measure for measure in evaluation.measures if measure not in apart]
    groups = [("Retrieval", retrieval)]
    groups += [(title, [m for m in names if m in evaluation.measures]) for title, names in _APART]
    scored = [_sheet(evaluation, title, names) for title, names in groups if names]
    return [*scored, _cost(evaluation)]


_APART = (("Answers", ANSWERS), ("Refusals", REFUSALS))


def _sheet(evaluation: Evaluation, title: str, measures: Sequence[str]) -> Sheet:
    columns = [_cells(evaluation, measure) for measure in measures]
    rows = ((name, tuple(column[place] for column in columns)) for place, name in enumerate(evaluation.scores))
    return Sheet(title, tuple(measures), tuple(rows))


def _cells(evaluation: Evaluation, measure: str) -> list[Cell]:
    values = [scores.get(measure) for scores in evaluation.scores.values()]
    texts = ["–" if value is None else _number(measure, value) for value in values]
    best = _best(measure, values, texts)
    marks = (_mark(evaluation, name, measure) for name in evaluation.scores)
    return [Cell(text, text in best, mark) for text, mark in zip(texts, marks, strict=True)]


def _number(measure: str, value: float) -> str:
    return f"{value:.0f}" if measure.startswith("chars@") else f"{value:.4f}"


def _best(measure: str, values: Sequence[float | None], texts: Sequence[str]) -> set[str]:
    """The best number as printed; none where there is nothing to compare or no direction is better."""
    known = [(value, text) for value, text in zip(values, texts, strict=True) if value is not None]
    if len(known) < 2 or measure.startswith(("chars@", "passages")):
        return set()
    return {(min if measure in LOWER_IS_BETTER else max)(known)[1]}


def _mark(evaluation: Evaluation, name: str, measure: str) -> str:
    found = evaluation.differences.get(name, {}).get(measure)
    if found is None or not found.significant or measure.startswith("chars@"):
        return ""
    return BETTER if found.difference > 0 else WORSE


def _cost(evaluation: Evaluation) -> Sheet:
    timed = [percentiles(result.milliseconds) for result in evaluation.results.values()]
    columns = tuple(f"ms {name}" for name in ("p50", "p95", "p99"))
    by_column = []
    for column in columns:
        values = [each.get(column.removeprefix("ms ")) for each in timed]
        texts = ["–" if value is None else f"{value:.1f}" for value in values]
        best = _best(column, values, texts)
        by_column.append([Cell(text, text in best) for text in texts])
    rows = (
        (name, (*(column[place] for column in by_column), Cell(f"{result.passages:,}")))
        for place, (name, result) in enumerate(evaluation.results.items())
    )
    return Sheet("Cost", (*columns, "passages"), tuple(rows))


def notes(evaluation: Evaluation) -> Iterator[str]:
    """What must be known to read the tables, a sentence each."""
    dataset = evaluation.dataset
    unit = "passages as given" if dataset.protocol == "passages" else "documents through our own chunking"
    yield f"{dataset.name}: {len(dataset.queries):,} queries over {len(dataset.documents):,} {unit}."
    without = len(dataset.queries) - len(dataset.judged)
    if without:
        yield f"Left out of the retrieval means: {counted(without, 'query', 'queries')} with nothing relevant to find."
    if evaluation.differences:
        yield (
            f"{BETTER} better, {WORSE} worse than {evaluation.baseline}: paired randomisation test, two-sided, "
            f"p < {SIGNIFICANCE} after Holm's correction over the systems."
        )
    elif evaluation.baseline is None:
        yield "The baseline failed, so nothing was compared with it."
    timed = max((len(result.milliseconds) for result in evaluation.results.values()), default=0)
    if timed:
        yield f"ms: time of one search for 10 hits, over {timed:,} queries one after the other, model and index warm."


def print_tables(evaluation: Evaluation, console: Console) -> None:
    """Prints all tables and their notes."""
    for sheet in sheets(evaluation):
        table = Table(title=sheet.title, title_justify="left", title_style="bold", header_style="")
        table.add_column("system", overflow="fold", min_width=min(24, max(len(name) for name, _ in sheet.rows)))
        for place, column in enumerate(sheet.columns):
            widest = max(len(cells[place].text + cells[place].mark) for _, cells in sheet.rows)
            table.add_column(column.replace("_", " "), justify="right", min_width=widest)
        for name, cells in sheet.rows:
            table.add_row(name, *(Text(cell.text + cell.mark, style="bold" if cell.best else "") for cell in cells))
        console.print(table)
    for note in notes(evaluation):
        console.print(note, markup=False, highlight=False)


def plain_table(evaluation: Evaluation) -> str:
    """The same without colours."""
    text = StringIO()
    print_tables(evaluation, Console(file=text, width=_PLAIN_WIDTH, no_color=True, force_terminal=False))
    return text.getvalue()
