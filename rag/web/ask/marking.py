"""What happens when a reader tells whether an answer is right, and what the right one is."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr
from markupsafe import Markup

from rag.answer.result import Answer
from rag.errors import QuestionError, RagError
from rag.language.finding import places_of
from rag.library import Library
from rag.several import JoinedEngine
from rag.web.html.filters import Filters
from rag.web.html.templates import Template
from rag.web.libraries import OpenLibraries
from rag.web.opening import event_data
from rag.web.texts import Texts, texts_for

if TYPE_CHECKING:
    from rag.engine import Engine

log = logging.getLogger(__name__)

_html = Template("ask/marking.html")
_MOST_PLACES = 50
_MOST_CHARS = 4_000

Evidence = tuple[str, str]


class NotThereError(QuestionError):
    """What was selected does not stand in the document."""


def verdict_html(answer: Answer, texts: Texts) -> Markup:
    """The buttons that tell whether an answer is right."""
    places = [(c.document.id, c.start, c.end) for c in answer.citations[:_MOST_PLACES]]
    return _html.verdict(json.dumps(places), texts.marking)


class Marking:
    """Handlers of these events over the libraries that were asked; each returns what is said of it."""

    def __init__(self, libraries: OpenLibraries) -> None:
        self._libraries = libraries

    def mark(self, language: str, chosen: str, request: gr.Request, event: gr.EventData) -> str:
        """Keep what was marked: the places that are right, words of a source, or that there are none."""
        texts, data = texts_for(request.headers.get("accept-language"), language), event_data(event)
        question, typed = str(data.get("question", "")), str(data.get("answer", ""))
        try:
            engine = self._asked(chosen)
            evidence = _evidence(engine, data)
            engine.mark(question, evidence, [typed] if evidence and typed.strip() else [])
            kept = len(Library(engine.settings.index).questions)
        except NotThereError:
            return _html.wrong(texts.marking.not_found, "")
        except (RagError, ValueError) as error:
            log.warning("%s", error)
            return _html.wrong(texts.marking.failed, str(error))
        said = texts.marking.kept_place if evidence else texts.marking.kept_nowhere
        said = texts.marking.kept_helpful if data.get("helpful") is True else said
        return _html.kept(question, said, texts.marking.count.format(count=kept), texts.marking)

    def unmark(self, language: str, chosen: str, request: gr.Request, event: gr.EventData) -> str:
        """Forget what was marked of a question."""
        texts = texts_for(request.headers.get("accept-language"), language)
        try:
            engine = self._asked(chosen)
            for each in engine.engines.values() if isinstance(engine, JoinedEngine) else (engine,):
                Library(each.settings.index).questions.remove(str(event_data(event).get("question", "")))
        except RagError as error:
            return _html.wrong(texts.marking.failed, str(error))
        return ""

    def _asked(self, chosen: str) -> Engine:
        """What was asked, by the filters that were in use."""
        return self._libraries.chosen(Filters.from_query(chosen or "").libraries).engine()


def _evidence(engine: Engine, data: Mapping[str, Any]) -> list[Evidence]:
    """What a browser has marked, as words of documents.

    Raises:
        ValueError: if that is no place in a document.
        NotThereError: if words that were selected do not stand there.
    """
    selected = data.get("selected")
    if isinstance(selected, dict):
        return [_selected(engine, selected)]
    places = data.get("places", [])
    if not isinstance(places, Sequence):
        raise ValueError("no places")
    return [_between(engine, *place) for place in places[:_MOST_PLACES]]


def _between(engine: Engine, document_id: Any, start: Any, end: Any) -> Evidence:
    document, start, end = engine.document(str(document_id)), int(start), int(end)
    if not 0 <= start < end <= len(document.text):
        raise ValueError("not a place in the document")
    return document.source, document.text[start:end]


def _selected(engine: Engine, selected: Mapping[str, Any]) -> Evidence:
    """The words as they stand in the document: of several such places, the one nearest to the line."""
    document, line = engine.document(str(selected.get("document"))), int(selected.get("line", 1))
    found = places_of(str(selected.get("words", ""))[:_MOST_CHARS], document.text)
    if not found:
        raise NotThereError("The words do not stand in the document.")
    start, end = min(found, key=lambda place: abs(document.line(place[0]) - line))
    return document.source, document.text[start:end].strip()
