"""The commands ``rag saved``: what the page has saved, in a terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.library import QuotedPlace, SavedAnswer, SavedAnswers

from .test_cli import Run, rag

__all__ = ["rag"]

PLACE = QuotedPlace(1, "休暇の決まり", "休暇.txt", "3 行目", "夏の休暇は五日とする。", "0" * 16, 8, 19)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    saved = SavedAnswers(tmp_path)
    saved.put(SavedAnswer("夏の休暇は？", "五日[1]", (PLACE,)).noted("会議で使う", ["規程", "夏"]))
    saved.put(SavedAnswer("How many days?\x1b[31m", "Five [1]", (PLACE,)))
    saved.put(SavedAnswer("別の人の質問", "答え", (), account="hanako"))
    return tmp_path


def test_saved_answers_are_listed_the_last_first_ones_own_alone(rag: Callable[..., Run], index: Path) -> None:
    lines = rag("saved", "list", "--index", index).out.splitlines()
    assert "How many days?␛[31m" in lines[0] and lines[1].endswith("夏の休暇は？  [規程] [夏]") and len(lines) == 2
    assert "別の人の質問" in rag("saved", "list", "--index", index, "--account", "hanako").out
    (found,) = json.loads(rag("saved", "list", "--index", index, "--tag", "夏", "--json").out)["saved"]
    assert found["note"] == "会議で使う" and found["places"][0]["quote"] == PLACE.quote


def test_one_is_shown_with_what_it_cites(rag: Callable[..., Run], index: Path) -> None:
    identity = SavedAnswers(index).of()[1].id
    shown = rag("saved", "show", identity[:6], "--index", index).out
    for words in (
        "夏の休暇は？",
        "五日[1]",
        "[1] 休暇の決まり (休暇.txt, 3 行目)",
        PLACE.quote,
        "会議で使う",
        "[規程] [夏]",
    ):
        assert words in shown
    assert json.loads(rag("saved", "show", identity, "--index", index, "--json").out)["id"] == identity
    for wrong in ("", "none"):
        unknown = rag("saved", "show", wrong, "--index", index)
        assert unknown.code == 1 and "rag saved list" in unknown.err


def test_they_are_exported_as_the_page_copies_them_or_line_by_line(
    rag: Callable[..., Run], index: Path, tmp_path: Path
) -> None:
    written = rag("saved", "export", "--index", index).out
    assert "**夏の休暇は？**" in written and f"> {PLACE.quote}" in written and "\n---\n" in written
    assert len(json.loads(rag("saved", "export", "--index", index, "--json").out)) == 2
    lines, page = tmp_path / "out.jsonl", tmp_path / "out.md"
    assert rag("saved", "export", "--index", index, "-o", lines).code == 0
    assert [json.loads(line)["question"][:3] for line in lines.read_text(encoding="utf-8").splitlines()] == [
        "How",
        "夏の休",
    ]
    assert rag("saved", "export", "--index", index, "-o", page, "--tag", "夏").code == 0
    assert page.read_text(encoding="utf-8").count("**") == 2
    refused = rag("saved", "export", "--index", index, "-o", tmp_path / "out.docx")
    assert refused.code == 2 and ".jsonl" in refused.err
    assert rag("saved", "export", "--index", index, "-o", tmp_path / "none" / "out.md").code == 1


def test_one_is_removed_and_nothing_without_being_sure(rag: Callable[..., Run], index: Path) -> None:
    saved = SavedAnswers(index)
    last = saved.of()[0]
    assert "--yes" in rag("saved", "remove", last.id, "--index", index).err and len(saved.of()) == 2
    assert (
        rag("saved", "remove", last.id, "--yes", "--index", index, "--json").out
        == f'{{\n  "removed": "{last.id}"\n}}\n'
    )
    assert len(saved.of()) == 1 and len(saved.of("hanako")) == 1
