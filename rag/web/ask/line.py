"""The line in which questions wait when many are asked at once: first come, first served."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_LOOK_SECONDS = 0.5


@dataclass(eq=False)
class Place:
    """Where one question stands. ``woken`` is set whenever somebody before it leaves."""

    woken: asyncio.Event = field(default_factory=asyncio.Event)


class Line:
    """Lets ``at_once`` questions be worked on. Used from one event loop."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._places: list[Place] = []

    @contextmanager
    def join(self) -> Iterator[Place]:
        """A place at the end of the line, given up when the block ends."""
        place = Place()
        self._places.append(place)
        try:
            yield place
        finally:
            self._places.remove(place)
            for other in self._places:
                other.woken.set()

    def before(self, place: Place) -> int:
        """How many must finish before it is this one's turn."""
        return max(0, self._places.index(place) + 1 - self._at_once)

    async def waiting(self, place: Place) -> AsyncIterator[int]:
        """How many are before a place, whenever that changes, and now and then besides; ends when its turn has come."""
        while before := self.before(place):
            place.woken.clear()
            yield before
            with suppress(TimeoutError):
                await asyncio.wait_for(place.woken.wait(), _LOOK_SECONDS)
