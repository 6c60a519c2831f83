"""Turns of questions, whichever way they come in (page, HTTP, MCP, Gradio's API): first come, first served."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import anyio.to_thread

from rag.errors import BusyError
from rag.web.limits import AT_ONCE, WAITING

T = TypeVar("T")

QUESTIONS: Mapping[str, Any] = {"concurrency_id": "questions", "concurrency_limit": 36}
"""Options of Gradio's events that take turns: they share its places (40 for all events), so that others have some."""
_LOOK_SECONDS = 0.5


@dataclass(eq=False)
class Turn:
    """Where one question stands. ``woken`` is set whenever somebody before it leaves."""

    woken: asyncio.Event = field(default_factory=asyncio.Event)
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)


class Turns:
    """Lets ``at_once`` questions be worked on, and ``waiting`` more stand in line. Event loops may share one."""

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._at_once = at_once
        self._room = at_once + waiting
        self._line: list[Turn] = []
        self._changed = threading.Lock()

    @contextmanager
    def join(self) -> Iterator[Turn]:
        """A place at the end of the line, given up when the block ends.

        Raises:
            BusyError: if the line is full.
        """
        turn = Turn()
        with self._changed:
            if len(self._line) >= self._room:
                raise BusyError("Too many questions are waiting.", hint="Try again in a moment.")
            self._line.append(turn)
        try:
            yield turn
        finally:
            with self._changed:
                self._line.remove(turn)
                for other in self._line:
                    with suppress(RuntimeError):  # its event loop has ended
                        other.loop.call_soon_threadsafe(other.woken.set)

    @property
    def is_idle(self) -> bool:
        """Whether nobody asks anything now."""
        return not self._line

    def before(self, turn: Turn) -> int:
        """How many must finish before it is this one's turn."""
        with self._changed:
            return max(0, self._line.index(turn) + 1 - self._at_once)

    async def waiting(self, turn: Turn) -> AsyncIterator[int]:
        """How many come before, whenever that changes, and now and then besides; ends when the turn has come."""
        while before := self.before(turn):
            turn.woken.clear()
            yield before
            with suppress(TimeoutError):
                await asyncio.wait_for(turn.woken.wait(), _LOOK_SECONDS)

    async def run(self, call: Callable[[], T]) -> T:
        """What ``call`` returns, from a thread, once its turn has come.

        Raises:
            BusyError: if the line is full.
        """
        with self.join() as turn:
            async for _ in self.waiting(turn):
                pass
            return await anyio.to_thread.run_sync(call)
