"""Prose in the files that ``rag batch --llm`` writes: marked wherever it stands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from rag.answer.result import Answer
from rag.batch import read_questions, run_batch
from rag.errors import RagError
from rag.prose import ChatServer, Prose, write_prose
from tests.batch.doubles import FakeEngine

from .fake_server import FakeServer, scripted
from .fakes import embed


class WritingEngine(FakeEngine):
    """Has a scripted server write prose where it is asked to."""

    def __init__(self, server: FakeServer, **settings: Any) -> None:
        super().__init__(**settings)
        self._server = ChatServer(server.url, retries=0)

    def batch(self, questions: Iterable[str], *, llm: bool = False, **options: Any) -> Iterator[Answer | RagError]:
        for outcome in super().batch(questions, **options):
            if llm and isinstance(outcome, Answer):
                prose = list(write_prose(outcome.question, outcome.hits, self._server, embed, embed))[-1]
                assert isinstance(prose, Prose)
                outcome = replace(outcome, prose=prose)
            yield outcome


@pytest.mark.parametrize("ending", ["jsonl", "html", "md", "csv", "xlsx"])
def test_unverified_sentences_are_marked_in_every_file_that_has_prose(tmp_path: Path, ending: str) -> None:
    questions, output = tmp_path / "q.txt", tmp_path / f"a.{ending}"
    questions.write_text("煎茶は？\n", encoding="utf-8")
    with scripted("茶の淹れ方[1]。<b>1999年</b>の話です[1]。") as fake:
        run_batch(WritingEngine(fake), read_questions(questions), output, llm=True)
    if ending == "jsonl":
        sentences = json.loads(output.read_text(encoding="utf-8"))["prose"]["sentences"]
        assert [s["verdict"] for s in sentences] == ["supported", "unverified"]
    elif ending in ("html", "md", "csv"):
        page = output.read_text(encoding="utf-8-sig")
        assert page.count("未確認") == 1 and page.index("未確認") > page.index("1999年")
        assert ending == "csv" or "<b>1999年" not in page
    else:
        header, row = load_workbook(output)["Answers"].iter_rows(values_only=True)
        prose = str(row[header.index("prose")])
        assert prose.count("未確認") == 1 and prose.index("未確認") > prose.index("1999年")


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_table_without_prose_has_no_column_for_it(tmp_path: Path, ending: str) -> None:
    questions, output = tmp_path / "q.txt", tmp_path / f"a.{ending}"
    questions.write_text("煎茶は？\n", encoding="utf-8")
    run_batch(FakeEngine(), read_questions(questions), output)
    if ending == "csv":
        assert "prose" not in output.read_text(encoding="utf-8-sig").splitlines()[0]
    else:
        header, _ = load_workbook(output)["Answers"].iter_rows(values_only=True)
        assert "prose" not in header


def test_the_llms_settings_matter_to_a_run_only_if_it_is_asked(tmp_path: Path) -> None:
    from rag.batch.runner import fingerprint
    from rag.index.query import Query

    questions = tmp_path / "q.txt"
    questions.write_text("煎茶は？\n", encoding="utf-8")
    file = read_questions(questions)
    one, other = FakeEngine(llm_model="a", llm_key="sk-1"), FakeEngine(llm_model="b", llm_key="sk-2")

    def prints(llm: bool) -> set[str]:
        return {fingerprint(engine, file, Query(), {"prose": llm}) for engine in (one, other)}

    assert len(prints(llm=False)) == 1
    assert len(prints(llm=True)) == 2
