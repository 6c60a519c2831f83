"""Every benchmark runs, at the size of a toy: no figure of the documents may lose the command that made it."""

from __future__ import annotations

import ast
import json
import random
import shutil
import sys
from importlib import import_module
from pathlib import Path

import pytest

import benchmarks
from rag import build

ARTICLES, PARAGRAPHS, QUESTIONS = 4, 3, 2
_PLACES = ("港", "灯台", "干潟", "峠", "城跡", "運河", "植物園", "天文台")
_THINGS = ("長さ", "高さ", "面積", "定員", "入場料", "蔵書数", "来客数", "職員数")
_UNITS = ("メートル", "メートル", "平方メートル", "人", "円", "冊", "人", "人")

COMMANDS = {
    "ablation": "{dataset} --articles 4 --limit 12",
    "refusals": "refusals {dataset} --limit 8",
    "boilerplate": "",
    "batch": "{questions} {documents} --number 12",
    "charset": "--number 1",
    "cold": "{index} 港の長さは何メートルですか？ --runs 1",
    "office": "{office}",
    "faults": "--points 8 --only accounts --only build",
    "languages": "{pairs} --reader",
    "lexical_candidates": "{dataset} --address {address} --size 60 --queries 6 --sentences 60",
    "load": "{questions} {documents} --people 3 --minutes 0.1",
    "passages": "{dataset} --limit 8",
    "pdf_text": "--number 1",
    "postgres": "{dataset} --address {address} --sizes 60 --queries 6 --sentences 60",
    "profiles": "--documents 2 --questions 2",
    "reader": "{dataset} --limit 4 --ranked 2",
    "reading": "{documents} --rounds 1",
    "retrieval": "{dataset}",
    "scale": "{dataset} --sizes 60 --queries 6 --sentences 60",
    "seeds": "seeds {questions} {documents}",
    "soak": "{questions} {documents} --people 3 --soak --asked 12 --files 2",
    "speed": "{dataset} --passages 4 --questions 1 --quality 0",
    "synonyms": "{dataset} --words 3",
    "update": "{dataset}",
    "vectors": "{dataset} --sizes 400 --queries 6 --sentences 60",
}
"""Arguments of each benchmark, by the name of its part of a document."""
MODULES = {"refusals": "answers", "seeds": "answers", "soak": "load"}
"""Modules that are not named as their part."""
OTHERWISE = {"peers"}
"""Packages that ``test_peers`` runs: they install other systems."""


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A made-up dataset in the form of SQuAD, its texts as documents, its questions, and an index."""
    folder = tmp_path_factory.mktemp("toy")
    draw = random.Random(0)
    articles, asked = [], []
    (folder / "documents").mkdir()
    for article, place in enumerate(_PLACES[:ARTICLES]):
        paragraphs = [_paragraph(f"第{number}{place}", draw) for number in range(1, PARAGRAPHS + 1)]
        text = "\n\n".join(str(paragraph["context"]) for paragraph in paragraphs)
        (folder / "documents" / f"{place}.txt").write_text(text, encoding="utf-8")
        articles.append({"title": place, "paragraphs": paragraphs})
        for number, paragraph in enumerate(paragraphs):
            for question in paragraph["qas"]:
                question["id"] = f"{article}-{number}-{question['id']}"
        asked.append({"id": place, "question": paragraphs[0]["qas"][0]["question"], "relevant": [f"{place}.txt"]})
    (folder / "dataset").mkdir()
    (folder / "dataset" / "toy.json").write_text(json.dumps({"data": articles}, ensure_ascii=False), encoding="utf-8")
    lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in asked)
    (folder / "questions.jsonl").write_text(lines, encoding="utf-8")
    build(folder / "documents", index=folder / "index")
    office = [
        {"kind": "fact", "question": each["question"], "answers": [["第1"]], "evidence": []} for each in asked
    ] + [{"kind": "unanswerable", "question": "月の裏側の気温は？", "answers": [], "evidence": []}]
    lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in office)
    shutil.copytree(folder / "documents", folder / "office" / "documents")
    (folder / "office" / "questions.jsonl").write_text(lines, encoding="utf-8")
    pairs = [
        {"source": str(number), "ja": text, "en": " ".join([f"At place {number} the {thing} is shown."] * 3)}
        for number, thing in enumerate(["length", "height", "area", "fee"] * 2)
        for text in [f"{_PLACES[number]}の案内板に書かれている{_THINGS[number]}を見て、{'記録に残している。' * 5}"]
    ]
    lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in pairs)
    (folder / "pairs.jsonl").write_text(lines, encoding="utf-8")
    return {
        "pairs": folder / "pairs.jsonl",
        "dataset": folder / "dataset",
        "documents": folder / "documents",
        "questions": folder / "questions.jsonl",
        "office": folder / "office",
        "index": folder / "index",
    }


def _paragraph(subject: str, draw: random.Random) -> dict[str, list[dict[str, object]]]:
    """Some sentences about one subject, and a question about each."""
    context, questions = "", []
    for thing, unit in draw.sample(list(zip(_THINGS, _UNITS, strict=True)), QUESTIONS):
        answer = f"{draw.randrange(10, 9000)}{unit}"
        begin = f"{subject}の{thing}は"
        start = len(context) + len(begin)
        context += f"{begin}{answer}であると案内板に書かれている。"
        question = f"{subject}の{thing}はどれだけですか？"
        questions.append({"id": thing, "question": question, "answers": [{"text": answer, "answer_start": start}]})
    return {"context": context, "qas": questions}  # type: ignore[dict-item]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_benchmark_runs_and_writes_its_part_of_a_document(
    name: str,
    places: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    document = tmp_path / "results.md"
    document.write_text(f"<!-- {name} -->\n<!-- /{name} -->\n", encoding="utf-8")
    monkeypatch.setenv("RAG_EVAL_DATASETS", str(tmp_path))
    # The others need no server.
    address = request.getfixturevalue("address").conninfo if "{address}" in COMMANDS[name] else ""
    words = [word.format(**places, address=address) for word in COMMANDS[name].split()]
    module = import_module(f"benchmarks.{MODULES.get(name, name)}")
    monkeypatch.setattr(sys, "argv", [str(module.__file__), "--write", str(document), *words])
    module.main()
    assert "| --- |" in document.read_text(encoding="utf-8")
    assert "--write results.md" in document.read_text(encoding="utf-8"), "the command that is told must run as it is"


def test_each_benchmark_is_among_those_that_run() -> None:
    folder = Path(str(benchmarks.__file__)).parent
    with_main = {
        file.stem
        for file in folder.glob("*.py")
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name == "main"
    }
    assert with_main == {MODULES.get(name, name) for name in COMMANDS}
    assert {file.parent.name for file in folder.glob("*/__main__.py")} == OTHERWISE
