"""A card per passage found: where it stands, how each retriever rated it, and its text with words marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.answer.result import Answer, Citation
from rag.search import Hit
from rag.text import term_spans, terms
from rag.web.markup import Mark, attribute, marked_html, to_html
from rag.web.places import place_of_hit
from rag.web.texts import Texts

_RETRIEVERS = ("dense", "lexical", "reader")
_SHORTEST_BAR = 0.12
_CLAMPED_CHARS = 140


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


def cards_html(answer: Answer, texts: Texts) -> str:
    """The passages an answer was made from, or those nearest to the question if there is no answer."""
    if not answer.hits:
        return ""
    ranges = score_ranges(answer.hits)
    cards = "".join(_card(hit, answer, ranges, texts) for hit in answer.hits)
    title = texts.passages if answer.citations else texts.passages_near
    facts = f"{texts.passages_explained.format(count=len(answer.hits))}{texts.separator}{texts.scores_explained}"
    return (
        f'<section class="passages" aria-labelledby="passages-title"><h2 id="passages-title">{to_html(title)}</h2>'
        f'<p class="note">{to_html(facts)}</p><ol class="cards">{cards}</ol></section>'
    )


def score_ranges(hits: Sequence[Hit]) -> dict[str, Range]:
    """Scores have no common scale, so bars compare within one result only."""
    ranges = {}
    for name in _RETRIEVERS:
        scores = [hit.retrievers[name].score for hit in hits if name in hit.retrievers]
        if scores:
            ranges[name] = Range(min(scores), max(scores))
    return ranges


def _card(hit: Hit, answer: Answer, ranges: Mapping[str, Range], texts: Texts) -> str:
    quoted = _citations_in(hit, answer)
    place = texts.place.format(source=hit.document.source, where=texts.where(hit.line, hit.place))
    cites = "".join(f'<span class="chip">{to_html(texts.cited_as)} {c.number}</span>' for c in quoted)
    return (
        f'<li class="card{" quoted" if quoted else ""}" data-rank="{hit.rank}">'
        f'<div class="card-head"><span class="rank" aria-hidden="true">{hit.rank}</span><div class="card-where">'
        f'<h3>{to_html(hit.document.title)}</h3>{_heading(hit)}<p class="file">{to_html(place)}{cites}</p></div></div>'
        f"{_text(hit, answer, quoted, texts)}"
        f'<div class="card-foot">{_scores(hit, ranges, texts)}{_open_button(hit, answer, texts)}</div></li>'
    )


def _citations_in(hit: Hit, answer: Answer) -> list[Citation]:
    """Citations that stand inside a passage, whichever passage they were taken from: passages overlap."""
    return [
        c for c in answer.citations if c.document.id == hit.document.id and hit.start <= c.start and c.end <= hit.end
    ]


def _heading(hit: Hit) -> str:
    path = [title for title in hit.heading if title != hit.document.title]
    return f'<p class="heading">{" › ".join(to_html(title) for title in path)}</p>' if path else ""


def _text(hit: Hit, answer: Answer, quoted: Sequence[Citation], texts: Texts) -> str:
    cited = [Mark(c.start - hit.start, c.end - hit.start, "cited", c.number) for c in quoted]
    body = marked_html(hit.text, [*question_marks(answer.question, hit.text, hit.language), *cited])
    if quoted or len(hit.text) <= _CLAMPED_CHARS:
        return f'<div class="card-text" lang="{attribute(hit.language)}">{body}</div>'
    return (
        f'<div class="card-text clamped" lang="{attribute(hit.language)}">{body}</div>'
        '<button type="button" class="quiet toggle" aria-expanded="false" '
        f'data-more="{attribute(texts.show_all_text)}" '
        f'data-less="{attribute(texts.show_less_text)}" data-toggle>{to_html(texts.show_all_text)}</button>'
    )


def question_marks(question: str, text: str, language: str) -> list[Mark]:
    """Where words of the question stand in a text, inflected or not, as offsets into the text."""
    asked = _question_terms(question, language)
    return [Mark(start, end, "term") for start, end, term in term_spans(text, language) if term in asked]


@lru_cache(maxsize=64)
def _question_terms(question: str, language: str) -> frozenset[str]:
    return frozenset(terms(question, language))


def _scores(hit: Hit, ranges: Mapping[str, Range], texts: Texts) -> str:
    shown = [name for name in _RETRIEVERS if name in ranges or name != "reader"]
    return f'<dl class="scores">{"".join(_score(hit, name, ranges, texts) for name in shown)}</dl>'


def _score(hit: Hit, name: str, ranges: Mapping[str, Range], texts: Texts) -> str:
    label = f"<dt>{to_html(texts.retrievers[name])}</dt>"
    found = hit.retrievers.get(name)
    if found is None:
        return f'<div class="score none">{label}<dd>{to_html(texts.not_found_by)}</dd></div>'
    width = f"{100 * ranges[name].share(found.score):.0f}%"
    value = f"{texts.rank.format(rank=found.rank)}{texts.separator}{found.score:.2f}"
    return (
        f'<div class="score {name}">{label}<dd><span class="bar" aria-hidden="true"><i style="width:{width}"></i>'
        "</span>"
        f'<span class="value">{to_html(value)}</span></dd></div>'
    )


def _open_button(hit: Hit, answer: Answer, texts: Texts) -> str:
    place = texts.place.format(source=hit.document.source, where=texts.where(hit.line, hit.place))
    label = attribute(f"{texts.show_in_source}: {hit.document.title}, {place}")
    return (
        f'<button type="button" class="quiet show" aria-label="{label}" '
        f'data-open="{place_of_hit(hit, answer).to_attribute()}">{to_html(texts.show_in_source)}</button>'
    )
