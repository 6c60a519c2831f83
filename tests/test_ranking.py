"""The best of many scores, found without sorting all of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.ranking import Retrieved, best_of, fused, language_scales, steadied


@given(st.integers(0, 2**32 - 1), st.integers(1, 70_000), st.integers(1, 500), st.floats(0, 1))
def test_the_best_scores_above_zero_are_found(seed: int, count: int, depth: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    # Few values, so that there are ties, and zeros for passages that share nothing with the question.
    scores = (rng.integers(0, 50, count) * (rng.random(count) < share)).astype(np.float32)
    rows = np.flatnonzero(rng.random(count) < 0.7) if seed % 2 else np.arange(count)
    best = best_of(scores, rows, depth)
    expected = np.sort(scores[rows][scores[rows] > 0])[::-1][:depth]
    assert np.isin(best, rows).all() and len(set(best.tolist())) == len(best)
    assert np.sort(scores[best])[::-1].tolist() == expected.tolist()


def test_scores_of_one_language_are_told_in_deviations_from_their_mean() -> None:
    scores = np.array([4, 2, 0], dtype=np.float32)
    ((mean,), (factor,), (unseen,)) = language_scales(scores, (np.arange(3),), own=0, most=4.0)
    assert ((scores - mean) * factor).tolist() == pytest.approx(((scores - 2) / scores.std()).tolist())
    assert unseen == 0


def test_the_best_of_each_language_counts_for_its_share_of_what_could_be_shared() -> None:
    own, other = np.tile([4.0, 2, 0], 5000), np.tile([1.0, 0, 0], 5000)
    scores = np.concatenate([own, other]).astype(np.float32)
    languages = (np.arange(15_000), np.arange(15_000, 30_000))
    means, factors, _ = language_scales(scores, languages, own=0, most=16.0)  # half of it is usual: 8
    standard = (scores - np.repeat(means, 15_000)) * np.repeat(factors, 15_000)
    assert standard[15_000] == pytest.approx((1 - 1 / 3) / other.std() / 8**0.5, rel=0.05)
    steps = standard[0] - standard[1], standard[1] - standard[2]
    assert steps == pytest.approx((2 / own.std(), 2 / own.std()), rel=0.05)
    # The best of the question's own language has half of 8: it stands at half of its 2 points above the mean.
    assert standard[0] == pytest.approx(1 / own.std(), rel=0.05)


def test_a_language_that_shares_nothing_with_the_question_scores_zero() -> None:
    _, factors, _ = language_scales(
        np.array([1, 0, 0], np.float32), (np.array([0]), np.array([1, 2])), own=None, most=4.0
    )
    assert factors[1] == 0


def test_vectors_speak_for_words_that_could_not_be_shared_unless_the_questions_own_language_has_them() -> None:
    languages = (np.arange(3), np.arange(3, 6))
    for own_best, other_best, expected in ((0.0, 0.0, 0.75), (5.0, 0.0, 0.375), (10.0, 0.0, 0.0), (0.0, 5.0, 0.0)):
        scores = np.array([own_best, 0, 0, other_best, 0, 0], dtype=np.float32)
        *_, unseen = language_scales(scores, languages, own=0, most=10.0)
        assert unseen.tolist() == pytest.approx([0, expected])


def test_where_no_passage_is_in_the_questions_language_what_little_is_shared_counts_for_little() -> None:
    scores = np.array([1, 0, 0], dtype=np.float32)
    _, alone, _ = language_scales(scores, (np.array([0, 1, 2]),), own=None, most=0.0)
    _, little, _ = language_scales(scores, (np.array([0, 1, 2]),), own=None, most=20.0)
    assert little[0] == pytest.approx(alone[0] / 10**0.5)


def test_the_spread_of_few_is_drawn_to_that_of_all() -> None:
    many, one = steadied([(0.0, 1.0), (5.0, 0.0)], [10_000, 1])
    assert many == pytest.approx((0, 1), abs=0.01)
    assert 0 < one[0] < 1 and one[1] > 0.9


def test_words_count_more_against_vectors_where_they_are_worth_more() -> None:
    rows, scores = np.arange(2), np.ones(2, np.float32)
    dense = Retrieved(rows, scores, lambda wanted: np.array([1.0, 0.0], np.float32)[wanted])
    words = Retrieved(rows, scores, lambda wanted: np.array([0.0, 1.2], np.float32)[wanted])
    told = Retrieved(rows, scores, words.standard, worth=lambda wanted: np.full(len(wanted), 1.5, np.float32))
    assert fused({"dense": dense, "lexical": words}, 0.6).rows.tolist() == [0, 1]
    assert fused({"dense": dense, "lexical": told}, 0.6).rows.tolist() == [1, 0]
    assert fused({"dense": dense, "lexical": told}, 1.0).scores.tolist() == [1.0, 0.0]
    assert fused({"dense": dense, "lexical": told}, 0.6).scores[0] == pytest.approx(1.2 * 0.5)
