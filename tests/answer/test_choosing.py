from __future__ import annotations

from pathlib import Path

import pytest

from rag.answer.choosing import named_label, unmet_conditions
from rag.answer.question import understand
from tests.answer.making import Held, document


def unmet(folder: Path, question: str, text: str) -> list[str]:
    (unit,) = Held((document(folder, "文書.txt", text),)).units()
    return [condition.text for condition in unmet_conditions(understand(question), unit)]


@pytest.mark.parametrize(
    ("question", "text", "missing"),
    [
        ("P-24031-05の数量は？", "P-24031-05Xの数量は三個である。", ["P-24031-05"]),
        ("P-24031-05の数量は？", "P-24031-05の数量は三個である。", []),
        ("P2403の数量は？", "P-2403の数量は三個である。", []),
        ("2020年の売上は？", "2021年の売上は百万円である。", ["2020年"]),
        ("2020年の売上は？", "令和2年の売上は百万円である。", []),
        ("R5年度の予算は？", "令和5年度の予算は百万円である。", []),
        ("R5年度の予算は？", "2023年度の予算は百万円である。", []),
        ("第3条の内容は？", "第三条　会員は会費を納める。", []),
    ],
)
def test_what_a_question_names_must_hold(tmp_path: Path, question: str, text: str, missing: list[str]) -> None:
    assert unmet(tmp_path, question, text) == missing


def test_the_day_of_a_document_counts_for_what_tells_no_day_itself(tmp_path: Path) -> None:
    text = "設備会議の議事録\n日時：2025年5月12日 10:00\n場所：本館の会議室\n出席者：青木、石田\n次回：2025年6月9日\n"
    judged = Held((document(tmp_path, "議事録.txt", text),)).judged("2025年5月12日の会議の出席者は？")
    missing = {each.unit.text: bool(each.unmet) for each in judged}

    assert not missing["出席者：青木、石田"]
    assert missing["次回：2025年6月9日"]


def test_a_line_of_a_form_is_named_by_its_label(tmp_path: Path) -> None:
    text = "議事録\n日時：5月12日\n欠席者：青木\n場所：本館\n"
    units = {unit.text: unit for unit in Held((document(tmp_path, "議事録.txt", text),)).units()}

    assert named_label(understand("会議を欠席したのは誰？"), units["欠席者：青木"]) > 0.5
    assert named_label(understand("会議を欠席したのは誰？"), units["場所：本館"]) == 0
