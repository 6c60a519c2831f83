"""The queries a system did worst on: what it found, and what it should have found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rag.evaluation.datasets import Dataset, Judgement, Query
from rag.evaluation.judging import Found
from rag.evaluation.result import Evaluation

SHOWN_QUERIES = 12
SHOWN_HITS = 3
SNIPPET_CHARS = 160
CONTEXT_CHARS = 60


@dataclass(frozen=True, slots=True)
class Extract:
    """A piece of a document; ``marked`` is the part that counts, with ``before`` and ``after`` around it."""

    source: str
    before: str
    marked: str
    after: str
    relevant: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """One query: its value under a system and the others, the first hits, and what is relevant."""

    query: Query
    value: float
    others: Mapping[str, float]
    found: tuple[Extract, ...]
    wanted: tuple[Extract, ...]


def worst(evaluation: Evaluation, system: str, measure: str) -> list[Failure]:
    """The queries with the lowest values below 1 in this system; of equals, those first that another does best on."""
    values = evaluation.values[system].get(measure, {})
    others = {name: each[measure] for name, each in evaluation.values.items() if name != system and measure in each}

    def order(query: str) -> tuple[float, float]:
        return values[query], -max((each.get(query, 0.0) for each in others.values()), default=0.0)

    chosen = sorted((query for query, value in values.items() if value < 1), key=order)[:SHOWN_QUERIES]
    queries = {query.id: query for query in evaluation.dataset.queries}
    return [
        Failure(
            query=queries[each],
            value=values[each],
            others={name: found[each] for name, found in others.items() if each in found},
            found=tuple(_found(evaluation, system, queries[each])),
            wanted=tuple(_wanted(evaluation.dataset, judged) for judged in queries[each].relevant[:SHOWN_HITS]),
        )
        for each in chosen
    ]


def _found(evaluation: Evaluation, system: str, query: Query) -> Iterator[Extract]:
    dataset = evaluation.dataset
    for hit in evaluation.results[system].found[query.id][:SHOWN_HITS]:
        if hit.source in dataset.by_source:
            yield _hit(dataset, query, hit)


def _hit(dataset: Dataset, query: Query, hit: Found) -> Extract:
    text = dataset.by_source[hit.source].text[hit.start : hit.end]
    if dataset.judging == "document":
        relevant = any(judged.source == hit.source for judged in query.relevant)
    else:
        relevant = any(judged.overlaps(hit.source, hit.start, hit.end) for judged in query.relevant)
    return Extract(hit.source, _shortened(text), "", "", relevant)


def _wanted(dataset: Dataset, judged: Judgement) -> Extract:
    text = dataset.by_source[judged.source].text
    if not judged.spans:
        return Extract(judged.source, _shortened(text), "", "", True)
    start, end = judged.spans[0]
    first, last = max(0, start - CONTEXT_CHARS), end + CONTEXT_CHARS
    before, after = text[first:start], text[end:last]
    return Extract(
        judged.source,
        ("…" if first else "") + before,
        text[start:end],
        after + ("…" if last < len(text) else ""),
        True,
    )


def _shortened(text: str) -> str:
    return text if len(text) <= SNIPPET_CHARS else text[:SNIPPET_CHARS] + "…"
