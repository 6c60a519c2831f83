"""Reads the best hits: ranks them anew, marks the exact answer, and tells how sure it is that there is one."""

from __future__ import annotations

import math
import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from rag.answer.citation import Citation, Context
from rag.answer.conflict import disagree
from rag.answer.coverage import Weigh, hit_coverage, wanted_terms
from rag.answer.result import Answer
from rag.language.detection import detect_language
from rag.language.sentences import sentences
from rag.reader.calibration import READ_STEPS, ReadingWeights, confidence_features
from rag.reader.model import PassageReading, Reader
from rag.search import Hit, RetrieverScore

_MOST_ANSWERS = 3
_CLOSE = 0.6
"""Another answer is given too if it is at least this probable, as a share of the best one's probability."""


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

    def compose(self, reading: Reading, min_confidence: float | None = None) -> Answer:
        """The best answers, or an abstention below ``min_confidence``, by default the calibrated threshold."""
        return compose(reading, self.weights.threshold if min_confidence is None else min_confidence)

    def read_texts(self, question: str, texts: Sequence[str]) -> Sequence[PassageReading]:
        """The reader's word for short texts, each by itself."""
        return self._model.read(question, texts, count=2)

    def quote(self, question: str, text: str) -> str:
        """The words of one text that best answer the question, whether or not they do."""
        (reading,) = self._model.read(question, [text], count=1)
        return text[reading.spans[0].start : reading.spans[0].end] if reading.spans else ""

    def read(self, question: str, hits: Sequence[Hit], weigh: Weigh | None = None) -> Reading:
        """Read the first hits, as many as it takes (``ReadingWeights.read``), and rank them anew.

        Args:
            question: as asked.
            hits: best first.
            weigh: tells how rare terms are, for the confidence.
        """
        if not hits:
            return Reading(question, (), (), 0.0)
        scored = self._scored(question, hits)
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

    def _scored(self, question: str, hits: Sequence[Hit]) -> list[tuple[float, Hit, PassageReading]]:
        """Combined score, hit and reading of what was read, best first."""
        language = detect_language(question, default="ja")
        readings = self.weights.read(
            [hit.score for hit in hits],
            lambda first, last: self._model.read(question, [hit.text for hit in hits[first:last]]),
        )
        scored = [
            (self.weights.combined(hit.score, reading, foreign=hit.language != language), hit, reading)
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


@dataclass(frozen=True, slots=True)
class Candidate:
    """One answer, however often it was found: its best span, the other places, and its share of the probability."""

    best: FoundSpan
    places: tuple[FoundSpan, ...]
    share: float


def distinct_answers(spans: Sequence[FoundSpan]) -> list[Candidate]:
    """Spans of the same words (width, case and spaces apart) as one answer, the most probable first."""
    if not spans:
        return []
    highest = max(span.score for span in spans)
    groups: dict[str, list[FoundSpan]] = {}
    for span in spans:
        groups.setdefault(_plain(span.text), []).append(span)
    weights = {key: sum(math.exp(span.score - highest) for span in group) for key, group in groups.items()}
    total = sum(weights.values())
    found = [Candidate(group[0], tuple(group), weights[key] / total) for key, group in groups.items()]
    return sorted(found, key=lambda candidate: (-candidate.share, candidate.best.hit.rank, candidate.best.start))


def compose(reading: Reading, min_confidence: float) -> Answer:
    """The reading as an Answer: the best answer's words, others nearly as probable behind it, or an abstention."""
    if not reading.hits:
        return Answer(reading.question, "", True, "no-hits", 0.0, (), ())
    candidates = distinct_answers(reading.spans)
    if reading.confidence < min_confidence or not candidates:
        return Answer(reading.question, "", True, "low-confidence", reading.confidence, (), reading.hits)
    best = candidates[0]
    chosen = [c for c in candidates[:_MOST_ANSWERS] if c.share >= _CLOSE * best.share]
    chosen = [c for i, c in enumerate(chosen) if not any(_within(c, earlier) for earlier in chosen[:i])]
    citations = tuple(_citation(number, c, reading.confidence) for number, c in enumerate(chosen, 1))
    text = " ".join(f"{' '.join(citation.quote.split())}[{citation.number}]" for citation in citations)
    return Answer(
        question=reading.question,
        answer=text,
        abstained=False,
        reason=None,
        confidence=reading.confidence,
        citations=citations,
        hits=reading.hits,
        conflict=disagree([(c.document.id, c.quote) for c in citations]),
    )


def _within(candidate: Candidate, other: Candidate) -> bool:
    """Whether one answer's words are part of the other's, so that giving both would say nothing new."""
    mine, theirs = _plain(candidate.best.text), _plain(other.best.text)
    return mine in theirs or theirs in mine


def _citation(number: int, candidate: Candidate, confidence: float) -> Citation:
    span = candidate.best
    hit = span.hit
    start, end = _sentence(span)
    return Citation(
        number=number,
        document=hit.document,
        start=span.start,
        end=span.end,
        line=hit.line + hit.text.count("\n", 0, span.start - hit.start),
        quote=span.text,
        score=confidence * candidate.share,
        hit=hit.rank,
        context=Context(start, end, hit.text[start - hit.start : end - hit.start]),
    )


def _sentence(span: FoundSpan) -> tuple[int, int]:
    """Offsets of the sentences that the span touches."""
    first = span.hit.start
    touched = [
        (first + start, first + end)
        for start, end in sentences(span.hit.text)
        if first + start < span.end and span.start < first + end
    ]
    # White space belongs to no sentence.
    return min([span.start, *(s for s, _ in touched)]), max([span.end, *(e for _, e in touched)])


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
