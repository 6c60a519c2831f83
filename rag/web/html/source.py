"""A document as the page shows it: numbered lines, the cited places marked, boilerplate faint."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.corpus.document import Document, Exclusion
from rag.web.html.markup import Mark, attribute, marked_html, to_html
from rag.web.html.places import LARGEST_WINDOW, WINDOW_CHARS, Place, window_of
from rag.web.texts import Texts

_LINES_PER_CHUNK = 40


def source_html(document: Document, place: Place, texts: Texts) -> str:
    """The source panel.

    The text between the line elements' tags is the document's own, newlines included, so what is marked reads exactly
    as it stands there; line numbers come from attributes.
    """
    start, end = window_of(document, place)
    marks = [m for m in place.marks if m.start < m.end]
    lines = "".join(_chunks(list(_lines(document, marks, start, end, texts))))
    before, after = _more_buttons(document, place, start, end, texts)
    region = attribute(texts.source_region.format(title=document.title))
    return (
        f'<section class="source" role="region" aria-label="{region}" data-document="{attribute(document.id)}" '
        f'data-place="{place.to_attribute()}">'
        f"{_head(document, place, texts)}"
        f'<div class="source-body" tabindex="0" role="group" aria-label="{region}">'
        f"{_notes(document, start, end, texts)}{before}"
        f'<div class="lines" lang="{attribute(document.language)}">{lines}</div>{after}</div></section>'
    )


def _head(document: Document, place: Place, texts: Texts) -> str:
    facts = [document.source, texts.languages.get(document.language, document.language)]
    focus = place.focus()
    shown = document.place(focus[0]) if focus else None
    if shown is not None:
        facts.append(shown.describe(texts.language))
    close = attribute(texts.close)
    return (
        f'<header class="source-head"><div><p class="eyebrow">{to_html(texts.source)}</p>'
        f'<h2 class="source-title">{to_html(document.title)}</h2>'
        f'<p class="file">{texts.separator.join(map(to_html, facts))}</p></div>'
        f'<button type="button" class="close" data-close aria-label="{close}" title="{close}">'
        f'<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M5 5l10 10M15 5L5 15"/></svg></button></header>'
    )


def _notes(document: Document, start: int, end: int, texts: Texts) -> str:
    notes = []
    if (start, end) != (0, len(document.text)):
        numbers = {"first": document.line(start), "last": document.line(max(start, end - 1))}
        notes.append(texts.window_note.format(**numbers, total=len(document.line_starts)))
    if any(e.start < end and e.end > start for e in document.excluded):
        notes.append(texts.excluded_note)
    return "".join(f'<p class="note">{to_html(note)}</p>' for note in notes)


def _more_buttons(document: Document, place: Place, start: int, end: int, texts: Texts) -> tuple[str, str]:
    length = len(document.text)
    before = [(texts.show_earlier, max(0, start - WINDOW_CHARS), end)] if start > 0 else []
    after = [(texts.show_later, start, min(length, end + WINDOW_CHARS))] if end < length else []
    if (before or after) and length <= LARGEST_WINDOW:
        (before or after).append((texts.show_whole, 0, length))
    return _buttons(before, place), _buttons(after, place)


def _buttons(windows: list[tuple[str, int, int]], place: Place) -> str:
    buttons = "".join(
        f'<button type="button" class="quiet" data-keep-scroll '
        f'data-open="{replace(place, window=(start, end)).to_attribute()}">{to_html(label)}</button>'
        for label, start, end in windows
    )
    return f'<div class="more">{buttons}</div>' if buttons else ""


def _lines(document: Document, marks: list[Mark], start: int, end: int, texts: Texts) -> Iterator[str]:
    starts = document.line_starts
    for number in range(document.line(start), document.line(max(start, end - 1)) + 1):
        a = max(starts[number - 1], start)
        b = min(starts[number] if number < len(starts) else len(document.text), end)
        excluded = _exclusions_in(document, a, b)
        here = [m for m in marks if m.start < b and m.end > a]
        inside = marked_html(document.text, [*here, *(Mark(e.start, e.end, "excluded") for e in excluded)], a, b)
        yield f'<div class="line" data-line="{number}"{_reason(excluded, a, texts)}>{inside}</div>'


def _exclusions_in(document: Document, start: int, end: int) -> tuple[Exclusion, ...]:
    first = bisect_right(document.excluded, start, key=lambda e: e.end)
    last = bisect_left(document.excluded, end, key=lambda e: e.start)
    return document.excluded[first:last]


def _reason(excluded: Sequence[Exclusion], line_start: int, texts: Texts) -> str:
    """A label for the line in which an exclusion begins."""
    beginning = [e for e in excluded if e.start >= line_start]
    if not beginning:
        return ""
    reason = beginning[0].reason
    return f' data-reason="{attribute(texts.exclusion_reasons.get(reason, reason))}"'


def _chunks(lines: list[str]) -> Iterator[str]:
    """Groups of lines, which a browser can leave unlaid while they are out of sight."""
    for first in range(0, len(lines), _LINES_PER_CHUNK):
        yield f'<div class="chunk">{"".join(lines[first : first + _LINES_PER_CHUNK])}</div>'
