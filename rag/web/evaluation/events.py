"""What happens in the tab of evaluations: a dataset comes in, is measured, looked into, compared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

import gradio as gr

from rag.errors import RagError
from rag.web.evaluation import views
from rag.web.evaluation.comparing import labels
from rag.web.evaluation.dataset_events import Chosen, DatasetEvents, libraries_in
from rag.web.evaluation.runs import SYSTEMS, Runs, RunState
from rag.web.frame import browser_language, changed_parts
from rag.web.jobs.events import WorkEvents
from rag.web.jobs.views import error_html, heading_html, note_html, work_name
from rag.web.texts import Language
from rag.web.texts.evaluation import EVALUATION_TEXTS
from rag.web.texts.jobs import JOB_TEXTS

USUAL_LIMIT = 200


class Shown(NamedTuple):
    """What the parts show of the runs so far and of the one chosen."""

    runs: Any = gr.skip()
    progress: Any = gr.skip()
    stop: Any = gr.skip()
    go_on: Any = gr.skip()
    report: Any = gr.skip()
    metrics: Any = gr.skip()
    remove: Any = gr.skip()
    summary: Any = gr.skip()
    comparing: Any = gr.skip()
    compared: Any = gr.skip()
    armed: Any = gr.skip()
    seen: Any = gr.skip()
    timer: Any = gr.skip()


class EvaluationEvents(WorkEvents[Shown]):
    """Handlers of the tab's events; each returns what its outputs show."""

    def __init__(self, datasets: DatasetEvents, runs: Runs) -> None:
        super().__init__(runs, Shown, ({},))
        self._datasets, self._runs = datasets, runs

    def open_page(self, owner: str | None, request: gr.Request) -> tuple[Any, ...]:
        """Everything the tab shows when the page is opened, in the browser's language."""
        language = browser_language(request)
        texts = EVALUATION_TEXTS[language]
        chosen = Chosen(
            upload=gr.update(label=texts.upload),
            loaded="",
            systems=gr.update(label=texts.systems_label, choices=[(texts.systems[name], name) for name in SYSTEMS]),
            limit=gr.update(label=texts.limit_label, info=texts.limit_hint),
            answers=gr.update(label=texts.answers_label),
        )
        comparing = (
            heading_html(texts.compare, texts.compare_intro),
            gr.update(label=texts.baseline_label),
            gr.update(value=texts.compare_start),
        )
        intro, formats = heading_html(texts.title, texts.intro), views.formats_html(texts)
        about = urlencode(request.query_params.multi_items())
        listed = chosen._replace(**self._datasets.listed(owner or "", None, about, language))
        return intro, formats, *listed, *self._newest(owner or "", language), *comparing

    def start(
        self,
        owner: str,
        key: str | None,
        systems: Sequence[str],
        limit: float | None,
        answers: bool,
        about: str,
        language: Language,
    ) -> tuple[Any, ...]:
        """Put an evaluation into the line and show it."""
        try:
            name = self._runs.start(
                owner, key or "", systems, round(limit or 0) or None, bool(answers), language, libraries_in(about)
            )
        except Exception as error:
            problem = error_html(EVALUATION_TEXTS[language].error_start, error, language)
            return *Chosen(loaded=problem), *Shown()
        return *Chosen(loaded=""), *self._show(owner, name, {}, language)

    def choose_runs(self, owner: str, names: Sequence[str], language: Language) -> Any:
        """Offer their systems as baselines, the oldest run's first one first."""
        chosen = self._labelled(owner, names, language)
        choices = labels({label: state.systems for label, state in chosen}, _SEPARATOR)
        return gr.update(choices=choices, value=next(iter(choices), None))

    def compare(self, owner: str, names: Sequence[str], baseline: str | None, language: Language) -> str:
        """Finished runs beside each other."""
        texts = EVALUATION_TEXTS[language]
        chosen = self._labelled(owner, names, language)
        if len(chosen) < 2:
            return note_html(texts.compare_few)
        try:
            by_id = {state.id: label for label, state in chosen}
            known = labels({label: state.systems for label, state in chosen}, _SEPARATOR)
            against = baseline if baseline in known else known[0]
            return views.comparison_html(self._runs.compare(owner, by_id, against, _SEPARATOR), language)
        except Exception as error:
            return error_html(texts.error_compare, error, language)

    def _labelled(self, owner: str, names: Sequence[str], language: Language) -> list[tuple[str, RunState]]:
        """These runs with short labels of their own, the oldest first."""
        done = [state for state in reversed(self._runs.states(owner)) if state.stage == "done"]
        return [(_label(number, state, language), state) for number, state in enumerate(done, 1) if state.id in names]

    def _problem(self, title: str, error: Exception, language: Language) -> str:
        return error_html(title, error, language)

    def _show(self, owner: str, name: str | None, *where: Any) -> Shown:
        """The list of runs and the one of this id; of what is shown already, nothing is sent."""
        seen, language = where
        try:
            states = self._runs.states(owner)
        except RagError as error:
            problem = error_html(JOB_TEXTS[language].error_start, error, language)
            return Shown(**_hidden(problem if name else ""), armed="", seen={})
        state = next((each for each in states if each.id == name), None)
        parts = _hidden("") if state is None else self._of(owner, state, language)
        now = parts | self._lists(states, state, language)
        return Shown(**changed_parts(now, seen), armed=gr.skip() if seen else "", seen=now)

    def _of(self, owner: str, state: RunState, language: Language) -> dict[str, Any]:
        texts, words, is_done = EVALUATION_TEXTS[language], JOB_TEXTS[language], state.stage == "done"
        found = self._runs.summary(owner, state.id) if is_done else None
        report, metrics = self._runs.downloads(owner, state.id) if is_done else (None, None)
        plots = {} if found is None else {name: self._runs.plot(owner, state.id, name) for name in found["plots"]}
        drawn = {name: plot for name, plot in plots.items() if plot is not None}
        return {
            "progress": views.progress_html(state, language),
            "stop": gr.update(value=words.stop, visible=state.is_live, interactive=state.stage != "stopping"),
            "go_on": gr.update(value=words.go_on, visible=state.stage in ("stopped", "failed")),
            "report": gr.update(label=texts.report, value=report, visible=report is not None),
            "metrics": gr.update(label=texts.metrics, value=metrics, visible=metrics is not None),
            "remove": gr.update(value=words.remove, visible=not state.is_live),
            "summary": "" if found is None else views.summary_html(found, drawn, language),
            "timer": gr.update(active=state.is_live),
        }

    def _lists(self, states: Sequence[RunState], chosen: RunState | None, language: Language) -> dict[str, Any]:
        texts = EVALUATION_TEXTS[language]
        lines = [(views.run_line(state, language), state.id) for state in states]
        done = [state for state in reversed(states) if state.stage == "done"]
        numbered = [(_label(number, state, language), state.id) for number, state in enumerate(done, 1)]
        return {
            "runs": gr.update(
                label=texts.runs, choices=lines, value=None if chosen is None else chosen.id, visible=bool(lines)
            ),
            "comparing": gr.update(visible=len(done) > 1),
            "compared": gr.update(label=texts.compare_label, choices=numbered),
        }


_SEPARATOR = " ・ "


def _label(number: int, state: RunState, language: Language) -> str:
    when = datetime.fromtimestamp(state.created).strftime("%m/%d %H:%M")
    return f"#{number} {work_name(state.name, state.libraries, language)} {when}"


def _hidden(progress: str) -> dict[str, Any]:
    hidden = gr.update(visible=False)
    buttons = dict.fromkeys(("stop", "go_on", "report", "metrics", "remove"), hidden)
    return {**buttons, "progress": progress, "summary": "", "timer": gr.update(active=False)}
