"""Significance: the same p-values as exact enumeration and as other libraries."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import permutation_test
from statsmodels.stats.multitest import multipletests

from rag.errors import SettingsError
from rag.evaluation.comparison import Difference, _holm, compare, randomisation_p

small = st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.25, 1.0]), min_size=1, max_size=8)


@given(small)
def test_the_p_value_of_few_queries_is_that_of_all_sign_flips(values: list[float]) -> None:
    difference = np.array(values)
    sums = [abs(float(np.dot(signs, difference))) for signs in product([-1, 1], repeat=len(values))]
    exact = np.mean([each >= abs(difference.sum()) - 1e-12 for each in sums])
    assert randomisation_p(difference) == pytest.approx(float(exact))


def test_leaving_out_equal_queries_and_counting_signs_agrees_with_the_plain_test() -> None:
    random = np.random.default_rng(3)
    for values in (random.choice([-1.0, 0.0, 1.0], 400, p=[0.06, 0.84, 0.1]), random.normal(0.03, 0.3, 400)):
        plain = permutation_test(
            (values,), lambda x, axis: x.mean(axis=axis), permutation_type="samples", n_resamples=9_999, rng=1
        )
        assert randomisation_p(values) == pytest.approx(plain.pvalue, abs=0.02)


@given(small, st.integers(0, 5))
def test_p_values_do_not_depend_on_which_system_comes_first(values: list[float], seed: int) -> None:
    assert randomisation_p(np.array(values), seed) == pytest.approx(randomisation_p(-np.array(values), seed))


@settings(max_examples=25)  # statsmodels takes a tenth of a second for each
@given(st.lists(st.floats(0, 1), min_size=1, max_size=10))
def test_corrected_p_values_are_those_of_statsmodels(values: list[float]) -> None:
    ours = [each.corrected for each in _holm([Difference(0.1, p, p, 1, 0) for p in values])]
    assert ours == pytest.approx(list(multipletests(values, method="holm")[1]))


def test_equal_systems_do_not_differ() -> None:
    same = {"R@1": {"a": 1.0, "b": 0.0}}
    found = compare({"base": same, "copy": same}, "base")["copy"]["R@1"]
    assert (found.difference, found.p, found.corrected, found.significant) == (0.0, 1.0, 1.0, False)


def test_a_clear_improvement_is_significant_and_counted_by_query() -> None:
    worse = {"RR@10": {str(n): 0.5 if n % 2 else 0.25 for n in range(40)}}
    better = {"RR@10": {str(n): 0.4 if n == 0 else 1.0 for n in range(40)}}
    found = compare({"base": worse, "new": better}, "base")["new"]["RR@10"]
    assert found.significant
    assert (found.better, found.worse) == (40, 0)
    assert found.to_dict()["difference"] == pytest.approx(
        (sum(better["RR@10"].values()) - sum(worse["RR@10"].values())) / 40
    )


def test_the_same_seed_gives_the_same_p_value() -> None:
    values = np.random.default_rng(5).normal(0.05, 0.4, 300)
    assert randomisation_p(values, seed=4) == randomisation_p(values, seed=4)


def test_an_unknown_baseline_is_refused_with_the_systems_there_are() -> None:
    with pytest.raises(SettingsError, match="Systems: a, b"):
        compare({"a": {}, "b": {}}, "c")
