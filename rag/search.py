"""Question -> Hits: dense and lexical retrieval, fused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.arrays import Floats, Rows
from rag.corpus.document import Place, place_at
from rag.index.conditions import ANYTHING, Conditions, Meeting
from rag.index.filters import EVERYTHING, Filter
from rag.index.snapshot import Snapshot
from rag.index.store import StoredPassage
from rag.index.vectors import Spread
from rag.language.detection import detect_language
from rag.language.glossary import OTHER
from rag.language.synonyms import NO_SYNONYMS, Synonyms
from rag.models.languages import LanguageMeans
from rag.ranking import Ranking, Retrieved, RetrieverScore, best_of, fused, language_scales, steadied
from rag.settings import Mode, Settings

Mask = npt.NDArray[np.bool_]

_TRANSLATED = 0.8
"""What a word of another language that may mean the same counts for, of what the word itself does."""
_WORDS_ACROSS = {"ja": 1.8, "en": 1.25}
"""By the question's language: how much more words count against vectors where a glossary tells them in the other one.

Vectors of two languages lie apart even when moved, and in a small library all passages of the other are nearly alike.
What an English word is in Japanese is told less surely: there are more to choose from, and none ends at a space.
"""


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """What a result says of the document it comes from.

    Attributes:
        id, title, source: of the document.
        places: its pages, slides, …; none if it has only lines.
        library: name of the library that holds it, where one was named or several were asked together.
    """

    id: str
    title: str
    source: str
    places: tuple[Place, ...] = field(default=(), compare=False, repr=False)
    library: str = ""

    @classmethod
    def of(cls, stored: StoredPassage) -> DocumentRef:
        """The document of a passage."""
        return cls(stored.passage.document_id, stored.title, stored.source, stored.places, stored.library)

    def to_dict(self) -> dict[str, str]:
        """The stable JSON form; ``library`` is left out where there is none."""
        library = {"library": self.library} if self.library else {}
        return {"id": self.id, "title": self.title, "source": self.source, **library}


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
        context: what the passage is about but does not say, such as the heads of its table.
        also: other documents that say the same in the same words under the same title and headings: copies.
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
    context: str = ""
    also: tuple[DocumentRef, ...] = ()

    @property
    def place(self) -> Place | None:
        """The page, slide, … in which the passage begins; ``None`` where the line is all there is to say."""
        return place_at(self.document.places, self.start)

    @property
    def under(self) -> str:
        """What the passage stands under, a line each: title, headings, context."""
        return "\n".join([self.document.title, *self.heading, self.context])

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form; ``place`` and ``also`` are left out where there are none."""
        more: dict[str, Any] = {} if self.place is None else {"place": self.place.to_dict()}
        more |= {"also": [copy.to_dict() for copy in self.also]} if self.also else {}
        return {
            "rank": self.rank,
            "score": self.score,
            "retrievers": {name: {"rank": s.rank, "score": s.score} for name, s in self.retrievers.items()},
            "document": self.document.to_dict(),
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "heading": list(self.heading),
        } | more


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The hits of one query, best first; ``searched`` is what was searched for instead of it, if anything."""

    query: str
    hits: tuple[Hit, ...]
    searched: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form; ``searched`` is left out where it is empty."""
        searched = {"searched": self.searched} if self.searched else {}
        return {"query": self.query, **searched, "hits": [hit.to_dict() for hit in self.hits]}


