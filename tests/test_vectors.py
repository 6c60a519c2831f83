"""Vectors of few and of many passages: what is nearest is found, with a filter and without."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt
import pytest

from rag.index import vectors as module
from rag.index.vectors import Vectors, index_type, write_vectors

Floats = npt.NDArray[np.float32]
CLUSTERED = "IVF64,PQ16x4fs,Refine(SQfp16)"


def unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture(scope="module")
def points() -> Floats:
    """Vectors in clusters, all in one direction, as those of texts are; shape ``(6000, 32)``."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(60, 32)) + 2
    return unit((centres[rng.integers(0, 60, 6000)] + 0.5 * rng.normal(size=(6000, 32))).astype(np.float32))


@pytest.fixture(scope="module")
def queries(points: Floats) -> Floats:
    rng = np.random.default_rng(1)
    return unit(points[::100] + 0.05 * rng.normal(size=(60, 32)).astype(np.float32))


@pytest.fixture(scope="module")
def clustered(points: Floats, tmp_path_factory: pytest.TempPathFactory) -> Vectors:
    folder = tmp_path_factory.mktemp("vectors")
    write_vectors(folder, points, CLUSTERED)
    return Vectors(folder)


def recall(
    vectors: Vectors, queries: Floats, points: Floats, mask: npt.NDArray[np.bool_] | None, probed: float
) -> float:
    """Share of the ten nearest that are found."""
    cosines = queries @ points.T
    if mask is not None:
        cosines[:, ~mask] = -2
    nearest = np.argsort(-cosines, axis=1)[:, :10]
    found, _ = vectors.search(queries, 10, mask, probed=probed)
    return float(np.mean([np.isin(mine, theirs).mean() for mine, theirs in zip(nearest, found, strict=True)]))


def test_many_vectors_are_kept_in_lists_and_few_are_not() -> None:
    assert index_type(module.EXACT_UP_TO, 384) == "Flat"
    assert index_type(1_000_000, 384) == "IVF1000,PQ192x4fs,Refine(SQfp16)"
    assert index_type(1_000_000, 21) == "IVF1000,PQ21x4fs,Refine(SQfp16)"


def test_the_nearest_are_found_in_a_fraction_of_the_lists(clustered: Vectors, queries: Floats, points: Floats) -> None:
    assert recall(clustered, queries, points, None, probed=0.3) >= 0.98
    few, more = (recall(clustered, queries, points, None, probed) for probed in (0.01, 0.3))
    assert few < more


@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.5])
def test_a_filter_loses_nothing_and_lets_nothing_else_through(
    clustered: Vectors, queries: Floats, points: Floats, share: float
) -> None:
    mask = np.random.default_rng(2).random(len(points)) < share
    found, _ = clustered.search(queries, 10, mask, probed=0.3)
    assert mask[found[found >= 0]].all()
    assert (found >= 0).sum(axis=1).min() == min(10, mask.sum())
    least = min(10, mask.sum()) / 10
    assert recall(clustered, queries, points, mask, probed=0.3) >= 0.98 * least


def test_cosines_are_exact_to_a_thousandth_and_in_order(clustered: Vectors, queries: Floats, points: Floats) -> None:
    rows, cosines = clustered.search(queries, 50, probed=1)
    exact = np.take_along_axis(queries @ points.T, rows, axis=1)
    assert np.abs(cosines - exact).max() < 1e-3
    assert (np.diff(cosines, axis=1) <= 0).all()


def test_vectors_come_back_as_they_were(clustered: Vectors, points: Floats) -> None:
    rows = np.array([5, 0, 5999])
    assert np.abs(clustered.at(rows) - points[rows]).max() < 1e-3
    assert clustered.at(np.zeros(0, dtype=np.int64)).shape == (0, 32)


def test_more_than_there_are_cannot_be_found(clustered: Vectors, points: Floats, queries: Floats) -> None:
    rows, _ = clustered.search(queries[:1], 10_000, probed=1)
    assert sorted(rows[0].tolist()) == list(range(len(points)))


def test_the_mean_of_all_cosines_is_estimated_from_a_sample(
    clustered: Vectors, queries: Floats, points: Floats
) -> None:
    rows = np.arange(1, len(points), 2)
    mean, variance = clustered.spread(rows).cosines(queries[0])
    cosines = points[rows] @ queries[0]
    assert mean == pytest.approx(float(cosines.mean()), abs=0.01)
    assert variance == pytest.approx(float(cosines.var()), rel=0.1)


def test_an_index_too_large_for_one_comparison_each_is_built_in_lists(
    tmp_path: Path, points: Floats, queries: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "EXACT_UP_TO", 1000)
    assert write_vectors(tmp_path, points) == "IVF77,PQ16x4fs,Refine(SQfp16)"
    assert recall(Vectors(tmp_path), queries, points, None, probed=module.PROBED) >= 0.98


def test_faiss_has_its_threads_back_after_building_and_searching(points: Floats, tmp_path: Path) -> None:
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(3)
    try:
        write_vectors(tmp_path, points, CLUSTERED)
        Vectors(tmp_path).search(points[:1], 3)

        assert faiss.omp_get_max_threads() == 3
    finally:
        faiss.omp_set_num_threads(before)
