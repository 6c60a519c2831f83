"""The server: health, headers, named endpoints, and what it says when it cannot start."""

from __future__ import annotations

import re
import socket
import urllib.request
from collections.abc import Iterator

import gradio as gr
import pytest
from fastapi.testclient import TestClient

from rag.errors import ModelError, RagError
from rag.web import app as server
from rag.web import create_app
from rag.web.app import Access, create_server, run
from rag.web.current import CurrentIndex
from rag.web.gate.accounts import Accounts
from rag.web.gate.hosts import is_loopback
from rag.web.page import create_page

from .conftest import request, serving
from .doubles import FakeEngine


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(CurrentIndex(lambda: FakeEngine())) as address:  # type: ignore[arg-type,return-value]
        yield address


def test_every_response_keeps_the_browser_on_this_machine(address: str) -> None:
    for path in ("", "healthz", "config"):
        with urllib.request.urlopen(address + path) as response:
            assert "default-src 'self'" in response.headers["content-security-policy"]
            assert response.headers["x-content-type-options"] == "nosniff"


def test_nothing_is_kept_or_shown_in_other_pages_but_what_is_the_same_for_all(address: str) -> None:
    page = request("GET", address)
    asset = re.search(r"assets/[\w.-]+\.js", page.text)
    assert asset is not None
    for path in ("", "config", "healthz", "api/documents", "nothing"):
        headers = request("GET", address + path).headers
        assert headers["cache-control"] == "no-store" and headers["x-frame-options"] == "SAMEORIGIN"
    assert "no-store" not in request("GET", address + asset[0]).headers.get("cache-control", "")


def test_only_the_page_itself_may_compile_what_it_was_sent(address: str) -> None:
    assert "'unsafe-eval'" in request("GET", address).headers["content-security-policy"]
    for path in ("config", "api/documents", "theme.css", "nothing"):
        assert "unsafe-eval" not in request("GET", address + path).headers["content-security-policy"]
    with serving(CurrentIndex(FakeEngine), Access(accounts=Accounts("hanako:x", "test"))) as locked:
        (policy,) = request("GET", f"{locked}login").headers.get_list("content-security-policy")
        assert policy.startswith("default-src 'none'") and "unsafe-eval" not in policy


def test_the_served_page_names_no_other_host_to_load_from(address: str) -> None:
    with urllib.request.urlopen(address) as response:
        page = response.read().decode()
    assert "fonts.googleapis" not in page and "cdnjs" not in page
    assert "data:image/svg+xml," in page  # its icon: behind a path, a browser would look for it elsewhere on the host
    with urllib.request.urlopen(address + "config") as response:
        config = response.read().decode()
    assert '"analytics_enabled":false' in config.replace(" ", "")
    assert "googleapis" not in config


def test_health_tells_whether_the_model_is_loaded() -> None:
    current = CurrentIndex(lambda: FakeEngine())  # type: ignore[arg-type,return-value]
    client = TestClient(create_server(current), base_url="http://127.0.0.1")
    assert client.get("/healthz").json() == {"status": "ok", "model": "loading"}
    current.warm_up()
    assert client.get("/healthz").json() == {"status": "ok", "model": "ready"}


def test_a_model_that_fails_to_load_is_told_to_the_one_who_asks() -> None:
    class Broken(FakeEngine):
        def warm_up(self) -> None:
            raise ModelError("The model file is damaged.")

    current = CurrentIndex(lambda: Broken())  # type: ignore[arg-type,return-value]
    current.warm_up_in_background()
    with pytest.raises(ModelError):
        current.warm_up()


def test_a_taken_port_is_a_clear_error() -> None:
    current = CurrentIndex(lambda: FakeEngine())  # type: ignore[arg-type,return-value]
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(RagError, match="Choose another with --port"):
            run(current, Access(), other.getsockname()[1], open_browser=False, announce=print)


@pytest.mark.parametrize(
    ("host", "safe"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("10.1.2.3", False)],
)
def test_only_this_machine_counts_as_safe_without_a_password(host: str, safe: bool) -> None:
    assert is_loopback(host) is safe


def test_an_app_can_be_made_from_an_open_engine() -> None:
    app = create_app(FakeEngine())  # type: ignore[arg-type]
    assert app.analytics_enabled is False


def test_callers_that_never_come_back_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    pages: list[gr.Blocks] = []
    monkeypatch.setattr(server, "SESSIONS", 3)
    monkeypatch.setattr(server, "create_page", lambda *a, **k: pages.append(create_page(*a, **k)) or pages[0])
    create_server(CurrentIndex(FakeEngine))
    remembered = pages[0].state_holder
    for caller in range(5):
        _ = remembered[str(caller)]
    assert list(remembered.session_data) == ["2", "3", "4"]
