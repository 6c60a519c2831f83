"""An answer with its citations as HTML, or a refusal. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.answer.citation import Citation, Context
from rag.answer.result import Answer
from rag.search import DocumentRef
from rag.web.ask.views import question_html
from rag.web.html.filters import NO_FILTERS, Filters, link_to
from rag.web.html.markup import attribute, to_html
from rag.web.html.places import place_of_citation
from rag.web.html.scope import Scope
from rag.web.texts import Texts
from rag.web.texts.tools import TOOL_TEXTS

_MARKER = re.compile(r"\[(\d+)\]")
_CONFIDENCE_STEPS = (0.65, 0.85)
_JOINED_CHARS = 2
_SHOWN_QUOTE = 400


def answer_html(
    answer: Answer,
    scope: Scope,
    texts: Texts,
    asked: str | None = None,
    title: str = "",
    filters: Filters = NO_FILTERS,
) -> str:
    """An answer with its citations and confidence, or what was looked at and what to try.

    Args:
        answer: what to show.
        scope: what was searched.
        texts: the page's words.
        asked: HTML of the question, if it is not to be shown as it was searched.
        title: a heading other than the usual one.
        filters: what the search was restricted to.
    """
    body = (
        _refusal(answer, scope, texts, filters) if answer.abstained else _answered(answer, texts, title or texts.answer)
    )
    kind = "answer abstained" if answer.abstained else "answer"
    return (
        f'<article class="{kind}">{question_html(answer.question, texts) if asked is None else asked}{body}</article>'
    )


def _answered(answer: Answer, texts: Texts, title: str) -> str:
    paragraphs = "".join(f"<p>{_with_buttons(part, answer, texts)}</p>" for part in _paragraphs(answer))
    conflict = f'<p class="note">{to_html(texts.conflict)}</p>' if answer.conflict else ""
    return (
        f'<div class="answer-head"><h2 id="answer" tabindex="-1">{to_html(title)}</h2>'
        f"{_confidence(answer.confidence, texts)}</div>"
        f'<div class="answer-text">{paragraphs}{_contexts(answer)}</div>{conflict}'
        f'<div class="sources"><h3>{to_html(texts.sources)}</h3><ol>{_sources(answer, texts)}</ol></div>'
    )


def _paragraphs(answer: Answer) -> list[str]:
    """An answer made of nothing but quotes has one to a paragraph; other text keeps its own."""
    quotes = [f"{_on_one_line(c.quote)}[{c.number}]" for c in answer.citations]
    if quotes and answer.answer == " ".join(quotes):
        return quotes
    return [part for part in answer.answer.split("\n\n") if part.strip()]


def _contexts(answer: Answer) -> str:
    """The sentence each short quote stands in, with the quote marked."""
    return "".join(_context(citation, citation.context) for citation in answer.citations if citation.context)


def _context(citation: Citation, context: Context) -> str:
    start, end = citation.start - context.start, citation.end - context.start
    before, quote, after = context.text[:start], context.text[start:end], context.text[end:]
    return (
        f'<blockquote class="context"><span class="number" aria-hidden="true">{citation.number}</span>'
        f'{to_html(before)}<mark class="cited">{to_html(quote)}</mark>{to_html(after)}</blockquote>'
    )


def _on_one_line(quote: str) -> str:
    return " ".join(quote.split())


def _with_buttons(text: str, answer: Answer, texts: Texts) -> str:
    """``text`` with its markers as buttons; a ``[1]`` that belongs to a quote's own words stays text."""
    by_number = {c.number: c for c in answer.citations}
    pieces, position = [], 0
    for match in _markers(text, [_on_one_line(c.quote) for c in answer.citations]):
        if citation := by_number.get(int(match[1])):
            # The last characters stay on the line of their marker.
            joined = max(position, match.start() - _JOINED_CHARS)
            button = _button(citation, answer, texts)
            pieces.append(to_html(text[position:joined]))
            pieces.append(f'<span class="nowrap">{to_html(text[joined : match.start()])}{button}</span>')
            position = match.end()
    return "".join(pieces) + to_html(text[position:])


def _markers(text: str, quotes: Sequence[str]) -> list[re.Match[str]]:
    quoted = [(at, at + len(quote)) for quote in quotes if quote and (at := text.find(quote)) >= 0]
    return [m for m in _MARKER.finditer(text) if not any(a <= m.start() and m.end() <= b for a, b in quoted)]


