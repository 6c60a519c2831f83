"""Runs the workers: each indexes alone, then all answer in turn, so that a slow minute hits every one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

from benchmarks.peers.environments import Contender
from benchmarks.peers.measuring import DONE, FINISH, INDEX, ROUND, Request
from rag.models.cpu import physical_cores

_OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "TOKENIZERS_PARALLELISM": "true",
}
_OUR_OWN = ("OMP_WAIT_POLICY",)
"""What ``rag`` has set in this process for itself; the others keep their defaults."""


@dataclass(frozen=True)
class Entry:
    """One line of the table: a system in one kind of search, and what it is asked to do."""

    contender: Contender
    request: Request
    python: str

    @property
    def result(self) -> Path:
        """Where its worker writes what it measured and found."""
        return Path(self.request.result)


class Worker:
    """A running worker. It keeps its index in memory between the rounds and is ended with the ``with`` block."""

    def __init__(self, entry: Entry, log: Path) -> None:
        self._entry, self._log = entry, log
        request = entry.result.with_suffix(".request.json")
        request.write_text(json.dumps(asdict(entry.request), ensure_ascii=False), encoding="utf-8")
        script = Path(__file__).parent / entry.contender.worker
        with log.open("w", encoding="utf-8") as errors:
            self._process = subprocess.Popen(
                [entry.python, str(script), str(request)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=environment(),
            )

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.communicate()

    def do(self, step: str) -> None:
        """Have it do a step and wait until it is done.

        Raises:
            SystemExit: if it ends instead.
        """
        assert self._process.stdin and self._process.stdout
        print(f"{self._entry.contender.name}, {self._entry.request.search}: {step}", file=sys.stderr)
        try:
            print(step, file=self._process.stdin, flush=True)
            answer = self._process.stdout.readline().strip()
        except BrokenPipeError:
            answer = ""
        if answer != DONE:
            last = "\n".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
            raise SystemExit(f"{self._entry.contender.name} failed ({self._log}):\n{last}")


def run(entries: Sequence[Entry], rounds: int) -> None:
    """Have every entry's result written: index one after the other, then answer all questions ``rounds`` times.

    Raises:
        SystemExit: if a worker fails.
    """
    with ExitStack() as stack:
        workers = []
        for entry in entries:
            workers.append(stack.enter_context(Worker(entry, entry.result.with_suffix(".log"))))
            workers[-1].do(INDEX)
        _all(workers, [ROUND] * rounds + [FINISH])


def environment() -> dict[str, str]:
    """Variables for a worker: no network, no telemetry, and as many threads for everyone as there are cores."""
    cores = str(physical_cores())
    own = {name: value for name, value in os.environ.items() if name not in _OUR_OWN}
    return own | _OFFLINE | dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), cores)


def _all(workers: Iterable[Worker], steps: Iterable[str]) -> None:
    for step in steps:
        for worker in workers:
            worker.do(step)
