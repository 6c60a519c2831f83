"""Take the pictures of the README: ``python docs/screenshots.py seeds docs/images``.

Builds an index of the given documents, serves the page, and photographs it in Chromium.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from rag import Engine, build
from rag.web.desk import Desk
from rag.web.server import create_server

JAPANESE_QUESTION = "主権AIとは何ですか？"
ENGLISH_QUESTION = "Which Chinese open-weight models are gaining adoption outside the U.S.?"
UNANSWERABLE = "富士山の標高は何メートルですか？"


def main() -> None:
    """Read the command line, build, serve, and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("documents", type=Path, help="folder of documents to show")
    parser.add_argument("images", type=Path, help="folder for the pictures")
    arguments = parser.parse_args()
    arguments.images.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, serving(arguments.documents, Path(folder) / "index") as address:
        take(address, arguments.images)


@contextmanager
def serving(documents: Path, index: Path) -> Iterator[str]:
    """The page over an index of ``documents``, with its model loaded; gives its address."""
    build([documents], index=index)
    desk = Desk(lambda: Engine.open(index))
    desk.warm_up()
    config = uvicorn.Config(create_server(desk), port=0, log_level="error", timeout_graceful_shutdown=1)
    socket = config.bind_socket()
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.05)
    yield f"http://127.0.0.1:{socket.getsockname()[1]}/"
    server.should_exit = True
    thread.join()


def take(address: str, images: Path) -> None:
    """All pictures, in the order a reader meets them."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = open_page(browser, address)
        save(page, images / "start-ja.png")
        ask(page, JAPANESE_QUESTION)
        save(page, images / "answer-ja.png")
        page.locator(".card .show").nth(2).click()
        page.evaluate("document.querySelector('.card').scrollIntoView({block: 'start'})")
        save(page, images / "passages-ja.png")
        page = open_page(browser, address, locale="en-US", color_scheme="dark")
        ask(page, ENGLISH_QUESTION)
        save(page, images / "answer-en-dark.png")
        page = open_page(browser, address)
        ask(page, UNANSWERABLE)
        save(page, images / "refusal-ja.png")
        page = open_page(browser, address, width=375, height=760, scale=2)
        ask(page, JAPANESE_QUESTION)
        save(page, images / "phone-ja.png")
        page.locator(".answer-text .cite").first.click()
        save(page, images / "phone-source-ja.png")
        browser.close()


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
