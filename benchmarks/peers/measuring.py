"""What every worker does: index, answer in rounds, and write down how long it took and what was found.

Workers are scripts that run in an environment of their own and import this module by its folder, so it needs nothing
but the standard library. A worker is told what to do by words on its standard input and says ``done`` after each.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Protocol

INDEX, ROUND, FINISH, DONE = "index", "round", "finish", "done"
DENSE, HYBRID, JAPANESE = "dense", "hybrid", "japanese"

BIGRAMS = r"(?=(\w\w))"
"""Matches at every pair of neighbouring letters: the usual terms for text without spaces and without a dictionary."""
CANDIDATES = 100
"""Passages that each retriever hands to rank fusion in the search ``japanese``."""


@dataclass(frozen=True)
class Request:
    """What a worker is to do.

    Attributes:
        search: ``dense``; ``hybrid``, as the documentation shows it; or ``japanese``, hybrid with the options that
            suit text without spaces.
        model: a sentence-transformers folder.
        query_prompt, passage_prompt: what the model expects before a text.
        k: passages wanted for a question.
        index: the folder for everything that the index keeps on disk.
        result: where the ``Result`` goes.
        packages: distributions whose versions are noted.
        passages: id and text of each.
        questions: id and text of each.
    """

    search: str
    model: str
    query_prompt: str
    passage_prompt: str
    k: int
    index: str
    result: str
    packages: Sequence[str]
    passages: Sequence[tuple[str, str]]
    questions: Sequence[tuple[str, str]]


@dataclass
class Round:
    """Seconds for each question asked alone, and for all of them handed over together (None: there is no such way)."""

    alone: list[float]
    together: float | None


@dataclass
class Result:
    """What a worker measured and found.

    Attributes:
        versions: of the packages asked for.
        index_seconds: from passages in memory to an index on disk, the model being loaded before.
        index_bytes: of all files of the index.
        peak_bytes: the most memory the process ever had resident (VmHWM); 0 where the system does not tell.
        rounds: times of each round.
        run: ids of the passages found for each question, best first.
    """

    versions: dict[str, str] = field(default_factory=dict)
    index_seconds: float = 0.0
    index_bytes: int = 0
    peak_bytes: int = 0
    rounds: list[Round] = field(default_factory=list)
    run: dict[str, list[str]] = field(default_factory=dict)


class System(Protocol):
    """One system, set up for one kind of search. Made with its model loaded."""

    def index(self, passages: Sequence[tuple[str, str]]) -> None:
        """Index passages and write the index to disk."""

    def search(self, question: str) -> list[str]:
        """Ids of the best passages, best first."""

    def search_all(self, questions: Sequence[str]) -> list[list[str]] | None:
        """As ``search``, by the system's own means for many questions at once; None if it has none."""


def serve(make: Callable[[Request], System]) -> None:
    """Do what is asked for on standard input until ``finish``."""
    request = Request(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    # What a library prints must not be taken for an answer.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    result = Result(versions={name: version(name) for name in request.packages})
    system = make(request)
    for line in sys.stdin:
        step = line.strip()
        if step == INDEX:
            _index(system, request, result)
        elif step == ROUND:
            _ask(system, request, result)
        elif step == FINISH:
            result.peak_bytes = peak_memory()
            Path(request.result).write_text(json.dumps(asdict(result), ensure_ascii=False), encoding="utf-8")
        print(DONE, file=answers, flush=True)
        if step == FINISH:
            return


def peak_memory() -> int:
    """The most bytes this process ever had resident, 0 where the system does not tell.

    Read from ``/proc``, because ``ru_maxrss`` of a new process begins with its parent's.
    """
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


def _index(system: System, request: Request, result: Result) -> None:
    began = perf_counter()
    system.index(request.passages)
    result.index_seconds = perf_counter() - began
    result.index_bytes = sum(file.stat().st_size for file in Path(request.index).rglob("*") if file.is_file())
    system.search(request.questions[0][1])


def _ask(system: System, request: Request, result: Result) -> None:
    alone = []
    for name, question in request.questions:
        began = perf_counter()
        result.run[name] = system.search(question)
        alone.append(perf_counter() - began)
    began = perf_counter()
    found = system.search_all([question for _, question in request.questions])
    together = perf_counter() - began
    result.rounds.append(Round(alone, None if found is None else together))
