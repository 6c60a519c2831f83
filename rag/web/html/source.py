"""A document as the page shows it: numbered lines, the cited places marked, boilerplate faint."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from markupsafe import Markup

from rag.corpus.document import Document, Exclusion
from rag.web.html.markup import Mark, marked_html
from rag.web.html.places import LARGEST_WINDOW, WINDOW_CHARS, Target, window_of
from rag.web.html.templates import Template
from rag.web.texts import Texts

_html = Template("html/source.html")


def source_html(document: Document, place: Target, texts: Texts) -> Markup:
    """The source panel."""
    start, end = window_of(document, place)
    marks = [m for m in place.marks if m.start < m.end]
    lines = _lines(document, marks, start, end, texts)
    before, after = _more(document, place, start, end, texts)
    notes = _notes(document, start, end, texts)
    return _html.panel(document, place, _facts(document, place, texts), notes, before, lines, after, texts)


def _facts(document: Document, place: Target, texts: Texts) -> str:
    facts = [document.source, texts.languages.get(document.language, document.language)]
    focus = place.focus()
    shown = document.place(focus[0]) if focus else None
    if shown is not None:
        facts.append(shown.describe(texts.language))
    return texts.separator.join(facts)


def _notes(document: Document, start: int, end: int, texts: Texts) -> list[str]:
    notes = []
    if (start, end) != (0, len(document.text)):
        numbers = {"first": document.line(start), "last": document.line(max(start, end - 1))}
        notes.append(texts.window_note.format(**numbers, total=len(document.line_starts)))
    if any(e.start < end and e.end > start for e in document.excluded):
        notes.append(texts.excluded_note)
    return notes


def _more(
    document: Document, place: Target, start: int, end: int, texts: Texts
) -> tuple[list[tuple[str, Target]], list[tuple[str, Target]]]:
    """Buttons above and below the lines: their labels and what they open."""
    length = len(document.text)
    before, after = [], []
    if start > 0:
        before.append((texts.show_earlier, replace(place, window=(max(0, start - WINDOW_CHARS), end))))
    if end < length:
        after.append((texts.show_later, replace(place, window=(start, min(length, end + WINDOW_CHARS)))))
    if (before or after) and length <= LARGEST_WINDOW:
        (before or after).append((texts.show_whole, replace(place, window=(0, length))))
    return before, after


def _lines(
    document: Document, marks: list[Mark], start: int, end: int, texts: Texts
) -> Iterator[tuple[int, str, Markup]]:
    """Number of each line, why it is left out if that begins there, and its text."""
    starts = document.line_starts
    for number in range(document.line(start), document.line(max(start, end - 1)) + 1):
        a = max(starts[number - 1], start)
        b = min(starts[number] if number < len(starts) else len(document.text), end)
        excluded = _exclusions_in(document, a, b)
        here = [m for m in marks if m.start < b and m.end > a]
        inside = marked_html(document.text, [*here, *(Mark(e.start, e.end, "excluded") for e in excluded)], a, b)
        yield number, _reason(excluded, a, texts), inside


def _exclusions_in(document: Document, start: int, end: int) -> tuple[Exclusion, ...]:
    first = bisect_right(document.excluded, start, key=lambda e: e.end)
    last = bisect_left(document.excluded, end, key=lambda e: e.start)
    return document.excluded[first:last]


def _reason(excluded: Sequence[Exclusion], line_start: int, texts: Texts) -> str:
    """What the line is labelled with in which an exclusion begins."""
    reasons = [exclusion.reason for exclusion in excluded if exclusion.start >= line_start]
    return texts.exclusion_reasons.get(reasons[0], reasons[0]) if reasons else ""
