"""People who use a server as they like: what each does when, what came of it, and how fair that was."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import fmean, median
from typing import Final, Literal

import numpy as np

from rag.web.principal import Role

Kind = Literal["ask", "search", "documents", "upload", "indexed", "batch"]
"""What is timed: ``indexed`` is from the sending of files until they can be found."""

USUAL_MINUTES: Final = 10.0
_ALL: Final[Mapping[Kind, int]] = {"ask": 12, "search": 24, "documents": 3}
MIX: Final[Mapping[str, Mapping[Kind, int]]] = {
    "reader": _ALL,
    "editor": {**_ALL, "upload": 5},
    "batch reader": {**_ALL, "batch": 1},
}
"""How often somebody of each kind does what in an hour, which is played in ``USUAL_MINUTES``."""
_DRAWS: Final = 1000


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who uses the server: name of the account, and which part of ``MIX`` they do."""

    name: str
    part: str

    @property
    def role(self) -> Role:
        return "editor" if self.part == "editor" else "reader"


@dataclass(frozen=True, slots=True)
class Planned:
    """One thing to do: when, in seconds from the beginning, by whom, what, and the number of its content."""

    at: float
    person: int
    kind: Kind
    number: int


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: times in seconds from the beginning; ``error`` is a status, or empty."""

    planned: Planned
    sent: float
    ended: float
    error: str = ""

    @property
    def seconds(self) -> float:
        """From when it was to be sent, whenever it was: no wait is hidden behind one before it."""
        return self.ended - self.planned.at


@dataclass
class Record:
    """All that was done, and what was repeated since the server was restarted."""

    done: list[Done] = field(default_factory=list)
    repeated: int = 0

    def of(self, kind: Kind) -> list[Done]:
        """Everything of a kind that came off."""
        return [each for each in self.done if each.planned.kind == kind and not each.error]

    def errors(self, kind: Kind) -> str:
        """How many of a kind did not, by status."""
        counts = Counter(each.error for each in self.done if each.planned.kind == kind and each.error)
        return ", ".join(f"{count} × {error}" for error, count in sorted(counts.items())) or "0"

    def while_indexing(self, kind: Kind) -> list[Done]:
        """Those of a kind during which files were being indexed."""
        spans = [(each.planned.at, each.ended) for each in self.of("indexed")]
        return [
            each
            for each in self.of(kind)
            if any(begin <= each.ended and each.planned.at <= end for begin, end in spans)
        ]


def people(number: int) -> list[Person]:
    """A third are editors; of the others, one in ten has a file of questions answered."""
    parts = ["editor" if each % 3 == 2 else "batch reader" if each % 15 == 0 else "reader" for each in range(number)]
    return [Person(f"{part.split()[0]}{each:02d}", part) for each, part in enumerate(parts)]


def plan(crowd: Sequence[Person], minutes: float, seed: int) -> list[Planned]:
    """Who does what when: each at times drawn evenly, so that all together come at random, at a rate that is given.

    Whether the server is done with what was sent before changes nothing. Of each kind everybody does as much as the
    others of their part, at least one. Everybody asks the same questions, each in an order of their own.
    """
    draw, seconds = random.Random(seed), minutes * 60
    planned = []
    for person, who in enumerate(crowd):
        for kind, count in MIX[who.part].items():
            number = max(1, round(count * minutes / USUAL_MINUTES))
            order = draw.sample(range(number), number)
            # What takes long begins early enough to end.
            last = seconds / 2 if kind == "batch" else seconds
            times = sorted(draw.uniform(0, last) for _ in range(number))
            planned += [Planned(at, person, kind, each) for at, each in zip(times, order, strict=True)]
    return sorted(planned, key=lambda each: each.at)


def quantile(done: Sequence[Done], share: float) -> float:
    """Seconds that this share of them took at most."""
    return float(np.quantile([each.seconds for each in done], share)) if done else float("nan")


def by_person(done: Iterable[Done]) -> dict[int, list[float]]:
    """The seconds of each person."""
    times: defaultdict[int, list[float]] = defaultdict(list)
    for each in done:
        times[each.planned.person].append(each.seconds)
    return dict(times)


def ratio(times: Iterable[Sequence[float]]) -> float:
    """The largest mean over the smallest; 1 where there are none to compare."""
    means = [fmean(each) for each in times if each]
    return max(means) / min(means) if means else 1.0


def chance(times: Sequence[Sequence[float]], seed: int) -> float:
    """What the ratio would be if the same times had fallen to the same people by lot: the middle of many draws."""
    draw, pooled = random.Random(seed), [each for some in times for each in some]
    ends = [0, *np.cumsum([len(some) for some in times]).tolist()]
    drawn = []
    for _ in range(_DRAWS):
        draw.shuffle(pooled)
        drawn.append(ratio([pooled[start:end] for start, end in pairwise(ends)]))
    return median(drawn)
