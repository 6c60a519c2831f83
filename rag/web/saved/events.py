"""What happens in the tab of saved answers."""

from __future__ import annotations

import logging
import unicodedata
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr
from markupsafe import Markup

from rag.errors import RagError
from rag.web.frame import browser_language
from rag.web.keeping import Kept, SavedShelf, tags_in
from rag.web.libraries import OpenLibraries
from rag.web.opening import event_data
from rag.web.saved import views
from rag.web.texts import TEXTS, Language
from rag.web.texts.saved import SAVED_TEXTS

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class View:
    """Which saved answers are shown: those with these words and this tag, and which of them is open."""

    words: str = ""
    tag: str = ""
    open: tuple[str, str] = ("", "")


class Events:
    """Handlers of these events; each returns what its outputs show."""

    def __init__(self, libraries: OpenLibraries) -> None:
        self._shelf = SavedShelf(libraries)

    def start(self, request: gr.Request) -> tuple[Any, ...]:
        """The tab, when the page is opened or the tab chosen."""
        language = browser_language(request)
        texts = SAVED_TEXTS[language]
        return gr.update(label=texts.search, placeholder=texts.search), *self._shown(View(), language)

    def look(self, view: View, language: Language) -> tuple[View, Markup]:
        """What is saved by now."""
        return self._shown(view, language)

    def find(self, words: str, view: View, language: Language) -> tuple[View, Markup]:
        """Those with these words."""
        return self._shown(replace(view, words=words[:200], open=("", "")), language or "ja")

    def choose_tag(self, view: View, language: Language, event: gr.EventData) -> tuple[View, Markup]:
        """Those with a tag, or all."""
        return self._shown(replace(view, tag=str(event_data(event).get("tag", "")), open=("", "")), language)

    def open_saved(self, view: View, language: Language, event: gr.EventData) -> tuple[View, Markup]:
        """One as it was; the open one is closed."""
        which = _which(event)
        return self._shown(replace(view, open=("", "") if which == view.open else which), language)

    def change_saved(self, view: View, language: Language, event: gr.EventData) -> tuple[View, Markup]:
        """Another note and other tags."""
        data = event_data(event)
        kept = self._shelf.get(*view.open)
        if kept is not None:
            tags = tags_in(str(data.get("tags", "")))
            self._shelf.put(kept.library, kept.answer.noted(str(data.get("note", "")), tags))
        return self._shown(view, language)

    def remove_saved(self, view: View, language: Language) -> tuple[View, Markup]:
        """Forget the one that is open."""
        if view.open[1]:
            self._shelf.remove(*view.open)
        return self._shown(replace(view, open=("", "")), language)

    def _shown(self, view: View, language: Language) -> tuple[View, Markup]:
        view, texts = view or View(), SAVED_TEXTS[language]
        try:
            there = self._shelf.all()
        except RagError as error:
            log.warning("%s", error)
            return view, views.wrong_html(str(error))
        tags = sorted({tag for kept in there for tag in kept.answer.tags})
        found = [kept for kept in there if _fits(kept, view)]
        shown = next((kept for kept in found if (kept.library, kept.answer.id) == view.open), None)
        opened = views.saved_html(shown, self._shelf.standings(shown.answer), TEXTS[language]) if shown else Markup()
        return view, views.list_html(found, len(there), tags, view.tag, view.open, opened, texts)


def _which(event: gr.EventData) -> tuple[str, str]:
    data = event_data(event)
    return str(data.get("library", "")), str(data.get("id", ""))


def _fits(kept: Kept, view: View) -> bool:
    answer = kept.answer
    text = _folded("\n".join([answer.question, answer.text, answer.note, *answer.tags]))
    return (not view.tag or view.tag in answer.tags) and all(word in text for word in _folded(view.words).split())


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
