"""PostgreSQL beside a folder: time to build, open, search, filter and update, size, and whether both rank alike.

    python -m benchmarks.postgres DATASET… --address postgresql://user@host/database [--sizes 20000 100000] [--write …]

Passages and questions are those of ``benchmarks/scale.py``, whose measures these are. The database is one that may be
filled: each size becomes a library of its own in it, which is removed afterwards. Memory is that of the process that
asks, without the server's. With ``RAG_VECTOR_GRAPH=true`` the database finds vectors through a graph.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg

from benchmarks.report import parser, publish, table
from benchmarks.scale import CHANGED, Facts, apart, built, searched, source_of
from rag import Settings
from rag.address import Address, IndexPlace
from rag.index.opening import open_snapshot
from rag.index.postgres.connections import schema_of
from rag.search import Searcher

DEPTH = 10
"""Hits that are compared."""


def main() -> None:
    """Measure each size and print the tables."""
    options = parser(__doc__)
    options.add_argument("dataset", nargs="+", type=Path)
    options.add_argument("--address", required=True, help="of a database that may be filled")
    options.add_argument("--sizes", nargs="+", type=int, default=[20_000, 100_000])
    options.add_argument("--queries", type=int, default=300)
    options.add_argument("--sentences", type=int, default=30_000, help="to make passages of, drawn at random")
    arguments = options.parse_args()
    source_of(arguments)  # The vectors of the parts are in the cache from here on.
    found: list[Facts] = []
    for size in arguments.sizes:
        with tempfile.TemporaryDirectory() as folder:
            address = _library(arguments.address, size)
            _drop(address)
            places: Sequence[IndexPlace] = (Path(folder), address)
            facts = [{"size": size, **_measured(arguments, size, place)} for place in places]
            facts[1] |= apart(_alike, arguments, size, Path(folder))
            for place, of_place in zip(places, facts, strict=True):
                of_place |= apart(_update, arguments, size, place)
            print(facts, file=sys.stderr, flush=True)
            found += facts
            _drop(address)
    publish("postgres", _report(found), arguments.write)


def _library(address: str, size: int) -> Address:
    return Address.parsed(f"{address}{'&' if '?' in address else '?'}library=measured_{size}")


def _measured(arguments: argparse.Namespace, size: int, place: IndexPlace) -> Facts:
    facts = apart(_build, arguments, size, place)
    facts["bytes"] = _size(place)
    return facts | apart(_search, arguments, size, place)


def _build(arguments: argparse.Namespace, size: int, place: IndexPlace) -> Facts:
    facts = built(source_of(arguments), size, place)
    return {"build_seconds": facts["seconds"], "build_mb": facts["memory"]}


def _update(arguments: argparse.Namespace, size: int, place: IndexPlace) -> Facts:
    return {"update_seconds": built(source_of(arguments), size, place, CHANGED)["seconds"]}


def _search(arguments: argparse.Namespace, size: int, place: IndexPlace) -> Facts:
    return searched(source_of(arguments), place)


def _alike(arguments: argparse.Namespace, size: int, folder: Path) -> Facts:
    """How many questions have the same first ten, by how much their scores differ at most, and nDCG@10 of each."""
    source, settings = source_of(arguments), Settings.load()
    places: Sequence[IndexPlace] = (folder, _library(arguments.address, size))
    searchers = [Searcher(open_snapshot(place), settings) for place in places]
    same, apart_, gains = [], [], []
    for (context, question), vector in zip(source.questions, source.question_vectors, strict=True):
        one, other = (searcher.rank(question, vector, k=DEPTH, mode="hybrid") for searcher in searchers)
        same.append(np.array_equal(one.rows, other.rows))
        apart_.append(np.abs(one.scores - other.scores).max())
        gains.append([gain(found.rows, context) for found in (one, other)])
    return {"same": float(np.mean(same)), "apart": float(np.max(apart_)), "ndcg": np.mean(gains, axis=0).tolist()}


def gain(rows: npt.NDArray[np.int64], relevant: int) -> float:
    """nDCG of the first rows, of which one is relevant: the context that the question was asked of."""
    places = np.flatnonzero(rows == relevant)
    return float(1 / np.log2(places[0] + 2)) if len(places) else 0.0


def _size(place: IndexPlace) -> int:
    """Bytes that an index takes."""
    if isinstance(place, Path):
        return sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    sizes = (
        "SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class"
        " WHERE relnamespace = %s::regnamespace AND relkind = 'r'"
    )
    with psycopg.connect(place.conninfo) as connection:
        row = connection.execute(sizes, [schema_of(place)]).fetchone()
    return int(row[0]) if row else 0


def _drop(address: Address) -> None:
    with psycopg.connect(address.conninfo) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {schema_of(address)} CASCADE")


def _report(found: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for place, f in zip(["folder", "PostgreSQL"] * (len(found) // 2), found, strict=True):
        modes = [f"{f[mode][0]:.0f} / {f[mode][1]:.0f}" for mode in ("dense", "lexical", "hybrid")]
        seconds = [f"{f[name]:.1f}" for name in ("build_seconds", "open_seconds")]
        rows.append(
            [f"{f['size']:,}", place, *seconds, *modes, f"{f['update_seconds']:.1f}", f"{f['own']:,.0f}",
             f"{f['bytes'] / f['size'] / 1000:.1f}"]
        )  # fmt: skip
    header = ["passages", "index", "build s", "open s", "dense ms", "lexical ms", "hybrid ms",
              f"{CHANGED:,} changed s", "own MB", "kB a passage"]  # fmt: skip
    filters = [
        [f"{f['size']:,}", place, by["by"], f"{by['share']:.1%}", f"{by['hybrid'][0]:.0f} / {by['hybrid'][1]:.0f}"]
        for place, f in zip(["folder", "PostgreSQL"] * (len(found) // 2), found, strict=True)
        for by in f["filters"]
    ]
    alike = "; ".join(
        f"of {f['size']:,} passages {f['same']:.1%} of the questions have the same first {DEPTH} in the same order, "
        f"scores differ by {f['apart']:.1e} at most, nDCG@10 is {f['ndcg'][0]:.4f} and {f['ndcg'][1]:.4f}"
        for f in found
        if "same" in f
    )
    return f"Times are p50 / p99.\n\n{table(header, rows)}\n\nFolder and database: {alike}.\n\n" + table(
        ["passages", "index", "filter by", "lets through", "hybrid ms"], filters
    )


if __name__ == "__main__":
    main()
