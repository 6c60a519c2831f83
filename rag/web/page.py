"""The page: its head, its tabs, and the endpoints beside them."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import gradio as gr
from gradio.events import api

from rag.errors import RagError
from rag.web.ask.tab import add_ask
from rag.web.ask.views import header_html
from rag.web.desk import Desk
from rag.web.frame import Frame, browser_language
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
_STYLES = ("theme.css", "page.css", "answer.css", "prose.css", "source.css")
_TABS: dict[str, Callable[[Frame], None]] = {"ask": add_ask}


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
    page: gr.Blocks
    with gr.Blocks(title="栞 Shiori", analytics_enabled=False, fill_width=True) as page:
        _add_endpoints(desk)
        frame = Frame(page, desk, gr.State(""))
        header = gr.HTML(elem_id="shiori-header", **frame.html)
        with gr.Tabs(elem_id="shiori-tabs"):
            tabs = [_tab(name, add, frame) for name, add in _TABS.items()]
        page.load(_start, None, [frame.language, header, *tabs], queue=False, **frame.quiet)
    return page


def _tab(name: str, add: Callable[[Frame], None], frame: Frame) -> gr.Tab:
    tab: gr.Tab
    with gr.Tab(getattr(TAB_TEXTS["ja"], name), id=name, elem_id=f"shiori-tab-{name}") as tab:
        add(frame)
    return tab


def _start(request: gr.Request) -> tuple[Any, ...]:
    language = browser_language(request)
    names = TAB_TEXTS[language]
    return language, header_html(TEXTS[language]), *(gr.update(label=getattr(names, name)) for name in _TABS)


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
