"""The settings in a real browser: changed by an administrator with the keyboard, told where wrong, used at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from rag import Engine, Settings, build
from rag.web.current import CurrentIndex

from . import axe

pytestmark = pytest.mark.browser
TEXTS = {"休暇.txt": "年次休暇は二十日とする。\n", "電話.txt": "電話は内線を使う。\n"}
WORDS = {
    "ja-JP": ("設定", "保存しました", "1 から 1000 まで", "2 行目: 「年次休暇」だけです", "つながりません"),
    "en-US": ("Settings", "Saved.", "from 1 to 1000", "Line 2: “年次休暇” stands alone", "cannot be reached"),
}


@pytest.mark.parametrize(("width", "scheme", "locale"), [(1366, "light", "ja-JP"), (375, "dark", "en-US")])
def test_an_administrator_changes_settings_that_hold_from_the_next_question_on(
    open_page: Callable[..., Page],
    serve: Callable[[CurrentIndex], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    width: int,
    scheme: str,
    locale: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RAG_MODE", "lexical")
    (tmp_path / "rag.toml").write_text('index = "index"\nreader = "none"\n', encoding="utf-8")
    for name, text in TEXTS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    build([tmp_path / name for name in TEXTS], index=tmp_path / "index")
    current = CurrentIndex(
        lambda: Engine.open(tmp_path / "index", current.settings), tmp_path / "index", Settings.load()
    )
    tab, saved, number, line, unreachable = WORDS[locale]
    page = open_page(serve(current), width=width, color_scheme=scheme, locale=locale)
    page.fill("#shiori-question textarea", "バケーションの日数は？")
    page.keyboard.press("Enter")
    expect(page.locator("#shiori-answer .abstained")).to_be_visible()

    page.evaluate("shiori.showTab('settings')")
    expect(page.locator("#shiori-settings-heading h2")).to_have_text(tab)
    page.fill("#setting-k", "0")
    page.keyboard.press("Enter")
    expect(page.locator("#shiori-settings-search [role=alert]")).to_contain_text(number)
    expect(page.locator("#setting-k")).to_be_focused()
    expect(page.locator("#setting-k")).to_have_value("0")
    page.fill("#setting-k", "5")
    page.keyboard.press("Enter")
    expect(page.locator("#shiori-settings-search [role=status]")).to_contain_text(saved)
    expect(page.locator("#setting-mode")).to_be_disabled()
    expect(page.locator("#about-mode")).to_contain_text("RAG_MODE")

    page.fill("#setting-llm_url", "http://localhost:9/v1")
    page.locator("[data-form='try_llm']").press("Enter")
    expect(page.locator("#shiori-settings-tested [role=alert]")).to_contain_text(unreachable)
    expect(page.locator("#setting-llm_url")).to_have_value("http://localhost:9/v1")

    page.fill("#setting-synonyms", "有給, 年休\n年次休暇")
    page.locator("[data-key='change_synonyms']").press("Enter")
    expect(page.locator("#shiori-settings-synonyms [role=alert]")).to_contain_text(line)
    expect(page.locator("#setting-synonyms")).to_have_value("有給, 年休\n年次休暇")
    axe.check(page, "#shiori-settings")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.fill("#setting-synonyms", "有給, 年休\nバケーション, 年次休暇")
    page.locator("[data-key='change_synonyms']").press("Enter")
    expect(page.locator("#shiori-settings-synonyms [role=status]")).to_contain_text(saved)
    assert Settings.load().k == 5 and Settings.load().llm_url == ""

    page.evaluate("shiori.showTab('ask')")
    page.fill("#shiori-question textarea", "バケーションの日数は？")
    page.keyboard.press("Enter")
    expect(page.locator("#shiori-answer .answer")).to_contain_text("二十日")
