"""The page: its parts, and what happens when a question is asked or a place is opened."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import gradio as gr
from gradio.events import api

from rag.errors import RagError
from rag.web.desk import Desk
from rag.web.events import Events
from rag.web.texts import JAPANESE

_FONTS = (
    "Hiragino Sans",
    "Hiragino Kaku Gothic ProN",
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "Yu Gothic UI",
    "Yu Gothic",
    "Meiryo",
    "system-ui",
    "sans-serif",
)
_MONO_FONTS = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "Noto Sans Mono CJK JP", "monospace")
_STYLES = ("theme.css", "page.css", "answer.css", "prose.css", "source.css")
_ON_LOAD = "shiori.connect(element, trigger, watch); /* 'open_place' 'ask_example' 'ask_alone' 'stop' */"


def _asset(name: str) -> str:
    return files("rag.web").joinpath("assets", name).read_text(encoding="utf-8")


def page_assets() -> dict[str, Any]:
    """What a server of the page must be given beside it: theme, style and script, none of them from elsewhere."""
    theme = gr.themes.Base(font=list(_FONTS), font_mono=list(_MONO_FONTS))
    style = "".join(_asset(name) for name in _STYLES)
    head = f"<style>{style}</style><script>{_asset('script.js')}</script>"
    return {"theme": theme, "head": head}


def create_page(desk: Desk) -> gr.Blocks:
    """The page over one index, and the named endpoints ``ask`` and ``search``."""
    events = Events(desk)
    html: dict[str, Any] = {"js_on_load": _ON_LOAD, "apply_default_css": False}
    page: gr.Blocks
    with gr.Blocks(title="栞 Shiori", analytics_enabled=False, fill_width=True) as page:
        _add_endpoints(desk)
        language = gr.State("")
        history = gr.State([])
        header = gr.HTML(elem_id="shiori-header", **html)
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

        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        inputs = [question, language, use_llm, history]
        results = [prose, answer, doubtful, passages, source, history]
        # A new question ends the one that is being answered; most of the time they wait for an LLM.
        asking: dict[str, Any] = {"trigger_mode": "multiple", "concurrency_limit": 8, **quiet}
        page.load(
            events.start,
            None,
            [language, header, question, button, hint, use_llm, answer, footer],
            queue=False,
            **quiet,
        )
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
            part.open_place(events.open_place, language, source, queue=False, **quiet)
    return page


def _add_endpoints(desk: Desk) -> None:
    def ask(question: str) -> dict[str, Any]:
        """Answer a question from the documents, in the form ``rag ask --json`` prints."""
        try:
            return desk.engine().ask(question).to_dict()
        except RagError as error:
            raise gr.Error(str(error), print_exception=False) from None

    def search(query: str, k: int = 10) -> dict[str, Any]:
        """Find passages for a query, in the form ``rag search --json`` prints."""
        try:
            return desk.engine().search(query, k=k).to_dict()
        except RagError as error:
            raise gr.Error(str(error), print_exception=False) from None

    api(ask, api_name="ask")
    api(search, api_name="search")
