"""Words looked for in the open document: all places marked, one of them the current one, wherever it stands."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from rag.corpus.document import Document
from rag.web.documents.catalogue import Row
from rag.web.documents.contents import pieces_of
from rag.web.documents.contents_view import Shown, contents_html
from rag.web.html.finding import Finding, found_in
from rag.web.html.markup import Mark
from rag.web.html.places import MOST_FIND_CHARS, Target
from rag.web.html.source import source_html
from rag.web.texts import ENGLISH, JAPANESE
from rag.web.texts.documents import DOCUMENT_TEXTS

from .doubles import TEA
from .test_markup import HOSTILE, read

LONG = Document("long.txt", "長い", "".join(f"{n} 行目です。\n" for n in range(30_000)), "ja")


def marked(html: str) -> list[str]:
    return re.findall(r'<mark class="(?:[a-z]+ )*found(?: [a-z]+)*"[^>]*>(.*?)</mark>', html)


def current(html: str) -> list[str]:
    return re.findall(r'<mark class="[^"]*\bcurrent\b[^"]*\bfound\b[^"]*"[^>]*>(.*?)</mark>', html)


def field(html: str) -> dict[str, str | None]:
    return next(given for tag, given in read(html).elements if given.get("class") == "find")


def test_all_places_are_marked_and_counted() -> None:
    html = source_html(TEA, Target(TEA.id, find="湯"), JAPANESE)
    assert marked(html) == ["湯"] * TEA.text.count("湯") and len(current(html)) == 1
    assert "1 / 2 件" in html and "1 of 2" in source_html(TEA, Target(TEA.id, find="湯"), ENGLISH)
    given = field(html)
    assert (given["data-event"], given["data-at"], given["data-count"]) == ("open_place", "1", "2")
    assert json.loads(given["data-with"] or "")["document"] == TEA.id


def test_the_place_that_was_open_is_where_one_begins_and_its_marks_stay() -> None:
    cited = Mark(TEA.text.index("玉露"), TEA.text.index("玉露") + 2, "cited", 1, current=True)
    html = source_html(TEA, Target(TEA.id, (cited,), find="湯"), JAPANESE)
    assert field(html)["data-at"] == "2" and 'data-cites="1"' in html
    assert 'class="cited current"' not in html and len(current(html)) == 1
    assert field(source_html(TEA, Target(TEA.id, (cited,), find="湯", hit=1), JAPANESE))["data-at"] == "1"


def test_what_is_not_there_is_said_not_to_be() -> None:
    html = source_html(TEA, Target(TEA.id, find="紅茶"), JAPANESE)
    assert "見つかりません" in html and not marked(html) and field(html)["data-count"] == "0"
    assert "見つかりません" not in source_html(TEA, Target(TEA.id), JAPANESE)


def test_of_a_long_document_the_part_with_the_current_place_is_shown() -> None:
    html = source_html(LONG, Target(LONG.id, window=(0, 16_000), find="29000 行目"), JAPANESE)
    assert current(html) == ["29000 行目"]
    assert json.loads(next(g["data-place"] or "" for _, g in read(html).elements if g.get("data-place")))["hit"] == 1


def test_the_list_of_passages_reaches_to_the_current_place() -> None:
    row = Row(LONG.id, LONG.source, LONG.title, "ja", len(LONG.text), 1, 0.0, "", False)
    passages = [(start, start + 1000) for start in range(0, len(LONG.text) - 1000, 1000)]
    pieces = pieces_of(LONG, passages)
    shown = Shown(40_000, Finding.of(LONG.text, "9000 行目", 2))
    html = contents_html(LONG, row, pieces, shown, Markup(), DOCUMENT_TEXTS["ja"])
    assert current(html) == ["9000 行目"] and field(html)["data-event"] == "open_document"
    assert field(html)["data-at"] == "2"  # the first is that of 9000 itself, then 19000


@given(st.text(max_size=60), st.text(max_size=6), st.integers(-3, 70))
def test_the_current_place_is_one_of_them(text: str, words: str, hit: int) -> None:
    finding, place = found_in(text, Target("0f", find=words, hit=hit))
    assert (finding.current is None) == (not finding.marks)
    assert sum(mark.current for mark in place.marks) == (1 if finding.marks else 0)
    assert 0 <= finding.at <= len(finding.marks)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words(text: str) -> None:
    found = read(source_html(TEA, Target(TEA.id, find=text), JAPANESE))
    plain = read(source_html(TEA, Target(TEA.id, find="no such words"), JAPANESE))
    assert [tag for tag, _ in found.elements] == [tag for tag, _ in plain.elements]


def test_words_come_back_from_the_browser_no_longer_than_they_may_be() -> None:
    place = Target("0f", (), None, "湯", 3)
    assert Target.from_event(json.loads(place.to_json())) == place
    assert len(Target.from_event({"document": "0f", "marks": [], "find": "a" * 999}).find) == MOST_FIND_CHARS
    with pytest.raises(ValueError):
        Target.from_event({"document": "0f", "marks": [], "hit": "x"})
