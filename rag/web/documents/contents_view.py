"""One document with its passages and what is excluded of it, as HTML. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rag.corpus.document import Document
from rag.web.documents.catalogue import Row
from rag.web.documents.contents import Piece
from rag.web.documents.listing import language_name, shown_share, shown_time
from rag.web.documents.views import button
from rag.web.html.markup import attribute, to_html
from rag.web.texts import TEXTS
from rag.web.texts.documents import DocumentTexts

SHOWN_CHARS = 40_000
"""What is shown of a document at first, and added by one "show more", in characters."""
MOST_CHARS = 3_000_000


def contents_html(document: Document, row: Row, pieces: Sequence[Piece], until: int, texts: DocumentTexts) -> str:
    """The document up to an offset, in characters: whole passages, so a little more may be shown."""
    shown = [piece for piece in pieces if piece.start < until]
    end = shown[-1].end if shown else 0
    frames = "".join(
        _frame(document, list(group), texts) for _, group in groupby(shown, key=lambda p: (p.passage, p.reason))
    )
    more = button(texts.show_next, "open_document", {"document": document.id, "until": until + SHOWN_CHARS})
    rest = f'<p class="more">{more}</p>' if end < len(document.text) and until < MOST_CHARS else ""
    return (
        f'<section class="doc-contents" aria-labelledby="doc-contents-title" data-document="{attribute(document.id)}">'
        f"{button(f'← {texts.back}', 'close_document')}"
        f'<h2 id="doc-contents-title" tabindex="-1">{to_html(document.title)}</h2>{_facts(row, texts)}'
        f'<p class="note">{to_html(texts.legend)}</p>'
        f'<div class="frames" lang="{attribute(document.language)}">{frames}</div>{rest}</section>'
    )


def _facts(row: Row, texts: DocumentTexts) -> str:
    facts = {
        "source": row.source,
        "chars": texts.chars.format(chars=row.chars),
        "passages": texts.passages.format(passages=row.passages),
        "language": language_name(row.language, texts),
        "excluded": shown_share(row.excluded, texts),
        "indexed": shown_time(row.indexed),
    }
    shown = "".join(
        f"<div><dt>{to_html(texts.facts[name])}</dt><dd>{to_html(fact)}</dd></div>"
        for name, fact in facts.items()
        if fact
    )
    return f'<dl class="doc-facts">{shown}</dl>'


def _frame(document: Document, pieces: Sequence[Piece], texts: DocumentTexts) -> str:
    first, last = pieces[0], pieces[-1]
    text = document.text[first.start : last.end]
    if not text.strip():
        return ""
    begin, end = document.line(first.start), document.line(max(first.start, last.end - 1))
    lines = (texts.line if begin == end else texts.lines).format(first=begin, last=end)
    if first.reason:
        reason = TEXTS[texts.language].exclusion_reasons.get(first.reason, first.reason)
        kind, label = "excluded", texts.excluded_as.format(reason=reason)
    elif first.passage:
        kind, label = "passage", texts.passage.format(number=first.passage)
    else:
        kind, label = "outside", texts.outside
    title = attribute(texts.repeats)
    body = "".join(_runs(document, pieces, title))
    return (
        f'<div class="frame {kind}"><p class="frame-head"><b>{to_html(label)}</b><span>{to_html(lines)}</span></p>'
        f'<div class="frame-text">{body}</div></div>'
    )


def _runs(document: Document, pieces: Sequence[Piece], title: str) -> Iterator[str]:
    for piece in pieces:
        html = to_html(document.text[piece.start : piece.end])
        yield f'<span class="repeats" title="{title}">{html}</span>' if piece.repeats else html
