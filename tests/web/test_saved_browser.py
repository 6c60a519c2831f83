"""Saved answers in a real browser: kept under an answer, found by tag, opened after the document changed, removed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from rag import Engine, Settings, build
from rag.library import SavedAnswers
from rag.web.current import CurrentIndex

from . import axe

pytestmark = pytest.mark.browser
TEXT = "休暇の決まり\n\n夏の休暇は五日とする。\n"


@pytest.mark.parametrize(("width", "scheme", "locale"), [(1366, "light", "ja-JP"), (375, "dark", "en-US")])
def test_an_answer_is_saved_found_by_its_tag_opened_as_it_was_and_removed(
    open_page: Callable[..., Page],
    serve: Callable[[CurrentIndex], str],
    tmp_path: Path,
    width: int,
    scheme: str,
    locale: str,
) -> None:
    file, index = tmp_path / "休暇.txt", tmp_path / "index"
    file.write_text(TEXT, encoding="utf-8")
    build(file, index=index)
    current = CurrentIndex(lambda: Engine.open(index, Settings.load()), index, Settings.load(index=index))
    page = open_page(serve(current), width=width, color_scheme=scheme, locale=locale)
    page.fill("#shiori-question textarea", "夏の休暇は何日ですか？")
    page.keyboard.press("Enter")
    page.locator(".keep > summary").click()
    page.fill(".keep-form textarea", "次の会議で使う <b>")
    page.fill(".keep-form input", "規程、夏")
    axe.check(page, "#shiori-actions")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("Enter")
    page.locator(".kept-said button").click()
    (saved,) = SavedAnswers(index).of()
    assert saved.tags == ("規程", "夏") and saved.note == "次の会議で使う <b>"
    page.get_by_role("button", name="規程", exact=True).click()
    page.locator(".saved-open").click()
    expect(page.locator(".saved-text")).to_contain_text("五日")
    page.locator(".saved-place").click()
    expect(page.locator("#shiori-saved-source mark.cited")).to_contain_text("五日")
    expect(page.locator(".saved-standing")).to_have_count(0)
    if width < 900:
        page.locator("#shiori-saved-source [data-close]").click()
    axe.check(page, "#shiori-saved")

    file.write_text(TEXT.replace("五日", "七日"), encoding="utf-8")
    build(file, index=index)
    current.refresh()
    page.fill("#shiori-saved-words :is(textarea, input)", "夏 会議")
    page.locator(".saved-open").click()
    expect(page.locator(".saved-standing")).to_contain_text("文書が変わり" if locale == "ja-JP" else "has changed")
    expect(page.locator(".saved-places blockquote")).to_contain_text("五日")
    axe.check(page, "#shiori-saved")
    page.locator(".saved-answer [data-ask-first]").click()
    page.locator("dialog[open] [data-answer=yes]").click()
    expect(page.locator(".saved-open")).to_have_count(0)
    assert SavedAnswers(index).of() == []
