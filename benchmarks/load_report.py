"""What became of a crowd at a server, as tables, with what was to be reached."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final

from benchmarks.crowd import MIX, Done, Kind, Person, Record, by_person, chance, quantile, ratio
from benchmarks.report import table

SEARCH_SECONDS: Final = 0.3
ASK_SECONDS: Final = 4.0
"""95 of 100 searches, and of 100 questions, are to take no longer."""
FAIR: Final = 1.2
"""What one person waits on the mean is to be no more of what another of the same kind waits."""
GROWTH: Final = 1.3
"""Memory at the end is to be no more of that after the first questions."""
_KINDS: Final[tuple[Kind, ...]] = ("ask", "search", "documents", "upload", "indexed", "batch")


def told(record: Record, crowd: Sequence[Person], memory: Sequence[float], minutes: float, seed: int) -> str:
    """Waits and errors by kind, fairness by part, memory at the start, after the first questions and at the end."""
    return "\n\n".join(
        [
            _kinds(record, len(crowd), minutes),
            _fairness(record, crowd, seed),
            memory_table(memory),
            _reached(record, crowd, memory, seed),
        ]
    )


def memory_table(memory: Sequence[float]) -> str:
    """Resident memory at the start, after the first questions, and at the end; ``memory[1]`` is what it grows from."""
    names = ["at the start", "after ten questions", *[""] * (len(memory) - 3), "at the end"]
    shown = [
        [f"{name or 'on the way'}", f"{each:,.0f} MB", f"{each / memory[1]:.2f}"]
        for name, each in zip(names, memory, strict=True)
    ]
    return table(["resident memory of the server", "", "of that after ten questions"], shown)


def _kinds(record: Record, number: int, minutes: float) -> str:
    rows: list[list[object]] = []
    for kind in _KINDS:
        rows.append([kind, len(record.of(kind)), record.errors(kind), *_quantiles(record.of(kind))])
        if kind in ("ask", "search") and (during := record.while_indexing(kind)):
            rows.append([f"{kind}, while files are indexed", len(during), "", *_quantiles(during)])
    waits = ["median", "95th percentile", "99th percentile", "longest"]
    return table([f"{number} people, {minutes:g} minutes", "done", "errors", *waits], rows)


def _quantiles(done: Sequence[Done]) -> list[str]:
    return [f"{quantile(done, share):.2f} s" for share in (0.5, 0.95, 0.99, 1.0)] if done else ["–"] * 4


def _fairness(record: Record, crowd: Sequence[Person], seed: int) -> str:
    rows: list[list[object]] = []
    for part in MIX:
        for kind in ("ask", "search"):
            times = _times(record, crowd, part, kind)
            if not times:
                continue
            medians = [median(each) for each in times]
            spread = f"{min(medians):.2f} s, {max(medians):.2f} s"
            rows.append([f"{part}: {kind}", len(times), spread, f"{ratio(times):.2f}", f"{chance(times, seed):.2f}"])
    header = ["kind of people", "people", "medians of the quickest and slowest", "largest mean of smallest", "by lot"]
    return table(header, rows)


def _times(record: Record, crowd: Sequence[Person], part: str, kind: str) -> list[list[float]]:
    """The seconds of each person of a part."""
    done = [each for each in record.done if each.planned.kind == kind and not each.error]
    return [times for person, times in sorted(by_person(done).items()) if crowd[person].part == part]


def _reached(record: Record, crowd: Sequence[Person], memory: Sequence[float], seed: int) -> str:
    """What was to be reached, and whether it was. Of fairness counts what is more than the lot brings about."""
    failed = sum(bool(each.error) for each in record.done)
    found, asked = quantile(record.of("search"), 0.95), quantile(record.of("ask"), 0.95)
    unfair = max(
        (ratio(times) / chance(times, seed) for part in MIX if len(times := _times(record, crowd, part, "ask")) > 1),
        default=1.0,
    )
    grown = memory[-1] / memory[1]
    rows = [
        ["no errors", failed, failed == 0],
        [
            f"95 of 100 searches within {SEARCH_SECONDS * 1000:.0f} ms",
            f"{found * 1000:.0f} ms",
            found <= SEARCH_SECONDS,
        ],
        [f"95 of 100 asks within {ASK_SECONDS:.0f} s", f"{asked:.2f} s", asked <= ASK_SECONDS],
        [f"waits of asks differ by person at most {FAIR:.1f} times as much as by lot", f"{unfair:.2f}", unfair <= FAIR],
        [f"memory at the end at most {GROWTH:.1f} of that after ten questions", f"{grown:.2f}", grown <= GROWTH],
    ]
    if record.repeated:
        rows.append(["done again because of the restart", record.repeated, True])
    return table(["to be reached", "", ""], [[name, value, "yes" if met else "NO"] for name, value, met in rows])
