"""Watching folders behind the page: changes are taken in by themselves, what goes wrong is told and loses nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from filelock import FileLock

from rag import Engine, Settings
from rag.building import build
from rag.errors import ModelError
from rag.library import Library
from rag.models import Embedder
from rag.web import audit
from rag.web.current import CurrentIndex
from rag.web.documents import watcher as watcher_module
from rag.web.documents.catalogue import View
from rag.web.documents.desk import Desk
from rag.web.documents.events import Events
from rag.web.documents.folders import Folders
from rag.web.documents.folders_view import adding_html, folders_html
from rag.web.documents.updates import Outcome, Status, Work
from rag.web.documents.views import progress_html
from rag.web.documents.watcher import FolderState
from rag.web.libraries import OpenLibraries
from rag.web.principal import _CURRENT, Principal
from rag.web.roots import NOWHERE, WatchRoots
from rag.web.texts.documents import DOCUMENT_TEXTS
from tests.faults.worker import HashEmbedder

from .test_markup import HOSTILE

ANYWHERE = WatchRoots(is_anywhere=True)


class Model(HashEmbedder):
    """Fails where the test says so."""

    error: Exception | None = None

    def embed_passages(self, *args: Any, **options: Any) -> Any:
        if self.error is not None:
            raise self.error
        return super().embed_passages(*args, **options)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Model:
    model = Model()
    monkeypatch.setattr(Embedder, "shared", classmethod(lambda cls, *args, **options: model))
    monkeypatch.setattr(watcher_module, "_GONE_SECONDS", 0.2)
    return model


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "規程"
    folder.mkdir()
    (folder / "休暇.txt").write_text("夏の休暇は五日とする。", encoding="utf-8")
    (folder / "壊れた.pdf").write_bytes(b"%PDF-1.7 broken")
    return folder


@pytest.fixture
def index(model: Model, tmp_path: Path) -> Path:
    own = tmp_path / "手元"
    own.mkdir()
    (own / "東京.txt").write_text("東京タワーは1958年に完成しました。", encoding="utf-8")
    build(own, index=tmp_path / "index")
    return tmp_path / "index"


MakeDesk = Callable[..., Desk]


@pytest.fixture
def desk_at() -> Iterator[MakeDesk]:
    """Makes desks, as a server does when it is started."""
    desks: list[Desk] = []

    def make(index: Path, roots: WatchRoots = ANYWHERE) -> Desk:
        settings = Settings.load(index=index, reader="none")
        desks.append(Desk(CurrentIndex(lambda: Engine.open(index, settings), index, settings), set(), roots))
        return desks[-1]

    yield make
    for desk in desks:
        close(desk)


def close(desk: Desk) -> None:
    assert desk.watcher is not None and desk.updates is not None
    desk.watcher.close()
    desk.updates.wait(30)


def wait_for(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def state_of(desk: Desk) -> FolderState:
    assert desk.watcher is not None
    (state,) = desk.watcher.states()
    return state


def sources(desk: Desk) -> set[str]:
    return {document.source for document in desk.current.engine().documents()}


def watch(desk: Desk, folder: Path) -> None:
    assert desk.library is not None and desk.watcher is not None
    desk.library.watched.add(folder)
    desk.watcher.start()


def test_changes_are_taken_in_by_themselves_and_told(desk_at: MakeDesk, index: Path, rules: Path) -> None:
    desk = desk_at(index)
    watch(desk, rules)
    wait_for(lambda: state_of(desk).last is not None and state_of(desk).stage == "watching")
    assert sources(desk) == {"東京.txt", "休暇.txt"}
    state = state_of(desk)
    assert state.files == 2 and state.looked > 0 and [file.source for file in state.unread] == ["壊れた.pdf"]
    assert state.last is not None and (state.last.added, state.last.changed, state.last.removed) == (1, 0, 0)

    (rules / "旅費.txt").write_text("旅費は実費とする。", encoding="utf-8")
    (rules / "休暇.txt").unlink()
    wait_for(lambda: sources(desk) == {"東京.txt", "旅費.txt"})
    wait_for(lambda: (last := state_of(desk).last) is not None and last.removed == 1)
    html = folders_html([state_of(desk)], "ja")
    assert "2 ファイル" in html and "追加 1、変更 0、削除 1" in html and "読めないファイル 1 件" in html
    assert "保存し直してください" in html


def test_a_folder_that_vanishes_is_an_error_that_loses_nothing_and_is_followed_once_it_is_back(
    desk_at: MakeDesk, index: Path, rules: Path, tmp_path: Path
) -> None:
    desk = desk_at(index)
    watch(desk, rules)
    wait_for(lambda: "休暇.txt" in sources(desk) and state_of(desk).stage == "watching")
    rules.rename(tmp_path / "unplugged")
    wait_for(lambda: state_of(desk).trouble == "gone")
    assert "ドライブが外れていないか" in folders_html([state_of(desk)], "ja")
    assert desk.updates is not None
    desk.updates.request()
    assert desk.updates.wait(30) and desk.updates.status().failure is None
    assert sources(desk) == {"東京.txt", "休暇.txt"}

    (tmp_path / "unplugged" / "旅費.txt").write_text("旅費は実費とする。", encoding="utf-8")
    (tmp_path / "unplugged").rename(rules)
    wait_for(lambda: sources(desk) == {"東京.txt", "休暇.txt", "旅費.txt"})
    wait_for(lambda: state_of(desk).stage == "watching")


def test_a_server_that_is_started_again_goes_on_and_leaves_alone_what_pauses(
    desk_at: MakeDesk, index: Path, rules: Path, tmp_path: Path
) -> None:
    desk = desk_at(index)
    watch(desk, rules)
    wait_for(lambda: "休暇.txt" in sources(desk) and state_of(desk).last is not None)
    close(desk)
    (rules / "旅費.txt").write_text("旅費は実費とする。", encoding="utf-8")

    again = desk_at(index)
    wait_for(lambda: "旅費.txt" in sources(again))
    assert again.library is not None and again.watcher is not None
    again.library.watched.pause(str(rules), is_paused=True)
    again.watcher.start()
    assert state_of(again).stage == "paused"
    wait_for(lambda: again.watcher is not None and again.watcher._thread is None)
    (rules / "手当.txt").write_text("手当は月額とする。", encoding="utf-8")
    close(again)

    third = desk_at(index)
    assert state_of(third).stage == "paused" and state_of(third).last is not None
    assert "手当.txt" not in sources(third)
    assert third.library is not None and third.watcher is not None
    third.library.watched.pause(str(rules), is_paused=False)
    third.watcher.start()
    wait_for(lambda: "手当.txt" in sources(third))


def test_another_process_that_watches_is_left_to_it_and_taken_over_from(
    desk_at: MakeDesk, index: Path, rules: Path
) -> None:
    desk = desk_at(index)
    with FileLock(index / ".watching.lock"):
        watch(desk, rules)
        wait_for(lambda: state_of(desk).stage == "elsewhere")
        assert "休暇.txt" not in sources(desk)
    wait_for(lambda: "休暇.txt" in sources(desk))


def test_what_cannot_be_taken_in_is_told_and_tried_again_when_asked_for(
    desk_at: MakeDesk, index: Path, rules: Path, model: Model
) -> None:
    desk = desk_at(index)
    model.error = ModelError("The model is damaged.")
    watch(desk, rules)
    wait_for(lambda: state_of(desk).trouble == "failed")
    assert "モデルを読み込めないため" in folders_html([state_of(desk)], "ja")
    assert desk.updates is not None and desk.watcher is not None
    before = desk.updates.status().version
    time.sleep(1)
    assert desk.updates.status().version == before, "it is tried again and again"
    model.error = None
    desk.watcher.look(str(rules))
    wait_for(lambda: "休暇.txt" in sources(desk) and state_of(desk).stage == "watching")


def test_a_folder_that_may_not_be_watched_any_more_is_left_alone(
    desk_at: MakeDesk, index: Path, rules: Path, tmp_path: Path
) -> None:
    Library(index).watched.add(rules)
    desk = desk_at(index, WatchRoots((tmp_path / "elsewhere",)))
    assert (state_of(desk).stage, state_of(desk).trouble) == ("paused", "outside")
    assert desk.updates is not None
    desk.updates.request()
    assert desk.updates.wait(30) and sources(desk) == {"東京.txt"}


def test_roots_cover_what_lies_in_them_whatever_it_is_called(tmp_path: Path) -> None:
    inside, outside = tmp_path / "roots" / "規程", tmp_path / "roots2"
    inside.mkdir(parents=True)
    outside.mkdir()
    (inside / "link").symlink_to(outside)
    roots = WatchRoots((tmp_path / "roots",), is_anywhere=True)
    assert roots.cover(str(inside)) and roots.cover(str(tmp_path / "roots"))
    for path in (outside, inside / "link", inside / ".." / ".." / "roots2", tmp_path):
        assert not roots.cover(str(path))
    assert ANYWHERE.cover("/") and not NOWHERE.cover("/") and not NOWHERE.are_there


# What happens in the page --------------------------------------------------------------------------------------------


@pytest.fixture
def events(index: Path) -> Iterator[Callable[[WatchRoots], Folders]]:
    made: list[Events] = []

    def make(roots: WatchRoots) -> Folders:
        settings = Settings.load(index=index, reader="none")
        current = CurrentIndex(lambda: Engine.open(index, settings), index, settings)
        made.append(Events(OpenLibraries(current), set(), roots))
        return Folders(made[-1])

    yield make
    for each in made:
        close(each.desks.of(""))


def sent(**data: str) -> Any:
    return SimpleNamespace(_data=data)


def test_what_is_named_paused_and_removed_stands_in_the_audit_log(
    events: Callable[[WatchRoots], Folders], rules: Path, tmp_path: Path
) -> None:
    audit.open_log(Settings(audit_log=tmp_path / "audit.log"))
    folders, view = events(WatchRoots((tmp_path,))), View()
    shown = folders.watch_folder(view, "ja", sent(folder=f" {rules} "))
    assert f"「{rules}」を見はじめました" in shown[0] and str(rules) in shown[1] and shown[2]["active"]
    assert "もう見ています" in folders.watch_folder(view, "ja", sent(folder=str(rules)))[0]
    assert "停止中" in folders.pause_folder(view, "ja", sent(folder=str(rules)))[1]
    folders.resume_folder(view, "ja", sent(folder=str(rules)))
    folders.look_at_folder(view, "ja", sent(folder=str(rules)))
    assert folders.unwatch_folder(view, "en", sent(folder=str(rules), answer="keep"))[1] == ""
    audit.close_log()
    told = [json.loads(line) for line in (tmp_path / "audit.log").read_text(encoding="utf-8").splitlines()]
    wanted = ["folder-watched", "folder-paused", "folder-resumed", "folder-unwatched"]
    assert [each["action"] for each in told] == wanted
    assert {each["path"] for each in told} == {str(rules)} and told[3]["with_documents"] is False


def test_folders_outside_are_refused_without_telling_whether_they_are_there(
    events: Callable[[WatchRoots], Folders], rules: Path, tmp_path: Path
) -> None:
    folders = events(WatchRoots((rules,)))
    there, missing = tmp_path / "手元", tmp_path / "none"
    said = {folders.watch_folder(View(), "ja", sent(folder=str(path)))[0] for path in (there, missing)}
    assert len(said) == 1 and "watch_roots" in said.pop()
    assert "先頭から" in folders.watch_folder(View(), "ja", sent(folder="手元"))[0]
    assert "watch_roots" in adding_html(NOWHERE, "ja") and "<form" not in adding_html(NOWHERE, "ja")
    for odd in ("\0", "/\0", "a" * 5000, "/" + "a" * 5000):
        assert 'role="alert"' in folders.watch_folder(View(), "ja", sent(folder=odd))[0]


@pytest.mark.parametrize("role", ["reader", "editor"])
def test_who_is_no_administrator_sees_no_path_of_the_server(
    events: Callable[[WatchRoots], Folders], rules: Path, role: Any
) -> None:
    folders = events(ANYWHERE)
    folders.watch_folder(View(), "ja", sent(folder=str(rules)))
    token = _CURRENT.set(Principal("hanako", "192.0.2.1", role))
    try:
        for shown in (folders.show(View(), "ja"), folders.tick(View(), "x", 0, "ja")):
            assert str(rules) not in str(shown) and shown[0] == ""
        with pytest.raises(Exception, match="管理者"):
            folders.unwatch_folder(View(), "ja", sent(folder=str(rules), answer="leave"))
    finally:
        _CURRENT.reset(token)
    assert str(rules) in folders.show(View(), "ja")[1]


def test_the_last_documents_do_not_go_with_their_folder(
    events: Callable[[WatchRoots], Folders], tmp_path: Path
) -> None:
    folders, own = events(ANYWHERE), tmp_path / "手元"
    folders.watch_folder(View(), "ja", sent(folder=str(own)))
    shown = folders.unwatch_folder(View(), "ja", sent(folder=str(own), answer="leave"))
    assert "空にしてください" in shown[0] and str(own) in shown[1]


def test_progress_tells_the_pace_and_what_was_done() -> None:
    texts = DOCUMENT_TEXTS["ja"]
    html = progress_html(Status(1, (), Work("embedding", 60, 120, time.monotonic() - 6), None, False), texts)
    assert "60 / 120 箇所" in html and "毎秒 10.0 箇所" in html and "残り約 10 秒" in html
    assert "毎秒" not in progress_html(Status(1, (), Work("embedding", 0, 120, time.monotonic()), None, False), texts)
    done = progress_html(Status(1, (), None, None, False, Outcome(3, 1, 0, 1200, 75.0)), texts)
    assert "追加 3 件、変更 1 件、削除 0 件" in done and "1,200 箇所を約 2 分で" in done and "data-news" in done
    same = progress_html(Status(1, (), None, None, False, Outcome(0, 0, 0, 0, 1.0)), texts)
    assert "変わった文書はありません" in same


def test_what_is_shown_of_hostile_folders_is_text() -> None:
    for text in HOSTILE:
        html = folders_html([FolderState(text, "error", "failed", "gone")], "en") + adding_html(ANYWHERE, "en", text)
        for tag in ("<script", "<img", "<svg", "<iframe", "<a "):
            assert tag not in html
