"""Answers without a reader or an LLM: the sentences that best answer the question, quoted.

Each sentence of the best passages is scored from what the bundled model and the terms can tell. The weights are round
numbers: ones fitted to a single collection did better there and worse on questions across languages. What they are
worth is measured by ``rag eval --answers`` and ``--refusals``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rag.answer.citation import Citation, cited_first
from rag.answer.coverage import Weigh, coverage, hit_coverage, wanted_terms
from rag.answer.result import Answer
from rag.index.vectors import products
from rag.language.sentences import Span, sentences
from rag.reader.calibration import probability_of
from rag.search import Hit

Floats = npt.NDArray[np.float32]
Embed = Callable[[Sequence[str]], Floats]

_READ_HITS = 5
_MOST_EMBEDDED = 12
_MOST_QUOTES = 3
_SHORT_SECTION = 160
_NUMBER = re.compile(r"[0-9０-９一二三四五六七八九十百千万億兆]")
_ASKS_NUMBER = re.compile(
    r"いつ|何年|何月|何日|何時|いくつ|いくら|何人|何[回個本枚台件社種度%％]|割合|どのくらい|どれくらい|年代|年齢|"
    r"when|how (?:many|much|long|old|often)|what (?:year|date|percentage|time)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer: ``hit.text[start - hit.start : end - hit.start]``, with its features.

    Attributes:
        hit: the passage it is in.
        start, end: offsets into the document's text, in characters.
        features: see ``FEATURES``.
    """

    hit: Hit
    start: int
    end: int
    features: tuple[float, ...]

    @property
    def text(self) -> str:
        return self.hit.text[self.start - self.hit.start : self.end - self.hit.start]


FEATURES = ("cosine", "sentence_coverage", "passage_coverage", "passage_cosine", "number", "first_hit")
"""Cosine of question and sentence; share of the question's terms, by weight, in the sentence, and in its passage with
its headings; cosine of question and passage; whether a number is asked for and there; whether it is the best hit."""

SENTENCE_WEIGHTS = (20.0, 1.5, 1.5, 5.0, 1.0, 0.5)
CONFIDENCE_WEIGHTS = (10.0, 2.0, 4.0, 10.0, 0.0, 0.0)
CONFIDENCE_BIAS = -19.0
MIN_CONFIDENCE = 0.5


def candidates(question: str, vector: Floats, hits: Sequence[Hit], embed: Embed, weigh: Weigh) -> list[Candidate]:
    """The most promising sentences of the best hits, with their features.

    Args:
        question: as asked.
        vector: its unit vector, shape ``(dimension,)``.
        hits: best first; only the first few are read.
        embed: texts to unit vectors, shape ``(texts, dimension)``.
        weigh: terms to their inverse document frequency.
    """
    wanted = wanted_terms(question, weigh)
    found = _promising(hits[:_READ_HITS], wanted)
    if not found:
        return []
    cosines = products(embed([text for _, _, _, text, _ in found]), vector)
    asks_number = bool(_ASKS_NUMBER.search(question))
    passage_coverage = {hit.rank: hit_coverage(wanted, hit) for hit in hits[:_READ_HITS]}
    result = []
    for (hit, start, end, text, share), cosine in zip(found, cosines, strict=True):
        dense = hit.retrievers.get("dense")
        features = (
            float(cosine),
            share,
            passage_coverage[hit.rank],
            dense.score if dense else float(cosine),
            float(asks_number and bool(_NUMBER.search(text))),
            float(hit.rank == 1),
        )
        result.append(Candidate(hit, start, end, features))
    return result


def _promising(hits: Sequence[Hit], wanted: Mapping[str, float]) -> list[tuple[Hit, int, int, str, float]]:
    """Passage, offsets, text and coverage of the sentences worth embedding: those that share most with the question."""
    seen: set[tuple[str, int]] = set()
    found = []
    for hit in hits:
        for start, end in _quotable(hit):
            key = (hit.document.id, end)
            if key not in seen:
                seen.add(key)
                text = hit.text[start - hit.start : end - hit.start]
                found.append((hit, start, end, text, coverage(wanted, text, hit.language)))
    # A stable sort: among sentences that share nothing, as in another language, the best passages come first.
    return sorted(found, key=lambda item: -item[4])[:_MOST_EMBEDDED]


def answer(question: str, found: Sequence[Candidate], hits: Sequence[Hit], min_confidence: float | None) -> Answer:
    """The best sentences as an Answer, or an abstention if they are less certain than ``min_confidence``.

    ``None`` means ``MIN_CONFIDENCE``.
    """
    if not found:
        return Answer(question, "", True, "no-hits", 0.0, (), tuple(hits))
    scored = sorted(
        ((sentence_score(c), c) for c in found), key=lambda pair: (-pair[0], pair[1].hit.rank, pair[1].start)
    )
    confidence = max(confidence_of(candidate) for _, candidate in scored[:_MOST_QUOTES])
    if confidence < (MIN_CONFIDENCE if min_confidence is None else min_confidence):
        return Answer(question, "", True, "low-confidence", confidence, (), tuple(hits))
    best = scored[0][0]
    chosen = [(score, c) for score, c in scored[:_MOST_QUOTES] if score >= best - 1.0]
    ordered = cited_first((candidate.hit for _, candidate in chosen), hits)
    ranks = {hit.passage_id: hit.rank for hit in ordered}
    citations = [_citation(number, c, ranks[c.hit.passage_id]) for number, (_, c) in enumerate(chosen, 1)]
    text = " ".join(f"{' '.join(c.quote.split())}[{c.number}]" for c in citations)
    return Answer(question, text, False, None, confidence, tuple(citations), ordered)


def sentence_score(candidate: Candidate) -> float:
    """How well a sentence answers, on a logarithmic scale."""
    return sum(w * f for w, f in zip(SENTENCE_WEIGHTS, candidate.features, strict=True))


def confidence_of(candidate: Candidate) -> float:
    """Probability that the passage of this sentence holds the answer, in [0, 1], by logistic regression."""
    logit = CONFIDENCE_BIAS + sum(w * f for w, f in zip(CONFIDENCE_WEIGHTS, candidate.features, strict=True))
    return probability_of(logit)


def _citation(number: int, candidate: Candidate, rank: int) -> Citation:
    hit = candidate.hit
    line = hit.line + hit.text.count("\n", 0, candidate.start - hit.start)
    score = confidence_of(candidate)
    return Citation(number, hit.document, candidate.start, candidate.end, line, candidate.text, score, rank)


@lru_cache(maxsize=4096)
def _sentences_of(text: str) -> tuple[Span, ...]:
    """Good passages come up for many questions."""
    return tuple(sentences(text))


def _quotable(hit: Hit) -> list[tuple[int, int]]:
    """Offsets of what may be quoted: sentences, or all of a short section, which may be about its heading."""
    spans = [(hit.start + start, hit.start + end) for start, end in _sentences_of(hit.text)]
    if not hit.heading or len(spans) < 2 or hit.text[: spans[0][1] - hit.start] != hit.heading[-1]:
        return spans
    return [(hit.start, hit.end)] if hit.end - hit.start <= _SHORT_SECTION else spans[1:]
