"""A running server and a browser that tells of every error and every request it should not make."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from rag import Engine
from rag.web.app import Access, create_server, server_config
from rag.web.current import CurrentIndex

from .doubles import FakeEngine

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
expect.set_options(timeout=20_000)  # for machines that are busy


@contextmanager
def serving(current: CurrentIndex, access: Access | None = None) -> Iterator[str]:
    """The page over ``current`` on a free port; gives its address."""
    access = access or Access()
    config = server_config(create_server(current, access), access, 0)
    socket = config.bind_socket()
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + 60
        while not server.started:
            assert time.monotonic() < deadline and thread.is_alive(), "the server did not start"
            time.sleep(0.02)
        yield f"http://127.0.0.1:{socket.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join(10)


def request(method: str, url: str, **options: Any) -> httpx.Response:
    """A request with the patience that a busy machine needs."""
    return httpx.request(method, url, timeout=60, **options)


@pytest.fixture(scope="session", autouse=True)
def own_uploads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Servers keep uploads, and clear old ones, in a folder of the tests' own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("uploads")))
        yield


@pytest.fixture(scope="session")
def seeds_page(engine: Engine) -> Iterator[str]:
    """Address of the page over the seed documents, with the model loaded."""
    current = CurrentIndex(lambda: engine)
    current.warm_up()
    with serving(current) as address:
        yield address


@pytest.fixture(scope="session")
def small_page() -> Iterator[str]:
    """Address of the page over the small documents, for tests that change nothing that others see."""
    engine = FakeEngine()
    current = CurrentIndex(lambda: engine)  # type: ignore[arg-type,return-value]
    current.warm_up()
    with serving(current) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; without one the tests are skipped, but not in CI."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("There is no Chromium; set CHROMIUM to its path.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def serve() -> Iterator[Callable[[CurrentIndex], str]]:
    """Serves a current until the test ends; gives its address."""
    with ExitStack() as servers:
        yield lambda current: servers.enter_context(serving(current))


@pytest.fixture
def open_page(browser: Browser, serve: object) -> Iterator[Callable[..., Page]]:
    """Opens pages, as ``open_page(address, width=…, height=…, locale=…, color_scheme=…)``.

    Pages close before any server of ``serve`` does. The test must have come without a console error and without a
    request to any other host.
    """
    problems: list[str] = []
    with ExitStack() as contexts:

        def open_(address: str, width: int = 1440, height: int = 900, locale: str = "ja-JP", **options: Any) -> Page:
            context = browser.new_context(viewport={"width": width, "height": height}, locale=locale, **options)
            contexts.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(60_000)  # for machines that are busy
            page.on("console", lambda m: problems.append(_said(m)) if m.type == "error" else None)
            page.on("pageerror", lambda error: problems.append(f"error: {error}"))
            page.on("request", lambda r: problems.append(f"request: {r.url}") if _is_foreign(r.url, address) else None)
            page.on("dialog", lambda d: (problems.append(f"dialog: {d.message}"), d.dismiss()))
            page.goto(address)
            return wait_until_ready(page)

        yield open_
    assert problems == []


def wait_until_ready(page: Page) -> Page:
    """Wait until the page is up, after it was opened or reloaded: its parts come one by one, in no certain order."""
    page.wait_for_selector("#shiori-header .site")
    page.wait_for_selector("#shiori-answer :is(.home, .answer, .no-index, .error)", state="attached")
    return page


def open_more(page: Page, name: str) -> None:
    """Choose one of the tabs that stand within その他."""
    page.locator("#shiori-tab-more-button").click()
    page.get_by_role("tab", name=name, exact=True).click()


def _said(message: ConsoleMessage) -> str:
    return f"console: {message.text} {message.location['url']}"


def _is_foreign(url: str, address: str) -> bool:
    return urlsplit(url).scheme not in ("data", "blob") and urlsplit(url).netloc != urlsplit(address).netloc
