"""The tab of documents in a real browser: files are sent, indexed, looked at, taken out and back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect

from rag import Engine, Settings
from rag.building import build
from rag.corpus.document import Document
from rag.index.folder import FolderSnapshot
from rag.index.store import DocumentInfo
from rag.library import Library
from rag.models import Embedder
from rag.web.current import CurrentIndex
from tests.faults.worker import HashEmbedder

from . import axe
from .conftest import wait_until_ready
from .doubles import FakeEngine
from .test_markup import HOSTILE

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]
Serve = Callable[[CurrentIndex], str]
OpenTab = Callable[..., Page]

TEXTS = {
    "東京.txt": "東京タワー\n\n東京タワーは1958年に完成しました。高さは333メートルあります。\n",
    "京都.txt": "金閣寺\n\nシェア\nツイート\n\n金閣寺は京都市にある寺院です。足利義満が建てました。\n",
}


class Gate(HashEmbedder):
    """A model that waits, once ``closed`` is set, until ``opened`` is."""

    def __init__(self) -> None:
        super().__init__()
        self.closed, self.reached, self.opened = threading.Event(), threading.Event(), threading.Event()

    def embed_passages(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        if self.closed.is_set():
            self.reached.set()
            assert self.opened.wait(60)
        return super().embed_passages(texts, progress=progress)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    gate = Gate()
    monkeypatch.setattr(Embedder, "shared", classmethod(lambda cls, *args, **options: gate))
    return gate


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "文書"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def index(gate: Gate, folder: Path, tmp_path: Path) -> Path:
    build(folder, index=tmp_path / "index")
    return tmp_path / "index"


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    """Files to send."""
    outbox = tmp_path / "送る"
    (outbox / "資料" / "内規").mkdir(parents=True)
    (outbox / "奈良.txt").write_text("奈良の大仏\n\n奈良の大仏は東大寺にあります。\n", encoding="utf-8")
    (outbox / "壊れた.pdf").write_bytes(b"%PDF-1.7 broken")
    (outbox / "絵.png").write_bytes(b"png")
    (outbox / "資料" / "内規" / "休暇.md").write_text("# 休暇\n\n夏の休暇は五日です。\n", encoding="utf-8")
    (outbox / "資料" / ".DS_Store").write_bytes(b"x")
    return outbox


def desk_of(index: Path) -> CurrentIndex:
    settings = Settings.load(index=index, reader="none")
    return CurrentIndex(lambda: Engine.open(index, settings), index, settings)


@pytest.fixture
def open_tab(open_page: OpenPage, serve: Serve) -> OpenTab:
    """Serves an index and opens the tab, as ``open_tab(index, **options of the page)``."""

    def open_(index: Path, **options: object) -> Page:
        return show_tab(open_page(serve(desk_of(index)), **options))

    return open_


def show_tab(page: Page) -> Page:
    page.locator("#shiori-tabs [role=tab]").nth(1).click()
    expect(page.locator("#shiori-doc-add :is(.drop, .doc-closed)")).to_be_visible()
    return page


def send(page: Page, *files: Path) -> None:
    page.set_input_files("[data-chosen=files]", list(files))


def title(page: Page, name: str) -> Locator:
    return page.locator(".doc-open", has_text=name)


def test_files_are_sent_indexed_and_listed_and_one_that_cannot_be_read_is_named(
    open_tab: OpenTab, index: Path, outbox: Path
) -> None:
    page = open_tab(index)
    expect(page.locator(".doc-open")).to_have_count(2)
    send(page, outbox / "奈良.txt", outbox / "壊れた.pdf", outbox / "絵.png")
    expect(page.locator(".doc-files .indexed")).to_contain_text("1 箇所", timeout=30_000)
    expect(page.locator(".doc-files .indexed")).to_contain_text("奈良.txt")
    expect(page.locator(".doc-files .unread")).to_contain_text("ファイルが壊れている")
    expect(page.locator(".doc-files .refused")).to_contain_text("この種類のファイルは読めません")
    expect(title(page, "奈良の大仏")).to_be_visible()
    expect(page.locator(".doc-list .chip")).to_have_text("ここで追加")
    assert (index / "added" / "奈良.txt").is_file()
    page.get_by_role("button", name="削除").click()
    expect(page.locator(".doc-unread")).to_have_count(0)
    assert not (index / "added" / "壊れた.pdf").exists()


def test_a_document_can_be_asked_about_as_soon_as_it_is_added_and_no_more_once_it_is_removed(
    open_page: OpenPage, serve: Serve, folder: Path, outbox: Path, tmp_path: Path
) -> None:
    index = tmp_path / "index"
    build(folder, index=index)
    page = show_tab(open_page(serve(desk_of(index))))
    send(page, outbox / "奈良.txt")
    expect(page.locator(".doc-files .indexed")).to_be_visible(timeout=90_000)
    ask(page, "奈良の大仏はどこにありますか？")
    expect(page.locator(".answer-text")).to_contain_text("東大寺")
    show_tab(page)
    page.get_by_role("button", name="「奈良の大仏」を索引から外す").click()
    page.get_by_role("dialog").get_by_role("button", name="外す").click()
    expect(title(page, "奈良の大仏")).to_have_count(0, timeout=60_000)
    ask(page, "奈良の大仏はどこの寺にありますか？")
    expect(page.locator("#shiori-answer .answer")).not_to_contain_text("東大寺")
    assert not (index / "added" / "奈良.txt").exists()


def ask(page: Page, question: str) -> None:
    page.locator("#shiori-tabs [role=tab]").first.click()
    page.locator("#shiori-question textarea").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator("#shiori-answer .answer")).to_contain_text(question, timeout=60_000)


def test_a_folder_keeps_its_structure_and_hidden_files_stay_behind(
    open_tab: OpenTab, index: Path, outbox: Path
) -> None:
    page = open_tab(index)
    page.set_input_files("[data-chosen=folder]", outbox / "資料")
    expect(title(page, "休暇")).to_be_visible(timeout=30_000)
    expect(page.locator(".doc-list .file").filter(has_text="資料/内規/休暇.md")).to_be_visible()
    expect(page.locator(".doc-files li")).to_have_count(1)
    assert (index / "added" / "資料" / "内規" / "休暇.md").is_file()


def test_files_can_be_dropped(open_tab: OpenTab, index: Path) -> None:
    page = open_tab(index)
    dropped = page.evaluate_handle(
        """() => { const data = new DataTransfer();
        data.items.add(new File(["落とした文書です。\\n"], "落とした.txt")); return data; }"""
    )
    page.locator(".drop").dispatch_event("dragover", {"dataTransfer": dropped})
    expect(page.locator(".drop.over")).to_be_visible()
    page.locator(".drop").dispatch_event("drop", {"dataTransfer": dropped})
    expect(page.locator(".doc-files .indexed")).to_contain_text("落とした.txt", timeout=30_000)
    expect(page.locator(".drop.over")).to_have_count(0)


@pytest.mark.parametrize(("width", "locale"), [(1366, "ja-JP"), (375, "en-US")])
def test_files_dropped_anywhere_on_the_page_are_added_in_the_tab_of_documents(
    open_page: OpenPage, serve: Serve, index: Path, width: int, locale: str
) -> None:
    page = open_page(serve(desk_of(index)), width=width, locale=locale)
    dropped = page.evaluate_handle(
        """() => { const data = new DataTransfer();
        data.items.add(new File(["落とした文書です。\\n"], "落とした.txt")); return data; }"""
    )
    page.locator("#shiori-answer").dispatch_event("dragover", {"dataTransfer": dropped})
    shown = "getComputedStyle(document.querySelector('.site'), '::before').content"
    assert ("文書に加わります" if locale == "ja-JP" else "add to the documents") in page.evaluate(shown)
    page.locator("#shiori-answer").dispatch_event("drop", {"dataTransfer": dropped})
    expect(page.locator(".doc-files .indexed")).to_contain_text("落とした.txt", timeout=30_000)
    assert "tab=documents" in page.url and page.evaluate(shown) == "none"


def test_a_page_that_is_opened_again_in_the_middle_shows_how_far_things_are(
    open_tab: OpenTab, index: Path, gate: Gate, outbox: Path
) -> None:
    page = open_tab(index)
    gate.closed.set()
    send(page, outbox / "奈良.txt")
    assert gate.reached.wait(30)
    page.reload()
    wait_until_ready(page)
    show_tab(page)
    expect(page.locator(".doc-state.busy")).to_contain_text("意味を読み取っています")
    expect(page.locator(".doc-state progress")).to_have_attribute("value", "0.250")
    expect(page.locator(".doc-files .read")).to_contain_text("奈良.txt")
    expect(page.locator(".doc-open")).to_have_count(2)
    gate.opened.set()
    expect(page.locator(".doc-files .indexed")).to_be_visible(timeout=30_000)
    expect(page.locator(".doc-open")).to_have_count(3)


def test_an_update_can_be_stopped_and_gone_on_with(open_tab: OpenTab, index: Path, gate: Gate, outbox: Path) -> None:
    page = open_tab(index)
    gate.closed.set()
    send(page, outbox / "奈良.txt")
    assert gate.reached.wait(30)
    page.get_by_role("button", name="中止").click()
    expect(page.locator(".doc-state")).to_contain_text("中止しています")
    gate.opened.set()
    expect(page.locator(".doc-state")).to_contain_text("更新を中止しました", timeout=30_000)
    assert (index / "added" / "奈良.txt").is_file()
    assert [path.name for path in index.iterdir() if path.name.startswith(".building")] == []
    page.get_by_role("button", name="続きから更新する").click()
    expect(title(page, "奈良の大仏")).to_be_visible(timeout=30_000)


def test_what_a_server_left_undone_is_done_when_it_starts_again(open_tab: OpenTab, index: Path, outbox: Path) -> None:
    Library(index).add(outbox / "奈良.txt", "奈良.txt")
    page = open_tab(index)
    expect(title(page, "奈良の大仏")).to_be_visible(timeout=30_000)


def test_the_first_files_make_an_index(open_tab: OpenTab, gate: Gate, outbox: Path, tmp_path: Path) -> None:
    page = open_tab(tmp_path / "new")
    expect(page.locator(".doc-empty")).to_contain_text("まだ文書がありません")
    send(page, outbox / "奈良.txt")
    expect(title(page, "奈良の大仏")).to_be_visible(timeout=30_000)


def test_an_index_that_does_not_tell_its_sources_is_not_changed(open_tab: OpenTab, index: Path) -> None:
    next(index.glob("*/sources.json")).rename(index / "away.json")
    manifest = next(index.glob("*/manifest.json"))
    assert manifest.is_file()
    page = open_tab(index)
    expect(page.locator(".doc-closed")).to_contain_text("rag build FOLDER")
    expect(page.get_by_role("button", name="索引から外す")).to_have_count(0)


def test_a_folder_that_is_gone_is_named_and_nothing_is_lost(
    open_tab: OpenTab, index: Path, folder: Path, outbox: Path
) -> None:
    page = open_tab(index)
    folder.rename(folder.with_name("どこかへ"))
    send(page, outbox / "奈良.txt")
    expect(page.get_by_role("alert")).to_contain_text(f"{folder} が見つかりません", timeout=30_000)
    expect(page.locator(".doc-open")).to_have_count(2)
    folder.with_name("どこかへ").rename(folder)
    page.get_by_role("button", name="もう一度試す").click()
    expect(page.locator(".doc-open")).to_have_count(3, timeout=30_000)


def test_a_document_is_removed_and_taken_back_with_the_keyboard_alone(
    open_tab: OpenTab, index: Path, folder: Path
) -> None:
    page = open_tab(index)
    remove = page.get_by_role("button", name="「金閣寺」を索引から外す")
    remove.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("「金閣寺」を索引から外しますか")
    expect(dialog.get_by_role("button", name="やめる")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(remove).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".doc-removed")).to_contain_text("金閣寺", timeout=30_000)
    expect(title(page, "金閣寺")).to_have_count(0)
    assert (folder / "京都.txt").is_file()
    page.get_by_role("button", name="「金閣寺」を索引に戻す").focus()
    page.keyboard.press("Enter")
    expect(title(page, "金閣寺")).to_be_visible(timeout=30_000)


def test_choosing_files_works_with_the_keyboard(open_tab: OpenTab, index: Path, outbox: Path) -> None:
    page = open_tab(index)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="ファイルを選ぶ").press("Enter")
    chooser.value.set_files(outbox / "奈良.txt")
    expect(page.locator(".doc-files .indexed")).to_be_visible(timeout=30_000)


def test_the_last_document_stays(open_tab: OpenTab, gate: Gate, outbox: Path, tmp_path: Path) -> None:
    build(outbox / "奈良.txt", index=tmp_path / "one")
    page = open_tab(tmp_path / "one")
    page.get_by_role("button", name="索引から外す").click()
    page.get_by_role("dialog").get_by_role("button", name="外す").click()
    expect(page.get_by_role("alert")).to_contain_text("最後の文書は外せません")
    expect(page.locator(".doc-open")).to_have_count(1)


def test_a_document_shows_its_passages_and_what_is_excluded_and_why(
    open_tab: OpenTab, gate: Gate, seeds: Path, tmp_path: Path
) -> None:
    build(seeds / "000_e127c39ffab735c7.txt", index=tmp_path / "seed")
    with closing(FolderSnapshot.open(tmp_path / "seed")) as snapshot:
        (info,) = snapshot.store.documents()
        document = snapshot.store.document(info.id)
        last = snapshot.store.passages([info.passages - 1])[info.passages - 1].passage
    page = open_tab(tmp_path / "seed")
    title(page, document.title).click()
    expect(page.get_by_role("heading", name=document.title)).to_be_focused()
    excluded = page.locator(".frame.excluded")
    expect(excluded).to_have_count(len(document.excluded))
    for number, exclusion in enumerate(document.excluded):
        expect(excluded.nth(number).locator(".frame-text")).to_have_text(document.text[exclusion.start : exclusion.end])
        expect(excluded.nth(number).locator("b")).to_contain_text("除外: ")
    passages = page.locator(".frame.passage")
    expect(passages).to_have_count(info.passages)
    assert (passages.last.locator(".frame-text").text_content() or "").strip() == last.text.strip()
    expect(page.locator(".doc-facts")).to_contain_text(info.source)
    expect(page.locator(".doc-list")).to_be_hidden()
    page.get_by_role("button", name="文書の一覧へ戻る").click()
    expect(title(page, document.title)).to_be_focused()


def filter_by(page: Page, words: str) -> None:
    page.get_by_label("文書を絞り込む").select_text()
    page.keyboard.press("Delete")
    page.keyboard.insert_text(words)


class Crowded(FakeEngine):
    """Has 5,000 documents and no time to look into them."""

    def documents(self) -> list[DocumentInfo]:
        return [DocumentInfo(str(n), f"{n:04}/{n}.txt", f"第{n}号", "ja", 1 + n % 97, 0, 1, "") for n in range(5000)]


def test_five_thousand_documents_are_listed_by_pages_filtered_and_sorted(open_page: OpenPage, serve: Serve) -> None:
    page = show_tab(open_page(serve(CurrentIndex(lambda: Crowded()))))  # type: ignore[arg-type,return-value]
    expect(page.locator(".doc-list .count")).to_have_text("5,000 件")
    expect(page.locator(".doc-open")).to_have_count(50)
    page.get_by_role("button", name="次へ").click()
    expect(page.locator(".doc-pages")).to_contain_text("2 / 100 ページ")
    filter_by(page, "４９９９")
    expect(page.locator(".doc-list .count")).to_have_text("1 / 5,000 件")
    expect(page.locator(".doc-open")).to_have_text("第4999号")
    filter_by(page, "どこにもない")
    expect(page.locator(".doc-empty")).to_contain_text("「どこにもない」に当てはまる文書はありません")
    filter_by(page, "")
    page.get_by_role("button", name="長さの順に並べる").click()
    expect(page.locator("td.chars").first).to_have_text("97 字")
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("長さ")
    expect(page.get_by_role("button", name="長さの順に並べる")).to_be_focused()


def test_hostile_titles_and_names_are_shown_as_plain_text(open_page: OpenPage, serve: Serve) -> None:
    documents = tuple(
        Document(f"{n}/{text}.txt", text, f"{text}\n本文です。\n", "ja") for n, text in enumerate(HOSTILE)
    )
    page = show_tab(open_page(serve(CurrentIndex(lambda: FakeEngine(documents)))))  # type: ignore[arg-type,return-value]
    shown = page.locator(".doc-open").evaluate_all("all => all.map(each => each.textContent)")
    assert sorted(shown) == sorted(HOSTILE)
    assert page.locator("#shiori-doc-list :is(script, img, iframe, style, svg, form)").count() == 0


def test_hostile_file_names_are_harmless(open_tab: OpenTab, index: Path) -> None:
    page = open_tab(index)
    names = ["<img src=x onerror=alert(1)>.txt", "${alert(1)}{{this}}.txt", "..\\..\\x.txt", "a\u202egpj.txt"]
    page.evaluate(
        """names => { const data = new DataTransfer();
        for (const name of names) data.items.add(new File([name + "の文書です。"], name));
        const input = document.querySelector("[data-chosen=files]"); input.files = data.files;
        input.dispatchEvent(new Event("change", { bubbles: true })); }""",
        names,
    )
    expect(page.locator(".doc-files .indexed")).to_have_count(4, timeout=30_000)
    expect(page.locator(".doc-open")).to_have_count(6)
    assert page.locator("#shiori-documents :is(img, script)").count() == 0
    assert all(path.resolve().is_relative_to(index / "added") for path in (index / "added").rglob("*"))


@pytest.mark.parametrize("width", [375, 2560])
def test_nothing_is_cut_off_on_a_phone_or_a_wide_screen(
    open_tab: OpenTab, index: Path, outbox: Path, width: int
) -> None:
    page = open_tab(index, width=width, height=800)
    send(page, outbox / "奈良.txt", outbox / "絵.png")
    expect(page.locator(".doc-files .indexed")).to_be_visible(timeout=30_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    title(page, "奈良の大仏").click()
    expect(page.locator(".doc-contents")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_tab_speaks_english_to_an_english_browser(open_tab: OpenTab, index: Path, outbox: Path) -> None:
    page = open_tab(index, locale="en-GB")
    expect(page.get_by_role("button", name="Choose files")).to_be_visible()
    send(page, outbox / "奈良.txt", outbox / "壊れた.pdf")
    expect(page.locator(".doc-files .indexed")).to_contain_text("1 passage", timeout=30_000)
    expect(page.locator(".doc-files .unread")).to_contain_text("The PDF is damaged")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1280])
def test_nothing_stands_in_the_way_of_assistive_technology(
    open_tab: OpenTab, index: Path, gate: Gate, outbox: Path, scheme: str, width: int
) -> None:
    page = open_tab(index, width=width, color_scheme=scheme)
    gate.closed.set()
    send(page, outbox / "奈良.txt", outbox / "絵.png", outbox / "壊れた.pdf")
    expect(page.locator(".doc-state progress")).to_be_visible(timeout=30_000)
    axe.check(page, "#shiori-documents")
    gate.opened.set()
    expect(page.locator(".doc-unread")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="「金閣寺」を索引から外す").click()
    axe.check(page, "#shiori-documents")
    page.keyboard.press("Escape")
    title(page, "金閣寺").click()
    expect(page.locator(".doc-contents")).to_be_visible()
    axe.check(page, "#shiori-documents")
