"""Evaluations as HTML: how far they are, tables, plots, failures, comparisons. Pure functions; nothing is read here."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from markupsafe import Markup

from rag.evaluation import Dataset, Difference
from rag.web.evaluation.comparing import Compared, Comparison
from rag.web.evaluation.runs import RunState, Step
from rag.web.html.templates import Template
from rag.web.jobs.views import note_html, problem_html, progress_panel, time_left, work_name
from rag.web.texts import Language
from rag.web.texts.evaluation import EVALUATION_TEXTS, EvaluationTexts
from rag.web.texts.jobs import JOB_TEXTS

_html = Template("evaluation/views.html")
_SHOWN_REFUSALS = 5
_BETTER, _WORSE = "▲", "▼"
_CHARACTERS = "chars@"


def formats_html(texts: EvaluationTexts) -> Markup:
    """What can be uploaded, folded away."""
    return _html.formats(texts)


def loaded_html(dataset: Dataset, texts: EvaluationTexts) -> Markup:
    """What was read from an uploaded dataset."""
    facts = texts.loaded.format(name=dataset.name, queries=len(dataset.queries), documents=len(dataset.documents))
    some = [str(refusal) for refusal in dataset.refusals[:_SHOWN_REFUSALS]]
    return _html.loaded(facts, _html.refused(some, len(dataset.refusals), texts))


def run_line(state: RunState, language: Language) -> str:
    """One line about a run, for the list of them."""
    texts = EVALUATION_TEXTS[language]
    return texts.run_line.format(
        name=work_name(state.name, state.libraries, language),
        when=datetime.fromtimestamp(state.created).strftime("%m/%d %H:%M"),
        systems=texts.list_separator.join(state.systems),
        limit=texts.all_questions if state.limit is None else texts.some_questions.format(limit=state.limit),
        stage=JOB_TEXTS[language].stages[state.stage],
    )


def progress_html(state: RunState, language: Language) -> Markup:
    """How far a run is."""
    texts, words = EVALUATION_TEXTS[language], JOB_TEXTS[language]
    said, body, step = texts.preparing, Markup(), state.step
    if state.stage == "waiting":
        body = note_html(words.ahead.format(ahead=state.ahead))
    elif step is not None:
        said = _step(step, state, texts)
        body = _html.at(said, _left(step, language))
    elif state.stage == "running":
        body = note_html(texts.preparing)
    elif state.stage == "stopped":
        body = note_html(words.stopped_note)
    elif state.stage == "failed":
        body = problem_html(words.error_failed, "" if state.error else words.error_internal, state.error)
    done, total = (step.done, step.total) if step is not None else (int(state.stage == "done"), 1)
    name = work_name(state.name, state.libraries, language)
    return progress_panel(name, state.stage, done, total, said, body, words)


def _left(step: Step, language: Language) -> str:
    return time_left(step.seconds_left(), JOB_TEXTS[language]) if step.done < step.total else ""


def _step(step: Step, state: RunState, texts: EvaluationTexts) -> str:
    """``hybrid: search`` names a system and what it does; steps of building an index name none."""
    system, _, what = step.what.rpartition(": ")
    known = texts.steps.get(what or step.what, what or step.what)
    if system not in state.systems:
        return f"{known} {step.done:,} / {step.total:,}" if step.total else known
    place = state.systems.index(system) + 1
    return texts.step.format(
        system=system, place=place, count=len(state.systems), what=known, done=step.done, total=step.total
    )


def summary_html(found: Mapping[str, Any], plots: Mapping[str, bytes], language: Language) -> Markup:
    """Tables, plots and failures of a finished run.

    Args:
        found: as ``summary`` gives it.
        plots: PNG files by name.
        language: the page's.
    """
    texts = EVALUATION_TEXTS[language]
    pictures = [
        (texts.plot_titles[name], b64encode(plots[name]).decode(), plot_text(name, found, texts))
        for name in found["plots"]
        if name in plots
    ]
    return _html.summary(found, _facts(found, texts), pictures, texts)


def _facts(found: Mapping[str, Any], texts: EvaluationTexts) -> list[str]:
    dataset = found["dataset"]
    notes = [texts.facts.format(queries=dataset["queries"], documents=dataset["documents"])]
    if dataset["judged"] < dataset["queries"]:
        notes.append(texts.unjudged.format(count=dataset["queries"] - dataset["judged"]))
    notes.append(texts.interval)
    if found["differences"]:
        notes.append(texts.marks.format(baseline=found["baseline"]))
    return [*notes, texts.cost]


def plot_text(plot: str, found: Mapping[str, Any], texts: EvaluationTexts) -> str:
    """A plot in words, with the numbers it shows of the first measure."""
    measure = str(found["measure"])
    if plot == "differences":
        parts = [
            f"{name}: {texts.difference.format(**_numbers(each[measure]))}"
            for name, each in found["differences"].items()
            if measure in each
        ]
    else:
        parts = [f"{row['system']} {cell['text']}" for row, cell in _column(found, measure)]
    return texts.plot_texts[plot].format(
        measure=measure, baseline=found["baseline"], values=texts.list_separator.join(parts)
    )


def _column(found: Mapping[str, Any], measure: str) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    return [
        (row, row["cells"][sheet["columns"].index(measure)])
        for sheet in found["sheets"]
        if measure in sheet["columns"]
        for row in sheet["rows"]
    ]


def _numbers(difference: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "difference": difference["difference"],
        "p": difference["corrected"],
        "better": difference["better"],
        "worse": difference["worse"],
    }


def comparison_html(comparison: Comparison, language: Language) -> Markup:
    """Systems of several runs, each with its difference from the baseline."""
    texts = EVALUATION_TEXTS[language]
    notes = [texts.compared.format(queries=comparison.queries), texts.interval]
    notes.append(texts.marks.format(baseline=comparison.baseline))
    rows = [(row.label, [_compared(row, each, texts) for each in comparison.measures]) for row in comparison.rows]
    return _html.comparison(comparison, notes, rows, texts)


def _compared(row: Compared, measure: str, texts: EvaluationTexts) -> tuple[str, Any, tuple[float, float] | None]:
    """A mean, its difference from the baseline's, and its interval, as a cell shows them."""
    if measure not in row.means:
        return "–", None, None
    plain = measure.startswith(_CHARACTERS)
    number = f"{row.means[measure]:.0f}" if plain else f"{row.means[measure]:.4f}"
    difference = row.differences.get(measure)
    shown = None if difference is None else _difference(difference, plain, texts)
    return number, shown, None if plain else row.intervals[measure]


def _difference(difference: Difference, plain: bool, texts: EvaluationTexts) -> dict[str, str]:
    return {
        "mark": "" if plain or not difference.significant else _BETTER if difference.difference > 0 else _WORSE,
        "said": texts.difference.format(**_numbers(difference.to_dict())),
        "delta": f"{difference.difference:+.0f}" if plain else f"{difference.difference:+.4f}",
    }
