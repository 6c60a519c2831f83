"""Question -> Hits: dense and lexical retrieval, fused."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.index.snapshot import Snapshot
from rag.index.store import StoredPassage
from rag.language import detect_language
from rag.settings import Mode, Settings

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """What a result says of the document it comes from."""

    id: str
    title: str
    source: str

    def to_dict(self) -> dict[str, str]:
        return {"id": self.id, "title": self.title, "source": self.source}


@dataclass(frozen=True, slots=True)
class RetrieverScore:
    """Where one retriever placed a passage. ``rank`` starts at 1."""

    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a query.

    Attributes:
        rank: place in the result, from 1.
        score: fused score; comparable within one result only.
        retrievers: rank and score by ``dense`` (cosine) and ``lexical`` (BM25), for those that found it.
        document: the document the passage is in.
        start, end: the passage's offsets into the document's text, in characters.
        text: the passage.
        heading: titles of the headings above it, outermost first.
        language: ISO 639-1 code.
        line: line of ``start`` in the document's text, from 1.
        passage_id: the passage's row in the Snapshot, from 0.
    """

    rank: int
    score: float
    retrievers: Mapping[str, RetrieverScore]
    document: DocumentRef
    start: int
    end: int
    text: str
    heading: tuple[str, ...]
    language: str
    line: int
    passage_id: int

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            "rank": self.rank,
            "score": self.score,
            "retrievers": {name: {"rank": s.rank, "score": s.score} for name, s in self.retrievers.items()},
            "document": self.document.to_dict(),
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "heading": list(self.heading),
        }


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The hits of one query, best first."""

    query: str
    hits: tuple[Hit, ...]

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {"query": self.query, "hits": [hit.to_dict() for hit in self.hits]}


class Searcher:
    """Searches one Snapshot. Safe to share between threads."""

    def __init__(self, snapshot: Snapshot, settings: Settings) -> None:
        self._snapshot = snapshot
        self._settings = settings

    def search(
        self,
        query: str,
        vector: Floats | None,
        *,
        k: int,
        mode: Mode,
        sources: Collection[str] = (),
        languages: Collection[str] = (),
    ) -> SearchResult:
        """The ``k`` best passages for a query.

        Args:
            query: the question.
            vector: its unit vector, shape ``(dimension,)``; may be ``None`` in lexical mode.
            k: how many hits to return at most.
            mode: which retrievers to use.
            sources, languages: filters, as ``Store.mask`` takes them.
        """
        mask = self._snapshot.store.mask(sources, languages)
        if mask is not None and not mask.any():
            return SearchResult(query, ())
        depth = max(k, self._settings.candidates)
        rankings: dict[str, _Ranking] = {}
        if mode != "lexical" and vector is not None:
            rankings["dense"] = self._dense(vector, depth, mask)
        if mode != "dense":
            rankings["lexical"] = self._lexical(query, depth, mask)
        fused = self._fused(rankings)
        best = sorted(fused, key=lambda row: (-fused[row], row))[:k]
        stored = self._snapshot.store.passages(best)
        hits = [_hit(rank, fused[row], stored[row], rankings) for rank, row in enumerate(best, 1)]
        return SearchResult(query, tuple(hits))

    def _dense(self, vector: Floats, depth: int, mask: Mask | None) -> _Ranking:
        rows, cosines = self._snapshot.vectors.search(vector[None, :], depth, mask)
        there = rows[0] >= 0
        mean, deviation = self._snapshot.vectors.spread(vector)

        def standard(wanted: Rows) -> Floats:
            return (self._snapshot.vectors.at(wanted) @ vector - mean) / (deviation or 1.0)

        return _Ranking.of(rows[0][there], cosines[0][there], standard)

    def _lexical(self, query: str, depth: int, mask: Mask | None) -> _Ranking:
        language = detect_language(query, default="ja")
        words, pairs = self._snapshot.lexical.scores(query, language)
        weight = self._settings.ngram_weight
        scores = (1 - weight) * words + weight * pairs
        store = self._snapshot.store
        own = store.languages.index(language) if language in store.languages else None
        standard = _standardised(scores, store.rows_by_language, own)
        ranked = standard if mask is None else np.where(mask, standard, -np.inf)
        ranked = np.where(scores > 0, ranked, -np.inf)
        depth = min(depth, len(ranked))
        top = np.argpartition(-ranked, depth - 1)[:depth]
        top = top[np.lexsort((top, -ranked[top]))]
        top = top[np.isfinite(ranked[top])]
        return _Ranking.of(top, scores[top], lambda wanted: standard[wanted])

    def _fused(self, rankings: Mapping[str, _Ranking]) -> dict[int, float]:
        """Weighted sum of standard scores over all passages that a retriever found."""
        if len(rankings) == 1:
            (ranking,) = rankings.values()
            return dict(ranking.found)
        rows = np.array(sorted({row for ranking in rankings.values() for row in ranking.found}), dtype=np.int64)
        share = {"dense": self._settings.dense_weight, "lexical": 1 - self._settings.dense_weight}
        total = sum(share[name] * ranking.standard(rows) for name, ranking in rankings.items())
        return dict(zip(rows.tolist(), np.asarray(total, dtype=float).tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class _Ranking:
    """What one retriever found, by row, and how it scores any passages in standard deviations."""

    found: Mapping[int, float]
    ranks: Mapping[int, int]
    standard: Callable[[Rows], Floats]

    @classmethod
    def of(cls, rows: Rows, scores: Floats, standard: Callable[[Rows], Floats]) -> _Ranking:
        """From rows that come best first."""
        listed = rows.tolist()
        return cls(
            dict(zip(listed, scores.tolist(), strict=True)),
            dict(zip(listed, range(1, len(listed) + 1), strict=True)),
            standard,
        )

    def place(self, row: int) -> RetrieverScore | None:
        return RetrieverScore(self.ranks[row], self.found[row]) if row in self.ranks else None


def _standardised(scores: Floats, languages: Sequence[Rows], own: int | None) -> Floats:
    """Scores in standard deviations from the mean of their own language.

    BM25 over passages of another language than the question's counts only the few words that both share, so that the
    scores of two languages are not on one scale. Where the best passage of another language shares less with the
    question than the best of the question's own, all of that language count for less in the same proportion.

    Args:
        scores: BM25 of each passage, shape ``(passages,)``.
        languages: the rows of each language.
        own: which of them is the question's language, if any is.
    """
    standard = np.zeros_like(scores)
    best = float(scores[languages[own]].max()) if own is not None else 0.0
    for number, rows in enumerate(languages):
        group = scores[rows]
        deviation = float(group.std())
        if deviation > 0:
            share = min(1.0, float(group.max()) / best) if number != own and best > 0 else 1.0
            standard[rows] = share * (group - group.mean()) / deviation
    return standard


def _hit(rank: int, score: float, stored: StoredPassage, rankings: Mapping[str, _Ranking]) -> Hit:
    passage = stored.passage
    places = {name: ranking.place(stored.row) for name, ranking in rankings.items()}
    return Hit(
        rank=rank,
        score=score,
        retrievers={name: place for name, place in places.items() if place},
        document=DocumentRef(passage.document_id, stored.title, stored.source),
        start=passage.start,
        end=passage.end,
        text=passage.text,
        heading=passage.heading,
        language=passage.language,
        line=stored.line,
        passage_id=stored.row,
    )
