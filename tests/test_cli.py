"""The command rag: output, JSON, exit codes and messages."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from rag.cli import app as cli
from rag.cli import batch as cli_batch
from rag.cli import console as cli_console
from rag.cli import eval as cli_eval
from rag.errors import SnapshotError
from rag.index.folder import FolderSnapshot


class Run(NamedTuple):
    """What a run of the command gave."""

    code: int
    out: str
    err: str


@pytest.fixture
def rag(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Callable[..., Run]:
    """Runs the command in this process, so that the model is loaded once."""
    wide = cli_console.Terminal(stderr=True, width=400)
    for module in (cli, cli_batch, cli_console, cli_eval):
        monkeypatch.setattr(module, "messages", wide)
    monkeypatch.setenv("COLUMNS", "400")

    def run(*arguments: object) -> Run:
        monkeypatch.setattr(sys, "argv", ["rag", *map(str, arguments)])
        capfdbinary.readouterr()
        try:
            cli.main()
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return Run(code, out.decode(), err.decode())

    return run


def test_ask_prints_the_answer_and_where_it_stands(rag: Callable[..., Run], seed_index: Path) -> None:
    run = rag("ask", "主権AIとは何ですか？", "--index", seed_index)
    assert run.code == 0
    assert "外国への依存なしに自国がAI技術を利用できる能力" in run.out
    assert "000_e127c39ffab735c7.txt:12" in run.out


def test_ask_without_an_answer_says_so_in_the_language_of_the_question(
    rag: Callable[..., Run], seed_index: Path
) -> None:
    assert "見つかりませんでした" in rag("ask", "犬の餌は一日に何回ですか", "--index", seed_index).out
    assert "「富士山」は文書の中にありません" in rag("ask", "富士山の標高は？", "--index", seed_index).out
    assert "do not seem to hold" in rag("ask", "Who won the 2024 Nobel Prize?", "--index", seed_index).out


def test_ask_json_is_the_answer_as_the_api_gives_it(rag: Callable[..., Run], seed_index: Path) -> None:
    body = json.loads(rag("ask", "What is sovereign AI?", "--json", "-k", 3, "--index", seed_index).out)
    assert body["abstained"] is False
    assert len(body["hits"]) == 3
    citation = body["citations"][0]
    text = (Path(__file__).parents[1] / "seeds" / citation["document"]["source"]).read_text(encoding="utf-8")
    assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_search_prints_hits_with_scores_and_takes_filters(rag: Callable[..., Run], seed_index: Path) -> None:
    run = rag("search", "輸出規制", "--source", "002*", "--mode", "lexical", "--index", seed_index)
    assert run.code == 0
    assert "002_c77468d96fb63a16.txt" in run.out
    assert "lexical" in run.out
    assert "000_" not in run.out


def test_info_lists_documents_and_what_was_left_out(rag: Callable[..., Run], seed_index: Path) -> None:
    assert "004_367d6896c485906d.txt" in rag("info", "--index", seed_index).out
    excluded = rag("info", "--excluded", "--index", seed_index).out
    assert "いますぐサービス概要を見る" in excluded
    assert "promotion" in excluded
    body = json.loads(rag("info", "--excluded", "--json", "--index", seed_index).out)
    assert len(body["documents"]) == 5
    assert {"source", "line", "start", "end", "reason", "text"} == set(body["excluded"][0])


def test_verify_reports_damage_and_fails(rag: Callable[..., Run], tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("本文です。", encoding="utf-8")
    assert rag("build", tmp_path / "a.txt", "--index", tmp_path / "index").code == 0
    assert rag("verify", "--index", tmp_path / "index").code == 0
    (store,) = (tmp_path / "index").glob("*/documents.sqlite")
    content = store.read_bytes()
    store.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    run = rag("verify", "--index", tmp_path / "index")
    assert run.code == 1
    assert "documents.sqlite" in run.err


def test_files_of_kinds_that_are_not_read_are_told_by_kind_and_copies_are_one_hit(
    rag: Callable[..., Run], tmp_path: Path
) -> None:
    rule = "旅費規程\n\n日帰り出張の日当は、一日あたり千五百円とする。宿泊を伴うときは二千八百円とする。\n"
    for name in ("a/規程.txt", "b/規程 - コピー.txt", "c/規程_最終版2.txt"):
        (tmp_path / "docs" / name).parent.mkdir(parents=True)
        (tmp_path / "docs" / name).write_text(rule, encoding="utf-8")
    for name in ("scan.tif", "b.TIF", "book.jtd", "memo"):
        (tmp_path / "docs" / name).write_bytes(b"x")
    built = rag("build", tmp_path / "docs", "--index", tmp_path / "index")
    assert built.code == 0
    said = built.err
    assert "2 files ending in .tif: b.TIF, scan.tif" in said
    assert "1 file ending in .jtd: book.jtd" in said
    assert "1 file without an ending: memo" in said
    record = json.loads(next((tmp_path / "index").glob("*/sources.json")).read_text(encoding="utf-8"))
    assert [each["source"] for each in record["refused"]] == [".tif × 2: b.TIF, scan.tif", "memo", "book.jtd"]
    found = json.loads(rag("search", "日当はいくらですか", "--json", "--index", tmp_path / "index").out)
    (hit,) = found["hits"]
    sources = [hit["document"]["source"], *(copy["source"] for copy in hit["also"])]
    assert sorted(sources) == ["a/規程.txt", "b/規程 - コピー.txt", "c/規程_最終版2.txt"]


def test_build_with_refused_files_finishes_names_them_and_exits_with_3(rag: Callable[..., Run], tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "good.txt").write_text("富士山は日本一高い山です。", encoding="utf-8")
    (folder / "empty.txt").write_text("")
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 20)
    (folder / "garbled.txt").write_bytes("文字".encode("cp932") + b"\xff\xfe\x80" * 9)
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    run = rag("build", folder, "--index", tmp_path / "index")
    assert run.code == 3
    assert "1 document," in run.out
    for name in ("empty.txt", "binary.txt", "garbled.txt"):
        assert name in run.err
    body = json.loads(rag("build", folder, "--json", "--index", tmp_path / "index").out)
    assert body["kept"] == 1
    assert len(body["refused"]) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["build", "no-such-folder"], "no-such-folder"),
        (["ask", "question", "--index", "no-such-index"], "rag build"),
        (["ask", "question", "--mode", "magic", "--index", "no-such-index"], "mode"),
    ],
)
def test_what_cannot_be_done_fails_with_one_clear_message(
    rag: Callable[..., Run], arguments: list[str], message: str
) -> None:
    run = rag(*arguments)
    assert run.code == 1
    assert message in run.err
    assert "Traceback" not in run.err


def test_wrong_usage_exits_with_2(rag: Callable[..., Run]) -> None:
    assert rag("ask").code == 2
    assert rag("no-such-command").code == 2


def test_settings_come_from_file_then_environment_then_command_line(
    rag: Callable[..., Run], seed_index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def count(*options: object) -> int:
        return len(json.loads(rag("search", "AI", "--json", "--index", seed_index, *options).out)["hits"])

    monkeypatch.chdir(tmp_path)
    (tmp_path / "rag.toml").write_text("k = 2\n")
    assert count() == 2
    monkeypatch.setenv("RAG_K", "3")
    assert count() == 3
    assert count("-k", 4) == 4


def test_help_and_import_load_nothing_heavy() -> None:
    code = (
        "import sys, rag, rag.cli.app; "
        "print([m for m in ('torch', 'faiss', 'gradio', 'numpy', 'fugashi', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


MODEL_LIBRARIES = ("torch", "transformers", "sentence_transformers", "tokenizers", "sklearn", "scipy", "gradio")


@pytest.mark.parametrize(
    ("command", "unneeded"),
    [
        (["info"], (*MODEL_LIBRARIES, "openvino", "faiss", "rag.prose", "rag.corpus.reading")),
        (["ask", "主権AIとは何ですか？"], (*MODEL_LIBRARIES, "filelock", "rag.prose", "rag.corpus.reading")),
    ],
    ids=["info", "ask"],
)
def test_a_command_imports_nothing_that_it_does_not_use(
    seed_index: Path, command: list[str], unneeded: tuple[str, ...]
) -> None:
    code = (
        "import sys; from rag.cli.app import app\n"
        "try: app(sys.argv[1:])\n"
        f"finally: print([m for m in {unneeded!r} if m in sys.modules], file=sys.stderr)"
    )
    program = [sys.executable, "-c", code, *command, "--index", str(seed_index)]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_verbose_tells_what_is_done_but_not_what_was_asked(rag: Callable[..., Run], seed_index: Path) -> None:
    run = rag("-v", "ask", "主権AIとは何ですか？", "--reader", "none", "--index", seed_index)
    assert "Answered in" in run.err
    assert "主権AI" not in run.err
    assert "Answered in" not in rag("ask", "主権AIとは何ですか？", "--reader", "none", "--index", seed_index).err


def test_the_log_as_json_has_a_record_a_line_and_the_question_only_if_asked_for(
    rag: Callable[..., Run], seed_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def record() -> dict[str, object]:
        run = rag("-v", "--log-json", "ask", "主権AIとは何ですか？", "--reader", "none", "--index", seed_index)
        records = [json.loads(line) for line in run.err.splitlines() if line.startswith("{")]
        return next(record for record in records if str(record["message"]).startswith("Answered"))

    plain = record()
    assert plain["level"] == "INFO"
    assert plain["logger"] == "rag.answer.result"
    assert isinstance(plain["milliseconds"], float)
    assert "question" not in plain
    monkeypatch.setenv("RAG_LOG_QUESTIONS", "true")
    assert record()["question"] == "主権AIとは何ですか？"


def test_a_taken_port_is_told_and_ends_with_1(seed_index: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "-m", "rag", "serve", "--index", str(seed_index), "--port"]
        done = subprocess.run(
            [*command, str(taken.getsockname()[1])], capture_output=True, text=True, timeout=120, check=False
        )
    assert "Choose another with --port" in done.stderr
    assert done.returncode == 1


def test_a_process_that_ends_while_models_are_loaded_is_not_aborted(seed_index: Path) -> None:
    code = f"from rag import Engine; Engine.open({str(seed_index)!r})._models.load_together()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_watch_updates_the_index_when_a_file_changes_and_stays_through_errors(tmp_path: Path) -> None:
    folder, index = tmp_path / "documents", tmp_path / "index"
    folder.mkdir()
    (folder / "a.txt").write_text("最初の文書です。", encoding="utf-8")
    command = [sys.executable, "-m", "rag", "build", str(folder), "--watch", "--index", str(index)]
    with subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # Where the tests themselves were started in the background, Ctrl+C is ignored from the start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as watching:
        try:
            _wait_for(lambda: _sources(index) == {"a.txt"})
            time.sleep(1)
            (folder / "b.txt").write_text("次の文書です。", encoding="utf-8")
            _wait_for(lambda: _sources(index) == {"a.txt", "b.txt"})
            for file in folder.iterdir():
                file.unlink()
            time.sleep(3)
            (folder / "c.txt").write_text("最後の文書です。", encoding="utf-8")
            _wait_for(lambda: _sources(index) == {"c.txt"})
            watching.send_signal(signal.SIGINT)
            assert watching.wait(30) == 130
        finally:
            watching.kill()


def _sources(index: Path) -> set[str]:
    try:
        return {document.source for document in FolderSnapshot.open(index).store.documents()}
    except SnapshotError:
        return set()


def _wait_for(happened: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_synonyms_prints_lines_for_a_file_of_synonyms(
    rag: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "食堂.md").write_text("# 食堂\n\n社員食堂は11時30分から開く。\n", encoding="utf-8")
    (tmp_path / "asked.txt").write_text("社食は何時に閉まるか\n", encoding="utf-8")
    index = tmp_path / "index"
    assert rag("build", tmp_path / "食堂.md", "--index", index).code == 0
    monkeypatch.setenv("RAG_MIN_CONFIDENCE", "1")

    told = rag("synonyms", tmp_path / "asked.txt", "--index", index).out
    assert told.splitlines() == ["# 社食は何時に閉まるか", "社食, 社員食堂"]
    (word,) = json.loads(rag("synonyms", tmp_path / "asked.txt", "--index", index, "--json").out)
    assert word == {"word": "社食", "others": ["社員食堂"], "questions": ["社食は何時に閉まるか"]}
    assert "近い語：社員食堂" in rag("ask", "社食は何時に閉まるか", "--index", index).out
