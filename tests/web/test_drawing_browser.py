"""Drawn tables and lists in a browser: they scroll by themselves to what is quoted, and axe finds nothing in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rag import Engine, build
from rag.web.current import CurrentIndex
from tests.answer.making import document

from .axe import check
from .doubles import FakeEngine

pytestmark = pytest.mark.browser

HEADS = "| 品番 | 品名 | 単価 | 在庫数 | 倉庫 | 担当者 | 備考 |\n|---|---|---:|---:|---|---|---|\n"
PEN = "| N-{0:03} | 油性ボールペン | {1} | {0} | 東倉庫 | 山田 | 箱は{0}番です。 |\n"
ROWS = "".join(PEN.format(n, n * 10) for n in range(1, 41))
STOCK = f"# 在庫\n\n{HEADS}{ROWS}\n次のとおり数えます。\n\n1. 箱を開けます。\n2. 数を書きます。\n"


@pytest.mark.parametrize(
    "look",
    [
        pytest.param({"color_scheme": "light"}, id="light-desk"),
        pytest.param({"color_scheme": "dark", "width": 375, "height": 760}, id="dark-phone"),
    ],
)
def test_a_table_scrolls_to_what_is_quoted_and_the_page_does_not(
    open_page: Callable[..., Page], serve: Callable[[CurrentIndex], str], tmp_path: Path, look: dict[str, Any]
) -> None:
    engine = FakeEngine((document(tmp_path, "在庫.md", STOCK),))
    page = open_page(serve(CurrentIndex(lambda: engine)), **look)  # type: ignore[arg-type,return-value]
    page.locator("#shiori-question textarea").fill("箱は30番ですか")
    page.keyboard.press("Enter")
    page.locator(".answer-text .cite").first.click()
    mark = page.locator(".source .drawn-table mark.current").first
    expect(mark).to_be_in_viewport()
    page.wait_for_timeout(300)
    inside = "m => { const [a, b] = [m.getBoundingClientRect(), m.closest('.drawn-table').getBoundingClientRect()];"
    assert mark.evaluate(inside + " return a.left >= b.left && a.left < b.right }")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    row = page.locator(".source tr").filter(has=page.locator("mark.current")).first
    expect(row).to_contain_text("油性ボールペン")
    assert int(row.get_attribute("data-line") or 0) > 4
    check(page)
    page.keyboard.press("Escape")
    expect(page.locator(".card .drawn-table").first).to_be_attached()
    check(page)


def test_an_answers_table_shows_the_cell_that_answers_and_its_citation(
    open_page: Callable[..., Page], serve: Callable[[CurrentIndex], str], tmp_path: Path
) -> None:
    """However wide the table is, and however narrow the page."""
    heads = (
        "| 管理番号 | 機器名 | 型式 | 製造会社 | 設置場所 | 前回点検日 | 実施者 | 判定 | 次回期限 |\n"
        + "|---" * 9
        + "|\n"
    )
    row = "| ME-{0:03} | 呼吸器 | レスピオ{0} | アオバト | {0}階病棟 | 令和7年6月{1}日 | 院内 | 合格 "
    row += "| 令和8年4月{1}日 |\n"
    (tmp_path / "台帳.md").write_text(f"# 点検台帳\n\n{heads}{''.join(row.format(n, n + 9) for n in range(1, 9))}")
    build(tmp_path / "台帳.md", index=tmp_path / "index")
    engine = Engine.open(tmp_path / "index")
    page = open_page(serve(CurrentIndex(lambda: engine)), width=375, height=760)
    page.locator("#shiori-question textarea").fill("ME-004の次回期限はいつですか")
    page.keyboard.press("Enter")
    cell = page.locator(".answer .drawn-table mark.cited").first
    expect(cell).to_have_text("令和8年4月13日")
    inside = "m => { const [a, b] = [m.getBoundingClientRect(), m.closest('.drawn-table').getBoundingClientRect()];"
    expect_inside = (
        f"({inside} return a.left >= b.left && a.right <= b.right + 1 }})(document.querySelector('.answer mark.cited'))"
    )
    page.wait_for_function(expect_inside)
    expect(page.locator(".answer .cite").first).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_items_with_marks_of_their_own_stand_below_each_other_and_below_what_is_before(
    open_page: Callable[..., Page], serve: Callable[[CurrentIndex], str], tmp_path: Path
) -> None:
    written = "数え方\n\n倉庫では次のとおり数えます。\n\n1. 箱を開けます。\n2. 数を書きます。\n3. 箱を閉めます。\n"
    page = open_page(serve(CurrentIndex(lambda: FakeEngine((document(tmp_path, "数え方.txt", written),)))))  # type: ignore[arg-type,return-value]
    page.locator("#shiori-question textarea").fill("箱を開けます")
    page.keyboard.press("Enter")
    page.locator(".answer-text .cite").first.click()
    tops = page.locator(".source .drawn-list > li").evaluate_all("all => all.map(li => li.getBoundingClientRect().top)")
    assert len(tops) == 3 and tops == sorted(set(tops))
    before = page.locator(".source .line", has_text="倉庫では").first.evaluate("e => e.getBoundingClientRect().bottom")
    assert before <= tops[0] + 1
