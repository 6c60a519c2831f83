"""What was freed goes back to the system, though something younger lies above it."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from rag.web import heap
from rag.web.jobs import queue
from rag.web.jobs.queue import Jobs, Task

pytestmark = pytest.mark.skipif(heap._glibc() is None, reason="the C library is not glibc")
HELD = """
import ctypes, sys, threading
from pathlib import Path
from rag.web import heap
heap.limit_arenas()
def resident(): return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
def hold(parts):
    for _ in range(800):
        parts.append(libc.malloc(100_000)); ctypes.memset(parts[-1], 1, 100_000)
parts = []
thread = threading.Thread(target=hold, args=[parts]); thread.start(); thread.join()
above = libc.malloc(50_000)
for each in parts: libc.free(each)
before = resident()
heap.give_back()
print((before - resident()) // 10**6)
"""


def test_what_was_freed_goes_back() -> None:
    """80 MB of pieces, each too small to be mapped by itself, below a younger one that is held."""
    ran = subprocess.run([sys.executable, "-c", HELD], capture_output=True, text=True, check=True)
    assert int(ran.stdout) >= 60


def test_no_more_arenas_are_made_than_allowed() -> None:
    """Each costs 64 MB of addresses, and keeps what was freed in it."""
    held = """
import ctypes, threading
from rag.web import heap
heap.limit_arenas()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
go = threading.Barrier(12)
def work():
    go.wait()
    for _ in range(200): libc.malloc(20_000)
    go.wait()
threads = [threading.Thread(target=work) for _ in range(12)]
[each.start() for each in threads]; [each.join() for each in threads]
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
"""
    ran = subprocess.run([sys.executable, "-c", held], capture_output=True, text=True, check=True)
    assert 1 <= ran.stdout.count("<heap nr=") <= 2


def test_work_that_ends_gives_back(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []
    done = threading.Event()
    monkeypatch.setattr(queue, "give_back", lambda: given.append("back"))

    def work(_: Task) -> None:
        done.set()
        raise ValueError("work that fails, too")

    jobs = Jobs()
    jobs.submit("one", work)
    assert jobs.wait(20) and done.is_set() and given == ["back"]
