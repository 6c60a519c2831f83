"""What every tab that shows answers needs: their citation marks as buttons, and failures."""

from __future__ import annotations

import re
from collections.abc import Iterable

from markupsafe import Markup

from rag.web.html.markup import to_html
from rag.web.html.templates import Template
from rag.web.texts import Texts

_html = Template("html/parts.html")
_MARKER = re.compile(r"\[(\d+)\]")
_JOINED_CHARS = 2


def own_markers(text: str, quotes: Iterable[str]) -> list[re.Match[str]]:
    """The marks ``[1]`` of an answer; one that belongs to a quote's own words is none."""
    lines = [" ".join(quote.split()) for quote in quotes]
    quoted = [(at, at + len(quote)) for quote in lines if quote and (at := text.find(quote)) >= 0]
    return [m for m in _MARKER.finditer(text) if not any(a <= m.start() and m.end() <= b for a, b in quoted)]


def with_buttons(text: str, buttons: Iterable[tuple[re.Match[str], Markup]]) -> Markup:
    """``text`` with buttons in place of its marks; the last characters before a button stay on its line."""
    pieces, position = [], 0
    for mark, button in buttons:
        joined = max(position, mark.start() - _JOINED_CHARS)
        pieces += [to_html(text[position:joined]), _html.kept_together(text[joined : mark.start()], button)]
        position = mark.end()
    return Markup("").join([*pieces, to_html(text[position:])])


def with_mark(text: str, button: Markup) -> Markup:
    """``text`` with a button behind it; the last characters stay on its line."""
    joined = max(0, len(text) - _JOINED_CHARS)
    return Markup("").join([to_html(text[:joined]), _html.kept_together(text[joined:], button)])


def error_html(message: str, texts: Texts, details: str = "") -> Markup:
    """A failure in the page's language; ``details`` is the error's own words, folded away."""
    return _html.error(texts.error_title, message, texts.error_details, details)
