"""Engine: open a Snapshot once, ask many times. Everything above calls this and nothing below it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Unpack

from rag.address import IndexPlace, placed
from rag.answer.answering import Answerer
from rag.answer.followup import Standalone, Turn, needs_answer, standalone_by_rule
from rag.answer.result import Answer
from rag.asking import Asking, Finder, Remembers, depth_for
from rag.chunking import Passage
from rag.corpus import Document
from rag.errors import QuestionError, RagError, SettingsError, SnapshotError
from rag.extras import require
from rag.index.filters import EVERYTHING, Filter
from rag.index.manifest import Manifest
from rag.index.opening import open_snapshot
from rag.index.operators import Asked, parsed
from rag.index.query import Options, Query
from rag.index.snapshot import Snapshot
from rag.index.store import DocumentInfo
from rag.loading import Models
from rag.models import Embedder
from rag.models.recent import RecentVectors
from rag.questions import checked, in_blocks, several
from rag.ranking import Ranking
from rag.search import Hit, SearchResult, ranking_of
from rag.settings import Mode, Settings

if TYPE_CHECKING:
    from rag.answer.reranking import Reranker
    from rag.library import MarkedQuestion
    from rag.prose import ChatServer, Draft, Prose

logger = logging.getLogger(__name__)

READ_AHEAD = 64
"""Questions that ``Engine.batch`` takes in at once."""
_MOST_BEFORE = 4
"""Questions before one that may be answered again to understand it: each takes as long as a question of its own."""


class Engine:
    """Searches and answers from one Snapshot. Safe to share between threads.

    The Snapshot that was current when the Engine was opened stays in use; the model is loaded when first needed.

    Attributes:
        snapshot: what is searched.
        settings: what was chosen, with the model that the Snapshot was built with.

    Args:
        questions: keeps the vectors of questions; those of the last ones if not given.
    """

    def __init__(self, snapshot: Snapshot, settings: Settings, questions: Remembers | None = None) -> None:
        self.snapshot = snapshot
        self.settings = settings
        self._models = Models(settings, snapshot)
        self._finder = Finder(snapshot, settings, self._models, questions or RecentVectors(2 * READ_AHEAD))

    @classmethod
    def open(cls, index: str | IndexPlace | None = None, settings: Settings | None = None) -> Engine:
        """Open the current Snapshot of an index: of a folder, or of a database by its address.

        Raises:
            SnapshotError: if there is no index, or it is damaged, of another format, or of another model.
            SettingsError: if the file of synonyms cannot be understood.
        """
        settings = settings or Settings.load()
        place = placed(index) if index is not None else settings.index
        snapshot = open_snapshot(place)
        manifest = snapshot.manifest
        if "model" in settings.model_fields_set and settings.model != manifest.model:
            raise SnapshotError(
                f"The index was built with the model {manifest.model}, not {settings.model}.",
                path=str(place),
                hint="Leave out --model, or build it again with that model.",
            )
        return cls(snapshot, settings.updated(index=place, model=manifest.model))

    @property
    def embedder(self) -> Embedder:
        """The model, loaded at the first use.

        Raises:
            ModelError: if it cannot be loaded.
            SnapshotError: if it is not the one the index was built with.
        """
        return self._models.embedder

    @property
    def reader(self) -> Reranker | None:
        """The reader, loaded at the first use; ``None`` if the settings say so.

        Raises:
            ModelError: if it cannot be loaded.
        """
        return self._models.reader

    def warm_up(self) -> None:
        """Load the models and the dictionary now, so that the first question need not wait."""
        self.ask("準備", k=1)

    def search(self, query: str, *, operators: bool = True, **options: Unpack[Options]) -> SearchResult:
        """The best passages for a query.

        Args:
            query: a question or some words, with operators if wanted: ``"a phrase"``, ``-without``, ``one OR other``,
                ``title:word``, ``source:word``.
            operators: whether these are understood; otherwise the query is text as it stands.
            k: how many hits at most; ``settings.k`` if not given.
            mode: ``hybrid``, ``dense`` or ``lexical``; ``settings.mode`` if not given.
            sources: search only these: exact sources, folders ending in ``/``, or patterns with ``*`` and ``?``.
            languages: search only passages in these languages, as ISO 639-1 codes.
            since, until: search only documents of these days, both included: ``2024``, ``2024-05`` or ``2024-05-01``. A
                document's date is what it says itself, or else when its file was written.

        Raises:
            QuestionError: if the query is empty or too long, another argument makes no sense, or no document is as
                the filters want it; its ``argument`` names which.
        """
        (result,) = self.search_many([query], operators=operators, **options)
        return result

    def search_many(
        self, queries: Sequence[str], *, operators: bool = True, **options: Unpack[Options]
    ) -> list[SearchResult]:
        """As ``search``, for many queries at once: their vectors are computed together."""
        k, mode, within = self._query(options)
        cleaned = [checked(query, self.settings.max_question_chars) for query in several("queries", queries)]
        asked = [parsed(query) if operators else Asked(query) for query in cleaned]
        # Who writes operators means the words as they are.
        texts = [each.text if each.conditions else self._finder.respelled(each.text) for each in asked]
        conditions = [each.conditions for each in asked]
        reader = self.reader if self.settings.rerank else None
        depth = depth_for(k, is_read=reader is not None)
        vectors = self._finder.vectors(texts, mode)
        results = self._finder.results(texts, vectors, k=depth, mode=mode, within=within, conditions=conditions)
        return [
            SearchResult(
                query,
                tuple(_reranked(result, reader)[:k]) if reader else result.hits,
                result.query if result.query != each.text else "",
            )
            for query, each, result in zip(cleaned, asked, results, strict=True)
        ]

    def rank_many(self, queries: Sequence[str], *, k: int) -> list[Ranking]:
        """As ``search_many`` without filters, but only rows and scores, at a fraction of the cost where k is large."""
        if self.settings.rerank and self.settings.reader != "none":
            return [ranking_of(result.hits) for result in self.search_many(queries, operators=False, k=k)]
        k, mode, _ = self._query({"k": k})
        cleaned = [checked(query, self.settings.max_question_chars) for query in several("queries", queries)]
        return self._finder.rankings(cleaned, k=k, mode=mode)

    def ask(
        self, question: str, *, history: Sequence[str] = (), llm: bool = False, **options: Unpack[Options]
    ) -> Answer:
        """Answer a question with quotes from the documents, or abstain. Arguments and errors as for ``search``.

        Args:
            question: as the user asks it.
            history: the questions before it, oldest first; what it leaves out is taken from the last one.
            llm: also have the LLM of the settings write prose, which is checked; if it cannot, ``Answer.prose`` says
                why.
            k, mode, sources, languages, since, until: as for ``search``.

        Raises:
            SettingsError: if an LLM is wanted and none is configured.
            InternalError: if a bug of ours keeps it from an answer.
        """
        *_, answer = self.ask_in_steps(question, history=history, llm=llm, **options)
        assert isinstance(answer, Answer)
        return answer

    def ask_in_steps(
        self, question: str, *, history: Sequence[str] = (), llm: bool = False, **options: Unpack[Options]
    ) -> Iterator[SearchResult | Answer]:
        """As ``ask``, but gives first what the search finds, in a tenth of the time, then the Answer.

        With an LLM the Answer comes twice, then with prose. It has the passages as the reader ranks them.
        """
        if llm:
            self._check_llm()
        question = checked(question, self.settings.max_question_chars)
        history = history[-_MOST_BEFORE:]
        follow = self._following(question, history, options) if history else Standalone(question, question)
        asking = self._asking(*self._query(options))
        found = asking.find(follow.question)
        searched = found.result.query
        yield SearchResult(question, found.result.hits[: asking.k], searched if searched != question else "")
        answer = asking.answer(found)
        better = asking.read_on(question, history[-1], answer) if history and not follow.by else None
        answer = replace(answer if better is None else better[1], question=question)
        yield answer
        if llm:
            yield self._with_prose(answer)

    def read_on(
        self, question: str, last: str, answer: Answer, **options: Unpack[Options]
    ) -> tuple[Standalone, Answer] | None:
        """As ``Asking.read_on``; ``options`` as for ``search``."""
        return self._asking(*self._query(options)).read_on(question, last, answer)

    def _following(self, question: str, history: Sequence[str], options: Options) -> Standalone:
        most = self.settings.max_question_chars
        last = checked(history[-1], most)
        answer = self.ask(last, history=history[:-1], **options).answer if needs_answer(question) else ""
        return standalone_by_rule(question, Turn(last, answer), most_chars=most)

    @property
    def llm(self) -> ChatServer | None:
        """The server that writes prose, as configured; ``None`` if there is none. Nothing is sent to it here.

        Raises:
            SettingsError: if its address or key cannot be used.
        """
        from rag.prose.server import ChatServer

        return ChatServer.from_settings(self.settings)

    def write_prose(self, answer: Answer, *, cancelled: threading.Event | None = None) -> Iterator[Draft | Prose]:
        """Have the LLM answer the same question from the same passages: drafts as it writes, then the checked prose.

        Args:
            answer: what ``ask`` gave; ``[n]`` in the prose is its n-th hit.
            cancelled: set by another thread to stop.

        Raises:
            SettingsError: if no LLM is configured, or a prompt template cannot be used.
        """
        from rag.prose.writing import write_prose

        return write_prose(
            answer.question,
            answer.hits,
            self._llm(),
            self.embedder.embed_queries,
            self._finder.embed_sentences,
            templates=self.settings.llm_prompts,
            cancelled=cancelled,
        )

    def standalone(
        self, question: str, history: Sequence[Turn], *, llm: bool = False, cancelled: threading.Event | None = None
    ) -> Standalone:
        """A follow-up question as one that can be understood on its own.

        Args:
            question: as the user asks it.
            history: the questions before it, oldest first.
            llm: have the LLM rewrite it; otherwise key terms of the last question carry over by a rule.
            cancelled: set by another thread to stop.

        Raises:
            QuestionError: if the question is empty or too long.
            SettingsError: if an LLM is wanted and none is configured.
        """
        from rag.prose.conversation import standalone_question

        return standalone_question(
            checked(question, self.settings.max_question_chars),
            history,
            self._llm() if llm else None,
            most_chars=self.settings.max_question_chars,
            templates=self.settings.llm_prompts,
            cancelled=cancelled,
        )

    def _llm(self) -> ChatServer:
        server = self.llm
        if server is None:
            raise SettingsError(
                "No LLM is configured.", hint="Set llm_url (RAG_LLM_URL) to its server, as http://localhost:11434/v1."
            )
        return server

    def _check_llm(self) -> None:
        self._llm()
        require("llm", "Prose by a language model")

    def _with_prose(self, answer: Answer) -> Answer:
        from rag.prose import Prose

        prose = None
        for event in self.write_prose(answer):
            prose = event if isinstance(event, Prose) else None
        return replace(answer, prose=prose)

    def batch(
        self,
        questions: Iterable[str],
        *,
        llm: bool = False,
        read_ahead: int = READ_AHEAD,
        **options: Unpack[Options],
    ) -> Iterator[Answer | RagError]:
        """Answer many questions: for each an Answer, or the error that kept it from one, in their order.

        Args:
            questions: taken in as they are needed, ``read_ahead`` at a time, so that they need not fit in memory.
            llm: as for ``ask``.
            read_ahead: questions whose vectors are computed together.
            k, mode, sources, languages, since, until: as for ``search``.

        Raises:
            QuestionError: at once, if an argument makes no sense or no document is as the filters want it.
            SettingsError: if an LLM is wanted and none is configured, or its client is not installed.
            ModelError, SnapshotError: if nothing can be answered at all.
        """
        k, mode, within = self._query(options)
        if read_ahead < 1:
            raise QuestionError(f"read_ahead is {read_ahead!r}, and must be 1 or more.", argument="read_ahead")
        if llm:
            self._check_llm()
        found = self._asking(k, mode, within).each(in_blocks(several("questions", questions), read_ahead))
        return (self._with_prose(each) if llm and isinstance(each, Answer) else each for each in found)

    def _query(self, options: Options) -> tuple[int, Mode, Filter]:
        """``k``, mode and filter as asked for, or else as the settings have them.

        Raises:
            QuestionError: if they make no sense, or nothing of the index is within the filter.
        """
        query = Query.of(**options)
        query.check_finds(self.snapshot.store)
        return query.k or self.settings.k, query.mode or self.settings.mode, query.within

    def mark(
        self, question: str, evidence: Iterable[tuple[str, str]] = (), answers: Sequence[str] = ()
    ) -> MarkedQuestion:
        """Keep what the right answer to a question is, in the test set of this library (``Library.questions``).

        Args:
            question: as asked.
            evidence: source of a document, and words of it that answer; none if the documents do not hold an answer.
            answers: accepted answers; the words of the evidence if not given.

        Raises:
            QuestionError: if the question is empty or too long, a document does not hold its words, or there are
                answers without evidence.
            LibraryError, BusyError: if it cannot be kept.
        """
        from rag.library import Library, MarkedQuestion  # reads files, which asking does not

        question, places = checked(question, self.settings.max_question_chars), list(evidence)
        ids = {document.source: document.id for document in self.documents()} if places else {}

        def text_of(source: str) -> str:
            return self.document(ids[source]).text if source in ids else ""

        marked = MarkedQuestion.judged(question, places, answers, text_of)
        Library(self.settings.index).questions.put(marked)
        return marked

    def answerer(self, mode: Mode = "hybrid", within: Filter = EVERYTHING) -> Answerer:
        """What makes answers of hits, with all that it knows on the way.

        Raises:
            SettingsError: if the settings want no reader.
            ModelError: if it cannot be loaded.
        """
        return self._asking(self.settings.k, mode, within).answerer()

    def _asking(self, k: int, mode: Mode, within: Filter) -> Asking:
        return Asking(self._finder, self._models, self.settings, k, mode, within)

    def document(self, document_id: str) -> Document:
        """The whole document with this id.

        Raises:
            SnapshotError: if the index has none.
        """
        return self.snapshot.store.document(document_id)

    def documents(self) -> list[DocumentInfo]:
        """All documents of the index."""
        return self.snapshot.store.documents()

    def neighbours(self, document_id: str, start: int, end: int) -> tuple[Passage | None, Passage | None]:
        """The passages before and after a stretch of a document, ``[start, end)`` in characters; ``None`` at its ends.

        Passages overlap by a sentence, so these may reach into the stretch.
        """
        return self.snapshot.store.neighbours(document_id, start, end)

    def info(self) -> Manifest:
        """What the index was made with."""
        return self.snapshot.manifest


def _reranked(result: SearchResult, reader: Reranker) -> Sequence[Hit]:
    """The hits as the reader ranks them; as they are where there is nothing to read for."""
    return reader.read(result.query, result.hits).hits if result.query else result.hits
