"""The parts of the tab in which questions are asked, and what happens when one is asked or a place is opened."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rag.web.ask.events import Events
from rag.web.frame import Frame
from rag.web.texts import JAPANESE


def add_ask(frame: Frame) -> None:
    """Add the parts to the tab being built."""
    events, html, quiet = Events(frame.desk), frame.html, frame.quiet
    history = gr.State([])
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
    hint = gr.HTML(elem_id="shiori-hint", **html)
    use_llm = gr.Checkbox(label="LLM", value=False, visible=False, container=False, elem_id="shiori-llm")
    with gr.Row(elem_id="shiori-work"):
        with gr.Column(elem_id="shiori-main"):
            prose = gr.HTML(elem_id="shiori-prose", **html)
            answer = gr.HTML(elem_id="shiori-answer", **html)
            doubtful = gr.HTML(elem_id="shiori-doubtful", **html)
            passages = gr.HTML(elem_id="shiori-passages", **html)
        with gr.Column(elem_id="shiori-side"):
            source = gr.HTML(elem_id="shiori-source", **html)
    footer = gr.HTML(elem_id="shiori-footer", **html)

    inputs = [question, frame.language, use_llm, history]
    results = [prose, answer, doubtful, passages, source, history]
    # A new question ends the one that is being answered; most of the time they wait for an LLM.
    asking: dict[str, Any] = {"trigger_mode": "multiple", "concurrency_limit": 8, **quiet}
    frame.page.load(events.start, None, [question, button, hint, use_llm, answer, footer], queue=False, **quiet)
    gr.on([question.submit, button.click], events.ask, inputs, results, **asking)
    answer.ask_example(events.example_question, None, question, queue=False, **quiet).then(
        events.ask, inputs, results, **asking
    )
    for part in (prose, answer):
        part.ask_alone(events.question_alone, None, [question, history], queue=False, **quiet).then(
            events.ask, inputs, results, **asking
        )
    prose.stop(events.stop, None, None, queue=False, **quiet)
    for part in (prose, answer, doubtful, passages, source):
        part.open_place(events.open_place, frame.language, source, queue=False, **quiet)