class Searcher:
    """Searches one Snapshot. Safe to share between threads."""

    def __init__(self, snapshot: Snapshot, settings: Settings, synonyms: Synonyms = NO_SYNONYMS) -> None:
        self._snapshot = snapshot
        self._synonyms = synonyms
        self._settings = settings
        self._means = LanguageMeans.of(snapshot.manifest.fingerprint)
        self._spreads: dict[tuple[int, ...], Spread] = {}

    def search(
        self,
        query: str,
        vector: Floats | None,
        *,
        k: int,
        mode: Mode,
        within: Filter = EVERYTHING,
        conditions: Conditions = ANYTHING,
    ) -> SearchResult:
        """The ``k`` best passages for a query.

        Args:
            query: the question; empty for whatever meets the conditions, in the order of the index.
            vector: its unit vector, shape ``(dimension,)``; may be ``None`` in lexical mode.
            k: how many hits to return at most.
            mode: which retrievers to use.
            within: what may be found.
            conditions: what passages must meet beside that.
        """
        mask = _both(self._snapshot.store.mask(within), self._meeting.mask(conditions) if conditions else None)
        retrieved = self._retrieved(query, vector, k, mode, mask, every=conditions.alone) if query else {}
        ranked = fused(retrieved, self._settings.dense_weight) if query else self._unranked(mask)
        copies = self._folded(ranked.rows.tolist(), k)
        scores = dict(zip(ranked.rows.tolist(), ranked.scores.tolist(), strict=True))
        rows = [found[0].row for found in copies]
        places = {name: found.places(rows) for name, found in retrieved.items()}
        hits = [_hit(rank, scores[found[0].row], found[0], places, found[1:]) for rank, found in enumerate(copies, 1)]
        return SearchResult(query, tuple(hits))

    @cached_property
    def _meeting(self) -> Meeting:
        return Meeting(self._snapshot.store, self._snapshot.lexical)

    def _unranked(self, mask: Mask | None) -> Ranking:
        """All passages that may be found, where nothing tells which is better."""
        rows = np.arange(len(self._snapshot.store.passage_documents)) if mask is None else np.flatnonzero(mask)
        return Ranking(rows, np.zeros(len(rows), dtype=np.float32))

    def _folded(self, rows: Sequence[int], k: int) -> list[list[StoredPassage]]:
        """The passages of the first ``k`` rows that are no copies, best first, each with its copies further down."""
        found: dict[tuple[object, ...], list[StoredPassage]] = {}
        for start in range(0, len(rows), max(k, 1)):
            some = rows[start : start + max(k, 1)]
            stored = self._snapshot.store.passages(some)
            for row in some:
                key = _said(stored[row])
                same = found.get(key)
                if same is None and len(found) < k:
                    found[key] = [stored[row]]
                elif same is not None and stored[row].passage.document_id not in [c.passage.document_id for c in same]:
                    same.append(stored[row])
                elif same is not None and len(found) < k:
                    found[(*key, row)] = [stored[row]]  # the same words twice in one document
            if len(found) >= k:
                break
        return list(found.values())

    def hit_at(self, document_id: str, offset: int) -> Hit | None:
        """The passage of a document at an offset, or the next behind it, as a hit that nothing scored."""
        stored = self._snapshot.store.passage_at(document_id, offset)
        return _hit(1, 0.0, stored, {}, ()) if stored is not None else None

    def rank(self, query: str, vector: Floats | None, *, k: int, mode: Mode) -> Ranking:
        """As ``search`` without filters, but the passages are not read: their rows and scores alone."""
        return fused(self._retrieved(query, vector, k, mode, None), self._settings.dense_weight).best(k)

    def _retrieved(
        self, query: str, vector: Floats | None, k: int, mode: Mode, mask: Mask | None, *, every: bool = False
    ) -> dict[str, Retrieved]:
        if mask is not None and not mask.any():
            return {}
        depth = max(k, self._settings.candidates)
        retrieved: dict[str, Retrieved] = {}
        if mode != "lexical" and vector is not None:
            retrieved["dense"] = self._dense(query, vector, depth, mask)
        if mode != "dense":
            retrieved["lexical"] = self._lexical(query, depth, mask, every=every)
        return retrieved

    def _dense(self, query: str, vector: Floats, depth: int, mask: Mask | None) -> Retrieved:
        """The nearest passages; those of another language are compared with the question moved to that language.

        How near is near differs by language, moved or not: cosines are told in standard deviations from the mean of
        their own language. So an index of several languages ranks within each as an index of that one would.
        """
        store, vectors = self._snapshot.store, self._snapshot.vectors
        asked = self._asked(query, vector)
        spreads = [self._spread(tuple(codes)) for _, codes in asked]
        told = [spread.cosines(question) for spread, (question, _) in zip(spreads, asked, strict=True)]
        scales = np.zeros((2, len(store.languages)), dtype=np.float32)
        steady = steadied(told, [spread.count for spread in spreads])
        for (_, codes), (mean, deviation) in zip(asked, steady, strict=True):
            scales[:, codes] = [[mean], [deviation or 1.0]]

        def standard(wanted: Rows) -> Floats:
            cosines = np.empty(len(wanted), dtype=np.float32)
            languages = store.passage_languages[wanted]
            for question, codes in asked:
                there = np.isin(languages, codes)
                cosines[there] = vectors.cosines(question, wanted[there])
            mean, deviation = scales[:, languages]
            return np.asarray((cosines - mean) / deviation, dtype=np.float32)

        found = [self._nearest(question, codes, depth, mask) for question, codes in asked]
        rows, cosines = (np.concatenate(parts) for parts in zip(*found, strict=True))
        mean, deviation = scales[:, store.passage_languages[rows]]
        best = np.lexsort((rows, (mean - cosines) / deviation))[:depth]
        return Retrieved(rows[best], cosines[best], standard)

    def _spread(self, codes: tuple[int, ...]) -> Spread:
        """How the vectors of all passages in these languages lie."""
        if codes not in self._spreads:
            store = self._snapshot.store
            rows = np.flatnonzero(np.isin(store.passage_languages, codes))
            self._spreads[codes] = self._snapshot.vectors.spread(rows)
        return self._spreads[codes]

    def _asked(self, query: str, vector: Floats) -> list[tuple[Floats, list[int]]]:
        """The question as it is compared with the passages of each language, and which languages these are."""
        languages = self._snapshot.store.languages
        own = detect_language(query, default="ja")
        moved = {
            code: found
            for code, language in enumerate(languages)
            if (found := self._moved(vector, own, language)) is not None
        }
        rest = [code for code in range(len(languages)) if code not in moved]
        return [*([(vector, rest)] if rest else []), *((found, [code]) for code, found in moved.items())]

    def compared(self, query: str, vector: Floats, language: str) -> Floats:
        """A question's vector as it is compared with texts in a language."""
        moved = self._moved(vector, detect_language(query, default="ja"), language)
        return vector if moved is None else moved

    def _moved(self, vector: Floats, own: str, language: str) -> Floats | None:
        """A question's vector moved from its own language to another; ``None`` where there is no way or no need."""
        return self._means.moved(vector, own, language) if self._means is not None and own != language else None

    def _nearest(self, vector: Floats, codes: Sequence[int], depth: int, mask: Mask | None) -> tuple[Rows, Floats]:
        """Rows and cosines of the nearest passages in these languages, of those that a filter lets through."""
        store = self._snapshot.store
        if len(codes) < len(store.languages):
            there = store.mask(Filter(languages=frozenset(store.languages[code] for code in codes)))
            mask = there if mask is None or there is None else there & mask
        if mask is not None and not mask.any():
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        rows, cosines = self._snapshot.vectors.search(vector[None, :], depth, mask)
        there = rows[0] >= 0
        return rows[0][there], cosines[0][there]

    def _lexical(self, query: str, depth: int, mask: Mask | None, *, every: bool) -> Retrieved:
        """The passages that share most with the question; with ``every``, also those within the mask that share none.

        A phrase may stand where neither its words nor its bigrams are counted: one character within a word.
        """
        language = detect_language(query, default="ja")
        respelled = [word.texts(query) for word in self._synonyms.respellings(query, language)]
        scores = self._snapshot.lexical.scores(query, language, self._settings.ngram_weight, respelled)
        store = self._snapshot.store
        own = store.languages.index(language) if language in store.languages else None
        worth = np.ones(len(store.languages), dtype=np.float32)
        if (other := OTHER.get(language)) in store.languages:
            code = store.languages.index(other)
            rows = store.rows_by_language[code]
            worth[code] = _WORDS_ACROSS[language]
            scores[rows] += (
                _TRANSLATED * self._snapshot.lexical.translated(query, language, self._settings.ngram_weight)[rows]
            )
        most = self._snapshot.lexical.most(query, language, self._settings.ngram_weight)
        scales = language_scales(scores, store.rows_by_language, own, most)

        def standard(wanted: Rows) -> Floats:
            mean, factor, _ = scales[:, store.passage_languages[wanted]]
            return np.asarray(factor * (scores[wanted] - mean), dtype=np.float32)

        def unseen(wanted: Rows) -> Floats:
            return np.asarray(scales[2, store.passage_languages[wanted]])

        allowed = scores if mask is None else np.where(mask, scores, np.float32(0))
        best = np.concatenate([best_of(allowed, rows, depth) for rows in store.rows_by_language])
        ranked = standard(best)
        top = best[np.lexsort((best, -ranked))[:depth]]
        if every and mask is not None and len(top) < depth:
            rest = np.flatnonzero(mask & (scores <= 0))
            top = np.concatenate([top, rest[: depth - len(top)]])
        return Retrieved(top, scores[top], standard, unseen, lambda wanted: worth[store.passage_languages[wanted]])


