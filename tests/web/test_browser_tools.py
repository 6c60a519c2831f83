"""What stands around a question in a real browser: quotes, filters, history, links, copying, keys, theme, waiting."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rag.answer.result import Answer
from rag.web.current import CurrentIndex

from .conftest import wait_until_ready
from .doubles import COFFEE, TEA, FakeEngine

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]
Serve = Callable[[CurrentIndex], str]

QUESTION = "煎茶の湯は何度ですか？"
ANSWER = "煎茶は七十度の湯で一分待つ。"
OTHER = "玉露の湯は何度ですか？"


def current_of(engine: FakeEngine) -> CurrentIndex:
    """An index whose model is ready."""
    current = CurrentIndex(lambda: engine)  # type: ignore[arg-type,return-value]
    current.warm_up()
    return current


@pytest.fixture
def address(small_page: str) -> str:
    return small_page


def ask(page: Page, question: str = QUESTION) -> None:
    page.locator("#shiori-question textarea").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".answer .asked")).to_have_text(re.compile(re.escape(question) + "$"))


def quote(page: Page) -> Any:
    return page.locator("#shiori-quote")


def test_pointing_at_a_citation_shows_its_quote_and_escape_closes_it(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page)
    citation = page.locator(".answer-text .cite").first
    expect(quote(page)).to_be_hidden()
    citation.hover()
    expect(quote(page)).to_be_visible()
    expect(quote(page).locator("blockquote")).to_have_text(ANSWER)
    expect(quote(page)).to_contain_text(TEA.title)
    expect(quote(page)).to_contain_text("notes/茶.txt ・ 6 行目")
    expect(citation).to_have_attribute("aria-describedby", "shiori-quote")
    quote(page).hover()
    expect(quote(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(quote(page)).to_be_hidden()
    expect(page.locator(".source")).to_be_visible()


def test_focusing_a_citation_with_the_keyboard_shows_its_quote(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page)
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.cite") == "1":
            break
    expect(quote(page).locator("blockquote")).to_have_text(ANSWER)
    page.keyboard.press("Tab")
    expect(quote(page).locator("blockquote")).not_to_have_text(ANSWER)


@pytest.mark.parametrize("way", ["button", "second tap"])
def test_a_tap_shows_the_quote_and_leads_on_to_the_source(open_page: OpenPage, address: str, way: str) -> None:
    page = open_page(address, width=375, height=720, has_touch=True)
    ask(page)
    citation = page.locator(".answer-text .cite").first
    citation.tap()
    expect(quote(page).locator("blockquote")).to_have_text(ANSWER)
    expect(page.locator(".source")).to_be_hidden()
    if way == "button":
        quote(page).get_by_role("button", name="原文で見る").tap()
    else:
        citation.tap()
    expect(page.locator(".source mark.current")).to_have_text(ANSWER)
    expect(quote(page)).to_be_hidden()


def test_all_citations_of_a_source_are_marked_and_the_one_clicked_most(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page)
    page.locator(".answer-text .cite").nth(1).click()
    expect(page.locator(".source mark.cited")).to_have_count(2)
    expect(page.locator(".source mark.current")).to_have_attribute("data-cites", "2")


def test_brackets_step_through_the_citations(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page)
    page.locator(".answer .asked").click()
    for key, number in (("]", "1"), ("]", "2"), ("]", "1"), ("[", "2")):
        page.keyboard.press(key)
        expect(page.locator(".source mark.current")).to_have_attribute("data-cites", number)


def test_filters_restrict_the_answer_and_show_as_chips_that_can_be_removed(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    expect(page.locator("#filter-source")).to_be_hidden()
    page.locator("#filters summary").click()
    page.get_by_label("文書・フォルダ").fill("Coff")
    page.keyboard.press("Enter")
    chip = page.get_by_role("button", name="文書: *Coff* を外す")
    expect(chip).to_have_count(0)  # a title is better than a pattern
    chip = page.get_by_role("button", name="文書: Coffee を外す")
    expect(chip).to_be_visible()
    ask(page)
    expect(page.locator(".answer.abstained")).to_contain_text("1 件の文書")
    assert "source=coffee.md" in page.url
    chip.click()
    expect(chip).to_have_count(0)
    ask(page, OTHER)
    expect(page.locator(".answer-text")).to_contain_text("玉露")
    assert "source" not in page.url


def test_a_refusal_offers_to_ask_without_the_filters(open_page: OpenPage, address: str) -> None:
    page = open_page(f"{address}?language=en")
    ask(page)
    page.get_by_role("button", name="絞り込みを外して質問する").click()
    expect(page.locator(".answer-text")).to_contain_text(ANSWER)
    expect(page.locator(".filter-chip")).to_have_count(0)


def test_a_filter_that_no_document_matches_is_said_and_not_taken(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    page.locator("#filters summary").click()
    page.get_by_label("文書・フォルダ").fill("<b>紅茶</b>")
    page.get_by_role("button", name="加える").click()
    expect(page.locator("#filters").get_by_role("alert")).to_have_text("「<b>紅茶</b>」に当たる文書はありません。")
    expect(page.locator(".filter-chip")).to_have_count(0)


def test_mode_number_and_language_are_chosen_in_words(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    page.locator("#filters summary").click()
    page.get_by_text("同じ言葉が使われている箇所を探す").click()
    expect(page.locator(".filter-chip")).to_have_text(["探し方: 言葉×"])
    page.get_by_label("見る箇所の数").select_option("5")
    page.get_by_label("日本語", exact=True).check()
    expect(page.locator(".filter-chip")).to_have_text(["言語: 日本語×", "見る箇所の数: 5 件×", "探し方: 言葉×"])
    expect(page.locator("#filters")).to_have_attribute("open", "")
    page.get_by_role("button", name="すべて外す").click()
    expect(page.locator(".filter-chip")).to_have_count(0)


def test_the_focus_comes_back_to_a_filter_but_is_not_taken_from_the_question(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    page.locator("#filters summary").click()
    japanese = page.get_by_label("日本語", exact=True)
    japanese.focus()
    page.keyboard.press("Space")
    expect(page.locator(".filter-chip")).to_have_count(1)
    page.wait_for_timeout(300)
    expect(japanese).to_be_focused()
    japanese.evaluate("(box) => { box.click(); document.querySelector('#shiori-question textarea').focus(); }")
    expect(page.locator(".filter-chip")).to_have_count(0)
    page.wait_for_timeout(300)
    expect(page.locator("#shiori-question textarea")).to_be_focused()


def test_five_thousand_documents_are_offered_as_one_types(open_page: OpenPage, serve: Serve) -> None:
    class Many(FakeEngine):
        def documents(self) -> list[Any]:
            one = super().documents()[0]
            return [replace(one, source=f"f{n % 50}/{n}.txt", id=str(n)) for n in range(5000)]

    page = open_page(serve(current_of(Many())))
    expect(page.locator(".document")).to_have_count(20)
    expect(page.locator(".home")).to_contain_text("ほか 4,980 件の文書")
    page.locator("#filters summary").click()
    expect(page.locator("#shiori-filter-sources option")).to_have_count(5050)
    expect(page.locator("#shiori-filter-sources option").first).to_have_attribute("label", "フォルダ（100 件）")
    page.get_by_label("文書・フォルダ").fill("f7/")
    page.keyboard.press("Enter")
    expect(page.locator(".filter-chip")).to_have_text(["文書: f7/×"])


def test_a_link_asks_its_question_with_its_filters(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    page.locator("#filters summary").click()
    page.get_by_label("日本語", exact=True).check()
    expect(page.locator(".filter-chip")).to_have_count(1)
    ask(page)
    page.evaluate("navigator.clipboard.writeText = async (text) => (window.copied = text)")
    page.get_by_role("button", name="リンクをコピー").click()
    expect(page.locator("[data-said]")).to_have_text("リンクをコピーしました")
    link = page.evaluate("window.copied")
    other = open_page(link)
    expect(other.locator(".answer-text")).to_contain_text(ANSWER)
    expect(other.locator("#shiori-question textarea")).to_have_value(QUESTION)
    expect(other.locator(".filter-chip")).to_have_text(["言語: 日本語×"])


def test_a_link_cannot_bring_markup_along(open_page: OpenPage, address: str) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    page = open_page(f"{address}?q={hostile}&source={hostile}&mode={hostile}&k=9999999&language={hostile}")
    expect(page.locator(".asked")).to_contain_text(hostile)
    expect(page.locator(".filter-chip")).to_contain_text(hostile)
    assert page.locator("#shiori-tabs img").count() == 0


def test_after_a_reload_the_last_question_is_there_again_with_its_answer(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page)
    page.reload()
    wait_until_ready(page)
    expect(page.locator(".answer-text")).to_contain_text(ANSWER)
    expect(page.locator("#shiori-question textarea")).to_have_value(QUESTION)


def test_back_and_forward_go_through_the_questions(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page)
    ask(page, OTHER)
    page.go_back()
    expect(page.locator(".answer .asked")).to_contain_text(QUESTION)
    page.go_forward()
    expect(page.locator(".answer .asked")).to_contain_text(OTHER)
    page.go_back()
    expect(page.locator(".answer .asked")).to_contain_text(QUESTION)
    page.go_back()
    expect(page.locator(".home")).to_be_visible()


def test_what_is_typed_and_not_asked_outlives_a_reload(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    page.locator("#shiori-question textarea").fill("ほうじ茶の")
    page.reload()
    wait_until_ready(page)
    expect(page.locator("#shiori-question textarea")).to_have_value("ほうじ茶の")


def test_the_history_is_kept_can_be_reopened_and_forgotten(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page)
    ask(page, OTHER)
    page.goto(address)
    expect(page.locator("[data-recent] .example")).to_have_text([OTHER, QUESTION])
    page.locator("#history summary").click()
    entries = page.locator("#history .again")
    expect(entries).to_have_text([OTHER, QUESTION])
    entries.nth(1).click()
    expect(page.locator(".answer-text")).to_contain_text(ANSWER)
    page.locator("#history summary").click()
    expect(entries).to_have_text([QUESTION, OTHER])
    page.get_by_role("button", name=f"「{OTHER}」を履歴から消す").click()
    expect(entries).to_have_text([QUESTION])
    page.get_by_role("button", name="履歴をすべて消す").click()
    expect(entries).to_have_count(0)
    expect(page.locator("#history")).to_contain_text("まだ質問はありません。")
    assert page.evaluate("localStorage.getItem('shiori-history')") is None


def test_the_answer_is_copied_with_its_sources(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page)
    page.evaluate("navigator.clipboard.writeText = async (text) => (window.copied = text)")
    page.get_by_role("button", name="回答を出典つきでコピー").click()
    expect(page.locator("[data-said]")).to_have_text("回答をコピーしました")
    expect(page.get_by_role("button", name="回答をコピーしました")).to_be_visible()
    copied = page.evaluate("window.copied")
    assert QUESTION in copied and f"> {ANSWER}" in copied and "notes/茶.txt ・ 6 行目" in copied


def test_passages_like_one_are_shown_with_a_way_back(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page)
    first = page.locator("#shiori-passages .card").first
    first.get_by_role("button", name=re.compile("似た箇所")).click()
    expect(page.get_by_role("heading", name="似た箇所")).to_be_focused()
    expect(page.locator("#shiori-passages .card").first).to_be_hidden()
    assert ANSWER not in page.locator("#shiori-similar .card-text").all_inner_texts()
    page.get_by_role("button", name="質問の結果に戻る").click()
    expect(page.locator("#shiori-similar .card")).to_have_count(0)
    expect(first.get_by_role("button", name=re.compile("似た箇所"))).to_be_focused()


def test_the_passages_before_and_after_unfold_in_place(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page, OTHER)
    card = page.locator("#shiori-passages .card").filter(has_text="玉露はさらに")
    card.get_by_role("button", name=re.compile("前後を表示")).click()
    expect(card.locator(".before")).to_contain_text(ANSWER)
    expect(card.locator(".after")).to_contain_text("ほうじ茶は沸きたての湯で淹れる。")
    card.locator("[data-around]").click()
    expect(card.locator(".before")).to_be_hidden()


def test_a_slash_leads_to_the_question_from_any_tab(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    for tab in page.get_by_role("tab").all()[1:]:
        tab.click()
        expect(page.locator("#shiori-question")).to_be_hidden()
        page.keyboard.press("/")
        expect(page.locator("#shiori-question textarea")).to_be_focused()
        assert page.locator("#shiori-question textarea").input_value() == ""


def test_a_question_mark_lists_the_keys_and_they_can_be_turned_off(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    page.locator(".tagline").click()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="キーボードでの操作")
    expect(keys).to_be_visible()
    keys.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.locator(".tagline").click()
    page.keyboard.press("?")
    expect(keys).to_be_hidden()


def test_the_theme_is_switched_and_kept(open_page: OpenPage, address: str) -> None:
    page = open_page(address, color_scheme="light")
    page.get_by_role("button", name="暗い表示に切り替える").click()
    background = "getComputedStyle(document.querySelector('.gradio-container')).backgroundColor"
    page.wait_for_function(f"{background} === 'rgb(21, 23, 27)'")
    page.reload()
    wait_until_ready(page)
    page.wait_for_function(f"{background} === 'rgb(21, 23, 27)'")
    page.get_by_role("button", name="明るい表示に切り替える").click()
    page.wait_for_function(f"{background} === 'rgb(246, 244, 238)'")


def test_the_other_language_keeps_the_question(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page)
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="Answer", exact=True)).to_be_visible()
    expect(page.locator(".answer-text")).to_contain_text(ANSWER)


def test_those_who_wait_are_told_how_many_are_before_them(open_page: OpenPage, serve: Serve) -> None:
    go_on = threading.Semaphore(0)

    class Slow(FakeEngine):
        def ask(self, question: str, **options: Any) -> Answer:
            go_on.acquire(timeout=60)
            return super().ask(question, **options)

    address = serve(current_of(Slow()))
    pages = [open_page(address) for _ in range(4)]
    for number, page in enumerate(pages):
        page.locator("#shiori-question textarea").fill(QUESTION)
        page.keyboard.press("Enter")
        words = "見つかった箇所を読んでいます" if number < 2 else f"順番を待っています（あと {number - 1} 件）"
        expect(page.locator(".loading")).to_contain_text(words)
    pages[2].close()
    expect(pages[3].locator(".loading")).to_contain_text("あと 1 件", timeout=15_000)
    go_on.release()
    expect(pages[3].locator(".loading")).to_contain_text("見つかった箇所を読んでいます")
    for _ in range(3):
        go_on.release()
    expect(pages[3].locator(".answer-text")).to_contain_text(ANSWER)


@pytest.mark.parametrize("width", [375, 768, 1440, 2560])
def test_nothing_is_wider_than_the_window_however_long_it_is(open_page: OpenPage, serve: Serve, width: int) -> None:
    title = "とても長い題名" * 45 + "supercalifragilistic" * 5
    tea = type(TEA)(f"folder/{'n' * 120}.txt", title, TEA.text, "ja")
    untitled = type(TEA)("untitled.txt", "", COFFEE.text, "en")
    page = open_page(serve(current_of(FakeEngine((tea, untitled)))), width=width, height=900)
    for question in (QUESTION, "煎茶" * 900, "存在しない"):
        ask_any(page, question)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        line = page.evaluate("document.querySelector('.answer').getBoundingClientRect().width")
        assert line <= 900


def ask_any(page: Page, question: str) -> None:
    page.locator("#shiori-question textarea").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".answer .asked")).to_contain_text(question[:100])
