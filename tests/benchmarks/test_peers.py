"""The peers benchmark without the peers: its workers' protocol, its measures and its table."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from textwrap import dedent

import pytest

from benchmarks.peers import __main__ as program
from benchmarks.peers import measuring, rounds
from benchmarks.peers.environments import CONTENDERS, RUNTIME, Contender
from benchmarks.peers.measuring import DENSE, HYBRID, Request, Result, Round
from benchmarks.peers.picture import picture
from benchmarks.peers.results import Line, lines_table, read_result, scored, versions_of
from rag.evaluation import load_dataset

QRELS = {"q1": {"a": 1}, "q2": {"b": 1}}
RESULT = Result(
    versions={"search-engine": "1.2.3"},
    index_seconds=12.34,
    index_bytes=4_500_000,
    peak_bytes=1_234_000_000,
    rounds=[Round([0.010, 0.030], 0.02), Round([0.020, 0.040], 0.03), Round([0.500, 0.900], 0.9)],
    run={"q1": ["a", "b"], "q2": ["a", "b"]},
)

WORKER = f"""
import sys
sys.path.insert(0, {str(Path(measuring.__file__).parent)!r})
from pathlib import Path
from measuring import Request, serve

class Backwards:
    def __init__(self, request: Request) -> None:
        print("done")  # as a library might
        self.folder = Path(request.index)

    def index(self, passages):
        self.names = [name for name, _ in passages]
        self.folder.mkdir()
        (self.folder / "names").write_bytes(b"x" * 1000)

    def search(self, question):
        if question == "壊れる？":
            raise ValueError("so it did")
        return self.names[::-1]

    def search_all(self, questions):
        return None

