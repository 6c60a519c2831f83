"""Which differences between systems are real: paired randomisation tests, corrected after Holm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import SettingsError

RESAMPLES = 9_999
SIGNIFICANCE = 0.05
_BATCH_VALUES = 1_500_000


@dataclass(frozen=True, slots=True)
class Difference:
    """How a system differs from the baseline in one measure, over the same queries.

    Attributes:
        difference: mean of system minus baseline.
        p: two-sided p-value of the randomisation test.
        corrected: the same after Holm's correction over all systems compared in this measure.
        better, worse: number of queries on which the system is above or below the baseline.
    """

    difference: float
    p: float
    corrected: float
    better: int
    worse: int

    @property
    def significant(self) -> bool:
        """Whether the corrected p-value is below 0.05."""
        return self.corrected < SIGNIFICANCE

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self) | {"significant": self.significant}


def compare(
    values: Mapping[str, Mapping[str, Mapping[str, float]]], baseline: str, *, seed: int = 0
) -> dict[str, dict[str, Difference]]:
    """Every other system against the baseline, by system and measure.

    The null hypothesis is that system and baseline are exchangeable on each query: signs of the differences are flipped
    at random (Smucker, Allan and Carterette, "A Comparison of Statistical Significance Tests for Information Retrieval
    Evaluation", CIKM 2007; ``scipy.stats.permutation_test``). Holm's step-down correction (1979) holds the probability
    of any false finding under one measure at 0.05.

    Args:
        values: value by system, measure and query; a measure is compared over the queries that both systems have.
        baseline: name of the system compared with.
        seed: of the random flips.

    Raises:
        SettingsError: if there is no system of that name.
    """
    if baseline not in values:
        raise SettingsError(f"There is no system {baseline!r} to compare with.", hint=f"Systems: {', '.join(values)}.")
    others = [name for name in values if name != baseline]
    differences: dict[str, dict[str, Difference]] = {name: {} for name in others}
    for measure, reference in values[baseline].items():
        raw = [_paired(_differences(values[name].get(measure, {}), reference), seed) for name in others]
        for name, found in zip(others, _holm(raw), strict=True):
            differences[name][measure] = found
    return differences


def _differences(system: Mapping[str, float], baseline: Mapping[str, float]) -> NDArray[np.float64]:
    return np.array([system[query] - value for query, value in baseline.items() if query in system])


def _paired(difference: NDArray[np.float64], seed: int) -> Difference:
    better, worse = int((difference > 0).sum()), int((difference < 0).sum())
    mean = float(difference.mean()) if difference.size else 0.0
    p = randomisation_p(difference, seed)
    return Difference(difference=mean, p=p, corrected=p, better=better, worse=worse)


def randomisation_p(difference: NDArray[np.float64], seed: int = 0, resamples: int = RESAMPLES) -> float:
    """Two-sided p-value of the mean of paired differences; exact where there are few, or all of one size.

    Queries without a difference change neither the sum nor any of its permutations, so they are left out.
    """
    from scipy.stats import binomtest, permutation_test

    changed = difference[difference != 0]
    if changed.size == 0:
        return 1.0
    if np.ptp(np.abs(changed)) == 0:  # as with R@k and one relevant passage: the sum counts signs, which is binomial
        return float(binomtest(int((changed > 0).sum()), changed.size).pvalue)
    test = permutation_test(
        (changed,),
        _sum,
        permutation_type="samples",
        vectorized=True,
        n_resamples=resamples,
        batch=max(1, _BATCH_VALUES // changed.size),
        rng=seed,
    )
    return float(test.pvalue)


def _sum(sample: NDArray[np.float64], axis: int = -1) -> NDArray[np.float64]:
    return np.asarray(sample.sum(axis=axis))


def _holm(raw: list[Difference]) -> list[Difference]:
    """The differences with p-values after Holm's step-down correction over all of them.

    The smallest of n is multiplied by n, the next by n - 1, and so on; none may fall below the one before. (statsmodels
    does the same, and collects garbage each time, which takes a second in a process that holds many hits.)
    """
    corrected: dict[int, float] = {}
    least = 0.0
    for done, place in enumerate(sorted(range(len(raw)), key=lambda place: raw[place].p)):
        least = corrected[place] = max(least, min(1.0, raw[place].p * (len(raw) - done)))
    return [replace(each, corrected=corrected[place]) for place, each in enumerate(raw)]
