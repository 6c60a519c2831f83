"""States of the page that the seed documents do not bring about: loading, no index, hostile and enormous documents."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rag.answer.result import Answer
from rag.corpus.document import Document
from rag.errors import SnapshotError
from rag.web.current import CurrentIndex

from .doubles import FakeEngine
from .test_markup import HOSTILE

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]
Serve = Callable[[CurrentIndex], str]


def ask(page: Page, question: str) -> None:
    page.locator("#shiori-question textarea").fill(question)
    page.keyboard.press("Enter")


def test_the_page_says_so_while_the_model_is_loading(open_page: OpenPage, serve: Serve) -> None:
    loaded = threading.Event()

    class SlowEngine(FakeEngine):
        def warm_up(self) -> None:
            loaded.wait(30)

    current = CurrentIndex(lambda: SlowEngine())  # type: ignore[arg-type,return-value]
    current.warm_up_in_background()
    address = serve(current)
    page = open_page(address)
    ask(page, "煎茶の湯は何度ですか？")
    expect(page.locator(".loading[role=status]")).to_contain_text("モデルを読み込んでいます")
    loaded.set()
    expect(page.locator(".answer-text")).to_contain_text("煎茶は七十度の湯で一分待つ。")


def test_passages_are_there_while_they_are_being_read(open_page: OpenPage, serve: Serve) -> None:
    read = threading.Event()

    class SlowReader(FakeEngine):
        def ask(self, question: str, **options: Any) -> Answer:
            read.wait(30)
            return super().ask(question, **options)

    page = open_page(serve(CurrentIndex(lambda: SlowReader())))  # type: ignore[arg-type,return-value]
    ask(page, "煎茶の湯は何度ですか？")
    expect(page.locator(".loading[role=status]")).to_contain_text("見つかった箇所を読んでいます")
    expect(page.locator("#passages-title")).to_have_text("見つかった箇所")
    first = page.locator(".card").first
    expect(first).to_contain_text("煎茶は七十度の湯で一分待つ。")
    first.get_by_role("button", name="原文で見る").click()
    page.locator(".card").last.get_by_role("button", name="原文で見る").click()
    opened = page.locator(".source mark.current")
    expect(opened).not_to_contain_text("煎茶は七十度の湯で一分待つ。")
    words = opened.first.text_content()
    read.set()
    expect(page.locator(".answer-text")).to_contain_text("煎茶は七十度の湯で一分待つ。")
    expect(page.locator("#passages-title")).to_have_text("回答に使った箇所")
    expect(opened.first).to_have_text(words or "")  # what was opened meanwhile stays open


def test_without_an_index_the_page_leads_to_where_one_is_made_and_finds_it_later(
    open_page: OpenPage, serve: Serve, tmp_path: Path
) -> None:
    engines: list[FakeEngine] = []

    def open_engine() -> FakeEngine:
        if not engines:
            raise SnapshotError("There is no index.", path=tmp_path)
        return engines[0]

    address = serve(CurrentIndex(open_engine, tmp_path))  # type: ignore[arg-type]
    page = open_page(address)
    expect(page.get_by_role("heading", name="まだ索引がありません")).to_be_visible()
    expect(page.locator("code")).to_contain_text(f"--index {tmp_path}")
    ask(page, "煎茶の湯は何度ですか？")
    page.wait_for_timeout(1000)  # the answer looks like what is already there
    expect(page.get_by_role("heading", name="まだ索引がありません")).to_be_visible()
    page.get_by_role("button", name="文書を加える").click()
    expect(page.get_by_role("button", name="ファイルを選ぶ")).to_be_visible()
    engines.append(FakeEngine())
    page.get_by_role("tab", name="質問").click()
    expect(page.get_by_role("button", name="Coffee")).to_be_visible()


def test_hostile_documents_are_shown_as_plain_text(open_page: OpenPage, serve: Serve) -> None:
    documents = tuple(
        Document(f"{n}/{text}.txt", text, f"{text}\n煎茶は{text}七十度。\n", "ja") for n, text in enumerate(HOSTILE)
    )
    address = serve(CurrentIndex(lambda: FakeEngine(documents)))  # type: ignore[arg-type,return-value]
    page = open_page(address)
    for number, text in enumerate(HOSTILE):
        page.locator(".document").nth(number).click()
        expect(page.locator(".source-title")).to_have_text(text)
        shown = page.evaluate("document.querySelector('.source .lines').textContent")
        assert shown == documents[number].text
    ask(page, f"煎茶 {' '.join(HOSTILE)}")
    expect(page.locator(".answer-text")).to_be_visible()
    made = page.locator("#shiori-work :is(script, img, iframe, style, svg[onload], a, form:not([data-keep-form]))")
    assert made.count() == 0


def test_a_document_of_two_megabytes_opens_at_its_place_and_can_be_shown_whole(
    open_page: OpenPage, serve: Serve
) -> None:
    filler = "".join(f"{n} 行目は、ほかの話題についての文です\n" for n in range(1, 30_001))
    text = f"{filler}煎茶は七十度の湯で\n一分待つ。\n{filler}"
    document = Document("long.txt", "長い文書", text, "ja")
    assert len(text.encode()) > 2_000_000
    address = serve(CurrentIndex(lambda: FakeEngine((document,))))  # type: ignore[arg-type,return-value]
    page = open_page(address)
    page.locator(".document").click()
    expect(page.locator(".source .note").first).to_contain_text("全 60,003 行")
    page.get_by_role("button", name="すべて表示").click()
    page.wait_for_function("document.querySelectorAll('.source .line').length > 60000", timeout=30_000)
    assert page.evaluate("document.querySelector('.source .lines').textContent.length") == len(text)
    expect(page.get_by_role("button", name="原文を閉じる")).to_be_enabled()
    page.get_by_role("button", name="原文を閉じる").click()
    expect(page.locator(".source")).to_be_hidden()


def test_showing_more_of_a_long_document_keeps_the_readers_place(open_page: OpenPage, serve: Serve) -> None:
    text = "".join(f"{n} 行目の文です。\n" for n in range(1, 20_001))
    document = Document("long.txt", "長い文書", text, "ja")
    address = serve(CurrentIndex(lambda: FakeEngine((document,))))  # type: ignore[arg-type,return-value]
    page = open_page(address)
    ask(page, "15000 行目は？")
    page.locator(".card .show").first.click()
    page.wait_for_selector(".source mark.current")
    page.locator(".source-body").evaluate("body => body.scrollTop = 0")
    top = "document.querySelector('.source .line').dataset.line"
    before = page.evaluate(top)
    page.get_by_role("button", name="前を表示").click()
    page.wait_for_function(f"{top} !== '{before}'")
    page.wait_for_timeout(300)
    line = page.locator(f".source .line[data-line='{before}']")
    expect(line).to_be_in_viewport()
