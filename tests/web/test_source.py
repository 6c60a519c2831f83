"""The source panel shows the document's own text, with the cited place marked in it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.corpus.document import Document, Exclusion
from rag.web.html.markup import Mark
from rag.web.html.places import Target
from rag.web.html.source import source_html
from rag.web.texts import ENGLISH, JAPANESE

from .doubles import TEA
from .test_markup import HOSTILE, read

LINES = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00\r"), max_size=60)


def lines_of(html: str) -> str:
    """The part of the panel that shows the text."""
    return html[html.index('<div class="lines"') :]


@settings(deadline=None)
@given(LINES, st.integers(0, 60), st.integers(0, 60))
def test_the_highlight_reads_exactly_as_the_quote_across_lines_too(text: str, a: int, b: int) -> None:
    a, b = sorted((min(a, len(text)), min(b, len(text))))
    document = Document("a.txt", "題", text, "ja")
    html = source_html(document, Target(document.id, (Mark(a, b, "cited", 1, current=True),)), JAPANESE)
    shown = read(lines_of(html))
    assert shown.text == text
    assert shown.cited.get("1", "") == text[a:b]


def test_lines_carry_their_numbers_outside_the_text() -> None:
    html = lines_of(source_html(TEA, Target(TEA.id), JAPANESE))
    assert re.findall(r'data-line="(\d+)"', html) == [str(n) for n in range(1, TEA.text.count("\n") + 1)]


def test_boilerplate_is_faint_and_says_why() -> None:
    html = source_html(TEA, Target(TEA.id), JAPANESE)
    assert html.count('<mark class="excluded">') == 2
    assert html.count('data-reason="共有ボタン"') == 1
    assert JAPANESE.excluded_note in html
    assert 'data-reason="share buttons"' in source_html(TEA, Target(TEA.id), ENGLISH)


def test_boilerplate_inside_a_line_leaves_the_rest_of_the_line_alone() -> None:
    document = Document("a.txt", "題", "再生する 皆さん、こんにちは。\n", "ja", excluded=(Exclusion(0, 5, "player"),))
    html = lines_of(source_html(document, Target(document.id), JAPANESE))
    assert '<mark class="excluded">再生する </mark>皆さん、こんにちは。\n</div>' in html


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_document_makes_only_the_panels_own_elements(text: str) -> None:
    document = Document(f"{text}.txt", text, text, "ja")
    plain = Document("a.txt", "a", "a", "ja")
    found = read(source_html(document, Target(document.id, (Mark(0, 1, "cited", 1),)), JAPANESE))
    expected = read(source_html(plain, Target(plain.id, (Mark(0, 1, "cited", 1),)), JAPANESE))
    assert {tag for tag, _ in found.elements} <= {tag for tag, _ in expected.elements}
    assert all(set(attributes) <= ALLOWED for _, attributes in found.elements)


ALLOWED = {
    *("class", "role", "aria-label", "aria-hidden", "tabindex", "title", "type", "lang", "viewbox", "d"),
    *("data-document", "data-place", "data-close", "data-line", "data-cites", "data-begins"),
    *("data-event", "data-with", "data-words", "data-at", "data-count", "data-original", "data-language"),
    *("value", "maxlength", "placeholder", "autocomplete", "spellcheck", "enterkeyhint"),
}


def test_a_document_of_a_single_enormous_line_is_shown_in_parts() -> None:
    document = Document("line.txt", "一行", "あ" * 5_000_000, "ja")
    place = Target(document.id, (Mark(3_000_000, 3_000_010, "cited", 1, current=True),))
    html = source_html(document, place, JAPANESE)
    assert len(html) < 100_000
    assert read(lines_of(html)).cited["1"] == "あ" * 10
    assert JAPANESE.show_earlier in html and JAPANESE.show_later in html
    assert JAPANESE.show_whole not in html


def test_a_long_document_offers_all_of_itself() -> None:
    document = Document("long.txt", "長い", "行です。\n" * 100_000, "ja")
    html = source_html(document, Target(document.id), JAPANESE)
    assert JAPANESE.show_whole in html
    assert "全 100,001 行" in html


def test_an_empty_document_has_a_panel() -> None:
    document = Document("empty.txt", "", "", "ja")
    assert read(lines_of(source_html(document, Target(document.id), JAPANESE))).text == ""


def test_marks_beside_words_have_no_label() -> None:
    text = "# 題\n\n- **桟橋**：船を着ける所。\n***\n"
    marks = tuple(Exclusion(m.start(), m.end(), "markup") for m in re.finditer(r"\*+", text))
    html = source_html(replace(TEA, text=text, excluded=marks), Target(TEA.id), JAPANESE)
    assert html.count("data-reason=") == 1
    assert JAPANESE.excluded_note not in html
