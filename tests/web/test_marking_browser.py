"""Whether an answer is right, told in a real browser: kept with the documents, measured with, downloaded, emptied."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from rag import Engine, Settings
from rag.building import build
from rag.library import Library
from rag.web.current import CurrentIndex

from . import axe
from .conftest import request

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]
Serve = Callable[[CurrentIndex], str]

QUESTION = "煎茶の湯は何度ですか？"
TEXTS = {
    "茶.txt": "茶の淹れ方\n\n煎茶は七十度の湯で一分待つ。\n玉露はさらに低い五十度で、二分ほど待つ。\n",
    "器.txt": "器\n\n急須は常滑のものを使う。\n",
}


@pytest.fixture
def index(tmp_path: Path) -> Path:
    folder = tmp_path / "文書"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    build(folder, index=tmp_path / "index")
    return tmp_path / "index"


@pytest.fixture
def address(index: Path, serve: Serve) -> str:
    settings = Settings.load(index=index, reader="none")
    current = CurrentIndex(lambda: Engine.open(index, settings), index, settings)
    current.warm_up()
    return serve(current)


def ask(page: Page, question: str = QUESTION) -> None:
    page.locator("#shiori-question textarea").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".actions")).to_have_attribute("data-question", question)


def marked(index: Path) -> list[dict[str, object]]:
    lines = Library(index).questions.path.read_text(encoding="utf-8").splitlines()
    return [{k: v for k, v in json.loads(line).items() if k not in ("id", "marked")} for line in lines]


def test_a_helpful_answer_is_kept_and_taken_back_with_the_keyboard_alone(
    open_page: OpenPage, address: str, index: Path
) -> None:
    page = open_page(address)
    ask(page)
    page.get_by_role("button", name="役に立った").press("Enter")
    expect(page.locator(".mark-said")).to_contain_text("役に立った回答として残しました")
    expect(page.locator(".mark-said")).to_contain_text("この文書集の質問 1 件")
    expect(page.locator(".verdict")).to_be_hidden()
    (kept,) = marked(index)
    assert kept["question"] == QUESTION
    assert "煎茶は七十度の湯で一分待つ。" in str(kept["evidence"])
    expect(page.get_by_role("button", name="取り消す")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="役に立った")).to_be_focused()
    assert marked(index) == []


def test_words_selected_in_the_source_are_the_right_ones(open_page: OpenPage, address: str, index: Path) -> None:
    page = open_page(address)
    ask(page)
    page.get_by_role("button", name="違う", exact=True).click()
    expect(page.get_by_role("heading", name="正しい箇所を教えてください")).to_be_focused()
    expect(page.get_by_role("button", name="選んだ文字を正解にする")).to_be_hidden()
    page.locator(".card .show").first.click()
    page.get_by_label("正しい答えの言葉").fill("50度")
    page.evaluate(
        """() => { const line = document.querySelector('.source .lines [data-line="4"]');
        getSelection().selectAllChildren(line); }"""
    )
    page.get_by_role("button", name="選んだ文字を正解にする").click()
    expect(page.locator(".mark-said")).to_contain_text("正しい箇所を残しました")
    (kept,) = marked(index)
    assert kept["answers"] == ["50度"]
    assert kept["evidence"] == [{"source": "茶.txt", "quote": "玉露はさらに低い五十度で、二分ほど待つ。"}]


def test_a_passage_is_right_or_nothing_is_and_another_question_has_its_own_verdict(
    open_page: OpenPage, address: str, index: Path
) -> None:
    page = open_page(address)
    ask(page)
    expect(page.locator(".mark-passage").first).to_be_hidden()
    page.get_by_role("button", name="違う", exact=True).click()
    page.locator(".mark-passage").last.click()
    expect(page.locator(".mark-said")).to_contain_text("正しい箇所を残しました")
    ask(page, "社長はだれですか？")
    expect(page.locator(".mark-said")).to_be_hidden()
    page.get_by_role("button", name="違う", exact=True).click()
    page.get_by_role("button", name="文書にない").click()
    expect(page.locator(".mark-said")).to_contain_text("文書にない質問として残しました")
    first, second = marked(index)
    assert first["evidence"] and second["evidence"] == [] and second["answers"] == []


def test_what_was_marked_is_measured_downloaded_and_emptied(open_page: OpenPage, address: str, index: Path) -> None:
    page = open_page(address)
    ask(page)
    page.get_by_role("button", name="役に立った").click()
    page.get_by_role("button", name="評価で使う").click()
    expect(page.get_by_label("データセット", exact=True)).to_have_value("この文書集の質問")
    with page.expect_download() as download:
        page.get_by_text("質問をダウンロード").click()
    assert QUESTION in Path(download.value.path()).read_text(encoding="utf-8")
    assert QUESTION in request("GET", f"{address}api/questions").text
    page.get_by_role("button", name="質問をすべて消す").click()
    page.get_by_role("button", name="本当にすべて消す").click()
    expect(page.get_by_role("button", name="本当にすべて消す")).to_be_hidden()
    assert not Library(index).questions.path.exists()


def test_other_programs_can_mark_too(address: str, index: Path) -> None:
    body = {"question": QUESTION, "evidence": [{"source": "茶.txt", "quote": "七十度"}]}
    answer = request("POST", f"{address}api/mark", json=body)
    assert answer.json()["answers"] == ["七十度"]
    assert marked(index) == [{"question": QUESTION, "answers": ["七十度"], "evidence": body["evidence"]}]
    wrong = request("POST", f"{address}api/mark", json={**body, "evidence": [{"source": "茶.txt", "quote": "六度"}]})
    assert wrong.status_code == 422


@pytest.mark.parametrize(
    ("width", "scheme", "locale"), [(375, "light", "ja-JP"), (375, "dark", "en-GB"), (1366, "dark", "ja-JP")]
)
def test_nothing_stands_in_the_way(open_page: OpenPage, address: str, width: int, scheme: str, locale: str) -> None:
    page = open_page(address, width=width, height=768, color_scheme=scheme, locale=locale)
    ask(page)
    page.locator("[data-mark-wrong]").click()
    axe.check(page, "#shiori-main")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("[data-mark-nowhere]").click()
    expect(page.locator(".mark-said")).to_be_visible()
    page.evaluate("scrollTo(0, 0)")  # what lies half below the tabs is no fault
    axe.check(page, "#shiori-main")
