"""Text becomes HTML that shows it, marks what it should, and does nothing else."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.web.html.markup import Mark, Marking, attribute, to_html

# What HTML can carry: everything but NUL, carriage returns (documents have none) and lone surrogates.
TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00\r"), max_size=80)
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    '<a href="javascript:alert(1)">x</a>',
    "<style>*{display:none}</style>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "</mark></div><iframe srcdoc='<script>alert(1)</script>'>",
    "{{constructor.constructor('alert(1)')()}} ${alert(1)} `",
    "<!-- --!><b>",
]


class Reader(HTMLParser):
    """Collects a fragment's text, its elements, and the text inside each kind of mark."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.cited: dict[str, str] = {}
        self._open: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open.append((dict(attrs).get("data-cites") or "").split())

    def handle_endtag(self, tag: str) -> None:
        if self._open:  # a fragment may begin inside an element
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data
        for number in (n for numbers in self._open for n in numbers):
            self.cited[number] = self.cited.get(number, "") + data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(str(html))
    reader.close()
    return reader


@given(TEXTS)
def test_shown_text_reads_as_the_text_itself(text: str) -> None:
    assert read(to_html(text)).text == text


@given(TEXTS, st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), max_size=6))
def test_the_pieces_of_a_mark_put_together_are_the_marked_text(text: str, spans: list[tuple[int, int]]) -> None:
    inside = [tuple(sorted((min(a, len(text)), min(b, len(text))))) for a, b in spans]
    marks = [Mark(a, b, "cited", number) for number, (a, b) in enumerate(inside, 1)]
    found = read(Marking(marks).html(text, 0, len(text)))
    assert found.text == text
    for mark in marks:
        assert found.cited.get(str(mark.number), "") == text[mark.start : mark.end]


@given(TEXTS, st.integers(0, 80), st.integers(0, 80), st.integers(0, 80), st.integers(0, 80))
def test_a_part_of_a_text_shows_the_part_of_the_mark_inside_it(text: str, a: int, b: int, c: int, d: int) -> None:
    a, b = sorted((min(a, len(text)), min(b, len(text))))
    c, d = sorted((min(c, len(text)), min(d, len(text))))
    found = read(Marking([Mark(a, b, "cited", 1)]).html(text, c, d))
    assert found.text == text[c:d]
    assert found.cited.get("1", "") == text[max(a, c) : max(min(b, d), max(a, c))]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_makes_no_element(text: str) -> None:
    found = read(to_html(text))
    assert found.text == text
    assert found.elements == []


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_inside_its_attribute(text: str) -> None:
    found = read(f'<i title="{attribute(text)}">x</i>')
    assert found.elements == [("i", {"title": text})]


def test_direction_controls_are_boxed_so_that_they_turn_nothing_around() -> None:
    html = to_html("安全\u202e!txt.exe\u202c")
    assert read(html).text == "安全\u202e!txt.exe\u202c"
    assert re.findall(r'<bdi class="control" data-code="U\+(\w+)">', html) == ["202E", "202C"]
    assert "\u202e" not in attribute("a\u202eb")


def test_what_html_cannot_carry_becomes_a_replacement_character() -> None:
    assert unescape(to_html("a\x00b\ud83d")) == "a\ufffdb\ufffd"
    to_html("\ud83d").encode("utf-8")


def test_overlapping_marks_share_their_common_piece() -> None:
    html = Marking([Mark(0, 4, "cited", 1), Mark(2, 6, "cited", 2, current=True)]).html("abcdef", 0, 6)
    assert html == (
        '<mark class="cited" data-cites="1" data-begins="1">ab</mark>'
        '<mark class="cited current" data-cites="1 2" data-begins="2">cd</mark>'
        '<mark class="cited current" data-cites="2">ef</mark>'
    )
