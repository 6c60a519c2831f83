"""Faults at every point: killed, disk full, failed and short writes, power cuts. Nothing may be lost, ever.

    python -m benchmarks.faults [--points 1000] [--minutes N] [--only SCENARIO …] [--write docs/results.md]

Each scenario (``tests/faults/scenarios.py``) is done in a process whose calls to the kernel are seen before they are
done (``tests/faults/syscalls.py``), also those of SQLite, FAISS and NumPy. At one of them a fault strikes. What is left
must be what was there before the step or after it, whole, with all that was told to be done; the step can then be done.
Points are drawn from all calls of all scenarios, the same each time. Linux on x86-64 alone.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from time import perf_counter

from benchmarks.report import parser, publish, table
from tests.faults.points import KINDS, Point, Trials, drawn, trials
from tests.faults.scenarios import SCENARIOS
from tests.faults.syscalls import IS_SUPPORTED


def main() -> None:
    """Strike, look, print; exit code 1 if something was lost."""
    options = parser(__doc__)
    options.add_argument("--points", type=int, default=1000)
    options.add_argument("--minutes", type=float, default=float("inf"), help="strike no more after so long")
    options.add_argument("--only", action="append", choices=SCENARIOS, help="only this scenario; may be repeated")
    arguments = options.parse_args()
    if not IS_SUPPORTED:
        raise SystemExit("Calls can be seen on Linux on x86-64 alone.")
    began, failures = perf_counter(), []
    struck: Counter[tuple[str, str]] = Counter()
    names = arguments.only or list(SCENARIOS)
    with trials(names) as prepared:
        possible = {trial.name: trial.points() for trial in prepared}
        turns = [drawn(possible[trial.name], arguments.points) for trial in prepared]
        for trial, point in islice(_in_turn(prepared, turns), arguments.points):
            if perf_counter() - began > arguments.minutes * 60:
                break
            struck[trial.name, point.kind] += 1
            if found := trial.failure(point):
                failures.append(_told(trial, point, found))
                print(failures[-1], file=sys.stderr, flush=True)
    rows: list[list[object]] = [
        [
            name,
            len(possible[name]),
            *(struck[name, kind] for kind in KINDS),
            sum(each.startswith(f"{name}:") for each in failures),
        ]
        for name in names
    ]
    total: list[object] = [sum(struck[name, kind] for name in names) for kind in KINDS]
    rows.append(["all", sum(map(len, possible.values())), *total, len(failures)])
    told = f"{sum(struck.values()):,} points in {(perf_counter() - began) / 60:.0f} minutes."
    header = ["scenario", "points there are", *KINDS, "something lost"]
    publish("faults", f"{table(header, rows)}\n\n{told}", arguments.write)
    if failures:
        raise SystemExit(1)


def _in_turn(prepared: Sequence[Trials], turns: Sequence[Sequence[Point]]) -> Iterator[tuple[Trials, Point]]:
    """A point of each scenario, then the next of each."""
    for number in range(max(map(len, turns))):
        for trial, points in zip(prepared, turns, strict=True):
            if number < len(points):
                yield trial, points[number]


def _told(trial: Trials, point: Point, found: str) -> str:
    call = trial.calls[point.at]
    loss = f", left: {point.loss.value}" if point.loss else ""
    return f"{point.scenario}: {point.kind} at {point.at} ({call.kind} {call.path} {call.to}{loss})\n{found}"


if __name__ == "__main__":
    main()
