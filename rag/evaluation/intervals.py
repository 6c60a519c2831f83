"""How far a mean over queries can be trusted."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

RESAMPLES = 2_000
CONFIDENCE = 0.95
_BATCH_VALUES = 1_500_000


def mean_interval(values: Iterable[float], *, seed: int = 0) -> tuple[float, float]:
    """The 95 % interval of the mean of these values, one for each query: percentiles of a bootstrap over the queries.

    Sakai, "Evaluating Evaluation Metrics based on the Bootstrap" (SIGIR 2006); ``scipy.stats.bootstrap``.
    """
    from scipy.stats import bootstrap

    sample = np.fromiter(values, float)
    if sample.size == 0 or np.ptp(sample) == 0:  # nothing to draw from, or always the same
        return (float(sample[0]), float(sample[0])) if sample.size else (float("nan"), float("nan"))
    found = bootstrap(
        (sample,),
        np.mean,
        n_resamples=RESAMPLES,
        confidence_level=CONFIDENCE,
        method="percentile",
        batch=max(1, _BATCH_VALUES // sample.size),
        rng=seed,
    ).confidence_interval
    return float(found.low), float(found.high)
