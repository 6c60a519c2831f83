"""An answer as a file for Word or Excel, as Markdown, and printed."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import docx
import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from rag.library import QuotedPlace
from rag.web.exports.content import Content, content_of
from rag.web.exports.excel import excel_of
from rag.web.exports.markdown import markdown_of
from rag.web.exports.word import word_of
from rag.web.texts import JAPANESE

from . import axe
from .conftest import request
from .doubles import FakeEngine
from .test_markup import HOSTILE

OpenPage = Callable[..., Page]

QUESTION = "煎茶の湯は何度ですか？"
PLACE = QuotedPlace(1, "茶の淹れ方", "notes/茶.txt", "5 行目", "煎茶は\n七十度。")
CONTENT = Content(QUESTION, "七十度[1]\n=1+1", (PLACE,), True)
SENTENCE = "煎茶は七十度の湯で一分待つ。"


@pytest.fixture
def address(small_page: str) -> str:
    return small_page


def test_a_word_file_has_the_question_the_answer_and_each_place_with_its_words() -> None:
    document = docx.Document(BytesIO(word_of(CONTENT, "ja")))
    texts = [(p.style.name if p.style else "", p.text) for p in document.paragraphs]
    assert texts == [
        ("Heading 1", QUESTION),
        ("Normal", "七十度[1]"),
        ("Normal", "=1+1"),
        ("Heading 2", "出典"),
        ("Normal", "[1] 茶の淹れ方 ・ notes/茶.txt ・ 5 行目"),
        ("Quote", "煎茶は 七十度。"),
    ]


def test_a_workbook_has_a_row_for_each_place_and_computes_nothing() -> None:
    sheet = load_workbook(BytesIO(excel_of(CONTENT, "en"))).active
    assert sheet is not None
    rows = [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]
    assert rows == [
        ["Question", QUESTION],
        ["Answer", "七十度[1]\n=1+1"],
        [],
        ["Number", "Document", "File", "Place", "Quote"],
        [1, "茶の淹れ方", "notes/茶.txt", "5 行目", "煎茶は\n七十度。"],
    ]
    sheet = load_workbook(BytesIO(excel_of(Content("=1+1", "=2", ()), "ja"))).active
    assert sheet is not None and {sheet.cell(1, 2).data_type, sheet.cell(2, 2).data_type} == {"s"}


@pytest.mark.parametrize("text", [*HOSTILE, "\x00\x1b\ud800\uffff", "a" * 40_000])
def test_every_text_can_be_written(text: str) -> None:
    content = Content(text, text, (QuotedPlace(1, text, text, text, text),))
    assert docx.Document(BytesIO(word_of(content, "en"))).paragraphs
    assert load_workbook(BytesIO(excel_of(content, "ja"))).active is not None


def test_what_a_browser_keeps_comes_back_as_it_was() -> None:
    answer = FakeEngine().ask(QUESTION)
    content = content_of(answer, JAPANESE)
    assert content is not None and Content.from_dict(json.loads(content.to_json())) == content
    assert content.sources[0].quote in markdown_of(content, JAPANESE)


@pytest.mark.parametrize("body", [[], {}, {"question": "?", "text": "", "sources": [1]}, {"sources": 1}, "x", 1])
def test_what_is_no_answer_is_refused(address: str, body: object) -> None:
    assert request("POST", f"{address}exports/word", json=body).status_code == 422


def test_there_are_no_other_forms(address: str) -> None:
    assert request("POST", f"{address}exports/pdf", json={}).status_code == 404
    assert request("GET", f"{address}exports/word").status_code == 404


def ask(page: Page) -> None:
    page.locator("#shiori-question textarea").fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".actions")).to_have_attribute("data-question", QUESTION)


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme", "locale"), [(1366, "light", "ja-JP"), (375, "dark", "en-GB")])
def test_an_answer_is_saved_in_each_form(
    open_page: OpenPage, address: str, width: int, scheme: str, locale: str, tmp_path: Path
) -> None:
    page = open_page(address, width=width, height=768, color_scheme=scheme, locale=locale)
    ask(page)
    for name, ending in (("Word", "docx"), ("Excel", "xlsx"), ("Markdown", "md")):
        page.locator(".export > summary").click()
        axe.check(page, "#shiori-actions")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        with page.expect_download() as download:
            page.locator(".export-menu").get_by_role("button", name=name).click()
        assert download.value.suggested_filename.endswith(f"煎茶の湯は何度ですか？.{ending}")
        download.value.save_as(tmp_path / f"saved.{ending}")
        expect(page.locator(".export-menu")).to_be_hidden()
    assert "煎茶は七十度の湯で一分待つ。" in "\n".join(
        p.text for p in docx.Document(str(tmp_path / "saved.docx")).paragraphs
    )
    assert "煎茶は七十度の湯で一分待つ。" in (tmp_path / "saved.md").read_text(encoding="utf-8")


@pytest.mark.browser
def test_what_is_printed_is_the_answer_with_the_words_of_its_sources(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    printed = page.locator(".printed")
    expect(printed.locator("h1")).to_have_text(QUESTION)
    expect(printed.locator("blockquote").first).to_have_text(SENTENCE)
    expect(page.locator("#shiori-question")).to_be_hidden()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    expect(printed).to_have_count(0)
    expect(page.locator("#shiori-question")).to_be_visible()
