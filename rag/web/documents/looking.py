"""What happens when a document of the list is looked into."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import gradio as gr

from rag.errors import RagError
from rag.index.joined import QualifiedDocument, parted
from rag.library import DEFAULT_ID
from rag.web.documents import views
from rag.web.documents.catalogue import View
from rag.web.documents.contents import pieces_of
from rag.web.documents.contents_view import MOST_CHARS, SHOWN_CHARS, Shown, contents_html, overview_html
from rag.web.documents.events import Events, field
from rag.web.documents.overview import overview_of, similar_to
from rag.web.html.finding import Finding
from rag.web.html.markup import Mark
from rag.web.html.places import MOST_FIND_CHARS
from rag.web.texts import Language
from rag.web.texts.documents import DOCUMENT_TEXTS

if TYPE_CHECKING:
    from rag.corpus.document import Document

log = logging.getLogger(__name__)

_LONGEST_MARK = 200


class Looking:
    """Handlers of these events; each returns what is shown in place of the list.

    Args:
        events: those of the tab.
    """

    def __init__(self, events: Events) -> None:
        self._events = events

    def open_document(self, view: View, language: Language, event: gr.EventData) -> str:
        """A document with its passages, in place of the list."""
        texts = DOCUMENT_TEXTS[language]
        until = field(event, "until")
        until = min(until, MOST_CHARS) if isinstance(until, int) else SHOWN_CHARS
        desk = self._events.desk(view)
        try:
            engine = desk.current.engine()
            row = desk.catalogue().row(parted(str(field(event, "document")))[1])
            if row is None:
                return views.gone_html(texts)
            document = _named(engine.document(row.id), view)
            pieces = pieces_of(document, engine.snapshot.store.extents_of(row.id))
            words, hit = str(field(event, "find") or "")[:MOST_FIND_CHARS], field(event, "hit")
            finding = Finding.of(document.text, words, hit if isinstance(hit, int) else 0)
            shown = Shown(until, finding, _jump(event, len(document.text)))
            overview = overview_of(document)
            similar = similar_to(document, overview, engine) if desk.current.model_is_ready else []
            at_a_glance = overview_html(document, overview, similar, shown, texts)
            return contents_html(document, row, pieces, shown, at_a_glance, texts)
        except RagError as error:
            log.info("%s", error)
            return views.gone_html(texts)

    def close_document(self) -> str:
        return ""


def _named(document: Document, view: View) -> Document:
    """The document by its id among all libraries."""
    return document if view.library == DEFAULT_ID else QualifiedDocument.of(document, view.library)


def _jump(event: gr.EventData, length: int) -> Mark | None:
    """The place that was jumped to, if one was."""
    start, end = field(event, "from"), field(event, "to")
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end <= length:
        return None
    return Mark(start, min(end, start + _LONGEST_MARK), "found", current=True)
