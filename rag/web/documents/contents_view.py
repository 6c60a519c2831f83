"""One document with its passages and what is excluded of it, as HTML. Pure functions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from rag.corpus.document import Document
from rag.web.documents.catalogue import Row
from rag.web.documents.contents import Piece
from rag.web.documents.listing import facts_of
from rag.web.documents.overview import Overview, Part
from rag.web.html.drawing import Drawing
from rag.web.html.finding import Finding, finding_html
from rag.web.html.markup import Mark
from rag.web.html.templates import Template
from rag.web.texts import TEXTS
from rag.web.texts.documents import DocumentTexts

_html = Template("documents/listing.html")
SHOWN_CHARS = 40_000
"""What is shown of a document at first, and added by one "show more", in characters."""
MOST_CHARS = 3_000_000

Frame = tuple[str, str, str, Markup]
"""Kind, label and lines of a frame, and its text, in which is marked what the passage before holds as well."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of a document.

    Attributes:
        until: up to which offset, in characters: whole passages, so more may be shown.
        finding: what is looked for in it.
        jump: the place in it that was asked for.
    """

    until: int
    finding: Finding
    jump: Mark | None = None

    @property
    def is_new(self) -> bool:
        """Whether the document has just been opened."""
        return self.until <= SHOWN_CHARS and not self.finding.words and self.jump is None


def overview_html(
    document: Document, overview: Overview, similar: Sequence[tuple[str, str]], shown: Shown, texts: DocumentTexts
) -> Markup:
    """The document at a glance; what can be jumped to shows the document up to there."""

    def jump(part: Part) -> str:
        until = max(shown.until, SHOWN_CHARS)
        return json.dumps({"document": document.id, "until": until, "from": part.start, "to": part.end})

    headings = [(part, jump(part)) for part in overview.headings]
    tables = [
        (part, texts.table.format(rows=rows, columns=columns), jump(part)) for part, rows, columns in overview.tables
    ]
    dates = [(part, jump(part)) for part in overview.dates]
    others = [(title, json.dumps({"document": other})) for other, title in similar]
    if not (headings or overview.leading or tables or dates or others):
        return Markup()
    return _html.overview(shown.is_new, headings, overview.leading, tables, dates, others, texts)


def contents_html(
    document: Document, row: Row, pieces: Sequence[Piece], what: Shown, overview: Markup, texts: DocumentTexts
) -> Markup:
    """The document, with its overview above it, as far as it is to be shown or to the place asked for."""
    finding = what.finding
    until = max(what.until, *(mark.end for mark in (finding.current, what.jump) if mark is not None), 0)
    shown = [piece for piece in pieces if piece.start < until]
    groups = (list(group) for _, group in groupby(shown, key=lambda p: (p.passage, p.reason)))
    repeated = [Mark(piece.start, piece.end, "repeated") for piece in shown if piece.repeats]
    marks = [*repeated, *finding.marks, *([what.jump] if what.jump is not None else [])]
    drawing = Drawing(document.text, document.blocks, marks, TEXTS[texts.language].table)
    frames = [_frame(document, g, drawing, texts) for g in groups if document.text[g[0].start : g[-1].end].strip()]
    end = shown[-1].end if shown else 0
    more = until + SHOWN_CHARS if end < len(document.text) and until < MOST_CHARS else 0
    facts = {"source": row.source, **facts_of(row, texts)}
    notes = [texts.legend, *([texts.repeats] if repeated else [])]
    find = finding_html(finding, "open_document", json.dumps({"document": document.id, "until": until}), texts.language)
    next_part = json.dumps({"document": document.id, "until": more, "find": finding.words, "hit": finding.at})
    is_jump = what.jump is not None
    return _html.contents(document, facts, overview, find, notes, frames, next_part if more else "", is_jump, texts)


def _frame(document: Document, pieces: Sequence[Piece], drawing: Drawing, texts: DocumentTexts) -> Frame:
    first, last = pieces[0], pieces[-1]
    begin, end = document.line(first.start), document.line(max(first.start, last.end - 1))
    lines = (texts.line if begin == end else texts.lines).format(first=begin, last=end)
    if first.reason:
        reason = TEXTS[texts.language].exclusion_reasons.get(first.reason, first.reason)
        kind, label = "excluded", texts.excluded_as.format(reason=reason)
    elif first.passage:
        kind, label = "passage", texts.passage.format(number=first.passage)
    else:
        kind, label = "outside", texts.outside
    return kind, label, lines, drawing.html(first.start, last.end)
