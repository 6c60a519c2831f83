"""An answer with its citations as HTML, or a refusal. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from rag.answer.citation import Citation
from rag.answer.result import Answer, confidence_level
from rag.answer.wording import words_in
from rag.search import DocumentRef
from rag.web.ask.parts import parts_html
from rag.web.ask.views import question_html
from rag.web.html.answers import own_markers, with_buttons
from rag.web.html.filters import NO_FILTERS, Filters, link_to
from rag.web.html.places import Target, target_of_citation
from rag.web.html.scope import Scope
from rag.web.html.templates import Template, attributes
from rag.web.texts import Texts

_html = Template("ask/answers.html")
_SHOWN_QUOTE = 400


@dataclass(frozen=True, slots=True)
class Cited:
    """A place that an answer or prose cites, as its buttons show it.

    Attributes:
        kind: the attribute that numbers its buttons, ``data-cite`` or ``data-prose-cite``.
        number: of the citation.
        document: where it stands.
        where: its page, slide or line.
        quote: the words it cites.
        place: what its buttons open.
        texts: the page's words.
    """

    kind: str
    number: int
    document: DocumentRef
    where: str
    quote: str
    place: Target
    texts: Texts

    @property
    def label(self) -> str:
        return self.texts.open_citation.format(number=self.number, title=self.document.title, where=self.where)

    @property
    def attributes(self) -> Markup:
        """Those of its line among the sources."""
        numbered = {"data-cite": self.number} if self.kind == "data-cite" else {}
        return attributes({**numbered, "data-open": self.place.to_json()})

    def button(self) -> Markup:
        """Its mark in the text."""
        words = " ".join(self.quote.split())
        words = words if len(words) <= _SHOWN_QUOTE else f"{words[:_SHOWN_QUOTE]}…"
        where = self.texts.place.format(source=self.document.source, where=self.where)
        return _html.cite(self.kind, self.number, self.label, self.document, where, words, self.place)


def answer_html(
    answer: Answer,
    scope: Scope,
    texts: Texts,
    asked: Markup | None = None,
    title: str = "",
    filters: Filters = NO_FILTERS,
) -> Markup:
    """An answer with its citations and confidence, or what was looked at and what to try.

    Args:
        answer: what to show.
        scope: what was searched.
        texts: the page's words.
        asked: the question, if it is not to be shown as it was searched.
        title: a heading other than the usual one.
        filters: what the search was restricted to.
    """
    asked = question_html(answer.question, texts) if asked is None else asked
    if answer.searched:
        asked += _html.searched(words_in(texts.language).understood.format(question=answer.searched))
    if answer.abstained:
        return _refusal(asked, answer, scope.within(filters), texts, filters)
    cited = {citation.number: _cited(citation, answer, texts) for citation in answer.citations}
    body = (
        parts_html(answer, {n: each.button() for n, each in cited.items()}, texts)
        if answer.parts
        else _running(answer, cited)
    )
    level = confidence_level(answer.confidence)
    return _html.answered(asked, title or texts.answer, body, answer, level, by_document(cited.values()), texts)


def _refusal(asked: Markup, answer: Answer, scope: Scope, texts: Texts, filters: Filters) -> Markup:
    reason = texts.abstained_low_confidence if answer.hits else texts.abstained_no_hits
    if answer.missing:
        reason = texts.abstained_missing
    missing = words_in(texts.language).refusal(answer.reason, answer.missing)
    looked = reason.format(documents=len(scope.documents), passages=scope.passages, missing=missing)
    unfiltered = link_to(answer.question, filters.unfiltered) if filters.restrict else ""
    nearby = [
        (each.word, [(other, link_to(answer.question.replace(each.word, other), filters)) for other in each.others])
        for each in answer.suggestions
        if each.word in answer.question
    ]
    return _html.abstained(asked, answer, looked, unfiltered, nearby, texts)


def _running(answer: Answer, cited: dict[int, Cited]) -> Markup:
    return _html.running([_paragraph(part, answer, cited) for part in _paragraphs(answer)], answer.citations)


def _paragraphs(answer: Answer) -> list[str]:
    """An answer made of nothing but quotes has one to a paragraph; other text keeps its own."""
    quotes = [f"{' '.join(c.quote.split())}[{c.number}]" for c in answer.citations]
    if quotes and answer.answer == " ".join(quotes):
        return quotes
    return [part for part in answer.answer.split("\n\n") if part.strip()]


def _paragraph(text: str, answer: Answer, cited: dict[int, Cited]) -> Markup:
    markers = own_markers(text, [citation.quote for citation in answer.citations])
    return with_buttons(text, ((m, cited[int(m[1])].button()) for m in markers if int(m[1]) in cited))


def _cited(citation: Citation, answer: Answer, texts: Texts) -> Cited:
    quote = citation.context.text if citation.context else citation.quote
    where, place = texts.where(citation.line, citation.place), target_of_citation(citation, answer)
    return Cited("data-cite", citation.number, citation.document, where, quote, place, texts)


def by_document(cited: Iterable[Cited]) -> list[tuple[DocumentRef, list[Cited]]]:
    """Each document cited, in the order of its first place, with its places."""
    first: dict[str, int] = {}
    ordered = sorted(cited, key=lambda each: first.setdefault(each.document.id, len(first)))
    groups = (list(group) for _, group in groupby(ordered, key=lambda each: each.document.id))
    return [(group[0].document, group) for group in groups]
