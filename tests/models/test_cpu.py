"""What is read from a description of the CPU."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.models import cpu
from rag.models.cpu import is_bfloat16_faster, is_int8_faster, is_without_avx, physical_cores

LOGICAL = "processor\t: {}\nphysical id\t: {}\ncore id\t\t: {}\nflags\t\t: fpu avx512f {}\n\n"


def describe(path: Path, *, flags: str = "", cores: list[tuple[int, int]]) -> Path:
    path.write_text("".join(LOGICAL.format(i, package, core, flags) for i, (package, core) in enumerate(cores)))
    return path


def test_two_threads_of_a_core_count_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu, "_usable_cpus", lambda: 8)
    info = describe(tmp_path / "cpuinfo", cores=[(0, 0), (0, 1), (0, 0), (0, 1), (1, 0), (1, 1), (1, 0), (1, 1)])
    assert physical_cores(info) == 4


def test_no_more_cores_are_used_than_the_process_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu, "_usable_cpus", lambda: 1)
    assert physical_cores(describe(tmp_path / "cpuinfo", cores=[(0, 0), (0, 1)])) == 1


def test_without_a_description_every_usable_cpu_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu, "_usable_cpus", lambda: 3)
    assert physical_cores(tmp_path / "missing") == 3
    assert not is_bfloat16_faster(tmp_path / "missing")


def test_bfloat16_is_chosen_with_amx_and_not_with_avx512_alone(tmp_path: Path) -> None:
    assert is_bfloat16_faster(describe(tmp_path / "amx", flags="amx_bf16 amx_tile", cores=[(0, 0)]))
    assert not is_bfloat16_faster(describe(tmp_path / "avx", flags="avx512_bf16", cores=[(0, 0)]))


@pytest.mark.parametrize(
    ("limit", "is_int8", "is_old"),
    [
        ("", True, False),
        ("ALL", True, False),
        ("AVX512_CORE_VNNI", True, False),
        ("avx2", False, False),
        ("AVX512_CORE", False, False),
        ("SSE41", False, True),
    ],
)
@pytest.mark.parametrize("name", ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"])
def test_what_onednn_is_kept_from_is_not_counted_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, limit: str, is_int8: bool, is_old: bool
) -> None:
    monkeypatch.setenv(name, limit)
    info = describe(tmp_path / "cpuinfo", flags="avx avx2 avx512_vnni amx_bf16", cores=[(0, 0)])
    assert is_int8_faster(info) is is_int8
    assert is_without_avx(info) is is_old
    assert is_bfloat16_faster(info) is (limit in ("", "ALL"))


def test_a_cpu_that_says_nothing_is_not_taken_for_an_old_one(tmp_path: Path) -> None:
    assert not is_without_avx(tmp_path / "missing")
    (tmp_path / "arm").write_text("processor\t: 0\nFeatures\t: fp asimd asimddp\n")
    assert not is_without_avx(tmp_path / "arm")
