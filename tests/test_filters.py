"""Filters: which documents a pattern means, and which passages a search may then find."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from fnmatch import fnmatchcase, translate
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.address import Address, IndexPlace
from rag.chunking import Passage
from rag.corpus import Document
from rag.errors import QuestionError
from rag.index import filters
from rag.index.filters import MOST_PATTERN_CHARS, MOST_PATTERNS, Filter, matches_source
from rag.index.query import Query
from rag.index.sqlite_store import SqliteStore
from rag.index.store import Store
from rag.index.store_writer import StoreWriter
from tests.postgres.making import written

_SOURCES = st.text(alphabet="ab/.*?[]!1", min_size=1, max_size=8)


def means(source: str, pattern: str) -> bool:
    """As the documentation says it, one pattern at a time."""
    return source == pattern or (pattern.endswith("/") and source.startswith(pattern)) or fnmatchcase(source, pattern)


@given(_SOURCES, st.sets(_SOURCES, max_size=5))
def test_a_source_is_meant_by_itself_its_folders_and_patterns(source: str, patterns: Collection[str]) -> None:
    assert matches_source(source, patterns) == any(means(source, pattern) for pattern in patterns)


def test_so_many_patterns_are_taken_and_folders_and_documents_without_number() -> None:
    patterns = [f"{n}*.txt" for n in range(MOST_PATTERNS)]
    assert Query.of(sources=patterns).within.sources == set(patterns)
    with pytest.raises(QuestionError, match="more than 1,000") as refused:
        Query.of(sources=[*patterns, "?"])
    assert refused.value.argument == "sources"
    assert len(Query.of(sources=[f"{n}/" for n in range(20_000)]).within.sources) == 20_000
    with pytest.raises(QuestionError, match="characters"):
        Query.of(sources=["*" * (MOST_PATTERN_CHARS + 1)])


def test_patterns_are_compiled_once_for_all_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    monkeypatch.setattr(filters, "translate", lambda pattern: compiled.append(pattern) or translate(pattern))
    filter_ = Filter(sources=frozenset({"once*.txt", "twice?.md"}))
    assert [filter_.lets(f"{name}.txt", "") for name in ("once1", "other", "once2")] == [True, False, True]
    assert len(compiled) == 2


@pytest.fixture(scope="module")
def store(new_index: Callable[[], IndexPlace]) -> Iterator[Store]:
    """Four documents in two folders; the English one has two passages."""
    dated = {"a/1.txt": {"date": "2024年5月3日"}, "a/2.md": {"modified": "2023-12-31"}, "b/1.txt": {"date": "2024"}}
    listed = [("a/1.txt", "ja", 1), ("a/2.md", "en", 2), ("b/1.txt", "ja", 1), ("c.txt", "de", 1)]
    documents = [
        (document, [Passage(document.id, i, i + 1, "文", (), language) for i in range(count)])
        for source, language, count in listed
        for document in [Document(source, source, "文" * count, language, metadata=dated.get(source, {}))]
    ]
    place = new_index()
    if isinstance(place, Address):
        with closing(written(place, documents)) as snapshot:
            yield snapshot.store
        return
    place.mkdir()
    writer = StoreWriter(place)
    for document, passages in documents:
        writer.add(document, "", passages, [b""] * len(passages))
    writer.close()
    yield SqliteStore(place)


@pytest.mark.parametrize(
    ("sources", "languages", "rows"),
    [
        (["a/"], [], [0, 1, 2]),
        (["*.txt"], [], [0, 3, 4]),
        (["a/1.txt", "c.txt"], [], [0, 4]),
        ([], ["ja"], [0, 3]),
        (["a/"], ["en", "de"], [1, 2]),
        (["nowhere/"], [], []),
        ([], ["fr"], []),
    ],
)
def test_only_passages_of_the_sources_and_languages_are_let_through(
    store: Store, sources: list[str], languages: list[str], rows: list[int]
) -> None:
    for _ in range(2):  # The second time it is remembered.
        mask = store.mask(Query.of(sources=sources, languages=languages).within)
        assert mask is not None and np.flatnonzero(mask).tolist() == rows


def test_without_a_filter_there_is_none(store: Store) -> None:
    assert store.mask() is None


def test_what_is_remembered_of_filters_stays_small(store: Store) -> None:
    for number in range(100):
        store.mask(Filter(sources=frozenset([f"{number}/"])))
    assert len(store._masks) <= 16


@pytest.mark.parametrize(
    ("since", "until", "rows"),
    [
        ("2024", "", [0, 3]),
        ("", "2023", [1, 2]),
        ("2024-05-03", "2024-05-03", [0, 3]),
        ("2024-05-04", "", [3]),
        ("2023/12", "2024年5月", [0, 1, 2, 3]),
        ("2025", "", []),
    ],
)
def test_documents_of_some_days_are_found_as_far_as_their_dates_are_exact(
    store: Store, since: str, until: str, rows: list[int]
) -> None:
    mask = store.mask(Query.of(since=since, until=until).within)
    assert mask is not None and np.flatnonzero(mask).tolist() == rows


@pytest.mark.parametrize(
    ("argument", "options", "words"),
    [
        ("k", {"k": 0}, "k is 0"),
        ("k", {"k": -1}, "from 1 up"),
        ("k", {"k": 2.5}, "whole number"),
        ("k", {"k": True}, "k is True"),
        ("mode", {"mode": "foo"}, "hybrid, dense, lexical"),
        ("sources", {"sources": "a.txt"}, r"sources=\['a.txt'\]"),
        ("sources", {"sources": [None]}, "sources holds None"),
        ("sources", {"sources": ["a/", " "]}, "sources holds ' '"),
        ("languages", {"languages": "ja"}, "languages is one text"),
        ("languages", {"languages": 3}, "list of texts"),
        ("since", {"since": "gestern"}, "2024-05"),
        ("until", {"until": 2024}, "until is 2024, which is not a date"),
        ("since", {"since": "2025", "until": "2024-12-31"}, "since .2025. is after until"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_name(argument: str, options: Any, words: str) -> None:
    with pytest.raises(QuestionError, match=words) as caught:
        Query.of(**options)
    assert caught.value.argument == argument


def test_nothing_given_is_nothing_asked_for() -> None:
    assert Query.of(sources=None, languages=(), since=" ", until=None) == Query()
    assert Query.of(since="2024-05", until="2024").within == Filter(since="2024-05", until="2024")


@pytest.mark.parametrize(
    ("argument", "options", "words"),
    [
        ("sources", {"sources": ["a/3.txt"]}, "a/3.txt.* Is it a/1.txt"),
        ("sources", {"sources": ["nowhere"]}, r"It holds 4: a/1.txt, a/2.md, b/1.txt, …"),
        ("languages", {"languages": ["fr"]}, "languages .fr.*There are: de, en, ja"),
        ("since", {"since": "2025"}, "since 2025.* go from 2023-12-31 to 2024-05-03"),
        ("until", {"until": "2001"}, "until 2001"),
        ("sources", {"sources": ["a/"], "languages": ["de"]}, "all of the filters at once"),
    ],
)
def test_filters_that_leave_nothing_say_so_and_what_there_is(
    store: Store, argument: str, options: Any, words: str
) -> None:
    with pytest.raises(QuestionError, match=words) as caught:
        Query.of(**options).check_finds(store)
    assert caught.value.argument == argument


def test_filters_that_leave_something_are_let_by(store: Store) -> None:
    Query.of(sources=["a/", "nowhere/"], languages=["en"], until="2023").check_finds(store)
