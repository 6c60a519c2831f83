"""Vectors of a Snapshot, in FAISS: inner products of unit vectors, which is the cosine.

Few vectors are compared with the query one by one. Many lie in inverted lists around centroids, each two dimensions in
4 bits (product quantization, Jégou et al. 2011, in the layout of André et al. 2015): a query looks into the nearest
lists, and the best of what it finds there is compared again in 16 bits. The file is mapped, not read, so that an index
of any size opens at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from rag.arrays import Floats, Rows
from rag.errors import SnapshotError

VECTORS_FILE = "vectors.faiss"

EXACT_UP_TO: Final = 50_000
"""Vectors that are compared with a query one by one: some 8 ms."""
PROBED: Final = 0.3
"""Share of the lists that a query looks into, where there is no filter."""
_REFINED: Final = 1000
"""Vectors compared again in 16 bits, at least."""
_TRAINED_ON: Final = 64
"""Vectors for each centroid that training looks at."""
_TRAINING_ROUNDS: Final = 6
_ADDED_AT_ONCE: Final = 65_536
SPREAD_SAMPLE: Final = 4096
"""Vectors, at least, that tell how those of a language lie."""

Mask = npt.NDArray[np.bool_]


def index_type(count: int, dimension: int) -> str:
    """The kind of index for so many vectors, as FAISS's ``index_factory`` names it."""
    if count <= EXACT_UP_TO:
        return "Flat"
    parts = dimension // 2 if dimension % 2 == 0 else dimension
    return f"IVF{lists_for(count)},PQ{parts}x4fs,Refine(SQfp16)"


def lists_for(count: int) -> int:
    """Inverted lists for so many vectors: few, so that finding the centroids does not come to be most of a build."""
    return math.isqrt(count)


def write_vectors(folder: Path, vectors: Floats, kind: str | None = None) -> str:
    """Write an index of unit vectors.

    Args:
        folder: the Snapshot's.
        vectors: shape ``(passages, dimension)``.
        kind: what ``index_type`` gives, unless another one is wanted.

    Returns:
        The kind of index.
    """
    import faiss

    kind = kind or index_type(*vectors.shape)
    index = faiss.index_factory(vectors.shape[1], kind, faiss.METRIC_INNER_PRODUCT)
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    if not index.is_trained:
        with _one_thread():
            index.train(_training_sample(index, vectors))
    for first in range(0, len(vectors), _ADDED_AT_ONCE):
        index.add(vectors[first : first + _ADDED_AT_ONCE])
    faiss.write_index(index, str(folder / VECTORS_FILE))
    return kind


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let FAISS compute on the caller's thread alone.

    The steps of training, and of comparing with one query, are so short that threads mostly wait for each other: where
    another program keeps a core busy, fifty times as long as the work takes.
    """
    import faiss

    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)


def _training_sample(index: Any, vectors: Floats) -> Floats:
    """Vectors to find the centroids of an inverted file by, drawn evenly."""
    import faiss

    lists = faiss.extract_index_ivf(index)
    lists.cp.niter = _TRAINING_ROUNDS
    lists.cp.spherical = True
    step = max(1, len(vectors) // (_TRAINED_ON * lists.nlist))
    return np.ascontiguousarray(vectors[::step])


class Vectors:
    """Searches the vectors of a Snapshot.

    Attributes:
        dimension: length of a vector.
        count: how many there are.
    """

    def __init__(self, folder: Path) -> None:
        # Imported where it is used, as all that a look at the manifest can do without.
        import faiss

        path = folder / VECTORS_FILE
        try:
            self._index: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            detail = str(error).splitlines()[-1]
            raise SnapshotError(
                f"The vectors of the index cannot be read ({detail}).",
                path=path,
                hint="Build it again with `rag build`.",
            ) from None
        self._lists: Any = faiss.extract_index_ivf(self._index) if isinstance(self._index, faiss.IndexRefine) else None
        self.dimension: int = self._index.d
        self.count: int = self._index.ntotal

    def cosines(self, query: Floats, rows: Rows) -> Floats:
        """The query's cosine to the vector at each row, shape ``(len(rows),)``."""
        return products(self.at(rows), query)

    def at(self, rows: Rows) -> Floats:
        """The vectors at these rows, shape ``(len(rows), dimension)``."""
        if not len(rows):
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.asarray(self._index.reconstruct_batch(np.ascontiguousarray(rows, dtype=np.int64)), dtype=np.float32)

    def search(
        self, queries: Floats, k: int, mask: Mask | None = None, *, probed: float = PROBED
    ) -> tuple[Rows, Floats]:
        """Rows and cosines of the nearest passages, each of shape ``(queries, k)``; rows are padded with -1.

        Args:
            queries: unit vectors, shape ``(queries, dimension)``.
            k: how many passages to find for each.
            mask: which passages may be found, shape ``(passages,)``.
            probed: share of the lists to look into, where vectors lie in lists. With a filter as much more as it lets
                fewer through: as many passages are compared, and as many found.
        """
        k = max(1, min(k, self.count))
        queries, parameters = np.ascontiguousarray(queries, dtype=np.float32), self._parameters(k, mask, probed)
        with _one_thread() if len(queries) == 1 else nullcontext():
            scores, rows = self._index.search(queries, k, params=parameters)
        return rows, scores

    def _parameters(self, k: int, mask: Mask | None, probed: float) -> Any:
        import faiss

        # The stubs are of the C++ side; in Python the fields are arguments.
        chosen: dict[str, Any] = {}
        if mask is not None:
            bits = np.packbits(mask, bitorder="little")
            chosen["sel"] = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]
        if self._lists is None:
            return faiss.SearchParameters(**chosen) if chosen else None
        if mask is not None:
            probed *= len(mask) / max(1, int(np.count_nonzero(mask)))
        probes = math.ceil(min(1.0, probed) * self._lists.nlist)
        lists = faiss.SearchParametersIVF(nprobe=probes, **chosen)  # type: ignore[call-arg]
        again = max(1.0, _REFINED / k)
        return faiss.IndexRefineSearchParameters(k_factor=again, base_index_params=lists)  # type: ignore[call-arg]

    def spread(self, rows: Rows) -> Spread:
        """How the vectors at these rows lie, by an even sample of them."""
        return Spread.of(self.at(rows[:: max(1, len(rows) // SPREAD_SAMPLE)]), len(rows))


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean, shape ``(dimension,)``, and covariance, shape ``(dimension, dimension)``, of so many vectors."""

    count: int
    mean: Floats
    covariance: Floats

    @classmethod
    def of(cls, sample: Floats, count: int) -> Spread:
        """Of ``count`` vectors by a sample of them, shape ``(vectors, dimension)``, at least one."""
        mean = sample.mean(axis=0)
        apart = sample - mean
        return cls(count, mean, apart.T @ apart / np.float32(len(sample)))

    def cosines(self, query: Floats) -> tuple[float, float]:
        """Mean and variance of a query's cosines to them."""
        variance = float(products(self.covariance, query).dot(query))
        return float(self.mean.dot(query)), max(variance, 0.0)


def products(vectors: Floats, query: Floats) -> Floats:
    """``vectors @ query``, shape ``(len(vectors),)``, on the caller's thread.

    BLAS would wake a thread of its own for it. That takes longer than the product, and the thread goes on looking for
    work for milliseconds, on a core that the models compute on.
    """
    found: Floats = np.einsum("ij,j->i", vectors, query)
    return found
