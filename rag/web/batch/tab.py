"""The parts of the tab in which a file of questions is answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from rag.batch import INPUT_ENDINGS
from rag.web.batch.batches import Batches
from rag.web.batch.events import LARGEST_K, BatchEvents
from rag.web.frame import Frame, Tab
from rag.web.opening import Opening
from rag.web.texts.batch import BATCH_TEXTS
from rag.web.texts.jobs import JOB_TEXTS
from rag.web.texts.text import Text

_TICK_SECONDS = 1.0
# A table that grows is made anew: who was on a citation stays on it.
_KEEP_FOCUS = """
let last = null;
element.addEventListener("focusin", (event) => (last = event.target.closest("[data-open]")?.dataset.open ?? null));
watch("value", () => {
  if (last === null || document.activeElement !== document.body) return;
  const places = [...element.querySelectorAll("[data-open]")];
  places.find((place) => place.dataset.open === last)?.focus({ preventScroll: true });
});
"""


def add_batch(frame: Frame) -> None:
    """Add the parts to the tab being built."""
    events, html, quiet = BatchEvents(Batches(frame.libraries, frame.jobs)), frame.html, frame.quiet
    owner = frame.owner
    table: dict[str, Any] = html | {"js_on_load": html["js_on_load"] + _KEEP_FOCUS}
    texts, words = BATCH_TEXTS["ja"], JOB_TEXTS["ja"]
    page, armed, seen = gr.State(0), gr.State(""), gr.State({})
    timer = gr.Timer(_TICK_SECONDS, active=False)
    with gr.Row(elem_id="shiori-batch", elem_classes="job-tab"):
        with gr.Column(elem_classes="job-main"):
            intro = gr.HTML(**html)
            upload = gr.File(
                label=texts.upload,
                file_types=list(INPUT_ENDINGS),
                elem_id="shiori-batch-file",
                elem_classes="job-file",
                height=150,
            )
            understood = gr.HTML(elem_id="shiori-batch-understood", **html)
            ending = gr.Radio(_choices(texts.formats), value=".xlsx", label=texts.format_label, elem_classes="choice")
            with gr.Accordion(texts.more_options, open=False, elem_classes="job-more") as more:
                mode = gr.Radio(_choices(texts.modes), value="hybrid", label=texts.mode_label, elem_classes="choice")
                k = gr.Slider(1, LARGEST_K, 10, step=1, label=texts.passages_label)
                column = gr.Textbox(label=texts.column_label, info=texts.column_hint, max_lines=1)
                llm = gr.Checkbox(label="LLM", value=False, visible=False)
            start = gr.Button(texts.start, variant="primary", interactive=False, elem_id="shiori-batch-start")
            files = gr.Radio(
                [], label=texts.files, visible=False, elem_id="shiori-batch-files", elem_classes="job-list"
            )
            progress = gr.HTML(elem_id="shiori-batch-progress", **html)
            with gr.Row(elem_classes="job-actions"):
                stop = gr.Button(words.stop, visible=False)
                go_on = gr.Button(words.go_on, variant="primary", visible=False)
                download = gr.DownloadButton(texts.download, visible=False)
                remove = gr.Button(words.remove, visible=False)
            results = gr.HTML(elem_id="shiori-batch-results", **table)
            with gr.Row(elem_classes="job-actions pager"):
                turns = [gr.Button(visible=False) for _ in range(4)]
        with gr.Column(elem_classes="job-side"):
            source = gr.HTML(elem_id="shiori-batch-source", **html)

    chosen = [upload, understood, ending, more, mode, k, column, llm, start]
    shown = [files, progress, stop, go_on, download, remove, results, *turns, page, armed, seen, timer]
    at_once: dict[str, Any] = {"queue": False, **quiet}
    look: dict[str, Any] = {
        "fn": events.read,
        "inputs": [upload, column, frame.language],
        "outputs": [understood, start],
    }
    gr.on([upload.upload, upload.clear, column.submit, column.blur], **look, **quiet)
    frame.beginning.add(events.open_page, [owner], [intro, *chosen, *shown])
    options = [upload, ending, mode, k, column, llm]
    start.click(events.start, [owner, *options, frame.chosen, frame.language], [*chosen, *shown], **quiet).then(
        None, js="() => shiori.bringUp('#shiori-batch-progress .job-progress')", **quiet
    )
    files.input(events.choose, [owner, files, frame.language], shown, **at_once)
    place = [owner, files, page, seen, frame.language]
    timer.tick(events.look, place, shown, **at_once)
    stop.click(events.stop, place, shown, **at_once)
    go_on.click(events.go_on, place, shown, **at_once)
    remove.click(events.remove, [owner, files, armed, frame.language], shown, **at_once)
    for button, turned in zip(turns, (_first, _previous, _next, _last), strict=True):
        button.click(turned, page, page, **at_once).then(events.look, place, shown, **at_once)
    opening = Opening(frame.libraries).open_place
    for part in (results, source):
        part.open_place(opening, frame.language, source, **at_once)


TAB = Tab("batch", Text(ja="一括", en="Batch").said, add_batch, styles=("batch.css",))


def _choices(names: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(label, value) for value, label in names.items()]


def _first(_page: int) -> int:
    return 0


def _previous(page: int) -> int:
    return max(0, page - 1)


def _next(page: int) -> int:
    return page + 1


def _last(_page: int) -> int:
    return -1
