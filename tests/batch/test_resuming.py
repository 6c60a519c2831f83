"""A run that stops goes on where it was: never a question twice, never results of another run, never half a file."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from openpyxl import load_workbook

import rag.batch
import rag.files as files_module
from rag.batch import QuestionFile, part_file, read_questions, run_batch
from rag.errors import BusyError, StorageError
from tests.batch.doubles import FakeEngine, read, texts, written

CODE = str(Path(rag.batch.__file__).parent)
COUNT = 13

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.fixture
def questions(tmp_path: Path) -> QuestionFile:
    lines = [f"{i}番目の{'無い' if i % 5 == 3 else ''}ものは何?" for i in range(COUNT)]
    rows = "\n".join(f"k{i},{'' if i == 6 else line}" for i, line in enumerate(lines))
    return read(tmp_path, "q.csv", f"id,質問\n{rows}\n")


class StoppedError(Exception):
    """What a test's engine raises to stop a run."""


def stopping_after(count: int) -> Callable[[str], None]:
    drawn: list[str] = []

    def note(question: str) -> None:
        drawn.append(question)
        if len(drawn) > count:
            raise StoppedError

    return note


def stopped(questions: QuestionFile, output: Path, count: int = 4, **options: Any) -> list[str]:
    """Runs until so many questions are answered; gives what the run told."""
    told: list[str] = []
    engine = FakeEngine(block=1, when_asked=stopping_after(count))
    with pytest.raises(StoppedError):
        run_batch(engine, questions, output, tell=told.append, **options)
    return told


def recorded(output: Path) -> int:
    """How many results the journal holds, counted without the code that is tested."""
    journal = part_file(output)
    lines = journal.read_bytes().split(b"\n")[:-1] if journal.exists() else []
    return max(0, len(lines) - 1)


def test_a_stopped_run_says_where_it_stopped_and_the_next_goes_on_from_there(
    questions: QuestionFile, tmp_path: Path
) -> None:
    output = tmp_path / "a.jsonl"
    (last,) = stopped(questions, output)
    assert "Stopped after 4 of 13 questions" in last and "same command" in last
    assert not output.exists()
    told: list[str] = []
    engine = FakeEngine()
    report = run_batch(engine, questions, output, tell=told.append)
    assert told == [f"Going on after 4 of 13 questions, kept in {part_file(output)}."]
    assert report.resumed == 4
    assert engine.questions == texts(questions.questions[4:])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "q.csv"]


def test_progress_begins_where_the_run_goes_on(questions: QuestionFile, tmp_path: Path) -> None:
    stopped(questions, tmp_path / "a.csv")
    seen: list[tuple[str, int, int]] = []
    run_batch(FakeEngine(), questions, tmp_path / "a.csv", progress=lambda *state: seen.append(state))
    assert seen[0] == ("asking", 4, 13)
    assert ("asking", 13, 13) in seen
    assert seen[-1] == ("writing", 13, 13)


@pytest.mark.parametrize(
    "other",
    [
        {"k": 3},
        {"mode": "lexical"},
        {"sources": ["notes/"]},
        {"languages": ["ja"]},
        {"options": {"llm": "small"}},
        {"engine": {"snapshot": "snapshot-2"}},
        {"engine": {"min_confidence": 0.25}},
        {"file": {"content": "id,質問\nk0,別の質問?\n"}},
        {"file": {"column": "id"}},
    ],
)
def test_results_of_another_index_settings_or_input_are_never_mixed(
    questions: QuestionFile, tmp_path: Path, other: dict[str, Any]
) -> None:
    output = tmp_path / "a.jsonl"
    stopped(questions, output)
    engine = FakeEngine(**other.pop("engine", {}))
    if changed := other.pop("file", None):
        content = changed.pop("content", None) or Path(questions.name).read_text(encoding="utf-8")
        questions = read_questions(written(tmp_path, "q.csv", content), **changed)
    told: list[str] = []
    report = run_batch(engine, questions, output, tell=told.append, **other)
    assert report.resumed == 0
    assert engine.questions == texts(questions.questions)
    assert report.set_aside == tmp_path / "a.jsonl.part.jsonl.old"
    assert recorded(output) == 0 and report.set_aside.exists()
    assert "is of another run" in told[0] and "moved to a.jsonl.part.jsonl.old" in told[0]


