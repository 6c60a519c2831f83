"""The best of many scores, found without sorting all of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.search import _best_of, _scales


@given(st.integers(0, 2**32 - 1), st.integers(1, 70_000), st.integers(1, 500), st.floats(0, 1))
def test_the_best_scores_above_zero_are_found(seed: int, count: int, depth: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    # Few values, so that there are ties, and zeros for passages that share nothing with the question.
    scores = (rng.integers(0, 50, count) * (rng.random(count) < share)).astype(np.float32)
    rows = np.flatnonzero(rng.random(count) < 0.7) if seed % 2 else np.arange(count)
    best = _best_of(scores, rows, depth)
    expected = np.sort(scores[rows][scores[rows] > 0])[::-1][:depth]
    assert np.isin(best, rows).all() and len(set(best.tolist())) == len(best)
    assert np.sort(scores[best])[::-1].tolist() == expected.tolist()


def test_scores_are_told_in_deviations_of_their_own_language() -> None:
    scores = np.array([4, 2, 0, 1, 0, 0], dtype=np.float32)
    languages = (np.array([0, 1, 2]), np.array([3, 4, 5]))
    means, factors = _scales(scores, languages, own=0, most=0.0)
    assert means.tolist() == pytest.approx([2, 1 / 3])
    # The best passage of the other language shares a quarter of what the best of the question's does.
    assert factors.tolist() == pytest.approx([1 / np.std([4, 2, 0]), 0.25 / np.std([1, 0, 0])])


def test_a_language_that_shares_nothing_with_the_question_scores_zero() -> None:
    _, factors = _scales(np.array([1, 0, 0], dtype=np.float32), (np.array([0]), np.array([1, 2])), own=None, most=0.0)
    assert factors.tolist() == [0, 0]


def test_where_no_passage_is_in_the_questions_language_what_little_is_shared_counts_for_little() -> None:
    scores = np.array([1, 0, 0], dtype=np.float32)
    _, alone = _scales(scores, (np.array([0, 1, 2]),), own=None, most=0.0)
    _, little = _scales(scores, (np.array([0, 1, 2]),), own=None, most=25.0)
    assert little[0] == pytest.approx(alone[0] / 10)
