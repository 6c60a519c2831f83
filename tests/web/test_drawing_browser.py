"""Drawn tables and lists in a browser: they scroll by themselves to what is quoted, and axe finds nothing in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

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
