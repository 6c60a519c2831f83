"""From what a search finds to the Answer; each thing that a question asks is searched for by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rag.answer.broad import Shelf, answer_broadly
from rag.answer.choosing import Judged
from rag.answer.compose import Sources, asked_of, composed, judge
from rag.answer.question import Question, understand
from rag.answer.reranking import Reading, Reranker
from rag.answer.result import Answer
from rag.search import Hit, SearchResult

PART_HITS = 10
"""Hits to search for, of each thing that one question asks."""
READ_WHOLE = 4
"""Passages to read before units are: with more of them no more answers are right, only later."""

Search = Callable[[str, int], Sequence[Hit]]
"""The best hits for a question, so many at most, within the filter and the mode of the whole."""
Part = tuple[Question, list[Judged]]
"""A thing that is asked, and its units, best first."""


@dataclass(frozen=True)
class Answerer:
    """Answers from what is found.

    Attributes:
        reader: reads passages and units.
        sources: of the index.
        search: for parts of a question.
        shelf: the documents, for questions about them.
    """

    reader: Reranker
    sources: Sources
    search: Search
    shelf: Shelf

    def answer(self, result: SearchResult, k: int, min_confidence: float | None) -> Answer:
        """The Answer with ``k`` hits at most; below ``min_confidence`` nothing is answered."""
        question = understand(result.query)
        broad = answer_broadly(question, result.hits[:k], self.shelf)
        if broad is not None:
            return broad
        reading, parts = self.judged(question, result)
        return composed(question, parts, reading.hits[:k], self.sources, min_confidence)

    def judged(self, question: Question, result: SearchResult) -> tuple[Reading, list[Part]]:
        """What the reader made of the hits for a question, and each thing that it asks with its units."""
        reading = self.reader.read(result.query, result.hits, self.sources.weigh, most=READ_WHOLE)
        parts = []
        for asked in asked_of(question):
            found = reading if asked is question else self._part(asked, reading.hits)
            parts.append((asked, judge(asked, asked.text, found, self.sources)))
        return reading, parts

    def _part(self, asked: Question, hits: Sequence[Hit]) -> Reading:
        """The reading of what is found for a part, with those hits for the whole behind it that it has not."""
        reading = self.reader.read(asked.text, self.search(asked.text, PART_HITS), self.sources.weigh, most=READ_WHOLE)
        known = {hit.passage_id for hit in reading.hits}
        both = [*reading.hits, *(hit for hit in hits if hit.passage_id not in known)]
        return replace(reading, hits=tuple(replace(hit, rank=rank) for rank, hit in enumerate(both, 1)))
