"""Questions -> SearchResults and Answers, over one Snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import repeat
from time import perf_counter
from typing import Protocol, TypeVar

import numpy as np

from rag.answer import extract
from rag.answer.answering import Answerer
from rag.answer.broad import Shelf
from rag.answer.coverage import Weigh, WithSynonyms
from rag.answer.followup import CLEARLY, DOUBTFUL, Standalone, carried_over, holds_words
from rag.answer.result import Answer, log_answer
from rag.answer.sources import Sources
from rag.answer.suggesting import Suggestion, suggestions
from rag.arrays import Floats
from rag.errors import InternalError, QuestionError, RagError, SettingsError
from rag.index.conditions import ANYTHING, Conditions
from rag.index.filters import Filter
from rag.index.snapshot import Snapshot
from rag.index.store import DocumentInfo
from rag.index.vectors import products
from rag.language.detection import detect_language
from rag.language.slips import Vocabulary, replaced, slips
from rag.language.synonyms import NO_SYNONYMS, Synonyms
from rag.loading import Models
from rag.models.recent import RecentVectors
from rag.questions import checked_or_error, each_or_error, or_error
from rag.ranking import Ranking
from rag.reader.calibration import READ_STEPS
from rag.search import Hit, Searcher, SearchResult
from rag.settings import Mode, Settings

T = TypeVar("T")

_MOST_PASSAGES = 20_000
"""Of an index whose words are known by their sounds: it takes a fifth of a millisecond a passage, once."""


class Remembers(Protocol):
    """Keeps the vectors of texts."""

    def through(self, texts: Sequence[str], embed: Callable[[list[str]], Floats]) -> Floats:
        """Vectors of the texts, shape ``(len(texts), dimension)``; ``embed`` computes those not known."""
        ...


class Finder:
    """Finds passages for questions. Threads may share one.

    Args:
        snapshot: what is searched.
        settings: with the model that the Snapshot was built with.
        models: for it.
        questions: keeps the vectors of questions.

    Raises:
        SettingsError: the file of synonyms cannot be understood.
    """

    def __init__(self, snapshot: Snapshot, settings: Settings, models: Models, questions: Remembers) -> None:
        self.snapshot = snapshot
        self._synonyms = Synonyms.read(settings.synonyms) if settings.synonyms else NO_SYNONYMS
        self._searcher = Searcher(snapshot, settings, self._synonyms)
        self._models = models
        self._questions, self._sentences, self._words = questions, RecentVectors(), RecentVectors()

    def results(
        self,
        queries: Sequence[str],
        vectors: Sequence[Floats | None],
        *,
        k: int,
        mode: Mode,
        within: Filter,
        conditions: Iterable[Conditions] = repeat(ANYTHING),
    ) -> list[SearchResult]:
        """The ``k`` best passages for each query."""
        return [
            self._searcher.search(query, vector, k=k, mode=mode, within=within, conditions=met)
            for query, vector, met in zip(queries, vectors, conditions, strict=False)
        ]

    def respelled(self, query: str) -> str:
        """The query with words as they were meant that stand nowhere as they were typed (``rag.language.slips``)."""
        if len(self.snapshot.store.passage_documents) > _MOST_PASSAGES:
            return query
        return replaced(query, slips(query, self.is_known, lambda: self._vocabulary))

    def is_known(self, word: str) -> bool:
        """Whether a word may stand in any passage; where this says no, it does not."""
        return bool(self.snapshot.lexical.may_hold(word).any())

    def may_mention(self, words: str) -> frozenset[str]:
        """Ids of the documents that may have words in them; no other has."""
        store = self.snapshot.store
        numbers = np.unique(store.passage_documents[self.snapshot.lexical.may_hold(words)])
        documents = store.documents()
        return frozenset(documents[number].id for number in numbers)

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        store = self.snapshot.store
        rows = list(range(len(store.passage_documents)))
        passages = [(each.title, each.passage) for each in store.passages(rows).values()]
        return Vocabulary("\n".join([title, *each.heading, each.words or each.text]) for title, each in passages)

    def rankings(self, queries: Sequence[str], *, k: int, mode: Mode) -> list[Ranking]:
        """As ``results`` without filters, but rows and scores alone."""
        vectors = self.vectors(queries, mode)
        return [self._searcher.rank(q, v, k=k, mode=mode) for q, v in zip(queries, vectors, strict=True)]

    def vectors(self, queries: Sequence[str], mode: Mode) -> Sequence[Floats | None]:
        """A unit vector for each query, where the mode needs any."""
        if mode == "lexical" or not any(queries):
            return [None] * len(queries)
        return list(self._questions.through(queries, lambda missing: self._models.embedder.embed_queries(missing)))

    def embed_sentences(self, texts: Sequence[str]) -> Floats:
        """Vectors of sentences of passages, shape ``(len(texts), dimension)``."""
        return self._sentences.through(texts, self._models.embedder.embed_passages)

    def likeness(self, question: str, texts: Sequence[str], language: str) -> Sequence[float]:
        """Cosines of a question to texts in another language, to which it is moved."""
        (vector,) = self.vectors([question], "dense")
        assert vector is not None
        compared = self._searcher.compared(question, vector, language)
        found: list[float] = products(self.embed_sentences(texts), compared).tolist()
        return found

    def suggestions(self, result: SearchResult) -> tuple[Suggestion, ...]:
        """What the words of a query that stand nowhere may mean, of the words of the best passages."""

        def embed(words: Sequence[str]) -> Floats:
            return self._words.through(words, self._models.embedder.embed_queries)

        language = detect_language(result.query, default="ja")

        def is_known(word: str) -> bool:
            return self.is_known(word) or bool(self._synonyms.respellings(word, language))

        return suggestions(result.query, language, result.hits, is_known, embed)

    def hit_at(self, document_id: str, offset: int) -> Hit | None:
        """The passage of a document at an offset, as a hit that nothing scored."""
        return self._searcher.hit_at(document_id, offset)

    @property
    def weigh(self) -> Weigh:
        """Tells how rare terms are."""
        weights = self.snapshot.lexical.weights
        return WithSynonyms(weights, self._synonyms) if self._synonyms else weights


@dataclass(frozen=True, slots=True)
class Found:
    """What is found for a question: all that may be read, the question's vector if any, and the time it took.

    ``result.query`` is the question as it was searched.
    """

    question: str
    result: SearchResult
    vector: Floats | None
    seconds: float


@dataclass(frozen=True)
class Asking:
    """Answers questions that are all asked in one way.

    Attributes:
        finder, models, settings: of the Engine.
        k: hits of an answer, at most.
        mode: which retrievers to use.
        within: what may be found.
    """

    finder: Finder
    models: Models
    settings: Settings
    k: int
    mode: Mode
    within: Filter

    def read_on(self, question: str, last: str, answer: Answer) -> tuple[Standalone, Answer] | None:
        """A question of few words as one about what was asked before, where that is answered and it by itself is not.

        What it is about by itself must stand where the answer is from, or the question before is answered once more.

        Args:
            question: as asked; no word in it says that it leans on what was asked before.
            last: the question before it.
            answer: the one to it by itself.

        Returns:
            The question as understood, and the answer to that; ``None`` where it is not clearly surer.
        """
        if answer.confidence >= DOUBTFUL:
            return None
        follow = carried_over(question, last, most_chars=self.settings.max_question_chars)
        if not follow.by:
            return None
        other = self.answer(self.find(follow.question))
        if other.abstained or other.confidence < answer.confidence + CLEARLY:
            return None
        return (follow, other) if holds_words(question, other.hits[other.citations[0].hit - 1]) else None

    def find(self, question: str) -> Found:
        """What the search finds for one question.

        Raises:
            InternalError: a bug of ours keeps it from that.
        """
        self._load()
        (found,) = _raised(or_error(lambda: self._find([question])))
        return found

    def answer(self, found: Found) -> Answer:
        """The Answer to its question.

        Raises:
            InternalError: a bug of ours keeps it from one.
        """
        return _raised(or_error(lambda: self._answer(found)))

    def each(self, blocks: Iterator[Sequence[str]]) -> Iterator[Answer | RagError]:
        """For each question of the blocks an Answer, or the error that kept it from one."""
        self._load()
        _ = self.models.reader
        for some in blocks:
            checked = [checked_or_error(question, self.settings.max_question_chars) for question in some]
            asked = [question for question in checked if not isinstance(question, QuestionError)]
            outcomes = each_or_error(self._find, asked)
            found = iter(outcomes)
            for question in checked:
                one = question if isinstance(question, QuestionError) else next(found)
                yield one if isinstance(one, RagError) else or_error(partial(self._answer, one))

    def _load(self) -> None:
        self.models.load_together()
        if self.mode != "lexical":
            _ = self.models.embedder

    def _find(self, asked: Sequence[str]) -> list[Found]:
        began = perf_counter()
        reader_is_wanted = self.settings.reader != "none"
        # Without a reader, the question's vector chooses among sentences, even in lexical mode.
        meant = [self.finder.respelled(question) for question in asked]
        vectors = self.finder.vectors(meant, self.mode if reader_is_wanted else "hybrid")
        depth = depth_for(self.k, is_read=reader_is_wanted)
        results = self.finder.results(meant, vectors, k=depth, mode=self.mode, within=self.within)
        seconds = (perf_counter() - began) / max(1, len(asked))
        return [Found(*each, seconds) for each in zip(asked, results, vectors, strict=True)]

    def _answer(self, found: Found) -> Answer:
        began = perf_counter()
        if self.models.reader is not None:
            answer = self.answerer().answer(found.result, self.k, self.settings.min_confidence)
        else:
            answer = self._extracted(found.result, found.vector)
        if answer.abstained and self.mode != "lexical":
            answer = replace(answer, suggestions=self.finder.suggestions(found.result))
        log_answer(answer, found.seconds + perf_counter() - began, name_question=self.settings.log_questions)
        return replace(answer, question=found.question)

    def _extracted(self, result: SearchResult, vector: Floats | None) -> Answer:
        hits = result.hits
        assert vector is not None  # without a reader there is one in every mode
        found = extract.candidates(result.query, vector, hits, self.finder.embed_sentences, self.finder.weigh)
        return extract.answer(result.query, found, hits, self.settings.min_confidence)

    def answerer(self) -> Answerer:
        """What makes answers of hits, with all that it knows on the way.

        Raises:
            SettingsError: if the settings want no reader.
            ModelError: if it cannot be loaded.
        """
        reader = self.models.reader
        if reader is None:
            raise SettingsError("Without a reader there are no units to judge.", hint="Set reader to bundled.")
        finder, store = self.finder, self.finder.snapshot.store
        # Who asks in lexical mode may have no embedding model at all.
        likeness = finder.likeness if self.mode != "lexical" else None
        sources = Sources(
            store.blocks, store.text, reader.read_texts, finder.weigh, store.date, finder.is_known, likeness
        )

        def search(query: str, k: int) -> Sequence[Hit]:
            vectors = finder.vectors([query], self.mode)
            (result,) = finder.results([query], vectors, k=k, mode=self.mode, within=self.within)
            return result.hits

        def documents() -> Sequence[DocumentInfo]:
            return [each for each in store.documents() if self.within.lets(each.source, each.date)]

        shelf = Shelf(documents, store.document, finder.hit_at, finder.may_mention)
        return Answerer(reader, sources, search, shelf)


def depth_for(k: int, *, is_read: bool) -> int:
    """Passages to search for where ``k`` are wanted: the reader looks at more than are shown."""
    return max(k, READ_STEPS[-1]) if is_read else k


def _raised(outcome: T | InternalError) -> T:
    if isinstance(outcome, InternalError):
        raise outcome
    return outcome
