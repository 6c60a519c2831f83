"""Reads the best hits: ranks them anew, marks words that may answer, and tells how sure it is that some do."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from rag.answer.coverage import Weigh, best_stretch, hit_coverage, wanted_terms
from rag.corpus.blocks import Span
from rag.language.detection import detect_language
from rag.ranking import RetrieverScore
from rag.reader.calibration import READ_STEPS, ReadingWeights, confidence_features
from rag.reader.model import PassageReading, Reader
from rag.search import Hit


class ReadsPassages(Protocol):
    """What ``rag.reader.model.Reader`` does."""

    def read(self, question: str, passages: Sequence[str], *, count: int = 3) -> list[PassageReading]:
        """A reading of each passage."""
        ...


@dataclass(frozen=True, slots=True)
class FoundSpan:
    """A possible answer: ``hit.text[start - hit.start : end - hit.start] == text``.

    Attributes:
        hit: where it stands, ranked anew.
        start, end: offsets into the document's text, in characters.
        text: the words.
        score: logarithm of its weight against the other spans.
    """

    hit: Hit
    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader made of a question's hits.

    Attributes:
        question: as asked.
        hits: ranked anew, all of them.
        spans: possible answers, best first.
        confidence: probability in [0, 1] that the hits hold the answer.
    """

    question: str
    hits: tuple[Hit, ...]
    spans: tuple[FoundSpan, ...]
    confidence: float


class Reranker:
    """A reader model with its calibration. Threads may share one.

    Attributes:
        depth: hits it reads at most.
    """

    depth = READ_STEPS[-1]

    def __init__(self, model: ReadsPassages, weights: ReadingWeights) -> None:
        self.weights = weights
        self._model = model

    @classmethod
    def shipped(cls, cache_dir: Path) -> Reranker:
        """The reader that ships with the package, loaded once for a process.

        Raises:
            ModelError: there is none, it is damaged, or the bundled model it shares word embeddings with is.
        """
        with _SHARING:
            return _shipped(cache_dir)

    def read_texts(self, question: str, texts: Sequence[str]) -> Sequence[PassageReading]:
        """The reader's word for short texts, each by itself."""
        return self._model.read(question, texts, count=2)

    def quote(self, question: str, text: str) -> str:
        """The words of one text that best answer the question, whether or not they do."""
        (reading,) = self._model.read(question, [text], count=1)
        return text[reading.spans[0].start : reading.spans[0].end] if reading.spans else ""

    def read(
        self,
        question: str,
        hits: Sequence[Hit],
        weigh: Weigh | None = None,
        *,
        most: int | None = None,
        longest: int | None = None,
    ) -> Reading:
        """Read the first hits, as many as it takes (``ReadingWeights.read``), and rank them anew.

        Args:
            question: as asked.
            hits: best first.
            weigh: tells how rare terms are, for the confidence.
            most: hits to read at most; ``depth`` if not given.
            longest: characters of a hit to read, those that hold most of the question's terms; all if not given.
        """
        if not hits:
            return Reading(question, (), (), 0.0)
        wanted = wanted_terms(question, weigh) if weigh is not None and longest is not None else None
        stretches = [
            (0, len(hit.text)) if wanted is None or longest is None else best_stretch(wanted, hit, longest)
            for hit in hits[: most or self.depth]
        ]
        scored = self._scored(question, hits, stretches)
        unread = hits[len(scored) :]
        ranked = _ranked(scored)
        ranked += _behind(unread, len(ranked), ranked[-1].score)
        ordered = [reading for _, _, reading in scored]
        confidence = self.weights.confidence(confidence_features(ordered, self._coverage(question, ranked[0], weigh)))
        return Reading(question, tuple(ranked), tuple(_spans(ranked, ordered)), confidence)

    def _coverage(self, question: str, hit: Hit, weigh: Weigh | None) -> float:
        if weigh is None or detect_language(question, default="ja") != hit.language:
            return self.weights.usual_coverage
        return hit_coverage(wanted_terms(question, weigh), hit)

    def _scored(
        self, question: str, hits: Sequence[Hit], stretches: Sequence[Span]
    ) -> list[tuple[float, Hit, PassageReading]]:
        """Combined score, hit and reading of what was read, best first; of each hit a stretch is read at most."""

        def read(first: int, last: int) -> list[PassageReading]:
            there = list(zip(hits[first:last], stretches[first:last], strict=True))
            found = self._model.read(question, [hit.text[start:end] for hit, (start, end) in there])
            return [reading.moved(start) for reading, (_, (start, _)) in zip(found, there, strict=True)]

        readings = self.weights.read([hit.score for hit in hits], read, len(stretches))
        scored = [
            (self.weights.combined(hit.score, reading), hit, reading)
            for hit, reading in zip(hits, readings, strict=False)
        ]
        return sorted(scored, key=lambda entry: (-entry[0], entry[1].rank))


_SHARING = threading.Lock()


@lru_cache(maxsize=1)
def _shipped(cache_dir: Path) -> Reranker:
    model = Reader.shipped(cache_dir)
    return Reranker(model, ReadingWeights.of(model.facts))


def _ranked(scored: Sequence[tuple[float, Hit, PassageReading]]) -> list[Hit]:
    """The hits in their new order, with the reader's relevance beside the retrievers' scores."""
    by_relevance = sorted(range(len(scored)), key=lambda i: -scored[i][2].relevance)
    place = {i: rank for rank, i in enumerate(by_relevance, 1)}
    return [
        replace(
            hit,
            rank=i + 1,
            score=score,
            retrievers={**hit.retrievers, "reader": RetrieverScore(place[i], reading.relevance)},
        )
        for i, (score, hit, reading) in enumerate(scored)
    ]


def _behind(unread: Sequence[Hit], read: int, lowest: float) -> list[Hit]:
    """Hits that were not read, in their order behind those that were, at scores that fall on from theirs."""
    if not unread:
        return []
    shift = max(unread[0].score - lowest, 0.0)
    # Rounding must not lift the first of them above what was read.
    return [replace(hit, rank=rank, score=min(lowest, hit.score - shift)) for rank, hit in enumerate(unread, read + 1)]


def _spans(hits: Sequence[Hit], readings: Sequence[PassageReading]) -> list[FoundSpan]:
    """All spans of the readings, by the sum of their own score and their passage's relevance."""
    found = [
        FoundSpan(
            hit=hit,
            start=hit.start + span.start,
            end=hit.start + span.end,
            text=hit.text[span.start : span.end],
            score=span.score + reading.relevance,
        )
        for hit, reading in zip(hits, readings, strict=False)
        for span in reading.spans
    ]
    return sorted(found, key=lambda span: (-span.score, span.hit.rank, span.start))
