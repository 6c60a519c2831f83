"""The page serves the current Snapshot: it changes while questions are answered, and lets the one before go."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from rag import Engine, Settings
from rag.building import build
from rag.errors import SnapshotError
from rag.web.current import CurrentIndex
from tests.library_worker import use_no_model

from .doubles import FakeEngine


@pytest.fixture(autouse=True)
def _no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    use_no_model(monkeypatch.setattr)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "a.txt").write_text("東京タワーは1958年に完成しました。", encoding="utf-8")
    return folder


@pytest.fixture
def index(tmp_path: Path, folder: Path) -> Path:
    build(folder, index=tmp_path / "index")
    return tmp_path / "index"


@pytest.fixture
def current(index: Path) -> Iterator[CurrentIndex]:
    settings = Settings.load(index=index, reader="none")
    yield CurrentIndex(lambda: Engine.open(index, settings), index, settings)


def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def sources(current: CurrentIndex) -> list[str]:
    return [document.source for document in current.engine().documents()]


def change(folder: Path, index: Path) -> None:
    (folder / "b.txt").write_text("金閣寺は京都にあります。", encoding="utf-8")
    build(folder, index=index)


def test_an_index_built_in_a_terminal_is_served_without_a_restart(
    current: CurrentIndex, folder: Path, index: Path
) -> None:
    assert sources(current) == ["a.txt"]
    change(folder, index)
    until(lambda: sources(current) == ["a.txt", "b.txt"])


def test_an_engine_in_use_goes_on_answering_and_its_files_are_let_go_when_nobody_uses_it(
    current: CurrentIndex, folder: Path, index: Path
) -> None:
    engine = current.engine()
    before = engine.snapshot.folder
    change(folder, index)
    current.refresh()
    assert current.engine() is not engine
    assert before.is_dir()
    assert engine.search("東京タワー", mode="lexical").hits
    gc.disable()  # the last reference is enough: no Snapshot waits for the garbage collector
    try:
        del engine
        build(folder, index=index)
    finally:
        gc.enable()
    assert not before.exists()


def test_questions_are_answered_while_the_next_engine_warms_up(index: Path, folder: Path) -> None:
    engines: list[FakeEngine] = []
    warming, go_on = threading.Event(), threading.Event()

    class SlowEngine(FakeEngine):
        def warm_up(self) -> None:
            if len(engines) > 1:
                warming.set()
                assert go_on.wait(20)

    def open_engine() -> FakeEngine:
        engines.append(SlowEngine())
        return engines[-1]

    current = CurrentIndex(open_engine, index)  # type: ignore[arg-type]
    current.warm_up()
    change(folder, index)
    threading.Thread(target=current.refresh, daemon=True).start()
    assert warming.wait(20)
    began = time.monotonic()
    assert current.engine() is engines[0]
    assert time.monotonic() - began < 1
    go_on.set()
    until(lambda: current.engine() is engines[1])
    assert len(engines) == 2


def test_an_index_that_cannot_be_opened_leaves_the_one_before(current: CurrentIndex, index: Path) -> None:
    engine = current.engine()
    (index / "CURRENT").write_text("20000101T000000000000-abcdef\n", encoding="ascii")
    current.refresh()
    assert current.engine() is engine


def test_an_index_that_appears_later_is_served(tmp_path: Path, folder: Path) -> None:
    index = tmp_path / "later"
    current = CurrentIndex(lambda: Engine.open(index, Settings.load(reader="none")), index)
    with pytest.raises(SnapshotError):
        current.engine()
    build(folder, index=index)
    assert sources(current) == ["a.txt"]


def test_looking_for_changes_costs_nothing_to_speak_of(current: CurrentIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    current.engine()
    looked = []
    monkeypatch.setattr(CurrentIndex, "_current_pointer", lambda self: looked.append(1))
    began = time.monotonic()
    for _ in range(2000):
        current.engine()
    assert len(looked) <= 2 + (time.monotonic() - began) / 0.5


def test_many_threads_get_a_whole_engine_while_the_index_changes(
    current: CurrentIndex, folder: Path, index: Path
) -> None:
    stop, failures = threading.Event(), []

    def ask() -> None:
        while not stop.is_set():
            try:
                assert current.engine().search("東京", mode="lexical").hits
            except BaseException as error:
                failures.append(error)
                return

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(5):
        (folder / f"{number}.txt").write_text(f"東京の{number}番目の文書です。", encoding="utf-8")
        build(folder, index=index)
        current.refresh()
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(sources(current)) == 6
    assert len([path for path in index.iterdir() if (path / "manifest.json").is_file()]) <= 2


def test_a_watched_index_is_followed_though_nobody_asks(index: Path, folder: Path) -> None:
    opened: list[SimpleNamespace] = []

    def open_engine() -> FakeEngine:
        opened.append(SimpleNamespace())
        return FakeEngine()

    current = CurrentIndex(open_engine, index)  # type: ignore[arg-type]
    current.warm_up_in_background()
    until(lambda: len(opened) == 1)
    change(folder, index)
    until(lambda: len(opened) == 2)
