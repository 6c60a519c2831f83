"""Words are found in a text whatever their width, case, form and spacing, and at exactly their characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language.finding import MOST_FOUND, places_of


def found(words: str, text: str) -> list[str]:
    return [text[start:end] for start, end in places_of(words, text)]


@pytest.mark.parametrize(
    ("words", "text", "there"),
    [
        ("データ", "ﾃﾞｰﾀとデータとテ\u3099ータ", ["ﾃﾞｰﾀ", "データ", "テ\u3099ータ"]),
        ("ai", "AIとＡｉ、said", ["AI", "Ａｉ", "ai"]),
        ("高橋", "髙橋さんと高橋さん", ["髙橋", "高橋"]),
        ("24時間", "２４時間", ["２４時間"]),
        ("国際", "國際と国\n際", ["國際", "国\n際"]),
        ("お茶の湯", "お茶 の　湯", ["お茶 の　湯"]),
        ("お茶 の湯", "お茶の湯", ["お茶の湯"]),
        ("machine learning", "Machine\nLearning, machinelearning", ["Machine\nLearning"]),
        ("strasse", "Die Straße", ["Straße"]),
        ("株", "㍿青葉", ["㍿"]),
        ("株式", "㍿青葉 株式", ["㍿", "株式"]),
        ("ああ", "ああああ", ["ああ", "ああ"]),
        ("", "何か", []),
        (" 　", "何 か", []),
        ("無い", "有る", []),
        ("か\u3099", "が", ["が"]),
    ],
)
def test_words_are_found_as_somebody_would_type_them(words: str, text: str, there: list[str]) -> None:
    assert found(words, text) == there


@given(st.text(max_size=40), st.text(max_size=12), st.text(max_size=40))
def test_places_are_in_order_and_inside_the_text(before: str, words: str, behind: str) -> None:
    text = before + words + behind
    places = places_of(words, text)
    edges = [edge for place in places for edge in place]
    assert edges == sorted(edges) and all(0 <= start < end <= len(text) for start, end in places)


def test_no_more_places_are_looked_for_than_anybody_steps_through() -> None:
    assert len(places_of("あ", "あ" * (MOST_FOUND + 5))) == MOST_FOUND
