"""How the server ends: soon, by Ctrl+C or SIGTERM, and with nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from .conftest import request

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])


@contextmanager
def served(index: Path, temporary: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command, serving an index, and its address; its temporary files lie in a folder of their own."""
    temporary.mkdir()
    command = [sys.executable, "-m", "rag", "serve", "--index", str(index), "--port", "0"]
    environment = os.environ | {"TMPDIR": str(temporary)}
    environment.pop("GRADIO_TEMP_DIR", None)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout
        try:
            yield process, process.stdout.readline().removeprefix("Shiori: ").strip()
        finally:
            process.kill()


def seconds_to_end(process: subprocess.Popen[str], number: signal.Signals) -> float:
    started = time.monotonic()
    process.send_signal(number)
    process.wait(60)
    return time.monotonic() - started


@SIGNALS
def test_a_signal_ends_it_while_models_are_loaded_and_an_upload_is_there(
    seed_index: Path, tmp_path: Path, number: signal.Signals
) -> None:
    temporary = tmp_path / "temporary"
    with served(seed_index, temporary) as (process, address):
        uploaded = request("POST", f"{address}/gradio_api/upload", files={"files": ("a.txt", b"x")})
        assert Path(uploaded.json()[0]).is_relative_to(temporary)
        assert seconds_to_end(process, number) < 3
        assert process.returncode == 0 and process.stderr and process.stderr.read() == ""
    assert list(temporary.iterdir()) == []


@SIGNALS
def test_a_signal_ends_it_while_questions_are_answered_and_pages_are_open(
    seed_index: Path, tmp_path: Path, number: signal.Signals
) -> None:
    def ask() -> None:
        with suppress(httpx.HTTPError):
            httpx.post(f"{address}/api/ask", json={"question": "主権AIとは何ですか？"}, timeout=60)

    temporary = tmp_path / "temporary"
    with served(seed_index, temporary) as (process, address), httpx.Client(timeout=60) as page:
        with page.stream("GET", f"{address}/gradio_api/heartbeat/page"):
            asking = [threading.Thread(target=ask) for _ in range(8)]
            for each in asking:
                each.start()
            time.sleep(0.5)
            assert seconds_to_end(process, number) < 3
        for each in asking:
            each.join()
        assert process.returncode == 0
    assert list(temporary.iterdir()) == []
