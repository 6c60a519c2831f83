"""Builders are killed, several processes read and write: the index is whole all the time."""

from __future__ import annotations

import multiprocessing
import random
import shutil
import time
from collections.abc import Iterator
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from rag.index.folder import FolderSnapshot
from tests.faults.worker import build_and_die, build_version, read_until, version_of, write_many

RANDOM_KILLS = 120
UPDATES = 50
PARSERS = 4


@pytest.fixture(scope="module")
def context() -> Iterator[ForkServerContext]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.worker"])
    yield context


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """An index that holds version 1."""
    build_version(tmp_path / "index", 1)
    return tmp_path / "index"


def _assert_whole(index: Path) -> int:
    assert FolderSnapshot.open(index).verify() == []
    return version_of(index)


def _copy(index: Path, to: Path) -> Path:
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(index, to)
    return to


def _steps(context: ForkServerContext, index: Path) -> int:
    steps = context.Queue()
    child = context.Process(target=build_and_die, args=(index, 2, None, steps))
    child.start()
    count = int(steps.get(timeout=120))
    child.join()
    return count


@pytest.mark.slow
def test_a_builder_killed_at_any_step_leaves_the_old_or_the_new_index(
    context: ForkServerContext, index: Path, tmp_path: Path
) -> None:
    steps = _steps(context, _copy(index, tmp_path / "counted"))
    assert steps > 50
    seen = set()
    for at in range(1, steps + 1):
        work = _copy(index, tmp_path / "work")
        child = context.Process(target=build_and_die, args=(work, 2, at, None))
        child.start()
        child.join()
        assert child.exitcode == -9
        seen.add(_assert_whole(work))
        if at % 10 == 0:
            build_version(work, 3)
            assert _assert_whole(work) == 3
            assert not [path for path in work.iterdir() if path.name.startswith(".") and path.is_dir()]
    assert seen == {1, 2}


@pytest.mark.slow
def test_a_builder_killed_at_any_moment_leaves_the_old_or_the_new_index(
    context: ForkServerContext, index: Path, tmp_path: Path
) -> None:
    work = _copy(index, tmp_path / "work")
    began = time.perf_counter()
    child = context.Process(target=build_and_die, args=(work, 2, None, None))
    child.start()
    child.join()
    takes = time.perf_counter() - began
    rng = random.Random(1)
    for _ in range(RANDOM_KILLS):
        child = context.Process(target=build_and_die, args=(work, 2, None, None))
        child.start()
        time.sleep(rng.uniform(0, takes))
        child.kill()
        child.join()
        assert _assert_whole(work) in (1, 2)
    build_version(work, 5)
    assert _assert_whole(work) == 5


@pytest.mark.slow
def test_readers_in_other_processes_see_one_whole_snapshot_while_it_is_updated(
    context: ForkServerContext, index: Path
) -> None:
    stop, reports, written = context.Event(), context.Queue(), context.Queue()
    readers = [context.Process(target=read_until, args=(index, stop, reports)) for _ in range(PARSERS)]
    for reader in readers:
        reader.start()
    writer = context.Process(target=write_many, args=(index, UPDATES, written))
    writer.start()
    writer.join()
    stop.set()
    seen = [reports.get(timeout=60) for _ in readers]
    for reader in readers:
        reader.join()

    assert all(isinstance(versions, list) for versions in seen), seen
    assert all(len(set(versions)) > 1 for versions in seen)
    assert _assert_whole(index) == UPDATES - 1
    build_version(index, UPDATES)
    assert len([path for path in index.iterdir() if path.is_dir()]) == 1


@pytest.mark.slow
def test_two_writers_take_turns(context: ForkServerContext, index: Path) -> None:
    reports = context.Queue()
    writers = [context.Process(target=write_many, args=(index, 6, reports)) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert _assert_whole(index) == 5


def test_a_snapshot_that_is_being_read_stays_and_goes_when_it_is_let_go(index: Path) -> None:
    held = FolderSnapshot.open(index)
    build_version(index, 2)
    assert held.folder.is_dir()
    assert "第1版" in next(iter(held.store.all_passages())).passage.text
    held.close()
    build_version(index, 3)
    assert not held.folder.exists()
