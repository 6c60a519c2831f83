"""Answers that readers save: what is kept of them, and those that whoever asks may see, over all libraries."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass

import gradio as gr

from rag.errors import RagError
from rag.index.joined import parted
from rag.index.opening import local_folder
from rag.library import DEFAULT_ID, NamedLibrary, SavedAnswer, SavedAnswers, Standing
from rag.web.exports.content import Content
from rag.web.exports.views import kept_html
from rag.web.html.filters import Filters, link_to
from rag.web.libraries import OpenLibraries
from rag.web.opening import event_data
from rag.web.principal import current_principal
from rag.web.texts import Language
from rag.web.texts.saved import SAVED_TEXTS

log = logging.getLogger(__name__)

_TAG_ENDS = re.compile(r"[,、，;；\n]")
_MOST_CHARS = 400_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A saved answer and the id of the library that it is kept in."""

    library: str
    answer: SavedAnswer


class SavedShelf:
    """Saved answers of all libraries.

    Args:
        libraries: those served.
    """

    def __init__(self, libraries: OpenLibraries) -> None:
        self._libraries = libraries

    def all(self) -> list[Kept]:
        """Those of whoever asks, the last first, without any that cites a library they may not read.

        Raises:
            LibraryError: if a file of them is damaged.
        """
        account, readable = current_principal().account, self._libraries.readable()
        hidden = self._unreadable(readable)
        found = [
            Kept(library.id, answer)
            for library in readable
            for answer in self._of(library).of(account)
            if not any(parted(place.document)[0] in hidden for place in answer.places)
        ]
        return sorted(found, key=lambda kept: kept.answer.saved, reverse=True)

    def get(self, library: str, identity: str) -> Kept | None:
        """One of them."""
        return next((kept for kept in self.all() if (kept.library, kept.answer.id) == (library, identity)), None)

    def put(self, library: str, answer: SavedAnswer) -> Kept:
        """Keep an answer in a library. Raises as ``SavedAnswers.put``, and UnknownLibraryError."""
        named = self._libraries.get(library)
        return Kept(named.id, self._of(named).put(answer))

    def remove(self, library: str, identity: str) -> None:
        """Forget one of whoever asks."""
        self._of(self._libraries.get(library)).remove(identity, current_principal().account)

    def standings(self, answer: SavedAnswer) -> list[tuple[Standing, int, int]]:
        """How each place of an answer is now, and where to open it."""
        found = []
        for place in answer.places:
            try:
                document = self._libraries.holding(place.document).engine().document(place.document)
            except RagError:
                document = None
            found.append(place.standing(document))
        return found

    def _of(self, library: NamedLibrary) -> SavedAnswers:
        index = self._libraries.index(library)
        return SavedAnswers(local_folder(index.index if index.index is not None else index.engine().settings.index))

    def _unreadable(self, readable: tuple[NamedLibrary, ...]) -> set[str]:
        registry = self._libraries.registry
        there = {library.id for library in registry.all()} if registry is not None else {DEFAULT_ID}
        return there - {library.id for library in readable}


class Keeping:
    """Handler of the event that saves the answer shown."""

    def __init__(self, libraries: OpenLibraries) -> None:
        self._shelf = SavedShelf(libraries)

    def keep(self, language: Language, chosen: str, event: gr.EventData) -> str:
        """Save the answer that a browser shows."""
        data, texts, filters = event_data(event), SAVED_TEXTS[language or "ja"], Filters.from_query(chosen or "")
        try:
            answer = _answer_of(str(data.get("content", ""))[:_MOST_CHARS], filters)
            answer = answer.noted(str(data.get("note", "")), tags_in(str(data.get("tags", ""))))
            self._shelf.put(next(iter(filters.libraries), ""), answer)
        except (RagError, ValueError, OSError) as error:
            log.warning("An answer could not be saved: %s", error)
            return kept_html(texts.failed, texts, failed=True)
        return kept_html(texts.kept, texts)


def tags_in(words: str) -> list[str]:
    """The tags that somebody wrote, with commas or lines between them."""
    return _TAG_ENDS.split(words)


def _answer_of(content: str, filters: Filters) -> SavedAnswer:
    """What a browser has sent, as an answer of whoever asks.

    Raises:
        ValueError: if it is none.
    """
    read = Content.from_dict(json.loads(content))
    return SavedAnswer(
        read.question,
        read.text,
        read.sources,
        read.is_broken,
        link_to(read.question, filters),
        account=current_principal().account,
    )
