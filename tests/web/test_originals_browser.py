"""The page of a PDF, the link to the file and the field that looks for words, in a real browser."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rag import Settings
from rag.building import build
from rag.index.folder import FolderSnapshot
from rag.web.current import CurrentIndex
from tests.corpus.making import paragraph, pdf_of
from tests.library_worker import use_no_model

from . import axe
from .conftest import serving, wait_until_ready
from .doubles import FakeEngine

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]

TEA = "煎茶は七十度の湯で一分待ちます。玉露はさらに低い五十度の湯で、二分ほど待ちます。"
FRAMED = """() => {
  const [view, frame] = ['.page-view', '.page-frame.current'].map((each) => document.querySelector(each));
  const [box, at] = [view, frame].map((each) => each.getBoundingClientRect());
  return at.top >= box.top && at.bottom <= box.bottom && at.left >= box.left && at.right <= box.right + 4
    && at.top < innerHeight && document.querySelector('.sheet img').complete;
}"""
SEEN = """() => {
  const boxes = ['.source-body', 'mark.current'].map((each) => document.querySelector(each).getBoundingClientRect());
  const [body, mark] = boxes;
  return mark.top >= body.top && mark.bottom <= body.bottom;
}"""


class Reading(FakeEngine):
    """An engine double over documents that were read from files."""

    @classmethod
    def of(cls, index: Path) -> Reading:
        snapshot = FolderSnapshot.open(index)
        documents = tuple(snapshot.store.document(info.id) for info in snapshot.store.documents())
        engine = cls(documents)
        engine.snapshot = SimpleNamespace(
            folder=snapshot.folder, manifest=snapshot.manifest, store=engine.snapshot.store, held=snapshot
        )
        return engine


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("文書")
    first = paragraph("茶の淹れ方", size=20) + paragraph(
        "この手引きは、日々の茶を楽しむ人のために書かれました。" * 6, top=640
    )
    second = paragraph("二 湯の温度", size=18) + paragraph("はじめに湯を沸かし、湯呑みを温めておきます。" * 8, top=640)
    (folder / "茶の手引き.pdf").write_bytes(pdf_of([first, [*second, *paragraph(TEA, top=300)]]))
    (folder / "覚え書き.txt").write_text("覚え書き\n\nほうじ茶は沸きたての湯で淹れる。\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def address(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    index = tmp_path_factory.mktemp("index") / "index"
    with pytest.MonkeyPatch.context() as patch:
        use_no_model(patch.setattr)
        build(folder, index=index, settings=Settings.load())
    engine = Reading.of(index)
    current = CurrentIndex(lambda: engine)  # type: ignore[arg-type,return-value]
    current.warm_up()
    with serving(current) as address:
        yield address


def ask(page: Page) -> None:
    page.locator("#shiori-question textarea").fill("煎茶の湯は何度ですか？")
    page.keyboard.press("Enter")
    expect(page.locator(".answer-text")).to_contain_text("煎茶は七十度")


@pytest.mark.parametrize(
    ("width", "height", "options"),
    [
        (1366, 768, {}),
        (375, 720, {"has_touch": True}),
        (2560, 1300, {"color_scheme": "dark", "locale": "en-GB"}),
    ],
)
def test_a_citation_opens_the_page_with_the_quote_framed_and_the_text(
    open_page: OpenPage, address: str, tmp_path: Path, width: int, height: int, options: dict[str, Any]
) -> None:
    page = open_page(address, width=width, height=height, **options)
    ask(page)
    page.locator(".answer-text .cite").first.evaluate("each => each.click()")
    expect(page.locator(".page-number")).to_have_text("Page 2 of 2" if "locale" in options else "2 / 2 ページ")
    page.wait_for_function(FRAMED)
    page.wait_for_function(SEEN)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page.locator(".source mark.current")).to_contain_text("煎茶は七十度の湯で一分待ちます。")
    page.screenshot(path=tmp_path / f"page-{width}.png")
    axe.check(page, ".source")


def test_pages_are_turned_put_away_and_enlarged_with_the_keyboard(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page)
    expect(page.locator(".page-number")).to_have_text("2 / 2 ページ")
    order = []
    page.locator(".source .close").focus()
    for _ in range(7):
        page.keyboard.press("Tab")
        order.append(page.evaluate("(e => e.dataset.key ?? (e.className || e.tagName))(document.activeElement)"))
    assert order == ["INPUT", "open-original", "previous", "enlarge", "fold", "page-view", "source-body"]
    page.locator("[data-key=previous]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".page-number")).to_have_text("1 / 2 ページ")
    expect(page.locator(".page-frame")).to_have_count(0)
    expect(page.locator(".page-view")).to_be_focused()  # there is no page before
    page.locator("[data-key=next]").press("Enter")
    expect(page.locator(".page-frame.current")).not_to_have_count(0)
    narrow = page.locator(".sheet").evaluate("each => each.offsetWidth")
    page.locator("[data-key=enlarge]").press("Enter")
    assert page.locator(".sheet").evaluate("each => each.offsetWidth") > 1.8 * narrow
    page.wait_for_function(FRAMED)
    page.locator("[data-key=fold]").press("Enter")
    expect(page.locator(".page-view")).to_have_count(0)
    expect(page.locator("[data-key=fold]")).to_be_focused()
    page.reload()
    wait_until_ready(page)
    ask(page)
    expect(page.locator(".source [data-key=fold]")).to_have_text("紙面を表示")
    page.locator("[data-key=fold]").click()
    expect(page.locator(".page-number")).to_have_text("2 / 2 ページ")


def test_the_original_is_saved_as_it_was_added_or_said_to_have_changed(
    open_page: OpenPage, address: str, folder: Path
) -> None:
    page = open_page(address)
    ask(page)
    with page.expect_download() as saved:
        page.get_by_role("link", name="原本を開く").click()
    assert saved.value.suggested_filename == "茶の手引き.pdf"
    path = folder / "茶の手引き.pdf"
    assert Path(saved.value.path()).read_bytes() == path.read_bytes()
    before = path.stat()
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 10**9))
    try:
        page.reload()
        wait_until_ready(page)
        ask(page)
        expect(page.locator(".source .wrong")).to_contain_text("茶の手引き.pdf")
        expect(page.locator(".page-view")).to_have_count(0)
        expect(page.locator(".source-body")).to_contain_text("煎茶は七十度")
    finally:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_enter_steps_through_what_is_found_and_the_field_keeps_the_focus(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page)
    expect(page.locator(".page-number")).to_be_visible()
    field, count = page.locator(".source .find input"), page.locator(".source .find-count")
    field.click()
    page.keyboard.insert_text("ﾕﾉﾐ")
    field.dispatch_event("keydown", {"key": "Enter", "keyCode": 229})  # of the IME
    page.wait_for_timeout(300)
    expect(count).to_be_empty()
    field.fill("湯呑ミ")
    page.keyboard.press("Enter")
    expect(count).to_have_text("見つかりません")
    field.fill("湯")
    page.keyboard.press("Enter")
    total = page.locator(".source mark.found").count()
    page.wait_for_function("document.querySelector('.find-count').textContent.includes('/')")
    total = page.locator(".source mark.found").count()
    assert total > 10
    first = int(page.locator(".source .find").get_attribute("data-at") or 0)
    page.keyboard.press("Enter")
    expect(count).to_have_text(f"{first % total + 1} / {total} 件")
    expect(field).to_be_focused()
    page.wait_for_function(SEEN)
    page.wait_for_function(FRAMED)
    page.keyboard.press("Shift+Enter")
    expect(count).to_have_text(f"{first} / {total} 件")
    page.get_by_role("button", name="次の一致").click()
    expect(count).to_have_text(f"{first % total + 1} / {total} 件")
    expect(page.get_by_role("button", name="次の一致")).to_be_focused()
    axe.check(page, ".source")
    field.press("Escape")
    expect(page.locator(".source mark.found")).to_have_count(0)
    expect(page.locator(".source")).to_be_visible()


def test_words_are_found_in_the_list_of_passages_too(open_page: OpenPage, address: str) -> None:
    page = open_page(address, locale="en-GB")
    page.locator("#shiori-tabs [role=tab]").nth(1).click()
    page.locator(".doc-open").first.click()
    expect(page.locator(".doc-contents .open-original")).to_be_visible()
    field = page.locator(".doc-contents .find input")
    field.fill("湯")
    page.keyboard.press("Enter")
    expect(page.locator(".doc-contents .find-count")).to_contain_text(" of ")
    page.keyboard.press("Shift+Enter")
    total = page.locator(".doc-contents mark.found").count()
    expect(page.locator(".doc-contents .find-count")).to_have_text(f"{total} of {total}")
    expect(field).to_be_focused()
    expect(page.locator("mark.found.current")).to_be_in_viewport()
    expect(field).to_be_in_viewport()
