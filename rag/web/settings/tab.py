"""The parts of the tab of settings."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rag.web.frame import Frame, Tab
from rag.web.settings.events import SettingsEvents
from rag.web.texts.text import Text

_ON_LOAD = """shioriDocuments.connect(element, trigger, watch, upload);
/* 'change_llm' 'try_llm' 'change_search' 'change_synonyms' */"""


def add_settings(frame: Frame) -> None:
    """Add the parts to the tab being built. They are filled when somebody looks."""
    events, quiet, language = SettingsEvents(frame.libraries, may_change=frame.may_set), frame.quiet, frame.language
    html: dict[str, Any] = {**frame.html, "js_on_load": _ON_LOAD}
    typed = gr.State({})
    with gr.Row(elem_id="shiori-settings", elem_classes="job-tab"), gr.Column(elem_classes="job-main"):
        heading = gr.HTML(elem_id="shiori-settings-heading", **html)
        llm = gr.HTML(elem_id="shiori-settings-llm", **html)
        tested = gr.HTML(elem_id="shiori-settings-tested", **html)
        search = gr.HTML(elem_id="shiori-settings-search", **html)
        synonyms = gr.HTML(elem_id="shiori-settings-synonyms", **html)
        listed = gr.HTML(elem_id="shiori-settings-list", **html)
    at_once: dict[str, Any] = {"queue": False, **quiet}
    frame.when_shown(events.look, language, [heading, llm, tested, search, synonyms, listed], **at_once)
    llm.change_llm(events.change_llm, language, [llm, tested, listed], **at_once)
    llm.try_llm(events.begin, language, [tested, typed], **at_once).then(
        events.test, [language, typed], tested, **quiet
    )
    search.change_search(events.change_search, language, [search, listed], **at_once)
    synonyms.change_synonyms(events.change_synonyms, language, [synonyms, listed], **at_once)


TAB = Tab(
    "settings",
    Text(ja="設定", en="Settings").said,
    add_settings,
    role="administrator",
    styles=("settings.css",),
)
