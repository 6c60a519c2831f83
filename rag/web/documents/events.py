"""What happens in the tab: files are sent, the list is looked through, documents are taken out and back."""

from __future__ import annotations

import logging
from collections.abc import Callable, MutableSet
from typing import Any

import gradio as gr

from rag.errors import RagError
from rag.library import DEFAULT_ID, Library, UnknownLibraryError, UnknownSourcesError
from rag.web import audit
from rag.web.documents import listing, views
from rag.web.documents.catalogue import Catalogue, View
from rag.web.documents.desk import Desk, Desks
from rag.web.documents.intake import Stored, Upload
from rag.web.frame import browser_language
from rag.web.libraries import OpenLibraries, RightError
from rag.web.principal import Role
from rag.web.rights import refused, spoken_language
from rag.web.roots import NOWHERE, WatchRoots
from rag.web.texts import Language
from rag.web.texts.documents import DOCUMENT_TEXTS, DocumentTexts
from rag.web.texts.libraries import LIBRARY_TEXTS

log = logging.getLogger(__name__)

_MOST_AT_ONCE = 200


class Events:
    """Handlers of the tab's events; each returns what its outputs show. Each works on the library of the view.

    Args:
        libraries: those served.
        uploaded: paths of the files that browsers have sent to this server.
        roots: which folders of the server may be watched.
    """

    def __init__(self, libraries: OpenLibraries, uploaded: MutableSet[str], roots: WatchRoots = NOWHERE) -> None:
        self.desks = Desks(libraries, uploaded, roots)
        self.desks.resume()

    def desk(self, view: View, role: Role = "reader", what: str = "") -> Desk:
        """The desk of the view's library, for who may do ``what`` there; others are told so."""
        try:
            return self.desks.of((view or View()).library, role)
        except RightError:
            raise refused(role, what) from None
        except UnknownLibraryError:
            raise gr.Error(LIBRARY_TEXTS[spoken_language()].unknown, print_exception=False) from None

    def start(self, view: View, request: gr.Request) -> tuple[Any, ...]:
        """Everything, when the page is opened."""
        language = browser_language(request)
        texts = DOCUMENT_TEXTS[language]
        box = gr.update(label=texts.filter_label, placeholder=texts.filter_placeholder)
        return self.adding(view, language), box, *self.all(view, language)

    def tick(self, view: View, seen: int, language: Language) -> tuple[Any, ...]:
        """What has changed since, while something is being done."""
        try:
            updates = self.desks.of(view.library).updates
        except UnknownLibraryError:  # removed meanwhile
            return gr.skip(), gr.update(active=False), gr.skip(), gr.skip()
        if updates is None or updates.status().version == seen:
            return gr.skip(), gr.skip(), gr.skip(), gr.skip()
        return self.all(view, language)

    def add_files(self, view: View, language: Language, event: gr.EventData) -> tuple[Any, ...]:
        """Store what a browser has sent, and have it indexed."""
        desk, files = self.desk(view, "editor", "add_files"), (event._data or {}).get("files")
        if desk.updates is not None and desk.intake is not None and isinstance(files, list):
            uploads = [Upload.from_event(data) for data in files[:_MOST_AT_ONCE]]
            if field(event, "first"):  # a new upload: what came of the last one has been read
                desk.updates.forget_finished()
            taken = [desk.intake.take(upload) for upload in uploads]
            desk.updates.note(taken)
            for each in taken:
                action: audit.Action = "document-added" if isinstance(each, Stored) else "document-refused"
                audit.record(action, file=each.name, **where(view))
        return self._progress(desk, language)

    def stop_update(self, view: View, language: Language) -> tuple[Any, ...]:
        desk = self.desk(view, "editor", "stop_update")
        if (updates := desk.updates) is not None:
            updates.stop()
            audit.record("update-stopped", **where(view))
        return self._progress(desk, language)

    def update_again(self, view: View, language: Language) -> tuple[Any, ...]:
        desk = self.desk(view, "editor", "update_again")
        if (updates := desk.updates) is not None:
            updates.request()
            audit.record("update-asked", **where(view))
        return self._progress(desk, language)

    def forget_files(self, view: View, language: Language) -> tuple[Any, ...]:
        desk = self.desk(view, "editor", "forget_files")
        if (updates := desk.updates) is not None:
            updates.forget_finished()
        return self._progress(desk, language)

    def filter_documents(self, words: str, view: View, language: Language) -> tuple[View, str]:
        view = view.filtered(words[:200])
        return view, self._list(view, language)

    def sort_documents(self, view: View, language: Language, event: gr.EventData) -> tuple[View, str]:
        view = view.sorted_by(field(event, "column"))
        return view, self._list(view, language)

    def turn_page(self, view: View, language: Language, event: gr.EventData) -> tuple[View, str]:
        view = view.turned_to(field(event, "page"))
        return view, self._list(view, language)

    def remove_document(self, view: View, language: Language, event: gr.EventData) -> tuple[Any, ...]:
        """Take a document out, unless it is the last one."""

        def change(desk: Desk, library: Library, texts: DocumentTexts) -> str:
            rows = desk.catalogue().rows
            row = next((row for row in rows if row.id == field(event, "document")), None)
            if row is None:
                return texts.gone
            if all(other.is_leaving for other in rows if other is not row):
                return texts.last_one
            library.take_out(row.source, row.title)
            audit.record("document-removed", source=row.source, **where(view))
            return ""

        return self._changed(change, view, language, "remove_document")

    def take_back(self, view: View, language: Language, event: gr.EventData) -> tuple[Any, ...]:
        """Have a document again that was taken out."""

        def change(desk: Desk, library: Library, texts: DocumentTexts) -> str:
            source = str(field(event, "source"))
            library.take_back(source)
            audit.record("document-taken-back", source=source, **where(view))
            return ""

        return self._changed(change, view, language, "take_back")

    def discard_file(self, view: View, language: Language, event: gr.EventData) -> tuple[Any, ...]:
        """Delete an added file that could not be read."""

        def change(desk: Desk, library: Library, texts: DocumentTexts) -> str:
            name = field(event, "name")
            if name in [added for _, added in desk.catalogue().refused if added is not None]:
                library.discard(name)
                audit.record("file-deleted", file=name, **where(view))
            return ""

        return self._changed(change, view, language, "discard_file")

    def _changed(
        self, change: Callable[[Desk, Library, DocumentTexts], str], view: View, language: Language, what: str
    ) -> tuple[Any, ...]:
        """Change the library and bring the index up to date, or tell why not."""
        desk, texts = self.desk(view, "editor", what), DOCUMENT_TEXTS[language]
        if desk.updates is None:
            return self.all(view, language, texts.cannot_change)
        try:
            notice = change(desk, desk.updates.library, texts)
        except RagError as error:
            log.warning("%s", error)
            return self.all(view, language, f"{texts.troubles['other']} {error}")
        if not notice:
            desk.updates.request()
        return self.all(view, language, notice)

    def adding(self, view: View, language: Language) -> str:
        """Where files are added to the view's library, or why they cannot be."""
        desk, texts = self.desk(view), DOCUMENT_TEXTS[language]
        if desk.updates is None:
            return views.cannot_add_html(texts.cannot_change)
        try:
            desk.updates.library.record()
        except UnknownSourcesError:
            return views.cannot_add_html(texts.unknown_sources, f"rag build FOLDER --index {desk.current.index}")
        except RagError as error:
            log.warning("%s", error)
        return views.add_html(texts, desk.settings.max_file_mb)

    def _progress(self, desk: Desk, language: Language) -> tuple[str, Any]:
        """What is being done, and whether to look again."""
        if desk.updates is None:
            return "", gr.update(active=False)
        status = desk.updates.status()
        html = views.progress_html(status, DOCUMENT_TEXTS[language], desk.updates.is_stopping)
        return html, gr.update(active=status.work is not None)

    def _list(self, view: View, language: Language) -> str:
        texts = DOCUMENT_TEXTS[language or "ja"]  # typed in the filter before the page knew its language
        try:
            catalogue = self.desk(view).catalogue()
        except RagError:
            catalogue = Catalogue()
        return listing.listing_html(catalogue, view, texts) if catalogue.rows else listing.no_list_html(texts)

    def all(self, view: View, language: Language, notice: str = "") -> tuple[Any, ...]:
        """Everything that changes with the view's library."""
        desk = self.desk(view)
        # Read first: what changes meanwhile is shown next time.
        seen = desk.updates.status().version if desk.updates is not None else 0
        progress, timer = self._progress(desk, language)
        return views.notice_html(notice) + progress, timer, self._list(view, language), seen


def where(view: View) -> dict[str, Any]:
    """The library, for the audit log, unless it is the default one."""
    return {} if view is None or view.library == DEFAULT_ID else {"library": view.library}


def field(event: gr.EventData, name: str) -> Any:
    """What the browser sent along under this name."""
    return (event._data or {}).get(name)
