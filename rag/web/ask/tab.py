"""The parts of the tab in which questions are asked, and what happens when one is asked or a place is opened."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rag.web.ask.events import Events
from rag.web.ask.marking import Marking
from rag.web.ask.nearby import Nearby
from rag.web.frame import Frame, Tab
from rag.web.keeping import Keeping
from rag.web.texts import JAPANESE
from rag.web.texts.text import Text
from rag.web.turns import QUESTIONS

_ON_LOAD = """shiori.connect(element, trigger, watch, props); /* 'open_place' 'ask_example' 'ask_alone' 'ask_link'
    'stop' 'choose' 'source_options' 'similar' 'close_similar' 'around' 'go_home' 'show_kept' 'mark' 'unmark'
    'keep_answer' */"""


def add_ask(frame: Frame) -> None:
    """Add the parts to the tab being built."""
    events, nearby, quiet = Events(frame.libraries, frame.turns), Nearby(frame.libraries, frame.turns), frame.quiet
    marking, saving = Marking(frame.libraries), Keeping(frame.libraries)
    html = {**frame.html, "js_on_load": _ON_LOAD}
    history = gr.State([])
    chosen, chooser, changed = frame.chosen, frame.chooser, gr.State(False)
    with gr.Row(elem_id="shiori-bar"):
        with gr.Row(elem_id="shiori-ask"):
            question = gr.Textbox(
                lines=1,
                max_lines=8,
                label=JAPANESE.question_label,
                elem_id="shiori-question",
                container=False,
                scale=1,
                autofocus=True,
            )
            button = gr.Button(JAPANESE.ask, variant="primary", elem_id="shiori-submit", scale=0)
        with gr.Row(elem_id="shiori-tools"):
            filters = gr.HTML(elem_id="shiori-filters", **html)
            earlier = gr.HTML(elem_id="shiori-history", **html)
    chips = gr.HTML(elem_id="shiori-chips", **html)
    use_llm = gr.Checkbox(label="LLM", value=False, visible=False, container=False, elem_id="shiori-llm")
    with gr.Row(elem_id="shiori-work"):
        with gr.Column(elem_id="shiori-main"):
            prose = gr.HTML(elem_id="shiori-prose", **html)
            answer = gr.HTML(elem_id="shiori-answer", **html)
            doubtful = gr.HTML(elem_id="shiori-doubtful", **html)
            actions = gr.HTML(elem_id="shiori-actions", **html)
            marked = gr.HTML(elem_id="shiori-marked", **html)
            similar = gr.HTML(elem_id="shiori-similar", **html)
            passages = gr.HTML(elem_id="shiori-passages", **html)
            around = gr.HTML(elem_id="shiori-around", **html)
        with gr.Column(elem_id="shiori-side"):
            source = gr.HTML(elem_id="shiori-source", **html)
    footer = gr.HTML(elem_id="shiori-footer", **html)
    options = gr.HTML(elem_id="shiori-source-options", **html)
    floats = gr.HTML(elem_id="shiori-floats", **html)

    page_parts = [question, chosen, chooser, filters, chips, button, earlier, use_llm, answer, footer, floats]
    frame.beginning.add(events.start, [], page_parts, first=True)

    inputs = [question, frame.language, use_llm, history, chosen]
    linked_inputs = [question, frame.language, history, chosen]
    results = [prose, answer, doubtful, actions, similar, passages, source, history]
    # A new question ends the one that is being answered.
    asking: dict[str, Any] = {"trigger_mode": "multiple", **QUESTIONS, **quiet}
    gr.on([question.submit, button.click], events.ask, inputs, results, **asking)
    answer.ask_example(events.example_question, None, question, queue=False, **quiet).then(
        events.ask, inputs, results, **asking
    )
    for part in (prose, answer):
        part.ask_alone(events.question_alone, None, [question, history], queue=False, **quiet).then(
            events.ask, inputs, results, **asking
        )
    linked: dict[str, Any] = {
        "fn": events.linked_question,
        "inputs": frame.language,
        "outputs": [question, chosen, chooser, filters, chips, button, history],
        "queue": False,
    }
    for part in (answer, earlier):
        part.ask_link(**linked, **quiet).then(events.ask_linked, linked_inputs, results, **asking)
    # The browser has kept what it shows again; the server is told what it is.
    answer.show_kept(None, None, results[:-1], js="() => shiori.keptParts()", **quiet)
    answer.show_kept(**linked, **quiet)
    answer.go_home(events.go_home, chosen, page_parts, queue=False, **quiet).then(
        events.leave, None, results, queue=False, **quiet
    )
    # Gradio cannot end a step that is under way; whoever closes the page ends it this way.
    frame.page.unload(events.stop)
    prose.stop(events.stop, None, None, queue=False, **quiet)
    now_chosen = [chosen, filters, chips, button, changed]
    for part in (filters, chips, answer, passages):
        part.choose(events.choose, [frame.language, chosen], now_chosen, queue=False, **quiet).then(
            events.ask_again, [changed, *inputs[1:]], results, **asking
        )
    frame.chose.then(events.choose_libraries, [frame.language, chosen], now_chosen[1:], queue=False, **quiet).then(
        events.ask_again, [changed, *inputs[1:]], results, **asking
    )
    filters.source_options(events.source_options, [frame.language, chosen], options, queue=False, **quiet)
    for part in (prose, answer, doubtful, similar, passages, source):
        part.open_place(events.open_place, frame.language, source, queue=False, **quiet)
    for part in (similar, passages):
        part.similar(nearby.similar, frame.language, similar, **QUESTIONS, **quiet)
        part.around(nearby.around, frame.language, around, queue=False, **quiet)
    for part in (actions, similar, passages):
        part.mark(marking.mark, [frame.language, chosen], marked, queue=False, **quiet)
    actions.keep_answer(saving.keep, [frame.language, chosen], marked, queue=False, **quiet)
    marked.unmark(marking.unmark, [frame.language, chosen], marked, queue=False, **quiet)
    similar.close_similar(nearby.close_similar, None, similar, queue=False, **quiet)


TAB = Tab(
    "ask",
    Text(ja="質問", en="Ask").said,
    add_ask,
    styles=("marking.css", "exporting.css"),
    scripts=("marking.js", "proposed.js", "exporting.js", "saved.js"),
)
