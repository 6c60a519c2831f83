"""The command ``rag batch``: exit codes, what it says, how it stops."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from rag.batch import part_file
from rag.cli.batch import batch
from rag.engine import Engine
from rag.errors import RagError
from rag.settings import Settings
from tests.batch.doubles import FakeEngine, written

Run = Callable[..., Result]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    fake = FakeEngine(block=1)

    def opened(index: object = None, settings: Settings | None = None) -> FakeEngine:
        fake.settings = settings or fake.settings
        return fake

    monkeypatch.setattr(Engine, "open", opened)
    return fake


@pytest.fixture
def run(engine: FakeEngine) -> Run:
    app = typer.Typer()
    app.command()(batch)

    def invoke(*arguments: object, **options: Any) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments], **options)

    return invoke


def test_a_file_of_questions_becomes_a_file_of_answers(run: Run, tmp_path: Path) -> None:
    questions = written(tmp_path, "q.txt", "一は?\n無い?\n")
    result = run(questions, "-o", tmp_path / "a.csv")
    assert result.exit_code == 0, result.output
    assert "2 questions: 1 answered, 1 without an answer, 0 failed" in result.stdout
    assert "a second" in result.stdout
    assert (tmp_path / "a.csv").exists()


def test_json_prints_the_summary_alone_and_a_failed_question_ends_with_3(run: Run, tmp_path: Path) -> None:
    questions = written(tmp_path, "q.csv", "質問,部署\n一は?,x\n,y\n")
    result = run(questions, "-o", tmp_path / "a.jsonl", "--json")
    assert result.exit_code == 3
    summary = json.loads(result.stdout)
    assert (summary["questions"], summary["answered"], summary["failed"]) == (2, 1, 1)
    assert summary["output"] == str(tmp_path / "a.jsonl")


def test_standard_input_is_read_and_limit_kept(run: Run, engine: FakeEngine, tmp_path: Path) -> None:
    result = run("-", "-o", tmp_path / "a.md", "--limit", 2, input="一は?\n二は?\n三は?\n")
    assert result.exit_code == 0, result.output
    assert engine.questions == ["一は?", "二は?"]


def test_options_reach_the_engine_and_the_reader_of_the_file(
    run: Run, engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_with: dict[str, Any] = {}
    answers = engine.batch

    def noted(questions: Any, **options: Any) -> Any:
        asked_with.update(options)
        return answers(questions, **options)

    monkeypatch.setattr(engine, "batch", noted)
    questions = written(tmp_path, "q.csv", "鍵,本文\nx1,一は?\n")
    options = [
        "--column",
        "本文",
        "--id-column",
        "鍵",
        "-k",
        3,
        "--mode",
        "lexical",
        "--source",
        "notes/",
        "--source",
        "b",
    ]
    result = run(questions, "-o", tmp_path / "a.jsonl", *options, "--language", "ja")
    assert result.exit_code == 0, result.output
    assert (engine.settings.k, engine.settings.mode) == (3, "lexical")
    assert asked_with["sources"] == ["notes/", "b"] and asked_with["languages"] == ["ja"]
    assert json.loads((tmp_path / "a.jsonl").read_text(encoding="utf-8"))["id"] == "x1"


@pytest.mark.parametrize(
    "arguments", [["-o", "a.txt"], ["-o", "a.csv", "--mode", "x"], ["-o", "a.csv", "--limit", "0"], []]
)
def test_wrong_usage_ends_with_2(run: Run, engine: FakeEngine, tmp_path: Path, arguments: list[str]) -> None:
    questions = written(tmp_path, "q.txt", "一は?\n")
    assert run(questions, *arguments).exit_code == 2
    assert engine.questions == []


def test_settings_are_loaded_once(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded, load = [], Settings.load
    monkeypatch.setattr(Settings, "load", lambda **chosen: loaded.append(chosen) or load(**chosen))
    result = run(written(tmp_path, "q.txt", "一は?\n"), "-o", tmp_path / "a.csv", "-k", 3)
    assert result.exit_code == 0, result.output
    assert [each["k"] for each in loaded] == [3]


def test_a_file_that_cannot_be_read_is_told_before_the_index_is_opened(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Engine, "open", lambda *_, **__: pytest.fail("opened"))
    result = run(written(tmp_path, "q.csv", "部署,氏名\nx,y\n"), "-o", tmp_path / "a.csv")
    assert isinstance(result.exception, RagError)
    assert "The columns are: 部署, 氏名." in str(result.exception)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_it_with_a_word_on_how_to_go_on(
    run: Run, engine: FakeEngine, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    def stop(_question: str) -> None:
        if len(engine.questions) == 2:
            os.kill(os.getpid(), number)

    engine._when_asked = stop
    # Programs started in the background ignore Ctrl+C from the start.
    interrupted = signal.signal(signal.SIGINT, signal.default_int_handler)
    handler = signal.getsignal(signal.SIGTERM)
    questions = written(tmp_path, "q.txt", "".join(f"{i}は?\n" for i in range(5)))
    result = run(questions, "-o", tmp_path / "a.csv")
    signal.signal(signal.SIGINT, interrupted)
    assert result.exit_code == code
    assert "Stopped after 2 of 5 questions" in result.stderr
    assert "The same command goes on from there." in result.stderr
    assert part_file(tmp_path / "a.csv").exists()
    assert signal.getsignal(signal.SIGTERM) == handler
    engine._when_asked = lambda _: None
    result = run(questions, "-o", tmp_path / "a.csv")
    assert result.exit_code == 0
    assert "Going on after 2 of 5 questions" in result.stderr
    assert "3 asked in" in result.stdout
    assert engine.questions == ["0は?", "1は?", "2は?", "3は?", "4は?"]
