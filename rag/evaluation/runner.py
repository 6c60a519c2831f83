"""Runs systems over a dataset and keeps what they found."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from sys import intern
from time import perf_counter
from typing import Any, TypeVar

from rag.answer.result import Answer
from rag.engine import Engine
from rag.errors import RagError
from rag.evaluation.answers import Given
from rag.evaluation.datasets import Dataset, Query
from rag.evaluation.indexes import Index, Progress, open_index
from rag.evaluation.judging import Found
from rag.evaluation.saved import Part, Store, code_fingerprint
from rag.evaluation.systems import result_settings
from rag.models import fingerprint as model_fingerprint
from rag.settings import Settings

SEARCH_BATCH = 256
ASK_BATCH = 16
TIMED_QUERIES = 50
TIMED_HITS = 10
LONGEST_RESULT = 1000
HITS_PER_DOCUMENT = 3

_log = logging.getLogger(__name__)
T = TypeVar("T")


class EvaluationError(RagError):
    """A system could not be evaluated; the others are not affected."""


@dataclass(frozen=True)
class Task:
    """What to do with each system.

    Attributes:
        depth: hits, or documents where these are judged, wanted for each query.
        answers: also ask every question (protocol A).
        refusals: also ask every question of a corpus without every second article (protocol N).
        seed: of the sample of queries that is timed.
    """

    depth: int = 100
    answers: bool = False
    refusals: bool = False
    seed: int = 0


@dataclass(frozen=True)
class SystemResult:
    """What one system did.

    Attributes:
        settings: all settings it ran with, as JSON values.
        found: hits by query id, best first.
        milliseconds: time of single searches for 10 hits, one after the other, over a sample of the queries.
        answers: by query id, over the whole corpus; empty if not asked for.
        half: the same over the corpus without every second article.
        gold: what the reader quotes of the passage that was asked about, by query id; empty without a reader.
        passages: number of passages in the index.
    """

    settings: Mapping[str, Any]
    found: Mapping[str, tuple[Found, ...]]
    milliseconds: tuple[float, ...]
    answers: Mapping[str, Given] = field(default_factory=dict)
    half: Mapping[str, Given] = field(default_factory=dict)
    gold: Mapping[str, str] = field(default_factory=dict)
    passages: int = 0


def run_systems(
    dataset: Dataset, systems: Mapping[str, Settings], task: Task, store: Store, progress: Progress
) -> tuple[dict[str, SystemResult], dict[str, RagError]]:
    """Results of the systems that finished, and why the others did not.

    One system's failure, of whatever kind, does not end the run; what it finished is in the store.
    """
    results: dict[str, SystemResult] = {}
    failures: dict[str, RagError] = {}
    for name, settings in systems.items():
        try:
            results[name] = _run(dataset, name, settings, task, store, progress)
        except RagError as error:
            failures[name] = error
        except Exception as error:
            _log.exception("The system %s failed.", name)
            failures[name] = EvaluationError(f"The system {name} failed: {type(error).__name__}: {error}")
    return results, failures


def _run(dataset: Dataset, name: str, settings: Settings, task: Task, store: Store, progress: Progress) -> SystemResult:
    longest = max(len(query.text) for query in dataset.queries)
    usable = settings.updated(max_question_chars=max(longest, settings.max_question_chars))
    index = _Lazily(lambda: open_index(dataset, usable, progress))
    wanted = (
        task.depth if dataset.judging == "span" or dataset.protocol == "passages" else task.depth * HITS_PER_DOCUMENT
    )
    k = min(wanted, LONGEST_RESULT)

    def part(kind: str, of: Dataset = dataset, **more: int) -> Part:
        made_with = {
            "settings": result_settings(usable),
            "model": model_fingerprint(usable.model, usable.cache_dir),
            "code": code_fingerprint(),
            "documents": of.fingerprint,
        }
        return store.part(name, kind, made_with | more)

    found = _search(dataset, index, part("search", k=k), k, f"{name}: search", progress)
    timed = _time(dataset, index, part("latency"), task.seed, f"{name}: timing", progress)
    answers: dict[str, Given] = {}
    half: dict[str, Given] = {}
    gold: dict[str, str] = {}
    if task.answers:
        answers = _ask(dataset, index, part("answers"), f"{name}: answers", progress)
        if dataset.protocol == "passages" and usable.reader != "none":
            gold = _quote(dataset, index, part("gold"), f"{name}: gold passages", progress)
    passages = _passages(index, part("index"))
    index.close()
    if task.refusals:
        rest = dataset.without_every_second_article()
        other = _Lazily(lambda: open_index(rest, usable, progress))
        half = _ask(rest, other, part("refusals", rest), f"{name}: refusals", progress)
    return SystemResult(settings.model_dump(mode="json"), found, timed, answers, half, gold, passages)


class _Lazily:
    """Opens an index on the first call, and not at all if everything is in the store."""

    def __init__(self, opening: Callable[[], Index]) -> None:
        self._opening = opening
        self._index: Index | None = None

    def __call__(self) -> Index:
        if self._index is None:
            self._index = self._opening()
        return self._index

    def close(self) -> None:
        """Lets the index go, so that its memory is free."""
        self._index = None


def _passages(index: _Lazily, part: Part) -> int:
    """Number of passages in the index."""
    if part.get("passages", "") is None:
        part.add([("passages", "", index().passages)])
    return int(part.get("passages", ""))


def _search(
    dataset: Dataset, index: _Lazily, part: Part, k: int, what: str, progress: Progress
) -> dict[str, tuple[Found, ...]]:
    def searched(queries: Sequence[Query]) -> list[list[tuple[str, int, int, float]]]:
        return index().bulk.places_many([query.text for query in queries], k=k)

    records = _fill(dataset.queries, part, SEARCH_BATCH, searched, what, progress)
    return {
        query: tuple(Found(intern(source), start, end, score) for source, start, end, score in hits)
        for query, hits in records.items()
    }


def _time(dataset: Dataset, index: _Lazily, part: Part, seed: int, what: str, progress: Progress) -> tuple[float, ...]:
    """Milliseconds of single searches over a fixed random sample, after one that does not count."""
    number = min(TIMED_QUERIES, len(dataset.queries))
    sample = random.Random(seed).sample(dataset.queries, number)  # noqa: S311
    if any(part.get(query.id, query.text) is None for query in sample):
        index().engine.search(sample[0].text, operators=False, k=TIMED_HITS)

    def timed(queries: Sequence[Query]) -> list[float]:
        return [_milliseconds(index().engine, query.text) for query in queries]

    return tuple(_fill(sample, part, ASK_BATCH, timed, what, progress).values())


def _milliseconds(engine: Engine, text: str) -> float:
    start = perf_counter()
    engine.search(text, operators=False, k=TIMED_HITS)
    return 1000 * (perf_counter() - start)


def _ask(dataset: Dataset, index: _Lazily, part: Part, what: str, progress: Progress) -> dict[str, Given]:
    def asked(queries: Sequence[Query]) -> list[list[Any]]:
        return [_given(index().engine.ask(query.text)) for query in queries]

    records = _fill(dataset.queries, part, ASK_BATCH, asked, what, progress)
    return {
        query: Given(text, short, confidence, refused, tuple((source, start, end) for source, start, end in cited))
        for query, (text, short, confidence, refused, cited) in records.items()
    }


def _quote(dataset: Dataset, index: _Lazily, part: Part, what: str, progress: Progress) -> dict[str, str]:
    """What the reader quotes of the first relevant passage of each query that has accepted answers."""
    queries = [query for query in dataset.judged if query.answers and query.relevant[0].source in dataset.by_source]

    def quoted(some: Sequence[Query]) -> list[str]:
        reader = index().engine.reader
        assert reader is not None
        return [reader.quote(query.text, dataset.by_source[query.relevant[0].source].text) for query in some]

    return _fill(queries, part, ASK_BATCH, quoted, what, progress)


def _given(answer: Answer) -> list[Any]:
    cited = [[each.document.source, each.start, each.end] for each in answer.citations]
    return [answer.answer, short_answer(answer), float(answer.confidence), answer.abstained, cited]


def short_answer(answer: Answer) -> str:
    """What EM and F1 look at: the words of the first citation; nothing if the system refused."""
    return answer.citations[0].quote if answer.citations and not answer.abstained else ""


def _fill(
    queries: Sequence[Query],
    part: Part,
    batch: int,
    work: Callable[[Sequence[Query]], Sequence[Any]],
    what: str,
    progress: Progress,
) -> dict[str, Any]:
    """Records of all queries, in their order: those in the part, and the others worked out and added to it."""
    missing = [query for query in queries if part.get(query.id, query.text) is None]
    done = len(queries) - len(missing)
    progress(what, done, len(queries))
    for some in _batches(missing, batch):
        records = work(some)
        part.add((query.id, query.text, record) for query, record in zip(some, records, strict=True))
        done += len(some)
        progress(what, done, len(queries))
    return {query.id: part.get(query.id, query.text) for query in queries}


def _batches(items: Sequence[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
