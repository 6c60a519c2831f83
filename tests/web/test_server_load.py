"""Load: one bound for all ways in, probes that never wait, and readers that do not read."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from gradio_client import Client

from rag.answer.result import Answer
from rag.web import app as server
from rag.web import limits
from rag.web.app import Access
from rag.web.current import CurrentIndex
from rag.web.gate import load, protocol
from rag.web.principal import NOBODY, Principal, current_principal
from rag.web.turns import Turns

from .conftest import request, serving
from .doubles import FakeEngine

QUESTION = "煎茶の湯は何度ですか？"


class SlowEngine(FakeEngine):
    """Answers when it is let to, and notes whose question it was."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = threading.Event()
        self.asked_by: list[Principal] = []

    def ask(self, question: str, **options: Any) -> Answer:
        self.asked_by.append(current_principal())
        assert self.may_answer.wait(60)
        return super().ask(question, **options)


@contextmanager
def full(refused: int = 0) -> Iterator[tuple[str, SlowEngine]]:
    """A server in which every place of the line is taken by one address, of whose questions so many are refused."""
    engine = SlowEngine()
    access = Access(mcp=True, proxies=("127.0.0.1",))
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(4) as crowd:
        patch.setattr(server, "Turns", lambda: Turns(1, waiting=2))
        with serving(CurrentIndex(lambda: engine), access) as address:  # type: ignore[arg-type,return-value]
            asking = [crowd.submit(asked, address) for _ in range(3)]
            deadline = time.monotonic() + 30
            while not engine.asked_by and time.monotonic() < deadline:
                time.sleep(0.05)
            time.sleep(1)
            try:
                yield address, engine
            finally:
                engine.may_answer.set()
                assert sorted(each.result() for each in asking) == [200] * (3 - refused) + [503] * refused


def asked(address: str, **headers: str) -> int:
    return request("POST", address + "api/ask", json={"question": QUESTION}, headers=headers).status_code


def test_whichever_way_a_question_comes_a_full_line_refuses_it_and_probes_never_wait() -> None:
    message = tool_call("ask", question=QUESTION)
    accept = {"accept": "application/json, text/event-stream"}
    ways: dict[str, dict[str, Any]] = {
        "api/ask": {"json": {"question": QUESTION}},
        "mcp": {"json": message, "headers": accept},
        "gradio_api/call/ask": {"json": {"data": [QUESTION]}},
        "gradio_api/call/v2/ask": {"json": {"question": QUESTION}},
        "gradio_api/run/ask": {"json": {"data": [QUESTION]}},
    }
    with full() as (address, _):
        info = request("GET", address + "config").json()
        number = next(each["id"] for each in info["dependencies"] if each["api_name"] == "ask")
        joined = {"data": [QUESTION], "fn_index": number, "session_hash": "x"}
        ways |= {"gradio_api/queue/join": {"json": joined}, "gradio_api/run/predict": {"json": joined}}
        for path, options in ways.items():
            answered = request("POST", address + path, **options)
            assert (path, answered.status_code, answered.headers.get("retry-after")) == (path, 503, "5")
        for path in ("healthz", "readyz", "", "config"):
            began = time.monotonic()
            assert request("GET", address + path).status_code in (200, 503)
            assert time.monotonic() - began < 5


def test_searches_do_not_wait_behind_questions_whichever_way_they_come() -> None:
    accept = {"accept": "application/json, text/event-stream"}
    with full() as (address, _):
        found = request("POST", address + "api/search", json={"query": QUESTION})
        assert found.status_code == 200 and "hits" in found.json()
        assert request("GET", address + "api/documents").status_code == 200
        message = tool_call("search", query=QUESTION)
        assert "hits" in request("POST", address + "mcp", json=message, headers=accept).text
        client = Client(address, verbose=False, analytics_enabled=False)
        assert "hits" in client.predict(QUESTION, api_name="/search")


def tool_call(name: str, **arguments: str) -> dict[str, Any]:
    """A message of MCP."""
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}


def test_a_full_line_makes_room_for_one_who_has_asked_less() -> None:
    with full(refused=1) as (address, engine), ThreadPoolExecutor(1) as other:
        answer = other.submit(asked, address, **{"x-forwarded-for": "203.0.113.7"})
        time.sleep(1)
        engine.may_answer.set()
        assert answer.result() == 200


def test_one_address_may_not_have_all_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "REQUESTS_EACH", 0)
    with serving(CurrentIndex(FakeEngine)) as address:  # type: ignore[arg-type]
        answered = request("GET", address + "api/documents")
        assert answered.status_code == 503 and answered.headers["retry-after"] == "5"
        assert request("GET", address + "healthz").status_code == 200


def test_every_way_in_knows_whose_question_it_is() -> None:
    from mcp.client.client import Client as McpClient

    engine = SlowEngine()
    engine.may_answer.set()

    async def by_mcp() -> None:
        async with McpClient(f"{address}mcp") as client:
            await client.call_tool("ask", {"question": QUESTION})

    with serving(CurrentIndex(lambda: engine), Access(mcp=True)) as address:  # type: ignore[arg-type,return-value]
        assert asked(address) == 200
        asyncio.run(by_mcp())
        Client(address, verbose=False, analytics_enabled=False).predict(QUESTION, api_name="/ask")
    assert [each.address for each in engine.asked_by] == ["127.0.0.1"] * 3
    assert current_principal() is NOBODY


# Connections ---------------------------------------------------------------------------------------------------------


def test_who_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "READ_SECONDS", 1.0)
    with serving(CurrentIndex(FakeEngine)) as address:  # type: ignore[arg-type]
        port = int(address.rsplit(":", 1)[1].strip("/"))
        with socket.socket() as lazy:
            lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            lazy.connect(("127.0.0.1", port))
            wanted = b"GET /config HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
            with pytest.raises(ConnectionError):  # not only made to wait
                for _ in range(2000):
                    lazy.settimeout(20)
                    lazy.sendall(wanted)
                    time.sleep(0.01)
        assert request("GET", address + "healthz").status_code == 200


def test_one_address_may_not_have_all_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "CONNECTIONS_EACH", 3)

    def still_open(port: int) -> int:
        held = [socket.create_connection(("127.0.0.1", port), timeout=1) for _ in range(6)]
        time.sleep(0.5)
        count = 0
        for each in held:
            try:
                count += each.recv(1) != b""
            except TimeoutError:
                count += 1
            except OSError:
                pass
            each.close()
        return count

    for access, count in ((Access(), 3), (Access(proxies=("127.0.0.0/8",)), 6)):
        with serving(CurrentIndex(FakeEngine), access) as address:  # type: ignore[arg-type]
            assert still_open(int(address.rsplit(":", 1)[1].strip("/"))) == count


def test_probes_are_answered_when_all_connections_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "CONNECTIONS", 1)
    with serving(CurrentIndex(FakeEngine)) as address:  # type: ignore[arg-type]
        assert request("GET", address + "config").status_code == 503
        assert request("GET", address + "healthz").status_code == 200


def test_what_limits_a_connection_is_set_on_purpose() -> None:
    config = server.server_config(server.FastAPI(), Access(), 0)
    assert config.limit_concurrency == limits.CONNECTIONS > limits.CONNECTIONS_EACH
    assert config.timeout_keep_alive == limits.KEPT_ALIVE_SECONDS
    assert config.h11_max_incomplete_event_size == limits.HEAD_BYTES
