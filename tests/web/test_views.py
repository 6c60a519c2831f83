"""The page's states: start, loading, answer, refusal, error, no index."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rag.answer.citation import Citation, Context
from rag.answer.result import Answer
from rag.index.store import DocumentInfo
from rag.search import DocumentRef
from rag.web.ask import views
from rag.web.ask.answers import answer_html
from rag.web.ask.cards import cards_html
from rag.web.html.answers import error_html
from rag.web.html.scope import Scope
from rag.web.texts import ENGLISH, JAPANESE, Texts

from .doubles import TEA, FakeStore, citation_in, hit_in
from .test_markup import HOSTILE, read

SCOPE = Scope((DocumentInfo("0f", "茶.txt", "茶", "ja", 1000, 120, 4, ""),), 4, "multilingual-e5-small")


def answer_with(*quotes: str, text: str | None = None) -> Answer:
    document = DocumentRef("0f", "題名", "a.txt")
    citations = tuple(Citation(n, document, 10 * n, 10 * n + len(q), n, q, 0.9, 1) for n, q in enumerate(quotes, 1))
    composed = " ".join(f"{' '.join(q.split())}[{n}]" for n, q in enumerate(quotes, 1))
    return Answer("質問？", composed if text is None else text, False, None, 0.9, citations, ())


def citation_buttons(answer: Answer, texts: Texts = JAPANESE) -> list[str | None]:
    found = read(answer_html(answer, SCOPE, texts))
    return [a.get("data-cite") for tag, a in found.elements if tag == "button" and a.get("class") == "cite"]


def test_every_marker_is_a_button_that_says_where_it_leads() -> None:
    answer = answer_with("甲です。", "乙です。")
    assert citation_buttons(answer) == ["1", "2"]
    assert 'aria-label="出典 1: 題名、1 行目を開く"' in answer_html(answer, SCOPE, JAPANESE)
    assert 'aria-label="Open source 2: 題名, line 2"' in answer_html(answer, SCOPE, ENGLISH)


def test_quotes_stand_in_paragraphs_of_their_own() -> None:
    html = answer_html(answer_with("甲です。", "乙は\n二行です。"), SCOPE, JAPANESE)
    text = html[html.index('<div class="answer-text">') : html.index('<div class="sources">')]
    assert text.count("<p>") == 2
    assert read(text).text == "甲です。[1]乙は 二行です。[2]"


def test_brackets_that_a_quote_has_itself_are_not_buttons() -> None:
    assert citation_buttons(answer_with("注[1]による。[2]も見よ。", "乙です。")) == ["1", "2"]


def test_markers_in_prose_are_buttons_if_there_is_such_a_citation() -> None:
    assert citation_buttons(answer_with("甲です。", text="甲だという[1]。乙だともいう[7]。")) == ["1"]


def test_sources_are_listed_once_per_document_with_each_place() -> None:
    html = answer_html(answer_with("甲です。", "乙です。"), SCOPE, JAPANESE)
    sources = html[html.index('<div class="sources">') :]
    assert sources.count("題名</span>") == 1
    assert sources.count('class="source-line"') == 2


@pytest.mark.parametrize(("confidence", "word"), [(0.5, "低め"), (0.7, "ふつう"), (0.95, "高い")])
def test_confidence_is_put_in_words(confidence: float, word: str) -> None:
    html = answer_html(replace(answer_with("甲です。"), confidence=confidence), SCOPE, JAPANESE)
    assert f"<strong>{word}</strong>" in html


def test_a_refusal_says_what_was_looked_at_and_what_to_try() -> None:
    hit = hit_in(TEA, 16, 30)
    near = answer_html(Answer("?", "", True, "low-confidence", 0.1, (), (hit,)), SCOPE, JAPANESE)
    assert "1 件の文書（4 箇所）" in near and JAPANESE.look_below in near and JAPANESE.try_words in near
    far = answer_html(Answer("?", "", True, "no-hits", 0.0, (), ()), SCOPE, JAPANESE)
    assert "1 件の文書（4 箇所）" in far and JAPANESE.look_below not in far


def test_loading_names_the_model_only_while_it_is_loading() -> None:
    assert JAPANESE.loading_model in views.loading_html("?", JAPANESE, model_is_ready=False)
    assert JAPANESE.loading_model not in views.loading_html("?", JAPANESE, model_is_ready=True)
    assert JAPANESE.searching in views.loading_html("?", JAPANESE, model_is_ready=True)


def test_without_an_index_the_page_leads_to_where_it_is_made() -> None:
    html = views.no_index_html(Path("index/mine"), "index/mine: There is no index.", JAPANESE)
    assert 'data-show-tab="documents"' in html and "rag build documents/ --index index/mine" in html
    assert "data-show-tab" not in views.no_index_html(None, "", JAPANESE)  # nothing can be added


def test_the_start_lists_documents_and_what_was_left_out() -> None:
    html = views.home_html(SCOPE, ["煎茶の温度は？"], JAPANESE)
    assert 'data-ask="煎茶の温度は？"' in html
    assert "1,000 字 ・ 4 箇所 ・ メニューなど 12% を除外" in html
    assert "data-proposed" not in html
    assert '<section class="proposed" data-proposed hidden>' in views.home_html(SCOPE, [], JAPANESE)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_titles_questions_and_quotes_make_no_element_of_their_own(text: str) -> None:
    document = replace(TEA, title=text, source=f"{text}.txt", text=text)
    hit, citation = hit_in(document, 0, len(text)), citation_in(document, 0, len(text))
    answer = Answer(text, f"{citation.quote}[1]", False, None, 0.9, (citation,), (hit,))
    scope = Scope((DocumentInfo("0f", text, text, "ja", 10, 0, 1, ""),), 1, text)
    pages = [
        answer_html(answer, scope, JAPANESE),
        cards_html(answer, FakeStore((document,)), JAPANESE),
        views.home_html(scope, [text], JAPANESE),
        views.footer_html(scope, JAPANESE),
        views.loading_html(text, JAPANESE, model_is_ready=True),
        error_html(text, JAPANESE, text),
        views.no_index_html(Path("a"), text, JAPANESE),
    ]
    for page in pages:
        elements = read(page).elements
        assert not {tag for tag, _ in elements} & {"script", "img", "svg", "style", "iframe", "b", "a"}
        assert not [name for _, attributes in elements for name in attributes if name.startswith("on")]


def test_a_short_answer_stands_marked_in_its_sentence() -> None:
    text = "甲<b>は1990年に着工した。"
    citation = Citation(1, DocumentRef("d", "題", "a.txt"), 5, 10, 1, "1990年", 0.9, 1, Context(0, len(text), text))
    answer = Answer("いつ？", "1990年[1]", False, None, 0.9, (citation,), (), conflict=True)
    html = answer_html(answer, SCOPE, JAPANESE)
    assert '甲&lt;b&gt;は<mark class="cited">1990年</mark>に着工した。' in html
    assert "文書によって答えが異なります" in html
