from __future__ import annotations

import numpy as np
import pytest

from rag.answer import weights
from rag.answer.choosing import FEATURES
from rag.answer.confidence import CONFIDENCE_FEATURES
from training.choosing import Asked, fit_confidence, fit_units, threshold_of


def _asked(random: np.random.Generator, *, answerable: bool = True) -> Asked:
    """Six units of three features: the second tells which answers, the first misleads."""
    features = random.normal(0, 1, (6, 3))
    features[:, 1] = random.normal(-1, 0.5, 6)
    held = np.zeros(6)
    if answerable:
        held[2], features[2, 1] = 1.0, 1.5
    sure = random.normal(1.5 if answerable else -1.5, 1.0)
    return Asked(features, held if answerable else np.zeros(0), np.array([sure, 0.3]), answerable, answerable)


def test_units_that_answer_come_first_under_the_fitted_weights() -> None:
    random = np.random.default_rng(1)
    found = [_asked(random) for _ in range(80)]

    fitted = fit_units(found, np.array([1.0, 0.0, 0.0]))

    assert fitted[1] > 2
    first = [int(np.argmax(each.features @ fitted)) for each in found]
    assert np.mean(np.array(first) == 2) > 0.95


def test_with_nothing_to_learn_from_the_weights_stay() -> None:
    assert fit_units([], np.array([1.0, 2.0, 3.0])) == pytest.approx([1.0, 2.0, 3.0])


def test_the_confidence_tells_right_from_wrong_and_the_threshold_refuses_as_many_as_wanted() -> None:
    random = np.random.default_rng(2)
    found = [_asked(random, answerable=number % 4 != 0) for number in range(200)]

    coefficients, _, told, right = fit_confidence(found)
    threshold = threshold_of(found, told, 0.9)

    assert coefficients[0] > 1
    assert told[right].mean() > told[~right].mean() + 0.4
    assert np.mean(told[~right] < threshold) == pytest.approx(0.9, abs=0.03)


def test_what_is_refused_for_what_it_lacks_counts_towards_the_wanted_share() -> None:
    random = np.random.default_rng(3)
    lacking = Asked(np.zeros((1, 3)), np.zeros(0), np.zeros(2), None, False)
    found = [*(_asked(random, answerable=number % 2 == 0) for number in range(100)), *[lacking] * 50]

    _, _, told, right = fit_confidence(found)

    assert np.mean(told[~right] < threshold_of(found, told, 0.8)) == pytest.approx(0.6, abs=0.03)


def test_what_ships_has_a_weight_for_each_feature() -> None:
    assert len(FEATURES) == len(weights.UNIT) == 24
    assert CONFIDENCE_FEATURES[:2] == ("score", "margin")
    assert set(CONFIDENCE_FEATURES[2:]) <= set(FEATURES)
    assert 0 < weights.THRESHOLD < 1
