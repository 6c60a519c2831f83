"""Evaluations as HTML: how far they are, tables, plots, failures, comparisons. Pure functions; nothing is read here."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rag.evaluation import Dataset, Difference
from rag.web.evaluation.comparing import Compared, Comparison
from rag.web.evaluation.runs import RunState, Step
from rag.web.html.markup import attribute, to_html
from rag.web.jobs.views import note_html, problem_html, progress_panel, time_left
from rag.web.texts import Language
from rag.web.texts.evaluation import EVALUATION_TEXTS, EvaluationTexts
from rag.web.texts.jobs import JOB_TEXTS

_BETTER, _WORSE = "▲", "▼"
_CHARACTERS = "chars@"


def formats_html(texts: EvaluationTexts) -> str:
    """What can be uploaded, folded away."""
    items = "".join(f"<li>{to_html(each)}</li>" for each in texts.formats)
    return f'<details class="formats"><summary>{to_html(texts.formats_title)}</summary><ul>{items}</ul></details>'


def loaded_html(dataset: Dataset, texts: EvaluationTexts) -> str:
    """What was read from an uploaded dataset."""
    facts = texts.loaded.format(name=dataset.name, queries=len(dataset.queries), documents=len(dataset.documents))
    refused = _refused([str(each) for each in dataset.refusals[:5]], len(dataset.refusals), texts)
    return f'<section class="understood" role="status"><h3>{to_html(facts)}</h3>{refused}</section>'


def _refused(some: Sequence[str], count: int, texts: EvaluationTexts) -> str:
    if not count:
        return ""
    items = "".join(f'<li lang="en">{to_html(each)}</li>' for each in some)
    return (
        f'<details class="refused"><summary>{to_html(texts.refused.format(count=count))}</summary>'
        f"<ul>{items}</ul></details>"
    )


def run_line(state: RunState, language: Language) -> str:
    """One line about a run, for the list of them."""
    texts = EVALUATION_TEXTS[language]
    return texts.run_line.format(
        name=state.name,
        when=datetime.fromtimestamp(state.created).strftime("%m/%d %H:%M"),
        systems=texts.list_separator.join(state.systems),
        limit=texts.all_questions if state.limit is None else texts.some_questions.format(limit=state.limit),
        stage=JOB_TEXTS[language].stages[state.stage],
    )


def progress_html(state: RunState, language: Language) -> str:
    """How far a run is."""
    texts, words = EVALUATION_TEXTS[language], JOB_TEXTS[language]
    said, body, step = texts.preparing, "", state.step
    if state.stage == "waiting":
        body = note_html(words.ahead.format(ahead=state.ahead))
    elif step is not None:
        said = _step(step, state, texts)
        body = f'<p class="job-facts"><strong>{to_html(said)}</strong></p>{note_html(_left(step, language))}'
    elif state.stage == "running":
        body = note_html(texts.preparing)
    elif state.stage == "stopped":
        body = note_html(words.stopped_note)
    elif state.stage == "failed":
        body = problem_html(words.error_failed, "" if state.error else words.error_internal, state.error)
    done, total = (step.done, step.total) if step is not None else (int(state.stage == "done"), 1)
    return progress_panel(state.name, state.stage, done, total, said, body, words)


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


def summary_html(found: Mapping[str, Any], plots: Mapping[str, bytes], language: Language) -> str:
    """Tables, plots and failures of a finished run.

    Args:
        found: as ``summary`` gives it.
        plots: PNG files by name.
        language: the page's.
    """
    texts = EVALUATION_TEXTS[language]
    tables = "".join(_sheet(sheet, found, texts) for sheet in found["sheets"])
    return (
        f'<section class="evaluation"><h3>{to_html(texts.results)}</h3>{_facts(found, texts)}{tables}'
        f"{_plots(found, plots, texts)}{_failures(found, texts)}</section>"
    )


def _facts(found: Mapping[str, Any], texts: EvaluationTexts) -> str:
    dataset = found["dataset"]
    notes = [texts.facts.format(queries=dataset["queries"], documents=dataset["documents"])]
    if dataset["judged"] < dataset["queries"]:
        notes.append(texts.unjudged.format(count=dataset["queries"] - dataset["judged"]))
    notes.append(texts.interval)
    if found["differences"]:
        notes.append(texts.marks.format(baseline=found["baseline"]))
    notes.append(texts.cost)
    failed = "".join(
        f'<p class="not-evaluated">{to_html(texts.not_evaluated.format(system=name, error=error))}</p>'
        for name, error in found["failed"].items()
    )
    refused = _refused(dataset["refused"], dataset["refused_count"], texts)
    return "".join(map(note_html, notes)) + refused + failed


def _sheet(sheet: Mapping[str, Any], found: Mapping[str, Any], texts: EvaluationTexts) -> str:
    title = texts.sheets.get(sheet["title"], sheet["title"])
    rows = "".join(
        f'<tr><th scope="row">{_system(row["system"], found["baseline"], texts)}</th>'
        f"{''.join(_cell(cell, column) for cell, column in zip(row['cells'], sheet['columns'], strict=True))}</tr>"
        for row in sheet["rows"]
    )
    return _table(title, sheet["columns"], rows, texts)


def _table(title: str, columns: Sequence[str], rows: str, texts: EvaluationTexts) -> str:
    heads = "".join(f'<th scope="col">{to_html(column.replace("_", " "))}</th>' for column in columns)
    return (
        f'<div class="sheet" role="region" tabindex="0" aria-label="{attribute(title)}"><table>'
        f"<caption>{to_html(title)}</caption>"
        f'<thead><tr><th scope="col">{to_html(texts.system)}</th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _system(name: str, baseline: str | None, texts: EvaluationTexts) -> str:
    return to_html(name) + (f' <span class="base">{to_html(texts.baseline)}</span>' if name == baseline else "")


def _cell(cell: Mapping[str, Any], column: str) -> str:
    number = f"<strong>{to_html(cell['text'])}</strong>" if cell["best"] else to_html(cell["text"])
    has_interval = cell["low"] is not None and not column.startswith(_CHARACTERS)
    interval = f"<small>{_interval(cell['low'], cell['high'])}</small>" if has_interval else ""
    return f"<td>{number}{_mark(cell['mark'])}{interval}</td>"


def _interval(low: float, high: float) -> str:
    return f"[{low:.3f}, {high:.3f}]"


def _mark(mark: str, title: str = "") -> str:
    if not mark:
        return ""
    return f'<span class="{"up" if mark == _BETTER else "down"}" title="{attribute(title)}">{mark}</span>'


def _plots(found: Mapping[str, Any], plots: Mapping[str, bytes], texts: EvaluationTexts) -> str:
    figures = "".join(
        f"<figure><figcaption>{to_html(texts.plot_titles[name])}</figcaption>"
        f'<img src="data:image/png;base64,{b64encode(plots[name]).decode()}" '
        f'alt="{attribute(plot_text(name, found, texts))}"></figure>'
        for name in found["plots"]
        if name in plots
    )
    return f"<h3>{to_html(texts.plots)}</h3>{figures}" if figures else ""


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


def _failures(found: Mapping[str, Any], texts: EvaluationTexts) -> str:
    if found["measure"] is None:
        return ""
    intro = texts.failures_intro.format(measure=found["measure"])
    systems = "".join(
        f"<details><summary>{to_html(name)}</summary>{_failures_of(failures, found['measure'], texts)}</details>"
        for name, failures in found["failures"].items()
    )
    return f'<div class="failures"><h3>{to_html(texts.failures)}</h3>{note_html(intro)}{systems}</div>'


def _failures_of(failures: Sequence[Mapping[str, Any]], measure: str, texts: EvaluationTexts) -> str:
    if not failures:
        return note_html(texts.no_failures.format(measure=measure))
    return "".join(_failure(each, texts) for each in failures)


def _failure(failure: Mapping[str, Any], texts: EvaluationTexts) -> str:
    values = [texts.value.format(value=failure["value"])]
    values += [texts.others.format(system=name, value=value) for name, value in failure["others"].items()]
    found = _extracts(failure["found"]) or note_html(texts.nothing_found)
    return (
        f"<article><h4>{to_html(failure['question'])}</h4>{note_html(texts.separator.join(values))}"
        f'<div class="beside"><div><h5>{to_html(texts.found)}</h5>{found}</div>'
        f"<div><h5>{to_html(texts.wanted)}</h5>{_extracts(failure['wanted'])}</div></div></article>"
    )


def _extracts(extracts: Sequence[Mapping[str, Any]]) -> str:
    items = "".join(
        f'<li class="{"right" if each["relevant"] else "other"}"><span class="file">{to_html(each["source"])}</span>'
        f"<p>{to_html(each['before'])}{_marked(each)}{to_html(each['after'])}</p></li>"
        for each in extracts
    )
    return f"<ol>{items}</ol>" if items else ""


def _marked(extract: Mapping[str, Any]) -> str:
    """What counts of an extract: marked where there is text around it."""
    words = to_html(extract["marked"])
    return f'<mark class="cited">{words}</mark>' if extract["before"] or extract["after"] else words


def comparison_html(comparison: Comparison, language: Language) -> str:
    """Systems of several runs, each with its difference from the baseline."""
    texts = EVALUATION_TEXTS[language]
    notes = [texts.compared.format(queries=comparison.queries), texts.interval]
    notes.append(texts.marks.format(baseline=comparison.baseline))
    rows = "".join(
        f'<tr><th scope="row">{_system(row.label, comparison.baseline, texts)}</th>'
        f"{''.join(_compared(row, measure, texts) for measure in comparison.measures)}</tr>"
        for row in comparison.rows
    )
    return (
        f'<section class="evaluation comparison" role="status">{"".join(map(note_html, notes))}'
        f"{_table(texts.compare, comparison.measures, rows, texts)}</section>"
    )


def _compared(row: Compared, measure: str, texts: EvaluationTexts) -> str:
    if measure not in row.means:
        return "<td>–</td>"
    plain = measure.startswith(_CHARACTERS)
    number = f"{row.means[measure]:.0f}" if plain else f"{row.means[measure]:.4f}"
    interval = "" if plain else f"<small>{_interval(*row.intervals[measure])}</small>"
    difference = row.differences.get(measure)
    return f"<td>{number}{_difference(difference, plain, texts)}{interval}</td>"


def _difference(difference: Difference | None, plain: bool, texts: EvaluationTexts) -> str:
    if difference is None:
        return ""
    mark = "" if plain or not difference.significant else _BETTER if difference.difference > 0 else _WORSE
    said = texts.difference.format(**_numbers(difference.to_dict()))
    delta = f"{difference.difference:+.0f}" if plain else f"{difference.difference:+.4f}"
    return f'{_mark(mark, said)}<small class="delta" title="{attribute(said)}">{delta}</small>'