def test_an_answer_that_cannot_be_kept_costs_one_question(
    questions: QuestionFile, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = FakeEngine()
    whole = run_batch(engine, questions, tmp_path / "whole.jsonl")

    def lost(document_id: str) -> None:
        raise KeyError(document_id)

    engine.document = lost  # type: ignore[method-assign, assignment]
    report = run_batch(engine, questions, tmp_path / "a.jsonl")
    assert (report.questions, report.abstained) == (whole.questions, whole.abstained)
    assert report.failed == whole.failed + whole.answered and report.answered == 0
    assert "KeyError" in caplog.text


def test_the_same_run_may_ask_fewer_or_more(questions: QuestionFile, tmp_path: Path) -> None:
    output = tmp_path / "a.csv"
    stopped(questions, output)
    engine = FakeEngine()
    report = run_batch(engine, questions, output, limit=3)
    assert (report.questions, report.resumed, engine.questions) == (3, 3, [])
    stopped(questions, output, limit=6)
    assert run_batch(engine, questions, output).resumed == 4


@pytest.mark.parametrize("damage", [b'{"n":4,"sta', b"\0\0\0\0", b'{"n":7,"status":"answered"}\n', b"x\n", b"\n"])
def test_what_a_crash_left_of_the_last_line_is_dropped(questions: QuestionFile, tmp_path: Path, damage: bytes) -> None:
    output, whole = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    stopped(questions, output)
    with part_file(output).open("ab") as journal:
        journal.write(damage)
    assert run_batch(FakeEngine(), questions, output).resumed == 4
    run_batch(FakeEngine(), questions, whole)
    assert output.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("content", [b"", b'{"format"'])
def test_a_journal_that_had_not_begun_is_begun_again(questions: QuestionFile, tmp_path: Path, content: bytes) -> None:
    output = tmp_path / "a.jsonl"
    written(tmp_path, part_file(output).name, content)
    report = run_batch(FakeEngine(), questions, output)
    assert (report.resumed, report.set_aside) == (0, None)


def test_two_runs_at_once_on_one_output_do_not_meet(questions: QuestionFile, tmp_path: Path) -> None:
    output = tmp_path / "a.csv"
    refused: list[BusyError] = []

    def second(question: str) -> None:
        if not refused:
            with pytest.raises(BusyError, match="Another process") as raised:
                run_batch(FakeEngine(), questions, output)
            refused.append(raised.value)

    assert run_batch(FakeEngine(when_asked=second), questions, output).questions == COUNT
    assert len(refused) == 1
    assert run_batch(FakeEngine(), questions, output).questions == COUNT


def test_a_disk_without_room_keeps_what_is_recorded(
    questions: QuestionFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "a.csv"
    real = os.write
    written_lines: list[int] = []

    def filling(descriptor: int, data: Any) -> int:
        if bytes(data[:1]) == b"{":
            written_lines.append(1)
            if len(written_lines) == 6:
                return real(descriptor, data[:20])
            if len(written_lines) > 6:
                raise OSError(28, "No space left on device")
        elif len(written_lines) >= 6:
            raise OSError(28, "No space left on device")
        return real(descriptor, data)

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", filling)
        with pytest.raises(StorageError, match="No space left on device"):
            run_batch(FakeEngine(), questions, output)
    assert run_batch(FakeEngine(), questions, output).resumed == 4


def test_the_output_is_on_the_disk_before_its_name_and_the_journal_goes_last(
    questions: QuestionFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[tuple[str, str]] = []
    replace, unlink = Path.replace, Path.unlink

    def noted_replace(path: Path, target: Path) -> Path:
        steps.append(("rename", path.name))
        return replace(path, target)

    def noted_unlink(path: Path, missing_ok: bool = False) -> None:
        steps.append(("delete", path.name))
        unlink(path, missing_ok)

    monkeypatch.setattr(files_module, "sync", lambda path: steps.append(("sync", path.name)))
    monkeypatch.setattr(Path, "replace", noted_replace)
    monkeypatch.setattr(Path, "unlink", noted_unlink)
    run_batch(FakeEngine(), questions, tmp_path / "a.csv")
    partial = steps[0][1]
    assert partial.startswith(".a.csv.") and partial.endswith(".part")
    assert steps == [
        ("sync", partial),
        ("rename", partial),
        ("sync", tmp_path.name),
        ("delete", "a.csv.part.jsonl"),
        ("delete", ".a.csv.lock"),
    ]


def in_child(work: Callable[[], object]) -> int:
    """Runs ``work`` in a process of its own; gives how it ended, as ``os.waitstatus_to_exitcode`` does."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at(line: int, run: Callable[[], object], count_to: Path | None = None) -> None:
    """Runs, and is killed when so many lines of our code have begun; or writes down how many there are."""
    begun = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal begun
        if not frame.f_code.co_filename.startswith(CODE):
            return None
        if event == "line":
            begun += 1
            if begun == line:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)
    run()
    sys.settrace(None)
    if count_to is not None:
        count_to.write_text(str(begun))


def torn_at(write: int, share: float, run: Callable[[], object]) -> None:
    """Runs, and is killed when only a part of the journal's n-th write has reached the file."""
    real, seen = os.write, 0

    def torn(descriptor: int, data: Any) -> int:
        nonlocal seen
        seen += bytes(data[:1]) == b"{"
        if seen == write and bytes(data[:1]) == b"{":
            real(descriptor, data[: int(len(data) * share)])
            os.kill(os.getpid(), signal.SIGKILL)
        return real(descriptor, data)

    os.write = torn  # type: ignore[assignment]
    run()


class Trial:
    """One output that is killed and gone on with, and a whole one to compare it to."""

    def __init__(self, questions: QuestionFile, folder: Path, ending: str) -> None:
        self.questions = questions
        self.output = folder / f"a{ending}"
        self.asked = folder / "asked.txt"
        self._whole = folder / f"whole{ending}"
        run_batch(FakeEngine(), questions, self._whole)
        self.whole = self.content(self._whole)

    @staticmethod
    def content(path: Path) -> object:
        if path.suffix != ".xlsx":
            return path.read_bytes()
        book = load_workbook(path)
        return [[[(c.value, c.hyperlink and c.hyperlink.location) for c in row] for row in s] for s in book.worksheets]

    def begin(self) -> None:
        for path in (self.output, part_file(self.output), self.asked):
            path.unlink(missing_ok=True)

    def run(self, when_asked: Callable[[str], object] = lambda question: None) -> None:
        run_batch(FakeEngine(self.asked, when_asked=when_asked), self.questions, self.output, tell=lambda _: None)

    def check_resuming(self) -> None:
        """The output is nothing or whole; going on makes it whole and asks nothing that was recorded."""
        if self.output.exists():
            assert self.content(self.output) == self.whole
            if not part_file(self.output).exists():
                return
        before, done = self.times_asked(), texts(self.questions.questions[: recorded(self.output)])
        self.run()
        after = self.times_asked()
        assert self.content(self.output) == self.whole
        assert all(after[text] == before[text] for text in done)
        assert not part_file(self.output).exists()

    def times_asked(self) -> Counter[str]:
        return Counter(self.asked.read_text(encoding="utf-8").split("\n")[:-1] if self.asked.exists() else [])


@pytest.mark.parametrize("ending", [".jsonl", ".csv", ".html", ".xlsx"])
def test_killed_at_any_line_a_run_goes_on_to_the_same_output(
    questions: QuestionFile, tmp_path: Path, ending: str
) -> None:
    trial = Trial(questions, tmp_path, ending)
    trial.begin()
    lines_file = tmp_path / "lines"
    assert in_child(lambda: killed_at(0, trial.run, lines_file)) == 0
    lines = int(lines_file.read_text())
    assert lines > 500
    choose = random.Random(7)
    points = sorted({*range(1, lines, lines // 25), *choose.sample(range(1, lines), 15), lines - 1, lines})
    for point in points:
        trial.begin()
        assert in_child(lambda point=point: killed_at(point, trial.run)) == -signal.SIGKILL  # type: ignore[misc]
        trial.check_resuming()


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.999, 1.0])
def test_killed_while_a_record_is_written_a_run_goes_on_to_the_same_output(
    questions: QuestionFile, tmp_path: Path, share: float
) -> None:
    trial = Trial(questions, tmp_path, ".jsonl")
    for write in range(1, COUNT + 2):
        trial.begin()
        assert in_child(lambda write=write: torn_at(write, share, trial.run)) == -signal.SIGKILL  # type: ignore[misc]
        trial.check_resuming()


def test_killed_again_and_again_at_random_times_a_run_ends_with_the_same_output(
    questions: QuestionFile, tmp_path: Path
) -> None:
    trial = Trial(questions, tmp_path, ".csv")
    choose = random.Random(11)
    kills = 0
    for _ in range(8):
        trial.begin()
        for _ in range(30):
            before, done = trial.times_asked(), texts(questions.questions[: recorded(trial.output)])
            child = os.fork()
            if child == 0:
                try:
                    trial.run(when_asked=lambda _: time.sleep(0.002))
                    os._exit(0)
                finally:
                    os._exit(1)
            time.sleep(choose.uniform(0.005, 0.04))
            os.kill(child, signal.SIGKILL)
            ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            after = trial.times_asked()
            assert ended in (0, -signal.SIGKILL)
            assert all(after[text] == before[text] for text in done)
            kills += ended != 0
            if trial.output.exists() and not part_file(trial.output).exists():
                break
        trial.check_resuming()
        assert trial.content(trial.output) == trial.whole
    assert kills >= 8


def test_a_journal_is_read_by_a_program_as_json_lines(questions: QuestionFile, tmp_path: Path) -> None:
    stopped(questions, tmp_path / "a.csv")
    head, *records = [json.loads(line) for line in part_file(tmp_path / "a.csv").read_text("utf-8").splitlines()]
    assert head["format"] == 1 and len(head["fingerprint"]) == 32
    assert [(r["n"], r["status"]) for r in records] == [
        (0, "answered"),
        (1, "answered"),
        (2, "answered"),
        (3, "abstained"),
    ]
