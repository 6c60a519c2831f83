"""The tab of documents without a browser: the list, the pieces of a document, updates, and words."""

from __future__ import annotations

import ast
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from string import Formatter
from types import SimpleNamespace
from typing import Any, get_args

import numpy as np
import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import rag
from rag import Engine, Settings
from rag.building import build
from rag.corpus.document import Document, Exclusion
from rag.errors import DocumentCode, ModelError, SnapshotError
from rag.library import Library
from rag.models import Embedder
from rag.web.current import CurrentIndex
from rag.web.documents import updates as updates_module
from rag.web.documents.catalogue import Catalogue, Row, View, catalogue_of, part_of
from rag.web.documents.contents import pieces_of
from rag.web.documents.events import Events
from rag.web.documents.listing import listing_html, shown_share, shown_time
from rag.web.documents.updates import Failure, FileStatus, Status, Updates, Work
from rag.web.documents.views import progress_html
from rag.web.libraries import OpenLibraries
from rag.web.texts.documents import DOCUMENT_TEXTS
from rag.web.texts.unreadable import PROBLEMS, problem_in_japanese
from tests.faults.worker import HashEmbedder

from .test_markup import HOSTILE

JAPANESE, ENGLISH = DOCUMENT_TEXTS["ja"], DOCUMENT_TEXTS["en"]


def row(number: int, **facts: Any) -> Row:
    plain = Row(str(number), f"{number}.txt", f"第{number}号", "ja", 100 + number, number, 0.0, "", False)
    return replace(plain, **facts)


def test_a_view_finds_words_whatever_their_width_case_or_order() -> None:
    rows = [row(1, title="Ｓｈｉｏｒｉ の手引き"), row(2, title="別の文書", source="shiori/手引き.md"), row(3)]
    assert part_of(rows, View("手引 SHIORI")).rows == [rows[0], rows[1]]


def test_a_page_that_is_not_there_is_the_last_one() -> None:
    part = part_of([row(n) for n in range(120)], View(page=9))
    assert (part.page, part.pages, part.found, len(part.rows)) == (2, 3, 120, 20)


@pytest.mark.parametrize("data", ["nothing", None, 3, ["title"], "__class__"])
def test_sorting_by_what_is_no_column_changes_nothing(data: Any) -> None:
    assert View().sorted_by(data) == View()
    assert View().turned_to("2") == View()
    assert View().turned_to(-5).page == 0


def test_numbers_are_sorted_with_the_largest_first_and_the_other_way_round_at_the_second_click() -> None:
    once = View().sorted_by("chars")
    assert once.descending and not once.sorted_by("chars").descending
    assert not View().sorted_by("title").descending


def test_a_share_that_is_small_is_told_apart_from_none() -> None:
    assert [shown_share(s, JAPANESE) for s in (0, 0.004, 0.05, 1)] == ["なし", "<1%", "5%", "100%"]
    assert shown_time("no time") == ""


@given(st.data())
def test_pieces_put_together_are_the_text_and_each_belongs_where_it_stands(data: st.DataObject) -> None:
    edges = sorted(data.draw(st.sets(st.integers(0, 60), min_size=2, max_size=12)))
    spans = list(pairwise(edges))
    kinds = [data.draw(st.sampled_from(["passage", "excluded", "outside"])) for _ in spans]
    passages = [span for span, kind in zip(spans, kinds, strict=True) if kind == "passage"]
    ends = {end for _, end in passages}
    overlapping = [(start - 1 if start in ends else start, end) for start, end in passages]
    excluded = tuple(Exclusion(*span, "share") for span, kind in zip(spans, kinds, strict=True) if kind == "excluded")
    document = Document("a.txt", "a", "あ" * 61, "ja", excluded=excluded)
    pieces = pieces_of(document, overlapping)
    assert "".join(document.text[p.start : p.end] for p in pieces) == document.text
    for piece in pieces:
        over = [n for n, (start, end) in enumerate(overlapping, 1) if start <= piece.start and piece.end <= end]
        assert piece.passage == (max(over) if over else 0)
        assert piece.repeats == (len(over) > 1)
        assert bool(piece.reason) == any(e.start <= piece.start < e.end for e in excluded)


