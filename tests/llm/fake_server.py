"""A server that speaks the OpenAI chat API and says what a script tells it, over real HTTP."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Reply:
    """What to answer one request with.

    Attributes:
        pieces: the words, streamed one after the other.
        status: an HTTP status; anything but 200 is sent with ``body`` instead of a stream.
        body: of an error.
        headers: sent beside the usual ones.
        pause: seconds before each piece.
        finish: the reason given at the end; ``None`` breaks off without one.
        raw: sent instead of all that, as the body of a 200.
        hold: if set, waited for before the first piece.
    """

    pieces: Sequence[str] = ()
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    pause: float = 0.0
    finish: str | None = "stop"
    raw: bytes | None = None
    hold: threading.Event | None = None


@dataclass
class Request:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class FakeServer:
    """Answers requests by a script, in order; its last reply is repeated.

    Attributes:
        requests: all that came.
        sent_at: when the first piece of each stream was sent, by ``time.monotonic``.
        hung_up: set when a client closed the connection in the middle of a stream.
    """

    def __init__(self, replies: Iterable[Reply | str]) -> None:
        self.replies = [Reply(_pieces(reply)) if isinstance(reply, str) else reply for reply in replies]
        self.requests: list[Request] = []
        self.sent_at: list[float] = []
        self.hung_up = threading.Event()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                number = len(fake.requests)
                fake.requests.append(Request(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                try:
                    fake._answer(self, fake.replies[min(number, len(fake.replies) - 1)])
                except (BrokenPipeError, ConnectionResetError):
                    fake.hung_up.set()
                    self.close_connection = True

            def do_GET(self) -> None:
                fake.requests.append(Request(self.path, {k.lower(): v for k, v in self.headers.items()}, {}))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Requests are kept, not printed."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        """The address to configure."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        if reply.status != 200 or reply.raw is not None:
            body = reply.raw if reply.raw is not None else json.dumps(reply.body or {}).encode()
            handler.send_response(reply.status)
            for name, value in {"content-type": "application/json", **reply.headers}.items():
                handler.send_header(name, value)
            handler.send_header("content-length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)
            return
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("transfer-encoding", "chunked")
        handler.end_headers()
        self._stream(handler, reply)

    def _stream(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        _send(handler, _event(delta={"role": "assistant"}))
        if reply.hold is not None:
            reply.hold.wait(30)
        for number, piece in enumerate(reply.pieces):
            time.sleep(reply.pause)
            if number == 0:
                self.sent_at.append(time.monotonic())
            _send(handler, _event(delta={"content": piece}))
        if reply.finish is None:
            handler.close_connection = True
            handler.wfile.flush()
            handler.connection.shutdown(2)
            return
        _send(handler, _event(delta={}, finish=reply.finish))
        _send(handler, b"data: [DONE]\n\n")
        handler.wfile.write(b"0\r\n\r\n")


def _pieces(text: str) -> list[str]:
    return [text[i : i + 4] for i in range(0, len(text), 4)]


def _event(delta: dict[str, Any], finish: str | None = None) -> bytes:
    chunk = {
        "id": "1",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "scripted",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    return f"data: {json.dumps(chunk)}\n\n".encode()


def _send(handler: BaseHTTPRequestHandler, data: bytes) -> None:
    handler.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
    handler.wfile.flush()


@contextmanager
def scripted(*replies: Reply | str) -> Iterator[FakeServer]:
    """A server with this script, closed at the end."""
    server = FakeServer(replies)
    try:
        yield server
    finally:
        server.close()
