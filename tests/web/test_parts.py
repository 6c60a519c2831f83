"""Answers as the page, the terminal and files show them: lists, rows, what was computed, what was not found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from rag.answer.result import Answer, Part, confidence_level
from rag.batch.result import result_of
from rag.batch.writing.plain import answer_cell, reason_cell
from rag.cli.views import print_answer
from rag.web.ask.answers import answer_html
from rag.web.exports.content import content_of
from rag.web.exports.markdown import markdown_of
from rag.web.html.scope import Scope
from rag.web.texts import JAPANESE
from tests.answer.making import Held, document

NOTHING = Scope()
STOCK = "# 備品\n\n| 品番 | 在庫数 | 単価 |\n|---|---|---|\n| AB-10 | 12 | <b>9円 |\n| CD-20 | 40 | 4円 |\n"
LIST = "# 持ち物\n\n次のものを持参してください。\n\n- 筆記用具\n- 印鑑\n- 身分証\n"


def answered(folder: Path, text: str, question: str, relevant: str) -> Answer:
    return Held((document(folder, "文書.md", text),)).answer(question, {relevant: 4.0})


def copied_text(answer: Answer) -> str:
    content = content_of(answer, JAPANESE)
    assert content is not None
    return markdown_of(content, JAPANESE)


def terminal(answer: Answer) -> str:
    console = Console(record=True, width=120, force_terminal=False)
    print_answer(console, answer)
    return console.export_text()


def test_a_list_is_shown_as_a_list(tmp_path: Path) -> None:
    answer = answered(tmp_path, LIST, "持ち物をすべて教えて", "印鑑")
    html = answer_html(answer, NOTHING, JAPANESE)

    assert html.count("<li>") >= 3
    assert "<li>筆記用具</li><li>印鑑</li><li>身分証<button" in html
    assert "筆記用具\\\n印鑑\\\n身分証\\[1\\]" in copied_text(answer)


def test_a_cell_is_shown_in_its_row_under_the_heads_and_marked(tmp_path: Path) -> None:
    answer = answered(tmp_path, STOCK, "AB-10の在庫数は？", "AB-10")
    html = answer_html(answer, NOTHING, JAPANESE)

    assert '<th scope="col">在庫数</th>' in html
    assert '<td><mark class="cited">12</mark></td>' in html
    assert "&lt;b&gt;9円" in html
    assert "AB-10　在庫数：" in html
    assert "在庫数" in terminal(answer)


def test_versions_that_are_compared_stand_under_the_names_of_their_files(tmp_path: Path) -> None:
    old, new = (
        document(
            tmp_path,
            f"駐輪場規則_{year}年.md",
            f"# 駐輪場規則\n\n{year}年4月1日改定\n\n月極の利用料は{fee}円とする。\n",
        )
        for year, fee in ((2021, 800), (2024, 950))
    )
    answer = Held((old, new)).answer("駐輪場規則の旧版と新版で、月極の利用料はどう変わりましたか", {"利用料": 4.0})
    html = answer_html(answer, NOTHING, JAPANESE)

    assert answer.kind == "comparison"
    for text in (answer.answer, html, terminal(answer)):
        places = [text.find(words) for words in ("駐輪場規則_2021年.md：", "800円", "駐輪場規則_2024年.md：", "950円")]
        assert -1 not in places
    assert {citation.document.source for citation in answer.citations} == {old.source, new.source}


def test_a_figure_that_was_computed_says_so(tmp_path: Path) -> None:
    answer = answered(tmp_path, STOCK, "在庫数の合計は？", "AB-10")

    assert "計算：合計 " in answer_html(answer, NOTHING, JAPANESE)
    assert "計算：合計 52[1][2]" in terminal(answer)


def test_a_difference_is_shown_wherever_the_parts_that_it_is_of_are(tmp_path: Path) -> None:
    table = "# 会費規程 {year}年版\n\n| 区分 | 会費 |\n|---|---|\n| 正会員 | {fee}円 |\n"
    documents = [
        document(tmp_path, f"会費規程_{year}年版.md", table.format(year=year, fee=fee))
        for year, fee in ((2021, "4,800"), (2024, "5,300"))
    ]
    question = "会費規程の2021年版と2024年版で、正会員の会費はいくら違いますか"
    answer = Held(tuple(documents)).answer(question, {"正会員": 4.0}, apart=True)
    html = answer_html(answer, NOTHING, JAPANESE)

    assert [(each.operation, each.value) for each in answer.computed] == [("difference", "500円")]
    assert "計算：差 " in html
    for text in (terminal(answer), copied_text(answer).replace("\\", "")):
        assert "計算：差 500円[1][2]" in text


def test_what_was_not_found_is_said_beside_what_was(tmp_path: Path) -> None:
    answer = answered(tmp_path, STOCK, "AB-10の在庫数は？", "AB-10")
    answer = replace(answer, parts=(*answer.parts, Part("納期", "date", False, "", (), 0.1)))
    said = "「納期」については見つかりませんでした。"
    result = result_of(answer, lambda _: document(tmp_path, "文書.md", STOCK))

    assert said in answer_html(answer, NOTHING, JAPANESE)
    assert said in terminal(answer)
    assert said in copied_text(answer)
    assert said in answer_cell(answer.question, result)


def test_a_refusal_names_what_is_missing(tmp_path: Path) -> None:
    answer = answered(tmp_path, STOCK, "INV-2025-0099の金額は？", "AB-10")
    result = result_of(answer, lambda _: document(tmp_path, "文書.md", STOCK))

    assert answer.reason == "missing"
    assert "「INV-2025-0099」は文書の中にありません。" in answer_html(answer, NOTHING, JAPANESE)
    assert "「INV-2025-0099」は文書の中にありません。" in terminal(answer)
    assert reason_cell(result) == "missing: INV-2025-0099"


@pytest.mark.parametrize(("confidence", "level"), [(0.59, 0), (0.79, 1), (0.8, 2)])
def test_only_what_is_right_four_times_of_five_is_called_sure(confidence: float, level: int) -> None:
    assert confidence_level(confidence) == level
