"""A card per passage, with scores, the question's words and the cited place."""

from __future__ import annotations

from dataclasses import replace

from rag.answer.result import Answer
from rag.corpus.document import Document, Exclusion
from rag.ranking import RetrieverScore
from rag.search import DocumentRef, Hit
from rag.web.ask.cards import Range, cards_html, question_marks, score_ranges
from rag.web.texts import ENGLISH, JAPANESE

from .doubles import COFFEE, TEA, FakeStore, citation_in, hit_in
from .test_markup import read

SENTENCE = "煎茶は七十度の湯で一分待つ。"
START = TEA.text.index(SENTENCE)
HIT = hit_in(TEA, START, START + len(SENTENCE))
QUOTE = citation_in(TEA, START + 3, START + 8)
WRITTEN = FakeStore((TEA,))
ANSWER = Answer("煎茶の湯の温度は？", "七十度の湯[1]", False, None, 0.9, (QUOTE,), (HIT,))


def test_signs_of_markup_are_faint_where_the_words_around_them_are_not() -> None:
    text = "**煎茶**は七十度。"
    document = Document("茶.md", "茶", text, "ja", excluded=(Exclusion(0, 2, "markup"), Exclusion(4, 6, "markup")))
    hit = replace(HIT, document=replace(HIT.document, id=document.id), start=0, end=len(text), text=text)
    found = read(cards_html(replace(ANSWER, citations=(), hits=(hit,)), FakeStore((document,)), JAPANESE))
    assert [attributes for tag, attributes in found.elements if attributes.get("class") == "excluded"] == [
        {"class": "excluded"}
    ] * 2
    assert "**煎茶**は七十度。" in found.text


def test_words_of_the_question_are_marked_in_the_passage() -> None:
    marked = {HIT.text[m.start : m.end] for m in question_marks(ANSWER.question, HIT.text, "ja")}
    assert {"煎茶", "湯"} <= marked
    assert "待つ" not in marked


def test_the_cited_place_is_marked_apart_from_the_words() -> None:
    found = read(cards_html(ANSWER, WRITTEN, JAPANESE))
    assert found.cited["1"] == QUOTE.quote == "七十度の湯"
    kinds = [attributes["class"] for tag, attributes in found.elements if tag == "mark"]
    assert "term" in kinds and "cited" in kinds and "cited term" in kinds


def test_a_card_says_where_its_passage_stands() -> None:
    html = cards_html(ANSWER, WRITTEN, JAPANESE)
    assert "茶の淹れ方" in html and "notes/茶.txt ・ 日本語" in html and "6 行目" in html
    assert "line 6" in cards_html(ANSWER, WRITTEN, ENGLISH)


def test_cards_of_a_document_stand_together_under_its_title() -> None:
    def hit(document: Document, rank: int) -> Hit:
        return hit_in(document, 0, 6, rank)

    hits = (hit(COFFEE, 1), hit(TEA, 2), hit(COFFEE, 3))
    found = read(cards_html(replace(ANSWER, citations=(), hits=hits), FakeStore((TEA, COFFEE)), ENGLISH))
    assert [a["data-rank"] for tag, a in found.elements if tag == "li"] == ["1", "3", "2"]
    assert [tag for tag, _ in found.elements].count("h3") == 2


def test_scores_are_folded_away() -> None:
    html = str(cards_html(ANSWER, WRITTEN, JAPANESE))
    folded = html[html.index('<details class="closeness">') : html.index("</details>")]
    assert html.count('<dl class="scores">') == folded.count('<dl class="scores">') == 1


def test_a_card_names_the_other_documents_that_say_the_same() -> None:
    copy = DocumentRef("b", "茶の<淹れ方>", "backup/茶.txt")
    html = cards_html(replace(ANSWER, hits=(replace(HIT, also=(copy,)),)), WRITTEN, JAPANESE)
    assert JAPANESE.also_in in html and ">backup/茶.txt</button>" in html
    assert "茶の<淹れ方>" not in html
    assert JAPANESE.also_in not in cards_html(ANSWER, WRITTEN, JAPANESE)


def test_headings_above_a_passage_are_shown_without_repeating_the_title() -> None:
    html = cards_html(replace(ANSWER, hits=(replace(HIT, heading=("茶の淹れ方", "煎茶", "温度")),)), WRITTEN, JAPANESE)
    assert "<h4>煎茶 › 温度</h4>" in html


def test_the_best_score_fills_its_bar_and_the_least_still_shows() -> None:
    scores = Range(0.7, 0.9)
    assert scores.share(0.9) == 1.0
    assert 0 < scores.share(0.7) < 0.2
    assert Range(0.8, 0.8).share(0.8) == 1.0


def test_a_retriever_that_did_not_find_a_passage_says_so() -> None:
    lexical_only = replace(HIT, retrievers={"lexical": RetrieverScore(3, 4.2)})
    assert set(score_ranges([lexical_only])) == {"lexical"}
    html = cards_html(replace(ANSWER, hits=(lexical_only,)), WRITTEN, JAPANESE)
    assert JAPANESE.not_found_by in html and "3 位 ・ 4.20" in html


def test_long_passages_that_are_not_quoted_are_folded() -> None:
    long = replace(HIT, text="長い文です。" * 60, start=0, end=360)
    assert "data-toggle" in cards_html(Answer("?", "", True, "low-confidence", 0.1, (), (long,)), WRITTEN, JAPANESE)
    assert "data-toggle" not in cards_html(ANSWER, WRITTEN, JAPANESE)


def test_passages_of_a_refusal_are_called_near_ones() -> None:
    refusal = Answer("?", "", True, "low-confidence", 0.1, (), (HIT,))
    assert JAPANESE.passages_near in cards_html(refusal, WRITTEN, JAPANESE)
    assert cards_html(replace(refusal, hits=()), WRITTEN, JAPANESE) == ""
