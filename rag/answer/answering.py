"""From what a search finds to the Answer; each thing that a question asks is searched for by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rag.answer.broad import Shelf, answer_broadly
from rag.answer.compose import asked_of, composed, judge
from rag.answer.question import Question, understand
from rag.answer.reranking import Reading, Reranker
from rag.answer.result import Answer
from rag.answer.sources import Sources
from rag.search import Hit, SearchResult

PART_HITS = 10
"""Hits to search for, of each thing that one question asks."""
READ_PASSAGES = 2
"""Passages to read before units are: with more of them no more answers are right, only later."""
LONGEST_PASSAGE = 250
"""Characters to read of each."""

Search = Callable[[str, int], Sequence[Hit]]
"""The best hits for a question, so many at most, within the filter and the mode of the whole."""


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
        reading, parts = self.read(question, result)
        judged = [(asked, judge(asked, asked.read_as, found, self.sources)) for asked, found in parts]
        return composed(question, judged, reading.hits[:k], self.sources, min_confidence)

    def read(self, question: Question, result: SearchResult) -> tuple[Reading, list[tuple[Question, Reading]]]:
        """What the reader made of the hits for a question, and the same with what is found for each thing it asks."""
        reading = self.reader.read(
            result.query, result.hits, self.sources.weigh, most=READ_PASSAGES, longest=LONGEST_PASSAGE
        )
        parts = asked_of(question)
        return reading, [(each, reading if each is question else self._part(each, reading)) for each in parts]

    def _part(self, asked: Question, whole: Reading) -> Reading:
        """What is found for a part, and behind it what it has not of the hits for the whole.

        No passage is read for the part alone: its units are, and what the passages hold was asked of the whole.
        """
        read = {hit.passage_id: hit for hit in whole.hits}
        found = {hit.passage_id: hit for hit in self.search(asked.text, PART_HITS)}
        hits = tuple(replace(hit, rank=rank) for rank, hit in enumerate((found | read).values(), 1))
        return replace(whole, question=asked.text, hits=hits)
