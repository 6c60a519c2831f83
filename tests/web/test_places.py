"""Places go to the browser and come back; long documents are shown in parts."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.result import Answer
from rag.corpus.blocks import Block, Cell, Table
from rag.corpus.document import Document
from rag.web.html.markup import Mark
from rag.web.html.places import (
    WHOLE_CELLS,
    WHOLE_CHARS,
    WINDOW_CHARS,
    Target,
    largest_window,
    target_of_citation,
    target_of_hit,
    window_of,
)

from .doubles import TEA, citation_in, hit_in


def test_a_place_comes_back_from_the_browser_as_it_went() -> None:
    place = Target("0f", (Mark(3, 9, "cited", 2, current=True), Mark(0, 12, "passage")), (0, 100))
    assert Target.from_event(json.loads(place.to_json())) == place


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"document": "0f"},
        {"document": "0f", "marks": 3},
        {"document": "0f", "marks": [[1, 2]]},
        {"document": "0f", "marks": [[1, 2, "script", 0, False]]},
        {"document": "0f", "marks": [["x", 2, "cited", 0, False]]},
        {"document": "0f", "marks": [], "window": [1]},
        {"document": "0f", "marks": [], "window": "ab"},
    ],
)
def test_anything_else_from_the_browser_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Target.from_event(data)


def test_a_short_document_is_shown_whole() -> None:
    assert window_of(TEA, Target(TEA.id)) == (0, len(TEA.text))


@given(st.integers(-10, 3_000_000), st.integers(-10, 3_000_000))
def test_no_window_leaves_the_document_or_the_limit(start: int, end: int) -> None:
    document = Document("long.txt", "長い文書", "あ" * 2_500_000, "ja")
    a, b = window_of(document, Target(document.id, window=(start, end)))
    assert 0 <= a <= b <= len(document.text)
    assert b - a <= largest_window(document)


def test_a_document_that_is_mostly_cells_is_shown_in_part_and_less_of_it_at_once() -> None:
    row = "1\t2\n"
    rows = 2 * WHOLE_CELLS
    cells = tuple(Cell(4 * n + 2 * k, 4 * n + 2 * k + 1, n, k) for n in range(rows) for k in range(2))
    text = row * rows
    assert len(text) < WHOLE_CHARS
    document = Document("a.tsv", "表", text, "ja", blocks=(Block(0, len(text) - 1, "table", table=Table(cells)),))
    a, b = window_of(document, Target(document.id, (Mark(20_000, 20_001, "cited", 1, current=True),)))
    assert 0 < a <= 20_000 < b < len(text)
    assert largest_window(document) == largest_window(TEA)
    longer = replace(document, blocks=document.blocks * 2)
    assert largest_window(longer) < largest_window(document)


@given(st.integers(0, 29_999))
def test_a_long_document_is_shown_around_the_cited_place(line: int) -> None:
    start = line * 11
    a, b = window_of(LONG, Target(LONG.id, (Mark(start, start + 10, "cited", 1, current=True),)))
    assert a <= start and start + 10 <= b
    assert b - a <= 2 * WINDOW_CHARS
    assert LONG.text[a - 1 : a] in ("", "\n")


LONG = Document("long.txt", "長い文書", "".join(f"{n:09d}。\n" for n in range(30_000)), "ja")
assert len(LONG.text) > WHOLE_CHARS


def test_a_citation_brings_the_other_citations_of_its_document() -> None:
    first, second = citation_in(TEA, 16, 30, 1), citation_in(TEA, 31, 50, 2)
    answer = Answer("?", "", False, None, 0.9, (first, second), ())
    marks = target_of_citation(second, answer).marks
    assert [(m.number, m.current) for m in marks] == [(1, False), (2, True)]


def test_a_passage_is_the_place_asked_for_and_its_citations_are_marked_too() -> None:
    hit = hit_in(TEA, 16, 50)
    answer = Answer("?", "", False, None, 0.9, (citation_in(TEA, 16, 30),), (hit,))
    marks = target_of_hit(hit, answer).marks
    assert [(m.kind, m.current) for m in marks] == [("passage", True), ("cited", False)]
