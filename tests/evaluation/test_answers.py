"""EM, F1 and refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evaluation.answers import (
    Given,
    answer_measures,
    character_f1,
    exact_match,
    holds_answer,
    refusal_measures,
    reliability,
    simplified,
)
from rag.evaluation.datasets import Judgement, Query

words = st.text(alphabet="あいうアイＡ１a1年。、 ・「」漢字", max_size=12)
accepted_answers = st.lists(words, min_size=1, max_size=3)


@given(answer=words, accepted=accepted_answers)
def test_em_and_f1_are_between_zero_and_one_and_em_never_exceeds_f1(answer: str, accepted: list[str]) -> None:
    exact, f1 = exact_match(answer, accepted), character_f1(answer, accepted)
    assert exact in (0.0, 1.0)
    assert 0 <= exact <= f1 <= 1


@given(answer=words, accepted=accepted_answers)
def test_width_punctuation_and_spaces_change_neither_em_nor_f1(answer: str, accepted: list[str]) -> None:
    dressed = f" 「{answer.replace('1', '１').replace('a', 'Ａ')}」。"
    assert exact_match(dressed, accepted) == exact_match(answer, accepted)
    assert character_f1(dressed, accepted) == character_f1(answer, accepted)


@given(answer=words, accepted=accepted_answers, more=words)
def test_another_accepted_answer_never_lowers_a_score(answer: str, accepted: list[str], more: str) -> None:
    assert exact_match(answer, [*accepted, more]) >= exact_match(answer, accepted)
    assert character_f1(answer, [*accepted, more]) >= character_f1(answer, accepted)


@given(answer=words, other=words)
def test_f1_is_symmetric_between_answer_and_accepted_answer(answer: str, other: str) -> None:
    assert character_f1(answer, [other]) == character_f1(other, [answer])


def test_f1_counts_shared_characters_as_often_as_both_have_them() -> None:
    assert character_f1("1902年に建てられた", ["1902年"]) == pytest.approx(2 * 5 / (11 + 5))
    assert character_f1("ああ", ["あ"]) == pytest.approx(2 / 3)
    assert character_f1("灯台", ["蔵"]) == 0


def test_the_best_of_several_accepted_answers_counts() -> None:
    assert exact_match("７億", ["7億パラメータ", "7億"]) == 1
    assert character_f1("7億", ["無関係", "7億パラメータ"]) == pytest.approx(2 * 2 / (2 + 7))


def test_no_answer_is_right_where_none_is_accepted() -> None:
    assert exact_match("", []) == character_f1("", []) == 1
    assert exact_match("富士山", []) == character_f1("富士山", []) == 0


def test_an_answer_is_found_in_a_text_whatever_its_width_and_line_ends() -> None:
    assert holds_answer("高さは３１\nメートルです[1]。", ["31メートル"])
    assert not holds_answer("高さは31フィートです。", ["31メートル"])
    assert not holds_answer("何か", ["", "  "])


def test_simplified_keeps_signs_that_are_no_punctuation() -> None:
    assert simplified("72％、＋3 （約）") == "72+3約"
    assert simplified("20℃") == simplified("20°C")


def test_answers_are_measured_only_where_one_is_accepted() -> None:
    queries = [
        Query("answered", "?", ("1902年",), (Judgement("灯台", ((4, 9),)),)),
        Query("refused", "?", ("二月",), (Judgement("味噌", ((0, 2),)),)),
        Query("hopeless", "?", unanswerable=True),
    ]
    given_answers = {
        "answered": Given("石で1902年に建てられた。[1]", "1902年", 0.9, False, (("灯台", 0, 6),)),
        "refused": Given("", "", 0.1, True, ()),
        "hopeless": Given("富士山[1]", "富士山", 0.8, False, (("山", 0, 3),)),
    }
    assert answer_measures(given_answers, queries) == {
        "EM": {"answered": 1.0, "refused": 0.0},
        "F1": {"answered": 1.0, "refused": 0.0},
        "found": {"answered": 1.0, "refused": 0.0},
        "cited": {"answered": 1.0, "refused": 0.0},
    }


def test_confidence_that_separates_perfectly_has_auroc_one() -> None:
    found = refusal_measures([0.9, 0.8, 0.2, 0.1], [False, False, True, True], [False, False, True, True])
    assert found is not None
    assert (found.auroc, found.f1, found.unanswerable_refused, found.answerable_refused) == (1, 1, 1, 0)
    assert found.calibration_error == pytest.approx(0.15)


def test_constant_confidence_has_auroc_one_half() -> None:
    found = refusal_measures([0.5] * 4, [True] * 4, [False, True, False, True])
    assert found is not None
    assert found.auroc == 0.5
    assert found.f1 == pytest.approx(2 / 3)
    assert found.answerable_refused == 1


@pytest.mark.parametrize("unanswerable", [[], [True, True], [False, False]])
def test_refusals_are_not_measured_with_questions_of_one_kind(unanswerable: list[bool]) -> None:
    assert refusal_measures([0.5] * len(unanswerable), [False] * len(unanswerable), unanswerable) is None


@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.booleans()), min_size=2, max_size=30).filter(
        lambda rows: len({hopeless for _, _, hopeless in rows}) == 2
    )
)
def test_refusal_measures_are_shares_and_bins_hold_every_question(rows: list[tuple[float, bool, bool]]) -> None:
    confidence, refused, unanswerable = zip(*rows, strict=True)
    found = refusal_measures(confidence, refused, unanswerable)
    assert found is not None
    assert all(0 <= value <= 1 for value in found.to_dict().values())
    assert sum(each.count for each in found.bins) == len(rows)
    assert all(each.lower - 1e-9 <= each.confidence <= each.upper + 1e-9 for each in found.bins)


def test_confidence_one_falls_into_the_last_bin() -> None:
    (only,) = reliability(np.array([1.0]), np.array([True]))
    assert (only.lower, only.upper, only.answerable) == (0.9, 1.0, 1.0)
