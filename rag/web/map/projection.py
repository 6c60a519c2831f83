"""Vectors -> points in a plane, by t-SNE (openTSNE), which can also place vectors that come later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from rag.arrays import Floats, Rows
from rag.extras import require

Progress = Callable[[float], None]
"""Told the share that is done, in [0, 1]; what it raises ends the work."""

MOST_POINTS = 3000
"""More passages than this are sampled: more points would cover each other, and take minutes."""
_FEWEST = 12
_PERPLEXITY = 30.0
_EXAGGERATED, _ITERATIONS, _PLACING = 250, 500, 50
_BETWEEN = 10
_EXACT = 1000
_NEIGHBOURS = 5


def sampled(count: int, most: int = MOST_POINTS) -> Rows:
    """Rows of an even sample, which takes from each document in proportion to its length; all rows if they are few."""
    if count <= most:
        return np.arange(count, dtype=np.int64)
    return np.linspace(0, count - 1, most).round().astype(np.int64)


class Plane:
    """Where vectors stand in the picture.

    Attributes:
        points: one for each vector, shape ``(vectors, 2)``; the longer side lies across and runs from 0 to 1.
    """

    def __init__(self, vectors: Floats, raw: Floats) -> None:
        """Args:
        vectors: unit vectors, shape ``(vectors, dimension)``.
        raw: their points as ``projected`` gave them, shape ``(vectors, 2)``.
        """
        self._vectors = vectors
        self._raw = raw
        self._middle = raw.mean(axis=0)
        self._turn = _turned(raw - self._middle)
        flat = (raw - self._middle) @ self._turn
        self._least = flat.min(axis=0)
        self._span = float((flat.max(axis=0) - self._least).max()) or 1.0
        self.points = self._framed(raw)
        self._embedding = _embedding(vectors, raw) if len(vectors) >= _FEWEST else None

    def place(self, vectors: Floats) -> Floats:
        """Points for other unit vectors, shape ``(len(vectors), 2)``; those already there do not move."""
        if self._embedding is not None:
            found = self._embedding.transform(vectors, perplexity=_NEIGHBOURS, n_iter=_PLACING)
            return self._framed(np.asarray(found, dtype=np.float32))
        nearest = np.argmax(vectors @ self._vectors.T, axis=1)
        return np.asarray(self.points[nearest])

    def _framed(self, raw: Floats) -> Floats:
        return np.asarray(((raw - self._middle) @ self._turn - self._least) / self._span, dtype=np.float32)


def projected(vectors: Floats, progress: Progress = lambda _share: None) -> Floats:
    """Points for unit vectors, shape ``(vectors, 2)``: the same vectors give the same points.

    Few vectors are laid out by their principal components.

    Raises:
        MissingExtraError: if openTSNE is not installed.
    """
    if len(vectors) < _FEWEST:
        return _principal(vectors)
    require("eval", "The map")
    from openTSNE import TSNE

    done = 0

    def told(_iteration: int, _error: float, _embedding: object) -> None:
        nonlocal done
        done += _BETWEEN
        progress(min(1.0, done / (_EXAGGERATED + _ITERATIONS)))

    fitting = TSNE(
        perplexity=_perplexity(len(vectors)),
        metric="cosine",
        neighbors=_method(len(vectors)),
        early_exaggeration_iter=_EXAGGERATED,
        n_iter=_ITERATIONS,
        n_jobs=1,
        random_state=0,
        callbacks=told,
        callbacks_every_iters=_BETWEEN,
    )
    return np.asarray(fitting.fit(vectors), dtype=np.float32)


def _embedding(vectors: Floats, raw: Floats) -> Any:
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PerplexityBasedNN

    affinities = PerplexityBasedNN(
        vectors,
        perplexity=_perplexity(len(vectors)),
        metric="cosine",
        method=_method(len(vectors)),
        n_jobs=1,
        random_state=0,
    )
    return TSNEEmbedding(raw.astype(np.float64), affinities, n_jobs=1, random_state=0)


def _method(count: int) -> str:
    return "exact" if count <= _EXACT else "approx"


def _perplexity(count: int) -> float:
    return min(_PERPLEXITY, (count - 1) / 3)


def _principal(vectors: Floats) -> Floats:
    centred = vectors - vectors.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    points = np.zeros((len(vectors), 2), dtype=np.float32)
    some = min(2, left.shape[1])
    points[:, :some] = left[:, :some] * sizes[:some]
    return points


def _turned(points: Floats) -> Floats:
    """The rotation that lays the longer side across, shape ``(2, 2)``."""
    if len(points) < 2:
        return np.eye(2, dtype=np.float32)
    return np.asarray(np.linalg.svd(points, full_matrices=False)[2].T, dtype=np.float32)
