"""Questions take turns, whichever way they come in: first come, first served, and each can tell how many are before."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from rag.errors import BusyError
from rag.web.principal import Principal, enter
from rag.web.turns import Turns


def test_questions_wait_in_the_order_in_which_they_came() -> None:
    async def run() -> tuple[list[str], list[int]]:
        turns, order, told = Turns(1), [], []

        async def one(name: str) -> None:
            with turns.join() as turn:
                waited = [before async for before in turns.waiting(turn)]
                told.extend(waited if name == "third" else [])
                order.append(name)
                await asyncio.sleep(0)

        async with asyncio.timeout(10):
            await asyncio.gather(*(one(name) for name in ("first", "second", "third")))
        return order, told

    order, told = asyncio.run(run())
    assert order == ["first", "second", "third"]
    assert told == [2, 1]


def test_one_who_leaves_the_line_lets_the_others_move_up() -> None:
    async def run() -> list[int]:
        turns = Turns(1)
        with turns.join():
            leaving = turns.join()
            leaving.__enter__()
            with turns.join() as last:
                before = [turns.before(last)]
                leaving.__exit__(None, None, None)
                return [*before, turns.before(last)]

    assert asyncio.run(run()) == [2, 1]


def test_who_finds_the_line_full_is_told_so_at_once() -> None:
    async def run() -> None:
        turns = Turns(1, waiting=1)
        with turns.join(), turns.join(), pytest.raises(BusyError, match="Too many questions"):
            await turns.run(lambda: None)
        assert await turns.run(lambda: "done") == "done"

    asyncio.run(run())


def test_searches_have_a_line_of_their_own() -> None:
    async def run() -> list[int]:
        turns = Turns(1, waiting=1)
        with turns.join(), turns.join() as waiting:
            assert turns.is_full_for(Principal()) and not turns.is_full_for(Principal(), "finding")
            assert await turns.run(lambda: "found", "finding") == "found"
            with turns.join("finding") as first, turns.join("finding") as second:
                before = [turns.before(first), turns.before(second), turns.before(waiting), turns.length]
                with pytest.raises(BusyError):
                    await turns.run(lambda: None, "finding")
                return before

    assert asyncio.run(run()) == [0, 1, 1, 4]


def test_who_searches_much_comes_no_later_with_a_question() -> None:
    async def run() -> list[int]:
        turns = Turns(1)
        enter({}, Principal("hanako"))
        for _ in range(5):
            await turns.run(lambda: None, "finding")
        with turns.join() as own:
            enter({}, Principal("taro"))
            with turns.join() as other:
                return [turns.before(own), turns.before(other)]

    assert asyncio.run(run()) == [0, 1]


def test_no_more_than_the_bound_work_at_once_though_they_come_from_several_event_loops() -> None:
    turns, at_work, most, lock = Turns(2), 0, 0, threading.Lock()

    def work() -> None:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        time.sleep(0.02)
        with lock:
            at_work -= 1

    async def several() -> None:
        await asyncio.gather(*(turns.run(work) for _ in range(6)))

    threads = [threading.Thread(target=lambda: asyncio.run(several())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (at_work, most) == (0, 2)


def test_turns_go_round_between_those_who_ask() -> None:
    async def run() -> list[str]:
        turns, order, started = Turns(1), [], asyncio.Event()

        async def one(who: str, name: str) -> None:
            enter({}, Principal(who))
            with turns.join() as turn:
                async for _ in turns.waiting(turn):
                    started.set()
                order.append(name)
                await asyncio.sleep(0)

        async with asyncio.timeout(10):
            names = [("greedy", f"greedy {n}") for n in range(4)] + [("hanako", "hanako"), ("taro", "taro")]
            await asyncio.gather(*(one(who, name) for who, name in names))
        return order

    assert asyncio.run(run()) == ["greedy 0", "hanako", "taro", "greedy 1", "greedy 2", "greedy 3"]


def test_who_has_most_in_a_full_line_makes_room_for_others() -> None:
    async def run() -> list[str]:
        turns, ends = Turns(1, waiting=3), []
        release = asyncio.Event()

        async def one(who: str, name: str) -> None:
            enter({}, Principal(who))
            try:
                with turns.join() as turn:
                    async for _ in turns.waiting(turn):
                        pass
                    await release.wait()
                    ends.append(name)
            except BusyError:
                ends.append(f"{name} refused")

        async with asyncio.timeout(20):
            asking = [asyncio.create_task(one("greedy", f"greedy {n}")) for n in range(5)]
            await asyncio.sleep(0)
            assert ends == ["greedy 4 refused"] and turns.is_full_for(Principal("greedy"))
            assert not turns.is_full_for(Principal("hanako"))
            asking += [asyncio.create_task(one("hanako", f"hanako {n}")) for n in range(3)]
            await asyncio.sleep(0.1)
            release.set()
            await asyncio.gather(*asking)
        return ends

    refused = {"greedy 4 refused", "greedy 3 refused", "greedy 2 refused", "hanako 2 refused"}
    ends = asyncio.run(run())
    assert set(ends[:4]) == refused and ends[4:] == ["greedy 0", "hanako 0", "greedy 1", "hanako 1"]
