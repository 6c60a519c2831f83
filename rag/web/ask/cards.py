"""A card per passage found: where it stands, how each retriever rated it, and its text with words marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.answer.citation import Citation
from rag.answer.result import Answer
from rag.language.terms import term_spans, terms
from rag.search import Hit
from rag.web.html.markup import Mark, attribute, marked_html, to_html
from rag.web.html.places import place_of_hit
from rag.web.texts import Texts
from rag.web.texts.tools import TOOL_TEXTS

_RETRIEVERS = ("dense", "lexical", "reader")
_SHORTEST_BAR = 0.12
_CLAMPED_CHARS = 140
_EXCERPT_CHARS = 60


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
    title = texts.passages if answer.citations else texts.passages_near
    facts = f"{texts.passages_explained.format(count=len(answer.hits))}{texts.separator}{texts.scores_explained}"
    return (
        f'<section class="passages" aria-labelledby="passages-title"><h2 id="passages-title">{to_html(title)}</h2>'
        f'<p class="note">{to_html(facts)}</p><ol class="cards">{_cards(answer, texts)}</ol></section>'
    )


def similar_html(text: str, hits: Sequence[Hit], texts: Texts) -> str:
    """The passages most like the one with this text, words that both have marked, and the way back."""
    tools = TOOL_TEXTS[texts.language]
    words = " ".join(text.split())
    excerpt = words if len(words) <= _EXCERPT_CHARS else f"{words[:_EXCERPT_CHARS]}…"
    facts = tools.similar_to.format(excerpt=excerpt, count=len(hits)) if hits else tools.similar_none
    return (
        f'<section class="passages similar" aria-labelledby="similar-title"><button type="button" class="quiet back" '
        f'data-back><span aria-hidden="true">←</span> {to_html(tools.back)}</button>'
        f'<h2 id="similar-title" tabindex="-1">{to_html(tools.similar_title)}</h2><p class="note">{to_html(facts)}</p>'
        f'<ol class="cards">{_cards(Answer(text, "", True, None, 0.0, (), tuple(hits)), texts)}</ol></section>'
    )


def around_html(key: str, text_before: str, text_after: str, texts: Texts) -> str:
    """What stands before and after a passage, for the script to put around it."""
    tools = TOOL_TEXTS[texts.language]
    parts = (("before", tools.before, text_before), ("after", tools.after, text_after))
    inside = "".join(
        f'<div class="beside-passage {name}"><p class="note">{to_html(label)}</p>'
        f"<p>{to_html(text.strip()) if text.strip() else to_html(tools.around_none)}</p></div>"
        for name, label, text in parts
    )
    return f'<div data-around-for="{attribute(key)}">{inside}</div>'


def _cards(answer: Answer, texts: Texts) -> str:
    ranges = score_ranges(answer.hits)
    return "".join(_card(hit, answer, ranges, texts) for hit in answer.hits)


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
    place = texts.separator.join([_where(hit, texts), texts.languages.get(hit.language, hit.language)])
    cites = "".join(f'<span class="chip">{to_html(texts.cited_as)} {c.number}</span>' for c in quoted)
    return (
        f'<li class="card{" quoted" if quoted else ""}" data-rank="{hit.rank}" data-passage="{_key(hit)}">'
        f'<div class="card-head"><span class="rank" aria-hidden="true">{hit.rank}</span><div class="card-where">'
        f'<h3>{to_html(hit.document.title)}</h3>{_heading(hit)}<p class="file">{to_html(place)}{cites}</p></div></div>'
        f"{_text(hit, answer, quoted, texts)}"
        f'<div class="card-foot">{_scores(hit, ranges, texts)}<div class="card-buttons">'
        f"{_around_button(hit, texts)}{_similar_button(hit, texts)}{_open_button(hit, answer, texts)}</div></div></li>"
    )


def _where(hit: Hit, texts: Texts) -> str:
    return texts.place.format(source=hit.document.source, where=texts.where(hit.line, hit.place))


def _key(hit: Hit) -> str:
    return f"{attribute(hit.document.id)}:{hit.start}:{hit.end}"


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


def _around_button(hit: Hit, texts: Texts) -> str:
    tools = TOOL_TEXTS[texts.language]
    label = attribute(tools.around_label.format(title=hit.document.title, where=texts.where(hit.line, hit.place)))
    return (
        f'<button type="button" class="quiet" aria-expanded="false" aria-label="{label}" data-around="{_key(hit)}" '
        f'data-more="{attribute(tools.around)}" data-less="{attribute(tools.around_hide)}">'
        f"{to_html(tools.around)}</button>"
    )


def _similar_button(hit: Hit, texts: Texts) -> str:
    tools = TOOL_TEXTS[texts.language]
    label = attribute(tools.similar_label.format(title=hit.document.title, where=texts.where(hit.line, hit.place)))
    return (
        f'<button type="button" class="quiet" aria-label="{label}" data-similar="{_key(hit)}">'
        f"{to_html(tools.similar)}</button>"
    )


def _open_button(hit: Hit, answer: Answer, texts: Texts) -> str:
    label = attribute(f"{texts.show_in_source}: {hit.document.title}, {_where(hit, texts)}")
    return (
        f'<button type="button" class="quiet show" aria-label="{label}" '
        f'data-open="{place_of_hit(hit, answer).to_attribute()}">{to_html(texts.show_in_source)}</button>'
    )
