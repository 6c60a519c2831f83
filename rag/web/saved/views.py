"""Saved answers as HTML. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from rag.library import Standing
from rag.web.exports.content import Content
from rag.web.exports.markdown import markdown_of
from rag.web.exports.views import menu_html
from rag.web.html.markup import Mark
from rag.web.html.places import Target
from rag.web.html.templates import Template
from rag.web.keeping import Kept
from rag.web.texts import Texts
from rag.web.texts.saved import SAVED_TEXTS, SavedTexts

_html = Template("saved/views.html")


def wrong_html(words: str) -> Markup:
    """Why nothing can be listed."""
    return _html.wrong(words)


def list_html(
    found: Sequence[Kept],
    total: int,
    tags: Sequence[str],
    tag: str,
    opened: tuple[str, str],
    shown: Markup,
    texts: SavedTexts,
) -> Markup:
    """The saved answers found, the open one with all that is in it."""
    rows = [(kept, _time(kept.answer.saved), (kept.library, kept.answer.id) == opened) for kept in found]
    return _html.listed(rows, total, tags, tag, shown, texts)


def saved_html(kept: Kept, standings: Sequence[tuple[Standing, int, int]], texts: Texts) -> Markup:
    """One as it was, with its places; those that are no more as they were say so."""
    answer, content = kept.answer, Content.of_saved(kept.answer)
    places = []
    for place, (standing, start, end) in zip(answer.places, standings, strict=True):
        own = (Mark(start, end, "cited", place.number, current=True),) if end > start else ()
        target = None if standing == "gone" else Target(place.document, own)
        places.append((place, standing, target))
    export = menu_html(content, texts.language)
    words = SAVED_TEXTS[texts.language]
    return _html.saved(answer, places, export, markdown_of(content, texts), texts.tools, words)


def _time(saved: str) -> str:
    try:
        return datetime.fromisoformat(saved).astimezone().strftime("%Y/%m/%d %H:%M")
    except ValueError:
        return ""
