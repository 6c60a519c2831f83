"""Watching a server: metrics, log records with the id of their request, and the description of the API, which holds."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from prometheus_client.parser import text_string_to_metric_families
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from rag import logs
from rag.web.app import Access, create_server
from rag.web.ask.asking import Question as Asked
from rag.web.ask.asking import answering
from rag.web.current import CurrentIndex
from rag.web.gate.accounts import Account, Accounts, Password
from rag.web.html.filters import NO_FILTERS
from rag.web.principal import ROLES
from rag.web.texts import texts_for
from rag.web.turns import Turns

from .conftest import serving
from .doubles import FakeEngine

QUESTION = "煎茶の湯は何度ですか？"
CHECKS = [
    *(not_a_server_error, status_code_conformance, content_type_conformance),
    *(response_headers_conformance, response_schema_conformance),
]


def server(accounts: Accounts | None = None) -> FastAPI:
    current = CurrentIndex(FakeEngine)  # type: ignore[arg-type]
    current.warm_up()
    return create_server(current, Access(accounts=accounts))


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(server(), base_url="http://127.0.0.1") as client:
        yield client


def values(client: TestClient) -> dict[tuple[str, ...], float]:
    """Each sample's value by its name and the values of its labels."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {(each.name, *sorted(each.labels.values())): each.value for family in families for each in family.samples}


def test_metrics_count_requests_questions_and_their_times(client: TestClient) -> None:
    before = values(client)
    assert client.post("/api/ask", json={"question": QUESTION}).status_code == 200
    assert client.post("/api/ask", json={"question": ""}).status_code == 422
    assert client.post("/api/search", json={"query": QUESTION}).status_code == 200
    after = values(client)

    def more(*name: str) -> float:
        return after[name] - before.get(name, 0)

    assert more("shiori_requests_total", "200", "http") == 2 and more("shiori_requests_total", "422", "http") == 1
    assert more("shiori_request_seconds_count", "http") == 3
    for kind, count in (("reading", 2), ("finding", 1)):
        assert more("shiori_question_seconds_count", kind, "waiting") == count
        assert more("shiori_question_seconds_count", kind, "working") == count
    assert after["shiori_ready",] == 1 and after["shiori_index_documents",] == 2
    assert after["shiori_questions_in_line",] == 0 and after["process_resident_memory_bytes",] > 10**7
    assert QUESTION not in client.get("/metrics").text


def test_answers_and_refusals_are_counted_by_whatever_way_the_question_came(client: TestClient) -> None:
    unanswerable = "zzz"
    before = values(client)
    lines = {"accept": "application/x-ndjson"}
    for question in (QUESTION, unanswerable):
        assert client.post("/api/ask", json={"question": question}).status_code == 200
        assert client.post("/api/ask", json={"question": question}, headers=lines).status_code == 200
    assert client.post("/api/ask", json={"question": ""}).status_code == 422
    assert client.post("/api/search", json={"query": QUESTION}).status_code == 200
    after = values(client)
    outcomes = {key[1]: int(after[key] - before[key]) for key in after if key[0] == "shiori_answers_total"}
    assert outcomes == {"answered": 2, "no-hits": 0, "low-confidence": 2, "missing": 0, "unclear": 0}


def test_the_page_counts_what_becomes_of_its_questions() -> None:
    turns, counted = Turns(), []
    turns.count = counted.append
    current = CurrentIndex(FakeEngine)  # type: ignore[arg-type]
    for text in (QUESTION, "zzz"):
        question = Asked(text, [], False, NO_FILTERS, threading.Event(), texts_for("ja"))

        async def shown(question: Asked = question) -> int:
            return len([each async for each in answering(current, question, turns)])

        assert asyncio.run(shown())
    assert counted == ["answered", "low-confidence"]


def test_only_administrators_see_metrics_and_who_may_ask_sees_what_can_be_asked() -> None:
    accounts = Accounts("\n".join(Account(role, role, Password.of(role * 2)).line for role in ROLES), "test")
    with TestClient(server(accounts), base_url="http://127.0.0.1") as client:

        def status(path: str, role: str) -> int:
            word = base64.b64encode(f"{role}:{role * 2}".encode()).decode()
            return client.get(path, headers={"authorization": f"Basic {word}"}).status_code

        assert [status("/metrics", role) for role in ROLES] == [403, 403, 200]
        assert [status("/docs", role) for role in ROLES] == [200, 200, 200]
        assert client.get("/metrics").status_code == client.get("/openapi.json").status_code == 401
        word = base64.b64encode(b"reader:readerreader").decode()
        schema = client.get("/openapi.json", headers={"authorization": f"Basic {word}"}).json()
        assert schema["security"] == [{"basic": []}]


# The log -------------------------------------------------------------------------------------------------------------


def test_each_request_is_logged_with_its_id_and_without_what_was_asked(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    formatter = logs.json_formatter({"message": "message"})
    caplog.handler.addFilter(logs._with_request_id)
    with caplog.at_level(logging.INFO, "rag.web.gate.requests"):
        answered = client.get(f"/?q={QUESTION}", headers={"x-request-id": "trace-1"})
        other = client.get("/healthz", headers={"x-request-id": "two words\x1b"})
    first, second = (json.loads(formatter.format(record)) for record in caplog.records)
    assert answered.headers["x-request-id"] == first["request_id"] == "trace-1"
    assert other.headers["x-request-id"] == second["request_id"] and len(second["request_id"]) == 16
    assert (first["method"], first["path"], first["status"]) == ("GET", "/", 200) and first["milliseconds"] >= 0
    assert QUESTION not in caplog.text and "%" not in first["message"]


def test_what_is_said_of_connections_stands_in_the_same_log(caplog: pytest.LogCaptureFixture) -> None:
    """uvicorn would print lines of its own, which are no JSON."""
    with ExitStack() as stack:
        address = stack.enter_context(serving(CurrentIndex(FakeEngine)))  # type: ignore[arg-type]
        port = int(address.rsplit(":", 1)[1].strip("/"))
        connection = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        connection.sendall(b"no request\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400")
    assert [each.name for each in caplog.records if "Invalid HTTP request" in each.message] == ["uvicorn.error"]


# The description -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "word"), [("ja", "引数"), ("en", "Arguments")])
def test_the_description_is_a_page_without_anything_from_elsewhere(
    client: TestClient, language: str, word: str
) -> None:
    page = client.get("/docs", headers={"accept-language": language})
    assert page.status_code == 200 and word in page.text and "POST /api/ask" in page.text
    assert "http://" not in page.text.replace("http://www.w3.org", "") and "<script" not in page.text


def test_what_is_described_is_what_there_is(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()
    assert {path: sorted(each) for path, each in schema["paths"].items()} == {
        "/api/ask": ["post"],
        "/api/search": ["post"],
        "/api/documents": ["get", "post"],
        "/api/libraries": ["get", "post"],
        "/api/mark": ["post"],
    }
    asked: dict[str, Any] = schema["paths"]["/api/ask"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert asked["required"] == ["question"] and all(each["description"] for each in asked["properties"].values())


HOST = {"host": "127.0.0.1"}
api = schemathesis.openapi.from_asgi("/openapi.json", server(), headers=HOST)


@api.parametrize()
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_request_is_answered_as_described(case: schemathesis.Case) -> None:
    case.call_and_validate(checks=CHECKS, headers=HOST)
