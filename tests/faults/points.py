"""One fault at one point of a scenario, and what is left of it."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import socket
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Literal

from rag.errors import RagError
from rag.index.folder import TEMPORARY
from tests.faults.disk import Disk, Loss
from tests.faults.scenarios import ALL, Scenario
from tests.faults.syscalls import Call, Fate, Watcher, watch_this_process
from tests.library_worker import read_here, use_no_model

Kind = Literal["kill", "disk full", "one write fails", "one short write", "power cut"]
KINDS: tuple[Kind, ...] = ("kill", "disk full", "one write fails", "one short write", "power cut")
_FATES = {
    "kill": Fate.KILL,
    "disk full": Fate.NO_SPACE,
    "one write fails": Fate.IO_ERROR,
    "one short write": Fate.SHORT,
}
_FREEING = ("unlink", "rmdir", "fsync", "rename", "truncate")
"""What a full disk still does."""
_SECONDS = 120
_REFUSED, _FAILED = 3, 4


@dataclass(frozen=True)
class Point:
    """A fault: of which kind, at which call, and what of the disk is left after a power cut."""

    scenario: str
    kind: Kind
    at: int
    loss: Loss | None = None


class Trials:
    """A scenario, prepared once and copied for each point.

    Args:
        name: of the scenario.
        home: a folder for all of it, with no link in its path.
        context: where processes are forked from.
    """

    def __init__(self, name: str, home: Path, context: ForkServerContext) -> None:
        self.name = name
        self._home = home / name.replace(" ", "-")
        self._context = context
        self._home.mkdir(parents=True)
        self._prepared = self._home / "prepared"
        self._work = self._home / "work"
        self._expected = self._home / "expected.txt"
        self._in_process(_prepare, name, self._prepared, self._work, self._expected)
        self.calls = self._recorded()

    def points(self) -> list[Point]:
        """Every fault at every call."""
        numbers = range(len(self.calls))
        writes = [n for n in numbers if self.calls[n].kind == "write" and len(self.calls[n].data) > 1]
        found = [
            Point(self.name, kind, at)
            for kind in _FATES
            for at in (writes if kind == "one short write" else numbers)
            if self.calls[at].kind != "told"
        ]
        return found + [Point(self.name, "power cut", at, loss) for at in numbers for loss in Loss]

    def failure(self, point: Point) -> str:
        """What is wrong after this fault; empty if nothing was lost and all goes on."""
        self._reset()
        if point.kind == "power cut":
            done = self._cut(point)
        else:
            outcome, done = self._struck(point)
            if outcome == _FAILED:
                return self._said()
        try:
            self._in_process(_judge, self.name, self._work, self._expected, done)
        except AssertionError as error:
            return str(error)
        return ""

    def _recorded(self) -> list[Call]:
        calls: list[Call] = []
        self._reset()
        disk = Disk.of(self._work)

        def note(call: Call) -> Fate:
            calls.append(call)
            disk.apply(call)
            return Fate.PASS

        self._watched(note)
        seen = {str(path): None if path.is_dir() else path.read_bytes() for path in self._work.rglob("*")}
        differing = [path for path in seen.keys() | disk.content().keys() if seen.get(path) != disk.content().get(path)]
        assert not differing, f"The disk is not as the calls say: {differing}"
        return calls

    def _struck(self, point: Point) -> tuple[int, int]:
        number, done = -1, 0

        def decide(call: Call) -> Fate:
            nonlocal number, done
            number += 1
            if call.kind == "told":
                done += 1
                return Fate.PASS
            if number == point.at or (number > point.at and point.kind == "disk full" and call.kind not in _FREEING):
                return _FATES[point.kind]
            return Fate.PASS

        return self._watched(decide), done

    def _cut(self, point: Point) -> int:
        disk = Disk.of(self._work)
        for call in self.calls[: point.at]:
            disk.apply(call)
        assert point.loss is not None
        shutil.rmtree(self._work)
        self._work.mkdir()
        disk.write(point.loss, self._work)
        return sum(call.kind == "told" for call in self.calls[: point.at])

    def _reset(self) -> None:
        shutil.rmtree(self._work, ignore_errors=True)
        shutil.copytree(self._prepared, self._work)

    def _watched(self, decide: Callable[[Call], Fate]) -> int:
        """Run the scenario, watched; gives its exit code."""
        address, telling = self._home / "socket", self._home / "told"
        telling.write_bytes(b"")
        with socket.socket(socket.AF_UNIX) as server:
            address.unlink(missing_ok=True)
            server.bind(str(address))
            server.listen()
            child = self._context.Process(target=_run, args=(self.name, self._work, address, telling, self._home))
            child.start()
            connection, _ = server.accept()
            with connection:
                _, (listener,), _, _ = socket.recv_fds(connection, 1, 1)
        assert child.pid is not None
        try:
            Watcher(listener, child.pid, self._work, telling, decide).run()
        except TimeoutError:
            child.kill()
            self._home.joinpath("failed.txt").write_text("It hangs.")
            return _FAILED
        finally:
            os.close(listener)
            child.join(_SECONDS)
        return int(child.exitcode or 0)

    def _in_process(self, target: Callable[..., None], *arguments: object) -> None:
        child = self._context.Process(target=_noting, args=(target, arguments, self._home))
        child.start()
        child.join(_SECONDS)
        if child.exitcode != 0:
            child.kill()
            raise AssertionError(self._said() if child.exitcode == _FAILED else f"ended with {child.exitcode}")

    def _said(self) -> str:
        return (self._home / "failed.txt").read_text(encoding="utf-8")


def _run(name: str, folder: Path, address: Path, telling: Path, home: Path) -> None:
    """Do all steps, watched, and tell after each."""
    use_no_model()
    read_here()
    scenario, told = ALL[name], os.open(telling, os.O_WRONLY | os.O_APPEND)
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(address))
    listener = watch_this_process()
    socket.send_fds(connection, [b"x"], [listener])
    os.close(listener)
    connection.close()
    try:
        for step in scenario.steps:
            step(folder)
            os.write(told, b"done\n")
    except (RagError, *scenario.may_refuse):
        os._exit(_REFUSED)
    except BaseException:
        (home / "failed.txt").write_text(traceback.format_exc(), encoding="utf-8")
        os._exit(_FAILED)
    os._exit(0)


def _noting(target: Callable[..., None], arguments: Sequence[object], home: Path) -> None:
    use_no_model()
    read_here()
    try:
        target(*arguments)
    except BaseException:
        (home / "failed.txt").write_text(traceback.format_exc(), encoding="utf-8")
        os._exit(_FAILED)
    os._exit(0)


def _prepare(name: str, prepared: Path, work: Path, expected: Path) -> None:
    """Make a scenario ready, and write down what is seen before the first step and after each."""
    scenario = ALL[name]
    # What is kept in it tells its own path.
    work.mkdir()
    scenario.prepare(work)
    shutil.copytree(work, prepared)
    seen = [repr(scenario.observe(work))]
    for step in scenario.steps:
        step(work)
        seen.append(repr(scenario.observe(work)))
    expected.write_text("\n".join(seen), encoding="utf-8")


def _judge(name: str, folder: Path, expected: Path, done: int) -> None:
    """All that was told to be done is there, nothing is half done, and what was left undone can be done now.

    Raises:
        AssertionError: if not.
    """
    scenario, due = ALL[name], expected.read_text(encoding="utf-8").splitlines()
    seen = repr(scenario.observe(folder))
    assert seen in due[done : done + 2], f"after step {done} of {len(due) - 1}: {seen}\ndue: {due[done : done + 2]}"
    for step in scenario.steps[done:]:
        _again(scenario, step, folder, due)
    assert repr(scenario.observe(folder)) == due[-1]
    # What a removal has left that failed is removed by the next build.
    left = [path.name for path in (folder / "index").glob(f"{TEMPORARY}*")]
    assert not left, f"left behind: {left}"


def _again(scenario: Scenario, step: Callable[[Path], object], folder: Path, due: Sequence[str]) -> None:
    """Do a step that may have been done: what then is refused for having been done is."""
    before = repr(scenario.observe(folder))
    try:
        step(folder)
    except RagError as error:
        assert before in due[1:] and repr(scenario.observe(folder)) == before, error


@contextmanager
def trials(names: Sequence[str]) -> Iterator[list[Trials]]:
    """The scenarios of these names."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.points"])
    with tempfile.TemporaryDirectory(prefix="faults-") as home:
        yield [Trials(name, Path(home).resolve(), context) for name in names]


def drawn(points: Sequence[Point], number: int) -> list[Point]:
    """So many of them, the same each time, of all kinds and from the whole length."""
    order = random.Random(1)
    by_kind = {kind: [point for point in points if point.kind == kind] for kind in KINDS}
    for each in by_kind.values():
        order.shuffle(each)
    turns = (each[n] for n in range(len(points)) for each in by_kind.values() if n < len(each))
    return [point for _, point in zip(range(number), turns, strict=False)]
