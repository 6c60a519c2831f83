"""What a search finds, where nothing is answered: how much, where, and more of it. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from markupsafe import Markup

from rag.answer.wording import words_in
from rag.search import SearchResult
from rag.web.ask.cards import Stored, found_html
from rag.web.ask.views import question_html
from rag.web.html.filters import PASSAGE_COUNTS, Filters, folders_of
from rag.web.html.templates import Template
from rag.web.texts import Texts

_html = Template("ask/found.html")
MOST = max(PASSAGE_COUNTS)
"""A search always finds so many: what is not shown is counted, too."""
_SHOWN_COUNTS = 8

Counts = list[tuple[str, int, Filters]]
"""Something to narrow down to, how many of the documents found it leaves, and the filters that do it."""


def summary_html(found: SearchResult, dates: Mapping[str, str], filters: Filters, texts: Texts) -> Markup:
    """How many passages there are, and the folders and years of their documents to narrow down to.

    Args:
        found: up to ``MOST`` hits.
        dates: of documents, by their ids.
        filters: what the search was restricted to.
        texts: the page's words.
    """
    tools, documents = texts.tools, {hit.document.id: hit.document.source for hit in found.hits}
    words = tools.found_most if len(found.hits) == MOST else tools.found if found.hits else tools.found_none
    facets = {
        "folders": folder_counts(list(documents.values()), filters),
        "years": year_counts([dates.get(document, "") for document in documents], filters),
    }
    return _html.found(
        question_html(found.query, texts),
        words_in(texts.language).understood.format(question=found.searched) if found.searched else "",
        words.format(documents=len(documents), passages=len(found.hits)),
        [(name, counts) for name, counts in facets.items() if counts],
        tools,
    )


def passages_html(found: SearchResult, shown: int, filters: Filters, written: Stored, texts: Texts) -> Markup:
    """The first ``shown`` passages found, and the way to more."""
    cards = found_html(replace(found, hits=found.hits[:shown]), written, texts)
    more = next((count for count in PASSAGE_COUNTS if count > shown), None)
    return (
        cards if more is None or len(found.hits) <= shown else cards + _html.more(replace(filters, k=more), texts.tools)
    )


def folder_counts(sources: Sequence[str], filters: Filters) -> Counts:
    """Folders that hold some of these documents and not all of them, the fullest first."""
    counted = [(folder, count) for folder, count in folders_of(sources) if count < len(sources)]
    fullest = sorted(counted, key=lambda each: -each[1])[:_SHOWN_COUNTS]
    return [(folder, count, replace(filters, sources=(folder,))) for folder, count in fullest]


def year_counts(dates: Sequence[str], filters: Filters) -> Counts:
    """Years of these dates, if there is more than one of them, the latest first."""
    counted = Counter(date[:4] for date in dates if date)
    latest = sorted(counted.items(), reverse=True)[:_SHOWN_COUNTS] if len(counted) > 1 else []
    return [(year, count, replace(filters, since=year, until=year)) for year, count in latest]
