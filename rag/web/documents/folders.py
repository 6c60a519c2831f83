"""What happens when folders of the server are watched: named, paused, removed. Administrators alone see them."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from rag.errors import RagError
from rag.library import UnknownLibraryError, WatchedFolderError, is_under
from rag.web import audit
from rag.web.documents.catalogue import View
from rag.web.documents.events import Events, where
from rag.web.documents.folders_view import adding_html, folders_html
from rag.web.documents.watcher import Watcher
from rag.web.frame import browser_language
from rag.web.opening import event_data
from rag.web.principal import current_principal
from rag.web.rights import needs
from rag.web.texts import Language
from rag.web.texts.watched import WATCHED_TEXTS, WatchedTexts

log = logging.getLogger(__name__)


class Folders:
    """Handlers of these events; each returns where a folder is named, the list, its timer, what is shown of it, and
    the timer of updates.

    Args:
        events: those of the tab.
    """

    def __init__(self, events: Events) -> None:
        self._events = events
        self._roots = events.desks.roots

    def start(self, view: View, request: gr.Request) -> tuple[Any, ...]:
        """Everything, when the page is opened."""
        return self.show(view, browser_language(request))

    def show(self, view: View, language: Language, said: str = "", *, failed: bool = False) -> tuple[Any, ...]:
        """Everything, of the library shown; nothing to who is no administrator, or where nothing can be watched."""
        watcher = self._watcher(view)
        if watcher is None:
            return "", "", gr.update(active=False), "", gr.skip()
        html = _list(watcher, language)
        naming = adding_html(self._roots, language or "ja", said, failed=failed)
        working = gr.update(active=True) if watcher.updates.status().work is not None else gr.skip()
        return naming, html, gr.update(active=bool(html)), html, working

    def tick(self, view: View, seen: str, updates_seen: int, language: Language) -> tuple[Any, ...]:
        """What has changed since; updates that the folders call for are looked at from then on."""
        watcher = self._watcher(view)
        if watcher is None:
            return "", gr.update(active=False), "", gr.skip()
        html = _list(watcher, language)
        timer = gr.update(active=True) if watcher.updates.status().version != updates_seen else gr.skip()
        if html == seen:
            return gr.skip(), gr.skip(), gr.skip(), timer
        return html, gr.update(active=bool(html)), html, timer

    @needs("administrator")
    def watch_folder(self, view: View, language: Language, event: gr.EventData) -> tuple[Any, ...]:
        """Watch a folder from now on."""
        given = str(event_data(event).get("folder", "")).strip()

        def change(watcher: Watcher, texts: WatchedTexts) -> str:
            path = os.path.expanduser(given) if self._roots.is_anywhere else given  # noqa: PTH111 (may be no path)
            if Path(path).is_absolute() and not self._roots.cover(path):
                raise _RefusedError(texts.outside)
            folder = watcher.library.watched.add(path)
            audit.record("folder-watched", path=folder.path, **where(view))
            return texts.added.format(path=folder.path)

        return self._changed(change, view, language)

    @needs("administrator")
    def pause_folder(self, view: View, language: Language, event: gr.EventData) -> tuple[Any, ...]:
        """Leave the documents of a folder as they are."""
        path = _path(event)

        def change(watcher: Watcher, texts: WatchedTexts) -> str:
            watcher.library.watched.pause(path, is_paused=True)
            audit.record("folder-paused", path=path, **where(view))
            return ""

        return self._changed(change, view, language)

    @needs("administrator")
    def resume_folder(self, view: View, language: Language, event: gr.EventData) -> tuple[Any, ...]:
        """Follow a folder again."""
        path = _path(event)

        def change(watcher: Watcher, texts: WatchedTexts) -> str:
            if not self._roots.cover(path):
                raise _RefusedError(texts.outside)
            watcher.library.watched.pause(path, is_paused=False)
            audit.record("folder-resumed", path=path, **where(view))
            return ""

        return self._changed(change, view, language)

    @needs("administrator")
    def look_at_folder(self, view: View, language: Language, event: gr.EventData) -> tuple[Any, ...]:
        """Look at a folder now."""
        path = _path(event)

        def change(watcher: Watcher, texts: WatchedTexts) -> str:
            watcher.look(path)
            return ""

        return self._changed(change, view, language)

    @needs("administrator")
    def unwatch_folder(self, view: View, language: Language, event: gr.EventData) -> tuple[Any, ...]:
        """Watch a folder no more; its documents stay, or leave the index."""
        path, with_documents = _path(event), event_data(event).get("answer") == "leave"

        def change(watcher: Watcher, texts: WatchedTexts) -> str:
            record = watcher.library.record() if with_documents else None
            if record is not None and all(is_under(entry.file, path) for entry in record.entries.values()):
                raise _RefusedError(texts.last_documents)
            watcher.library.watched.remove(path, with_documents=with_documents)
            audit.record("folder-unwatched", path=path, with_documents=with_documents, **where(view))
            if with_documents:
                watcher.updates.request()
            return texts.removed.format(path=path)

        return self._changed(change, view, language)

    def _changed(
        self, change: Callable[[Watcher, WatchedTexts], str], view: View, language: Language
    ) -> tuple[Any, ...]:
        """Change what is watched, or tell why not."""
        watcher, texts = self._watcher(view), WATCHED_TEXTS[language or "ja"]
        if watcher is None:
            return self.show(view, language)
        try:
            said = change(watcher, texts)
        except _RefusedError as refused:
            return self.show(view, language, str(refused), failed=True)
        except WatchedFolderError as error:
            words = texts.problems[error.problem].format(other=error.other)
            return self.show(view, language, words, failed=True)
        except (RagError, OSError, ValueError) as error:
            log.warning("%s", error)
            return self.show(view, language, f"{texts.failed} {error}", failed=True)
        watcher.start()
        return self.show(view, language, said)

    def _watcher(self, view: View) -> Watcher | None:
        """What watches the folders of the library shown, for who may see what of the server that is."""
        if not current_principal().may("administrator"):
            return None
        try:
            return self._events.desks.of((view or View()).library, "administrator").watcher
        except UnknownLibraryError:
            return None


class _RefusedError(Exception):
    """What was asked for is not done; its words are for the page."""


def _list(watcher: Watcher, language: Language) -> str:
    try:
        return folders_html(watcher.states(), language or "ja")
    except RagError as error:
        log.warning("%s", error)
        return ""


def _path(event: gr.EventData) -> str:
    return str(event_data(event).get("folder", ""))  # Gradio takes a "path" for that of an upload
