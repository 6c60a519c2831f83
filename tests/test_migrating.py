"""What is copied with an index: saved answers and watched folders, beside those that are at the target already."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.building import build
from rag.library.record import WATCHED_FILE
from rag.library.saved import SavedAnswer, SavedAnswers
from rag.library.watched import WatchedFolders
from rag.migrating import migrate
from rag.settings import Settings
from tests.library_worker import use_no_model

from .test_cli import Run, rag

__all__ = ["rag"]


@pytest.fixture(autouse=True)
def _no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    use_no_model(monkeypatch.setattr)


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "鍵.txt").write_text("倉庫の鍵は守衛室の棚にあります。", encoding="utf-8")
    return folder


@pytest.fixture
def source(tmp_path: Path, documents: Path) -> Path:
    index = tmp_path / "source"
    build(documents, index=index, settings=Settings.load())
    return index


def questions(index: Path, account: str = "") -> list[str]:
    return [answer.question for answer in SavedAnswers(index).of(account)]


def test_saved_answers_of_all_accounts_join_those_of_the_target(tmp_path: Path, source: Path) -> None:
    target = tmp_path / "target"
    mine = SavedAnswers(source).put(SavedAnswer("鍵は？", "棚[1]", ()))
    SavedAnswers(source).put(SavedAnswer("棚は？", "守衛室[1]", (), account="hanako"))
    assert migrate(source, target).saved == 2
    SavedAnswers(target).put(SavedAnswer("休暇は？", "五日[1]", ()))
    SavedAnswers(target).put(mine.noted("確かめた", ()))
    assert migrate(source, target).saved == 0
    assert questions(target) == ["休暇は？", "鍵は？"] and questions(target, "hanako") == ["棚は？"]
    assert [answer.note for answer in SavedAnswers(target).of()] == ["", "確かめた"]
    assert questions(source) == ["鍵は？"]


def test_watched_folders_join_those_of_the_target(tmp_path: Path, source: Path, documents: Path) -> None:
    target, other = tmp_path / "target", tmp_path / "other"
    other.mkdir()
    WatchedFolders(source).add(documents)
    WatchedFolders(source).pause(str(documents), is_paused=True)
    WatchedFolders(target).add(other)
    assert migrate(source, target).watched == 1
    assert migrate(source, target).watched == 0
    watched = WatchedFolders(target).read().folders
    assert [(folder.path, folder.is_paused) for folder in watched] == [(str(other), False), (str(documents), True)]


def test_nothing_is_made_where_nothing_was_kept(tmp_path: Path, source: Path) -> None:
    report = migrate(source, tmp_path / "target")
    assert (report.saved, report.watched, report.documents) == (0, 0, 1)
    assert not (tmp_path / "target" / WATCHED_FILE).exists()


def test_the_command_tells_what_it_copied(rag: Callable[..., Run], tmp_path: Path, source: Path) -> None:
    SavedAnswers(source).put(SavedAnswer("鍵は？", "棚[1]", ()))
    told = json.loads(rag("migrate", source, tmp_path / "target", "--json").out)
    assert (told["saved"], told["watched"]) == (1, 0)
