"""No violation of accessibility, of whatever severity, on any tab and in any state, light and dark, phone and desk."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rag.answer.result import Answer
from rag.errors import SnapshotError
from rag.web.current import CurrentIndex

from .axe import check
from .doubles import FakeEngine

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]
Serve = Callable[[CurrentIndex], str]
LOOKS = [
    pytest.param({"color_scheme": "light"}, id="light-desk"),
    pytest.param({"color_scheme": "dark"}, id="dark-desk"),
    pytest.param({"color_scheme": "light", "width": 375, "height": 760}, id="light-phone"),
    pytest.param({"color_scheme": "dark", "width": 375, "height": 760, "locale": "en-US"}, id="dark-phone-en"),
]


def current_of(engine: FakeEngine) -> CurrentIndex:
    current = CurrentIndex(lambda: engine)  # type: ignore[arg-type,return-value]
    current.warm_up()
    return current


def ask(page: Page, question: str) -> None:
    page.locator("#shiori-question textarea").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".answer .asked")).to_contain_text(question)


@pytest.mark.parametrize("look", LOOKS)
def test_every_tab(open_page: OpenPage, small_page: str, look: dict[str, Any]) -> None:
    page = open_page(small_page, **look)

    def look_at(tabs: str) -> None:
        for tab in page.locator(f"{tabs} > .tab-wrapper [role=tab]").all():
            tab.click()
            panel = page.locator(f"#{tab.get_attribute('aria-controls')}")
            expect(panel).to_be_visible()
            expect(panel).not_to_be_empty()
            check(page)

    look_at("#shiori-tabs")
    assert page.locator("#shiori-more [role=tab]").count() == 2
    look_at("#shiori-more")


@pytest.mark.parametrize("look", LOOKS)
def test_every_state_of_a_question(open_page: OpenPage, small_page: str, look: dict[str, Any]) -> None:
    page = open_page(small_page, **look)
    check(page)
    page.locator("#filters summary").click()
    page.locator("#filter-k").select_option("5")
    expect(page.locator(".filter-chip")).to_have_count(1)
    page.locator("#filter-source").fill("zzz")
    page.keyboard.press("Enter")
    expect(page.locator("#filters [role=alert]")).to_be_visible()
    check(page)
    page.locator("#filters summary").click()
    ask(page, "煎茶の湯は何度ですか？")
    page.locator("#shiori-passages [data-around]").first.click()
    expect(page.locator(".beside-passage").first).to_be_visible()
    page.locator(".answer-text .cite").first.focus()
    check(page)
    page.keyboard.press("Enter")
    expect(page.locator(".source mark.current")).to_be_visible()
    check(page)
    page.keyboard.press("Escape")
    page.locator("#history summary").click()
    check(page)
    page.locator("#history summary").click()
    page.locator(".tagline, .brand").last.focus()
    page.locator("#shiori-passages [data-similar]").first.click()
    expect(page.locator(".similar")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    check(page)
    page.keyboard.press("Escape")
    ask(page, "xyzzy")
    expect(page.locator(".abstained")).to_be_visible()
    check(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_loading_errors_and_no_index(open_page: OpenPage, serve: Serve, tmp_path: Path, scheme: str) -> None:
    go_on = threading.Event()

    class Slow(FakeEngine):
        def ask(self, question: str, **options: Any) -> Answer:
            go_on.wait(60)
            return super().ask(question, **options)

    page = open_page(serve(current_of(Slow())), color_scheme=scheme)
    page.locator("#shiori-question textarea").fill("煎茶")
    page.keyboard.press("Enter")
    expect(page.locator(".loading")).to_be_visible()
    check(page)
    go_on.set()
    expect(page.locator(".answer")).to_be_visible()
    page.locator("#shiori-question textarea").fill(" ")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    check(page)

    def no_engine() -> FakeEngine:
        raise SnapshotError("There is no index.", path=tmp_path)

    check(open_page(serve(CurrentIndex(no_engine, tmp_path)), color_scheme=scheme))  # type: ignore[arg-type]
