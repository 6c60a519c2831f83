"""Hits -> runs and qrels in TREC's sense, so that standard measures apply."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rag.evaluation.datasets import Dataset, Query
from rag.evaluation.trec_ids import encoded

Run = dict[str, dict[str, float]]
Qrels = dict[str, dict[str, int]]


class Found(NamedTuple):
    """What is kept of a Hit: the document, the passage's offsets in its text, and the score."""

    source: str
    start: int
    end: int
    score: float


def qrels_of(dataset: Dataset) -> Qrels:
    """Grade by query and judged thing, for the queries that have anything relevant.

    A thing is named as `entries` names it: by the document's id, or ``gold-1``, ``gold-2``, ... in the query's order.
    """
    return {
        query.id: {_gold(dataset, query, number): each.grade for number, each in enumerate(query.judgements, start=1)}
        for query in dataset.judged
    }


def _gold(dataset: Dataset, query: Query, number: int) -> str:
    return query.judgements[number - 1].source if dataset.judging == "document" else f"gold-{number}"


def run_of(dataset: Dataset, found: Mapping[str, Sequence[Found]]) -> Run:
    """Score by query and entry, best first; only queries of the dataset.

    trec_eval orders by score in single precision and breaks ties by name, so scores are rounded to float32 and lowered
    by the smallest step wherever they would not fall: the order of the hits is the order that is measured.
    """
    queries = {query.id: query for query in dataset.queries}
    return {
        query: _falling(list(entries(dataset, queries[query], hits)))
        for query, hits in found.items()
        if query in queries
    }


def entries(dataset: Dataset, query: Query, hits: Iterable[Found]) -> Iterator[tuple[str, float]]:
    """Name and score of each line the hits make in a run.

    Where documents are judged, a document stands at the place of its first hit, and its other hits are dropped.

    Where spans are judged, the unit is the hit. The first hit that overlaps a relevant span retrieves it and takes its
    name; later hits that overlap it again, as neighbouring passages with a common sentence do, keep names of their own
    and are not relevant. So a span counts once and recall cannot exceed 1. A hit that is the first to overlap several
    relevant spans makes a line for each of them, because all are then found; with one relevant span a query, hits and
    lines agree.
    """
    if dataset.judging == "document":
        seen: set[str] = set()
        for hit in hits:
            if hit.source not in seen:
                seen.add(hit.source)
                yield hit.source, hit.score
        return
    waiting = dict(enumerate(query.judgements, start=1))
    for hit in hits:
        met = [number for number, each in waiting.items() if each.overlaps(hit.source, hit.start, hit.end)]
        for number in met:
            del waiting[number]
            yield f"gold-{number}", hit.score
        if not met:
            yield f"{hit.source}:{hit.start}-{hit.end}", hit.score


def _falling(lines: Sequence[tuple[str, float]]) -> dict[str, float]:
    """The lines with strictly falling float32 scores; of two with one name the first counts."""
    first = dict(reversed(lines))
    names = list(dict.fromkeys(name for name, _ in lines))
    rounded = np.array([first[name] for name in names], dtype=np.float32)
    for place in np.flatnonzero(rounded[1:] >= rounded[:-1]) + 1:
        _lower(rounded, int(place))
    return dict(zip(names, rounded.tolist(), strict=True))


def _lower(scores: npt.NDArray[np.float32], place: int) -> None:
    """Lowers scores from ``place`` on, as far as needed for each to be below the one before it."""
    while place < len(scores) and scores[place] >= scores[place - 1]:
        scores[place] = np.nextafter(scores[place - 1], np.float32(-np.inf))
        place += 1


def characters(hits: Sequence[Found], cutoff: int) -> int:
    """Characters in the first ``cutoff`` hits; what several hits share is read several times."""
    return sum(hit.end - hit.start for hit in hits[:cutoff])


def qrels_text(qrels: Qrels) -> str:
    """Qrels as trec_eval reads them: ``query 0 document grade`` a line."""
    return "".join(
        f"{encoded(query)} 0 {encoded(name)} {grade}\n"
        for query, judged in qrels.items()
        for name, grade in judged.items()
    )


def run_text(run: Run, tag: str) -> str:
    """A run as trec_eval reads it: ``query Q0 document rank score tag`` a line, ranks from 1."""
    return "".join(
        f"{encoded(query)} Q0 {encoded(name)} {rank} {score:.9g} {encoded(tag)}\n"
        for query, scores in run.items()
        for rank, (name, score) in enumerate(scores.items(), start=1)
    )