def test_every_problem_of_a_file_has_japanese_words() -> None:
    assert set(PROBLEMS) == set(get_args(DocumentCode))
    assert "パスワード" in problem_in_japanese("encrypted", {})
    assert "64.3 MB、上限 10 MB" in problem_in_japanese("too-large", {"size": 64.34, "limit": 10.0})
    for code, facts in (("of tomorrow", {}), ("too-large", {}), ("too-large", {"size": "x", "limit": "y"})):
        assert "保存し直して" in problem_in_japanese(code, facts)


def test_each_error_of_a_document_is_made_with_its_code_and_the_facts_of_its_words() -> None:
    made = [(file, call) for file in Path(rag.__file__).parent.rglob("*.py") for call in _errors_in(file)]
    assert len(made) > 40
    for file, call in made:
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        where = f"{file}:{call.lineno}"
        code, facts = given.get("code"), given.get("facts")
        assert isinstance(code, ast.Constant), where
        names = {ast.literal_eval(key) for key in facts.keys if key} if isinstance(facts, ast.Dict) else set()
        wanted = {name for _, name, _, _ in Formatter().parse(PROBLEMS[code.value]) if name}
        assert wanted <= names, where


def _errors_in(file: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "DocumentError"
        if is_call and file.name != "errors.py":
            yield node


def test_what_is_shown_of_hostile_files_is_text() -> None:
    for text in HOSTILE:
        files = (FileStatus(text, "unread", problem=text, hint=text), FileStatus("", "waiting"))
        failure = Failure("gone", text, text)
        html = progress_html(Status(1, files, None, failure, False), ENGLISH)
        html += listing_html(Catalogue((row(1, title=text, source=text),), True), View(words=text), JAPANESE)
        html += listing_html(Catalogue((row(1, title=text, source=text),), True), View(), JAPANESE)
        for tag in ("<script", "<img", "<svg", "<iframe", "<a "):
            assert tag not in html


def test_thousands_of_files_are_counted_and_the_urgent_ones_shown() -> None:
    files = (*(FileStatus(f"{n}.txt", "indexed") for n in range(3000)), FileStatus("x.pdf", "unread"))
    html = progress_html(Status(1, files, Work("reading", 5, 10), None, False), JAPANESE)
    assert html.count("<li") == 201 and "x.pdf" in html and "完了 3,000 件" in html


def test_progress_never_goes_back_and_tells_the_time_left() -> None:
    reading = [Work("starting"), Work("reading", 1, 2), Work("reading", 2, 2)]
    stages = [*reading, Work("embedding", 0, 9), Work("embedding", 9, 9), Work("writing"), Work("opening")]
    shares = [work.share for work in stages]
    assert shares == sorted(shares) and shares[0] >= 0 and shares[-1] < 1
    half = Work("embedding", 50, 100, 10.0)
    assert half.seconds_left(40.0) == 30.0
    assert Work("embedding", 0, 100, 10.0).seconds_left(40.0) is None
    html = progress_html(Status(1, (), Work("embedding", 1, 10, time.monotonic() - 3), None, False), JAPANESE)
    assert "1 / 10 箇所" in html and "残り約 30 秒" in html


class Stalling(HashEmbedder):
    """Waits, or fails, where the test says so."""

    hold: threading.Event | None = None
    reached = threading.Event()
    error: Exception | None = None

    def embed_passages(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        if self.error is not None:
            raise self.error
        if self.hold is not None:
            self.reached.set()
            assert self.hold.wait(30)
        return super().embed_passages(texts, progress=progress)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Stalling:
    model = Stalling()
    model.reached = threading.Event()
    monkeypatch.setattr(Embedder, "shared", classmethod(lambda cls, *args, **options: model))
    return model


@pytest.fixture
def updates(model: Stalling, tmp_path: Path) -> Updates:
    folder, index = tmp_path / "documents", tmp_path / "index"
    folder.mkdir()
    (folder / "own.txt").write_text("自分の文書です。", encoding="utf-8")
    build(folder, index=index, settings=Settings.load(chunk_tokens=50))
    settings = Settings.load(index=index, reader="none")
    return Updates(CurrentIndex(lambda: Engine.open(index, settings), index, settings), index)


def test_a_new_upload_puts_away_what_came_of_the_last_one(tmp_path: Path) -> None:
    def engine() -> Engine:
        raise SnapshotError("There is no index.")

    events = Events(OpenLibraries(CurrentIndex(engine, tmp_path / "index")), set())
    shown = []
    for name, first in (("old.exe", True), ("older.exe", False), ("new.exe", True)):
        sent = SimpleNamespace(_data={"files": [{"name": name, "size": 1}], "first": first})
        shown.append(str(events.add_files(View(), "ja", sent)[0]))  # type: ignore[arg-type]
    assert "old.exe" in shown[1] and "older.exe" in shown[1]
    assert "new.exe" in shown[2] and "old.exe" not in shown[2]


Add = Callable[..., None]


@pytest.fixture
def add(updates: Updates, tmp_path: Path) -> Add:
    def add_(name: str, text: str = "足した文書です。") -> None:
        content = tmp_path / "content"
        content.write_text(text, encoding="utf-8")
        updates.library.add(content, name)

    return add_


def served(updates: Updates) -> set[str]:
    return {document.source for document in updates._current.engine().documents()}


def test_an_update_keeps_the_settings_of_the_index(updates: Updates, add: Add) -> None:
    add("a.txt")
    updates.resume()
    assert updates.wait(30)
    assert served(updates) == {"own.txt", "a.txt"}
    assert updates._current.engine().info().settings["chunk_tokens"] == 50
    assert [(f.name, f.state, f.passages) for f in updates.status().files] == [("a.txt", "indexed", 1)]


def test_nothing_is_done_where_nothing_is_left_undone(updates: Updates) -> None:
    updates.resume()
    assert updates.status().work is None and updates.status().version == 0


def test_what_is_asked_for_during_an_update_is_done_after_it(updates: Updates, add: Add, model: Stalling) -> None:
    model.hold = threading.Event()
    add("a.txt")
    updates.request()
    assert model.reached.wait(30)
    add("b.txt", "もうひとつの文書です。")
    updates.request()
    model.hold.set()
    assert updates.wait(30)
    assert served(updates) == {"own.txt", "a.txt", "b.txt"}


def test_a_build_elsewhere_is_waited_for(updates: Updates, add: Add) -> None:
    add("a.txt")
    lock = FileLock(updates.library.index / ".lock")
    with lock:
        updates.request()
        seen = _until_stage(updates, "blocked")
    assert seen and updates.wait(30)
    assert "a.txt" in served(updates)


def _until_stage(updates: Updates, stage: str) -> bool:
    for _ in range(600):
        work = updates.status().work
        if work is not None and work.stage == stage:
            return True
        threading.Event().wait(0.02)
    return False


def test_a_build_elsewhere_that_takes_too_long_is_told(
    updates: Updates, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(updates_module, "_BLOCKED_SECONDS", 0.2)
    add("a.txt")
    with FileLock(updates.library.index / ".lock"):
        updates.request()
        assert updates.wait(30)
    failure = updates.status().failure
    assert failure is not None and failure.trouble == "busy"
    assert updates.library.pending() == ["a.txt"]


@pytest.mark.parametrize(
    ("error", "trouble"), [(ModelError("The model is damaged."), "model"), (KeyError("x"), "other")]
)
def test_a_failure_is_told_and_the_index_stays(
    updates: Updates, add: Add, model: Stalling, error: Exception, trouble: str
) -> None:
    add("a.txt")
    model.error = error
    updates.request()
    assert updates.wait(30)
    failure = updates.status().failure
    assert failure is not None and failure.trouble == trouble
    assert served(updates) == {"own.txt"}
    model.error = None
    updates.request()
    assert updates.wait(30)
    assert updates.status().failure is None and served(updates) == {"own.txt", "a.txt"}


def test_an_index_of_hidden_origin_is_listed_but_cannot_be_changed(updates: Updates) -> None:
    engine = updates._current.engine()
    assert catalogue_of(engine, updates.library).can_change
    (engine.snapshot.folder / "sources.json").unlink()
    hidden = catalogue_of(engine, Library(updates.library.index))
    assert [r.source for r in hidden.rows] == ["own.txt"] and not hidden.can_change
