"""Batches, evaluations and the map of named libraries: they keep to those they began with, and to who may read them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextvars import copy_context
from pathlib import Path
from types import SimpleNamespace
from typing import TypeVar

import pytest

from rag import Engine, Libraries, Settings, build
from rag.errors import DatasetError
from rag.library import Library, UnknownLibraryError
from rag.web.batch.batches import Batches
from rag.web.batch.state import Options
from rag.web.batch.views import file_line, results_html
from rag.web.current import CurrentIndex
from rag.web.evaluation.datasets import Datasets
from rag.web.jobs.queue import Jobs
from rag.web.jobs.views import IN_LINE
from rag.web.libraries import OpenLibraries, RightError
from rag.web.map.events import MapEvents
from rag.web.principal import Principal, enter
from rag.web.turns import Turns

from .batch_doubles import wait_until
from .test_libraries import CLOSED, TEXTS

ME = "me"
READER, HANAKO = Principal("reader", role="reader"), Principal("hanako", role="reader")
T = TypeVar("T")


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Libraries:
    """A default library, an open one, and a closed one that hanako alone may read."""
    folder = tmp_path_factory.mktemp("libraries")
    libraries = Libraries(folder / "index")
    for name, (file, text) in TEXTS.items():
        library = libraries.named(name) if name == "default" else libraries.add(name, is_open=name != CLOSED)
        (folder / name).mkdir()
        (folder / name / file).write_text(f"{text}\n", encoding="utf-8")
        build(folder / name, index=libraries.index_of(library))
    libraries.grant(CLOSED, "hanako", "editor")
    return libraries


@pytest.fixture
def served(libraries: Libraries, tmp_path: Path) -> OpenLibraries:
    index = libraries.index
    assert isinstance(index, Path)
    settings = Settings.load(index=index, reader="none", cache_dir=tmp_path / "cache")
    return OpenLibraries(CurrentIndex(lambda: Engine.open(index, settings), index, settings))


def as_principal(principal: Principal, work: Callable[[], T]) -> T:
    """What the work gives, done for somebody."""

    def done() -> T:
        enter({}, principal)
        return work()

    return copy_context().run(done)


def questions(folder: Path, *asked: str) -> Path:
    file = folder / "質問.txt"
    file.write_text("\n".join(asked), encoding="utf-8")
    return file


def test_a_batch_goes_on_after_a_restart_with_the_library_it_began_with(
    tmp_path: Path, libraries: Libraries, served: OpenLibraries
) -> None:
    jobs, file = Jobs(), questions(tmp_path, "夏の休暇は何日ですか", "受付は何時からですか")
    ended = threading.Event()
    jobs.submit("busy", lambda _task: ended.wait(90) and None)
    name = Batches(served, jobs).start(ME, file, Options(".jsonl"), ["規程"])
    jobs.stop(name)  # the server ends before its turn has come
    restarted = Batches(OpenLibraries(served.default), Jobs())
    (state,) = restarted.states(ME)
    assert (state.stage, [each.name for each in state.libraries]) == ("stopped", ["規程"])
    assert "規程" in file_line(state, "ja")
    restarted.go_on(ME, name)
    wait_until(lambda: restarted.state(ME, name).stage not in IN_LINE, 60)
    ended.set()
    assert restarted.state(ME, name).error == ""
    answered, other = (result for _, result in restarted.results(ME, name, 0, 9))
    (citation,) = answered.body["citations"]
    assert "五日" in answered.answer and citation["document"]["library"] == "規程"
    assert citation["document"]["id"].startswith(libraries.named("規程").id)
    assert "九時" not in other.answer  # that stands in the default library alone
    document = served.holding(citation["document"]["id"]).engine().document(citation["document"]["id"])
    assert document.text[citation["start"] : citation["end"]] == citation["quote"]
    html = results_html(restarted.results(ME, name, 0, 9), 0, 2, False, "ja")
    assert citation["document"]["id"] in html and f"規程 ・ {citation['document']['title']}" in html


def test_a_batch_shows_only_to_who_may_read_all_its_libraries(tmp_path: Path, served: OpenLibraries) -> None:
    batches, file = Batches(served, Jobs()), questions(tmp_path, "猫は？")
    with pytest.raises(UnknownLibraryError):
        as_principal(READER, lambda: batches.start(ME, file, Options(".jsonl"), [CLOSED]))
    name = as_principal(HANAKO, lambda: batches.start(ME, file, Options(".jsonl"), ["既定", CLOSED]))
    wait_until(lambda: batches.state(ME, name).stage not in IN_LINE, 60)
    assert batches.state(ME, name).error == ""
    assert [state.id for state in as_principal(HANAKO, lambda: batches.states(ME))] == [name]
    assert as_principal(READER, lambda: batches.states(ME)) == []
    assert as_principal(READER, lambda: batches.results(ME, name, 0, 9)) == []
    with pytest.raises(DatasetError):
        as_principal(READER, lambda: batches.state(ME, name))
    as_principal(READER, lambda: batches.remove(ME, name))
    assert batches.state(ME, name).done == 1


def test_marked_questions_are_those_of_the_libraries_chosen_and_only_their_editors_clear_them(
    libraries: Libraries, served: OpenLibraries
) -> None:
    datasets, closed = Datasets(served), libraries.named(CLOSED)
    marked = (("規程", "夏の休暇は？", "休暇.txt", "五日"), (CLOSED, "何を飼う？", "日記.txt", "猫"))
    for name, question, source, quote in marked:
        served.chosen([name]).engine().mark(question, [(source, quote)])
        assert Library(libraries.index_of(libraries.named(name))).questions.path.is_file()
    keys = dict(datasets.choices(ME, "ja", ["規程", CLOSED]))
    assert list(keys) == [f"この文書集の質問 ({name})" for name in ("規程", CLOSED)]
    assert datasets.choices(ME, "ja") == []
    both = datasets.load(ME, keys[f"この文書集の質問 ({CLOSED})"], ["規程", CLOSED])
    assert {document.source for document in both.documents} == {"休暇.txt", "日記.txt"} and len(both.judged) == 1
    with pytest.raises(UnknownLibraryError):
        as_principal(READER, lambda: datasets.choices(ME, "ja", [CLOSED]))
    with pytest.raises(UnknownLibraryError):
        as_principal(READER, lambda: datasets.load(ME, f"own:{closed.id}"))
    with pytest.raises(RightError):
        as_principal(READER, lambda: datasets.marked(f"own:{libraries.named('規程').id}", "editor"))
    assert as_principal(HANAKO, lambda: datasets.marked(f"own:{closed.id}", "editor"))


def test_the_map_is_of_the_libraries_chosen(libraries: Libraries, served: OpenLibraries) -> None:
    jobs, named = Jobs(), {name: libraries.named(name).id for name in ("規程", CLOSED)}
    events = MapEvents(served, jobs, Turns())

    def look(about: str) -> str:
        event = SimpleNamespace(known="")
        events.look(about, "ja", event)  # type: ignore[arg-type]
        assert jobs.wait(60)
        return str(events.look(about, "ja", event))  # type: ignore[arg-type]

    one, both = look(f"library={named['規程']}"), look("library=default&library=" + named["規程"])
    assert "休暇.txt" in one and "案内.txt" not in one
    assert "休暇.txt" in both and "案内.txt" in both and "ライブラリー" in both and "既定" in both
    hidden = as_principal(READER, lambda: look(f"library={named[CLOSED]}"))
    assert "そのライブラリーはありません" in hidden and "日記" not in json.dumps(hidden, ensure_ascii=False)
