"""Which FAISS index for how many vectors: recall against exact search, latency, time to build, size.

    python -m benchmarks.vectors DATASET… [--sizes 10000 100000 1000000] [--kinds …] [--write docs/results.md]

Vectors are those of ``benchmarks/recombined.py``; the queries are the dataset's questions. Each index is written,
mapped and asked one question at a time, as the product does; ``probed`` is the share of the inverted lists that a
question looks into.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from benchmarks.recombined import Recombined
from benchmarks.report import parser, publish, table
from rag.index.vectors import PROBED, VECTORS_FILE, Vectors, lists_for, write_vectors

Floats = npt.NDArray[np.float32]

DEPTH = 200
"""Passages asked for, as hybrid search does before fusion."""
KINDS = ("Flat", "HNSW32,Flat", "IVF,SQ8,Refine(SQfp16)", "IVF,PQ96x4fs,Refine(SQfp16)", "IVF,PQ192x4fs,Refine(SQfp16)")


def main() -> None:
    """Measure and print."""
    options = parser(__doc__)
    options.add_argument("dataset", nargs="+", type=Path)
    options.add_argument("--sizes", nargs="+", type=int, default=[10_000, 100_000, 1_000_000])
    options.add_argument("--kinds", nargs="+", default=list(KINDS))
    options.add_argument("--probed", nargs="+", type=float, default=[0.05, 0.1, 0.2, PROBED, 0.5])
    options.add_argument("--queries", type=int, default=500)
    options.add_argument("--sentences", type=int, default=30_000, help="to make vectors of, drawn at random")
    options.add_argument("--largest-graph", type=int, default=100_000, help="no graph over more vectors than this")
    arguments = options.parse_args()
    source = Recombined.load(
        arguments.dataset, sentences=arguments.sentences, contexts=1_431, questions=arguments.queries
    )
    rows: list[list[object]] = []
    for size in arguments.sizes:
        vectors = _vectors(source, size)
        nearest = _nearest(vectors, source.question_vectors)
        for kind in arguments.kinds:
            if kind.startswith("HNSW") and size > arguments.largest_graph:
                continue
            for row in _measured(kind, vectors, source.question_vectors, nearest, arguments.probed):
                rows.append([f"{size:,}", *row])
                print(*rows[-1], file=sys.stderr, flush=True)
    cosine, real, made = source.likeness()
    header = ["vectors", "index", "probed", "recall@10", "p50 ms", "p99 ms", "build s", "bytes a vector"]
    body = (
        f"{len(source.question_vectors)} questions, one at a time, {DEPTH} passages each; recall of the ten nearest. "
        f"Made vectors: cosine {cosine:.3f} to the model's own of the same text; to the nearest context {made:.3f}, "
        f"embedded ones {real:.3f}.\n\n"
    )
    publish("vectors", body + table(header, rows), arguments.write)


def _vectors(source: Recombined, size: int) -> Floats:
    """The contexts' vectors, then made ones, shape ``(size, dimension)``."""
    real = source.context_vectors[:size]
    picks = source.picks(size - len(real))
    parts = [source.made_vectors(picks[first : first + 20_000]) for first in range(0, len(picks), 20_000)]
    return np.concatenate([real, *parts])


def _nearest(vectors: Floats, queries: Floats) -> npt.NDArray[np.int64]:
    _, rows = faiss.knn(queries, vectors, 10, metric=faiss.METRIC_INNER_PRODUCT)
    return np.asarray(rows)


def _measured(
    kind: str, vectors: Floats, queries: Floats, nearest: npt.NDArray[np.int64], shares: list[float]
) -> Iterator[list[object]]:
    chosen = kind.replace("IVF", f"IVF{lists_for(len(vectors))}")
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        write_vectors(Path(folder), vectors, chosen)
        seconds = time.perf_counter() - began
        size = (Path(folder) / VECTORS_FILE).stat().st_size / len(vectors)
        index = Vectors(Path(folder))
        for share in shares if kind.startswith("IVF") else [1.0]:
            times, found = [], []
            for query in queries:
                began = time.perf_counter()
                rows, _ = index.search(query[None, :], DEPTH, probed=share)
                times.append(1000 * (time.perf_counter() - began))
                found.append(rows[0][:10])
            recall = float(np.mean([np.isin(mine, theirs).mean() for mine, theirs in zip(nearest, found, strict=True)]))
            p50, p99 = np.percentile(times, [50, 99])
            yield [
                chosen,
                f"{share:.0%}" if kind.startswith("IVF") else "",
                recall,
                f"{p50:.1f}",
                f"{p99:.1f}",
                f"{seconds:.0f}",
                f"{size:,.0f}",
            ]


if __name__ == "__main__":
    main()
