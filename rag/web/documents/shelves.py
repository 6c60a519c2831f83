"""What happens when a library is chosen in the tab, made, renamed, emptied or removed."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gradio as gr
from markupsafe import Markup

from rag.errors import BusyError, RagError
from rag.library import DEFAULT_ID, Libraries, LibraryNameError, NamedLibrary, UnknownLibraryError
from rag.library.libraries import MOST_NAME_CHARS
from rag.web import audit
from rag.web.documents.catalogue import View
from rag.web.documents.events import Events
from rag.web.frame import browser_language
from rag.web.html.templates import Template
from rag.web.libraries import OpenLibraries, RightError, role_in
from rag.web.opening import event_data
from rag.web.principal import covers, current_principal
from rag.web.rights import refused
from rag.web.texts import Language
from rag.web.texts.libraries import LIBRARY_TEXTS, LibraryTexts, library_name

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

_html = Template("documents/shelves.html")


class Shelves:
    """Handlers of these events; each returns the view, this part, and all that changes with the library shown.

    Args:
        libraries: those served.
        events: those of the tab.
    """

    def __init__(self, libraries: OpenLibraries, events: Events) -> None:
        self._libraries = libraries
        self._events = events

    def start(self, view: View, request: gr.Request) -> Markup:
        """This part, when the page is opened."""
        return self._part(view, browser_language(request))

    def choose(self, view: View, language: Language, event: gr.EventData) -> tuple[Any, ...]:
        """Show another library."""
        return self._shown(_in(view, str(event_data(event).get("library", ""))), language)

    def add(self, view: View, language: Language, event: gr.EventData) -> tuple[Any, ...]:
        """Make a library, and show it."""
        data, texts = event_data(event), LIBRARY_TEXTS[language or "ja"]
        if not current_principal().may("administrator"):
            raise refused("administrator", "add_library")

        def change(registry: Libraries) -> tuple[View, str]:
            made = registry.add(str(data.get("name", "")), is_open=not data.get("closed"))
            audit.record("library-added", library=made.id)
            return _in(view, made.id), texts.made.format(name=made.name)

        return self._changed(change, view, language)

    def rename(self, view: View, language: Language, event: gr.EventData) -> tuple[Any, ...]:
        """Give the library shown another name."""
        library, new = self._administered(view, "rename_library"), str(event_data(event).get("name", ""))

        def change(registry: Libraries) -> tuple[View, str]:
            renamed = registry.rename(library.id, new)
            audit.record("library-renamed", library=library.id)
            return view, LIBRARY_TEXTS[language].renamed.format(name=renamed.name)

        return self._changed(change, view, language)

    def empty(self, view: View, language: Language) -> tuple[Any, ...]:
        """Take all documents out of the library shown."""
        library = self._administered(view, "empty_library")

        def change(registry: Libraries) -> tuple[View, str]:
            self._events.desks.close(library)
            registry.empty(library.id)
            self._libraries.forget(library)
            audit.record("library-emptied", library=library.id)
            return view, LIBRARY_TEXTS[language].emptied.format(name=library_name(library, language))

        return self._changed(change, view, language)

    def remove(self, view: View, language: Language) -> tuple[Any, ...]:
        """Remove the library shown, and show the default one."""
        library = self._administered(view, "remove_library")

        def change(registry: Libraries) -> tuple[View, str]:
            self._events.desks.close(library)
            self._libraries.forget(library)
            registry.remove(library.id)
            audit.record("library-removed", library=library.id)
            return _in(view, DEFAULT_ID), LIBRARY_TEXTS[language].removed.format(name=library.name)

        return self._changed(change, view, language)

    def _administered(self, view: View, what: str) -> NamedLibrary:
        """The library shown, for who may administer it."""
        try:
            return self._libraries.get((view or View()).library, "administrator")
        except RightError:
            raise refused("administrator", what) from None
        except UnknownLibraryError:
            raise gr.Error(LIBRARY_TEXTS["en"].unknown, print_exception=False) from None

    def _changed(
        self, change: Callable[[Libraries], tuple[View, str]], view: View, language: Language
    ) -> tuple[Any, ...]:
        registry, texts = self._libraries.registry, LIBRARY_TEXTS[language or "ja"]
        if registry is None:
            return self._shown(view, language, texts.failed, failed=True)
        try:
            now, said = change(registry)
        except LibraryNameError as error:
            words = texts.problems[error.problem].format(most=MOST_NAME_CHARS)
            return self._shown(view, language, words, failed=True)
        except BusyError:
            return self._shown(view, language, texts.busy, failed=True)
        except (RagError, OSError) as error:
            log.warning("%s", error)
            return self._shown(view, language, f"{texts.failed} {error}", failed=True)
        return self._shown(now, language, said)

    def _shown(self, view: View, language: Language, said: str = "", *, failed: bool = False) -> tuple[Any, ...]:
        try:
            self._libraries.get(view.library)
        except UnknownLibraryError:
            view, said, failed = _in(view, DEFAULT_ID), LIBRARY_TEXTS[language].unknown, True
        part = self._part(view, language, said, failed=failed)
        return view, part, self._events.adding(view, language), "", *self._events.all(view, language)

    def _part(self, view: View, language: Language, said: str = "", *, failed: bool = False) -> Markup:
        """Which libraries there are, and what can be done with that shown; nothing where there is nothing to do."""
        registry, principal = self._libraries.registry, current_principal()
        readable = self._libraries.readable() if registry is not None else ()
        may_make = registry is not None and covers(principal.role, "administrator")
        shown = next((each for each in readable if each.id == view.library), None)
        role = role_in(shown, principal) if shown is not None else principal.role
        texts: LibraryTexts = LIBRARY_TEXTS[language]
        listed = [
            (each.id, library_name(each, language), texts.count.format(count=self._libraries.documents(each)))
            for each in readable
        ]
        return _html.shelves(
            listed if len(listed) > 1 else [],
            view.library,
            role,
            library_name(shown, language) if shown is not None and role == "administrator" else "",
            shown is not None and shown.is_default,
            may_make,
            bool(principal.account),
            said,
            failed,
            MOST_NAME_CHARS,
            texts,
        )


def _in(view: View, library: str) -> View:
    """The first page of another library, all of it."""
    return replace(view or View(), library=library, page=0)
