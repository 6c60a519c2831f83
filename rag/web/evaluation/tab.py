"""The parts of the tab in which retrieval is measured."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rag.web.evaluation.dataset_events import DatasetEvents
from rag.web.evaluation.datasets import UPLOAD_ENDINGS, Datasets
from rag.web.evaluation.events import USUAL_LIMIT, EvaluationEvents
from rag.web.evaluation.runs import SYSTEMS, Runs
from rag.web.frame import Frame, Tab
from rag.web.texts.evaluation import EVALUATION_TEXTS
from rag.web.texts.jobs import JOB_TEXTS
from rag.web.texts.text import Text

_TICK_SECONDS = 1.0
_USUAL_SYSTEMS = ["dense", "lexical", "hybrid"]


def add_evaluation(frame: Frame) -> None:
    """Add the parts to the tab being built."""
    datasets = Datasets(frame.libraries)
    which_dataset = DatasetEvents(datasets)
    events = EvaluationEvents(which_dataset, Runs(frame.libraries, frame.jobs, datasets))
    html, quiet, owner, about = frame.html, frame.quiet, frame.owner, frame.chosen
    texts, words = EVALUATION_TEXTS["ja"], JOB_TEXTS["ja"]
    armed, seen = gr.State(""), gr.State({})
    timer = gr.Timer(_TICK_SECONDS, active=False)
    with gr.Row(elem_id="shiori-evaluation", elem_classes="job-tab"), gr.Column(elem_classes="job-main"):
        intro = gr.HTML(**html)
        dataset = gr.Dropdown([], label=texts.dataset_label, elem_id="shiori-evaluation-dataset")
        upload = gr.File(
            label=texts.upload,
            file_count="multiple",
            file_types=list(UPLOAD_ENDINGS),
            elem_id="shiori-evaluation-file",
            elem_classes="job-file",
            height=150,
        )
        formats = gr.HTML(**html)
        loaded = gr.HTML(elem_id="shiori-evaluation-loaded", **html)
        with gr.Row(elem_classes="job-actions"):
            remove_dataset = gr.Button(texts.dataset_remove, visible=False, size="sm")
            own_file = gr.DownloadButton(texts.own_download, visible=False, size="sm")
            clear_own = gr.Button(texts.own_clear, visible=False, size="sm")
        systems = gr.CheckboxGroup(
            [(texts.systems[name], name) for name in SYSTEMS],
            value=_USUAL_SYSTEMS,
            label=texts.systems_label,
            elem_classes="choice",
        )
        limit = gr.Number(USUAL_LIMIT, label=texts.limit_label, info=texts.limit_hint, precision=0, minimum=0)
        answers = gr.Checkbox(False, label=texts.answers_label, container=False)
        start = gr.Button(texts.start, variant="primary", interactive=False, elem_id="shiori-evaluation-start")
        runs = gr.Radio([], label=texts.runs, visible=False, elem_id="shiori-evaluation-runs", elem_classes="job-list")
        progress = gr.HTML(elem_id="shiori-evaluation-progress", **html)
        with gr.Row(elem_classes="job-actions"):
            stop = gr.Button(words.stop, visible=False)
            go_on = gr.Button(words.go_on, variant="primary", visible=False)
            report = gr.DownloadButton(texts.report, visible=False)
            metrics = gr.DownloadButton(texts.metrics, visible=False)
            remove = gr.Button(words.remove, visible=False)
        summary = gr.HTML(elem_id="shiori-evaluation-summary", **html)
        with gr.Column(visible=False, elem_id="shiori-evaluation-compare") as comparing:
            compare_intro = gr.HTML(**html)
            compared = gr.CheckboxGroup([], label=texts.compare_label, elem_classes="job-list")
            baseline = gr.Dropdown([], label=texts.baseline_label)
            compare = gr.Button(texts.compare_start)
            comparison = gr.HTML(elem_id="shiori-evaluation-comparison", **html)

    chosen = [dataset, remove_dataset, own_file, clear_own, upload, loaded, systems, limit, answers, start]
    shown = [runs, progress, stop, go_on, report, metrics, remove, summary, comparing, compared, armed, seen, timer]
    at_once: dict[str, Any] = {"queue": False, **quiet}
    labels = [compare_intro, baseline, compare]
    frame.beginning.add(events.open_page, [owner], [intro, formats, *chosen, *shown, *labels])
    upload.upload(which_dataset.upload, [owner, upload, about, frame.language], chosen, **quiet)
    which = [owner, dataset, about, frame.language]
    dataset.input(which_dataset.choose_dataset, which, chosen, **at_once)
    frame.chose.then(which_dataset.choose_dataset, which, chosen, **at_once)
    frame.when_shown(which_dataset.choose_dataset, which, chosen, **at_once)  # what was marked meanwhile
    clear_own.click(which_dataset.clear_own, [owner, dataset, clear_own, about, frame.language], chosen, **at_once)
    remove_dataset.click(which_dataset.remove_dataset, which, chosen, **at_once)
    start.click(
        events.start, [owner, dataset, systems, limit, answers, about, frame.language], [*chosen, *shown], **at_once
    ).then(None, js="() => shiori.bringUp('#shiori-evaluation-progress .job-progress')", **quiet)
    runs.input(events.choose, [owner, runs, frame.language], shown, **at_once)
    place = [owner, runs, seen, frame.language]
    timer.tick(events.look, place, shown, **at_once)
    stop.click(events.stop, place, shown, **at_once)
    go_on.click(events.go_on, place, shown, **at_once)
    remove.click(events.remove, [owner, runs, armed, frame.language], shown, **at_once)
    compared.input(events.choose_runs, [owner, compared, frame.language], baseline, **at_once)
    compare.click(events.compare, [owner, compared, baseline, frame.language], comparison, **quiet)


TAB = Tab("evaluation", Text(ja="評価", en="Evaluation").said, add_evaluation, extra="eval", styles=("evaluation.css",))
