"""What happens in the tab: files are sent, the list is looked through, documents are taken out and back."""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable, MutableSet
from typing import TYPE_CHECKING, Any

import gradio as gr

from rag.errors import RagError
from rag.library import Library, UnknownSourcesError
from rag.settings import Settings
from rag.web import audit
from rag.web.current import CurrentIndex
from rag.web.documents import listing, views
from rag.web.documents.catalogue import Catalogue, View, catalogue_of
from rag.web.documents.contents import pieces_of
from rag.web.documents.contents_view import MOST_CHARS, SHOWN_CHARS, Shown, contents_html, overview_html
from rag.web.documents.intake import Intake, Stored, Upload
from rag.web.documents.overview import overview_of, similar_to
from rag.web.documents.updates import Updates
from rag.web.frame import browser_language
from rag.web.html.finding import Finding
from rag.web.html.markup import Mark
from rag.web.html.places import MOST_FIND_CHARS
from rag.web.rights import needs
from rag.web.texts import Language
from rag.web.texts.documents import DOCUMENT_TEXTS, DocumentTexts

if TYPE_CHECKING:
    from rag.engine import Engine

log = logging.getLogger(__name__)

_MOST_AT_ONCE = 200
_LONGEST_MARK = 200


class Events:
    """Handlers of the tab's events; each returns what its outputs show.

    Args:
        current: the index.
        uploaded: paths of the files that browsers have sent to this server.
    """

    def __init__(self, current: CurrentIndex, uploaded: MutableSet[str]) -> None:
        self._current = current
        self._settings = current.settings or Settings.load()
        self._updates = Updates(current, current.index) if current.index is not None else None
        self._intake = Intake(self._updates.library, self._settings, uploaded) if self._updates else None
        self._known: tuple[weakref.ref[Engine], object, Catalogue] | None = None
        if self._updates is not None:
            self._updates.resume()

    def start(self, view: View, request: gr.Request) -> tuple[Any, ...]:
        """Everything, when the page is opened."""
        language = browser_language(request)
        texts = DOCUMENT_TEXTS[language]
        box = gr.update(label=texts.filter_label, placeholder=texts.filter_placeholder, value=view.words)
        return self._adding(texts), box, *self._all(view, language)

    def tick(self, view: View, seen: int, language: Language) -> tuple[Any, ...]:
        """What has changed since, while something is being done."""
        if self._updates is None or self._updates.status().version == seen:
            return gr.skip(), gr.skip(), gr.skip(), gr.skip()
        return self._all(view, language)

    @needs("editor")
    def add_files(self, language: Language, event: gr.EventData) -> tuple[Any, ...]:
        """Store what a browser has sent, and have it indexed."""
        files = (event._data or {}).get("files")
        if self._updates is not None and self._intake is not None and isinstance(files, list):
            uploads = [Upload.from_event(data) for data in files[:_MOST_AT_ONCE]]
            if _field(event, "first"):  # a new upload: what came of the last one has been read
                self._updates.forget_finished()
            taken = [self._intake.take(upload) for upload in uploads]
            self._updates.note(taken)
            for each in taken:
                audit.record("document-added" if isinstance(each, Stored) else "document-refused", file=each.name)
        return self._progress(language)

    @needs("editor")
    def stop_update(self, language: Language) -> tuple[Any, ...]:
        if self._updates is not None:
            self._updates.stop()
            audit.record("update-stopped")
        return self._progress(language)

    @needs("editor")
    def update_again(self, language: Language) -> tuple[Any, ...]:
        if self._updates is not None:
            self._updates.request()
            audit.record("update-asked")
        return self._progress(language)

    @needs("editor")
    def forget_files(self, language: Language) -> tuple[Any, ...]:
        if self._updates is not None:
            self._updates.forget_finished()
        return self._progress(language)

    def filter_documents(self, words: str, view: View, language: Language) -> tuple[View, str]:
        view = view.filtered(words[:200])
        return view, self._list(view, language)

    def sort_documents(self, view: View, language: Language, event: gr.EventData) -> tuple[View, str]:
        view = view.sorted_by(_field(event, "column"))
        return view, self._list(view, language)

    def turn_page(self, view: View, language: Language, event: gr.EventData) -> tuple[View, str]:
        view = view.turned_to(_field(event, "page"))
        return view, self._list(view, language)

    def open_document(self, language: Language, event: gr.EventData) -> str:
        """A document with its passages, in place of the list."""
        texts = DOCUMENT_TEXTS[language]
        until = _field(event, "until")
        until = min(until, MOST_CHARS) if isinstance(until, int) else SHOWN_CHARS
        try:
            engine = self._current.engine()
            row = self._catalogue().row(str(_field(event, "document")))
            if row is None:
                return views.gone_html(texts)
            document = engine.document(row.id)
            pieces = pieces_of(document, engine.snapshot.store.extents_of(document.id))
            words, hit = str(_field(event, "find") or "")[:MOST_FIND_CHARS], _field(event, "hit")
            finding = Finding.of(document.text, words, hit if isinstance(hit, int) else 0)
            shown = Shown(until, finding, _jump(event, len(document.text)))
            overview = overview_of(document)
            similar = similar_to(document, overview, engine) if self._current.model_is_ready else []
            at_a_glance = overview_html(document, overview, similar, shown, texts)
            return contents_html(document, row, pieces, shown, at_a_glance, texts)
        except RagError as error:
            log.info("%s", error)
            return views.gone_html(texts)

    def close_document(self) -> str:
        return ""

    @needs("editor")
    def remove_document(self, view: View, language: Language, event: gr.EventData) -> tuple[Any, ...]:
        """Take a document out, unless it is the last one."""

        def change(updates: Updates, texts: DocumentTexts) -> str:
            rows = self._catalogue().rows
            row = next((row for row in rows if row.id == _field(event, "document")), None)
            if row is None:
                return texts.gone
            if all(other.is_leaving for other in rows if other is not row):
                return texts.last_one
            updates.library.take_out(row.source, row.title)
            audit.record("document-removed", source=row.source)
            return ""

        return self._changed(change, view, language)

    @needs("editor")
    def take_back(self, view: View, language: Language, event: gr.EventData) -> tuple[Any, ...]:
        """Have a document again that was taken out."""

        def change(updates: Updates, texts: DocumentTexts) -> str:
            source = str(_field(event, "source"))
            updates.library.take_back(source)
            audit.record("document-taken-back", source=source)
            return ""

        return self._changed(change, view, language)

    @needs("editor")
    def discard_file(self, view: View, language: Language, event: gr.EventData) -> tuple[Any, ...]:
        """Delete an added file that could not be read."""

        def change(updates: Updates, texts: DocumentTexts) -> str:
            name = _field(event, "name")
            if name in [added for _, added in self._catalogue().refused if added is not None]:
                updates.library.discard(name)
                audit.record("file-deleted", file=name)
            return ""

        return self._changed(change, view, language)

    def _changed(
        self, change: Callable[[Updates, DocumentTexts], str], view: View, language: Language
    ) -> tuple[Any, ...]:
        """Change the library and bring the index up to date, or tell why not."""
        texts = DOCUMENT_TEXTS[language]
        if self._updates is None:
            return self._all(view, language, texts.cannot_change)
        try:
            notice = change(self._updates, texts)
        except RagError as error:
            log.warning("%s", error)
            return self._all(view, language, f"{texts.troubles['other']} {error}")
        if not notice:
            self._updates.request()
        return self._all(view, language, notice)

    @property
    def _library(self) -> Library | None:
        return self._updates.library if self._updates is not None else None

    def _adding(self, texts: DocumentTexts) -> str:
        if self._updates is None:
            return views.cannot_add_html(texts.cannot_change)
        try:
            self._updates.library.record()
        except UnknownSourcesError:
            return views.cannot_add_html(texts.unknown_sources, f"rag build FOLDER --index {self._current.index}")
        except RagError as error:
            log.warning("%s", error)
        return views.add_html(texts, self._settings.max_file_mb)

    def _progress(self, language: Language) -> tuple[str, Any]:
        """What is being done, and whether to look again."""
        if self._updates is None:
            return "", gr.update(active=False)
        status = self._updates.status()
        stopping = self._updates.is_stopping
        html = views.progress_html(status, DOCUMENT_TEXTS[language], stopping)
        return html, gr.update(active=status.work is not None)

    def _catalogue(self) -> Catalogue:
        """All documents, read again when the index or what was taken out of it has changed.

        Raises:
            RagError: if there is no index.
        """
        engine, changed = self._current.engine(), self._library.changed() if self._library else None
        known = self._known
        if known is None or known[0]() is not engine or known[1] != changed:
            known = self._known = weakref.ref(engine), changed, catalogue_of(engine, self._library)
        return known[2]

    def _list(self, view: View, language: Language) -> str:
        texts = DOCUMENT_TEXTS[language or "ja"]  # typed in the filter before the page knew its language
        try:
            catalogue = self._catalogue()
        except RagError:
            catalogue = Catalogue()
        return listing.listing_html(catalogue, view, texts) if catalogue.rows else listing.no_list_html(texts)

    def _all(self, view: View, language: Language, notice: str = "") -> tuple[Any, ...]:
        # Read first: what changes meanwhile is shown next time.
        seen = self._updates.status().version if self._updates is not None else 0
        progress, timer = self._progress(language)
        return views.notice_html(notice) + progress, timer, self._list(view, language), seen


def _field(event: gr.EventData, name: str) -> Any:
    return (event._data or {}).get(name)


def _jump(event: gr.EventData, length: int) -> Mark | None:
    """The place that was jumped to, if one was."""
    start, end = _field(event, "from"), _field(event, "to")
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end <= length:
        return None
    return Mark(start, min(end, start + _LONGEST_MARK), "found", current=True)
