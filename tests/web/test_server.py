"""The server: health, headers, named endpoints, and what it says when it cannot start."""

from __future__ import annotations

import socket
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from gradio_client import Client
from gradio_client.exceptions import AppError

from rag.errors import ModelError, RagError
from rag.web import create_app
from rag.web.desk import Desk
from rag.web.server import _is_loopback, create_server, run

from .conftest import serving
from .doubles import FakeEngine


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(Desk(lambda: FakeEngine())) as address:  # type: ignore[arg-type,return-value]
        yield address


@pytest.fixture(scope="module")
def client(address: str) -> Client:
    return Client(address, verbose=False, analytics_enabled=False)


def test_the_named_endpoints_give_the_stable_json(client: Client) -> None:
    answer = client.predict("煎茶の湯は何度ですか？", api_name="/ask")
    assert answer == FakeEngine().ask("煎茶の湯は何度ですか？").to_dict()
    found = client.predict("煎茶", 2, api_name="/search")
    assert found == FakeEngine().search("煎茶", k=2).to_dict()


def test_only_the_named_endpoints_are_public(client: Client) -> None:
    endpoints: dict[str, Any] = client.view_api(return_format="dict")  # type: ignore[assignment]
    assert set(endpoints["named_endpoints"]) == {"/ask", "/search"}


def test_an_error_of_the_users_reaches_an_api_client_in_words(client: Client) -> None:
    with pytest.raises(AppError, match="The question is empty"):
        client.predict(" ", api_name="/ask")


def test_every_response_keeps_the_browser_on_this_machine(address: str) -> None:
    for path in ("", "healthz", "config"):
        with urllib.request.urlopen(address + path) as response:
            assert "default-src 'self'" in response.headers["content-security-policy"]
            assert response.headers["x-content-type-options"] == "nosniff"


def test_the_served_page_names_no_other_host_to_load_from(address: str) -> None:
    with urllib.request.urlopen(address) as response:
        page = response.read().decode()
    assert "fonts.googleapis" not in page and "cdnjs" not in page
    with urllib.request.urlopen(address + "config") as response:
        config = response.read().decode()
    assert '"analytics_enabled":false' in config.replace(" ", "")
    assert "googleapis" not in config


def test_health_tells_whether_the_model_is_loaded() -> None:
    desk = Desk(lambda: FakeEngine())  # type: ignore[arg-type,return-value]
    client = TestClient(create_server(desk))
    assert client.get("/healthz").json() == {"status": "ok", "model": "loading"}
    desk.warm_up()
    assert client.get("/healthz").json() == {"status": "ok", "model": "ready"}


def test_a_model_that_fails_to_load_is_told_to_the_one_who_asks() -> None:
    class Broken(FakeEngine):
        def warm_up(self) -> None:
            raise ModelError("The model file is damaged.")

    desk = Desk(lambda: Broken())  # type: ignore[arg-type,return-value]
    desk.warm_up_in_background()
    with pytest.raises(ModelError):
        desk.warm_up()


def test_a_taken_port_is_a_clear_error() -> None:
    desk = Desk(lambda: FakeEngine())  # type: ignore[arg-type,return-value]
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(RagError, match="Choose another with --port"):
            run(desk, "127.0.0.1", other.getsockname()[1], open_browser=False, announce=print)


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("10.1.2.3", False)],
)
def test_only_this_machine_counts_as_safe_without_a_password(host: str, is_loopback: bool) -> None:
    assert _is_loopback(host) is is_loopback


def test_an_app_can_be_made_from_an_open_engine() -> None:
    app = create_app(FakeEngine())  # type: ignore[arg-type]
    assert app.analytics_enabled is False
