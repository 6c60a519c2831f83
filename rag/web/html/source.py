"""A document as the page shows it: numbered lines and rows, the cited places marked, boilerplate faint."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import replace

from markupsafe import Markup

from rag.corpus.blocks import Span
from rag.corpus.document import INLINE, Document
from rag.web.html.drawing import Drawing
from rag.web.html.finding import finding_html, found_in
from rag.web.html.markup import Mark
from rag.web.html.places import WINDOW_CHARS, Target, largest_window, window_of
from rag.web.html.templates import Template
from rag.web.texts import Texts

_html = Template("html/source.html")


def source_html(document: Document, place: Target, texts: Texts) -> Markup:
    """The source panel."""
    finding, marked = found_in(document.text, place)
    start, end = window_of(document, marked)
    lines = _NumberedDrawing(document, marked.marks, texts).html(start, end)
    place = replace(place, hit=finding.at)
    before, after = _more(document, place, start, end, texts)
    notes = _notes(document, start, end, texts)
    tools = finding_html(finding, "open_place", place.to_json(), texts.language)
    return _html.panel(document, place, _facts(document, marked, texts), tools, notes, before, lines, after, texts)


class _NumberedDrawing(Drawing):
    """A document line by line, with the number of each line or row, and why lines are left out where that begins."""

    def __init__(self, document: Document, marks: Iterable[Mark], texts: Texts) -> None:
        excluded = (Mark(e.start, e.end, "excluded") for e in document.excluded)
        super().__init__(document.text, document.blocks, [*marks, *excluded], texts.table)
        self._document, self._texts = document, texts

    def running(self, start: int, end: int) -> Markup:
        return _html.chunks(list(self._lines(start, end)))

    def item(self, start: int, end: int) -> Markup:
        return _html.lines(list(self._lines(start, end)))

    def line(self, offset: int) -> int:
        return self._document.line(offset)

    def shown_between(self, start: int, end: int, is_below: bool, is_above: bool) -> Span:
        return start, end

    def _lines(self, start: int, end: int) -> Iterator[tuple[int, str, Markup]]:
        """Number of each line, why it is left out if that begins there, and its text."""
        starts = self._document.line_starts
        for number in range(self.line(start), self.line(end - 1) + 1):
            a = max(starts[number - 1], start)
            b = min(starts[number] if number < len(starts) else len(self.text), end)
            yield number, self._reason(a, b), self.words(a, b)

    def _reason(self, start: int, end: int) -> str:
        """What the line is labelled with in which an exclusion begins; marks beside words are told by their shade."""
        excluded = self._document.excluded
        for each in excluded[bisect_left(excluded, start, key=lambda e: e.start) :]:
            if each.start >= end:
                break
            if each.reason not in INLINE or self.text[start:end].strip() == self.text[each.start : each.end].strip():
                return self._texts.exclusion_reasons.get(each.reason, each.reason)
        return ""


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
    if any(e.start < end and e.end > start and e.reason not in INLINE for e in document.excluded):
        notes.append(texts.excluded_note)
    return notes


def _more(
    document: Document, place: Target, start: int, end: int, texts: Texts
) -> tuple[list[tuple[str, Target]], list[tuple[str, Target]]]:
    """Buttons above and below the lines: their labels and what they open."""
    length, largest = len(document.text), largest_window(document)
    before, after = [], []
    if start > 0:
        before.append((texts.show_earlier, replace(place, window=(max(0, start - WINDOW_CHARS), end))))
    if end < length:
        later = min(length, end + WINDOW_CHARS)
        after.append((texts.show_later, replace(place, window=(max(start, later - largest), later))))
    if (before or after) and length <= largest:
        (before or after).append((texts.show_whole, replace(place, window=(0, length))))
    return before, after
