"""What the page shows while a question is answered, step by step."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, TypeVar

import anyio.to_thread
import gradio as gr
from markupsafe import Markup

from rag.answer.result import Answer
from rag.engine import Engine
from rag.prose import Draft, Prose, Standalone, Turn
from rag.search import SearchResult
from rag.web.ask import cards, found, views
from rag.web.ask.answers import answer_html
from rag.web.ask.marking import verdict_html
from rag.web.ask.prose import asked_html, by_words, draft_html, little_html, prose_html
from rag.web.exports.content import content_of
from rag.web.exports.markdown import markdown_of
from rag.web.exports.views import keep_html, menu_html
from rag.web.html.filters import Filters
from rag.web.html.places import target_of_citation
from rag.web.html.source import source_html
from rag.web.libraries import Served
from rag.web.texts import Texts
from rag.web.turns import Turns

Asked = tuple[str, str]
"""A question as it was searched and the answer's text, as the page remembers them."""

_BETWEEN_DRAFTS = 0.08
_REMEMBERED = 3
T = TypeVar("T")


class Shown(NamedTuple):
    """New contents of the page's parts; those not given stay as they are."""

    prose: Any = gr.skip()
    answer: Any = gr.skip()
    doubtful: Any = gr.skip()
    actions: Any = gr.skip()
    similar: Any = gr.skip()
    passages: Any = gr.skip()
    source: Any = gr.skip()
    history: Any = gr.skip()

    @classmethod
    def only(cls, answer: Markup) -> Shown:
        """Nothing but this where the answer stands."""
        return cls(prose="", answer=answer, doubtful="", actions="", similar="", passages="", source="")


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks.

    Attributes:
        text: as typed.
        history: what was asked before, oldest first.
        use_llm: whether the switch is on.
        filters: what to search.
        cancelled: set to end it.
        texts: the page's words.
    """

    text: str
    history: Sequence[Asked]
    use_llm: bool
    filters: Filters
    cancelled: threading.Event
    texts: Texts


async def answering(current: Served, question: Question, turns: Turns) -> AsyncIterator[Shown]:
    """All that is shown for a question, in order.

    Args:
        current: what is asked.
        question: what is asked.
        turns: it waits for its turn to be searched; prose is written outside of it.

    Raises:
        RagError: if it cannot be answered.
    """
    texts = question.texts
    engine = await _in_thread(current.engine)
    with turns.join("finding" if question.filters.passages_only else "reading") as turn:
        async for before in turns.waiting(turn):
            if question.cancelled.is_set():
                return
            yield Shown.only(views.waiting_html(question.text, before, texts))
        if not (question.filters.passages_only and current.model_is_ready):
            yield Shown.only(views.loading_html(question.text, texts, current.model_is_ready))
        await _in_thread(current.warm_up)
        if question.filters.passages_only:
            yield await _in_thread(partial(_passages, current, engine, question))
            return
        follow = await _in_thread(partial(_standalone, engine, question))
        asking = engine.ask_in_steps(follow.question, **question.filters.arguments())
        while not isinstance(step := await _in_thread(partial(next, asking)), Answer):
            yield await _in_thread(partial(_reading, engine, step, question))
        answered = await _in_thread(partial(_in_context, engine, question, _Found(follow, step)))
        turns.answered(answered.answer)
    shown = await _in_thread(partial(_shown, current, engine, answered, question))
    if not question.use_llm:
        yield shown
        return
    writing = _with_prose(current, engine, answered, shown, question)
    while (written := await _in_thread(partial(next, writing, None))) is not None:
        yield written


async def _in_thread(work: Callable[[], T]) -> T:
    return await anyio.to_thread.run_sync(work)


class _Found(NamedTuple):
    follow: Standalone
    answer: Answer


def _standalone(engine: Engine, question: Question) -> Standalone:
    turns = [Turn(asked, answered) for asked, answered in question.history]
    return engine.standalone(question.text, turns, llm=question.use_llm, cancelled=question.cancelled)


def _in_context(engine: Engine, question: Question, answered: _Found) -> _Found:
    """The same, or read on from the question before where that is answered far better."""
    if answered.follow.by or not question.history:
        return answered
    last, _ = question.history[-1]
    better = engine.read_on(question.text, last, answered.answer, **question.filters.arguments())
    return answered if better is None else _Found(*better)


def _reading(engine: Engine, result: SearchResult, question: Question) -> Shown:
    """The passages, as soon as they are found."""
    texts = question.texts
    passages = cards.found_html(result, engine.snapshot.store, texts)
    return Shown(answer=views.reading_html(question.text, texts), passages=passages)


def _passages(current: Served, engine: Engine, question: Question) -> Shown:
    """What a search finds, and all that stands around it."""
    texts, filters = question.texts, question.filters
    result = engine.search(question.text, **{**filters.arguments(), "k": found.MOST})
    dates = {document.id: document.date for document in current.scope().documents}
    shown = filters.k or engine.settings.k
    return Shown(
        prose="",
        answer=found.summary_html(result, dates, filters, texts),
        doubtful="",
        actions=views.actions_html(result.query, filters, texts),
        similar="",
        passages=found.passages_html(result, shown, filters, engine.snapshot.store, texts),
        source="",
        history=_remembered(question.history, result.query, ""),
    )


def _shown(current: Served, engine: Engine, answered: _Found, question: Question) -> Shown:
    """The answer as quotes, and all that stands around it."""
    answer, texts = answered.answer, question.texts
    html = answer_html(
        answer, current.scope(), texts, asked=asked_html(answered.follow, texts), filters=question.filters
    )
    return Shown(
        prose="",
        answer=html,
        doubtful="",
        actions=_actions(answer, question),
        similar="",
        passages=cards.cards_html(answer, engine.snapshot.store, texts),
        source=_first_source(engine, answer, texts),
        history=_remembered(question.history, answer.question, answer.answer),
    )


def _actions(answer: Answer, question: Question, prose: Prose | None = None) -> Markup:
    texts, content = question.texts, content_of(answer, question.texts, prose)
    markdown = "" if content is None else markdown_of(content, texts)
    menu = [] if content is None else [menu_html(content, texts.language), keep_html(texts.language)]
    more = [*menu, verdict_html(answer, texts)]
    return views.actions_html(answer.question, question.filters, texts, markdown=markdown, more=more)


def _with_prose(current: Served, engine: Engine, answered: _Found, shown: Shown, question: Question) -> Iterator[Shown]:
    """Prose above the quotes as it is written; when it is checked, below them if too little of it is supported."""
    answer, texts, scope, server = answered.answer, question.texts, current.scope(), engine.llm
    asked = asked_html(answered.follow, texts)
    by = by_words(server.model, server.host, texts) if server is not None else ""
    title = texts.prose.quotes
    quotes = Markup() if answer.abstained else answer_html(answer, scope, texts, asked=Markup(), title=title)
    yield shown._replace(prose=asked + draft_html(Draft("", ()), answer, by, texts), answer=quotes)
    prose = None
    for event in _paced(engine.write_prose(answer, cancelled=question.cancelled)):
        if isinstance(event, Prose):
            prose = event
        else:
            yield Shown(prose=asked + draft_html(event, answer, by, texts))
    assert prose is not None
    checked = prose_html(prose, answer, by, texts)
    if prose.trusted:
        yield Shown(
            prose=asked + checked,
            answer=quotes,
            actions=_actions(answer, question, prose),
            history=_remembered(question.history, answer.question, prose.text),
        )
        return
    plain = answer_html(answer, scope, texts, asked=Markup(), filters=question.filters)
    if prose.text.strip():
        yield Shown(prose=asked + little_html(texts), answer=plain, doubtful=checked)
    else:
        yield Shown(prose=asked + checked, answer=plain)


def _paced(events: Iterator[Draft | Prose]) -> Iterator[Draft | Prose]:
    """The first draft with words at once, then no more drafts than a reader can follow; the prose in any case."""
    shown_at = 0.0
    for event in events:
        now = time.monotonic()
        if isinstance(event, Prose) or (event.text.strip() and now - shown_at >= _BETWEEN_DRAFTS):
            shown_at = now
            yield event


def _remembered(history: Sequence[Asked], question: str, answer: str) -> list[Asked]:
    return [*history, (question, answer)][-_REMEMBERED:]


def _first_source(engine: Engine, answer: Answer, texts: Texts) -> Markup:
    if not answer.citations:
        return Markup()
    place = target_of_citation(answer.citations[0], answer)
    return source_html(engine.document(place.document), place, texts)
