"""Libraries in a real browser: chosen where one asks, made, filled, renamed, emptied and removed in the documents."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from rag import Engine, Libraries, Settings, build
from rag.web.current import CurrentIndex

from . import axe
from .conftest import open_more

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]
Serve = Callable[[CurrentIndex], str]

TEXTS = {
    "default": "受付の案内\n\n受付は午前九時からです。\n",
    "規程": "休暇の決まり\n\n夏の休暇は五日とする。\n",
    "製品": "製品の案内\n\n製品の保証は二年です。\n",
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Libraries:
    folder = tmp_path_factory.mktemp("libraries")
    libraries = Libraries(folder / "index")
    for name, text in TEXTS.items():
        (folder / name).mkdir()
        (folder / name / "案内.txt").write_text(text, encoding="utf-8")
        library = libraries.named(name) if name == "default" else libraries.add(name)
        build(folder / name, index=libraries.index_of(library))
    return libraries


def current_of(index: Path) -> CurrentIndex:
    settings = Settings.load(index=index)
    return CurrentIndex(lambda: Engine.open(index, settings), index, settings)


def ask(page: Page, question: str) -> None:
    page.fill("#shiori-question textarea", question)
    page.keyboard.press("Enter")


@pytest.mark.parametrize(("width", "scheme", "locale"), [(1366, "light", "ja-JP"), (375, "dark", "en-US")])
def test_libraries_are_chosen_with_the_keyboard_and_the_answer_tells_which_it_is_from(
    open_page: OpenPage, serve: Serve, prepared: Libraries, width: int, scheme: str, locale: str
) -> None:
    page = open_page(serve(current_of(prepared.index)), width=width, color_scheme=scheme, locale=locale)
    summary = page.locator("#libraries > summary")
    expect(summary).to_contain_text("既定" if locale == "ja-JP" else "Default")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # the default one, then the next
    page.keyboard.press("Space")
    expect(page.locator("#shiori-answer .home .document")).to_have_count(2)
    page.locator("#shiori-libraries label", has_text="規程").click()
    expect(page.locator("#shiori-answer .home .document")).to_have_count(3)
    axe.check(page, "#shiori-head")
    page.keyboard.press("Escape")
    ask(page, "夏の休暇は何日ですか？")
    expect(page.locator(".answer-text")).to_contain_text("五日")
    expect(page.locator(".answer .sources .chip.library")).to_have_text("規程")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(".answer-text [data-cite]").first.click()
    expect(page.locator("#shiori-source .source .lines")).to_contain_text("夏の休暇は五日とする")
    expect(page.locator("#shiori-source [data-original] , #shiori-source .open-original").first).to_be_attached()
    axe.check(page, "#shiori-work")
    assert page.url.count("library=") == 3
    page.goto(page.url)
    expect(page.locator(".answer-text")).to_contain_text("五日")


def test_the_batch_and_the_map_are_of_the_libraries_chosen_in_the_head(
    open_page: OpenPage, serve: Serve, prepared: Libraries, tmp_path: Path
) -> None:
    (tmp_path / "質問.txt").write_text("夏の休暇は何日ですか？\n", encoding="utf-8")
    page = open_page(serve(current_of(prepared.index)))
    page.locator("#shiori-tab-batch-button").click()
    page.locator("#libraries > summary").click()
    page.locator("#shiori-libraries label", has_text="規程").click()
    page.locator("#shiori-libraries label", has_text="既定").click()
    expect(page.locator("#libraries .chosen")).to_have_text("規程")
    page.keyboard.press("Escape")
    page.locator("#shiori-batch-file input[type=file]").set_input_files(tmp_path / "質問.txt")
    page.get_by_role("button", name="回答を始める").click()
    expect(page.locator("#shiori-batch .job-progress .stage")).to_have_text("完了", timeout=90_000)
    expect(page.locator("#shiori-batch .job-progress h3")).to_have_text("質問.txt（規程）")
    page.locator("#shiori-batch-results .cited-in button").click()
    expect(page.locator("#shiori-batch-source .lines")).to_contain_text("夏の休暇は五日とする")
    axe.check(page, "#shiori-head")
    open_more(page, "地図")
    expect(page.locator("#shiori-map .map-legend button")).to_have_text([re.compile("休暇の決まり")], timeout=90_000)
    page.locator("#libraries > summary").click()
    page.locator("#shiori-libraries label", has_text="製品").click()
    named = [re.compile("規程|製品")] * 2
    expect(page.locator("#shiori-map .map-legend button")).to_have_text(named, timeout=90_000)
    page.locator("#shiori-tab-ask-button").click()
    expect(page.locator("#shiori-answer .home .document")).to_have_count(2)
    page.locator("#shiori-tab-documents-button").click()
    expect(page.locator("#shiori-libraries")).to_be_hidden()


def test_an_address_of_a_library_that_is_gone_says_so(open_page: OpenPage, serve: Serve, prepared: Libraries) -> None:
    page = open_page(serve(current_of(prepared.index)) + "?q=%E5%A4%8F&library=00000000")
    expect(page.locator("#shiori-answer .error")).to_contain_text("そのライブラリーはありません")


@pytest.mark.parametrize(("width", "scheme"), [(375, "light"), (1366, "dark")])
def test_a_library_is_made_filled_renamed_emptied_and_removed(
    open_page: OpenPage, serve: Serve, tmp_path: Path, width: int, scheme: str
) -> None:
    (tmp_path / "案内.txt").write_text(TEXTS["default"], encoding="utf-8")
    (tmp_path / "奈良.txt").write_text("奈良の大仏\n\n奈良の大仏は東大寺にあります。\n", encoding="utf-8")
    libraries = Libraries(tmp_path / "index")
    build(tmp_path / "案内.txt", index=libraries.index)
    page = open_page(serve(current_of(libraries.index)), width=width, color_scheme=scheme)
    page.locator("#shiori-tab-documents-button").click()
    part, said = page.locator("#shiori-doc-libraries"), page.locator("#shiori-doc-libraries .shelf-said")
    page.get_by_text("新しいライブラリー").click()
    part.get_by_label("名前").fill("奈良/京都")
    page.keyboard.press("Enter")
    expect(said).to_contain_text("使えません")
    page.get_by_text("新しいライブラリー").click()
    part.get_by_label("名前").fill("奈良")
    page.keyboard.press("Enter")
    expect(part.locator(".shelf[aria-pressed=true]")).to_contain_text("奈良")
    page.set_input_files("[data-chosen=files]", str(tmp_path / "奈良.txt"))
    expect(page.locator(".doc-files .indexed")).to_be_visible(timeout=90_000)
    expect(page.locator(".doc-open")).to_have_text(["奈良の大仏"])
    page.locator(".doc-open").click()
    expect(page.locator(".doc-contents")).to_contain_text("東大寺")
    axe.check(page, "#shiori-documents")
    page.get_by_role("button", name="← ").click()
    part.get_by_text("「奈良」を変える").click()
    part.get_by_label("新しい名前").fill("古都")
    page.keyboard.press("Enter")
    expect(said).to_contain_text("「古都」という名前にしました")
    axe.check(page, "#shiori-documents")
    made = libraries.named("古都")
    for button, done in (("空にする", "「古都」を空にしました"), ("削除する", "「古都」を削除しました")):
        part.get_by_text("「古都」を変える").click()
        part.get_by_role("button", name=button).click()
        axe.check(page, "dialog[open]")
        page.locator("dialog[open] [data-answer=no]").click()
        part.get_by_role("button", name=button).click()
        page.locator("dialog[open] [data-answer=yes]").click()
        expect(said).to_contain_text(done)
    assert [library.name for library in libraries.all()] == ["default"]
    assert not libraries.index_of(made).exists()
    expect(page.locator(".doc-open")).to_have_text(["受付の案内"])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
