from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.values import grown, holds_type, holds_unit, values


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("夏季休業は8月13日から8月20日まで。", "8月13日から8月20日"),
        ("受付は10時30分から14時30分です。", "10時30分から14時30分"),
        ("参加費は1,200円です。", "1,200円"),
    ],
)
def test_a_span_is_never_cut_inside_a_range_or_an_amount(text: str, whole: str) -> None:
    first = text.index(whole)
    for start in range(first, first + len(whole)):
        for end in range(start + 1, first + len(whole) + 1):
            a, b = grown(text, start, end)
            cut = text[a:b]
            assert (a, b) == (start, end) or whole in cut or cut in whole
            if a > first:
                assert not text[a].isdigit() or not text[a - 1].isdigit()


@pytest.mark.parametrize("inside", ["13日", "8月2", "から8"])
def test_what_is_cut_grows_to_the_whole_range(inside: str) -> None:
    text = "夏季休業は8月13日から8月20日まで。"
    start = text.index(inside)

    a, b = grown(text, start, start + len(inside))

    assert text[a:b].startswith("8月13日から8月20日")


@given(st.text(alphabet="0123456789,.円月日時分から あX-", max_size=40), st.data())
def test_a_grown_span_holds_the_one_it_grew_from(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    a, b = grown(text, start, end)

    assert 0 <= a <= start <= end <= b <= len(text)


def test_values_are_told_by_how_they_look() -> None:
    assert holds_type("期限は5月30日です。", "date") is True
    assert holds_type("期限は未定です。", "date") is False
    assert holds_type("本館です。", "place") is None
    assert [("費用は3万円と税です。"[a:b]) for a, b in values("費用は3万円と税です。", "amount")] == ["3万円"]


@pytest.mark.parametrize(
    "text", ["1896年に即位した", "寛文6年（1666年）の村", "794年の遷都", "19世紀の建物", "2025年度の計画"]
)
def test_a_year_alone_is_a_date(text: str) -> None:
    assert holds_type(text, "date")


@pytest.mark.parametrize("text", ["365年間続いた", "通し番号12025年", "勤続5年"])
def test_a_number_of_years_is_none(text: str) -> None:
    assert not holds_type(text, "date")


def test_a_measure_is_told_by_its_unit() -> None:
    assert holds_unit("広さ 42㎡", "平方")
    assert holds_unit("湯温が42度", "度")
    assert not holds_unit("月見草,15,6", "平方")
    assert holds_unit("月見草,15,6", "名")  # what counts is not measured
