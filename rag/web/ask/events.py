"""What happens when the page opens, a question is asked, or a place is clicked."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Any

import gradio as gr

from rag.errors import QuestionError, RagError, SnapshotError
from rag.web.ask import views
from rag.web.ask.asking import Asked, Shown, answering
from rag.web.ask.examples import examples_for
from rag.web.ask.sessions import Sessions
from rag.web.desk import Desk
from rag.web.places import Place
from rag.web.source import source_html
from rag.web.texts import Texts, texts_for
from rag.web.texts.prose import prose_texts

log = logging.getLogger(__name__)


class Events:
    """Handlers of the page's events over one index; each returns what its outputs show."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._sessions = Sessions()

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
        host = self._llm_host() if scope is not None else ""
        return (
            gr.update(label=texts.question_label, placeholder=texts.question_placeholder),
            gr.update(value=texts.ask),
            views.hint_html(texts),
            self._switch(host, texts),
            body,
            views.footer_html(scope, texts, host),
        )

    def _llm_host(self) -> str:
        """The server that the switch would have a question sent to; empty if there is none."""
        try:
            server = self._desk.engine().llm
        except RagError as error:
            log.warning("%s", error)
            return ""
        return "" if server is None else server.host

    def _switch(self, host: str, texts: Texts) -> Any:
        label = prose_texts(texts.language).switch.format(host=host)
        return gr.update(visible=bool(host), value=False, label=label)

    def example_question(self, event: gr.EventData) -> str:
        return str(getattr(event, "question", ""))

    def question_alone(self, event: gr.EventData) -> tuple[str, list[Asked]]:
        """A question to be asked without what was asked before it."""
        return self.example_question(event), []

    def stop(self, request: gr.Request) -> None:
        """End the prose that is being written."""
        self._sessions.stop(str(request.session_hash))

    def ask(
        self, question: str, language: str, use_llm: bool, history: Sequence[Asked], request: gr.Request
    ) -> Iterator[Shown]:
        """Yields what the parts of the page show: that the work has begun, then what is found and written."""
        texts = texts_for(request.headers.get("accept-language"), language)
        with self._sessions.run(str(request.session_hash)) as run:
            try:
                self._check(question)
                for shown in answering(self._desk, question, history, bool(use_llm), run.cancelled, texts):
                    if run.superseded:
                        return
                    yield shown
            except RagError as error:
                yield Shown(prose="", answer=self._failure(error, texts, question), doubtful="", passages="", source="")
            except Exception:
                log.exception("A question could not be answered.")
                body = views.error_html(texts.error_internal, texts)
                yield Shown(prose="", answer=body, doubtful="", passages="", source="")

    def _check(self, question: str) -> None:
        if not question or not question.strip():
            raise QuestionError("The question is empty.")

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
