from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from rag.models.recent import RecentVectors


class Counting:
    """A model whose vector of a text is its length; counts the texts it was given."""

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.embedded += texts
        return np.array([[len(text), 1.0] for text in texts], dtype=np.float32)


def test_a_text_is_embedded_once() -> None:
    embed, recent = Counting(), RecentVectors()
    first = recent.through(["a", "bb", "a"], embed)
    second = recent.through(["bb", "ccc"], embed)

    assert embed.embedded == ["a", "bb", "ccc"]
    assert first[:, 0].tolist() == [1, 2, 1]
    assert second[:, 0].tolist() == [2, 3]


def test_the_texts_used_longest_ago_are_forgotten() -> None:
    embed, recent = Counting(), RecentVectors(most=2)
    for text in ("a", "bb", "a", "ccc", "a", "bb"):
        recent.through([text], embed)

    assert embed.embedded == ["a", "bb", "ccc", "bb"]


@given(st.lists(st.lists(st.text(max_size=5), min_size=1, max_size=6), max_size=8), st.integers(1, 4))
def test_vectors_are_the_model_s_whatever_is_remembered(calls: list[list[str]], most: int) -> None:
    embed, recent = Counting(), RecentVectors(most=most)
    for texts in calls:
        assert recent.through(texts, embed)[:, 0].tolist() == [len(text) for text in texts]


def test_a_failing_model_leaves_nothing_behind() -> None:
    def fail(texts: Sequence[str]) -> NDArray[np.float32]:
        raise MemoryError

    recent = RecentVectors()
    with pytest.raises(MemoryError):
        recent.through(["a"], fail)
    embed = Counting()
    recent.through(["a"], embed)
    assert embed.embedded == ["a"]
