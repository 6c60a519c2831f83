"""What this CPU can do: physical cores, and fast arithmetic in bfloat16."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Final, Literal

CPUINFO: Final = Path("/proc/cpuinfo")
_BFLOAT16_FLAG: Final = "amx_bf16"
_INT8_FLAGS: Final = frozenset({"avx512_vnni", "avx_vnni"})


@cache
def is_bfloat16_faster(cpuinfo: Path = CPUINFO) -> bool:
    """Whether matrices are multiplied faster in bfloat16 than in float32: on x86 with AMX tiles.

    AVX512-BF16 alone does not pay: converting to and fro costs more than its dot products save (measured: 71
    passages/s against 100 in float32). Elsewhere bfloat16 is emulated. Where nothing is known, the answer is no.
    """
    return any(key == "flags" and _BFLOAT16_FLAG in value.split() for key, value in _fields(cpuinfo))


def faster_float() -> Literal["float32", "bfloat16"]:
    """The floating-point arithmetic that ``auto`` stands for."""
    return "bfloat16" if is_bfloat16_faster() else "float32"


@cache
def is_int8_faster(cpuinfo: Path = CPUINFO) -> bool:
    """Whether matrices are multiplied faster in 8 bits than in float32: on x86 with VNNI's dot products."""
    return any(key == "flags" and _INT8_FLAGS.intersection(value.split()) for key, value in _fields(cpuinfo))


@cache
def physical_cores(cpuinfo: Path = CPUINFO) -> int:
    """Cores this process may use, not counting a core's second thread: it has no multiplier of its own."""
    cores: set[tuple[str, str]] = set()
    package = ""
    for key, value in _fields(cpuinfo):
        if key == "physical id":
            package = value
        elif key == "core id":
            cores.add((package, value))
    return max(1, min(len(cores) or _usable_cpus(), _usable_cpus()))


def _usable_cpus() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _fields(cpuinfo: Path) -> list[tuple[str, str]]:
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    return [(key.strip(), value.strip()) for key, colon, value in (line.partition(":") for line in lines) if colon]
