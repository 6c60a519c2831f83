"""Watched folders as HTML. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from rag.web.documents.listing import shown_time
from rag.web.documents.views import short_name, unread_words
from rag.web.documents.watcher import FolderState
from rag.web.html.templates import Template
from rag.web.roots import WatchRoots
from rag.web.texts import Language
from rag.web.texts.documents import DOCUMENT_TEXTS, DocumentTexts
from rag.web.texts.watched import WATCHED_TEXTS, WatchedTexts

_html = Template("documents/folders.html")


def adding_html(roots: WatchRoots, language: Language, said: str = "", *, failed: bool = False) -> Markup:
    """Where a folder is named, or how that can be allowed; ``said`` is what came of the last one."""
    named = ", ".join(map(str, roots.folders))
    return _html.adding(roots.are_there, named, said, failed, WATCHED_TEXTS[language])


def folders_html(states: Sequence[FolderState], language: Language) -> Markup:
    """The folders with what is going on with each; nothing where there are none."""
    if not states:
        return Markup()
    texts, documents = WATCHED_TEXTS[language], DOCUMENT_TEXTS[language]
    rows = [
        (
            state,
            _facts(state, texts, documents),
            _why(state, texts, documents),
            [
                (
                    short_name(file.source),
                    unread_words(file, documents),
                )
                for file in state.unread
            ],
        )
        for state in states
    ]
    return _html.listed(rows, texts)


def _facts(state: FolderState, texts: WatchedTexts, documents: DocumentTexts) -> str:
    facts = [texts.files.format(count=state.files)] if state.looked and state.trouble != "gone" else []
    if state.looked:
        facts.append(texts.looked.format(time=datetime.fromtimestamp(state.looked).astimezone().strftime("%H:%M")))
    elif state.stage != "paused":
        facts.append(texts.not_looked)
    last = state.last
    if last is None:
        facts.append(texts.no_last)
    else:
        counts = {"added": last.added, "changed": last.changed, "removed": last.removed}
        facts.append(texts.last.format(time=shown_time(last.time), **counts))
    return documents.separator.join(facts)


def _why(state: FolderState, texts: WatchedTexts, documents: DocumentTexts) -> str:
    """What is wrong with the folder, and how to mend it."""
    if not state.trouble:
        return ""
    reason = documents.troubles[state.failure].format(path=state.path) if state.failure else ""
    return " ".join(filter(None, (texts.troubles[state.trouble], reason)))
