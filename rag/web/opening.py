"""What happens in every tab when a place in a document is clicked."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rag.errors import RagError
from rag.web.html.answers import error_html
from rag.web.html.places import Target
from rag.web.html.source import source_html
from rag.web.libraries import OpenLibraries
from rag.web.texts import texts_for


class Opening:
    """Opens documents of the libraries."""

    def __init__(self, libraries: OpenLibraries) -> None:
        self._libraries = libraries

    def open_place(self, language: str, request: gr.Request, event: gr.EventData) -> str:
        """The source panel for a place clicked."""
        texts = texts_for(request.headers.get("accept-language"), language)
        try:
            place = Target.from_event(event_data(event))
            return source_html(self._libraries.holding(place.document).engine().document(place.document), place, texts)
        except (RagError, ValueError) as error:
            return error_html(texts.error_document, texts, str(error))


def event_data(event: gr.EventData) -> dict[str, Any]:
    """What the browser sent along, where anything can have happened to it."""
    return event._data if isinstance(event._data, dict) else {}
