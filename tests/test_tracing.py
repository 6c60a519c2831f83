"""The benchmarks' breakdown of where time goes."""

from __future__ import annotations

import threading

import pytest

from benchmarks import tracing
from benchmarks.tracing import Trace


class Kitchen:
    """Cooking takes one tick of its own and three of chopping."""

    def __init__(self, clock: list[float]) -> None:
        self._clock = clock

    def cook(self) -> str:
        self._clock[0] += 1
        return self.chop()

    def chop(self) -> str:
        self._clock[0] += 3
        return "chopped"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(tracing, "perf_counter", lambda: now[0])
    return now


STAGES = ((Kitchen, "cook", "dinner: stove"), (Kitchen, "chop", "*: board"))


def test_a_stage_does_not_count_what_a_stage_within_it_counts(clock: list[float]) -> None:
    with Trace(STAGES) as trace:
        assert Kitchen(clock).cook() == "chopped"
        Kitchen(clock).chop()
    assert trace.seconds == {"dinner: stove": 1, "dinner: board": 3, "other: board": 3}
    assert trace.milliseconds(2)["dinner: stove"] == 500


def test_functions_are_their_own_again_when_the_trace_is_closed(clock: list[float]) -> None:
    before = Kitchen.cook
    with Trace(STAGES) as trace:
        assert Kitchen.cook is not before
    Kitchen(clock).cook()
    assert Kitchen.cook is before and not trace.seconds


def test_other_threads_are_not_counted(clock: list[float]) -> None:
    with Trace(STAGES) as trace:
        other = threading.Thread(target=Kitchen(clock).cook)
        other.start()
        other.join()
    assert clock == [4] and not trace.seconds
