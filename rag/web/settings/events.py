"""What happens when an administrator looks at the settings, changes some, and tries the LLM's server."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import gradio as gr
from markupsafe import Markup

from rag.answer.prose import Notice
from rag.errors import RagError
from rag.prose.client import ChatError, Message, complete_chat
from rag.prose.words import notice_words
from rag.web import audit
from rag.web.jobs.views import busy_html, error_html
from rag.web.libraries import OpenLibraries
from rag.web.opening import event_data
from rag.web.rights import needs
from rag.web.settings.changing import LLM, SEARCH, ChangeError, ServerSettings
from rag.web.settings.views import (
    Said,
    heading_html,
    llm_html,
    refusal_words,
    search_html,
    settings_html,
    synonyms_html,
    tested_html,
)
from rag.web.texts import Language
from rag.web.texts.settings import SETTINGS_TEXTS

_WORDS = "Reply with the word: shiori"
_MOST_TOKENS, _SECONDS = 16, 20.0
_SHOWN_CHARS = 80


class SettingsEvents:
    """Handlers of these events.

    Args:
        libraries: those that are served with the settings.
        may_change: whether any can be changed.
    """

    def __init__(self, libraries: OpenLibraries, *, may_change: bool = False) -> None:
        self._settings = ServerSettings(libraries, may_change=may_change)

    @needs("administrator")
    def look(self, language: Language) -> tuple[Any, ...]:
        """Everything: heading, forms of the LLM, the search and the synonyms, no test, all settings."""
        texts = SETTINGS_TEXTS[language]
        try:
            heading = heading_html(self._settings, language)
            forms = (llm_html(self._settings, language), "", search_html(self._settings, language))
            return heading, *forms, synonyms_html(self._settings, language), self._list(language)
        except RagError as error:
            return error_html(texts.title, error, language), "", "", "", "", ""

    @needs("administrator")
    def change_llm(self, language: Language, event: gr.EventData) -> tuple[Any, ...]:
        """Have another LLM server: the form, no test, all settings."""
        form, shown = self._change(LLM, llm_html, SETTINGS_TEXTS[language].saved_llm, language, event)
        return form, "", shown

    @needs("administrator")
    def change_search(self, language: Language, event: gr.EventData) -> tuple[Any, ...]:
        """Have other defaults of the search: the form, all settings."""
        return self._change(SEARCH, search_html, SETTINGS_TEXTS[language].saved, language, event)

    @needs("administrator")
    def change_synonyms(self, language: Language, event: gr.EventData) -> tuple[Any, ...]:
        """Have other synonyms: the form, all settings."""
        data = event_data(event)
        text = str(data.get("synonyms", ""))
        try:
            self._settings.change_synonyms(text, str(data.get("was", "")))
        except (ChangeError, RagError) as error:
            said = Said(refusal_words(error, language), failed=True)
            return synonyms_html(self._settings, language, said, text), gr.skip()
        said = Said(SETTINGS_TEXTS[language].saved)
        return synonyms_html(self._settings, language, said), self._list(language)

    def begin(self, language: Language, event: gr.EventData) -> tuple[Markup, dict[str, str]]:
        """While the server is waited for: that, and what was typed."""
        return busy_html(SETTINGS_TEXTS[language].testing), _typed(LLM, event)

    @needs("administrator")
    def test(self, language: Language, typed: dict[str, str]) -> Markup:
        """Whether the LLM's server answers, as its address and model are typed. Nothing of the documents is sent."""
        texts = SETTINGS_TEXTS[language]
        try:
            server = self._settings.server_of(typed)
        except (ChangeError, RagError) as error:
            return tested_html(refusal_words(error, language), failed=True)
        if server is None:
            return tested_html(texts.no_address, failed=True)
        audit.record("administration", what="try_llm", server=server.host)
        try:
            brief = replace(server, max_tokens=_MOST_TOKENS, retries=0, timeout=min(server.timeout, _SECONDS))
            began = time.monotonic()
            answer = complete_chat(brief, [Message("user", _WORDS)])
        except ChatError as error:
            return tested_html(notice_words(Notice(error.code, error.detail), server.host, language), failed=True)
        words = texts.tested.format(host=server.host, seconds=time.monotonic() - began)
        return tested_html(words, answer.strip()[:_SHOWN_CHARS])

    def _change(
        self,
        names: tuple[str, ...],
        form_html: Callable[..., Markup],
        saved: str,
        language: Language,
        event: gr.EventData,
    ) -> tuple[Any, ...]:
        """Change these settings, or tell why not beside what was typed."""
        typed = _typed(names, event)
        try:
            self._settings.change(typed)
        except (ChangeError, RagError) as error:
            said = Said(refusal_words(error, language), failed=True)
            return form_html(self._settings, language, said, typed), gr.skip()
        return form_html(self._settings, language, Said(saved)), self._list(language)

    def _list(self, language: Language) -> Markup:
        return settings_html(self._settings.values, self._settings.origins, language)


def _typed(names: tuple[str, ...], event: gr.EventData) -> dict[str, str]:
    return {name: str(given) for name, given in event_data(event).items() if name in names}
