"""One document with its passages and what is excluded of it, as HTML. Pure functions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby

from markupsafe import Markup

from rag.corpus.document import Document
from rag.web.documents.catalogue import Row
from rag.web.documents.contents import Piece
from rag.web.documents.listing import facts_of
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


def contents_html(
    document: Document, row: Row, pieces: Sequence[Piece], until: int, finding: Finding, texts: DocumentTexts
) -> Markup:
    """The document up to an offset, in characters, or the place found: whole passages, so more may be shown."""
    until = max(until, finding.current.end if finding.current else 0)
    shown = [piece for piece in pieces if piece.start < until]
    groups = (list(group) for _, group in groupby(shown, key=lambda p: (p.passage, p.reason)))
    repeated = [Mark(piece.start, piece.end, "repeated") for piece in shown if piece.repeats]
    marks = [*repeated, *finding.marks]
    drawing = Drawing(document.text, document.blocks, marks, TEXTS[texts.language].table)
    frames = [_frame(document, g, drawing, texts) for g in groups if document.text[g[0].start : g[-1].end].strip()]
    end = shown[-1].end if shown else 0
    more = until + SHOWN_CHARS if end < len(document.text) and until < MOST_CHARS else 0
    facts = {"source": row.source, **facts_of(row, texts)}
    notes = [texts.legend, *([texts.repeats] if repeated else [])]
    find = finding_html(finding, "open_document", json.dumps({"document": document.id, "until": until}), texts.language)
    next_part = json.dumps({"document": document.id, "until": more, "find": finding.words, "hit": finding.at})
    return _html.contents(document, facts, find, notes, frames, next_part if more else "", texts)


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
