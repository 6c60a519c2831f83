"""Many people using one server at the same time: errors, waiting, fairness, memory.

    python -m benchmarks.load QUESTIONS DOCUMENTS [--people 30] [--minutes 10] [--seed 1] [--restart] [--write FILE]
    python -m benchmarks.load QUESTIONS DOCUMENTS --soak [--asked 1000] [--files 300] [--write FILE]

A real ``rag serve`` process over DOCUMENTS, with accounts. People log in by the form and do an hour's work in ten
minutes (``benchmarks.crowd.MIX``): they ask and search over HTTP, a third of them adds files meanwhile, some have files
of questions answered. When each request is sent is drawn beforehand by the seed and does not depend on answers, and a
response counts from when it was to be sent: a slow server gets no fewer requests, and no wait is left out. Memory is
compared with what it is when ten questions have been answered. QUESTIONS is a file as ``rag batch`` takes it.

With ``--restart`` the server is stopped and started again in the middle: people log in and do again what broke off, and
the documents must be the same as before.

With ``--soak`` the server is used for long by a few who wait for no one: so many questions, so many files added, and
all along a batch, an evaluation and a map.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import httpx

from benchmarks.crowd import USUAL_MINUTES, Done, Person, Planned, Record, people, plan
from benchmarks.load_report import told
from benchmarks.report import parser, publish
from benchmarks.serving import Server
from benchmarks.soak import soaked
from benchmarks.visiting import RefusedError, Visitor
from benchmarks.work import BATCH_QUESTIONS, FIRST, Work
from rag import Settings, build


class Crowd:
    """The people at work.

    Args:
        server: what they use.
        crowd, work, minutes, seed: who does what, for how long, and what draws it.
    """

    def __init__(self, server: Server, crowd: Sequence[Person], work: Work, minutes: float, seed: int) -> None:
        self.record = Record()
        self.visitors = [Visitor(server, each.name) for each in crowd]
        self._server, self._work = server, work
        self._planned = plan(crowd, minutes, seed)
        self._batch = max(1, round(BATCH_QUESTIONS * minutes / USUAL_MINUTES))
        self._began = 0.0

    async def log_in(self) -> None:
        """Everybody, one after the other."""
        for each in self.visitors:
            await each.log_in()

    async def go(self) -> None:
        """Do all that is planned, each thing at its time."""
        self._began = perf_counter()
        async with asyncio.TaskGroup() as doing:
            for number, each in enumerate(self._planned):
                await asyncio.sleep(each.at - self._now())
                doing.create_task(self._do(each, number))

    async def leave(self) -> None:
        """Everybody closes the browser."""
        for each in self.visitors:
            await each.leave()

    def _now(self) -> float:
        return perf_counter() - self._began

    async def _do(self, planned: Planned, number: int) -> None:
        visitor = self.visitors[planned.person]
        is_done = await self._noted(planned, lambda: self._once(visitor, planned, number))
        if is_done and planned.kind == "upload":
            await self._noted(replace(planned, kind="indexed"), visitor.until_indexed)

    async def _noted(self, planned: Planned, do: Callable[[], Awaitable[object]]) -> bool:
        """Do one thing, again if it broke off since the server was restarted; whether that came off."""
        sent, again, error = self._now(), True, ""
        while again:
            starts, error = self._server.starts, ""
            try:
                await do()
                break
            except (httpx.HTTPError, RefusedError) as problem:
                error = problem.status if isinstance(problem, RefusedError) else type(problem).__name__
                again = await self._was_restarted(self.visitors[planned.person], starts)
        self.record.done.append(Done(planned, sent, self._now(), error))
        return not error

    async def _was_restarted(self, visitor: Visitor, starts: int) -> bool:
        if self._server.going_on.is_set() and self._server.starts == starts:
            return False
        await self._server.going_on.wait()
        await visitor.log_in()
        self.record.repeated += 1
        return True

    async def _once(self, visitor: Visitor, planned: Planned, number: int) -> None:
        question = self._work.question(planned.number)
        if planned.kind == "ask":
            # Nobody is answered from what the server remembers of another's question.
            await visitor.ask(f"{question}（{planned.person}）")
        elif planned.kind == "search":
            await visitor.search(f"{question}（{planned.person}）")
        elif planned.kind == "documents":
            await visitor.documents()
        elif planned.kind == "upload":
            await visitor.add(dict([self._work.file(number)]))
        else:
            first = BATCH_QUESTIONS * number
            await visitor.batch([self._work.question(each) for each in range(first, first + self._batch)])


def main() -> None:
    """Build, serve, use, print."""
    options = parser(__doc__)
    options.add_argument("questions", type=Path)
    options.add_argument("documents", type=Path)
    options.add_argument("--people", type=int, default=30)
    options.add_argument("--minutes", type=float, default=USUAL_MINUTES)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--restart", action="store_true")
    options.add_argument("--soak", action="store_true")
    options.add_argument("--asked", type=int, default=1000, metavar="N", help="questions asked with --soak")
    options.add_argument("--files", type=int, default=300, metavar="N", help="files added with --soak")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        index, crowd = Path(folder) / "index", people(chosen.people)
        build([chosen.documents], settings=Settings.load(index=index))
        work = Work.over(chosen.questions, index, chosen.seed)
        server = Server(Path(folder), [(each.name, each.role) for each in crowd])
        try:
            text = asyncio.run((_soaked if chosen.soak else _loaded)(server, crowd, work, chosen))
        finally:
            server.kill()
    publish("soak" if chosen.soak else "load", text, chosen.write)


async def _soaked(server: Server, crowd: Sequence[Person], work: Work, chosen: argparse.Namespace) -> str:
    reader, editor = (next(each.name for each in crowd if each.role == role) for role in ("reader", "editor"))
    return await soaked(server, reader, editor, work, chosen.asked, chosen.files)


async def _loaded(server: Server, crowd: Sequence[Person], work: Work, chosen: argparse.Namespace) -> str:
    await server.start()
    memory = [server.memory()]
    busy = Crowd(server, crowd, work, chosen.minutes, chosen.seed)
    await busy.log_in()
    first = busy.visitors[0]
    for number in range(FIRST):
        await first.ask(work.question(number))
    memory.append(server.memory())
    before = {each["id"] for each in await first.documents()}
    going = asyncio.create_task(busy.go())
    if chosen.restart:
        await asyncio.sleep(chosen.minutes * 60 / 2)
        await server.restart()
    await going
    memory.append(server.memory())
    gone = before - {each["id"] for each in await first.documents()}
    await busy.leave()
    await server.stop()
    text = told(busy.record, crowd, memory, chosen.minutes, chosen.seed)
    return f"{text}\n\nDOCUMENTS ARE GONE: {len(gone)}" if gone else text


if __name__ == "__main__":
    main()