def _button(citation: Citation, answer: Answer, texts: Texts) -> str:
    quote = citation.context.text if citation.context else citation.quote
    preview = preview_attributes(citation.document, texts.where(citation.line, citation.place), quote, texts)
    return (
        f'<button type="button" class="cite" data-cite="{citation.number}" '
        f'aria-label="{attribute(_label(citation, texts))}" {preview} '
        f'data-open="{place_of_citation(citation, answer).to_attribute()}">[{citation.number}]</button>'
    )


def preview_attributes(document: DocumentRef, where: str, quote: str, texts: Texts) -> str:
    """What the window beside a citation shows: the document, the place, and its words."""
    words = " ".join(quote.split())
    words = words if len(words) <= _SHOWN_QUOTE else f"{words[:_SHOWN_QUOTE]}…"
    place = texts.place.format(source=document.source, where=where)
    return (
        f'data-quote="{attribute(words)}" data-quote-title="{attribute(document.title)}" '
        f'data-quote-where="{attribute(place)}"'
    )


def _sources(answer: Answer, texts: Texts) -> str:
    """Each document quoted, with a button for each place in it."""
    by_document: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        by_document.setdefault(citation.document.id, []).append(citation)
    return "".join(_source(citations, answer, texts) for citations in by_document.values())


def _source(citations: Sequence[Citation], answer: Answer, texts: Texts) -> str:
    document = citations[0].document
    places = "".join(_source_line(citation, answer, texts) for citation in citations)
    return (
        f'<li><span class="title">{to_html(document.title)}</span><span class="places"><span class="file">'
        f"{to_html(document.source)}</span>{places}</span></li>"
    )


def _source_line(citation: Citation, answer: Answer, texts: Texts) -> str:
    label = to_html(_label(citation, texts))
    return (
        f'<button type="button" class="source-line" data-cite="{citation.number}" '
        f'data-open="{place_of_citation(citation, answer).to_attribute()}"><span class="sr-only">{label}</span>'
        f'<span aria-hidden="true"><span class="number">{citation.number}</span>'
        f"{to_html(texts.where(citation.line, citation.place))}</span></button>"
    )


def _label(citation: Citation, texts: Texts) -> str:
    where = texts.where(citation.line, citation.place)
    return texts.open_citation.format(number=citation.number, title=citation.document.title, where=where)


def confidence_level(confidence: float) -> int:
    """0 low, 1 fair, 2 high."""
    return sum(confidence >= step for step in _CONFIDENCE_STEPS)


def _confidence(confidence: float, texts: Texts) -> str:
    level = confidence_level(confidence)
    explained = texts.confidence_explained.format(percent=f"{confidence:.0%}")
    dots = "".join(f'<i class="{"on" if i <= level else "off"}"></i>' for i in range(3))
    return (
        f'<p class="confidence level-{level}" title="{attribute(explained)}">{to_html(texts.confidence)} '
        f'<span class="steps" aria-hidden="true">{dots}</span> <strong>'
        f"{to_html(texts.confidence_words[level])}</strong>"
        f'<span class="sr-only"> {to_html(explained)}</span></p>'
    )


def _refusal(answer: Answer, scope: Scope, texts: Texts, filters: Filters) -> str:
    scope = scope.within(filters)
    reason = texts.abstained_low_confidence if answer.hits else texts.abstained_no_hits
    tries = [texts.try_words, texts.try_shorter, texts.try_documents]
    if answer.hits:
        tries.insert(0, texts.look_below)
    items = "".join(f"<li>{to_html(item)}</li>" for item in tries)
    looked = reason.format(documents=len(scope.documents), passages=scope.passages)
    unfiltered = (
        f'<p><button type="button" class="quiet" data-ask-link="{attribute(link_to(answer.question, Filters()))}">'
        f"{to_html(TOOL_TEXTS[texts.language].ask_unfiltered)}</button></p>"
        if filters.restrict
        else ""
    )
    return (
        f'<h2 id="answer" tabindex="-1">{to_html(texts.abstained)}</h2><p>{to_html(looked)}</p>{unfiltered}'
        f'<h3>{to_html(texts.try_title)}</h3><ul class="tries">{items}</ul>'
    )
