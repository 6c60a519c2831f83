"""What the page shows while a question is answered, step by step."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import gradio as gr

from rag.answer.llm import Draft, Prose, Standalone, Turn
from rag.answer.result import Answer
from rag.web.ask import cards, views
from rag.web.ask.prose import asked_html, by_html, draft_html, little_html, prose_html
from rag.web.desk import Desk
from rag.web.places import place_of_citation
from rag.web.source import source_html
from rag.web.texts import Texts
from rag.web.texts.prose import prose_texts

Asked = tuple[str, str]
"""A question as it was searched and the answer's text, as the page remembers them."""

_BETWEEN_DRAFTS = 0.08
_REMEMBERED = 3


class Shown(NamedTuple):
    """New contents of the page's parts; those not given stay as they are."""

    prose: Any = gr.skip()
    answer: Any = gr.skip()
    doubtful: Any = gr.skip()
    passages: Any = gr.skip()
    source: Any = gr.skip()
    history: Any = gr.skip()


def answering(
    desk: Desk, question: str, history: Sequence[Asked], use_llm: bool, cancelled: threading.Event, texts: Texts
) -> Iterator[Shown]:
    """All that is shown for a question, in order.

    Args:
        desk: the index to ask.
        question: as typed.
        history: what was asked before, oldest first.
        use_llm: whether the switch is on.
        cancelled: set to end it.
        texts: the page's words.

    Raises:
        RagError: if it cannot be answered.
    """
    desk.engine()
    loading = views.loading_html(question, texts, desk.model_is_ready)
    yield Shown(prose="", answer=loading, doubtful="", passages="", source="")
    desk.warm_up()
    engine = desk.engine()
    turns = [Turn(asked, answered) for asked, answered in history]
    follow = engine.standalone(question, turns, llm=use_llm, cancelled=cancelled)
    answer = engine.ask(follow.question)
    found = Shown(
        passages=cards.cards_html(answer, texts),
        source=_first_source(desk, answer, texts),
        history=_remembered(history, answer.question, answer.answer),
    )
    if use_llm:
        yield from _with_prose(desk, answer, follow, found, history, cancelled, texts)
    else:
        html = views.answer_html(answer, desk.scope(), texts, asked=asked_html(follow, texts))
        yield found._replace(prose="", answer=html, doubtful="")


def _with_prose(
    desk: Desk,
    answer: Answer,
    follow: Standalone,
    found: Shown,
    history: Sequence[Asked],
    cancelled: threading.Event,
    texts: Texts,
) -> Iterator[Shown]:
    """Prose above the quotes as it is written; when it is checked, below them if too little of it is supported."""
    engine, scope = desk.engine(), desk.scope()
    server = engine.llm
    asked = asked_html(follow, texts)
    by = by_html(server.model, server.host, texts) if server is not None else ""
    title = prose_texts(texts.language).quotes
    quotes = "" if answer.abstained else views.answer_html(answer, scope, texts, asked="", title=title)
    yield found._replace(prose=asked + draft_html(Draft("", ()), answer, by, texts), answer=quotes, doubtful="")
    prose = None
    for event in _paced(engine.write_prose(answer, cancelled=cancelled)):
        if isinstance(event, Prose):
            prose = event
        else:
            yield Shown(prose=asked + draft_html(event, answer, by, texts))
    assert prose is not None
    checked = prose_html(prose, answer, by, texts)
    if prose.trusted:
        remembered = _remembered(history, answer.question, prose.text)
        yield Shown(prose=asked + checked, answer=quotes, history=remembered)
        return
    plain = views.answer_html(answer, scope, texts, asked="")
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


def _first_source(desk: Desk, answer: Answer, texts: Texts) -> str:
    if not answer.citations:
        return ""
    place = place_of_citation(answer.citations[0], answer)
    return source_html(desk.engine().document(place.document), place, texts)
