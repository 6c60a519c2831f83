"""The page in a real browser, over the seed documents and the real engine."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from rag import Engine

pytestmark = pytest.mark.browser

QUESTION = "主権AIとは何ですか？"
CURRENT = "document.querySelectorAll('.source mark.current')"
QUOTE_SHOWN = f"Array.from({CURRENT}, mark => mark.textContent).join('')"
IN_VIEW = f"""() => {{
  const panel = document.querySelector('.source-body').getBoundingClientRect();
  const mark = {CURRENT}[0].getBoundingClientRect();
  return mark.top >= Math.max(panel.top, 0) && mark.top + 20 <= Math.min(panel.bottom, innerHeight)
    && mark.left >= 0 && mark.right <= innerWidth;
}}"""
OpenPage = Callable[..., Page]


def box_of(page: Page) -> Locator:
    return page.locator("#shiori-question textarea")


def ask(page: Page, question: str) -> None:
    box_of(page).click()
    page.keyboard.insert_text(question)
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_be_visible(timeout=60_000)


def test_clicking_a_citation_highlights_its_quote_in_the_source(
    open_page: OpenPage, seeds_page: str, engine: Engine
) -> None:
    page = open_page(seeds_page)
    ask(page, QUESTION)
    citations = engine.ask(QUESTION).citations
    assert citations
    for citation in (*citations[::-1], citations[0]):
        page.locator(".answer-text").get_by_text(f"[{citation.number}]", exact=True).click()
        page.wait_for_function(f"quote => {QUOTE_SHOWN} === quote", arg=citation.quote)
        page.wait_for_function(IN_VIEW)
        assert page.locator(".source-title").inner_text() == citation.document.title
        line = page.locator(".source .line").filter(has=page.locator("mark.current")).first
        assert line.get_attribute("data-line") == str(citation.line)


def test_the_whole_source_is_shown_with_what_was_left_out_of_the_index(
    open_page: OpenPage, seeds_page: str, engine: Engine
) -> None:
    page = open_page(seeds_page)
    info = max(engine.documents(), key=lambda d: d.excluded_chars)
    page.get_by_role("button", name=info.title, exact=False).click()
    expect(page.locator(".source-title")).to_have_text(info.title)
    document = engine.document(info.id)
    assert page.evaluate("document.querySelector('.source .lines').textContent") == document.text
    faint = page.evaluate("Array.from(document.querySelectorAll('.source mark.excluded'), m => m.textContent).join('')")
    assert faint == "".join(document.text[e.start : e.end] for e in document.excluded)


def test_passages_are_listed_with_scores_and_lead_to_their_place(
    open_page: OpenPage, seeds_page: str, engine: Engine
) -> None:
    page = open_page(seeds_page)
    ask(page, QUESTION)
    hits = engine.ask(QUESTION).hits
    expect(page.locator(".card")).to_have_count(len(hits))
    last = page.locator(f".card[data-rank='{len(hits)}']")
    assert last.locator(".card-text").evaluate("e => e.textContent") == hits[-1].text
    assert page.locator(".card mark.term").count() > 0
    last.locator(".show").click()
    page.wait_for_function(f"text => {QUOTE_SHOWN} === text", arg=hits[-1].text)
    page.wait_for_function(IN_VIEW)


def test_enter_does_not_ask_while_an_ime_is_composing(open_page: OpenPage, seeds_page: str) -> None:
    page = open_page(seeds_page)
    box = box_of(page)
    box.click()
    compose = "(e, [name, data]) => e.dispatchEvent(new CompositionEvent(name, {data, bubbles: true}))"
    key = """(e, options) => { for (const name of ['keydown', 'keypress', 'keyup'])
        e.dispatchEvent(new KeyboardEvent(name, {key: 'Enter', bubbles: true, cancelable: true, ...options})) }"""
    box.evaluate(compose, ["compositionstart", ""])
    page.keyboard.insert_text(QUESTION)
    box.evaluate(compose, ["compositionupdate", QUESTION])
    box.evaluate(key, {"isComposing": True, "keyCode": 229})
    box.evaluate(key, {"keyCode": 13})
    box.evaluate(compose, ["compositionend", QUESTION])
    box.evaluate(key, {"keyCode": 229})  # Safari reports the key after the composition has ended
    page.wait_for_timeout(500)
    assert page.locator(".home").is_visible()
    assert box.input_value() == QUESTION
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_be_visible(timeout=60_000)


def test_shift_enter_makes_a_line(open_page: OpenPage, seeds_page: str) -> None:
    page = open_page(seeds_page)
    box_of(page).click()
    page.keyboard.insert_text("主権AI")
    page.keyboard.press("Shift+Enter")
    page.keyboard.insert_text("とは？")
    assert box_of(page).input_value() == "主権AI\nとは？"
    assert page.locator(".home").is_visible()


def test_an_english_browser_gets_an_english_page(open_page: OpenPage, seeds_page: str) -> None:
    page = open_page(seeds_page, locale="en-GB")
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
    expect(page.get_by_label("Question", exact=True)).to_have_attribute("placeholder", "Ask about your documents")
    assert page.evaluate("document.documentElement.lang") == "en"
    page.get_by_role("button", name="What is sovereign AI?").click()
    expect(page.get_by_role("heading", name="Answer", exact=True)).to_be_visible(timeout=60_000)
    assert box_of(page).input_value() == "What is sovereign AI?"
    page.get_by_role("link", name="日本語").click()
    expect(page.get_by_role("button", name="質問する")).to_be_visible()
    page.wait_for_function("document.documentElement.lang === 'ja'")


def test_on_a_phone_the_source_covers_the_page_and_closes_again(
    open_page: OpenPage, seeds_page: str, engine: Engine
) -> None:
    page = open_page(seeds_page, width=375, height=720, has_touch=True)
    ask(page, QUESTION)
    expect(page.locator(".source")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    citation = page.locator(".answer-text .cite").first
    citation.tap()  # shows the quote
    expect(page.locator("#shiori-quote")).to_contain_text(engine.ask(QUESTION).citations[0].quote[:20])
    citation.tap()
    page.wait_for_function(f"quote => {QUOTE_SHOWN} === quote", arg=engine.ask(QUESTION).citations[0].quote)
    page.wait_for_function(IN_VIEW)
    page.get_by_role("button", name="原文を閉じる").tap()
    expect(page.locator(".source")).to_be_hidden()
    expect(citation).to_be_focused()


@pytest.mark.parametrize("way", ["system", "address"])
def test_the_page_is_dark_when_the_system_or_the_address_says_so(
    open_page: OpenPage, seeds_page: str, way: str
) -> None:
    by_system = way == "system"
    page = open_page(seeds_page, color_scheme="dark") if by_system else open_page(f"{seeds_page}?__theme=dark")
    background = "getComputedStyle(document.querySelector('.gradio-container')).backgroundColor"
    page.wait_for_function(f"{background} === 'rgb(21, 23, 27)'")


def test_everything_can_be_done_with_the_keyboard(open_page: OpenPage, seeds_page: str, engine: Engine) -> None:
    page = open_page(seeds_page)
    page.locator("body").click(position={"x": 5, "y": 400})
    page.keyboard.press("/")
    expect(box_of(page)).to_be_focused()
    page.keyboard.insert_text(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_be_visible(timeout=60_000)
    for _ in range(8):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.cite") == "1":
            break
    page.keyboard.press("Enter")
    page.wait_for_function(f"quote => {QUOTE_SHOWN} === quote", arg=engine.ask(QUESTION).citations[0].quote)
    expect(page.locator(".source-body")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".answer-text .cite").first).to_be_focused()


def test_a_question_the_documents_cannot_answer_is_refused_in_words(open_page: OpenPage, seeds_page: str) -> None:
    page = open_page(seeds_page)
    ask(page, "富士山の標高は何メートルですか？")
    expect(page.get_by_role("heading", name="文書の中に、答えは見つかりませんでした")).to_be_visible()
    expect(page.locator(".tries li")).not_to_have_count(0)


def test_an_empty_question_and_one_too_long_get_a_friendly_word(open_page: OpenPage, seeds_page: str) -> None:
    page = open_page(seeds_page)
    page.get_by_role("button", name="質問する").click()
    expect(page.get_by_role("alert")).to_contain_text("質問が空です")
    box_of(page).fill("あ" * 100_000)
    page.get_by_role("button", name="質問する").click()
    expect(page.get_by_role("alert")).to_contain_text("質問が長すぎます（100,000 字）")
