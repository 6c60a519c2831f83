"""Which libraries are asked: chosen in the page's head, for all tabs that ask."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

import gradio as gr
from markupsafe import Markup

from rag.errors import RagError
from rag.library import DEFAULT_ID, NamedLibrary
from rag.web.html.filters import Filters
from rag.web.html.templates import Template
from rag.web.libraries import OpenLibraries
from rag.web.opening import event_data
from rag.web.texts import Language
from rag.web.texts.libraries import LIBRARY_TEXTS, library_name, library_names

log = logging.getLogger(__name__)

_html = Template("html/libraries.html")


class Choosing:
    """The chooser over the libraries that whoever asks may read."""

    def __init__(self, libraries: OpenLibraries) -> None:
        self._libraries = libraries

    def readable(self) -> Sequence[NamedLibrary]:
        """Those libraries; none where they cannot be told."""
        try:
            return self._libraries.readable()
        except RagError as error:
            log.warning("%s", error)
            return ()

    def part(self, filters: Filters, language: Language) -> Markup:
        """The chooser; nothing where there is but one library."""
        readable, texts = self.readable(), LIBRARY_TEXTS[language]
        if len(readable) < 2:
            return Markup()
        chosen = [each for each in readable if each.id in (filters.libraries or (DEFAULT_ID,))]
        choices = [(each.id, library_name(each, language), each in chosen) for each in readable]
        return _html.chooser(choices, library_names(chosen, language) or texts.none, texts)

    def choose(self, language: Language, before: str, event: gr.EventData) -> tuple[str, Markup]:
        """What is asked, as an address has it, with the libraries that are chosen now; and the chooser."""
        libraries = Filters.from_query(str(event_data(event).get("query", ""))).libraries
        filters = replace(Filters.from_query(before or ""), libraries=libraries)
        return filters.to_query(), self.part(filters, language)
