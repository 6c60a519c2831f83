"""A tab whose packages are not installed: it says how to get them."""

from __future__ import annotations

import gradio as gr
from markupsafe import Markup

from rag.extras import Extra, install_command
from rag.web.frame import Frame, Tab, browser_language
from rag.web.jobs.views import heading_html
from rag.web.texts import Language
from rag.web.texts.text import Text

_LACKING = Text(
    ja="このタブには追加のパッケージが必要です。次のコマンドで導入し、栞を起動し直してください。",
    en="This tab needs packages that are not installed. Install them, then start Shiori again:",
).said
_HTML = Markup("{}<pre><code>{}</code></pre>")


def add_missing(frame: Frame, tab: Tab, extra: Extra) -> None:
    """Add the one part that a tab has then, which is filled when the page is opened."""

    def start(request: gr.Request) -> str:
        return missing_html(tab, extra, browser_language(request))

    with gr.Row(elem_classes="job-tab"), gr.Column(elem_classes="job-main"):
        part = gr.HTML(elem_id=f"shiori-missing-{tab.name}", **frame.html)
    frame.beginning.add(start, [], [part])


def missing_html(tab: Tab, extra: Extra, language: Language) -> Markup:
    """The tab's name, what it lacks, and the command that installs it."""
    heading = heading_html(tab.label[language], _LACKING[language])
    return _HTML.format(heading, install_command(extra))
