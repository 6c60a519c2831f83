"""The tab of settings: each with its origin, no secret, for administrators alone; and whether the LLM answers."""

from __future__ import annotations

from contextvars import copy_context
from pathlib import Path

import gradio as gr
import pytest

from rag.prose import client
from rag.prose.client import ChatError
from rag.settings import Settings, origins_of
from rag.web.current import CurrentIndex
from rag.web.libraries import OpenLibraries
from rag.web.principal import Principal, enter
from rag.web.settings import events as events_module
from rag.web.settings.events import SettingsEvents
from rag.web.settings.views import GROUPS, settings_html
from rag.web.texts import LANGUAGES
from rag.web.texts.settings import SETTINGS_TEXTS

from .doubles import FakeEngine


def events_of(settings: Settings) -> SettingsEvents:
    return SettingsEvents(OpenLibraries(CurrentIndex(FakeEngine, settings=settings)))  # type: ignore[arg-type]


def test_every_setting_stands_in_one_group_and_is_described_in_each_language() -> None:
    named = [name for names in GROUPS.values() for name in names]
    assert sorted(named) == sorted(Settings.model_fields)
    for language in LANGUAGES:
        texts = SETTINGS_TEXTS[language]
        assert set(texts.descriptions) == set(named) and all(texts.descriptions.values())
        assert set(texts.groups) == set(GROUPS)


def test_each_setting_tells_where_it_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rag.toml").write_text('k = 7\nmode = "dense"\nllm_model = "a"\n', encoding="utf-8")
    monkeypatch.setenv("RAG_MODE", "lexical")
    origins = origins_of(Settings.load(llm_model="b", max_file_mb=5))
    assert [origins[name] for name in ("k", "mode", "llm_model", "max_file_mb", "reader")] == [
        *("file", "environment", "given", "given", "default")
    ]


def test_no_secret_is_shown() -> None:
    settings = Settings(llm_key="geheim", oidc_client_secret="verborgen", llm_url="https://user:geheim@llm.example/v1")  # type: ignore[arg-type]
    html = str(settings_html(settings, origins_of(settings), "en"))
    assert "geheim" not in html and "verborgen" not in html
    assert html.count("set (not shown)") == 2 and "https://…@llm.example/v1" in html


def test_only_administrators_see_settings_and_try_the_llm() -> None:
    events = events_of(Settings(llm_url="http://localhost:1/v1"))

    def as_editor() -> None:
        enter({}, Principal("e", role="editor"))
        for handler in (events.look, events.test):
            with pytest.raises(gr.Error):
                handler("en")

    copy_context().run(as_editor)
    shown, button = events.look("en")
    assert "localhost:1" in shown and button["visible"]
    assert not events_of(Settings()).look("en")[1]["visible"]


def test_the_llm_is_tried_with_words_of_our_own_and_what_comes_back_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    events = events_of(Settings(llm_url="http://llm.example/v1", llm_timeout=600))

    def answer(server: client.ChatServer, messages: list[client.Message]) -> str:
        assert (server.timeout, server.retries) == (20, 0)
        sent.extend(message.content for message in messages)
        return "<b>shiori</b>"

    monkeypatch.setattr(events_module, "complete_chat", answer)
    html = events.test("en")
    assert "llm.example) answered in" in html and "&lt;b&gt;shiori" in html and len(sent) == 1

    def fail(*_: object) -> str:
        raise ChatError("key-refused")

    monkeypatch.setattr(events_module, "complete_chat", fail)
    assert "鍵（API キー）を受け付けません" in events.test("ja") and 'role="alert"' in events.test("ja")
