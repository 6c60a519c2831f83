from __future__ import annotations

import pytest

from rag.answer.conflict import disagree, quantities


@pytest.mark.parametrize(
    ("one", "other"),
    [("2024年", "2025年1月"), ("三十人", "４０人"), ("約4,000万ドル", "49億ドル"), ("1,200", "1300")],
)
def test_different_numbers_of_the_same_unit_in_two_documents_disagree(one: str, other: str) -> None:
    assert disagree([("a", one), ("b", other)])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2025年", "二〇二五年1月20日"),
        ("3万人", "30,000人"),
        ("30人", "40台"),
        ("OpenAI", "Google"),
        ("2025年", "米国"),
    ],
)
def test_equal_numbers_other_units_and_names_do_not_disagree(one: str, other: str) -> None:
    assert not disagree([("a", one), ("b", other)])


def test_two_numbers_in_one_document_do_not_disagree() -> None:
    assert not disagree([("a", "2024年"), ("a", "2025年")])
    assert not disagree([("a", "2024年")])
    assert not disagree([])


def test_a_date_has_a_number_for_each_unit() -> None:
    assert quantities("2025年1月20日") == {"年": "2025", "月": "1", "日": "20"}


@pytest.mark.parametrize("words", ["", "ない", "です", "@", "日本"])
def test_words_without_a_number_disagree_with_nothing(words: str) -> None:
    assert quantities(words) == {}
    assert not disagree([("a", words), ("b", "2025年")])
