"""A server in use for long: whether its memory stays what it was."""

from __future__ import annotations

import asyncio

from benchmarks.load_report import GROWTH, memory_table
from benchmarks.report import table
from benchmarks.serving import Server
from benchmarks.visiting import Visitor
from benchmarks.work import BATCH_QUESTIONS, FIRST, Work

_AT_A_TIME = 3
"""People who ask at once, each the next question when the one before is answered."""
_FILES_AT_ONCE = 5
_MARKED = 20
_LOOKS = 4


async def soaked(server: Server, reader: str, editor: str, work: Work, questions: int, files: int) -> str:
    """Use the server, and tell its memory on the way.

    Args:
        server: not started yet.
        reader, editor: accounts.
        work: what is asked and added.
        questions, files: how many of them.
    """
    await server.start()
    memory, visitors = [server.memory()], [Visitor(server, reader), Visitor(server, editor)]
    asking, adding = visitors
    for each in visitors:
        await each.log_in()
    for number in range(FIRST):
        await asking.ask(work.question(number))
    memory.append(server.memory())
    # Each look is taken when a share of the questions has been answered.
    looks, numbers = _looks(questions), iter(range(FIRST, questions))

    async def ask() -> None:
        for number in numbers:
            await asking.ask(work.question(number))
            if number >= looks[0]:
                looks.pop(0)
                memory.append(server.memory())

    async with asyncio.TaskGroup() as using:
        for _ in range(_AT_A_TIME):
            using.create_task(ask())
        using.create_task(_add(adding, work, files))
        using.create_task(_long_work(adding, work, min(BATCH_QUESTIONS, questions)))
    memory.append(server.memory())
    for each in visitors:
        await each.leave()
    await server.stop()
    grown = memory[-1] / memory[1]
    rows: list[list[object]] = [
        ["questions", questions],
        ["files added", files],
        ["questions of a batch", min(BATCH_QUESTIONS, questions)],
        ["questions of an evaluation", _MARKED],
        [f"memory at the end at most {GROWTH:.1f} of that after ten questions", "yes" if grown <= GROWTH else "NO"],
    ]
    return f"{table(['in use for long', ''], rows)}\n\n{memory_table(memory)}"


def _looks(questions: int) -> list[float]:
    return [questions * share / _LOOKS for share in range(1, _LOOKS)] + [float("inf")]


async def _add(visitor: Visitor, work: Work, files: int) -> None:
    """Add the files a few at a time, the next when those are indexed."""
    for first in range(0, files, _FILES_AT_ONCE):
        await visitor.add(dict(work.file(number) for number in range(first, min(files, first + _FILES_AT_ONCE))))
        await visitor.until_indexed()


async def _long_work(visitor: Visitor, work: Work, batch: int) -> None:
    """A file of questions, an evaluation of answers that an editor has marked as right, a map."""
    await visitor.batch([work.question(1_000_000 + number) for number in range(batch)])
    marked = 0
    for number in range(2 * _MARKED):
        answer = await visitor.ask(question := work.question(2_000_000 + number))
        for citation in answer["citations"][:1]:
            await visitor.mark(question, citation["document"]["source"], citation["quote"])
            marked += 1
        if marked == _MARKED:
            break
    if marked:  # else there is nothing to evaluate
        await visitor.evaluate()
    await visitor.draw_map()