def ranking_of(hits: Sequence[Hit]) -> Ranking:
    """The rows and scores of hits, in their order."""
    rows = np.array([hit.passage_id for hit in hits], dtype=np.int64)
    return Ranking(rows, np.array([hit.score for hit in hits], dtype=np.float32))


def _both(one: Mask | None, other: Mask | None) -> Mask | None:
    """What both let through; ``None`` lets everything through."""
    if one is None or other is None:
        return one if other is None else other
    return one & other


def _said(stored: StoredPassage) -> tuple[object, ...]:
    """What two passages have in common if one is a copy of the other: words, title, headings, what they are about."""
    passage = stored.passage
    return "".join(passage.text.split()), stored.title, passage.heading, passage.context


def _hit(
    rank: int,
    score: float,
    stored: StoredPassage,
    places: Mapping[str, Mapping[int, RetrieverScore]],
    copies: Sequence[StoredPassage],
) -> Hit:
    passage = stored.passage
    return Hit(
        rank=rank,
        score=score,
        retrievers={name: by_row[stored.row] for name, by_row in places.items() if stored.row in by_row},
        document=DocumentRef.of(stored),
        start=passage.start,
        end=passage.end,
        text=passage.text,
        heading=passage.heading,
        language=passage.language,
        line=stored.line,
        passage_id=stored.row,
        context=passage.context,
        also=tuple(map(DocumentRef.of, copies)),
    )
