"""A tab whose packages are not installed: it says how to get them."""

from __future__ import annotations

import gradio as gr
from markupsafe import Markup

from rag.extras import Extra, install_command
from rag.web.frame import Frame, browser_language
from rag.web.jobs.views import heading_html
from rag.web.texts import Language
from rag.web.texts.missing import MISSING_TEXTS
from rag.web.texts.tabs import TAB_TEXTS

_HTML = Markup("{}<pre><code>{}</code></pre>")


def add_missing(frame: Frame, name: str, extra: Extra) -> None:
    """Add the one part of the tab ``name``, which is filled when the page is opened."""

    def start(request: gr.Request) -> str:
        return missing_html(name, extra, browser_language(request))

    with gr.Row(elem_classes="job-tab"), gr.Column(elem_classes="job-main"):
        part = gr.HTML(elem_id=f"shiori-missing-{name}", **frame.html)
    frame.page.load(start, None, part, queue=False, **frame.quiet)


def missing_html(name: str, extra: Extra, language: Language) -> Markup:
    """The tab's name, what it lacks, and the command that installs it."""
    heading = heading_html(getattr(TAB_TEXTS[language], name), MISSING_TEXTS[language])
    return _HTML.format(heading, install_command(extra))
