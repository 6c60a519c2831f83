"""The tab of settings: each with its origin, no secret, for administrators alone; what they change, and whether the LLM
answers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextvars import copy_context
from pathlib import Path
from typing import Any
from unittest.mock import patch

import gradio as gr
import pytest

from rag import Engine, Libraries
from rag.building import build_documents
from rag.corpus import Document
from rag.prose import client
from rag.prose.client import ChatError
from rag.settings import Settings, origins_of
from rag.web import audit
from rag.web.app import Access, create_server
from rag.web.current import CurrentIndex
from rag.web.gate.accounts import Accounts
from rag.web.libraries import OpenLibraries
from rag.web.principal import Principal, enter
from rag.web.settings import events as events_module
from rag.web.settings.changing import digest
from rag.web.settings.events import SettingsEvents
from rag.web.settings.views import GROUPS, settings_html
from rag.web.texts import LANGUAGES
from rag.web.texts.settings import SETTINGS_TEXTS

from .doubles import FakeEngine

Noted = Callable[[], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("settings")
    texts = {"rules.txt": "年次休暇は二十日である。", "phone.txt": "電話は内線を使う。"}
    documents = [Document(source, "", text, "ja") for source, text in texts.items()]
    build_documents(documents, folder, Settings(), whole=True)
    return folder


def events_of(settings: Settings) -> SettingsEvents:
    return SettingsEvents(OpenLibraries(CurrentIndex(FakeEngine, settings=settings)), may_change=True)  # type: ignore[arg-type]


def typed(**values: str) -> gr.EventData:
    """What the browser sends of a form."""
    event = gr.EventData(None, values)
    assert event._data == values
    return event


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that a server is started in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def noted(folder: Path) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What stands in the audit log of changes."""
    audit.open_log(Settings(audit_log=folder / "audit.log"))
    yield lambda: [
        line
        for line in map(json.loads, (folder / "audit.log").read_text(encoding="utf-8").splitlines())
        if line["action"] == "settings-changed"
    ]
    audit.close_log()


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


def test_only_administrators_see_settings_change_them_and_try_the_llm(folder: Path) -> None:
    events = events_of(Settings(llm_url="http://localhost:1/v1"))

    def as_editor() -> None:
        enter({}, Principal("e", role="editor"))
        refused: list[Callable[[], object]] = [
            lambda: events.look("en"),
            lambda: events.test("en", {}),
            lambda: events.change_llm("en", typed(llm_url="")),
            lambda: events.change_search("en", typed(k="3")),
            lambda: events.change_synonyms("en", typed(synonyms="")),
        ]
        for handler in refused:
            with pytest.raises(gr.Error):
                handler()

    copy_context().run(as_editor)
    assert not (folder / "rag.toml").exists()
    assert "localhost:1" in events.look("en")[1]


