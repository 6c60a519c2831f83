"""Watched folders in a real browser: named, taken in, changed, gone, paused, removed; and what is done is announced."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from rag import Engine, Settings
from rag.building import build
from rag.library import Library
from rag.models import Embedder
from rag.web.current import CurrentIndex
from tests.faults.worker import HashEmbedder

from . import axe

pytestmark = pytest.mark.browser

WORDS = {
    "ja-JP": ("停止", "再開", "いま見る", "外す", "停止中", "エラー", "読めないファイル 1 件", "追加 1、変更 0"),
    "en-US": ("Pause", "Resume", "Look now", "Remove", "Paused", "Error", "1 file that cannot", "1 added, 0 changed"),
}


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "規程 <b>"
    folder.mkdir()
    (folder / "休暇.txt").write_text("休暇の決まり\n\n夏の休暇は五日とする。\n", encoding="utf-8")
    (folder / "壊れた.pdf").write_bytes(b"%PDF-1.7 broken")
    return folder


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(Embedder, "shared", classmethod(lambda cls, *args, **options: HashEmbedder()))
    own = tmp_path / "手元"
    own.mkdir()
    (own / "東京.txt").write_text("東京タワー\n\n東京タワーは1958年に完成しました。\n", encoding="utf-8")
    build(own, index=tmp_path / "index")
    return tmp_path / "index"


@pytest.mark.parametrize(("width", "scheme", "locale"), [(1366, "light", "ja-JP"), (375, "dark", "en-US")])
def test_a_folder_is_watched_in_the_page(
    open_page: Callable[..., Page],
    serve: Callable[[CurrentIndex], str],
    index: Path,
    rules: Path,
    width: int,
    scheme: str,
    locale: str,
) -> None:
    pause, resume, look, remove, paused, error, unread, changed = WORDS[locale]
    settings = Settings.load(index=index, reader="none")
    current = CurrentIndex(lambda: Engine.open(index, settings), index, settings)
    page = open_page(serve(current), width=width, color_scheme=scheme, locale=locale)
    tab = page.locator("#shiori-tab-documents-button")
    tab.click()
    page.locator("#shiori-doc-watch summary").click()
    field, stage = page.locator("#shiori-doc-watch input"), page.locator(".doc-folders .stage")
    field.fill(str(rules / "none"))
    page.keyboard.press("Enter")
    expect(page.locator("#shiori-doc-watch [role=alert]")).to_be_visible()
    expect(field).to_have_value(str(rules / "none"))
    field.fill(str(rules))
    page.keyboard.press("Enter")
    expect(page.locator(".doc-folders > ul > li")).to_contain_text(changed)
    expect(page.locator(".doc-folders .name").first).to_have_text(str(rules))
    expect(field).to_have_value("")
    expect(page.locator(".doc-open", has_text="休暇の決まり")).to_be_visible()
    expect(page.locator(".doc-state.done")).to_be_visible()
    page.get_by_text(unread).click()
    expect(page.locator(".doc-folders .why")).to_be_visible()
    page.evaluate("scrollTo(0, 0)")  # nothing below the head of the page
    axe.check(page, "#shiori-documents")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    # What is done while another tab is looked at is marked on this one.
    page.locator("#shiori-tabs [role=tab]").first.click()
    (rules / "旅費.txt").write_text("旅費の決まり\n\n旅費は実費とする。\n", encoding="utf-8")
    expect(page.locator("#shiori-tab-documents-button.has-news")).to_be_visible()
    tab.click()
    expect(page.locator("#shiori-tab-documents-button.has-news")).to_have_count(0)
    expect(page.locator(".doc-folders .why")).to_be_visible()  # what was open stays open
    expect(page.locator(".doc-open", has_text="旅費の決まり")).to_be_visible()

    rules.rename(rules.with_name("away"))
    page.locator(".doc-folders").get_by_role("button", name=look).click()
    expect(stage).to_have_text(error)
    axe.check(page, "#shiori-doc-folders")
    expect(page.locator(".doc-open")).to_have_count(3)
    rules.with_name("away").rename(rules)
    page.locator(".doc-folders").get_by_role("button", name=look).click()
    expect(page.locator(".doc-folders .watching")).to_be_visible()

    page.locator(".doc-folders").get_by_role("button", name=pause).click()
    expect(stage).to_have_text(paused)
    page.reload()
    tab.click()
    expect(stage).to_have_text(paused)
    page.locator(".doc-folders").get_by_role("button", name=resume).click()
    expect(page.locator(".doc-folders .watching")).to_be_visible()

    page.locator(".doc-folders").get_by_role("button", name=remove).click()
    axe.check(page, "#shiori-folder-confirm")
    page.locator("dialog[open] [data-answer=no]").click()
    expect(page.locator(".doc-folders")).to_be_visible()
    page.locator(".doc-folders").get_by_role("button", name=remove).click()
    page.locator("dialog[open] [data-answer=leave]").click()
    expect(page.locator(".doc-folders")).to_have_count(0)
    expect(page.locator(".doc-open")).to_have_count(1)
    assert Library(index).watched.read().folders == () and (rules / "旅費.txt").is_file()
