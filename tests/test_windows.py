"""What Windows does otherwise, as far as it can be tried on another system."""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path

import pytest

from rag import files
from rag.corpus.sandbox import worker
from rag.errors import SettingsError
from rag.index import folder
from rag.index.holding import hold
from rag.web.gate import accounts
from rag.web.gate.accounts import Accounts
from rag.web.jobs import queue


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (files, folder, accounts):
        monkeypatch.setattr(module, "IS_WINDOWS", True)
    monkeypatch.setattr(files, "_WAITS", (0, 0))


def test_files_are_synced_through_handles_that_may_write(
    windows: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways = []
    original = os.open
    monkeypatch.setattr(os, "open", lambda path, way: ways.append(way) or original(path, way))
    files.write_durably(tmp_path / "a", b"new")
    assert ways == [os.O_RDWR]  # and of the folder, nothing
    assert (tmp_path / "a").read_bytes() == b"new"


def test_a_file_that_another_program_reads_is_replaced_when_it_is_let_go(
    windows: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []
    original = Path.replace

    def held_twice(new: Path, old: Path) -> Path:
        tries.append(old)
        if len(tries) < 3:
            raise PermissionError
        return original(new, old)

    monkeypatch.setattr(Path, "replace", held_twice)
    files.write_durably(tmp_path / "a", b"new")
    assert len(tries) == 3
    assert (tmp_path / "a").read_bytes() == b"new"


def test_a_file_that_is_never_let_go_is_an_error(
    windows: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(_new: Path, _old: Path) -> Path:
        raise PermissionError

    monkeypatch.setattr(Path, "replace", held)
    with pytest.raises(PermissionError):
        files.write_durably(tmp_path / "a", b"new")


def test_old_snapshots_go_unless_one_of_their_files_is_open(
    windows: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("old", "held", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / folder.MANIFEST_FILE).write_text("{}")
    (tmp_path / folder.CURRENT_FILE).write_text("new\n")
    original = Path.rename

    def rename(path: Path, target: Path) -> Path:
        if path.name == "held":
            raise PermissionError
        return original(path, target)

    monkeypatch.setattr(Path, "rename", rename)
    with hold(tmp_path / "held" / folder.MANIFEST_FILE):
        folder.clean_up(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"held", "new", folder.CURRENT_FILE}


def test_permissions_that_windows_makes_up_are_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "accounts"
    file.write_text("ada:secret\n")
    file.chmod(0o666)
    with pytest.raises(SettingsError, match="Others can read"):
        Accounts.from_file(file)
    monkeypatch.setattr(accounts, "IS_WINDOWS", True)
    assert Accounts.from_file(file).accepts("ada", "secret")


def test_the_parser_does_without_limits_where_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_words: object) -> None:
        raise AssertionError("a limit was set")

    monkeypatch.setattr(resource, "setrlimit", never)
    monkeypatch.setattr(Path, "read_text", _no_such_file)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(sys, "platform", "win32")
        worker._limit_memory(1000)
        worker._limit_time(1)
        assert worker._peak_mb() == 0


def test_the_parser_does_without_a_limit_that_macos_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_kind: int, _limits: tuple[int, int]) -> None:
        raise ValueError("current limit exceeds maximum limit")

    monkeypatch.setattr(resource, "setrlimit", refused)
    monkeypatch.setattr(Path, "read_text", _no_such_file)
    worker._limit_memory(1000)
    worker._limit_time(1)
    here = worker._peak_mb()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert worker._peak_mb() == pytest.approx(here / 1024, rel=0.01)


def test_only_on_linux_a_thread_has_a_priority(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(os, "setpriority", lambda *words: asked.append(words))
    for platform in ("darwin", "win32", "linux"):
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(sys, "platform", platform)
            queue._be_nice()
    assert len(asked) == 1


def _no_such_file(*_words: object, **_more: object) -> str:
    raise FileNotFoundError