serve(Backwards)
"""


def entry(folder: Path, question: str = "なぜ？") -> rounds.Entry:
    worker = folder / "worker.py"
    worker.write_text(WORKER, encoding="utf-8")
    request = Request(
        search=DENSE,
        model="",
        query_prompt="",
        passage_prompt="",
        k=10,
        index=str(folder / "index"),
        result=str(folder / "result.json"),
        packages=("numpy",),
        passages=[("a", "甲"), ("b", "乙")],
        questions=[("q1", question)],
    )
    return rounds.Entry(Contender("Backwards", str(worker)), request, sys.executable)


def test_a_worker_indexes_answers_every_round_and_writes_what_it_found(tmp_path: Path) -> None:
    asked = entry(tmp_path)
    rounds.run([asked], 3)
    result = read_result(asked.result)
    assert result.run == {"q1": ["b", "a"]}
    assert [len(each.alone) for each in result.rounds] == [1, 1, 1]
    assert [each.together for each in result.rounds] == [None, None, None]
    assert result.index_bytes == 1000
    assert result.versions.keys() == {"numpy"}


def test_a_worker_that_fails_ends_the_run_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"(?s)Backwards failed.*so it did"):
        rounds.run([entry(tmp_path, "壊れる？")], 1)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell")
def test_peak_memory_rises_with_what_is_held() -> None:
    """In a process of its own: the peak of this one is that of all tests before, and would have to be held again."""
    held = """
        from benchmarks.peers import measuring
        before = measuring.peak_memory()
        held = b"x" * (before + 50_000_000)
        assert measuring.peak_memory() > before + 25_000_000
    """
    subprocess.run([sys.executable, "-c", dedent(held)], cwd=Path(__file__).parents[2], check=True)


def test_workers_are_kept_from_the_network_and_from_telemetry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    environment = rounds.environment()
    assert environment["HF_HUB_OFFLINE"] == "1"
    assert environment["HAYSTACK_TELEMETRY_ENABLED"] == "False"
    assert "OMP_WAIT_POLICY" not in environment


def test_a_result_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    file.write_text(json.dumps(asdict(RESULT)), encoding="utf-8")
    assert read_result(file) == RESULT


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"rounds": [{}]}', '{"rounds": [], "unknown": 1}'])
def test_a_file_that_is_no_result_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "result.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(SystemExit, match=r"result\.json is no result of a worker"):
        read_result(file)


def test_only_the_order_of_a_run_counts_and_a_passage_keeps_its_better_place() -> None:
    found = scored({"q": ["z", "a", "z", "m"]})["q"]
    assert sorted(found, key=found.__getitem__, reverse=True) == ["z", "a", "m"]


def test_a_line_has_the_measures_of_the_run_and_the_median_round() -> None:
    line = Line.of("Search", HYBRID, RESULT, QRELS)
    assert line.measures["R@1"] == 0.5
    assert line.measures["nDCG@10"] == pytest.approx((1 + 1 / 1.5849625) / 2, abs=1e-4)
    assert line.p50 == pytest.approx(30)
    assert line.p95 == pytest.approx(39)
    assert line.together == pytest.approx(15)


def test_a_question_that_found_nothing_counts_as_zero() -> None:
    nothing = Result(rounds=RESULT.rounds, run={"q1": ["a"], "q2": []})
    assert Line.of("Search", HYBRID, nothing, QRELS).measures["nDCG@10"] == 0.5


def test_the_table_tells_time_memory_size_and_quality() -> None:
    lines = [Line.of("Search", HYBRID, RESULT, QRELS)]
    last = lines_table(lines).splitlines()[-1]
    assert last == "| Search | hybrid | 12.3 | 1,234 | 4.5 | 30.0 | 39.0 | 15.0 | 0.5000 | 0.8155 |"
    assert versions_of(lines) == "search-engine 1.2.3"


def test_where_there_is_no_search_for_many_the_cell_is_empty() -> None:
    alone = Result(rounds=[Round([0.01], None)], run=RESULT.run)
    assert Line.of("Search", DENSE, alone, QRELS).cells()[7] == ""


def test_the_picture_is_a_png_file() -> None:
    lines = [Line.of(name, search, RESULT, QRELS) for name in ("One", "Two") for search in (DENSE, HYBRID)]
    assert picture(lines).startswith(b"\x89PNG")


def seasons(folder: Path) -> Path:
    paragraphs = [
        {"context": text, "qas": [{"id": text, "question": "何？", "answers": [{"text": text, "answer_start": 0}]}]}
        for text in ("春", "夏", "秋")
    ]
    file = folder / "seasons.json"
    file.write_text(json.dumps({"data": [{"title": "季節", "paragraphs": paragraphs}]}), encoding="utf-8")
    return file


def test_first_passages_keep_the_questions_about_them(tmp_path: Path) -> None:
    dataset = load_dataset(seasons(tmp_path), protocol="passages")
    assert program.first_passages(dataset, None) is dataset
    assert [query.id for query in program.first_passages(dataset, 2).queries] == ["春", "夏"]


def test_the_table_and_the_picture_of_a_whole_run_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worker, document, plot = tmp_path / "worker.py", tmp_path / "results.md", tmp_path / "peers.png"
    worker.write_text(WORKER, encoding="utf-8")
    document.write_text("<!-- peers -->\n<!-- /peers -->\n", encoding="utf-8")
    contender = Contender("Backwards", str(worker), searches=(DENSE, HYBRID))
    monkeypatch.setattr(program, "CONTENDERS", {"backwards": contender})
    monkeypatch.setattr(program, "hub_folder", lambda name, cache: tmp_path)
    options = ["--work", tmp_path, "--write", document, "--plot", plot, "--searches", DENSE, HYBRID]
    monkeypatch.setattr(sys, "argv", ["benchmarks/peers/__main__.py", *map(str, [seasons(tmp_path), *options])])
    program.main()
    written = document.read_text(encoding="utf-8")
    # Of 春, 夏, 秋 it finds the last first: one question in three has its passage at the top.
    assert [line.split(" | ")[1] for line in written.splitlines() if line.endswith("| 0.3333 | 0.7103 |")] == [
        "dense",
        "hybrid",
    ]
    assert "3 passages, 3 questions" in written
    assert "python -m benchmarks.peers" in written
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_every_system_and_what_it_stands_on_is_pinned() -> None:
    packages = [package for contender in CONTENDERS.values() for package in contender.packages]
    assert all(package.count("==") == 1 for package in (*packages, *RUNTIME))
    assert all((Path(rounds.__file__).parent / contender.worker).is_file() for contender in CONTENDERS.values())
