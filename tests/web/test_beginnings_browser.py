"""Questions to begin with, and a document at a glance, in a real browser."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rag.answer.result import Answer
from rag.corpus.document import Document, Heading
from rag.web.current import CurrentIndex

from . import axe
from .conftest import request
from .doubles import TEA, FakeEngine

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]
Serve = Callable[[CurrentIndex], str]

QUESTION = "抹茶とは何ですか？"
MATCHA = Document("抹茶.txt", "抹茶の本", "抹茶の本\n\n抹茶とは、碾茶を粉にしたものである。\n", "ja")
WORDS = f"{'行' * 999}。\n" * 45
RULES = Document(
    "規程.txt",
    "旅費規程",
    f"旅費規程\n\n出張の旅費について、この規程で定める。\n{WORDS}日当\n2024年4月1日から2,000円とする。\n",
    "ja",
    (Heading(0, 4, 1), Heading(len(WORDS) + 26, len(WORDS) + 28, 2)),
)


class Held(FakeEngine):
    """Answers once it is let, and counts what it was asked."""

    def __init__(self) -> None:
        super().__init__((MATCHA, TEA))
        self.free, self.asked = threading.Event(), 0

    def ask(self, question: str, **options: Any) -> Answer:
        self.asked += 1
        assert self.free.wait(60)
        return super().ask(question, **options)


def served(engine: FakeEngine, serve: Serve) -> str:
    current = CurrentIndex(lambda: engine)  # type: ignore[arg-type,return-value]
    current.warm_up()
    return serve(current)


@pytest.mark.parametrize(("width", "scheme", "locale"), [(1366, "light", "ja-JP"), (375, "dark", "en-GB")])
def test_questions_come_when_they_are_found_and_are_asked_with_a_click(
    open_page: OpenPage, serve: Serve, width: int, scheme: str, locale: str
) -> None:
    engine = Held()
    page = open_page(served(engine, serve), width=width, height=800, color_scheme=scheme, locale=locale)
    expect(page.locator(".home [data-proposed]")).to_be_hidden()  # the page does not wait for them
    engine.free.set()
    expect(page.locator(".home .example")).to_have_text([QUESTION])
    axe.check(page, "#shiori-answer")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator(".home .example").click()
    expect(page.locator(".answer-text")).to_contain_text("碾茶を粉にした")


def test_nothing_is_asked_twice_for_one_index(open_page: OpenPage, serve: Serve) -> None:
    engine = Held()
    engine.free.set()
    address = served(engine, serve)
    page = open_page(address)
    expect(page.locator(".home .example")).to_have_text([QUESTION])
    expect_ready(address)
    asked = engine.asked
    page.reload()
    expect(page.locator(".home .example")).to_have_text([QUESTION])
    assert engine.asked == asked


def expect_ready(address: str) -> None:
    for _ in range(100):
        if request("GET", f"{address}api/proposed").json()["ready"]:
            return
        threading.Event().wait(0.1)
    pytest.fail("The questions are never all there.")


@pytest.mark.parametrize(("width", "scheme", "locale"), [(1366, "dark", "ja-JP"), (375, "light", "en-GB")])
def test_a_heading_leads_to_its_place_though_the_document_is_long(
    open_page: OpenPage, serve: Serve, width: int, scheme: str, locale: str
) -> None:
    address = served(FakeEngine((RULES,)), serve)
    page = open_page(f"{address}?tab=documents", width=width, height=800, color_scheme=scheme, locale=locale)
    page.locator(".doc-open", has_text="旅費規程").click()
    overview = page.locator(".doc-overview")
    expect(overview).to_contain_text("出張の旅費について、この規程で定める。")
    expect(overview).to_contain_text("2024年4月1日")
    axe.check(page, ".doc-overview")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    overview.get_by_role("button", name=re.compile("日当")).press("Enter")
    mark = page.locator("mark.found.current")
    expect(mark).to_have_text("日当")
    expect(mark).to_be_in_viewport()
    expect(page.locator(".frame:focus")).to_contain_text("日当")
    expect(overview).not_to_have_attribute("open", re.compile(".*"))
