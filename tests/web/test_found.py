"""What a search shows where nothing is answered: how much there is, where, and more of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.search import SearchResult
from rag.web.ask.found import MOST, folder_counts, passages_html, summary_html, year_counts
from rag.web.html.filters import NO_FILTERS, Filters
from rag.web.texts import ENGLISH, JAPANESE

from .doubles import COFFEE, TEA, FakeStore, hit_in
from .test_markup import HOSTILE, read

SEARCH = Filters(passages_only=True)
WRITTEN = FakeStore((TEA, COFFEE))


def found(count: int) -> SearchResult:
    documents = (TEA, COFFEE)
    return SearchResult("茶 coffee", tuple(hit_in(documents[n % 2], 0, 6, n + 1) for n in range(count)))


def test_folders_that_hold_some_and_not_all_of_the_documents_are_counted() -> None:
    sources = ["a/x/1.txt", "a/x/2.txt", "a/3.txt", "b/4.txt"]
    counts = folder_counts(sources, Filters(("b/",), k=20, passages_only=True))
    assert [(folder, count) for folder, count, _ in counts] == [("a/", 3), ("a/x/", 2), ("b/", 1)]
    assert counts[0][2] == Filters(("a/",), k=20, passages_only=True)
    assert folder_counts(["a/1.txt", "a/2.txt"], NO_FILTERS) == []


def test_years_are_counted_where_there_is_more_than_one() -> None:
    counts = year_counts(["2024-05-01", "2024-01-02", "1999-12-31", ""], SEARCH)
    assert [(year, count) for year, count, _ in counts] == [("2024", 2), ("1999", 1)]
    assert counts[0][2].arguments() == {"since": "2024", "until": "2024"} and counts[0][2].passages_only
    assert year_counts(["2024-05-01", ""], SEARCH) == []


def test_a_search_says_how_much_it_found_and_where() -> None:
    html = summary_html(found(4), {TEA.id: "2024-01-01", COFFEE.id: "2023-01-01"}, SEARCH, JAPANESE)
    assert "2 件の文書に 4 箇所" in html and "notes/ の" not in html and "notes/の 1 件に絞る" in html
    assert 'data-filter="since=2023&amp;until=2023&amp;show=passages"' in html
    assert "The 50 closest, in 2 documents" in summary_html(found(MOST), {}, SEARCH, ENGLISH)
    assert JAPANESE.tools.found_none in summary_html(found(0), {}, SEARCH, JAPANESE)


def test_more_is_shown_as_long_as_there_is_more() -> None:
    html = passages_html(found(12), 10, SEARCH, WRITTEN, JAPANESE)
    assert html.count("data-rank") == 10 and 'data-filter="k=20&amp;show=passages"' in html
    whole = passages_html(found(12), 20, SEARCH, WRITTEN, JAPANESE)
    assert whole.count("data-rank") == 12 and "data-filter" not in whole
    assert "data-filter" not in passages_html(found(MOST), MOST, SEARCH, WRITTEN, JAPANESE)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_queries_and_folders_make_no_element_of_their_own(text: str) -> None:
    hits = (hit_in(replace(TEA, source=f"{text}/a.txt"), 0, 6), hit_in(COFFEE, 0, 6))
    elements = read(summary_html(SearchResult(text, hits, text), {}, SEARCH, JAPANESE)).elements
    assert not {tag for tag, _ in elements} & {"script", "img", "svg", "style", "iframe", "b", "a"}
    assert not [name for _, attributes in elements for name in attributes if name.startswith("on")]
