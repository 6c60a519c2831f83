"""The page: its head, its tabs, and the endpoints beside them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import gradio as gr

from rag.extras import is_installed
from rag.web.api.endpoints import add_endpoints
from rag.web.ask import tab as ask
from rag.web.ask.views import header_html
from rag.web.batch import tab as batch
from rag.web.beginning import Beginning
from rag.web.choosing import Choosing
from rag.web.current import CurrentIndex
from rag.web.documents import tab as documents
from rag.web.evaluation import tab as evaluation
from rag.web.frame import HTML, QUIET, Frame, Tab, browser_language
from rag.web.html.filters import Filters
from rag.web.html.templates import asset
from rag.web.jobs.folders import new_owner
from rag.web.libraries import OpenLibraries
from rag.web.map import tab as map_tab
from rag.web.missing import add_missing
from rag.web.principal import current_principal
from rag.web.roots import NOWHERE, WatchRoots
from rag.web.saved import tab as saved
from rag.web.settings import tab as settings
from rag.web.texts import TEXTS
from rag.web.texts.text import Text
from rag.web.turns import Turns

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
    *("theme.css", "page.css", "answer.css", "prose.css", "drawing.css", "source.css", "originals.css", "tools.css"),
    "jobs.css",
)
_SCRIPTS = (
    *("script.js", "theme.js", "citations.js", "filters.js", "addresses.js", "asking.js", "connection.js", "keys.js"),
    *("finding.js", "originals.js"),
)
_CHOOSER_ON_LOAD = "shiori.connect(element, trigger, watch); /* 'choose' */"
_TABS: tuple[Tab, ...] = (ask.TAB, documents.TAB, batch.TAB, saved.TAB, settings.TAB)
"""In their order; a new tab is one more."""
_MORE: tuple[Tab, ...] = (evaluation.TAB, map_tab.TAB)
"""Those that few need: they stand in one, which is the last."""
_MORE_LABEL = Text(ja="その他", en="More").said


def page_assets() -> dict[str, Any]:
    """What a server of the page must be given beside it: theme, style and script, none of them from elsewhere."""
    theme = gr.themes.Base(font=list(_FONTS), font_mono=list(_MONO_FONTS))
    tabs = (*_TABS, *_MORE)
    style = "".join(asset(name) for name in (*_STYLES, *(name for tab in tabs for name in tab.styles)))
    script = "".join(asset(name) for name in (*_SCRIPTS, *(name for tab in tabs for name in tab.scripts)))
    head = ("<style>", style, "</style><script>", script, "</script>")
    return {"theme": theme, "head": "".join(head)}


def create_page(
    current: CurrentIndex,
    turns: Turns | None = None,
    log_out: bool = False,
    libraries: OpenLibraries | None = None,
    roots: WatchRoots = NOWHERE,
    may_set: bool = False,
) -> gr.Blocks:
    """The page over the libraries, and the named endpoints of its API.

    Args:
        current: the index of the default library.
        turns: of questions, shared with other ways in.
        log_out: whether there is a login to leave.
        libraries: that index and those of the other libraries, shared with other ways in.
        roots: which folders of the server may be watched.
        may_set: whether administrators may change settings.
    """
    libraries = libraries or OpenLibraries(current)
    choosing = Choosing(libraries)

    def start(owner: str | None, request: gr.Request) -> tuple[Any, ...]:
        language = browser_language(request)
        tabs = (*_TABS, *_MORE)
        labels = [gr.update(label=tab.label[language], visible=current_principal().may(tab.role)) for tab in tabs]
        more = gr.update(label=_MORE_LABEL[language])
        header = header_html(TEXTS[language], log_out, current_principal().role)
        filters = Filters.from_query(urlencode(request.query_params.multi_items()))
        return (
            owner or new_owner(),
            language,
            header,
            filters.to_query(),
            choosing.part(filters, language),
            *labels,
            more,
        )

    page: gr.Blocks
    with gr.Blocks(title="栞 Shiori", analytics_enabled=False, fill_width=True) as page:
        language, chosen = gr.State(""), gr.Textbox(visible=False)
        with gr.Row(elem_id="shiori-head"):
            header = gr.HTML(elem_id="shiori-header", **HTML)
            chooser = gr.HTML(elem_id="shiori-libraries", **{**HTML, "js_on_load": _CHOOSER_ON_LOAD})
        chose = chooser.choose(choosing.choose, [language, chosen], [chosen, chooser], queue=False, **QUIET)
        frame = Frame(page, Beginning(), libraries, language, chosen, chooser, chose, turns or Turns(), roots, may_set)
        add_endpoints(libraries, frame.turns)
        with gr.Tabs(elem_id="shiori-tabs"):
            parts = [_tab(tab, frame) for tab in _TABS]
            with gr.Tab(_MORE_LABEL["ja"], id="more", elem_id="shiori-tab-more") as more:
                with gr.Tabs(elem_id="shiori-more"):
                    parts += [_tab(tab, frame, more) for tab in _MORE]
                more.select(None, js=f"() => shiori.moreChosen('{_MORE[0].name}')", **frame.quiet)
            parts.append(more)
        frame.beginning.add(start, [frame.owner], [frame.owner, language, header, chosen, chooser, *parts], first=True)
        frame.beginning.listen(page, **frame.quiet)
    return page


def _tab(tab: Tab, frame: Frame, *within: gr.Tab) -> gr.Tab:
    part: gr.Tab
    with gr.Tab(tab.label["ja"], id=tab.name, elem_id=f"shiori-tab-{tab.name}") as part:
        if tab.extra is None or is_installed(tab.extra):
            tab.add(replace(frame, tabs=(part, *within)))
        else:
            add_missing(frame, tab, tab.extra)
    if not within:
        part.select(None, js=f"() => shiori.tabChosen('{tab.name}')", **frame.quiet)
    return part
