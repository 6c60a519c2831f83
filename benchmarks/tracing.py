"""Where the time of a call goes, seen from around the real functions: they are wrapped while a Trace is open."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import wraps
from time import perf_counter
from types import TracebackType
from typing import Any

Stage = tuple[Any, str, str]
"""A class or module, the name of a function in it, and the stage it is counted as. In ``*: network`` the star stands
for the group of the stage that calls: under ``reader: pairs`` it is counted as ``reader: network``."""


class Trace:
    """Counts seconds by stage in the thread that opened it.

    What a stage calls that is a stage too is counted there and not twice, so that the stages add up to the whole.
    """

    def __init__(self, stages: Sequence[Stage]) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._stages = stages
        self._originals: list[tuple[Any, str, Any]] = []
        self._thread = 0
        self._open: list[str] = []
        self._inner: list[float] = []

    def __enter__(self) -> Trace:
        self._thread = threading.get_ident()
        for owner, name, stage in self._stages:
            original = vars(owner)[name]
            self._originals.append((owner, name, original))
            setattr(owner, name, self._wrapped(original, stage))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for owner, name, original in reversed(self._originals):
            setattr(owner, name, original)
        self._originals.clear()

    def milliseconds(self, calls: int) -> dict[str, float]:
        """Means of so many calls, by stage."""
        return {stage: 1000 * seconds / calls for stage, seconds in self.seconds.items()}

    def _wrapped(self, original: Callable[..., Any], stage: str) -> Callable[..., Any]:
        @wraps(original)
        def timed(*arguments: Any, **named: Any) -> Any:
            if threading.get_ident() != self._thread:
                return original(*arguments, **named)
            group = self._open[-1].partition(":")[0] if self._open else "other"
            self._open.append(stage.replace("*", group))
            self._inner.append(0.0)
            began = perf_counter()
            try:
                return original(*arguments, **named)
            finally:
                whole = perf_counter() - began
                self.seconds[self._open.pop()] += whole - self._inner.pop()
                if self._inner:
                    self._inner[-1] += whole

        return timed
