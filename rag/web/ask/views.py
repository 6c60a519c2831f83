"""The page's states as HTML: start, loading, answer, refusal, error, no index. Pure functions; nothing is read here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.answer.result import Answer, Citation, Context
from rag.web.markup import attribute, to_html
from rag.web.places import Place, place_of_citation
from rag.web.texts import TEXTS, Texts
from rag.web.texts.prose import prose_texts

_MARKER = re.compile(r"\[(\d+)\]")
_CONFIDENCE_STEPS = (0.65, 0.85)
_JOINED_CHARS = 2
_LOGO = (
    '<svg class="logo" viewBox="0 0 32 32" aria-hidden="true"><path class="page" '
    'd="M7 3h18a2 2 0 0 1 2 2v22a2 2 0 0 1-2 2H7a2 '
    '2 0 0 1-2-2V5a2 2 0 0 1 2-2z"/><path class="ribbon" d="M15 3h7v15l-3.5-3-3.5 3z"/></svg>'
)


@dataclass(frozen=True, slots=True)
class Listing:
    """What the page says of one document: ``chars`` and ``excluded_chars`` in characters."""

    id: str
    title: str
    source: str
    chars: int
    passages: int
    excluded_chars: int


@dataclass(frozen=True, slots=True)
class Scope:
    """What is searched: the documents of an index, how many passages they make, and the model's name."""

    documents: tuple[Listing, ...] = ()
    passages: int = 0
    model: str = ""


def header_html(texts: Texts) -> str:
    """Name, purpose, and a link to the page in the other language."""
    other = TEXTS[texts.other_language]
    return (
        f'<header class="site" data-lang="{texts.language}"><a class="brand" href="?lang={texts.language}">{_LOGO}'
        f'<span class="name">栞<small>Shiori</small></span></a><p class="tagline">{to_html(texts.tagline)}</p>'
        f'<a class="language" href="?lang={other.language}" lang="{other.language}" hreflang="{other.language}">'
        f"{to_html(texts.other_language_name)}</a></header>"
    )


def hint_html(texts: Texts) -> str:
    """The keys that ask and that break a line."""
    return f'<p class="hint">{to_html(texts.key_hint)}</p>'


def footer_html(scope: Scope | None, texts: Texts, llm_host: str = "") -> str:
    """What is searched, and the promise that it stays here, or what is sent to an LLM's server when it is asked."""
    if scope is None:
        words = texts.footer_without_index
    else:
        words = texts.footer.format(documents=len(scope.documents), passages=scope.passages, model=scope.model)
    if llm_host:
        words += texts.separator + prose_texts(texts.language).footer.format(host=llm_host)
    return f'<p class="site-footer">{to_html(words)}</p>'


def home_html(scope: Scope, examples: Sequence[str], texts: Texts) -> str:
    """Before the first question: examples that suit the index, and its documents."""
    asks = "".join(
        f'<li><button type="button" class="example" data-ask="{attribute(q)}">{to_html(q)}</button></li>'
        for q in examples
    )
    chosen = f'<h2>{to_html(texts.examples)}</h2><ul class="examples">{asks}</ul>' if examples else ""
    documents = "".join(_listing(listing, texts) for listing in scope.documents)
    return (
        f'<div class="home">{chosen}<h2>{to_html(texts.documents)} <span class="count">{len(scope.documents)}</span>'
        "</h2>"
        f'<ul class="documents">{documents}</ul></div>'
    )


def _listing(listing: Listing, texts: Texts) -> str:
    share = listing.excluded_chars / listing.chars if listing.chars else 0.0
    facts = (texts.document_facts_excluded if share >= 0.005 else texts.document_facts).format(
        chars=listing.chars, passages=listing.passages, excluded=share
    )
    label = attribute(texts.open_document.format(title=listing.title))
    return (
        f'<li><button type="button" class="document" aria-label="{label}" '
        f'data-open="{Place(listing.id).to_attribute()}">'
        f'<span class="title">{to_html(listing.title)}</span><span class="file">'
        f"{to_html(listing.source)}{texts.separator}{to_html(facts)}"
        f"</span></button></li>"
    )