def test_the_llm_is_tried_with_words_of_our_own_and_what_comes_back_is_escaped(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    (folder / "rag.toml").write_text('llm_url = "http://llm.example/v1"\nllm_timeout = 600\n', encoding="utf-8")
    events = events_of(Settings.load())

    def answer(server: client.ChatServer, messages: list[client.Message]) -> str:
        assert (server.timeout, server.retries) == (20, 0)
        sent.extend(message.content for message in messages)
        return "<b>shiori</b>"

    monkeypatch.setattr(events_module, "complete_chat", answer)
    address = {"llm_url": "http://llm.example/v1"}
    html = events.test("en", address)
    assert "llm.example) answered in" in html and "&lt;b&gt;shiori" in html and len(sent) == 1
    assert "Write an address" in events.test("en", {"llm_url": " "})
    assert "http://localhost:11434/v1 のように" in events.test("ja", {"llm_url": "llm.example"}) and len(sent) == 1

    def fail(*_: object) -> str:
        raise ChatError("key-refused")

    monkeypatch.setattr(events_module, "complete_chat", fail)
    assert "鍵（API キー）を受け付けません" in events.test("ja", address)
    assert 'role="alert"' in events.test("ja", address)


def test_what_is_changed_holds_at_once_and_at_the_next_start(folder: Path, noted: Noted, index: Path) -> None:
    (folder / "rag.toml").write_text(
        '# ours\nk = 7 # enough\nreader = "none"\n\n[oidc_roles]\nstaff = "reader"\n', encoding="utf-8"
    )
    (folder / "rag.toml").chmod(0o600)
    settings = Settings.load(index=index)
    current = CurrentIndex(lambda: Engine.open(index, current.settings), index, settings)
    before = current.engine()
    libraries = OpenLibraries(current)
    events = SettingsEvents(libraries, may_change=True)
    form, listed = events.change_search("en", typed(k="３", mode="lexical", min_confidence="0.9"))
    assert "Saved." in form and listed.count("origin-file") == 5
    engine = current.engine()
    assert engine.snapshot is before.snapshot and len(engine.search("休暇は何日ですか").hits) <= 3
    assert (engine.settings.k, engine.settings.mode, engine.settings.min_confidence) == (3, "lexical", 0.9)
    assert libraries.settings.k == 3
    text = (folder / "rag.toml").read_text(encoding="utf-8")
    assert text.startswith("# ours\nk = 3 # enough\n") and text.endswith('[oidc_roles]\nstaff = "reader"\n')
    assert (folder / "rag.toml").stat().st_mode & 0o777 == 0o600
    again = Settings.load()
    assert (again.k, again.mode, again.min_confidence, again.oidc_roles) == (3, "lexical", 0.9, {"staff": "reader"})

    events.change_search("en", typed(k="", mode="lexical", min_confidence=""))
    again = Settings.load()
    assert (again.k, again.mode, again.min_confidence) == (10, "lexical", None) and libraries.settings.k == 10
    assert [line["settings"] for line in noted()] == [["k", "min_confidence", "mode"], ["k", "min_confidence"]]
    events.change_search("en", typed(k="10", mode="lexical"))
    assert len(noted()) == 2


@pytest.mark.parametrize(
    ("given", "ja", "en"),
    [
        ({"k": "0"}, "1 から 1000 まで", "from 1 to 1000"),
        ({"k": "many"}, "1 から 1000 まで", "from 1 to 1000"),
        ({"k": "2.5"}, "1 から 1000 まで", "from 1 to 1000"),
        ({"min_confidence": "nan"}, "0.0 から 1.0 まで", "from 0.0 to 1.0"),
        ({"mode": "best"}, "選び方", "no such choice"),
    ],
)
def test_a_value_that_makes_no_sense_changes_nothing(given: dict[str, str], ja: str, en: str, folder: Path) -> None:
    events = events_of(Settings())
    form, _ = events.change_search("ja", typed(**given))
    assert ja in form and 'role="alert"' in form
    form, _ = events.change_search("en", typed(**given))
    assert en in form and all(f'value="{value}"' in form for name, value in given.items() if name != "mode")
    assert not (folder / "rag.toml").exists()


def test_what_the_environment_or_the_command_gives_cannot_be_changed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_K", "4")
    monkeypatch.setenv("RAG_SYNONYMS", str(folder / "words.txt"))
    (folder / "words.txt").write_text("有給, 年休\n", encoding="utf-8")
    events = events_of(Settings.load(mode="dense"))
    search, synonyms = events.look("en")[3:5]
    assert "Set by the environment (RAG_K)" in search and "Given when the server was started" in search
    assert "readonly" in search and "disabled" in search and ">Save<" in search
    assert "RAG_SYNONYMS" in synonyms and "有給, 年休" in synonyms and ">Save<" not in synonyms
    form, _ = events.change_search("en", typed(k="5"))
    assert "cannot be changed here" in form
    form, _ = events.change_synonyms("en", typed(synonyms="", was=digest("有給, 年休\n")))
    assert "cannot be changed here" in form
    assert (folder / "words.txt").read_text(encoding="utf-8") == "有給, 年休\n" and not (folder / "rag.toml").exists()


def test_nothing_is_changed_where_others_reach_a_server_without_accounts(folder: Path) -> None:
    def may(access: Access) -> bool:
        current = CurrentIndex(FakeEngine, settings=Settings())  # type: ignore[arg-type]
        with patch("rag.web.app.create_page", side_effect=_Asked) as made, pytest.raises(_Asked):
            create_server(current, access)
        return bool(made.call_args.kwargs["may_set"])

    assert may(Access()) and may(Access("0.0.0.0", Accounts("hanako:x", "test")))
    assert not may(Access("0.0.0.0")) and not may(Access(root_path="/shiori"))
    events = SettingsEvents(OpenLibraries(CurrentIndex(FakeEngine, settings=Settings())))  # type: ignore[arg-type]
    heading, *forms = events.look("en")
    assert "asks for no password" in heading and forms[:4] == ["", "", "", ""] and "min_confidence" in forms[4]
    events.change_search("en", typed(k="5"))
    events.change_synonyms("en", typed(synonyms="有給, 年休", was=digest("")))
    assert list(folder.iterdir()) == []


class _Asked(Exception):  # noqa: N818
    """A page was asked for."""


def test_synonyms_are_found_by_from_the_next_question_on(folder: Path, index: Path, noted: Noted) -> None:
    settings = Settings.load(index=index, reader="none", mode="lexical")
    current = CurrentIndex(lambda: Engine.open(index, current.settings), index, settings)
    events = SettingsEvents(OpenLibraries(current), may_change=True)
    assert current.engine().search("有休の日数").hits[:1] == ()
    form, _ = events.change_synonyms("en", typed(synonyms="# ours\r\n有休, 年次休暇\r\n", was=digest("")))
    assert "Saved." in form and "有休, 年次休暇" in form
    assert current.engine().search("有休の日数").hits[0].document.source == "rules.txt"
    assert (folder / "synonyms.txt").read_text(encoding="utf-8") == "# ours\n有休, 年次休暇\n"
    assert Settings.load().synonyms == folder / "synonyms.txt"
    assert [line["settings"] for line in noted()] == [["synonyms"]]

    form, _ = events.change_synonyms("en", typed(synonyms="有休, 年休\n", was=digest("")))
    assert "Somebody has changed the file" in form and ">\n有休, 年休\n</textarea>" in form
    events.change_synonyms("en", typed(synonyms="", was=digest("# ours\n有休, 年次休暇\n")))
    assert current.engine().search("有休の日数").hits == () and (folder / "synonyms.txt").read_bytes() == b""


def test_libraries_that_are_open_are_served_with_what_was_changed_too(folder: Path, index: Path) -> None:
    default = folder / "index"
    shutil.copytree(index, default)
    made = Libraries(default).add("規程")
    shutil.copytree(index, Libraries(default).index_of(made), dirs_exist_ok=True)  # type: ignore[arg-type]
    settings = Settings.load(index=default, reader="none")
    libraries = OpenLibraries(CurrentIndex(lambda: Engine.open(default, settings), default, settings))
    asked = [libraries.index(libraries.get("規程")), libraries.chosen(["default", "規程"]), libraries.default]
    assert [each.engine().settings.k for each in asked] == [10, 10, 10]
    SettingsEvents(libraries, may_change=True).change_search("en", typed(k="3"))
    assert [each.engine().settings.k for each in asked] == [3, 3, 3]
    assert libraries.index(libraries.get("規程")).settings.k == 3  # type: ignore[union-attr]


def test_a_file_that_is_there_and_not_in_use_is_left_alone(folder: Path) -> None:
    (folder / "synonyms.txt").write_text("others", encoding="utf-8")
    events_of(Settings()).change_synonyms("en", typed(synonyms="有給, 年休", was=digest("")))
    assert (folder / "synonyms.txt").read_text(encoding="utf-8") == "others"
    assert Settings.load().synonyms == folder / "synonyms-2.txt"


def test_each_line_that_is_no_synonyms_is_told_with_its_number(folder: Path) -> None:
    events = events_of(Settings())
    wrong = "有給, 年休\n有給\na => b => c\nPC, , パソコン\n、, 、\n<b>\n"
    form, _ = events.change_synonyms("ja", typed(synonyms=wrong, was=digest("")))
    for number, words in [
        (2, "「有給」だけです"),
        (3, "=&gt; が 2 つ"),
        (4, "言葉がありません"),
        (5, "検索で探す"),
        (6, "&lt;b"),
    ]:
        assert f"{number} 行目" in form and words in form
    form, _ = events.change_synonyms("en", typed(synonyms="x\n" * 12, was=digest("")))
    assert "Line 10: “x” stands alone" in form and "2 more lines" in form and "Line 11" not in form
    assert "&lt;/textarea&gt;" in events.change_synonyms("en", typed(synonyms="</textarea>", was=""))[0]
    form, _ = events.change_synonyms("en", typed(synonyms="有給, 年休\n" * 40_000, was=digest("")))
    assert "longer than 200,000 characters" in form
    assert list(folder.iterdir()) == []


def test_the_key_of_one_server_goes_to_no_other(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> str:
        raise AssertionError

    monkeypatch.setattr(events_module, "complete_chat", never)
    (folder / "rag.toml").write_text('llm_url = "http://llm.example/v1"\nllm_key = "geheim"\n', encoding="utf-8")
    events = events_of(Settings.load())
    for form in (
        events.test("en", {"llm_url": "http://elsewhere.example/v1"}),
        events.change_llm("en", typed(llm_url="http://elsewhere.example/v1", llm_model=""))[0],
    ):
        assert "change server and key together" in form
    assert Settings.load().llm_url == "http://llm.example/v1"
    monkeypatch.setattr(events_module, "complete_chat", lambda *_: "shiori")
    assert "answered" in events.test("en", {"llm_url": "http://llm.example/v2"})


def test_another_llm_server_is_asked_from_then_on(folder: Path) -> None:
    current = CurrentIndex(FakeEngine, settings=Settings())  # type: ignore[arg-type]
    libraries = OpenLibraries(current)
    events = SettingsEvents(libraries, may_change=True)
    form, _, listed = events.change_llm("ja", typed(llm_url="http://localhost:9/v1", llm_model="小さな模型"))
    assert "保存しました" in form and "http://localhost:9/v1" in listed
    assert (libraries.settings.llm_url, Settings.load().llm_model) == ("http://localhost:9/v1", "小さな模型")
    form, _, _ = events.change_llm("en", typed(llm_url="http://a:b@localhost/v1", llm_model=""))
    assert "cannot hold a name or a password" in form
    events.change_llm("en", typed(llm_url="", llm_model=""))
    assert Settings.load().llm_url == "" and (folder / "rag.toml").read_text(encoding="utf-8") == ""


def test_a_file_that_cannot_be_changed_is_told_and_nothing_changes(folder: Path) -> None:
    (folder / "rag.toml").write_text("k = 3\n", encoding="utf-8")
    current = CurrentIndex(FakeEngine, settings=Settings.load())  # type: ignore[arg-type]
    events = SettingsEvents(OpenLibraries(current), may_change=True)
    (folder / "rag.toml").write_text("k = = 3\n", encoding="utf-8")
    form, _ = events.change_search("ja", typed(k="5"))
    assert "保存できませんでした" in form and "rag.toml" in form
    assert current.settings is not None and current.settings.k == 3
    assert (folder / "rag.toml").read_text(encoding="utf-8") == "k = = 3\n"
