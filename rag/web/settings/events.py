"""What happens when an administrator looks at the settings, and tries the LLM's server."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import gradio as gr
from markupsafe import Markup

from rag.answer.prose import Notice
from rag.errors import RagError
from rag.prose import ChatServer
from rag.prose.client import ChatError, Message, complete_chat
from rag.prose.words import notice_words
from rag.settings import Settings, origins_of
from rag.web import audit
from rag.web.jobs.views import busy_html, error_html
from rag.web.libraries import OpenLibraries
from rag.web.rights import needs
from rag.web.settings.views import settings_html, tested_html
from rag.web.texts import Language
from rag.web.texts.settings import SETTINGS_TEXTS

_WORDS = "Reply with the word: shiori"
_MOST_TOKENS, _SECONDS = 16, 20.0
_SHOWN_CHARS = 80


class SettingsEvents:
    """Handlers of these events. Where settings come from is told when the server starts: files may change later."""

    def __init__(self, libraries: OpenLibraries) -> None:
        self._libraries = libraries
        given = libraries.default.settings
        self._origins = origins_of(given) if given is not None else None

    def _settings(self) -> Settings:
        return self._libraries.settings

    @needs("administrator")
    def look(self, language: Language) -> tuple[Markup, Any]:
        """All settings, and whether there is a server to be tried."""
        texts = SETTINGS_TEXTS[language]
        try:
            settings = self._settings()
            shown = settings_html(settings, self._origins or origins_of(settings), language)
        except RagError as error:
            return error_html(texts.title, error, language), gr.skip()
        return shown, gr.update(value=texts.test, visible=bool(settings.llm_url))

    def begin(self, language: Language) -> Markup:
        """While the server is waited for."""
        return busy_html(SETTINGS_TEXTS[language].testing)

    @needs("administrator")
    def test(self, language: Language) -> Markup:
        """Whether the LLM's server answers. Nothing of the documents is sent."""
        texts = SETTINGS_TEXTS[language]
        audit.record("administration", what="try_llm")
        try:
            server = ChatServer.from_settings(self._settings())
        except RagError as error:
            return error_html(texts.title, error, language)
        if server is None:
            return Markup()
        try:
            brief = replace(server, max_tokens=_MOST_TOKENS, retries=0, timeout=min(server.timeout, _SECONDS))
            began = time.monotonic()
            answer = complete_chat(brief, [Message("user", _WORDS)])
        except ChatError as error:
            return tested_html(notice_words(Notice(error.code, error.detail), server.host, language), failed=True)
        words = texts.tested.format(host=server.host, seconds=time.monotonic() - began)
        return tested_html(words, answer.strip()[:_SHOWN_CHARS])
