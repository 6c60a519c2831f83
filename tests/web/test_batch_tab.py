"""Question files behind the page: one at a time, stoppable, resumable, and nobody else's business."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from rag.batch import read_questions, run_batch
from rag.errors import BusyError, DatasetError, RagError
from rag.settings import Settings
from rag.web.batch import batches as batches_module
from rag.web.batch import views
from rag.web.batch.batches import Batches
from rag.web.batch.state import Options
from rag.web.current import CurrentIndex
from rag.web.jobs.folders import WorkFolders
from rag.web.jobs.queue import Jobs
from rag.web.libraries import OpenLibraries

from .batch_doubles import WorkingEngine, wait_until

TEA, NONE, EMPTY = "煎茶は何度の湯で淹れますか", "富士山の標高", ""
ME, YOU = "me", "you"


@pytest.fixture
def engine(tmp_path: Path) -> WorkingEngine:
    return WorkingEngine(settings=Settings(cache_dir=tmp_path / "cache"))


@pytest.fixture
def jobs() -> Jobs:
    return Jobs()


@pytest.fixture
def batches(engine: WorkingEngine, jobs: Jobs) -> Batches:
    return Batches(OpenLibraries(CurrentIndex(lambda: engine)), jobs)


def question_file(folder: Path, questions: list[str], name: str = "質問.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes("\r\n".join(["番号,質問", *(f"{n},{q}" for n, q in enumerate(questions))]).encode(encoding))
    return path


def finish(batches: Batches, name: str) -> None:
    wait_until(lambda: not batches.state(ME, name).is_live)


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".md", ".html"])
def test_the_file_of_answers_is_the_one_that_rag_batch_writes(
    tmp_path: Path, batches: Batches, engine: WorkingEngine, ending: str
) -> None:
    file = question_file(tmp_path, [TEA, NONE, EMPTY], encoding="cp932")
    name = batches.start(ME, file, Options(ending, mode="hybrid", k=10))
    finish(batches, name)
    output = batches.state(ME, name).output
    expected = tmp_path / f"expected{ending}"
    run_batch(engine, replace(read_questions(file), name=file.name), expected, mode="hybrid", k=10)  # type: ignore[arg-type]
    assert output is not None and output.read_bytes() == expected.read_bytes()
    assert batches.state(ME, name).counts == {"answered": 1, "abstained": 1, "failed": 1}


def test_a_file_that_was_stopped_keeps_its_answers_and_goes_on_behind_them(
    tmp_path: Path, batches: Batches, engine: WorkingEngine
) -> None:
    engine.gate = threading.Semaphore(2)
    name = batches.start(ME, question_file(tmp_path, [TEA, NONE] * 3), Options(".csv"))
    wait_until(lambda: batches.state(ME, name).done == 2)
    batches.stop(ME, name)
    assert batches.state(ME, name).stage == "stopping"
    engine.gate.release()
    finish(batches, name)
    stopped = batches.state(ME, name)
    assert (stopped.stage, stopped.done) == ("stopped", 3)
    assert stopped.output is not None and len(stopped.output.read_text("utf-8-sig").splitlines()) >= 4
    engine.gate = None
    before = len(engine.asked)
    batches.go_on(ME, name)
    finish(batches, name)
    assert batches.state(ME, name).stage == "done"
    assert len(engine.asked) - before == 3


def test_after_a_restart_of_the_server_the_file_is_still_there_and_goes_on(
    tmp_path: Path, batches: Batches, engine: WorkingEngine
) -> None:
    gate = engine.gate = threading.Semaphore(2)
    name = batches.start(ME, question_file(tmp_path, [TEA] * 5), Options(".csv"))
    wait_until(lambda: batches.state(ME, name).done == 2)
    again = WorkingEngine(settings=engine.settings)
    restarted = Batches(OpenLibraries(CurrentIndex(lambda: again)), Jobs())
    assert [(s.id, s.stage, s.done) for s in restarted.states(ME)] == [(name, "stopped", 2)]
    batches.stop(ME, name)
    gate.release()
    finish(batches, name)
    restarted.go_on(ME, name)
    wait_until(lambda: restarted.state(ME, name).stage == "done")
    assert len(again.asked) == 2


def test_when_the_documents_have_changed_the_questions_are_asked_anew_and_the_page_says_so(
    tmp_path: Path, batches: Batches, engine: WorkingEngine
) -> None:
    engine.gate = threading.Semaphore(1)
    name = batches.start(ME, question_file(tmp_path, [TEA] * 4), Options(".csv"))
    wait_until(lambda: batches.state(ME, name).done == 1)
    batches.stop(ME, name)
    engine.gate.release()
    finish(batches, name)
    engine.snapshot.manifest.id = "snapshot-2"
    engine.gate = threading.Semaphore(1)
    batches.go_on(ME, name)
    wait_until(lambda: batches.state(ME, name).anew and batches.state(ME, name).done == 1)
    assert "最初の質問から" in views.progress_html(batches.state(ME, name), "ja")
    engine.gate.release(3)
    finish(batches, name)
    assert batches.state(ME, name).done == 4


def test_files_wait_for_each_other_and_know_their_place(
    tmp_path: Path, batches: Batches, engine: WorkingEngine
) -> None:
    gate = engine.gate = threading.Semaphore(0)
    names = [batches.start(owner, question_file(tmp_path, [TEA]), Options(".csv")) for owner in (ME, YOU, ME)]
    assert [batches.state(o, n).ahead for o, n in zip((ME, YOU, ME), names, strict=True)] == [0, 1, 2]
    assert batches.state(YOU, names[1]).stage == "waiting"
    batches.stop(YOU, names[1])
    assert batches.state(YOU, names[1]).stage == "stopped"
    assert batches.state(ME, names[2]).ahead == 1
    gate.release(2)
    finish(batches, names[2])
    assert batches.state(ME, names[0]).stage == batches.state(ME, names[2]).stage == "done"


def test_nobody_sees_stops_or_removes_the_files_of_another(
    tmp_path: Path, batches: Batches, engine: WorkingEngine
) -> None:
    gate = engine.gate = threading.Semaphore(1)
    name = batches.start(ME, question_file(tmp_path, [TEA] * 2), Options(".csv"))
    wait_until(lambda: batches.state(ME, name).done == 1)
    for stranger in (YOU, "", "../me"):
        assert batches.states(stranger) == []
        assert batches.results(stranger, name, 0, 10) == []
        with pytest.raises(DatasetError):
            batches.state(stranger, name)
        batches.stop(stranger, name)
        batches.remove(stranger, name)
    assert batches.state(ME, name).stage == "running"
    gate.release()
    finish(batches, name)
    assert batches.state(ME, name).stage == "done"


def test_a_file_that_failed_says_why_and_others_go_on(tmp_path: Path, batches: Batches, engine: WorkingEngine) -> None:
    gate = engine.gate = threading.Semaphore(0)
    name = batches.start(ME, question_file(tmp_path, [TEA]), Options(".csv"))
    after = batches.start(ME, question_file(tmp_path, [TEA]), Options(".csv"))
    folder = next(engine.settings.cache_dir.glob(f"web/batch/*/{name}"))
    (folder / "質問-answers.csv").mkdir()
    gate.release(2)
    finish(batches, after)
    state = batches.state(ME, name)
    assert state.stage == "failed" and state.error.startswith("質問-answers.csv: The ")
    assert state.error in views.progress_html(state, "ja")
    assert batches.state(ME, after).stage == "done"


def test_one_browser_cannot_fill_the_line(tmp_path: Path, batches: Batches, engine: WorkingEngine) -> None:
    gate = engine.gate = threading.Semaphore(0)
    names = [batches.start(ME, question_file(tmp_path, [TEA]), Options(".csv")) for _ in range(3)]
    with pytest.raises(BusyError):
        batches.start(ME, question_file(tmp_path, [TEA]), Options(".csv"))
    gate.release(3)
    for name in names:
        finish(batches, name)


def test_too_many_questions_are_refused_before_anything_is_asked(
    tmp_path: Path, batches: Batches, engine: WorkingEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches_module, "MOST_QUESTIONS", 2)
    with pytest.raises(DatasetError, match="3 questions"):
        batches.start(ME, question_file(tmp_path, [TEA] * 3), Options())
    assert batches.states(ME) == [] and engine.asked == []


def test_a_removed_file_leaves_nothing_on_the_disk(tmp_path: Path, batches: Batches, engine: WorkingEngine) -> None:
    name = batches.start(ME, question_file(tmp_path, [TEA]), Options(".csv"))
    finish(batches, name)
    copy = batches.download(batches.state(ME, name))
    assert copy is not None and Path(copy).name == "質問-answers.csv"
    batches.remove(ME, name)
    assert batches.states(ME) == []
    assert not Path(copy).exists()
    assert list(engine.settings.cache_dir.glob(f"web/batch/*/{name}")) == []


@pytest.mark.parametrize("name", ["../../x.csv", "a\nb.csv", ".csv.csv", "😀" * 40 + ".csv", "‮x.csv", "=cmd.csv"])
def test_names_of_uploads_are_harmless(tmp_path: Path, batches: Batches, engine: WorkingEngine, name: str) -> None:
    folder = tmp_path / "in" / "deep" / "er"
    folder.mkdir(parents=True)
    job = batches.start(ME, question_file(folder, [TEA], name), Options(".csv"))
    finish(batches, job)
    output = batches.state(ME, job).output
    assert output is not None and output.resolve().is_relative_to(engine.settings.cache_dir.resolve())
    assert batches.state(ME, job).stage == "done"
    assert "\u202e" not in output.name and "\n" not in output.name


def test_any_page_of_the_results_can_be_looked_at_while_they_come(
    tmp_path: Path, batches: Batches, engine: WorkingEngine
) -> None:
    gate = engine.gate = threading.Semaphore(3)
    name = batches.start(ME, question_file(tmp_path, [TEA, NONE, EMPTY, TEA]), Options(".csv"))
    wait_until(lambda: batches.state(ME, name).done == 3)
    shown = [(q.id, r.status) for q, r in batches.results(ME, name, 1, 2)]
    assert shown == [("1", "abstained"), ("2", "failed")]
    assert batches.results(ME, name, 3, 2) == []
    gate.release()
    finish(batches, name)
    assert [r.status for _, r in batches.results(ME, name, 3, 2)] == ["answered"]


def test_the_time_left_follows_from_the_pace(tmp_path: Path, batches: Batches, engine: WorkingEngine) -> None:
    gate = engine.gate = threading.Semaphore(5)
    name = batches.start(ME, question_file(tmp_path, [TEA] * 10), Options(".csv"))
    wait_until(lambda: batches.state(ME, name).done == 5 and batches.state(ME, name).seconds_left is not None)
    state = batches.state(ME, name)
    assert state.seconds_left == pytest.approx(5 / state.rate)
    gate.release(5)
    finish(batches, name)


def test_old_folders_go_when_something_new_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = WorkFolders(tmp_path)
    old = folders.add(ME, {"name": "old"})
    monkeypatch.setattr("rag.web.jobs.folders.DAYS_KEPT", -1)
    new = folders.add(YOU, {"name": "new"})
    assert folders.get(ME, old.id) is None
    assert folders.get(YOU, new.id) == new


def test_a_browser_without_a_secret_shares_nothing_with_others_of_the_kind(tmp_path: Path) -> None:
    with pytest.raises(RagError):
        WorkFolders(tmp_path).add("", {})
    assert WorkFolders(tmp_path).of("") == []


def test_only_ids_that_were_given_lead_anywhere(tmp_path: Path) -> None:
    folders = WorkFolders(tmp_path)
    entry = folders.add(ME, {})
    for name in (f"../{entry.folder.parent.name}/{entry.id}", "", None, 7, entry.id.upper() + "/", f"{entry.id}\n"):
        assert folders.get(ME, name) is None


def test_a_table_of_answers_shows_text_of_documents_and_questions_as_text(
    tmp_path: Path, batches: Batches, engine: WorkingEngine
) -> None:
    name = batches.start(ME, question_file(tmp_path, ["<img src=x onerror=alert(1)>煎茶の湯"]), Options(".csv"))
    finish(batches, name)
    rows = batches.results(ME, name, 0, 10)
    html = views.results_html(rows, 0, 1, False, "ja")
    assert "<img" not in html and "&lt;img" in html
    assert html.count('class="cite"') == len(rows[0][1].citations) > 0
