"""SIGTERM as Ctrl+C: what systemd, Docker and `kill` send unwinds what is being done, which cleans up after itself."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interrupted_by_sigterm() -> Iterator[Callable[[], signal.Signals]]:
    """SIGTERM raises ``KeyboardInterrupt`` in the block, if that is in the main thread.

    Gives a function that tells which signal it was: SIGTERM if one has come, SIGINT otherwise.
    """
    received = signal.SIGINT

    def stop(number: int, _frame: FrameType | None) -> None:
        nonlocal received
        received = signal.Signals(number)
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield lambda: received
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield lambda: received
    finally:
        signal.signal(signal.SIGTERM, before)
