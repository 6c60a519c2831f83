"""The parts of the tab with the map."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rag.web.frame import Frame, Tab
from rag.web.map.events import MapEvents
from rag.web.opening import Opening
from rag.web.texts.text import Text
from rag.web.turns import QUESTIONS

_PICTURE = "shioriMap.connect(element, trigger, watch); /* 'look' 'place_question' */"
_ASKED = "shioriMap.showQuestion(element, watch);"


def add_map(frame: Frame) -> None:
    """Add the parts to the tab being built. Nothing is drawn before somebody looks."""
    events, quiet = MapEvents(frame.libraries, frame.jobs, frame.turns), frame.quiet
    on_load = str(frame.html["js_on_load"])
    with gr.Row(elem_id="shiori-map", elem_classes="job-tab"):
        with gr.Column(elem_classes="job-main"):
            picture = gr.HTML(elem_id="shiori-map-picture", **frame.html | {"js_on_load": on_load + _PICTURE})
            asked = gr.HTML(elem_id="shiori-map-asked", **frame.html | {"js_on_load": on_load + _ASKED})
        with gr.Column(elem_classes="job-side"):
            source = gr.HTML(elem_id="shiori-map-source", **frame.html)
    at_once: dict[str, Any] = {"queue": False, **quiet}
    which = [frame.chosen, frame.language]
    picture.look(events.look, which, picture, **at_once)
    frame.chose.then(None, js="() => shioriMap.lookAgain()", **quiet)
    picture.place_question(events.place_question, which, asked, trigger_mode="always_last", **QUESTIONS, **quiet)
    for part in (picture, asked, source):
        part.open_place(Opening(frame.libraries).open_place, frame.language, source, **at_once)


TAB = Tab("map", Text(ja="地図", en="Map").said, add_map, extra="eval", styles=("map.css",), scripts=("map.js",))
