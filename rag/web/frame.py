"""What every tab of the page is given to build itself with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from rag.extras import Extra
from rag.web.beginning import Beginning
from rag.web.jobs.queue import Jobs
from rag.web.libraries import OpenLibraries
from rag.web.principal import Role
from rag.web.roots import NOWHERE, WatchRoots
from rag.web.texts import Language, chosen_language
from rag.web.turns import Turns

HTML: Mapping[str, Any] = {
    "js_on_load": "shiori.connect(element, trigger, watch); /* 'open_place' 'ask_example' 'ask_alone' 'stop' */",
    "apply_default_css": False,
}
"""Options of every ``gr.HTML`` part: its buttons reach the page's script."""
QUIET: Mapping[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
"""Options of every event: no progress of Gradio's over the parts, and no endpoint in the API."""

Parts = dict[str, Any]
"""What a browser shows: contents by the name of the part."""


def changed_parts(now: Mapping[str, Any], shown: Parts) -> Parts:
    """Of the new contents, those that differ from what is shown: the others keep focus and scroll, and cost nothing."""
    return {name: value for name, value in now.items() if name not in shown or shown[name] != value}


def own_secret() -> gr.BrowserState:
    """A value that a browser keeps: the secret by which the server knows what is its own.

    Gradio scrambles it with a key that the page holds anyway; a fixed one lets it outlast a restart of the server.
    """
    return gr.BrowserState("", storage_key="shiori-owner", secret="shiori")  # noqa: S106 (hides nothing)


def browser_language(request: gr.Request) -> Language:
    """The language to speak to the browser a request comes from."""
    return chosen_language(request.headers.get("accept-language"), request.query_params.get("lang"))


@dataclass(frozen=True, slots=True)
class Frame:
    """The page around a tab.

    Attributes:
        page: the Blocks.
        beginning: what fills a tab when the page is opened.
        libraries: those that are served.
        language: set when the page is opened; events of a tab take it as an input.
        chosen: which libraries are asked, and what of them, as an address has it; likewise.
        chooser: where the libraries are chosen.
        chose: the event after which others are; a tab goes on with ``then``.
        turns: of questions, whichever way they come in.
        roots: which folders of the server may be watched.
        may_set: whether administrators may change settings: somebody logs in, or nobody else reaches the server.
        html, quiet: ``HTML`` and ``QUIET``.
        jobs: the line for heavy work; one for all tabs.
        owner: the secret by which the server knows what is this browser's own. It belongs to no tab: the parts of a tab
            come to life only when it is first opened.
        tabs: the one being built, and that which it is in: ``when_shown``.
    """

    page: gr.Blocks
    beginning: Beginning
    libraries: OpenLibraries
    language: gr.State
    chosen: gr.Textbox
    chooser: gr.HTML
    chose: Any
    turns: Turns
    roots: WatchRoots = NOWHERE
    may_set: bool = False
    html: dict[str, Any] = field(default_factory=lambda: dict(HTML))
    quiet: dict[str, Any] = field(default_factory=lambda: dict(QUIET))
    jobs: Jobs = field(default_factory=Jobs)
    owner: gr.BrowserState = field(default_factory=own_secret)
    tabs: tuple[gr.Tab, ...] = ()

    def when_shown(self, handler: Callable[..., Any], inputs: Any, outputs: Any, **options: Any) -> None:
        """Have this done whenever the tab being built is chosen."""
        for tab in self.tabs:
            tab.select(handler, inputs, outputs, **options)


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of the page, as its package exports it.

    Attributes:
        name: its id; part of its elements' ids.
        label: what it is called, by language.
        add: adds its parts to the tab being built.
        extra: what it needs beyond the default packages.
        role: whom it shows for; what happens in it asks for the role itself.
        styles, scripts: files of ``assets/`` of its own.
    """

    name: str
    label: Mapping[Language, str]
    add: Callable[[Frame], None]
    extra: Extra | None = None
    role: Role = "reader"
    styles: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
