"""The commands rag user: accounts added, changed, listed and removed, in a file that holds no password."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PASSWORD = "correct horse 電池"


@pytest.fixture
def accounts(tmp_path: Path) -> Path:
    return tmp_path / "accounts"


def rag(*arguments: object, typed: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rag", "user", *map(str, arguments)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAG_")} | variables
    return subprocess.run(command, input=typed, capture_output=True, encoding="utf-8", env=environment, timeout=120)


def test_accounts_are_added_changed_listed_and_removed(accounts: Path, tmp_path: Path) -> None:
    from rag.web.gate.accounts import Accounts

    log = tmp_path / "audit.log"
    named = {"RAG_ACCOUNTS": str(accounts), "RAG_AUDIT_LOG": str(log)}
    assert rag("add", "hanako", "--role", "administrator", typed=f"{PASSWORD}\n", **named).returncode == 0
    assert rag("add", "taro", typed="tarotaro\n", **named).returncode == 0
    assert accounts.stat().st_mode & 0o077 == 0 and PASSWORD not in accounts.read_text(encoding="utf-8")
    assert Accounts.from_file(accounts).accepts("hanako", PASSWORD)
    listed = json.loads(rag("list", "--json", "--auth", accounts).stdout)["accounts"]
    assert listed == [{"user": "hanako", "role": "administrator"}, {"user": "taro", "role": "reader"}]
    assert rag("password", "taro", typed="another one\n", **named).returncode == 0
    assert rag("role", "taro", "editor", **named).returncode == 0
    kept = Accounts.from_file(accounts)
    taro = kept.get("taro")
    assert taro is not None and taro.role == "editor" and kept.accepts("taro", "another one")
    assert rag("remove", "taro", **named).returncode == 0
    assert rag("list", **named).stdout.split() == ["administrator", "hanako"]
    noted = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [each["action"] for each in noted] == [
        *("user-added", "user-added", "user-changed", "user-changed", "user-removed")
    ]


def test_what_cannot_be_done_names_the_file_and_the_mend_and_changes_nothing(accounts: Path) -> None:
    file = ("--auth", accounts)
    rag("add", "hanako", *file, typed=f"{PASSWORD}\n")
    before = accounts.read_bytes()
    wrong = {
        ("add", "hanako", *file): "hanako is there already",
        ("add", "taro", *file): "too short",
        ("password", "hanako", *file): "first that are guessed",
        ("add", "ta:ro", *file): "cannot be the name",
        ("remove", "taro", *file): "there is no account taro",
        ("remove", "hanako", *file): "the last account",
        ("password", "taro", *file): "there is no account taro",
        ("list",): "RAG_ACCOUNTS",
    }
    for arguments, words in wrong.items():
        ran = rag(*arguments, typed="12345\n" if "taro" in arguments and arguments[0] == "add" else "12345678\n")
        assert (ran.returncode, words in ran.stderr) == (1, True), (arguments, ran.stderr)
        assert "Traceback" not in ran.stderr
    assert rag("add", "taro", "--role", "king", *file, typed="12345678\n").returncode == 2
    assert accounts.read_bytes() == before


def test_other_lines_stay_as_they_are(accounts: Path) -> None:
    accounts.write_text("# who\n\nhanako:plain words\n", encoding="utf-8")
    accounts.chmod(0o600)
    assert rag("add", "taro", "--auth", accounts, typed="tarotaro\n").returncode == 0
    lines = accounts.read_text(encoding="utf-8").splitlines()
    assert lines[:3] == ["# who", "", "hanako:plain words"] and lines[3].startswith("taro:scrypt:")
