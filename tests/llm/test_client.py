"""The client of an OpenAI-compatible server: what it sends, to whom, and what it makes of every failure."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from pydantic import SecretStr

from rag.errors import SettingsError
from rag.prose.client import ChatError, Message, complete_chat, stream_chat
from rag.prose.server import ChatServer

from .fake_server import FakeServer, Reply, scripted

ASK = [Message("user", "主権AIとは何ですか？")]


def server_at(fake: FakeServer, **options: object) -> ChatServer:
    return ChatServer(fake.url, **{"model": "scripted", "timeout": 5.0, "retries": 0, **options})  # type: ignore[arg-type]


def failure(*replies: Reply | str, **options: object) -> ChatError:
    """The error that a script leads to."""
    with scripted(*replies) as fake, pytest.raises(ChatError) as raised:
        complete_chat(server_at(fake, **options), ASK)
    return raised.value


def test_a_reply_arrives_piece_by_piece_and_says_why_it_ended() -> None:
    with scripted(Reply(["主権", "AIとは", "。"])) as fake:
        chunks = list(stream_chat(server_at(fake), ASK))
    assert "".join(chunk.text for chunk in chunks) == "主権AIとは。"
    assert len([chunk for chunk in chunks if chunk.text]) == 3
    assert chunks[-1].finish == "stop"


def test_a_request_holds_the_messages_and_nothing_about_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-program")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-secret")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-secret")
    with scripted("はい。") as fake:
        complete_chat(server_at(fake, key=SecretStr("sk-mine"), max_tokens=33), ASK)
        (request,) = fake.requests
    assert request.path == "/v1/chat/completions"
    assert request.body == {
        "model": "scripted",
        "messages": [{"role": "user", "content": ASK[0].content}],
        "stream": True,
        "max_tokens": 33,
        "temperature": 0.0,
    }
    assert request.headers["authorization"] == "Bearer sk-mine"
    assert request.headers["user-agent"] == "shiori-rag"
    assert not [name for name in request.headers if name.startswith(("x-", "openai-"))]


def test_without_a_key_none_of_the_environment_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-program")
    with scripted("はい。") as fake:
        complete_chat(server_at(fake), ASK)
    assert "another" not in str(fake.requests[0].headers)


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted("はい。") as fake, scripted("盗み聞き") as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert complete_chat(server_at(fake), ASK) == "はい。"
    assert proxy.requests == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with scripted("ここではない。") as other:
        error = failure(Reply(status=status, headers={"location": f"{other.url}/chat/completions"}))
    assert error.code == "redirected"
    assert other.requests == []


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "key-refused"), (403, "key-refused"), (404, "model-unknown"), (429, "rate-limited"), (500, "failed")],
)
def test_a_status_becomes_a_plain_code_with_the_servers_words(status: int, code: str) -> None:
    error = failure(Reply(status=status, body={"error": {"message": "so it is"}}))
    assert error.code == code
    assert "so it is" in error.detail


def test_the_key_is_in_no_message(caplog: pytest.LogCaptureFixture) -> None:
    server = ChatServer("http://localhost:1/v1", key=SecretStr("sk-very-secret"))
    assert "sk-very-secret" not in repr(server)
    caplog.set_level("DEBUG")
    error = failure(
        Reply(status=401, body={"error": {"message": "bad key sk-very-secret"}}), key=SecretStr("sk-very-secret")
    )
    assert error.detail
    assert "sk-very-secret" not in f"{error} {error.detail} {caplog.text}"


def test_a_rate_limit_that_passes_is_waited_for() -> None:
    with scripted(Reply(status=429, headers={"retry-after": "0.2"}), "はい。") as fake:
        began = time.monotonic()
        assert complete_chat(server_at(fake, retries=2), ASK) == "はい。"
        assert time.monotonic() - began >= 0.2
    assert len(fake.requests) == 2


def test_a_rate_limit_is_not_waited_for_longer_than_the_longest_silence() -> None:
    began = time.monotonic()
    error = failure(Reply(status=429, headers={"retry-after": "100"}), retries=2, timeout=0.5)
    assert error.code == "rate-limited"
    assert time.monotonic() - began < 5


def test_a_server_that_is_down_is_unreachable() -> None:
    with scripted("…") as fake:
        server = server_at(fake)
    with pytest.raises(ChatError) as raised:
        complete_chat(server, ASK)
    assert raised.value.code == "unreachable"


def test_silence_ends_after_the_time_allowed_before_and_within_a_reply() -> None:
    never = threading.Event()
    assert failure(Reply(["a"], hold=never), timeout=0.4).code == "silent"
    assert failure(Reply(["a", "b"], pause=1.0), timeout=0.6).code == "silent"
    never.set()


def test_a_stream_that_is_cut_keeps_what_came() -> None:
    with scripted(Reply(["途中", "まで"], finish=None)) as fake:
        came = []
        with pytest.raises(ChatError) as raised:
            for chunk in stream_chat(server_at(fake), ASK):
                came.append(chunk.text)  # noqa: PERF401
    assert raised.value.code == "cut"
    assert "".join(came) == "途中まで"


@pytest.mark.parametrize(
    ("raw", "codes"),
    [
        (b"", {"empty"}),
        (b"<html>hello</html>", {"empty", "malformed"}),
        (b"data: {not json\n\n", {"malformed"}),
        (b"data: [1, 2]\n\n", {"malformed", "empty"}),
        (b'data: {"choices": "x"}\n\n', {"malformed", "empty"}),
        (b'data: {"choices": [{"delta": {"content": 7}}]}\n\n', {"malformed", "empty"}),
        (b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n', {"empty"}),
        (b'data: {"error": {"message": "out of memory"}}\n\n', {"failed"}),
        (b"data: \xff\xfe\n\n", {"malformed"}),
    ],
)
def test_a_reply_that_is_no_reply_is_told_apart_from_one(raw: bytes, codes: set[str]) -> None:
    assert failure(Reply(raw=raw, headers={"content-type": "text/event-stream"})).code in codes


def test_a_context_that_is_too_long_is_told_apart_from_other_bad_requests() -> None:
    body = {"error": {"message": "the request exceeds the available context size", "type": "exceed_context_size_error"}}
    assert failure(Reply(status=400, body=body)).code == "too-long"
    assert failure(Reply(status=400, body={"error": {"message": "no"}})).code == "failed"


def test_options_that_a_model_refuses_are_left_out() -> None:
    refusals = [
        Reply(status=400, body={"error": {"message": "'max_tokens' is not supported; use 'max_completion_tokens'"}}),
        Reply(status=400, body={"error": {"message": "'temperature' does not support 0"}}),
    ]
    with scripted(*refusals, "はい。") as fake:
        assert complete_chat(server_at(fake, max_tokens=50), ASK) == "はい。"
    assert fake.requests[-1].body["max_completion_tokens"] == 50
    assert not {"max_tokens", "temperature"} & set(fake.requests[-1].body)


def test_cancelling_closes_the_connection_at_once() -> None:
    cancelled = threading.Event()
    with scripted(Reply(["あ"] * 1000, pause=0.02)) as fake:
        with pytest.raises(ChatError) as raised:
            for chunk in stream_chat(server_at(fake), ASK, cancelled):
                if chunk.text:
                    cancelled.set()
        assert raised.value.code == "cancelled"
        assert fake.hung_up.wait(5)


def test_cancelling_works_while_the_server_is_silent() -> None:
    cancelled, never = threading.Event(), threading.Event()
    with scripted(Reply(["あ"], hold=never)) as fake:
        threading.Timer(0.2, cancelled.set).start()
        began = time.monotonic()
        with pytest.raises(ChatError) as raised:
            complete_chat(server_at(fake, timeout=30.0), ASK, cancelled)
        assert raised.value.code == "cancelled"
        assert time.monotonic() - began < 3
        never.set()


def test_dropping_the_stream_closes_the_connection() -> None:
    with scripted(Reply(["あ"] * 1000, pause=0.02)) as fake:
        stream = stream_chat(server_at(fake), ASK)
        next(stream)
        stream.close()  # type: ignore[attr-defined]
        assert fake.hung_up.wait(5)


def test_what_a_model_thinks_aloud_is_not_its_answer() -> None:
    for pieces in (
        ["<think>むむ", "</think>", "答え。"],
        ["<th", "ink>a</th", "ink>答", "え。"],
        ["\n<think>\n\n</think>\n答え。"],
    ):
        with scripted(Reply(pieces)) as fake:
            assert complete_chat(server_at(fake), ASK).strip() == "答え。"
    with scripted(Reply(["<", "b> は記号です。"])) as fake:
        assert complete_chat(server_at(fake), ASK) == "<b> は記号です。"


def test_an_endless_reply_is_ended() -> None:
    with scripted(Reply(["あ" * 50] * 1000)) as fake:
        chunks = list(stream_chat(server_at(fake, max_tokens=10), ASK))
    assert chunks[-1].finish == "length"
    assert sum(len(chunk.text) for chunk in chunks) < 1000


@pytest.mark.parametrize("url", ["localhost:8080", "ftp://a/v1", "http://", "http://user:secret@host/v1"])
def test_an_address_that_cannot_be_used_is_refused(url: str) -> None:
    with pytest.raises(SettingsError) as raised:
        ChatServer(url)
    assert "secret" not in str(raised.value)


def test_a_key_file_holds_one_key_and_nothing_else(tmp_path: Path) -> None:
    from rag.settings import Settings

    file = tmp_path / "key"
    file.write_text("sk-in-file\n")
    found = ChatServer.from_settings(Settings(llm_url="http://localhost:1/v1/", llm_key_file=file))
    assert found is not None and found.key is not None
    assert found.key.get_secret_value() == "sk-in-file"
    assert found.url == "http://localhost:1/v1"
    for content in ("", "two words", "キー"):
        file.write_text(content)
        with pytest.raises(SettingsError, match="key"):
            ChatServer.from_settings(Settings(llm_url="http://localhost:1/v1", llm_key_file=file))
    with pytest.raises(SettingsError, match="cannot be read"):
        ChatServer.from_settings(Settings(llm_url="http://localhost:1/v1", llm_key_file=tmp_path / "none"))
    assert ChatServer.from_settings(Settings()) is None
