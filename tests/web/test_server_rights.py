"""Readers, editors and administrators: what each may do, and what the audit log tells of it."""

from __future__ import annotations

import base64
import getpass
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from rag.errors import SettingsError
from rag.settings import Settings
from rag.web import app as server
from rag.web import audit
from rag.web.app import Access
from rag.web.ask.views import header_html
from rag.web.current import CurrentIndex
from rag.web.gate.account_file import AccountFile
from rag.web.gate.accounts import Accounts
from rag.web.page import create_page
from rag.web.principal import ROLES, UNKNOWN, Principal
from rag.web.texts import TEXTS

from .conftest import request, serving
from .doubles import FakeEngine

CHANGING = (
    *("add_files", "stop_update", "update_again", "forget_files"),
    *("remove_document", "take_back", "discard_file"),
)
WATCHING = ("watch_folder", "pause_folder", "resume_folder", "look_at_folder", "unwatch_folder")
SECRET = "秘密の質問"


class Served:
    """A server whose accounts are named as their roles, with passwords that are the names twice."""

    def __init__(self, address: str, page: gr.Blocks, log: Path) -> None:
        self.address, self._page, self._log = address, page, log

    def headers(self, role: str, language: str = "ja") -> dict[str, str]:
        word = base64.b64encode(f"{role}:{role * 2}".encode()).decode()
        return {"authorization": f"Basic {word}", "accept-language": language}

    def call(self, role: str, function: str, language: str = "ja") -> dict[str, Any]:
        """What Gradio answers to a call of a function that the page does not name in its API."""
        number = next(number for number, event in self._page.fns.items() if event.name == function)
        body = {"fn_index": number, "data": [None] * len(self._page.fns[number].inputs), "session_hash": "x"}
        body["event_data"] = {}
        headers = self.headers(role, language)
        answered = request("POST", self.address + "gradio_api/run/predict", json=body, headers=headers)
        return {"status": answered.status_code} | answered.json()

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._log.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("rights")
    for role in ROLES:
        AccountFile(folder / "accounts").add(role, role * 2, role)
    audit.open_log(Settings(audit_log=folder / "audit.log"))
    pages: list[gr.Blocks] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "create_page", lambda *a, **k: pages.append(create_page(*a, **k)) or pages[0])
        accounts = Accounts.from_file(folder / "accounts")
        with serving(CurrentIndex(FakeEngine), Access(accounts=accounts, mcp=True)) as address:  # type: ignore[arg-type]
            yield Served(address, pages[0], folder / "audit.log")
    audit.close_log()


@pytest.mark.parametrize("function", CHANGING)
def test_readers_change_nothing_by_whatever_way(served: Served, function: str) -> None:
    refused = served.call("reader", function)
    assert refused["status"] == 500 and refused["error"] == "これは編集者だけができます。"
    assert served.call("reader", function, "en")["error"] == "Only editors may do this."
    assert served.log()[-1] | {"time": ""} == {
        **{"time": "", "action": "refused", "account": "reader", "address": "127.0.0.1", "role": "reader"},
        "what": function,
    }
    assert "Only editors" not in str(served.call("editor", function, "en"))


@pytest.mark.parametrize("function", WATCHING)
@pytest.mark.parametrize("role", ["reader", "editor"])
def test_only_administrators_have_folders_of_the_server_watched(served: Served, function: str, role: str) -> None:
    assert served.call(role, function)["error"] == "これは管理者だけができます。"
    assert served.log()[-1]["what"] == function and served.log()[-1]["account"] == role
    assert "Only administrators" not in str(served.call("administrator", function, "en"))


def test_readers_ask_by_every_way(served: Served) -> None:
    headers = served.headers("reader")
    asked = {"question": SECRET}
    assert request("POST", served.address + "api/ask", json=asked, headers=headers).status_code == 200
    assert request("GET", served.address + "api/documents", headers=headers).status_code == 200


def test_the_log_tells_who_came_and_no_question(served: Served) -> None:
    for password in ("administrator" * 2, "wrong"):
        request("POST", served.address + "login", data={"username": "administrator", "password": password})
    request("GET", served.address + "sessions", headers=served.headers("administrator"))
    request("POST", served.address + "api/ask", json={"question": SECRET}, headers=served.headers("reader"))
    told = [(each["action"], each["account"]) for each in served.log()]
    wanted = [("log-in", "administrator"), ("log-in-refused", ""), ("administration", "administrator")]
    assert all(each in told for each in wanted)
    assert SECRET not in json.dumps(served.log(), ensure_ascii=False)


def test_the_page_tells_its_style_what_to_offer() -> None:
    assert 'data-role="reader"' in header_html(TEXTS["ja"], log_out=True, role="reader")
    assert 'data-role="administrator"' in header_html(TEXTS["ja"])


def test_whose_request_is_not_known_may_do_the_least() -> None:
    assert not UNKNOWN.may("editor") and Principal().may("administrator")


# The log -------------------------------------------------------------------------------------------------------------


def test_the_log_is_closed_to_others_and_goes_on_in_a_new_file_when_it_is_full(tmp_path: Path) -> None:
    path = tmp_path / "audit.log"
    audit.open_log(Settings(audit_log=path, audit_log_mb=0.001, audit_log_files=2))
    for number in range(40):
        audit.record("document-added", Principal("hanako", "192.0.2.1", "editor"), file=f"茶{number}\n.txt")
    audit.close_log()
    kept = sorted(tmp_path.iterdir())
    assert [each.name for each in kept] == ["audit.log", "audit.log.1", "audit.log.2"]
    assert all(each.stat().st_size <= 1000 and each.stat().st_mode & 0o077 == 0 for each in kept)
    lines = [json.loads(line) for each in kept for line in each.read_text(encoding="utf-8").splitlines()]
    assert {"time", "action", "account", "address", "role", "file"} == set(lines[0])
    assert max(int(each["file"][1:-5]) for each in lines) == 39


def test_the_log_goes_on_where_another_program_has_begun_a_new_file(tmp_path: Path) -> None:
    path, someone = tmp_path / "audit.log", Principal("hanako", "192.0.2.1", "editor")
    audit.open_log(Settings(audit_log=path))
    audit.record("log-in", someone)
    path.rename(tmp_path / "audit.log.1")
    audit.record("log-out", someone)
    audit.close_log()
    assert "log-out" in path.read_text(encoding="utf-8") and path.stat().st_mode & 0o077 == 0


def test_what_cannot_be_noted_stands_in_the_other_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "audit" / "audit.log"
    path.parent.mkdir()
    audit.open_log(Settings(audit_log=path))
    shutil.rmtree(path.parent)
    audit.record("log-out", Principal("hanako"))
    audit.close_log()
    assert "cannot be written" in caplog.text and "log-out" in caplog.text


def test_a_user_without_a_name_is_noted_by_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr(getpass, "getuser", unknown)
    audit.record_of_terminal(Settings(audit_log=tmp_path / "audit.log"), "user-added", user="taro")
    assert json.loads((tmp_path / "audit.log").read_text(encoding="utf-8"))["by"] == str(os.getuid())


def test_a_log_that_cannot_be_written_is_told_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="audit_log"):
        audit.open_log(Settings(audit_log=tmp_path / "none" / "audit.log"))
    audit.record("log-out", Principal("nobody"))  # no log, no trouble
