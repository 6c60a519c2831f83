"""The tab of question files in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Locator, Page, expect

from rag.batch import read_questions, run_batch
from rag.settings import Settings
from rag.web.current import CurrentIndex

from .batch_doubles import WorkingEngine
from .conftest import wait_until_ready

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
Serve = Callable[[CurrentIndex], str]
QUESTIONS = ["煎茶は何度の湯で淹れますか", "富士山の標高", "Grind the beans when?", ""]


@pytest.fixture
def engine(tmp_path: Path) -> WorkingEngine:
    return WorkingEngine(settings=Settings(cache_dir=tmp_path / "cache"))


@pytest.fixture
def address(engine: WorkingEngine, serve: Serve) -> str:
    return serve(CurrentIndex(lambda: engine))


def question_file(folder: Path, count: int = 4) -> Path:
    """As Excel saves it on Japanese Windows."""
    rows = [f"{n},{QUESTIONS[n % 4]}" for n in range(count)]
    path = folder / "問い合わせ.csv"
    path.write_bytes("\r\n".join(["番号,質問", *rows]).encode("cp932"))
    return path


def opened(open_page: OpenPage, address: str, **options: object) -> Page:
    page = open_page(address, **options)
    page.get_by_role("tab", name="一括").click()
    expect(page.get_by_role("heading", name="質問ファイルにまとめて回答")).to_be_visible()
    return page


def upload(page: Page, file: Path) -> None:
    page.locator("#shiori-batch-file input[type=file]").set_input_files(file)


def start(page: Page, file: Path, ending: str = "CSV") -> None:
    upload(page, file)
    expect(page.locator("#shiori-batch .understood")).to_be_visible()
    page.locator("#shiori-batch").get_by_role("radio", name=ending).check()
    page.get_by_role("button", name="回答を始める").click()


def stage(page: Page) -> Locator:
    return page.locator("#shiori-batch .job-progress .stage")


def bar(page: Page) -> Locator:
    return page.locator("#shiori-batch").get_by_role("progressbar")


def test_a_file_is_understood_answered_stopped_taken_up_again_and_fetched(
    open_page: OpenPage, address: str, engine: WorkingEngine, tmp_path: Path
) -> None:
    gate = engine.gate = threading.Semaphore(0)
    page, file = opened(open_page, address), question_file(tmp_path, 8)
    upload(page, file)
    understood = page.locator("#shiori-batch .understood")
    expect(understood).to_contain_text("問い合わせ.csv ・ 質問 8 件")
    expect(understood).to_contain_text("「質問」の列")
    expect(understood.locator("li").first).to_have_text(QUESTIONS[0])
    page.locator("#shiori-batch").get_by_role("radio", name="CSV").check()
    page.get_by_role("button", name="回答を始める").click()
    expect(stage(page)).to_have_text("処理中")
    gate.release(3)
    expect(bar(page)).to_have_attribute("aria-valuenow", "3")
    expect(page.locator("#shiori-batch-results tbody tr")).to_have_count(3)
    page.locator("#shiori-batch").get_by_role("button", name="止める", exact=True).click()
    expect(stage(page)).to_have_text("止めています")
    gate.release()
    expect(stage(page)).to_have_text("中断")
    with page.expect_download() as partial:
        page.get_by_role("button", name="ここまでの回答をダウンロード").click()
    assert len(read_questions(_saved(partial.value.path(), tmp_path / "partial.csv")).questions) == 4
    gate.release(4)
    page.locator("#shiori-batch").get_by_role("button", name="続きから再開する").click()
    expect(stage(page)).to_have_text("完了")
    expect(page.locator("#shiori-batch .job-facts")).to_contain_text("回答 4 件 ・ 回答なし 2 件 ・ 失敗 2 件")
    with page.expect_download() as whole:
        page.get_by_role("button", name="回答をダウンロード").click()
    assert whole.value.suggested_filename == "問い合わせ-answers.csv"
    engine.gate, expected = None, tmp_path / "expected.csv"
    run_batch(engine, replace(read_questions(file), name=file.name), expected, mode="hybrid", k=10)  # type: ignore[arg-type]
    assert whole.value.path().read_bytes() == expected.read_bytes()


def _saved(download: Path, path: Path) -> Path:
    path.write_bytes(download.read_bytes())
    return path


def test_choices_are_whole_on_a_phone_progress_comes_into_view_and_links_stay_in_their_cells(
    open_page: OpenPage, address: str, tmp_path: Path
) -> None:
    page = opened(open_page, address, width=375, height=640)
    for choices in page.locator("#shiori-batch fieldset.choice").all():
        name, rest = (choices.locator(part) for part in ("[data-testid='block-info']", ".wrap"))
        if not choices.is_visible():
            continue
        below = rest.last.evaluate("e => e.getBoundingClientRect().top")
        assert name.evaluate("e => e.getBoundingClientRect().bottom") <= below
    page.set_viewport_size({"width": 375, "height": 320})
    label = page.locator("#shiori-batch-file label").first
    label.evaluate("e => scrollTo(0, scrollY + e.getBoundingClientRect().top - 10)")
    middle = "e => { const at = e.getBoundingClientRect(); return [at.left + 9, at.top + 9] }"
    on_top = "([x, y]) => document.elementFromPoint(x, y).closest('.tab-wrapper') !== null"
    assert page.evaluate(on_top, label.evaluate(middle))  # nothing is painted over the bar of tabs
    page.set_viewport_size({"width": 375, "height": 640})
    start(page, question_file(tmp_path))
    expect(page.locator("#shiori-batch .job-progress")).to_be_in_viewport(ratio=1)
    expect(stage(page)).to_have_text("完了")
    page.set_viewport_size({"width": 1366, "height": 768})
    page.add_style_tag(content=".cited-in button { letter-spacing: 20px }")  # as a long title
    beyond = """() => [...document.querySelectorAll(".results td button")].filter(
        (link) => link.getBoundingClientRect().right > link.closest("td").getBoundingClientRect().right + 1).length"""
    assert page.locator(".results td button").count() and page.evaluate(beyond) == 0


def test_an_excel_file_of_answers_opens(open_page: OpenPage, address: str, tmp_path: Path) -> None:
    page = opened(open_page, address)
    start(page, question_file(tmp_path), "Excel")
    expect(stage(page)).to_have_text("完了")
    with page.expect_download() as download:
        page.get_by_role("button", name="回答をダウンロード").click()
    sheet = load_workbook(_saved(download.value.path(), tmp_path / "answers.xlsx")).worksheets[0]
    assert [cell.value for cell in sheet["B"]][1:3] == QUESTIONS[:2]


def test_a_reload_in_the_middle_loses_nothing_and_others_see_nothing(
    open_page: OpenPage, address: str, engine: WorkingEngine, tmp_path: Path
) -> None:
    gate = engine.gate = threading.Semaphore(2)
    page = opened(open_page, address)
    start(page, question_file(tmp_path))
    expect(bar(page)).to_have_attribute("aria-valuenow", "2")
    page.reload()
    wait_until_ready(page)
    page.get_by_role("tab", name="一括").click()
    expect(bar(page)).to_have_attribute("aria-valuenow", "2")
    expect(page.locator("#shiori-batch-results tbody tr")).to_have_count(2)
    stranger = opened(open_page, address)
    expect(stranger.locator("#shiori-batch .job-progress")).to_have_count(0)
    gate.release(2)
    expect(stage(page)).to_have_text("完了")
    expect(stranger.locator("#shiori-batch .job-progress")).to_have_count(0)


def test_a_citation_in_the_table_opens_its_source_also_when_another_is_open_in_the_first_tab(
    open_page: OpenPage, address: str, tmp_path: Path
) -> None:
    page = open_page(address)
    page.locator("#shiori-question textarea").fill(QUESTIONS[2])
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_be_visible()
    page.get_by_role("tab", name="一括").click()
    start(page, question_file(tmp_path))
    expect(stage(page)).to_have_text("完了")
    page.locator("#shiori-batch-results .cite").first.click()
    marked = page.locator("#shiori-batch-source mark.current")
    expect(marked).to_have_text("煎茶は七十度の湯で一分待つ。")
    expect(marked).to_be_in_viewport()
    expect(page.locator("#shiori-batch-source .source-body")).to_be_focused()
    page.locator("#shiori-batch-source .close").click()
    expect(page.locator("#shiori-batch-source .source")).to_be_hidden()
    expect(page.locator("#shiori-batch-results .cite").first).to_be_focused()


def test_long_tables_come_in_pages(open_page: OpenPage, address: str, tmp_path: Path) -> None:
    page = opened(open_page, address)
    start(page, question_file(tmp_path, 60))
    expect(stage(page)).to_have_text("完了")
    numbers = page.locator("#shiori-batch-results tbody td.number")
    expect(numbers).to_have_count(25)
    page.locator("#shiori-batch").get_by_role("button", name="最新").click()
    expect(numbers.first).to_have_text("50")
    expect(numbers).to_have_count(10)
    page.locator("#shiori-batch").get_by_role("button", name="前へ").click()
    expect(numbers.first).to_have_text("25")
    expect(page.locator("#shiori-batch-results")).to_contain_text("26～50 件目（60 件中）")


def test_a_file_that_cannot_be_read_says_why_and_nothing_can_be_started(
    open_page: OpenPage, address: str, tmp_path: Path
) -> None:
    page = opened(open_page, address)
    bad = tmp_path / "壊れた.jsonl"
    bad.write_text('{"question": "一"}\n{"question": \n', encoding="utf-8")
    upload(page, bad)
    alert = page.locator("#shiori-batch").get_by_role("alert")
    expect(alert).to_contain_text("このファイルは読めませんでした")
    expect(alert).to_contain_text("壊れた.jsonl:2: This is not JSON")
    expect(alert).not_to_contain_text("/tmp")
    expect(page.get_by_role("button", name="回答を始める")).to_be_disabled()


def test_a_column_of_another_name_can_be_given(open_page: OpenPage, address: str, tmp_path: Path) -> None:
    page = opened(open_page, address)
    file = tmp_path / "other.csv"
    file.write_text("番号,内容\n1,煎茶の湯の温度\n", encoding="utf-8")
    upload(page, file)
    expect(page.locator("#shiori-batch").get_by_role("alert")).to_contain_text("質問の列が見つかりません")
    page.get_by_role("button", name="詳しい設定").click()
    column = page.get_by_label("質問の列")
    column.fill("内容")
    column.press("Enter")
    expect(page.locator("#shiori-batch .understood")).to_contain_text("「内容」の列")
    page.get_by_role("button", name="回答を始める").click()
    expect(stage(page)).to_have_text("完了")


def test_on_a_phone_nothing_is_wider_than_the_screen_and_the_source_covers_it(
    open_page: OpenPage, address: str, tmp_path: Path
) -> None:
    page = opened(open_page, address, width=375, height=720, has_touch=True)
    start(page, question_file(tmp_path))
    expect(stage(page)).to_have_text("完了")
    expect(page.locator("#shiori-batch-results tbody tr")).to_have_count(4)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.locator("#shiori-batch-results .cited-in button").first.tap()
    expect(page.locator("#shiori-batch-source .source")).to_be_in_viewport()
    page.locator("#shiori-batch-source .close").tap()
    expect(page.locator("#shiori-batch-source .source")).to_be_hidden()


def test_everything_can_be_done_with_the_keyboard(open_page: OpenPage, address: str, tmp_path: Path) -> None:
    page = opened(open_page, address)
    with page.expect_file_chooser() as chooser:
        _tab_to(page, page.locator("#shiori-batch-file button").first)
        page.keyboard.press("Enter")
    chooser.value.set_files(question_file(tmp_path))
    button = page.get_by_role("button", name="回答を始める")
    expect(button).to_be_enabled()
    _tab_to(page, button)
    page.keyboard.press("Enter")
    expect(stage(page)).to_have_text("完了")
    _tab_to(page, page.locator("#shiori-batch-results .cite").first)
    page.keyboard.press("Enter")
    expect(page.locator("#shiori-batch-source .source-body")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#shiori-batch-results .cite").first).to_be_focused()
    _tab_to(page, page.locator("#shiori-batch").get_by_role("button", name="削除"), back=True)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="もう一度押すと削除します")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#shiori-batch .job-progress")).to_have_count(0)


def _tab_to(page: Page, target: Locator, back: bool = False) -> None:
    for _ in range(60):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError("it cannot be reached")
