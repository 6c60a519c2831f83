"""Take the pictures of the README: ``python docs/screenshots.py seeds docs/images``.

Builds an index of the given documents, serves the page, and photographs it in Chromium.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from rag import Engine, build
from rag.web.app import create_server
from rag.web.current import CurrentIndex

JAPANESE_QUESTION = "主権AIとは何ですか？"
ENGLISH_QUESTION = "Which Chinese open-weight models are gaining adoption outside the U.S.?"
UNANSWERABLE = "富士山の標高は何メートルですか？"


def main() -> None:
    """Read the command line, build, serve, and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("documents", type=Path, help="folder of documents to show")
    parser.add_argument("images", type=Path, help="folder for the pictures")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="take only these")
    arguments = parser.parse_args()
    arguments.images.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, serving(arguments.documents, Path(folder) / "index") as address:
        failures = take(address, arguments.images, arguments.only)
    for failure in failures:
        print(f"Not taken: {failure}", file=sys.stderr)
    sys.exit(1 if failures else 0)


@contextmanager
def serving(documents: Path, index: Path) -> Iterator[str]:
    """The page over an index of ``documents``, with its model loaded; gives its address."""
    build([documents], index=index)
    current = CurrentIndex(lambda: Engine.open(index), index)
    current.warm_up()
    config = uvicorn.Config(create_server(current), port=0, log_level="error", timeout_graceful_shutdown=1)
    socket = config.bind_socket()
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{socket.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join()


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: its file, what to do on the page before it is taken, and how the page is opened."""

    name: str
    prepare: Callable[[Page], None]
    options: Mapping[str, Any] = field(default_factory=dict)


def take(address: str, images: Path, wanted: Sequence[str] = ()) -> list[str]:
    """Take the pictures, each in a page of its own; one that fails keeps its old file and does not stop the others.

    Args:
        address: of the running page.
        images: folder for them.
        wanted: only these, by name; all if empty.

    Returns:
        What went wrong, a sentence for each picture that could not be taken.
    """
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    failures = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for picture in PICTURES:
            if wanted and picture.name not in wanted:
                continue
            page = open_page(browser, address, **picture.options)
            try:
                picture.prepare(page)
                save(page, images / f"{picture.name}.png")
            except (PlaywrightError, AssertionError) as error:
                failures.append(f"{picture.name}: {str(error).strip().splitlines()[0]}")
            finally:
                page.context.close()
        browser.close()
    return failures


def _start(page: Page) -> None:
    """As it opens."""


def _asked(question: str) -> Callable[[Page], None]:
    return lambda page: ask(page, question)


def _source(page: Page) -> None:
    ask(page, JAPANESE_QUESTION)
    page.locator(".answer-text .cite").first.click()
    page.wait_for_selector(".source mark.current")


def _quote(page: Page) -> None:
    ask(page, JAPANESE_QUESTION)
    page.locator(".answer-text .cite").first.hover()
    page.wait_for_selector("#shiori-quote:popover-open")


def _passages(page: Page) -> None:
    ask(page, JAPANESE_QUESTION)
    page.locator("#shiori-passages .card .show").nth(2).click()
    page.evaluate("document.querySelector('.card').scrollIntoView({block: 'start'})")


def _filters(page: Page) -> None:
    page.locator("#filters summary").click()
    page.locator("#filter-k").select_option("5")
    page.wait_for_selector(".filter-chip")


def _tab(name: str, ready: str = "") -> Callable[[Page], None]:
    def open_tab(page: Page) -> None:
        page.evaluate("name => shiori.showTab(name)", name)
        page.wait_for_selector(f"#shiori-tab-{name} {ready}".strip())

    return open_tab


def _batch(page: Page) -> None:
    _tab("batch")(page)
    questions = "\n".join((JAPANESE_QUESTION, "DeepSeek-R1はいつリリースされましたか？", UNANSWERABLE))
    file = {"name": "質問.txt", "mimeType": "text/plain", "buffer": questions.encode()}
    page.locator("#shiori-batch-file input[type=file]").set_input_files(file)
    page.locator("#shiori-batch-start:enabled").click()
    page.locator("#shiori-batch-results tbody tr").nth(2).wait_for(timeout=120_000)


def _map(page: Page) -> None:
    ask(page, JAPANESE_QUESTION)
    _tab("map")(page)
    page.locator("#shiori-map-asked button, #shiori-map .map-asked circle").first.wait_for(timeout=120_000)


_PHONE = {"width": 375, "height": 760, "scale": 2}
_DARK = {"color_scheme": "dark"}
PICTURES = (
    Picture("start-ja", _start),
    Picture("answer-ja", _asked(JAPANESE_QUESTION)),
    Picture("quote-ja", _quote),
    Picture("source-ja", _source),
    Picture("passages-ja", _passages),
    Picture("filters-ja", _filters),
    Picture("refusal-ja", _asked(UNANSWERABLE)),
    Picture("answer-en-dark", _asked(ENGLISH_QUESTION), {"locale": "en-US", **_DARK}),
    Picture("phone-ja", _asked(JAPANESE_QUESTION), _PHONE),
    Picture("phone-source-ja", _source, _PHONE),
    Picture("documents-ja", _tab("documents")),
    Picture("batch-ja", _batch),
    Picture("evaluation-ja", _tab("evaluation")),
    Picture("map-ja", _map),
    Picture("map-dark", _map, _DARK),
)
"""All pictures. A tab's own is changed by what it does before (``_tab(name, ready=SELECTOR)`` waits for a part)."""


def open_page(
    browser: Browser,
    address: str,
    width: int = 1440,
    height: int = 900,
    scale: float = 1,
    locale: str = "ja-JP",
    color_scheme: str = "light",
) -> Page:
    """The page in a fresh browser profile; sizes in CSS pixels."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=scale,
        locale=locale,
        color_scheme="dark" if color_scheme == "dark" else "light",
    )
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector(".home")
    return page


def ask(page: Page, question: str) -> None:
    """Type a question and wait for its answer."""
    page.locator("#shiori-question textarea").fill(question)
    page.keyboard.press("Enter")
    page.wait_for_selector(".answer")
    page.locator("#shiori-question textarea").blur()


def save(page: Page, path: Path) -> None:
    """Photograph what is in view, once it has come to rest."""
    page.wait_for_timeout(700)
    page.screenshot(path=path)


if __name__ == "__main__":
    main()
