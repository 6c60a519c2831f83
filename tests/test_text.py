"""Terms: what finds what."""

from __future__ import annotations

import pytest
import snowballstemmer
from hypothesis import example, given
from hypothesis import strategies as st

from rag.language.stemming import STEMMERS, stem
from rag.language.terms import count_morphemes, normalize, runs, term_spans, terms

ANY_TEXT = st.text(
    alphabet=st.one_of(st.characters(), st.sampled_from("日本語のテスト。ｶﾞﾊﾟABCabc123-’ 　\n")), max_size=80
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("サーバー", "サーバ"),
        ("コンピューター", "ｺﾝﾋﾟｭｰﾀ"),
        ("ヴァイオリン", "バイオリン"),
        ("出来る", "できる"),
        ("2年", "二年"),
        ("2年", "２年"),
        ("7億", "七億"),
        ("2025年", "二〇二五年"),
        ("23人", "二十三人"),
        ("10,000円", "一万円"),
        ("1.5倍", "１．５倍"),
        ("ＤｅｅｐＳｅｅｋ", "deepseek"),
        ("DeepSeek-R1", "DeepSeekR1"),
        ("GPT-4", "GPT4"),
        ("H100", "Ｈ１００"),
        ("o1-mini", "O1‐mini"),
        ("U.S.", "US"),
        ("relies", "relying"),
        ("Russia’s", "Russia"),
        ("走った", "走らない"),
    ],
)
def test_two_ways_to_write_a_word_share_a_term(one: str, other: str) -> None:
    assert set(terms(one)) & set(terms(other))


@pytest.mark.parametrize(
    ("one", "other"), [("2年", "3年"), ("H100", "H20"), ("二百", "二千"), ("サーバー", "サービス")]
)
def test_different_words_share_no_term_that_tells_them_apart(one: str, other: str) -> None:
    assert not (set(terms(one)) & set(terms(other))) - {"年"}


def test_a_product_name_is_found_whole_and_by_its_parts() -> None:
    assert {"deepseekr1", "deepseek", "r1"} <= set(terms("DeepSeek-R1の衝撃"))


def test_runs_of_nouns_are_kept_whole_as_well_as_split() -> None:
    found = terms("米国AI行動計画を発表した")
    assert {"米国", "ai", "行動", "計画", "米国ai行動計画"} <= set(found)


def test_particles_auxiliaries_and_english_function_words_are_no_terms() -> None:
    assert terms("それは、でも、だからです。") == []
    assert terms("what is the of and it", "en") == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("WHOの役割は", "who"),
        ("ＷＨＯの役割は", "who"),
        ("IT企業", "it"),
        ("IT・AI企業", "it"),
        ("弊社のIT、AIの担当", "it"),
        ("IT/AI推進室", "it"),
        ("the WHO said", "who"),
        ("rules of the US IT industry", "it"),
        ("WHO", "who"),
        ("A社の売上", "a"),
        ("A社の売上", "a社"),
        ("ビタミンD", "d"),
    ],
)
def test_a_word_in_capitals_is_a_name_even_where_it_looks_like_a_function_word(text: str, name: str) -> None:
    assert name in terms(text)
    assert name in terms(text, "en")


def test_a_sentence_in_capitals_holds_no_more_terms_than_in_small_letters() -> None:
    for text in ("WHO WON THE NOBEL PRIZE?", "THE END", "IT WAS HIS, NOT HERS; AND I TOLD YOU SO.", "In short, I do."):
        assert terms(text, "en") == terms(text.lower(), "en"), text


@pytest.mark.parametrize("language", sorted(STEMMERS))
def test_a_language_that_is_told_has_its_own_stemmer(language: str) -> None:
    stemmer = snowballstemmer.stemmer(STEMMERS[language])
    words = ["kočkách", "kotami", "nationalization", "գրքերը", "leabhair", "किताबों", "کتاب‌ها", "புத்தகங்கள்"]
    assert [stem(word, language) for word in words] == stemmer.stemWords(words)


def test_words_are_stemmed_in_their_own_language() -> None:
    assert set(terms("o kočkách", "cs")) & set(terms("kočkami", "cs"))


def test_spans_of_terms_point_into_half_width_text() -> None:
    text = "ｻｰﾊﾞｰと㌔メートルの話"
    found = {term: text[start:end] for start, end, term in term_spans(text)}
    assert found["サーバ"] == "ｻｰﾊﾞｰ"


def test_runs_fold_width_and_case_and_stop_at_punctuation() -> None:
    assert runs("ＡＩ競争。す") == ["ai競争", "す"]


@given(ANY_TEXT)
def test_spans_lie_inside_any_text_and_name_the_same_terms(text: str) -> None:
    spans = term_spans(text)
    assert all(0 <= start <= end <= len(text) for start, end, _ in spans)
    if normalize(text) == text:
        assert [term for _, _, term in spans] == terms(text)


@given(ANY_TEXT)
@example("東京\ud800タワー")
def test_any_text_has_terms_runs_and_a_length_without_failing(text: str) -> None:
    assert all(isinstance(term, str) and term for term in terms(text))
    assert all(runs(text))
    assert count_morphemes(text) >= 0
