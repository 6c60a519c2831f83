"""A conversation with an OpenAI-compatible server, streamed, that can be stopped at any moment.

The request runs in an event loop of its own thread, so that stopping it closes the connection at once, whatever it
waits for. Proxies and certificates named by the environment are not used, redirects are not followed, and headers that
describe this machine are left out: nothing is sent but the messages, to nobody but the configured address.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from rag.answer.prose import FailureCode
from rag.extras import is_installed
from rag.prose.server import ChatServer

if TYPE_CHECKING:
    import openai

log = logging.getLogger(__name__)

_POLL = 0.05
_LONGEST_DETAIL = 300
_CHARS_PER_TOKEN = 16
_TOO_LONG = ("context length", "context_length", "context size", "exceed_context", "maximum context", "too many tokens")


@dataclass(frozen=True, slots=True)
class Message:
    """One message: who speaks, and the words."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of the reply as it comes; the last one says why the reply ended (``stop``, ``length``, …)."""

    text: str
    finish: str | None = None


class ChatError(Exception):
    """The server did not do its part.

    Attributes:
        code: what went wrong; ``rag.prose.words`` has a sentence for each.
        detail: the server's own words, if it said any; without the key.
    """

    def __init__(self, code: FailureCode, detail: str = "") -> None:
        self.code: FailureCode = code
        self.detail = detail
        super().__init__(f"{code}: {detail}" if detail else code)


def stream_chat(
    server: ChatServer, messages: Sequence[Message], cancelled: threading.Event | None = None
) -> Iterator[Chunk]:
    """The reply, piece by piece as it arrives, the last with its reason to end.

    Closing the iterator, or setting ``cancelled``, closes the connection.

    Raises:
        ChatError: if there is no reply, or it breaks off.
    """
    if not is_installed("llm"):
        raise ChatError("not-installed")
    arrived: queue.Queue[Chunk | ChatError] = queue.Queue()
    request = _Request(server, messages, arrived)
    try:
        while True:
            if cancelled is not None and cancelled.is_set():
                raise ChatError("cancelled")
            try:
                item = arrived.get(timeout=_POLL)
            except queue.Empty:
                continue
            if isinstance(item, ChatError):
                raise item
            yield item
            if item.finish is not None:
                return
    finally:
        request.stop()


def complete_chat(server: ChatServer, messages: Sequence[Message], cancelled: threading.Event | None = None) -> str:
    """The whole reply.

    Raises:
        ChatError: if there is no reply, or it breaks off.
    """
    return "".join(chunk.text for chunk in stream_chat(server, messages, cancelled))


