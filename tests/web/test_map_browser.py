"""The map in a real browser: pointer, keyboard, touch, the question on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from rag.web.current import CurrentIndex

from .conftest import open_more
from .map_doubles import MapEngine
from .test_map import documents

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]
QUESTION = "煎茶は何度の湯で淹れる？"


@pytest.fixture
def engine(tmp_path: Path) -> MapEngine:
    return MapEngine(documents(), cache=tmp_path)


@pytest.fixture
def address(serve: Callable[[CurrentIndex], str], engine: MapEngine) -> str:
    return serve(CurrentIndex(lambda: engine))  # type: ignore[arg-type,return-value]


def open_map(page: Page) -> Locator:
    open_more(page, "地図")
    circles = page.locator(".map-points circle")
    expect(circles).to_have_count(24, timeout=60_000)
    return circles


def marked(page: Page) -> str:
    return str(
        page.evaluate("Array.from(document.querySelectorAll('#shiori-map-source mark'), m => m.textContent).join('')")
    )


def test_pointing_at_a_point_shows_its_passage_and_a_click_opens_it(
    open_page: OpenPage, address: str, engine: MapEngine
) -> None:
    page = open_page(address)
    open_map(page).first.hover(force=True)
    card = page.locator(".map-card")
    expect(card).to_be_visible()
    beginning = card.locator(".text").inner_text()
    (stored,) = (each for each in engine.snapshot.kept if each.passage.text.startswith(beginning))
    expect(card.locator(".title")).to_have_text(stored.title)
    box = page.locator(".map-points circle.chosen").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#shiori-map-source .source-title")).to_have_text(stored.title)
    assert marked(page) == stored.passage.text


def test_the_last_question_and_what_it_found_are_drawn(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    open_map(page)
    expect(page.locator("#shiori-map-asked")).to_contain_text("「質問」タブで尋ねると")
    page.get_by_role("tab", name="質問").click()
    page.locator("#shiori-question textarea").fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".answer-text")).to_be_visible()
    open_more(page, "地図")
    expect(page.locator(".map-question")).to_have_count(1)
    hits = page.locator(".map-near .map-hit")
    expect(page.locator(".map-found")).to_have_count(hits.count())
    expect(page.locator(".map-near .asked")).to_contain_text(QUESTION)
    hits.first.hover()
    expect(page.locator(".map-found.marked")).to_have_text("1")
    hits.first.click()
    expect(page.locator("#shiori-map-source .source")).to_be_visible()


def test_everything_on_the_map_can_be_reached_by_keyboard(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    open_map(page)
    page.locator(".map-picture").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".map-card")).to_be_visible()
    expect(page.locator("#shiori-map-said")).to_contain_text("行目")
    before = page.locator(".map-card .file").inner_text(), page.locator(".map-card .text").inner_text()
    for key in ("ArrowLeft", "ArrowLeft", "ArrowDown"):
        page.keyboard.press(key)
    assert (page.locator(".map-card .file").inner_text(), page.locator(".map-card .text").inner_text()) != before
    transform = page.locator(".map-all").get_attribute("transform")
    page.keyboard.press("+")
    assert page.locator(".map-all").get_attribute("transform") != transform
    page.keyboard.press("0")
    assert page.locator(".map-all").get_attribute("transform") == transform
    page.keyboard.press("Enter")
    expect(page.locator("#shiori-map-source .source")).to_be_visible()


def test_a_documents_points_can_be_singled_out(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    open_map(page)
    group = page.locator(".map-group").first
    group.click()
    expect(group).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".map-points circle.lit")).to_have_count(8)
    group.click()
    expect(page.locator(".map-points circle.lit")).to_have_count(0)


def test_dragging_and_buttons_move_the_map(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    open_map(page)
    still = page.locator(".map-all").get_attribute("transform")
    page.get_by_role("button", name="拡大").click()
    larger = page.locator(".map-all").get_attribute("transform")
    assert larger != still
    box = page.locator(".map-picture").bounding_box()
    assert box
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 260, box["y"] + 240, steps=4)
    page.mouse.up()
    assert page.locator(".map-all").get_attribute("transform") not in (larger, still)
    assert page.locator("#shiori-map-source .source").count() == 0
    page.get_by_role("button", name="全体を表示").click()
    assert page.locator(".map-all").get_attribute("transform") == still


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_a_first_tap_shows_and_a_second_opens(open_page: OpenPage, address: str, scheme: str) -> None:
    page = open_page(address, width=375, height=760, has_touch=True, color_scheme=scheme)
    circles = open_map(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = circles.first.bounding_box()
    assert box
    place = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.touchscreen.tap(*place)
    expect(page.locator(".map-card")).to_be_visible()
    assert page.locator("#shiori-map-source .source").count() == 0
    page.locator(".map-card").tap()
    expect(page.locator("#shiori-map-source .source")).to_be_visible()
