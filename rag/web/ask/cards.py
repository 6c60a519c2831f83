"""A card per passage found: where it stands, how each retriever rated it, and its text with words marked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from markupsafe import Markup

from rag.answer.citation import Citation
from rag.answer.result import Answer
from rag.corpus.blocks import Span
from rag.corpus.document import Document
from rag.language.terms import term_spans, terms
from rag.ranking import RetrieverScore
from rag.search import Hit, SearchResult
from rag.web.html.drawing import Drawing, Written
from rag.web.html.markup import Mark
from rag.web.html.places import Target, target_of_hit
from rag.web.html.templates import Template
from rag.web.texts import Texts

_html = Template("ask/cards.html")

_RETRIEVERS = ("dense", "lexical", "reader")
_SHORTEST_BAR = 0.12
_CLAMPED_CHARS = 140
_EXCERPT_CHARS = 60
_SIGN = re.compile(r"[*_~`#<>\[\]()《》｜［］\\|]")
"""Each sign of markup that a document can have has one of these."""


class Stored(Written, Protocol):
    """Where documents are; a Store is one."""

    def document(self, document_id: str) -> Document: ...


@dataclass(frozen=True, slots=True)
class Range:
    """Lowest and highest score of one retriever in a result."""

    low: float
    high: float

    def share(self, score: float) -> float:
        """Length of a bar, in [0, 1]: the best of the result fills it, the least still shows."""
        if self.high <= self.low:
            return 1.0
        return _SHORTEST_BAR + (1 - _SHORTEST_BAR) * (score - self.low) / (self.high - self.low)


def cards_html(answer: Answer, written: Stored, texts: Texts) -> Markup:
    """The passages an answer was made from, or those nearest to the question if there is no answer.

    Args:
        answer: with its passages.
        written: where their documents are.
        texts: the page's words.
    """
    title = texts.passages if answer.citations else texts.passages_near
    return _passages(title, answer, written, texts)


def found_html(result: SearchResult, written: Stored, texts: Texts) -> Markup:
    """The passages that a search has found, while they are being read."""
    return _passages(texts.passages_found, _unanswered(result.query, result.hits), written, texts)


def _unanswered(question: str, hits: Sequence[Hit]) -> Answer:
    return Answer(question, "", True, None, 0.0, (), tuple(hits))


def _passages(title: str, answer: Answer, written: Stored, texts: Texts) -> Markup:
    if not answer.hits:
        return Markup()
    facts = texts.passages_explained.format(count=len(answer.hits))
    return _html.passages(title, facts, _groups(answer, written, texts))


def similar_html(text: str, hits: Sequence[Hit], written: Stored, texts: Texts) -> Markup:
    """The passages most like the one with this text, words that both have marked, and the way back."""
    tools, words = texts.tools, " ".join(text.split())
    excerpt = words if len(words) <= _EXCERPT_CHARS else f"{words[:_EXCERPT_CHARS]}…"
    facts = tools.similar_to.format(excerpt=excerpt, count=len(hits)) if hits else tools.similar_none
    return _html.similar(facts, _groups(_unanswered(text, hits), written, texts), tools)


def around_html(key: str, document: Document, before: Span, after: Span, texts: Texts) -> Markup:
    """What stands before and after a passage, for the script to put around it."""
    signs = (Mark(each.start, each.end, "excluded") for each in document.excluded if each.is_inline)
    drawing = Drawing(document.text, document.blocks, signs, texts.table)
    drawn = (drawing.html(*span) if document.text[slice(*span)].strip() else Markup() for span in (before, after))
    return _html.around(key, *drawn, texts.tools)


def _groups(answer: Answer, written: Stored, texts: Texts) -> Markup:
    """The cards of each document under its title, the document with the best passage first."""
    ranges, groups = score_ranges(answer.hits), dict[str, list[Hit]]()
    for hit in answer.hits:
        groups.setdefault(hit.document.id, []).append(hit)
    pieces = []
    for hits in groups.values():
        signs = _signs(hits, written)
        cards = (_card(hit, answer, ranges, signs, written, texts) for hit in hits)
        pieces.append(_html.group(hits[0], Markup("").join(cards), texts))
    return Markup("").join(pieces)


def score_ranges(hits: Sequence[Hit]) -> dict[str, Range]:
    """Scores have no common scale, so bars compare within one result only."""
    ranges = {}
    for name in _RETRIEVERS:
        scores = [hit.retrievers[name].score for hit in hits if name in hit.retrievers]
        if scores:
            ranges[name] = Range(min(scores), max(scores))
    return ranges


def _card(
    hit: Hit, answer: Answer, ranges: Mapping[str, Range], signs: Sequence[Mark], written: Stored, texts: Texts
) -> Markup:
    quoted = _citations_in(hit, answer)
    return _html.card(
        hit,
        f"{hit.document.id}:{hit.start}:{hit.end}",
        quoted,
        [title for title in hit.heading if title != hit.document.title],
        _text(hit, answer.question, quoted, signs, written, texts),
        not quoted and len(hit.text) > _CLAMPED_CHARS,
        _scores(hit, ranges),
        texts.where(hit.line, hit.place),
        target_of_hit(hit, answer),
        [(document, Target(document.id)) for document in hit.also],
        texts,
    )


def _text(
    hit: Hit, question: str, quoted: Sequence[Citation], signs: Sequence[Mark], written: Stored, texts: Texts
) -> Markup:
    """The passage with the question's words and what is quoted of it marked, and signs of markup faint."""
    asked = question_marks(question, hit.text, hit.language)
    marks = [
        *(replace(mark, start=mark.start + hit.start, end=mark.end + hit.start) for mark in asked),
        *(Mark(c.start, c.end, "cited", c.number) for c in quoted),
        *(sign for sign in signs if sign.start < hit.end and sign.end > hit.start),
    ]
    text = written.text(hit.document.id, 0, hit.end)
    blocks = written.blocks(hit.document.id, hit.start, hit.end)
    return Drawing(text, blocks, marks, texts.table).html(hit.start, hit.end)


def _signs(hits: Sequence[Hit], written: Stored) -> list[Mark]:
    """Signs of markup in passages of one document, which is looked at only if there may be any."""
    if not any(_SIGN.search(hit.text) for hit in hits):
        return []
    excluded = written.document(hits[0].document.id).excluded
    return [Mark(each.start, each.end, "excluded") for each in excluded if each.is_inline]


def _citations_in(hit: Hit, answer: Answer) -> list[Citation]:
    """Citations that stand inside a passage, whichever passage they were taken from: passages overlap."""
    return [
        c for c in answer.citations if c.document.id == hit.document.id and hit.start <= c.start and c.end <= hit.end
    ]


def question_marks(question: str, text: str, language: str) -> list[Mark]:
    """Where words of the question stand in a text, inflected or not, as offsets into the text."""
    asked = _question_terms(question, language)
    return [Mark(start, end, "term") for start, end, term in term_spans(text, language) if term in asked]


@lru_cache(maxsize=64)
def _question_terms(question: str, language: str) -> frozenset[str]:
    return frozenset(terms(question, language))


def _scores(hit: Hit, ranges: Mapping[str, Range]) -> list[tuple[str, RetrieverScore | None, float]]:
    """Each retriever with what it says of a passage, if anything, and the length of its bar."""
    shown = [(name, hit.retrievers.get(name)) for name in _RETRIEVERS if name in ranges or name != "reader"]
    return [(name, found, 0.0 if found is None else ranges[name].share(found.score)) for name, found in shown]
