"""What this CPU can do: physical cores, and which arithmetic is fast."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, Literal

CPUINFO: Final = Path("/proc/cpuinfo")
_BFLOAT16_FLAG: Final = "amx_bf16"
_INT8_FLAGS: Final = frozenset({"avx512_vnni", "avx_vnni"})
_AVX_FLAG: Final = "avx"

LIMITS: Final = ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA")
"""Environment variables that keep oneDNN, which OpenVINO computes with, from instructions that the CPU has."""
_WITHIN: Final[Mapping[str, frozenset[str]]] = {
    "SSE41": frozenset(),
    **dict.fromkeys(("AVX", "AVX2", "AVX512_CORE"), frozenset({_AVX_FLAG})),
    **dict.fromkeys(("AVX2_VNNI", "AVX2_VNNI_2"), frozenset({_AVX_FLAG, "avx_vnni"})),
    **dict.fromkeys(
        ("AVX512_CORE_VNNI", "AVX512_CORE_BF16", "AVX512_CORE_FP16", "AVX10_1_512"),
        frozenset({_AVX_FLAG, *_INT8_FLAGS}),
    ),
}
"""Which of the flags used here each limit lets through; any other value is none."""


@cache
def is_bfloat16_faster(cpuinfo: Path = CPUINFO) -> bool:
    """Whether matrices are multiplied faster in bfloat16 than in float32: on x86 with AMX tiles.

    AVX512-BF16 alone does not pay: converting to and fro costs more than its dot products save (measured: 71
    passages/s against 100 in float32). Elsewhere bfloat16 is emulated. Where nothing is known, the answer is no.
    """
    return _BFLOAT16_FLAG in _flags(cpuinfo)


def faster_float() -> Literal["float32", "bfloat16"]:
    """The floating-point arithmetic that ``auto`` stands for."""
    return "bfloat16" if is_bfloat16_faster() else "float32"


@cache
def is_int8_faster(cpuinfo: Path = CPUINFO) -> bool:
    """Whether matrices are multiplied faster in 8 bits than in float32: on x86 with VNNI's dot products."""
    return not _INT8_FLAGS.isdisjoint(_flags(cpuinfo))


@cache
def is_without_avx(cpuinfo: Path = CPUINFO) -> bool:
    """Whether this is an x86 CPU with SSE alone, as some of 2020 still were; where nothing is known, it is not."""
    return any(key == "flags" for key, _ in _fields(cpuinfo)) and _AVX_FLAG not in _flags(cpuinfo)


def capabilities() -> tuple[str, ...]:
    """All that tells apart CPUs that code was compiled for: their flags or features, and what oneDNN is kept from."""
    told = {value for key, value in _fields(CPUINFO) if key in ("flags", "Features", "model name")}
    limits = [f"{limit}={os.environ[limit]}" for limit in LIMITS if os.environ.get(limit)]
    return (platform.machine(), platform.processor(), *sorted(told), *limits)


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


def _flags(cpuinfo: Path) -> frozenset[str]:
    """What x86 CPUs say that they can do, as far as it may be used."""
    flags = frozenset(flag for key, value in _fields(cpuinfo) if key == "flags" for flag in value.split())
    for limit in filter(None, map(os.environ.get, LIMITS)):
        flags &= _WITHIN.get(limit.upper(), flags)
    return flags


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