class _Request:
    """One request in a thread of its own; what comes is put into a queue, the end or an error last."""

    def __init__(
        self, server: ChatServer, messages: Sequence[Message], arrived: queue.Queue[Chunk | ChatError]
    ) -> None:
        self._server = server
        self._messages: Any = [{"role": m.role, "content": m.content} for m in messages]
        self._arrived = arrived
        self._last_status = 0
        self._begun = False
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(self._run())
        threading.Thread(target=self._work, name="llm", daemon=True).start()

    def stop(self) -> None:
        """End the request if it still runs; its connection is closed."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._task.cancel)

    def _work(self) -> None:
        try:
            with suppress(asyncio.CancelledError):
                self._loop.run_until_complete(self._task)
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            self._loop.close()

    async def _run(self) -> None:
        import openai

        try:
            # A client that outlives its stream would keep the connection of a request that was stopped.
            async with self._client() as client:
                async for chunk in self._chunks(client):
                    self._arrived.put(chunk)
        except ChatError as error:
            self._arrived.put(error)
        except TimeoutError:
            self._arrived.put(ChatError("rate-limited" if self._last_status == 429 else "silent"))
        except openai.OpenAIError as error:
            self._arrived.put(self._failure(error))
        except Exception as error:
            # A server may send anything at all; what cannot be read is its failure, not the program's.
            log.debug("The LLM's reply could not be read.", exc_info=True)
            self._arrived.put(ChatError("malformed", type(error).__name__))

    def _client(self) -> openai.AsyncOpenAI:
        import openai

        async def without_machine(request: Any) -> None:
            for name in [n for n in request.headers if n.lower().startswith(("x-stainless", "openai-"))]:
                del request.headers[name]
            request.headers["user-agent"] = "shiori-rag"

        async def remember_status(response: Any) -> None:
            self._last_status = response.status_code

        http = openai.DefaultAsyncHttpxClient(
            trust_env=False,
            follow_redirects=False,
            event_hooks={"request": [without_machine], "response": [remember_status]},
        )
        key = self._server.key
        return openai.AsyncOpenAI(
            base_url=self._server.url,
            # The library would look for OPENAI_API_KEY if it were given none.
            api_key=key.get_secret_value() if key else "none",
            timeout=self._server.timeout,
            max_retries=self._server.retries,
            http_client=http,
        )

    async def _chunks(self, client: openai.AsyncOpenAI) -> AsyncIterator[Chunk]:
        thinking = _Thinking()
        longest = self._server.max_tokens * _CHARS_PER_TOKEN
        async with asyncio.timeout(self._server.timeout):
            stream = await self._begin(client)
        async with stream:
            pieces = aiter(stream)
            while True:
                async with asyncio.timeout(self._server.timeout):
                    piece = await anext(pieces, None)
                if piece is None:
                    raise ChatError("cut" if self._begun else "empty")
                text, finish = _content(piece)
                text = thinking.visible(text) + (thinking.rest() if finish else "")
                self._begun = self._begun or bool(text.strip())
                longest -= len(text)
                if finish and not self._begun:
                    raise ChatError("empty")
                if text or finish:
                    yield Chunk(text, finish or ("length" if longest < 0 else None))
                if finish or longest < 0:
                    return

    async def _begin(self, client: openai.AsyncOpenAI) -> Any:
        """The stream; options that some models refuse are dropped if this one does."""
        import openai

        options: dict[str, Any] = {"max_tokens": self._server.max_tokens, "temperature": self._server.temperature}
        for _ in range(3):
            try:
                return await client.chat.completions.create(
                    model=self._server.model or "default",
                    messages=self._messages,
                    stream=True,
                    **options,
                )
            except openai.BadRequestError as error:
                words = str(error)
                if "max_completion_tokens" in words and "max_tokens" in options:
                    options["max_completion_tokens"] = options.pop("max_tokens")
                elif "temperature" in words and "temperature" in options:
                    del options["temperature"]
                else:
                    raise
        raise ChatError("failed")

    def _failure(self, error: openai.OpenAIError) -> ChatError:
        import openai

        detail = self._detail(error)
        if isinstance(error, openai.APITimeoutError):
            return ChatError("silent")
        if isinstance(error, openai.APIConnectionError):
            return ChatError("cut" if self._begun else "unreachable")
        if _is_too_long(error):
            return ChatError("too-long", detail)
        if isinstance(error, openai.APIStatusError):
            return ChatError(_code_of_status(error.status_code), detail)
        return ChatError("cut" if self._begun else "failed", detail)

    def _detail(self, error: openai.OpenAIError) -> str:
        detail = " ".join(str(getattr(error, "message", error)).split())[:_LONGEST_DETAIL]
        key = self._server.key
        return detail.replace(key.get_secret_value(), "…") if key else detail


def _code_of_status(status: int) -> FailureCode:
    if status in (401, 403):
        return "key-refused"
    if status == 404:
        return "model-unknown"
    if status == 429:
        return "rate-limited"
    return "redirected" if 300 <= status < 400 else "failed"


def _is_too_long(error: Any) -> bool:
    words = f"{getattr(error, 'code', '')} {getattr(error, 'type', '')} {error}".casefold()
    return any(sign in words for sign in _TOO_LONG)


def _content(piece: Any) -> tuple[str, str | None]:
    """The words of one event, and why the reply ends if it does."""
    choices = getattr(piece, "choices", None)
    if not choices:
        return "", None  # usage statistics and the like
    delta = getattr(choices[0], "delta", None)
    text = getattr(delta, "content", None) or ""
    finish = getattr(choices[0], "finish_reason", None)
    if not isinstance(text, str) or not isinstance(finish, str | None):
        raise ChatError("malformed")
    return text, finish


class _Thinking:
    """Leaves out ``<think>…</think>``, in which some models reason before they answer."""

    _OPEN, _CLOSE = "<think>", "</think>"

    def __init__(self) -> None:
        self._held = ""
        self._inside = False
        self._answered = False

    def visible(self, text: str) -> str:
        """What of the next piece is part of the answer; the beginning of a tag is held back until it is complete."""
        if self._answered:
            return text
        self._held += text
        if self._inside:
            before, closed, after = self._held.partition(self._CLOSE)
            self._held = after if closed else before[-len(self._CLOSE) :]
            self._inside = not closed
            return "" if self._inside else self.visible("")
        begun = self._held.lstrip()
        if begun.startswith(self._OPEN):
            self._held, self._inside = begun[len(self._OPEN) :], True
            return self.visible("")
        if self._OPEN.startswith(begun):
            return ""
        self._answered = True
        return self.rest()

    def rest(self) -> str:
        """What is still held back when the reply ends."""
        held, self._held = self._held, ""
        return "" if self._inside else held
