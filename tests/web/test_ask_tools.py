"""Filters in addresses and forms, Markdown to copy, passages around and alike."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from rag import Engine
from rag.answer.result import Answer
from rag.web.ask.cards import around_html, similar_html
from rag.web.ask.filter_views import chips_html, filters_html, source_options_html
from rag.web.ask.views import actions_html, floats_html, history_html
from rag.web.exports.content import content_of
from rag.web.exports.markdown import markdown_of
from rag.web.html.filters import PASSAGE_COUNTS, Choices, Filters, folders_of, link_to, question_in
from rag.web.texts import ENGLISH, JAPANESE
from rag.web.texts.tools import TOOL_TEXTS

from .doubles import COFFEE, TEA, FakeStore, citation_in, hit_in
from .test_markup import HOSTILE, read

CHOICES = Choices([("notes/茶.txt", "茶の淹れ方"), ("coffee.md", "Coffee"), ("a[1].txt", "")], ["en", "ja"])
WORDS = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=40).filter(lambda t: t.strip() == t)
FILTERS = st.builds(
    Filters,
    st.lists(WORDS, max_size=5, unique=True).map(tuple),
    st.lists(st.sampled_from(["ja", "en", "zh"]), unique=True).map(tuple),
    st.sampled_from(["", "1999", "2024-05", "2024-05-01"]),
    st.sampled_from(["", "2024-12-31"]),
    st.sampled_from((0, *PASSAGE_COUNTS)),
    st.sampled_from([None, "hybrid", "dense", "lexical"]),
    st.booleans(),
)


@given(WORDS, FILTERS)
def test_an_address_gives_back_the_question_and_the_filters(question: str, filters: Filters) -> None:
    link = link_to(question, filters)
    assert question_in(link) == question
    assert Filters.from_query(link) == filters


def test_days_are_chosen_and_shown_and_can_be_taken_back() -> None:
    chosen = Filters.from_query("since=&since=2024年5月&until=2024-12-31&until=2020&until=never")
    assert (chosen.since, chosen.until) == ("2024-05", "2024-12-31")
    assert chosen.arguments() == {"since": "2024-05", "until": "2024-12-31"}
    assert chosen.without("until", "2024-12-31") == Filters(since="2024-05")
    page, chips = filters_html(chosen, CHOICES, JAPANESE), chips_html(chosen, CHOICES, JAPANESE)
    assert "2024-05 から" in chips and "2024-12-31 まで" in chips
    # A month cannot be shown in a field for days, and is kept beside it.
    assert '<input type="hidden" name="since" value="2024-05">' in page
    assert 'id="filter-until" value="2024-12-31"' in page


@given(st.text(max_size=200))
def test_any_address_can_be_read(query: str) -> None:
    filters = Filters.from_query(query)
    assert Filters.from_query(filters.to_query()) == filters


@pytest.mark.parametrize(
    "query", ["k=7", "k=-1", "k=٥", "mode=exec", "language=../x", "language=", "source=", "&".join(["a=1"] * 1000)]
)
def test_what_is_unfit_in_an_address_is_left_out(query: str) -> None:
    assert not Filters.from_query(query)


def test_only_what_is_chosen_is_passed_to_the_engine() -> None:
    assert Filters().arguments() == {}
    chosen = Filters(("notes/",), ("ja",), k=5, mode="dense")
    assert chosen.arguments() == {"sources": ("notes/",), "languages": ("ja",), "k": 5, "mode": "dense"}
    assert chosen.without("source", "notes/").without("k", "5") == Filters((), ("ja",), mode="dense")


@pytest.mark.parametrize(
    ("typed", "source"),
    [
        ("notes/茶.txt", "notes/茶.txt"),
        ("notes/", "notes/"),
        ("*.md", "*.md"),
        ("Coffee", "coffee.md"),
        ("茶.t", "*茶.t*"),
        ("淹れ方", "notes/茶.txt"),
        ("a[1].txt", "a[1].txt"),
        ("[1]", "*[[]1]*"),
        ("紅茶", None),
    ],
)
def test_documents_are_found_by_name_folder_pattern_or_title(typed: str, source: str | None) -> None:
    assert CHOICES.resolve(typed) == source


def test_folders_are_counted_with_what_is_in_their_folders() -> None:
    assert folders_of(["a/b/1.txt", "a/2.txt", "3.txt"]) == [("a/", 2), ("a/b/", 1)]


def test_each_filter_in_use_is_a_chip_that_removes_it() -> None:
    html = chips_html(Filters(("coffee.md", "gone.txt"), ("ja",)), CHOICES, JAPANESE)
    assert "文書: Coffee を外す" in html and "文書: gone.txt（該当なし） を外す" in html
    assert 'data-filter="source=coffee.md&amp;source=gone.txt"' in html
    assert chips_html(Filters(), CHOICES, JAPANESE) == chips_html(Filters(passages_only=True), CHOICES, JAPANESE) == ""


def test_a_switch_leads_from_answers_to_passages_and_back_and_keeps_the_filters() -> None:
    for only, leads_to in ((False, "language=ja&amp;show=passages"), (True, "language=ja")):
        html = filters_html(Filters(languages=("ja",), passages_only=only), CHOICES, JAPANESE)
        assert f'data-filter="{leads_to}" aria-pressed="false"' in html
        assert ('<input type="hidden" name="show" value="passages">' in html) is only
        assert Filters(languages=("ja",), passages_only=only).arguments() == {"languages": ("ja",)}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_filters_titles_and_passages_make_no_element_of_their_own(text: str) -> None:
    document = replace(TEA, title=text, source=f"{text}.txt", text=text, language=text)
    hit = hit_in(document, 0, len(text))
    choices = Choices([(document.source, text)], [text, "ja"])
    parts = [
        filters_html(Filters((text,), ("ja",)), choices, JAPANESE, text),
        chips_html(Filters((text,), ("ja",)), choices, JAPANESE),
        source_options_html(choices, JAPANESE),
        similar_html(text, [hit], FakeStore((document,)), JAPANESE),
        around_html(f"{text}:0:1", document, (0, len(text)), (0, len(text)), JAPANESE),
        actions_html(text, Filters((text,)), JAPANESE, markdown=text),
    ]
    for part in parts:
        elements = read(part).elements
        assert not {tag for tag, _ in elements} & {"script", "img", "svg", "style", "iframe", "b", "a"}
        assert not [name for _, attributes in elements for name in attributes if name.startswith("on")]


def test_the_frame_of_history_and_quotes_speaks_both_languages() -> None:
    assert "まだ質問はありません" in history_html(JAPANESE) and "No questions yet" in history_html(ENGLISH)
    assert JAPANESE.show_in_source in floats_html(JAPANESE)


def answer_of(text: str) -> Answer:
    document = replace(TEA, text=text, title=text, source=f"{text}.txt")
    citation = citation_in(document, 0, len(text))
    return Answer(text, f"{text}[1]", False, None, 0.9, (citation,), (hit_in(document, 0, len(text)),))


def copied_text(answer: Answer) -> str:
    content = content_of(answer, JAPANESE)
    assert content is not None
    return markdown_of(content, JAPANESE)


def test_a_copied_answer_names_its_sources_and_quotes_them() -> None:
    copied = copied_text(answer_of("煎茶は七十度。"))
    assert copied.startswith("**煎茶は七十度。**\n\n煎茶は七十度。\\[1\\]\n")
    assert copied.endswith("- \\[1\\] 煎茶は七十度。 (煎茶は七十度。.txt ・ 1 行目)\n  > 煎茶は七十度。\n")
    assert content_of(Answer("?", "", True, "no-hits", 0.0, (), ()), JAPANESE) is None


@pytest.mark.parametrize("text", [*HOSTILE, "[x](javascript:alert(1))", "# 題 *強調* `符号`", "1. 一\n- 二", "![a](b)"])
def test_what_documents_say_stays_text_in_markdown(text: str) -> None:
    html = MarkdownIt("commonmark", {"html": True}).render(copied_text(answer_of(text)))
    assert {tag for tag, _ in read(html).elements} <= {"p", "strong", "ul", "li", "blockquote"}
    assert " ".join(text.split()) in " ".join(read(html).text.split())


def test_a_passage_has_the_passages_before_and_after_it_and_none_beyond_the_ends(engine: Engine) -> None:
    stored = [s.passage for s in engine.snapshot.store.all_passages()]
    first = stored[0]
    mine = [p for p in stored if p.document_id == first.document_id]
    assert len(mine) > 2
    for before, here, after in zip([None, *mine], mine, [*mine[1:], None], strict=False):
        assert engine.neighbours(here.document_id, here.start, here.end) == (before, after)
    assert engine.neighbours("no such document", 0, 10) == (None, None)


def test_a_list_of_no_passages_alike_says_so() -> None:
    assert TOOL_TEXTS["ja"].similar_none in similar_html(COFFEE.text, [], FakeStore(()), JAPANESE)
