"""Turns of questions, whichever way they come in (page, HTTP, MCP, Gradio's API): fair to all in line."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final, Literal, TypeVar, get_args

import anyio.to_thread

from rag.answer.result import AbstentionReason, Answer
from rag.errors import BusyError
from rag.web.limits import AT_ONCE, WAITING
from rag.web.principal import Principal, current_principal

T = TypeVar("T")

Stage = Literal["waiting", "working"]
Outcome = Literal["answered", AbstentionReason]
"""What became of a question that was read: an answer, or the reason why there is none."""
Kind = Literal["reading", "finding"]
"""Of a question: it is answered by reading what is found, or only searched for, in a tenth of the time."""
PLACES: Final = len(get_args(Kind)) * (AT_ONCE + WAITING)
"""In the lines of all kinds together."""
QUESTIONS: Mapping[str, Any] = {"concurrency_id": "questions", "concurrency_limit": PLACES}
"""Options of Gradio's events that take turns: it lets as many of them in as the lines have places."""
_LOOK_SECONDS = 0.5


def kind_of(operation: str) -> Kind:
    """In which line a call of the operation of this name waits: only ``ask`` reads what is found."""
    return "reading" if operation == "ask" else "finding"


@dataclass(eq=False)
class Turn:
    """Where one question stands. ``woken`` is set whenever somebody before it leaves."""

    kind: Kind = "reading"
    principal: Principal = field(default_factory=current_principal)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    joined: float = field(default_factory=monotonic)
    came: float = 0.0
    round: int = 0
    has_come: bool = False
    is_dropped: bool = False

    @property
    def key(self) -> tuple[Kind, tuple[str, str]]:
        """The same for all turns that come one after the other: those of a kind of one principal."""
        return self.kind, self.principal.key


class Turns:
    """Lets ``at_once`` questions be worked on, and ``waiting`` more stand in line. Event loops may share one.

    Each kind has a line of its own: who searches does not wait until others' questions have been read. They come
    in rounds, in each of which every principal has one turn (start-time fair queueing, with turns for equal); within a
    round, whoever came first.

    Attributes:
        observe: told how long a question of a kind stayed in each stage, when it leaves.
        count: told what became of each question that was read.
    """

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self.observe: Callable[[Kind, Stage, float], None] = lambda *_: None
        self.count: Callable[[Outcome], None] = lambda _: None
        self._at_once = at_once
        self._room = at_once + waiting
        self._line: list[Turn] = []
        self._rounds: dict[Kind, int] = dict.fromkeys(get_args(Kind), 1)
        self._last_rounds: dict[tuple[Kind, tuple[str, str]], int] = {}
        self._changed = threading.Lock()

    @contextmanager
    def join(self, kind: Kind = "reading") -> Iterator[Turn]:
        """A place in the line, given up when the block ends.

        Raises:
            BusyError: if the line is full, and nobody in it has more places than this principal would.
        """
        turn = Turn(kind)
        with self._changed:
            if len(self._of(kind)) >= self._room:
                self._drop(self._droppable(turn.principal, kind))
            turn.round = max(self._rounds[kind], self._last_rounds.get(turn.key, 0) + 1)
            self._last_rounds[turn.key] = turn.round
            self._line.append(turn)
        try:
            yield turn
        finally:
            with self._changed:
                self._leave(turn)
            if turn.has_come:
                self.observe(kind, "waiting", turn.came - turn.joined)
                self.observe(kind, "working", monotonic() - turn.came)

    def is_full_for(self, principal: Principal, kind: Kind = "reading") -> bool:
        """Whether ``join`` would refuse a question of this principal."""
        with self._changed:
            return len(self._of(kind)) >= self._room and self._droppable(principal, kind) is None

    def before(self, turn: Turn) -> int:
        """How many must finish before it is this one's turn. Once it has come, it stays.

        Raises:
            BusyError: if it has lost its place to one who had fewer.
        """
        with self._changed:
            if turn.is_dropped:
                raise _full()
            if not turn.has_come:
                before = max(0, self._ordered(turn.kind).index(turn) + 1 - self._at_once)
                if before == 0:
                    self._begin(turn)
                return before
        return 0

    async def waiting(self, turn: Turn) -> AsyncIterator[int]:
        """How many come before, whenever that changes, and now and then besides; ends when the turn has come.

        Raises:
            BusyError: if it has lost its place to one who had fewer.
        """
        while before := self.before(turn):
            turn.woken.clear()
            yield before
            with suppress(TimeoutError):
                await asyncio.wait_for(turn.woken.wait(), _LOOK_SECONDS)

    async def run(self, call: Callable[[], T], kind: Kind = "reading") -> T:
        """What ``call`` returns, from a thread, once its turn has come.

        Raises:
            BusyError: if the line is full.
        """
        with self.join(kind) as turn:
            async for _ in self.waiting(turn):
                pass
            return await anyio.to_thread.run_sync(call)

    def answered(self, answer: Answer) -> None:
        """Have it counted what became of a question that had its turn."""
        self.count(answer.reason or "answered")

    @property
    def length(self) -> int:
        """How many are in the lines of all kinds, those that are worked on among them."""
        with self._changed:
            return len(self._line)

    def _ordered(self, kind: Kind) -> list[Turn]:
        return sorted(self._of(kind), key=lambda turn: (not turn.has_come, turn.round))

    def _of(self, kind: Kind) -> list[Turn]:
        return [turn for turn in self._line if turn.kind == kind]

    def _begin(self, turn: Turn) -> None:
        turn.has_come, turn.came = True, monotonic()
        self._rounds[turn.kind] = max(self._rounds[turn.kind], turn.round)
        self._last_rounds = {key: last for key, last in self._last_rounds.items() if last >= self._rounds[key[0]]}

    def _droppable(self, principal: Principal, kind: Kind) -> Turn | None:
        """The last turn of whoever has most in line, if ``principal`` would still have fewer with one more."""
        line = self._of(kind)
        places = Counter(turn.principal.key for turn in line)
        waiting = [turn for turn in line if not turn.has_come]
        if not waiting:
            return None
        last = max(reversed(waiting), key=lambda turn: places[turn.principal.key])
        return last if places[last.principal.key] > places[principal.key] + 1 else None

    def _drop(self, turn: Turn | None) -> None:
        if turn is None:
            raise _full()
        turn.is_dropped = True
        self._leave(turn)
        _wake(turn)

    def _leave(self, turn: Turn) -> None:
        if turn in self._line:
            self._line.remove(turn)
            if not turn.has_come and self._last_rounds.get(turn.key) == turn.round:
                self._last_rounds[turn.key] -= 1
            for other in self._line:
                _wake(other)


def _wake(turn: Turn) -> None:
    with suppress(RuntimeError):  # its event loop has ended
        turn.loop.call_soon_threadsafe(turn.woken.set)


def _full() -> BusyError:
    return BusyError("Too many questions are waiting.", hint="Try again in a moment.")
