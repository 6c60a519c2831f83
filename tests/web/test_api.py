"""What other programs can ask: through gradio_client, plain HTTP and MCP, with the same results and clear errors."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from rag.answer.result import Answer
from rag.errors import SettingsError, SnapshotError
from rag.search import SearchResult
from rag.web.app import Access, create_server
from rag.web.current import CurrentIndex

from .conftest import request, serving
from .doubles import TEA, FakeEngine

QUESTION = "煎茶の湯は何度ですか？"
DOCUMENTATION = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


class RecordingEngine(FakeEngine):
    """Answers as FakeEngine does, and keeps what it was asked with."""

    def ask(self, question: str, *, k: int | None = None, **options: Any) -> Answer:
        self.asked = {"k": k, **options}
        return FakeEngine.ask(self, question, k=k)

    def ask_in_steps(
        self, question: str, *, history: Sequence[str] = (), **options: Any
    ) -> Iterator[SearchResult | Answer]:
        self.history = list(history)
        return super().ask_in_steps(question, **options)

    def search(self, query: str, *, k: int | None = None, **options: Any) -> SearchResult:
        self.asked = {"k": k, **options}
        return FakeEngine.search(self, query, k=k)


@pytest.fixture(scope="module")
def engine() -> RecordingEngine:
    return RecordingEngine()


@pytest.fixture(scope="module")
def address(engine: RecordingEngine) -> Iterator[str]:
    with serving(CurrentIndex(lambda: engine), Access(mcp=True)) as address:  # type: ignore[arg-type,return-value]
        yield address


@pytest.fixture(scope="module")
def client(address: str) -> Client:
    return Client(address, verbose=False, analytics_enabled=False)


@pytest.fixture(scope="module")
def http(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=60) as http:
        yield http


def listed(engine: FakeEngine) -> dict[str, Any]:
    return {"documents": [document.to_dict() for document in engine.documents()]}


def test_gradio_clients_get_the_stable_json(client: Client, engine: RecordingEngine) -> None:
    assert client.predict(QUESTION, api_name="/ask") == engine.ask(QUESTION).to_dict()
    assert client.predict("煎茶", 2, api_name="/search") == engine.search("煎茶", k=2).to_dict()
    assert client.predict(api_name="/documents") == listed(engine)


def test_plain_http_gets_the_stable_json(http: httpx.Client, engine: RecordingEngine) -> None:
    assert http.post("api/ask", json={"question": QUESTION}).json() == engine.ask(QUESTION).to_dict()
    assert http.post("api/search", json={"query": "煎茶", "k": 2}).json() == engine.search("煎茶", k=2).to_dict()
    assert http.get("api/documents").json() == http.post("api/documents", json={}).json() == listed(engine)


def test_one_document_comes_with_its_text(client: Client, http: httpx.Client) -> None:
    (found,) = http.get("api/documents", params={"id": TEA.id}).json()["documents"]
    assert found["title"] == TEA.title and found["text"] == TEA.text
    assert client.predict(id=TEA.id, api_name="/documents") == {"documents": [found]}


def test_filters_and_mode_reach_the_engine(client: Client, http: httpx.Client, engine: RecordingEngine) -> None:
    chosen: dict[str, Any] = {"k": 3, "mode": "lexical", "sources": ["notes/"], "languages": ["ja"]}
    chosen |= {"since": "2024-05", "until": "2024-12-31"}
    client.predict(question=QUESTION, **chosen, api_name="/ask")
    assert engine.asked == chosen | {"llm": False}
    http.post("api/search", json={"query": QUESTION, **chosen})
    assert engine.asked == chosen


def test_only_the_documented_endpoints_are_public(client: Client) -> None:
    endpoints: dict[str, Any] = client.view_api(return_format="dict")  # type: ignore[assignment]
    assert set(endpoints["named_endpoints"]) == {"/ask", "/search", "/documents", "/libraries"}
    assert endpoints["unnamed_endpoints"] == {}


def test_parameters_and_results_are_described_with_their_types(client: Client) -> None:
    endpoints: dict[str, Any] = client.view_api(return_format="dict")["named_endpoints"]  # type: ignore[index]
    described = {each["parameter_name"]: each["type"] for each in endpoints["/ask"]["parameters"]}
    assert described["question"] == {"type": "string"}
    assert {"enum": ["hybrid", "dense", "lexical"]} in described["mode"]["oneOf"]
    result = endpoints["/ask"]["returns"][0]["type"]["properties"]
    assert result["citations"]["items"]["properties"]["quote"] == {"type": "string"}
    assert set(result) - {"prose", "computed", "understood"} == set(FakeEngine().ask(QUESTION).to_dict())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"question": " "}, "The question is empty"),
        ({"question": "長" * 2001}, "The question is too long"),
        ({"question": QUESTION, "k": 0}, "k: Input should be greater than or equal to 1"),
        ({"question": QUESTION, "k": 101}, "k: Input should be less than or equal to 100"),
        ({"question": QUESTION, "mode": "psychic"}, "mode: Input should be 'hybrid', 'dense' or 'lexical'"),
        ({"question": ["a"]}, "question: Input should be a valid string"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(
    client: Client, http: httpx.Client, arguments: dict[str, Any], words: str
) -> None:
    with pytest.raises(AppError, match=re.escape(words)):
        client.predict(**arguments, api_name="/ask")
    answered = http.post("api/ask", json=arguments)
    assert answered.status_code == 422
    assert words in answered.json()["error"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "api/ask", b"{}", 422),
        ("POST", "api/ask", b'{"question": "x", "colour": "red"}', 422),
        ("POST", "api/ask", b"[]", 422),
        ("POST", "api/ask", b"not json", 400),
        ("GET", "api/ask", b"", 404),
        ("GET", "api/documents?id=nothing", b"", 404),
        ("GET", "api/everything", b"", 404),
    ],
)
def test_statuses_tell_programs_what_went_wrong(
    http: httpx.Client, method: str, path: str, body: bytes, status: int
) -> None:
    answered = http.request(method, path, content=body, headers={"content-type": "application/json"})
    assert answered.status_code == status
    assert len(answered.json()["error"]) > 10


def test_without_an_index_the_api_says_so_with_status_503(serve: Any, tmp_path: Path) -> None:
    def open_engine() -> Any:
        raise SnapshotError("There is no index here yet.", path=tmp_path)

    answered = request("POST", serve(CurrentIndex(open_engine, tmp_path)) + "api/ask", json={"question": QUESTION})
    assert answered.status_code == 503
    assert "There is no index here yet" in answered.json()["error"]


def test_an_unexpected_error_tells_nothing_of_the_inside(serve: Any) -> None:
    class Broken(FakeEngine):
        def search(self, query: str, **options: Any) -> SearchResult:
            raise RuntimeError("secret path /home/me")

    answered = request("POST", serve(CurrentIndex(lambda: Broken())) + "api/search", json={"query": "x"})  # type: ignore[arg-type,return-value]
    assert answered.status_code == 500
    assert "secret" not in answered.text and "unexpected" in answered.json()["error"]


def test_calls_beyond_the_line_are_refused_and_the_others_answered(serve: Any) -> None:
    going_on = threading.Event()

    class Slow(FakeEngine):
        def search(self, query: str, **options: Any) -> SearchResult:
            going_on.wait(60)
            return FakeEngine.search(self, query)

    address = serve(CurrentIndex(lambda: Slow()))  # type: ignore[arg-type,return-value]

    async def crowd() -> list[int]:
        async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=200)) as http:
            calls = [asyncio.create_task(http.post(address + "api/search", json={"query": "茶"})) for _ in range(80)]
            done: set[Any] = set()
            while len(done) < 14:
                some, _ = await asyncio.wait(set(calls) - done, return_when=asyncio.FIRST_COMPLETED)
                done |= some
            going_on.set()
            return [answered.status_code for answered in await asyncio.gather(*calls)]

    statuses = asyncio.run(crowd())
    assert statuses.count(503) == 14 and statuses.count(200) == 66


def with_mcp(address: str, name: str, arguments: dict[str, Any]) -> Any:
    from mcp.client.client import Client as McpClient

    async def call() -> Any:
        async with McpClient(f"{address}mcp") as client:
            return await client.call_tool(name, arguments)

    return asyncio.run(call())


def test_language_models_get_the_same_tools(address: str) -> None:
    from mcp.client.client import Client as McpClient

    async def tools() -> Any:
        async with McpClient(f"{address}mcp") as client:
            return (await client.list_tools()).tools

    found = {tool.name: tool for tool in asyncio.run(tools())}
    assert set(found) == {"ask", "search", "documents", "libraries"}
    assert found["ask"].input_schema["required"] == ["question"]
    assert "quotes from the documents" in found["ask"].description


def test_tools_answer_with_the_stable_json(address: str, engine: RecordingEngine) -> None:
    assert with_mcp(address, "ask", {"question": QUESTION}).structured_content == engine.ask(QUESTION).to_dict()
    found = with_mcp(address, "search", {"query": "煎茶", "k": 2, "languages": ["ja"]})
    assert found.structured_content == engine.search("煎茶", k=2).to_dict()
    assert with_mcp(address, "documents", {}).structured_content == listed(engine)


def test_tools_refuse_in_words(address: str) -> None:
    refused = with_mcp(address, "ask", {"question": " "})
    assert refused.is_error and "The question is empty" in refused.content[0].text
    unknown = with_mcp(address, "documents", {"id": "nothing"})
    assert unknown.is_error and "no document 'nothing'" in unknown.content[0].text


def test_without_the_package_mcp_the_option_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp.server.mcpserver", None)
    with pytest.raises(SettingsError, match=re.escape('pip install "shiori-rag[mcp]"')):
        create_server(CurrentIndex(lambda: FakeEngine()), Access(mcp=True))  # type: ignore[arg-type,return-value]


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENTATION, re.DOTALL)


@pytest.mark.parametrize("script", examples("python"))
def test_the_documented_scripts_run(script: str, address: str) -> None:
    script = script.replace("http://127.0.0.1:7860/", address)
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)


@pytest.mark.parametrize("block", examples("console"))
def test_the_documented_commands_run(block: str, address: str) -> None:
    commands = [
        line.removeprefix("$ ") for line in block.replace("\\\n", " ").splitlines() if line.startswith("$ curl")
    ]
    for command in commands:
        words = shlex.split(command.replace("http://127.0.0.1:7860/", address))
        done = subprocess.run([*words, "--fail-with-body"], check=True, capture_output=True, timeout=60)
        assert done.stdout


LINES = {"accept": "application/x-ndjson"}


def test_who_asks_for_lines_gets_the_passages_before_the_answer(address: str) -> None:
    response = request("POST", f"{address}api/ask", json={"question": QUESTION, "k": 2}, headers=LINES)
    assert response.headers["content-type"].startswith("application/x-ndjson")
    found, answer = [json.loads(line) for line in response.text.splitlines()]
    assert [hit["rank"] for hit in found["found"]["hits"]] == [1, 2]
    assert answer["answer"]["question"] == QUESTION and answer["answer"]["citations"]


@pytest.mark.parametrize("body", [b'{"question": " "}', b"[]", b"", b'{"question": "?", "k": 0}'])
def test_a_mistake_is_told_with_its_status_to_who_asks_for_lines_too(address: str, body: bytes) -> None:
    kind = {"content-type": "application/json"}
    plain, lines = (
        request("POST", f"{address}api/ask", content=body, headers={**kind, **wanted}) for wanted in ({}, LINES)
    )
    assert lines.status_code == plain.status_code >= 400
    assert lines.json() == plain.json()


def test_questions_before_are_given_with_the_question(address: str, engine: RecordingEngine) -> None:
    asked = {"question": QUESTION, "history": ["玉露の湯は何度ですか？"]}
    assert request("POST", f"{address}api/ask", json=asked).status_code == 200
    assert engine.history == ["玉露の湯は何度ですか？"]


def test_pages_are_compressed_and_lines_are_not_held_back(address: str) -> None:
    page = request("GET", address)
    assert page.headers["content-encoding"] == "gzip" and page.num_bytes_downloaded < len(page.content) / 3
    plain = request("GET", address, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    lines = request("POST", f"{address}api/ask", json={"question": QUESTION}, headers=LINES)
    assert "content-encoding" not in lines.headers
