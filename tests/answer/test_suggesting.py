from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.answer.suggesting import Suggestion, nouns, suggestions
from rag.answer.wording import words_in
from rag.arrays import Floats
from tests.answer.making import document, hit_of

TEXT = "旅費規程\n\n宿泊料の上限は一万円とする。社員食堂の利用は自由である。\n"
ANGLES = {"ホテル代": 0.0, "宿泊料": 0.1, "上限": 1.2, "旅費規程": 0.9, "利用": 1.3, "自由": 1.4, "社食": 2.0}


def embed(words: Sequence[str]) -> Floats:
    """Words as directions in a plane."""
    angles = np.array([ANGLES.get(word, 3.0) for word in words], np.float32)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def suggested(folder: Path, question: str) -> tuple[Suggestion, ...]:
    found = document(folder, "規程.txt", TEXT)
    return suggestions(question, "ja", [hit_of(found)], lambda word: word in TEXT, embed)


def test_a_word_that_stands_nowhere_has_those_near_it_and_those_it_is_short_for(tmp_path: Path) -> None:
    assert suggested(tmp_path, "ホテル代の上限はいくらですか") == (Suggestion("ホテル代", ("宿泊料",)),)
    assert suggested(tmp_path, "社食は使えますか") == (Suggestion("社食", ("社員食堂",)),)
    assert suggested(tmp_path, "社食とホテル代の上限は？") == (
        Suggestion("社食", ("社員食堂",)),
        Suggestion("ホテル代", ("宿泊料",)),
    )


def test_where_all_words_are_known_nothing_is_embedded(tmp_path: Path) -> None:
    found = document(tmp_path, "規程.txt", TEXT)

    def fails(words: Sequence[str]) -> Floats:
        raise AssertionError(words)

    assert suggestions("宿泊料の上限は？", "ja", [hit_of(found)], lambda word: word in TEXT, fails) == ()
    assert suggestions("ホテル代は？", "ja", [], lambda word: word in TEXT, fails) == ()


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("佐藤さんの携帯電話は何番ですか", "ja", ["携帯電話"]),
        ("2025年の売上高はいくら？", "ja", ["売上高"]),
        ("INV-2025-0099の請求額は？", "ja", ["請求額"]),
        ("What is the daily allowance for hotels?", "en", ["daily", "allowance", "hotels"]),
    ],
)
def test_names_and_numbers_are_no_words_to_have_others_for(text: str, language: str, words: list[str]) -> None:
    assert list(nouns(text, language)) == words


def test_what_is_suggested_is_said_in_the_language_of_the_question() -> None:
    told = [Suggestion("ホテル代", ("宿泊料", "宿泊先"))]
    assert words_in("ja").suggested(told) == ["「ホテル代」という語は文書にありません。近い語：宿泊料、宿泊先"]
    assert words_in("en").suggested(told) == ["“ホテル代” is a word of no document. Near it: 宿泊料, 宿泊先"]
