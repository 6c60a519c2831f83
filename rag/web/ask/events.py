"""What happens when the page opens, a question is asked, or a place is clicked."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any
from urllib.parse import parse_qsl, urlencode

import gradio as gr
from markupsafe import Markup

from rag.errors import BusyError, QuestionError, RagError, SnapshotError
from rag.index.opening import is_there
from rag.library import UnknownLibraryError
from rag.web.ask import views
from rag.web.ask.asking import Asked, Question, Shown, answering
from rag.web.ask.examples import examples_for
from rag.web.ask.filter_views import chips_html, filters_html, source_options_html
from rag.web.ask.sessions import Sessions
from rag.web.choosing import Choosing
from rag.web.current import CurrentIndex
from rag.web.html.answers import error_html
from rag.web.html.filters import NO_FILTERS, Choices, Filters, link_to, question_in
from rag.web.html.scope import Scope
from rag.web.libraries import OpenLibraries
from rag.web.opening import Opening, event_data
from rag.web.texts import Texts, texts_for
from rag.web.turns import Turns

log = logging.getLogger(__name__)


class Events:
    """Handlers of the page's events; each returns what its outputs show."""

    def __init__(self, libraries: OpenLibraries, turns: Turns) -> None:
        self._libraries = libraries
        self._choosing = Choosing(libraries)
        self._sessions = Sessions()
        self._turns = turns

    def start(self, request: gr.Request) -> tuple[Any, ...]:
        texts = texts_for(request.headers.get("accept-language"), request.query_params.get("lang"))
        address = urlencode(request.query_params.multi_items())
        return self._page(question_in(address), Filters.from_query(address), texts)

    def go_home(self, chosen: str, request: gr.Request) -> tuple[Any, ...]:
        """The page as it begins, over the libraries and filters that are chosen now."""
        texts = texts_for(request.headers.get("accept-language"), request.query_params.get("lang"))
        return self._page("", Filters.from_query(chosen or ""), texts)

    def _page(self, question: str, filters: Filters, texts: Texts) -> tuple[Any, ...]:
        body, scope = self._start(filters, texts)
        if scope is not None:
            served = self._libraries.chosen(filters.libraries)
            if question:
                loading = views.loading_html(question, texts, served.model_is_ready)
                body = views.restored_html(link_to(question, filters), loading)
        host = self._llm_host(filters) if scope is not None else ""
        typed: dict[str, Any] = (
            {"value": question} if question else {}
        )  # otherwise the browser may put back what was being typed
        return (
            gr.update(label=texts.question_label, placeholder=texts.question_placeholder, **typed),
            filters.to_query(),
            self._choosing.part(filters, texts.language),
            *self._filters(filters, texts),
            views.history_html(texts),
            self._switch(host, texts),
            body,
            views.footer_html(scope, texts, host),
            views.floats_html(texts),
        )

    def _start(self, filters: Filters, texts: Texts) -> tuple[Markup, Scope | None]:
        """What stands where the answer will be, and what there is to ask about."""
        try:
            scope = self._libraries.chosen(filters.libraries).scope()
        except RagError as error:
            return self._failure(error, texts, filters=filters), None
        examples = examples_for([listing.source for listing in scope.documents], texts.language)
        return views.home_html(scope, examples, texts), scope

    def _choices(self, filters: Filters) -> Choices:
        try:
            return self._libraries.chosen(filters.libraries).scope().choices()
        except RagError:
            return Choices()

    def _filters(self, filters: Filters, texts: Texts, problem: str = "") -> tuple[Markup, Markup, Any]:
        """The forms, the chips, and the button that asks or searches."""
        choices, button = self._choices(filters), gr.update(value=texts.search if filters.passages_only else texts.ask)
        return filters_html(filters, choices, texts, problem), chips_html(filters, choices, texts), button

    def _llm_host(self, filters: Filters) -> str:
        """The server that the switch would have a question sent to; empty if there is none."""
        try:
            server = self._libraries.chosen(filters.libraries).engine().llm
        except RagError as error:
            log.warning("%s", error)
            return ""
        return "" if server is None else server.host

    def _switch(self, host: str, texts: Texts) -> Any:
        label = texts.prose.switch.format(host=host)
        return gr.update(visible=bool(host), value=False, label=label)

    def example_question(self, event: gr.EventData) -> str:
        return str(event_data(event).get("question", ""))

    def question_alone(self, event: gr.EventData) -> tuple[str, list[Asked]]:
        """A question to be asked without what was asked before it."""
        return self.example_question(event), []

    def linked_question(
        self, language: str, request: gr.Request, event: gr.EventData
    ) -> tuple[str, str, Markup, str, str, Any, list[Asked]]:
        """The question of an address with its filters, to be asked without what was asked before it."""
        link, texts = (
            str(event_data(event).get("link", "")),
            texts_for(request.headers.get("accept-language"), language),
        )
        filters = Filters.from_query(link)
        chooser = self._choosing.part(filters, texts.language)
        return question_in(link), filters.to_query(), chooser, *self._filters(filters, texts), []

    def open_place(self, language: str, request: gr.Request, event: gr.EventData) -> str:
        """The source panel for a place clicked, which an answer that is still to come leaves open."""
        self._sessions.note_opened(str(request.session_hash))
        return Opening(self._libraries).open_place(language, request, event)

    def stop(self, request: gr.Request) -> None:
        """End the prose that is being written."""
        self._sessions.stop(str(request.session_hash))

    def choose(
        self, language: str, before: str, request: gr.Request, event: gr.EventData
    ) -> tuple[str, str, str, Any, bool]:
        """Filters as the form has them, and whether they are others now. A part of a title may name a document."""
        texts = texts_for(request.headers.get("accept-language"), language)
        asked = Filters.from_query(str(event_data(event).get("query", "")))
        choices, problem, pairs = self._choices(asked), "", []
        for name, value in parse_qsl(asked.to_query()):
            source = choices.resolve(value) if name == "source" else value
            if source is None:
                problem = value
            else:
                pairs.append((name, source))
        filters = Filters.from_query(urlencode(pairs))
        return filters.to_query(), *self._filters(filters, texts, problem), filters.to_query() != (before or "")

    def choose_libraries(self, language: str, chosen: str, request: gr.Request) -> tuple[Markup, Markup, Any, bool]:
        """The same where other libraries have been chosen, which are others in any case."""
        texts = texts_for(request.headers.get("accept-language"), language)
        return *self._filters(Filters.from_query(chosen or ""), texts), True

    def source_options(self, language: str, chosen: str, request: gr.Request) -> str:
        choices = self._choices(Filters.from_query(chosen or ""))
        return source_options_html(choices, texts_for(request.headers.get("accept-language"), language))

    async def ask(
        self,
        question: str,
        language: str,
        use_llm: bool,
        history: Sequence[Asked],
        chosen: str,
        request: gr.Request,
    ) -> AsyncIterator[Shown]:
        """Yields what the parts of the page show: that the work has begun, then what is found and written."""
        texts = texts_for(request.headers.get("accept-language"), language)
        with self._sessions.run(str(request.session_hash)) as run:
            try:
                self._check(question)
                filters = Filters.from_query(chosen or "")
                asked = Question(question, history, bool(use_llm), filters, run.cancelled, texts)
                served = self._libraries.chosen(filters.libraries)
                async with aclosing(answering(served, asked, self._turns)) as steps:  # type: ignore[type-var]
                    async for shown in steps:
                        if run.superseded:
                            return
                        yield shown._replace(source=gr.skip()) if run.has_opened else shown
            except RagError as error:
                yield Shown.only(self._failure(error, texts, question, Filters.from_query(chosen or "")))
            except Exception:
                log.exception("A question could not be answered.")
                yield Shown.only(error_html(texts.error_internal, texts))

    async def ask_again(
        self,
        changed: bool,
        language: str,
        use_llm: bool,
        history: Sequence[Asked],
        chosen: str,
        request: gr.Request,
    ) -> AsyncIterator[Shown]:
        """The last question with other filters; if none was asked, the start, where other libraries are chosen."""
        if changed and not history and len(self._choosing.readable()) > 1:
            texts = texts_for(request.headers.get("accept-language"), language)
            yield Shown(answer=self._start(Filters.from_query(chosen or ""), texts)[0])
        elif not changed or not history:
            yield Shown()
        else:
            async for shown in self.ask(history[-1][0], language, use_llm, history[:-1], chosen, request):
                yield shown

    async def ask_linked(
        self, question: str, language: str, history: Sequence[Asked], chosen: str, request: gr.Request
    ) -> AsyncIterator[Shown]:
        """As ``ask``, but nothing is sent to an LLM: somebody else may have made the link."""
        async for shown in self.ask(question, language, False, history, chosen, request):
            yield shown

    def _check(self, question: str) -> None:
        if not question or not question.strip():
            raise QuestionError("The question is empty.")

    def leave(self) -> tuple[Any, ...]:
        """Nothing of the last question, where the start is shown."""
        return "", gr.skip(), "", "", "", "", "", []

    def _failure(self, error: RagError, texts: Texts, question: str = "", filters: Filters = NO_FILTERS) -> Markup:
        """An error in words of the page's language; its own English words are kept as details."""
        if isinstance(error, UnknownLibraryError):
            return error_html(texts.libraries.unknown, texts)
        if isinstance(error, QuestionError) and error.argument != "question":
            return error_html(texts.error_filters, texts, str(error))
        if isinstance(error, QuestionError):
            if not question.strip():
                return error_html(texts.error_empty, texts)
            limit = self._libraries.chosen(filters.libraries).engine().settings.max_question_chars
            return error_html(texts.error_too_long.format(length=len(question), limit=limit), texts)
        if isinstance(error, BusyError):
            return error_html(texts.error_busy, texts)
        if isinstance(error, SnapshotError) and (missing := self._missing(filters)):
            return views.no_index_html(missing[0].index, str(error), texts)
        return error_html(texts.error_internal, texts, str(error))

    def _missing(self, filters: Filters) -> list[CurrentIndex]:
        """Of the libraries chosen, those that have no index yet."""
        chosen = map(self._libraries.get, filters.libraries or ("",))
        indexes = [self._libraries.index(library) for library in chosen]
        return [each for each in indexes if each.place is None or not is_there(each.place)]
