"""Faults at drawn points of every scenario; `benchmarks.faults` strikes at a thousand of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.disk import Disk, Loss
from tests.faults.points import KINDS, Trials, drawn, trials
from tests.faults.scenarios import SCENARIOS
from tests.faults.syscalls import IS_SUPPORTED, Call

POINTS = 10

pytestmark = pytest.mark.skipif(not IS_SUPPORTED, reason="calls are seen on Linux on x86-64 alone")


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_fault_loses_nothing_and_what_was_left_undone_can_be_done(name: str) -> None:
    with trials([name]) as (trial,):
        points = drawn(trial.points(), POINTS)
        assert {point.kind for point in points} == set(KINDS)
        assert [failure for point in points if (failure := trial.failure(point))] == []


@pytest.mark.slow
def test_a_file_written_over_where_it_stands_is_found_out() -> None:
    def found(trial: Trials) -> set[str]:
        return {point.kind for point in trial.points() if trial.failure(point)}

    with trials(["careless"]) as (trial,):
        assert {"kill", "disk full", "power cut"} <= found(trial)


def _left(disk: Disk, loss: Loss, folder: Path) -> dict[str, str]:
    folder.mkdir()
    disk.write(loss, folder)
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_a_power_cut_takes_content_and_names_that_were_not_synced(tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    (folder / "a").write_text("old")
    disk = Disk.of(folder)
    for call in (
        Call("create", f"{folder}/b"),
        Call("write", f"{folder}/b", data=b"synced"),
        Call("fsync", f"{folder}/b"),
        Call("write", f"{folder}/b", offset=6, data=b"-more-"),
        Call("rename", f"{folder}/b", f"{folder}/a"),
    ):
        disk.apply(call)
    assert _left(disk, Loss.ALL_UNSYNCED, tmp_path / "1") == {"a": "old"}
    assert _left(disk, Loss.NAMES, tmp_path / "2") == {"a": "old"}
    assert _left(disk, Loss.CONTENT, tmp_path / "3") == {"a": "synced"}
    disk.apply(Call("fsync", str(folder)))
    assert _left(disk, Loss.ALL_UNSYNCED, tmp_path / "4") == {"a": "synced"}
    assert _left(disk, Loss.NAMES, tmp_path / "5") == {"a": "synced-more-"}
