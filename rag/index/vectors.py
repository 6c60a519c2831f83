"""Vectors of a Snapshot, in FAISS: inner products of unit vectors, which is the cosine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.errors import SnapshotError

VECTORS_FILE = "vectors.faiss"
_SAMPLE = 4096

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]


def write_vectors(folder: Path, vectors: Floats) -> None:
    """Write unit vectors, shape ``(passages, dimension)``, as an exact index."""
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors, dtype=np.float32))
    faiss.write_index(index, str(folder / VECTORS_FILE))


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
            self._index = faiss.read_index(str(path))
        except RuntimeError as error:
            detail = str(error).splitlines()[-1]
            raise SnapshotError(
                f"The vectors of the index cannot be read ({detail}).",
                path=path,
                hint="Build it again with `rag build`.",
            ) from None
        self.dimension: int = self._index.d
        self.count: int = self._index.ntotal
        step = max(1, self.count // _SAMPLE)
        self._sample = self.at(np.arange(0, self.count, step, dtype=np.int64))

    def at(self, rows: Rows) -> Floats:
        """The vectors at these rows, shape ``(len(rows), dimension)``."""
        if not len(rows):
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.asarray(self._index.reconstruct_batch(np.ascontiguousarray(rows, dtype=np.int64)), dtype=np.float32)

    def search(self, queries: Floats, k: int, mask: npt.NDArray[np.bool_] | None = None) -> tuple[Rows, Floats]:
        """Rows and cosines of the nearest passages, each of shape ``(queries, k)``; rows are padded with -1."""
        k = max(1, min(k, self.count))
        parameters = None
        if mask is not None:
            import faiss

            bits = np.packbits(mask, bitorder="little")
            selector = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]  # the stubs are of the C++ side
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        scores, rows = self._index.search(np.ascontiguousarray(queries, dtype=np.float32), k, params=parameters)
        return rows, scores

    def spread(self, query: Floats) -> tuple[float, float]:
        """Mean and standard deviation of the query's cosines, over an even sample of the passages."""
        cosines = self._sample @ query
        return float(cosines.mean()), float(cosines.std())
