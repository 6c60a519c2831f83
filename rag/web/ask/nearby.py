"""What happens when more is asked for of a passage: others like it, and what stands around it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import gradio as gr

from rag.errors import BusyError, RagError
from rag.web.ask import cards
from rag.web.html.answers import error_html
from rag.web.libraries import OpenLibraries
from rag.web.opening import event_data
from rag.web.texts import Texts, texts_for
from rag.web.turns import Turns


class Nearby:
    """Handlers of these events; each returns what its output shows, of the library that the passage is in."""

    def __init__(self, libraries: OpenLibraries, turns: Turns) -> None:
        self._libraries = libraries
        self._turns = turns

    async def similar(self, language: str, request: gr.Request, event: gr.EventData) -> str:
        """Passages like the one clicked."""
        texts = texts_for(request.headers.get("accept-language"), language)
        try:
            return await self._turns.run(partial(self._similar, *_passage(event), texts), "finding")
        except BusyError:
            return error_html(texts.error_busy, texts)
        except (RagError, ValueError) as error:
            return error_html(texts.error_document, texts, str(error))

    def _similar(self, document_id: str, start: int, end: int, texts: Texts) -> str:
        engine = self._libraries.holding(document_id).engine()
        text = engine.document(document_id).text[start:end]
        asked = text[: engine.settings.max_question_chars]
        found = engine.search(asked, operators=False, k=engine.settings.k + 1).hits
        others = [hit for hit in found if (hit.document.id, hit.start) != (document_id, start)]
        ranked = [replace(hit, rank=rank) for rank, hit in enumerate(others[: engine.settings.k], 1)]
        return cards.similar_html(text, ranked, engine.snapshot.store, texts)

    def close_similar(self) -> str:
        return ""

    def around(self, language: str, request: gr.Request, event: gr.EventData) -> str:
        """What stands before and after the passage clicked."""
        texts = texts_for(request.headers.get("accept-language"), language)
        try:
            document_id, start, end = _passage(event)
            engine = self._libraries.holding(document_id).engine()
            document = engine.document(document_id)
            found = engine.neighbours(document_id, start, end)
        except (RagError, ValueError) as error:
            return error_html(texts.error_document, texts, str(error))
        before = (found[0].start, start) if found[0] else (start, start)
        after = (end, found[1].end) if found[1] else (end, end)
        return cards.around_html(str(event_data(event).get("passage")), document, before, after, texts)


def _passage(event: gr.EventData) -> tuple[str, int, int]:
    """Document and stretch of the passage clicked, as cards write them.

    Raises:
        ValueError: if it is something else.
    """
    document_id, start, end = str(event_data(event).get("passage", "")).split(":")
    return document_id, int(start), int(end)
