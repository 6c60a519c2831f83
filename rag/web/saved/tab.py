"""The parts of the tab of saved answers."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rag.web.frame import Frame, Tab, browser_language
from rag.web.jobs.views import heading_html
from rag.web.opening import Opening
from rag.web.saved.events import Events, View
from rag.web.texts.saved import SAVED_TEXTS
from rag.web.texts.text import Text

_ON_LOAD = """shiori.connect(element, trigger, watch, props); shioriDocuments.connect(element, trigger, watch, upload);
/* 'open_place' 'open_saved' 'choose_tag' 'change_saved' 'remove_saved' */"""


def add_saved(frame: Frame) -> None:
    """Add the parts to the tab being built."""
    events, quiet = Events(frame.libraries), frame.quiet
    html: dict[str, Any] = {**frame.html, "js_on_load": _ON_LOAD}
    now: dict[str, Any] = {"queue": False, "trigger_mode": "multiple", **quiet}
    view, language = gr.State(View()), frame.language
    with gr.Row(elem_id="shiori-saved", elem_classes="job-tab"):
        with gr.Column(elem_classes="job-main"):
            intro = gr.HTML(**frame.html)
            words = gr.Textbox(
                label=SAVED_TEXTS["ja"].search,
                elem_id="shiori-saved-words",
                container=False,
                max_lines=1,
                max_length=200,
            )
            listed = gr.HTML(elem_id="shiori-saved-list", **html)
        with gr.Column(elem_classes="job-side"):
            source = gr.HTML(elem_id="shiori-saved-source", **frame.html)
    shown = [view, listed]
    frame.beginning.add(_intro, [], [intro])
    frame.beginning.add(events.start, [], [words, *shown])
    frame.when_shown(events.look, [view, language], shown, **now)
    words.change(events.find, [words, view, language], shown, queue=False, trigger_mode="always_last", **quiet)
    listed.choose_tag(events.choose_tag, [view, language], shown, **now)
    listed.open_saved(events.open_saved, [view, language], shown, **now)
    listed.change_saved(events.change_saved, [view, language], shown, **now)
    listed.remove_saved(events.remove_saved, [view, language], shown, **now)
    for part in (listed, source):
        part.open_place(Opening(frame.libraries).open_place, language, source, **now)


def _intro(request: gr.Request) -> str:
    texts = SAVED_TEXTS[browser_language(request)]
    return heading_html(texts.title, texts.intro)


TAB = Tab("saved", Text(ja="栞", en="Saved").said, add_saved, styles=("saved.css",))
