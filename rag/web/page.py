"""The page: its head, its tabs, and the endpoints beside them."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import gradio as gr

from rag.extras import Extra, is_installed
from rag.web.api.operations import add_endpoints
from rag.web.ask.tab import add_ask
from rag.web.ask.views import header_html
from rag.web.batch.tab import add_batch
from rag.web.current import CurrentIndex
from rag.web.documents.tab import add_documents
from rag.web.evaluation.tab import add_evaluation
from rag.web.frame import Frame, browser_language
from rag.web.jobs.folders import new_owner
from rag.web.map.tab import add_map
from rag.web.missing import add_missing
from rag.web.texts import TEXTS
from rag.web.texts.tabs import TAB_TEXTS

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
_STYLES = (
    "theme.css",
    "page.css",
    "answer.css",
    "prose.css",
    "source.css",
    "tools.css",
    "documents.css",
    "jobs.css",
    "batch.css",
    "evaluation.css",
    "map.css",
)
_SCRIPTS = ("script.js", "theme.js", "citations.js", "asking.js", "keys.js", "documents.js", "map.js")
_TABS: dict[str, Callable[[Frame], None]] = {
    "ask": add_ask,
    "documents": add_documents,
    "batch": add_batch,
    "evaluation": add_evaluation,
    "map": add_map,
}
_EXTRAS: dict[str, Extra] = {"evaluation": "eval", "map": "eval"}
"""What tabs need beyond the default."""


def _asset(name: str) -> str:
    return files("rag.web").joinpath("assets", name).read_text(encoding="utf-8")


def page_assets() -> dict[str, Any]:
    """What a server of the page must be given beside it: theme, style and script, none of them from elsewhere."""
    theme = gr.themes.Base(font=list(_FONTS), font_mono=list(_MONO_FONTS))
    style, script = ("".join(_asset(name) for name in names) for names in (_STYLES, _SCRIPTS))
    return {"theme": theme, "head": "".join(("<style>", style, "</style><script>", script, "</script>"))}


def create_page(current: CurrentIndex, log_out: bool = False) -> gr.Blocks:
    """The page over one index, and the named endpoints of its API.

    Args:
        current: the index.
        log_out: whether there is a login to leave.
    """

    def start(owner: str | None, request: gr.Request) -> tuple[Any, ...]:
        language = browser_language(request)
        names = TAB_TEXTS[language]
        labels = (gr.update(label=getattr(names, name)) for name in _TABS)
        return owner or new_owner(), language, header_html(TEXTS[language], log_out), *labels

    page: gr.Blocks
    with gr.Blocks(title="栞 Shiori", analytics_enabled=False, fill_width=True) as page:
        add_endpoints(current)
        frame = Frame(page, current, gr.State(""))
        header = gr.HTML(elem_id="shiori-header", **frame.html)
        with gr.Tabs(elem_id="shiori-tabs"):
            tabs = [_tab(name, add, frame) for name, add in _TABS.items()]
        page.load(start, frame.owner, [frame.owner, frame.language, header, *tabs], queue=False, **frame.quiet)
    return page


def _tab(name: str, add: Callable[[Frame], None], frame: Frame) -> gr.Tab:
    tab: gr.Tab
    with gr.Tab(getattr(TAB_TEXTS["ja"], name), id=name, elem_id=f"shiori-tab-{name}") as tab:
        extra = _EXTRAS.get(name)
        if extra is None or is_installed(extra):
            add(frame)
        else:
            add_missing(frame, name, extra)
    return tab
