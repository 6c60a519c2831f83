"""The list of documents as HTML. Pure functions."""

from __future__ import annotations

from datetime import datetime

from markupsafe import Markup

from rag.web.documents.catalogue import Catalogue, Row, View, part_of
from rag.web.documents.views import short_name, unread_words
from rag.web.html.templates import Template
from rag.web.texts import TEXTS
from rag.web.texts.documents import DocumentTexts

_html = Template("documents/listing.html")
_MOST_UNREAD = 100


def listing_html(catalogue: Catalogue, view: View, texts: DocumentTexts) -> Markup:
    """The documents of a view, those that were taken out, and the files that could not be read."""
    part = part_of(catalogue.rows, view)
    rows = [(row, facts_of(row, texts)) for row in part.rows]
    listed = _html.page(part, view, short_name(view.words), len(catalogue.rows), catalogue.can_change, rows, texts)
    removed = _html.removed(catalogue.removed, texts) if catalogue.removed else ""
    return listed + removed + _unread(catalogue, texts) + _html.dialog(texts)


def no_list_html(texts: DocumentTexts) -> Markup:
    """In place of the list where there is no index."""
    return _html.empty(texts.empty)


def facts_of(row: Row, texts: DocumentTexts) -> dict[str, str]:
    """What is said of a document, by the column it stands in."""
    return {
        "chars": texts.chars.format(chars=row.chars),
        "passages": texts.passages.format(passages=row.passages),
        "language": TEXTS[texts.language].languages.get(row.language, row.language),
        "excluded": shown_share(row.excluded, texts),
        "indexed": shown_time(row.indexed),
    }


def shown_time(time: str) -> str:
    """A time in ISO 8601 as it is where the server stands; empty if it is none."""
    try:
        return datetime.fromisoformat(time).astimezone().strftime("%Y/%m/%d %H:%M")
    except ValueError:
        return ""


def shown_share(share: float, texts: DocumentTexts) -> str:
    """A share in [0, 1] in per cent; what is less than half of one is told apart from nothing."""
    if share <= 0:
        return texts.not_excluded
    return "<1%" if share < 0.01 else f"{share:.0%}"


def _unread(catalogue: Catalogue, texts: DocumentTexts) -> Markup:
    """Those that were added by themselves, not within an archive, can be deleted."""
    if not catalogue.refused:
        return Markup()
    files = [
        (
            short_name(file.source),
            unread_words(file, texts),
            name if name == file.source.removeprefix("added/") else "",
        )
        for file, name in catalogue.refused[:_MOST_UNREAD]
    ]
    return _html.unread(files, len(catalogue.refused) - len(files), texts)