def loading_html(question: str, texts: Texts, model_is_ready: bool) -> str:
    """While an answer is being found; says so when the model itself has still to be loaded."""
    title = texts.searching if model_is_ready else texts.loading_model
    hint = "" if model_is_ready else f'<p class="note">{to_html(texts.loading_model_hint)}</p>'
    return (
        f'<div class="loading" role="status">{_asked(question, texts)}<p class="busy"><span class="dots" '
        'aria-hidden="true">'
        f"<i></i><i></i><i></i></span>{to_html(title)}</p>{hint}"
        f'<div class="skeleton" aria-hidden="true"><i></i><i></i><i></i></div></div>'
    )


def answer_html(answer: Answer, scope: Scope, texts: Texts, asked: str | None = None, title: str = "") -> str:
    """An answer with its citations and confidence, or what was looked at and what to try.

    Args:
        answer: what to show.
        scope: what was searched.
        texts: the page's words.
        asked: HTML of the question, if it is not to be shown as it was searched.
        title: a heading other than the usual one.
    """
    body = _refusal(answer, scope, texts) if answer.abstained else _answered(answer, texts, title or texts.answer)
    kind = "answer abstained" if answer.abstained else "answer"
    return f'<article class="{kind}">{_asked(answer.question, texts) if asked is None else asked}{body}</article>'


def _asked(question: str, texts: Texts) -> str:
    shown = question if len(question) <= 300 else f"{question[:300]}…"
    return f'<p class="asked"><span class="sr-only">{to_html(texts.your_question)}: </span>{to_html(shown)}</p>'


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
    label = attribute(_label(citation, texts))
    return (
        f'<button type="button" class="cite" data-cite="{citation.number}" aria-label="{label}" '
        f'title="{attribute(citation.quote)}" data-open="{place_of_citation(citation, answer).to_attribute()}">'
        f"[{citation.number}]</button>"
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
    label = attribute(_label(citation, texts))
    return (
        f'<button type="button" class="source-line" data-cite="{citation.number}" aria-label="{label}" '
        f'data-open="{place_of_citation(citation, answer).to_attribute()}"><span class="number">'
        f"{citation.number}</span>"
        f"{to_html(texts.where(citation.line, citation.place))}</button>"
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


def _refusal(answer: Answer, scope: Scope, texts: Texts) -> str:
    reason = texts.abstained_low_confidence if answer.hits else texts.abstained_no_hits
    tries = [texts.try_words, texts.try_shorter, texts.try_documents]
    if answer.hits:
        tries.insert(0, texts.look_below)
    items = "".join(f"<li>{to_html(item)}</li>" for item in tries)
    looked = reason.format(documents=len(scope.documents), passages=scope.passages)
    return (
        f'<h2 id="answer" tabindex="-1">{to_html(texts.abstained)}</h2><p>{to_html(looked)}</p>'
        f'<h3>{to_html(texts.try_title)}</h3><ul class="tries">{items}</ul>'
    )


def error_html(message: str, texts: Texts, details: str = "") -> str:
    """A failure in the page's language; ``details`` is the error's own words, folded away."""
    more = (
        f"<details><summary>{to_html(texts.error_details)}</summary><p>{to_html(details)}</p></details>"
        if details
        else ""
    )
    return f'<div class="error" role="alert"><h2>{to_html(texts.error_title)}</h2><p>{to_html(message)}</p>{more}</div>'


def no_index_html(index: Path | None, details: str, texts: Texts) -> str:
    """How to build an index, when there is none to ask."""
    command = "rag build documents/" + ("" if index is None else f" --index {index}")
    first, second, third = (to_html(step) for step in texts.no_index_steps)
    return (
        f'<div class="no-index"><h2>{to_html(texts.no_index_title)}</h2><p>{to_html(texts.no_index)}</p><ol><li>'
        f"{first}</li>"
        f"<li>{second}<pre><code>{to_html(command)}</code></pre></li><li>{third}</li></ol>"
        f"<details><summary>{to_html(texts.error_details)}</summary><p>{to_html(details)}</p></details></div>"
    )
