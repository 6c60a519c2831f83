"""Who waits for whom: half-sent requests are cut off, and the probes wait for nobody."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
import httpx
import pytest

from rag.web.app import create_server
from rag.web.current import CurrentIndex
from rag.web.gate import protocol
from rag.web.limits import CONNECTIONS

from .batch_doubles import wait_until
from .conftest import request, serving
from .doubles import FakeEngine

HALVES = {
    "nothing": b"",
    "half a line": b"GET / HT",
    "half a head": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n",
    "half a body": b"POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b'Content-Length: 100\r\n\r\n{"question',
    "half an upload": b"POST /gradio_api/upload HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 9000\r\n\r\n--b\r\nContent-",
    "half of the second": b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /heal",
}


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    """Host and port of a server that gives requests a second to arrive."""
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 1.0)
    monkeypatch.setattr(protocol, "BODY_SECONDS", 1.0)
    with serving(CurrentIndex(FakeEngine)) as address:
        yield urlsplit(address).hostname or "", urlsplit(address).port or 0


@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES.keys())
def test_who_sends_half_a_request_is_cut_off(hasty: tuple[str, int], half: bytes) -> None:
    with socket.create_connection(hasty, timeout=15) as connection:
        connection.sendall(half)
        began, parts = time.monotonic(), 0
        try:
            while connection.recv(65536):
                parts += 1
                connection.sendall(b"x")  # a letter now and then gains no time
        except ConnectionError:
            pass
        assert time.monotonic() - began < 10


def test_half_sent_requests_do_not_stop_everyone(hasty: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "CONNECTIONS_EACH", 2 * CONNECTIONS)  # as if they came from many addresses
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 6.0)  # on a busy machine it takes a while to open them all
    held = [socket.create_connection(hasty, timeout=15) for _ in range(CONNECTIONS + 48)]
    for connection in held:
        connection.sendall(HALVES["half a head"])
    address = f"http://{hasty[0]}:{hasty[1]}"
    assert request("GET", f"{address}/api/documents").status_code == 503
    wait_until(lambda: request("GET", f"{address}/api/documents").status_code == 200, 15)
    for connection in held:
        connection.close()


def test_a_body_that_comes_slowly_but_in_time_is_answered(hasty: tuple[str, int]) -> None:
    body = '{"question": "煎茶は？"}'.encode()
    head = b"POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n"
    with socket.create_connection(hasty, timeout=15) as connection:
        connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body))
        for at in range(0, len(body), 8):
            connection.sendall(body[at : at + 8])
            time.sleep(0.1)
        answered = b""
        while part := connection.recv(65536):
            answered += part
    assert answered.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_the_probes_wait_for_no_work(path: str) -> None:
    current = CurrentIndex(FakeEngine)
    current.warm_up()
    app = create_server(current)

    async def while_all_threads_work() -> httpx.Response:
        anyio.to_thread.current_default_thread_limiter().total_tokens = 1
        transport = httpx.ASGITransport(app=app)
        client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")
        async with client, anyio.create_task_group() as group:
            done = threading.Event()
            group.start_soon(anyio.to_thread.run_sync, done.wait, 30)
            await anyio.sleep(0.2)
            try:
                with current._opening, anyio.fail_after(3):
                    return await client.get(path)
            finally:
                done.set()

    assert anyio.run(while_all_threads_work).status_code == 200


def test_it_is_ready_when_an_index_is_open_and_its_models_are_loaded() -> None:
    current = CurrentIndex(FakeEngine)
    with serving(current) as address:
        waiting = request("GET", f"{address}readyz")
        assert waiting.status_code == 503 and waiting.headers["retry-after"] == "5"
        assert request("GET", f"{address}healthz").json() == {"status": "ok", "model": "loading"}
        current.warm_up()
        assert request("GET", f"{address}readyz").json() == {"status": "ready"}
