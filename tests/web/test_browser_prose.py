"""Prose by an LLM in the page: streamed, marked, stopped, failed; and follow-up questions. The server is scripted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from rag.prose import ChatServer
from rag.web.current import CurrentIndex
from tests.llm.fake_server import FakeServer, Reply, scripted

from .doubles import FakeEngine

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]
Serve = Callable[[CurrentIndex], str]

QUESTION = "煎茶の湯は何度ですか？"
FAITHFUL = "煎茶は七十度の湯で一分待つ[1]。"
FALSE = "煎茶は九十度の湯で一分待つ[1]。"


def desk_for(fake: FakeServer | None, **options: object) -> CurrentIndex:
    """An index over the small documents; with a model that is ready."""
    server = fake and ChatServer(fake.url, **{"model": "scripted", "timeout": 10.0, "retries": 0, **options})  # type: ignore[arg-type]
    current = CurrentIndex(lambda: FakeEngine(llm=server))  # type: ignore[arg-type,return-value]
    current.warm_up()
    return current


def ask(page: Page, question: str = QUESTION) -> None:
    page.locator("#shiori-question textarea").fill(question)
    page.keyboard.press("Enter")


def turn_on(page: Page) -> None:
    page.locator("#shiori-llm input").check()


def test_without_a_server_there_is_no_switch(open_page: OpenPage, serve: Serve) -> None:
    page = open_page(serve(desk_for(None)))
    expect(page.locator("#shiori-llm input")).to_have_count(0)
    ask(page)
    expect(page.locator(".answer-text")).to_contain_text("煎茶は七十度の湯で一分待つ。")
    expect(page.locator(".site-footer")).not_to_contain_text("LLM")


def test_the_switch_names_the_server_and_nothing_is_sent_while_it_is_off(open_page: OpenPage, serve: Serve) -> None:
    with scripted(FAITHFUL) as fake:
        page = open_page(serve(desk_for(fake)))
        switch = page.get_by_role("checkbox")
        expect(switch).not_to_be_checked()
        host = fake.url.split("/")[2]
        expect(page.locator("#shiori-llm")).to_contain_text(host)
        expect(page.locator(".site-footer")).to_contain_text(host)
        ask(page)
        expect(page.locator(".answer-text")).to_contain_text("煎茶は七十度の湯で一分待つ。")
        assert fake.requests == []


def test_prose_stands_above_the_quotes_and_its_marks_open_what_supports_it(open_page: OpenPage, serve: Serve) -> None:
    with scripted(FAITHFUL) as fake:
        page = open_page(serve(desk_for(fake)))
        turn_on(page)
        ask(page)
        prose = page.locator("#shiori-prose .written.trusted")
        expect(prose).to_contain_text("煎茶は七十度の湯で一分待つ")
        expect(prose.locator(".doubt")).to_have_count(0)
        expect(page.locator("#shiori-prose .asked")).to_contain_text(QUESTION)
        expect(page.locator("#shiori-answer .asked")).to_have_count(0)
        expect(page.get_by_role("heading", name="文書からの引用")).to_be_visible()
        prose.locator(".cite").first.click()
        expect(page.locator(".source mark.cited.current").first).to_be_visible()
        shown = page.evaluate(
            "Array.from(document.querySelectorAll('.source mark.cited.current'), m => m.textContent).join('')"
        )
        assert shown == "煎茶は七十度の湯で一分待つ。"


def test_unverified_sentences_are_marked_for_eyes_and_ears(open_page: OpenPage, serve: Serve) -> None:
    with scripted(f"{FAITHFUL}玉露は五十度で、二分ほど待つ[2]。{FALSE}") as fake:
        page = open_page(serve(desk_for(fake)))
        turn_on(page)
        ask(page)
        doubted = page.locator("#shiori-prose .sentence.unverified")
        expect(doubted).to_have_count(1)
        expect(doubted).to_contain_text("煎茶は九十度の湯で")
        expect(doubted.locator(".doubt")).to_contain_text("未確認")
        reason = "「90度」が出典にありません"
        expect(doubted).to_have_attribute("title", reason)
        expect(doubted.locator(".doubt .sr-only")).to_contain_text(reason)
        page.locator(".doubts summary").click()
        expect(page.locator(".doubts li")).to_contain_text(reason)
        expect(page.locator(".written .note")).to_contain_text("3 文のうち 2 文")


def test_with_too_little_support_the_quotes_come_first(open_page: OpenPage, serve: Serve) -> None:
    with scripted(FALSE) as fake:
        page = open_page(serve(desk_for(fake)))
        turn_on(page)
        ask(page)
        expect(page.locator("#shiori-doubtful .written.doubtful .sentence.unverified")).to_be_visible()
        expect(page.locator("#shiori-prose .written")).to_have_count(0)
        expect(page.locator("#shiori-prose .notice")).to_be_visible()
        answer, prose = page.locator("#shiori-answer .answer-text"), page.locator("#shiori-doubtful .prose-text")
        assert answer.bounding_box()["y"] < prose.bounding_box()["y"]  # type: ignore[index]


def test_the_first_words_are_shown_within_200_ms_of_being_sent(open_page: OpenPage, serve: Serve) -> None:
    waits = []
    for _ in range(3):
        sending = threading.Event()
        with scripted(Reply(["煎茶は", "七十度の湯で", "一分待つ[1]。"], pause=0.5, hold=sending)) as fake:
            page = open_page(serve(desk_for(fake)))
            turn_on(page)
            ask(page)
            expect(page.locator(".written.in-progress")).to_be_visible()
            page.wait_for_timeout(300)
            page.evaluate(
                """() => { window.came = new Promise(done => { const look = () => {
                    if (document.querySelector('.prose-text')?.textContent.includes('煎茶は')) done(Date.now());
                    else requestAnimationFrame(look); }; look(); }); }"""
            )
            offset = time.time() - time.monotonic()
            sending.set()
            came = page.evaluate("window.came") / 1000
            waits.append(came - (fake.sent_at[0] + offset))
            expect(page.locator(".written.trusted")).to_be_visible()
    assert min(waits) < 0.2, waits


def test_writing_can_be_stopped_and_what_came_stays(open_page: OpenPage, serve: Serve) -> None:
    with scripted(Reply([FAITHFUL, *["玉露は"] * 500], pause=0.05)) as fake:
        page = open_page(serve(desk_for(fake)))
        turn_on(page)
        ask(page)
        expect(page.locator(".written.in-progress .prose-text")).to_contain_text("玉露は")
        stop = page.get_by_role("button", name="止める")
        stop.focus()
        page.wait_for_timeout(400)
        expect(stop).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(".written .notice")).to_contain_text("文章の作成を止めました")
        expect(page.locator(".prose-text")).to_contain_text("煎茶は七十度の湯で一分待つ")
        assert fake.hung_up.wait(5)


def test_closing_the_page_ends_the_writing(open_page: OpenPage, serve: Serve) -> None:
    with scripted(Reply(["玉露は"] * 2000, pause=0.05)) as fake:
        page = open_page(serve(desk_for(fake)))
        turn_on(page)
        ask(page)
        expect(page.locator(".written.in-progress .prose-text")).to_contain_text("玉露は")
        page.close()
        assert fake.hung_up.wait(10)


def test_another_question_ends_the_one_being_written(open_page: OpenPage, serve: Serve) -> None:
    with scripted(Reply(["玉露は"] * 500, pause=0.05), "ほうじ茶は沸きたての湯で淹れる[1]。") as fake:
        page = open_page(serve(desk_for(fake)))
        turn_on(page)
        ask(page)
        expect(page.locator(".written.in-progress .prose-text")).to_contain_text("玉露は")
        ask(page, "ほうじ茶の湯は？")
        expect(page.locator("#shiori-prose .asked")).to_contain_text("ほうじ茶の湯は？")
        expect(page.locator(".written:not(.in-progress) .prose-text")).to_contain_text("沸きたて")
        assert fake.hung_up.wait(5)
        page.wait_for_timeout(500)
        expect(page.locator(".prose-text")).not_to_contain_text("玉露は")


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(status=401, body={"error": {"message": "bad key"}}), "鍵（API キー）を受け付けません"),
        (Reply(status=404), "モデルがありません"),
        (Reply(status=500), "問題が起きました"),
        (Reply(raw=b"data: {oops\n\n", headers={"content-type": "text/event-stream"}), "読み取れません"),
    ],
)
def test_a_failing_server_leaves_the_quotes_and_a_plain_notice(
    open_page: OpenPage, serve: Serve, reply: Reply, words: str
) -> None:
    with scripted(reply) as fake:
        page = open_page(serve(desk_for(fake)))
        turn_on(page)
        ask(page)
        expect(page.locator("#shiori-prose .notice")).to_contain_text(words)
        expect(page.locator("#shiori-answer .answer-text")).to_contain_text("煎茶は七十度の湯で一分待つ。")


def test_a_server_that_is_down_leaves_the_quotes(open_page: OpenPage, serve: Serve) -> None:
    with scripted("…") as fake:
        current = desk_for(fake)
    page = open_page(serve(current))
    turn_on(page)
    ask(page)
    expect(page.locator("#shiori-prose .notice")).to_contain_text("つながりません")
    expect(page.locator("#shiori-answer .answer-text")).to_contain_text("煎茶は七十度の湯で一分待つ。")


def test_hostile_prose_is_shown_as_plain_text(open_page: OpenPage, serve: Serve) -> None:
    hostile = "<img src=x onerror=alert(1)><script>alert(2)</script> [click](javascript:alert(3)) \u202e煎茶[1]。"
    with scripted(hostile) as fake:
        page = open_page(serve(desk_for(fake)))
        turn_on(page)
        ask(page)
        expect(page.locator(".prose-text")).to_contain_text("<script>alert(2)</script>")
        assert page.locator("#shiori-work :is(script, img, iframe, a, form:not([data-keep-form]))").count() == 0


def test_a_follow_up_carries_the_last_questions_words_over_and_says_so(open_page: OpenPage, serve: Serve) -> None:
    page = open_page(serve(desk_for(None)))
    ask(page, "ほうじ茶とは？")
    expect(page.locator(".answer .asked")).to_contain_text("ほうじ茶とは？")
    ask(page, "それはどんな湯で淹れますか？")
    expect(page.locator(".follow-up .searched")).to_contain_text("ほうじ茶")
    expect(page.locator(".answer-text")).to_contain_text("ほうじ茶は沸きたての湯で淹れる。")
    page.get_by_role("button", name="補わずに尋ねる").click()
    expect(page.locator(".follow-up")).to_have_count(0)
    expect(page.locator(".asked")).to_contain_text("それはどんな湯で淹れますか？")


def test_a_follow_up_is_rewritten_by_the_llm_and_shown(open_page: OpenPage, serve: Serve) -> None:
    script = (FAITHFUL, "玉露の湯は何度ですか？", "玉露はさらに低い五十度で、二分ほど待つ[1][2]。")
    with scripted(*script) as fake:
        page = open_page(serve(desk_for(fake)), locale="en-US")
        turn_on(page)
        ask(page)
        expect(page.locator(".written.trusted")).to_be_visible()
        ask(page, "では、玉露は？それは何度？")
        expect(page.locator(".follow-up .searched")).to_have_text("玉露の湯は何度ですか？")
        expect(page.locator(".written.trusted")).to_contain_text("五十度")
        assert QUESTION in fake.requests[1].body["messages"][0]["content"]
