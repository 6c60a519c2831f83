"""What happens when the page opens, a question is asked, or a place is clicked."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import gradio as gr

from rag.answer.result import Answer
from rag.errors import QuestionError, RagError, SnapshotError
from rag.web import cards, views
from rag.web.desk import Desk
from rag.web.examples import examples_for
from rag.web.places import Place, place_of_citation
from rag.web.source import source_html
from rag.web.texts import Texts, texts_for

log = logging.getLogger(__name__)


class Events:
    """Handlers of the page's events over one index; each returns what its outputs show."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def start(self, request: gr.Request) -> tuple[Any, ...]:
        texts = texts_for(request.headers.get("accept-language"), request.query_params.get("lang"))
        try:
            scope: views.Scope | None = self._desk.scope()
        except RagError as error:
            scope = None
            body = self._failure(error, texts)
        if scope is not None:
            examples = examples_for([listing.source for listing in scope.documents], texts.language)
            body = views.home_html(scope, examples, texts)
        return (
            texts.language,
            views.header_html(texts),
            gr.update(label=texts.question_label, placeholder=texts.question_placeholder),
            gr.update(value=texts.ask),
            views.hint_html(texts),
            body,
            views.footer_html(scope, texts),
        )

    def example_question(self, event: gr.EventData) -> str:
        return str(getattr(event, "question", ""))

    def ask(self, question: str, language: str, request: gr.Request) -> Iterator[tuple[str, str, str]]:
        """Yields what the answer, the passages and the source show: that the work has begun, then the result."""
        texts = texts_for(request.headers.get("accept-language"), language)
        try:
            self._check(question)
            self._desk.engine()
            yield views.loading_html(question, texts, self._desk.model_is_ready), "", ""
            self._desk.warm_up()
            answer = self._desk.engine().ask(question)
            scope = self._desk.scope()
            yield (
                views.answer_html(answer, scope, texts),
                cards.cards_html(answer, texts),
                self._first_source(answer, texts),
            )
        except RagError as error:
            yield self._failure(error, texts, question), "", ""
        except Exception:
            log.exception("A question could not be answered.")
            yield views.error_html(texts.error_internal, texts), "", ""

    def _check(self, question: str) -> None:
        if not question or not question.strip():
            raise QuestionError("The question is empty.")

    def _first_source(self, answer: Answer, texts: Texts) -> str:
        if not answer.citations:
            return ""
        place = place_of_citation(answer.citations[0], answer)
        return source_html(self._desk.engine().document(place.document), place, texts)

    def open_place(self, language: str, request: gr.Request, event: gr.EventData) -> str:
        """The source panel for a place clicked."""
        texts = texts_for(request.headers.get("accept-language"), language)
        try:
            place = Place.from_event(event._data or {})
            return source_html(self._desk.engine().document(place.document), place, texts)
        except (RagError, ValueError) as error:
            return views.error_html(texts.error_document, texts, str(error))

    def _failure(self, error: RagError, texts: Texts, question: str = "") -> str:
        """An error in words of the page's language; its own English words are kept as details."""
        if isinstance(error, QuestionError):
            if not question.strip():
                return views.error_html(texts.error_empty, texts)
            limit = self._desk.engine().settings.max_question_chars
            return views.error_html(texts.error_too_long.format(length=len(question), limit=limit), texts)
        if isinstance(error, SnapshotError) and self._is_missing():
            return views.no_index_html(self._desk.index, str(error), texts)
        return views.error_html(texts.error_internal, texts, str(error))

    def _is_missing(self) -> bool:
        return self._desk.index is None or not (self._desk.index / "CURRENT").exists()
