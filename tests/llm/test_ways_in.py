"""Prose through the Engine and the command, over the seed documents; and what becomes of the key."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from rag import Engine, Settings
from rag.errors import SettingsError
from rag.evaluation.systems import index_settings, result_settings
from rag.prose import Draft, Prose, Turn

from .fake_server import FakeServer, Reply, scripted

QUESTION = "DeepSeek-R1はいつリリースされましたか？"
FAITHFUL = "DeepSeek-R1は2025年1月20日にリリースされました"


@pytest.fixture(scope="module")
def faithful(engine: Engine) -> str:
    """A sentence that cites the passage which says so."""
    (rank,) = [hit.rank for hit in engine.ask(QUESTION).hits if "2025年1月20日にオープンソース大規模" in hit.text][:1]
    return f"{FAITHFUL}[{rank}]。"


def engine_with(fake: FakeServer, engine: Engine) -> Engine:
    """An Engine over the same Snapshot that asks this server."""
    return Engine(engine.snapshot, engine.settings.updated(llm_url=fake.url, llm_model="scripted", llm_retries=0))


def rag(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", "from rag.cli.app import main; main()", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "COLUMNS": "300", **environment},
        check=False,
    )


def test_an_answer_with_prose_cites_its_own_hits(engine: Engine, faithful: str) -> None:
    with scripted(faithful) as fake:
        answer = engine_with(fake, engine).ask(QUESTION, llm=True)
    prose = answer.prose
    assert prose is not None and prose.trusted
    (sentence,) = prose.sentences
    for citation in sentence.support:
        assert citation.document == answer.hits[citation.number - 1].document
        text = engine.document(citation.document.id).text
        assert text[citation.start : citation.end] == citation.quote
        assert engine.document(citation.document.id).line(citation.start) == citation.line
    assert json.loads(json.dumps(answer.to_dict()))["prose"]["trusted"] is True


def test_without_the_switch_nothing_is_sent(engine: Engine) -> None:
    with scripted(FAITHFUL) as fake:
        answer = engine_with(fake, engine).ask(QUESTION)
    assert fake.requests == []
    assert answer.prose is None and "prose" not in answer.to_dict()


def test_without_a_server_prose_cannot_be_asked_for(engine: Engine) -> None:
    assert engine.llm is None
    with pytest.raises(SettingsError, match="llm_url"):
        engine.ask(QUESTION, llm=True)
    with pytest.raises(SettingsError, match="llm_url"):
        next(iter(engine.batch([QUESTION], llm=True)))


def test_a_failing_server_costs_only_the_prose(engine: Engine) -> None:
    with scripted(Reply(status=500)) as fake:
        answer = engine_with(fake, engine).ask(QUESTION, llm=True)
    assert "2025年1月20日" in answer.answer
    assert answer.prose is not None and answer.prose.notice is not None
    assert answer.prose.notice.code == "failed"


def test_drafts_come_before_the_prose_and_follow_ups_are_made_whole(engine: Engine) -> None:
    with scripted(FAITHFUL, "DeepSeek-R1のライセンスは何ですか？") as fake:
        asking = engine_with(fake, engine)
        events = list(asking.write_prose(asking.ask(QUESTION)))
        follow = asking.standalone("そのライセンスは？", [Turn(QUESTION, FAITHFUL)], llm=True)
    assert isinstance(events[0], Draft) and isinstance(events[-1], Prose)
    assert follow.question == "DeepSeek-R1のライセンスは何ですか？"
    assert "DeepSeek-R1" in engine.standalone("そのライセンスは？", [Turn(QUESTION, FAITHFUL)]).question


def test_the_command_marks_what_could_not_be_verified(seed_index: Path, faithful: str) -> None:
    invented = "DeepSeek-R1は2024年3月3日にリリースされました[1]。"
    with scripted(faithful + invented) as fake:
        shown = rag("ask", QUESTION, "--index", seed_index, "--llm", RAG_LLM_URL=fake.url)
    assert shown.returncode == 0, shown.stderr
    assert "（未確認）" in shown.stdout
    assert "「2024年3月3日」が出典にありません" in shown.stdout


def test_prose_is_shown_in_a_terminal_while_it_is_written(seed_index: Path, faithful: str) -> None:
    ours, theirs = pty.openpty()
    with scripted(faithful) as fake:
        process = subprocess.Popen(
            [sys.executable, "-m", "rag", "ask", QUESTION, "--index", str(seed_index), "--llm"],
            env={**os.environ, "RAG_LLM_URL": fake.url, "COLUMNS": "200"},
            stdout=subprocess.PIPE,
            stderr=theirs,
            text=True,
        )
        os.close(theirs)
        seen = b""
        with suppress(OSError):  # A terminal nobody writes to any more cannot be read.
            while piece := os.read(ours, 65536):
                seen += piece
        shown, _ = process.communicate(timeout=60)
    os.close(ours)
    assert process.returncode == 0
    assert faithful[:20] in seen.decode()
    assert faithful[:20] in shown


def test_the_command_without_a_server_says_what_to_set(seed_index: Path) -> None:
    run = rag("ask", QUESTION, "--index", seed_index, "--llm")
    assert run.returncode == 1
    assert "llm_url" in run.stderr


def test_the_key_of_the_environment_is_sent_and_kept_nowhere(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> None:
    monkeypatch.setenv("RAG_LLM_KEY", "sk-very-secret")
    settings = Settings.load(llm_url="http://localhost:1/v1")
    changed = settings.updated(k=3)
    assert changed.llm_key is not None and changed.llm_key.get_secret_value() == "sk-very-secret"
    for text in (
        repr(changed),
        str(changed),
        changed.model_dump_json(),
        str(changed.model_dump()),
        str(result_settings(changed)),
        str(index_settings(changed)),
        json.dumps(dict(engine.info().settings)),
    ):
        assert "sk-very-secret" not in text
    with scripted(FAITHFUL) as fake:
        asking = Engine(engine.snapshot, settings.updated(llm_url=fake.url, index=engine.settings.index))
        answer = asking.ask(QUESTION, llm=True)
    assert fake.requests[0].headers["authorization"] == "Bearer sk-very-secret"
    assert "sk-very-secret" not in json.dumps(answer.to_dict())


def test_settings_of_the_llm_do_not_make_evaluation_do_its_work_again() -> None:
    before, after = Settings.load(), Settings.load(llm_url="http://localhost:1/v1", llm_max_tokens=99)
    assert index_settings(before) == index_settings(after)
    assert result_settings(before) == result_settings(after)
