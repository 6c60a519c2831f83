"""The parts of an answer as HTML: lists as lists, cells in their rows, and what was not found. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from markupsafe import Markup

from rag.answer.citation import Citation
from rag.answer.result import Answer, Computation, Part
from rag.answer.shape import shown_text
from rag.answer.wording import words_in
from rag.answer.writing import compared_names
from rag.web.html.answers import with_mark
from rag.web.html.templates import Template
from rag.web.texts import Texts

_html = Template("ask/answers.html")

Buttons = Mapping[int, Markup]
"""The button of each citation, by its number."""


def parts_html(answer: Answer, buttons: Buttons, texts: Texts) -> Markup:
    """All parts, each under its question if there are several; what was not found says so."""
    several = len(answer.parts) > 1
    return Markup("").join(_part(part, answer, buttons, texts, several) for part in answer.parts)


def _part(part: Part, answer: Answer, buttons: Buttons, texts: Texts, several: bool) -> Markup:
    title = part.question if several else ""
    if not part.found:
        said = words_in(texts.language).part_refusal(part.question, part.missing).strip()
        return _html.not_found(title, said)
    citations = [citation for citation in answer.citations if citation.number in part.citations]
    computed = next((each for each in answer.computed if each.citations == part.citations and each.value), None)
    if computed is not None:
        return _html.part(title, _computed(computed, citations, buttons, texts))
    names = compared_names(part.kind, [citation.document for citation in citations])
    pieces: list[Markup] = []
    for document, of_document in groupby(citations, key=lambda citation: citation.document):
        if names:
            pieces.append(_html.said(words_in(texts.language).in_document.format(title=names[document.id])))
        for _, group in groupby(of_document, key=_unit):
            pieces += _unit_pieces(list(group), part, buttons, texts)
    return _html.part(title, pieces)


def _unit(citation: Citation) -> tuple[str, int, int]:
    """What a citation is shown in: its row or sentence, or itself."""
    around = citation.context or citation
    return citation.document.id, around.start, around.end


def _computed(computed: Computation, citations: Sequence[Citation], buttons: Buttons, texts: Texts) -> list[Markup]:
    words = words_in(texts.language)
    said = words.computed.format(operation=words.operations[computed.operation], value=computed.value)
    marks = Markup("").join(buttons[citation.number] for citation in citations)
    return [_html.said(with_mark(said, marks))]


def _unit_pieces(citations: Sequence[Citation], part: Part, buttons: Buttons, texts: Texts) -> list[Markup]:
    """Short words first, then what they stand in: a row under its heads, or a sentence; or all of it."""
    first, shape = citations[0], citations[0].shape
    leads = [_html.said(with_mark(_lead(each), buttons[each.number])) for each in citations if each.context]
    if shape is not None and shape.rows:
        return [*leads, _html.rows(shape, "" if leads else buttons[first.number], texts.table)]
    if first.context is not None:
        return [*leads, *(_html.context(each) for each in citations)]
    if shape is not None and shape.items:
        return [_html.items(shape, buttons[first.number])]
    return [_html.said(with_mark(_sentence(first, part), buttons[first.number]))]


def _lead(citation: Citation) -> str:
    words = " ".join(citation.quote.split())
    label = citation.shape.label if citation.shape is not None else ""
    return f"{label}：{words}" if label else words


def _sentence(citation: Citation, part: Part) -> str:
    """The words quoted, behind the yes or no that they decide."""
    shown = shown_text(citation.quote)
    before = part.text[: max(0, part.text.find(shown))]
    return f"{before}{shown}" if before in _DECISIONS else shown


_DECISIONS = frozenset(word for words in map(words_in, ("ja", "en")) for word in (words.yes, words.no))
