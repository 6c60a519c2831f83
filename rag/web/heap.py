"""Memory that is free goes back to the system, where the C library would keep it (glibc; others do as they do).

glibc has an arena for each thread that allocates while others do, up to eight for each core, and what was freed in one
stays with it: after an hour of questions on ever new threads, and of indexes built meanwhile, that is a lot.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Any, Final

_MOST_ARENAS: Final = 2
_ARENA_MAX: Final = -8  # M_ARENA_MAX of malloc.h


def limit_arenas() -> None:
    """Have threads share a few arenas. Call before there are many."""
    if (libc := _glibc()) is not None:
        libc.mallopt(_ARENA_MAX, _MOST_ARENAS)


def give_back() -> None:
    """Return what is free now, after work that took much."""
    if (libc := _glibc()) is not None:
        libc.malloc_trim(0)


@cache
def _glibc() -> Any:
    """The C library, if it is one that keeps memory and can be told not to."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "gnu_get_libc_version") else None
