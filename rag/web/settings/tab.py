"""The parts of the tab of settings."""

from __future__ import annotations

import gradio as gr

from rag.web.frame import Frame, Tab
from rag.web.settings.events import SettingsEvents
from rag.web.texts.settings import SETTINGS_TEXTS
from rag.web.texts.text import Text


def add_settings(frame: Frame) -> None:
    """Add the parts to the tab being built. They are filled when somebody looks."""
    events, html, quiet = SettingsEvents(frame.libraries), frame.html, frame.quiet
    with gr.Row(elem_id="shiori-settings", elem_classes="job-tab"), gr.Column(elem_classes="job-main"):
        with gr.Row(elem_classes="job-actions"):
            test = gr.Button(SETTINGS_TEXTS["ja"].test, visible=False)
        tested = gr.HTML(elem_id="shiori-settings-tested", **html)
        shown = gr.HTML(elem_id="shiori-settings-list", **html)
    if frame.tab is not None:
        frame.tab.select(events.look, frame.language, [shown, test], queue=False, **quiet)
    test.click(events.begin, frame.language, tested, queue=False, **quiet).then(
        events.test, frame.language, tested, **quiet
    )


TAB = Tab(
    "settings",
    Text(ja="設定", en="Settings").said,
    add_settings,
    role="administrator",
    styles=("settings.css",),
)
