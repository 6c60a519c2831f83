"""The tab of evaluations in a real browser."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from rag.settings import Settings
from rag.web.current import CurrentIndex
from rag.web.texts.evaluation import EVALUATION_TEXTS
from tests.evaluation.collections import write_squad

from .batch_doubles import WorkingEngine
from .conftest import open_more, wait_until_ready
from .evaluation_doubles import Gate, word_engines

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
Serve = Callable[[CurrentIndex], str]


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    return word_engines(monkeypatch)


@pytest.fixture
def address(tmp_path: Path, serve: Serve, gate: Gate) -> str:
    engine = WorkingEngine(settings=Settings(cache_dir=tmp_path / "cache"))
    return serve(CurrentIndex(lambda: engine))


def opened(open_page: OpenPage, address: str, **options: object) -> Locator:
    page = open_page(address, **options)
    open_more(page, "評価")
    expect(page.get_by_role("heading", name="検索の評価")).to_be_visible()
    return page.locator("#shiori-evaluation")


def upload(tab: Locator, file: Path) -> None:
    tab.locator("#shiori-evaluation-file input[type=file]").set_input_files(file)
    expect(tab.locator(".understood")).to_contain_text("質問 6 件 ・ 文書 6 件")


def run(tab: Locator, systems: tuple[str, ...]) -> None:
    for name, label in EVALUATION_TEXTS["ja"].systems.items():
        tab.get_by_role("checkbox", name=label, exact=True).set_checked(name in systems)
    tab.get_by_role("button", name="評価を始める").click()


def stage(tab: Locator) -> Locator:
    return tab.locator(".job-progress .stage")


def test_a_dataset_is_measured_shown_and_compared_with_an_earlier_run(
    open_page: OpenPage, address: str, tmp_path: Path
) -> None:
    tab = opened(open_page, address)
    upload(tab, write_squad(tmp_path / "灯台.json"))
    run(tab, ("lexical", "hybrid"))
    expect(stage(tab)).to_have_text("完了")
    table = tab.locator("#shiori-evaluation-summary .sheet").first
    expect(table.get_by_role("row").filter(has_text="hybrid")).to_contain_text("1.0000▲[1.000, 1.000]")
    plots = tab.locator("#shiori-evaluation-summary img")
    expect(plots).to_have_count(2)
    for plot in plots.all():
        assert plot.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
        assert len(plot.get_attribute("alt") or "") > 20
    failures = tab.locator(".failures details").first
    failures.locator("summary").click()
    expect(failures.locator("article")).to_have_count(5)
    with tab.page.expect_download() as download:
        tab.get_by_role("button", name="数値をダウンロード").click()
    assert set(json.loads(download.value.path().read_text("utf-8"))["systems"]) == {"lexical", "hybrid"}
    run(tab, ("dense",))
    expect(tab.locator("#shiori-evaluation-runs input")).to_have_count(2)
    comparing = tab.locator("#shiori-evaluation-compare")
    boxes = comparing.get_by_role("checkbox")
    expect(boxes).to_have_count(2)
    for box in boxes.all():
        box.check()
    comparing.get_by_role("button", name="比べる").click()
    rows = comparing.locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("基準")
    expect(rows.last).to_contain_text("+1.0000")


def test_a_run_is_stopped_and_goes_on_after_a_reload(
    open_page: OpenPage, address: str, tmp_path: Path, gate: Gate
) -> None:
    held = threading.Semaphore(0)
    gate(held)
    tab = opened(open_page, address)
    upload(tab, write_squad(tmp_path / "灯台.json"))
    run(tab, ("hybrid",))
    expect(tab.locator(".job-facts")).to_contain_text("hybrid（1 / 1） ・ 検索 0 / 6")
    tab.get_by_role("button", name="止める", exact=True).click()
    held.release()
    expect(stage(tab)).to_have_text("中断")
    tab.page.reload()
    wait_until_ready(tab.page)
    open_more(tab.page, "評価")
    held.release(2)
    tab.get_by_role("button", name="続きから再開する").click()
    expect(stage(tab)).to_have_text("完了")
    expect(tab.locator("#shiori-evaluation-dataset input")).to_have_value("灯台")


def test_what_is_no_dataset_is_refused_in_words(open_page: OpenPage, address: str, tmp_path: Path) -> None:
    tab = opened(open_page, address, width=375, height=720)
    bad = tmp_path / "bad.json"
    bad.write_text("{", encoding="utf-8")
    tab.locator("#shiori-evaluation-file input[type=file]").set_input_files(bad)
    expect(tab.get_by_role("alert")).to_contain_text("このデータセットは読めませんでした")
    expect(tab.get_by_role("alert")).to_contain_text("bad.json:1")
    expect(tab.get_by_role("button", name="評価を始める")).to_be_disabled()
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 375
