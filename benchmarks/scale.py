"""From ten thousand passages to a million: time and memory to build, open, search, filter and update.

    python -m benchmarks.scale DATASET… [--sizes 10000 100000 1000000] [--plot docs/images/scale.png] [--write …]

Passages are those of ``benchmarks/recombined.py``, each a document of its own, so that vectors and terms need not be
computed a million times: what is timed is all the rest of a build. Each build and each search runs in a process of its
own. Questions are the dataset's; their vectors are computed beforehand where the table does not say otherwise.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any
from unittest.mock import patch

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt

from benchmarks.recombined import Recombined
from benchmarks.report import parser, publish, table
from rag import Engine, Settings
from rag.corpus import Document
from rag.index import builder
from rag.index.snapshot import Snapshot
from rag.models import Embedder
from rag.search import Searcher

Floats = npt.NDArray[np.float32]
Facts = dict[str, Any]

SHARES = (0.001, 0.01, 0.1, 0.5)
CHANGED = 1000


def main() -> None:
    """Measure each size and print the tables."""
    options = parser(__doc__)
    options.add_argument("dataset", nargs="+", type=Path)
    options.add_argument("--sizes", nargs="+", type=int, default=[10_000, 100_000, 1_000_000])
    options.add_argument("--queries", type=int, default=300)
    options.add_argument("--plot", type=Path)
    options.add_argument("--no-update", action="store_true", help="leave out the update of 1,000 passages")
    arguments = options.parse_args()
    _source(arguments)  # The vectors of the parts are in the cache from here on.
    found: list[Facts] = []
    for size in arguments.sizes:
        with tempfile.TemporaryDirectory() as folder:
            facts = {"size": size} | _apart(_build, arguments, size, Path(folder))
            facts |= _apart(_search, arguments, size, Path(folder))
            if not arguments.no_update:
                facts |= _apart(_update, arguments, size, Path(folder))
            found.append(facts)
            print(facts, file=sys.stderr, flush=True)
    if arguments.plot:
        _plot(found, arguments.plot)
    publish("scale", _report(found), arguments.write)


def _apart(work: Callable[..., Facts], arguments: argparse.Namespace, size: int, folder: Path) -> Facts:
    """Run in a new process, whose memory is its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, arguments, size, folder).result()


def _source(arguments: argparse.Namespace) -> Recombined:
    return Recombined.load(arguments.dataset, sentences=30_000, contexts=1_431, questions=arguments.queries)


class _Prepared:
    """Stands in for the model: knows the vectors of the passages, and says that it is the model."""

    def __init__(self, source: Recombined, documents: Sequence[Document], picks: npt.NDArray[np.int64]) -> None:
        settings = Settings.load()
        model = Embedder.shared(settings.model, cache_dir=settings.cache_dir, precision=settings.precision)
        self.name, self.fingerprint, self.dimension = model.name, model.fingerprint, model.dimension
        self.max_tokens, self.precision, self.prompts = model.max_tokens, model.precision, model.prompts
        self.count_tokens = model.count_tokens
        self._source, self._picks, self._model = source, picks, model
        self._rows = {document.text: row for row, document in enumerate(documents)}

    def embed_passages(self, texts: Sequence[str]) -> Floats:
        rows = np.array([self._rows.get(text.partition("\n")[2], -1) for text in texts])
        real = len(self._source.contexts)
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        made = rows >= real
        if made.any():
            vectors[made] = self._source.made_vectors(self._picks[rows[made] - real])
        vectors[(rows >= 0) & ~made] = self._source.context_vectors[rows[(rows >= 0) & ~made]]
        unknown = np.flatnonzero(rows < 0)
        if len(unknown):
            vectors[unknown] = self._model.embed_passages([texts[i] for i in unknown])
        return vectors


def _built(source: Recombined, size: int, folder: Path, changed: int = 0) -> Facts:
    """Build the index; ``changed`` of its passages are others than before."""
    picks = source.picks(max(0, size - len(source.contexts)))
    if changed:
        picks[-changed:] = source.picks(changed, seed=2)
    documents = source.documents(size, picks)
    prepared = _Prepared(source, documents, picks)
    real = len(source.contexts)
    row_of = {document.text: row for row, document in enumerate(documents)}
    of_text = builder.terms

    def terms(text: str, language: str) -> list[str]:
        title, _, body = text.partition("\n")
        row = row_of.get(body, -1)
        return source.terms_of(title, picks[row - real].tolist()) if row >= real else of_text(text, language)

    for document, pick in list(zip(documents[real:], picks.tolist(), strict=False))[:50]:
        joined = f"{document.title}\n{document.text}"
        if sorted(source.terms_of(document.title, pick)) != sorted(of_text(joined, "ja")):
            raise AssertionError(f"The terms of this text are not those of its parts: {joined}")
    before = _memory()
    began = time.perf_counter()
    with patch.object(builder, "terms", terms):
        report = builder.build_snapshot(documents, folder, Settings.load(), prepared, as_given=True)  # type: ignore[arg-type]
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "memory": _memory("VmHWM") - before, "embedded": report.embedded}


def _build(arguments: argparse.Namespace, size: int, folder: Path) -> Facts:
    facts = _built(_source(arguments), size, folder)
    bytes_ = {name: entry.bytes / size for name, entry in Snapshot.open(folder).manifest.files.items()}
    return {"build_seconds": facts["seconds"], "build_mb": facts["memory"], "bytes": bytes_}


def _update(arguments: argparse.Namespace, size: int, folder: Path) -> Facts:
    facts = _built(_source(arguments), size, folder, CHANGED)
    return {"update_seconds": facts["seconds"], "update_embedded": facts["embedded"], "update_mb": facts["memory"]}


def _search(arguments: argparse.Namespace, size: int, folder: Path) -> Facts:
    source = _source(arguments)
    settings = Settings.load(index=folder)
    before = _memory()
    began = time.perf_counter()
    snapshot = Snapshot.open(folder)
    _ = snapshot.store, snapshot.vectors, snapshot.lexical
    facts: Facts = {"open_seconds": time.perf_counter() - began, "kind": snapshot.manifest.vector_index}
    searcher = Searcher(snapshot, settings)
    asked = list(zip((text for _, text in source.questions), source.question_vectors, strict=True))
    searcher.search(*asked[0], k=10, mode="hybrid")
    for mode in ("dense", "lexical", "hybrid"):
        facts[mode] = _timed(lambda q, v, mode=mode: searcher.search(q, v, k=10, mode=mode), asked)
    engine = Engine(snapshot, settings)
    engine.search("準備")
    facts["embedding too"] = _timed(lambda q, _: engine.search(q), asked[:100])
    facts["memory"], facts["anonymous"] = _memory() - before, _memory("RssAnon")
    facts["filters"] = {share: _filtered(searcher, snapshot, asked, source, share) for share in SHARES}
    return facts


def _filtered(
    searcher: Searcher, snapshot: Snapshot, asked: Sequence[tuple[str, Floats]], source: Recombined, share: float
) -> Facts:
    """Search in the folders of some articles, about this share of all passages."""
    numbers = np.random.default_rng(3).permutation(len(source.titles))
    sizes = np.bincount(
        [int(document.source[:4]) for document in snapshot.store.documents()], minlength=len(source.titles)
    )
    enough = 1 + int(np.searchsorted(np.cumsum(sizes[numbers]), share * sizes.sum()))
    sources = [f"{number:04d}/" for number in numbers[:enough]]
    began = time.perf_counter()
    mask = snapshot.store.mask(sources)
    first = time.perf_counter() - began
    assert mask is not None
    allowed = np.flatnonzero(mask)
    vectors = snapshot.vectors.at(allowed)
    recalls = []
    for _, vector in asked[:100]:
        nearest = allowed[np.argsort(-(vectors @ vector), kind="stable")[:10]]
        rows, _ = snapshot.vectors.search(vector[None, :], 200, mask)
        recalls.append(np.isin(nearest, rows[0][:10]).mean())
    del vectors
    dense = _timed(lambda q, v: searcher.search(q, v, k=10, mode="dense", sources=sources), asked[:100])
    hybrid = _timed(lambda q, v: searcher.search(q, v, k=10, mode="hybrid", sources=sources), asked[:100])
    chosen, recall = float(mask.mean()), float(np.mean(recalls))
    return {"share": chosen, "first": first, "recall": recall, "dense": dense, "hybrid": hybrid}


def _timed(search: Callable[[str, Floats], object], asked: Sequence[tuple[str, Floats]]) -> tuple[float, float]:
    """Milliseconds of the median and of the slowest of a hundred."""
    times = []
    for query, vector in asked:
        began = time.perf_counter()
        search(query, vector)
        times.append(1000 * (time.perf_counter() - began))
    p50, p99 = np.percentile(times, [50, 99])
    return float(p50), float(p99)


def _memory(name: str = "VmRSS") -> float:
    """A figure of this process's memory, in megabytes (10^6 bytes)."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(f"{name}:"))


def _report(found: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for f in found:
        size = f["size"]
        rows.append(
            [
                f"{size:,}",
                f["kind"],
                f"{f['build_seconds']:.0f}",
                f"{1e6 * f['build_seconds'] / size:,.0f}",
                f"{1e6 * f['build_mb'] / size:,.0f}",
                f"{sum(f['bytes'].values()):,.0f}",
                f"{f['open_seconds']:.2f}",
                *(f"{f[mode][0]:.1f} / {f[mode][1]:.1f}" for mode in ("dense", "lexical", "hybrid", "embedding too")),
                f"{f['memory']:,.0f}",
                f"{f['update_seconds']:.0f}" if "update_seconds" in f else "",
            ]
        )
    header = ["passages", "vectors", "build s", "µs a passage", "memory B a passage", "disk B a passage", "open s"]
    header += ["dense ms", "lexical ms", "hybrid ms", "with embedding ms", "memory MB", f"update of {CHANGED:,} s"]
    parts = sorted({name for f in found for name in f["bytes"]})
    sizes = [[name, *(f"{f['bytes'].get(name, 0):,.0f}" for f in found)] for name in parts]
    filters = [
        [
            f"{f['size']:,}",
            f"{100 * x['share']:.2f} %",
            x["recall"],
            f"{x['dense'][0]:.1f}",
            f"{x['hybrid'][0]:.1f} / {x['hybrid'][1]:.1f}",
            f"{1000 * x['first']:.0f}",
        ]
        for f in found
        for x in f["filters"].values()
    ]
    return "\n\n".join(
        [
            "Milliseconds: median / 99th of a hundred. Memory: resident, files that are mapped included, beyond the "
            "models. Builds without embedding and morphological analysis.",
            table(header, rows),
            table(["file", *(f"{f['size']:,}: bytes a passage" for f in found)], sizes),
            "With a filter by folders, their share of all passages; recall of the ten nearest by dense search against "
            "comparing with all; `first`: what a filter costs when it is new.",
            table(["passages", "share", "recall@10", "dense ms", "hybrid ms", "first ms"], filters),
        ]
    )


def _plot(found: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Time and memory a passage, by size."""
    sizes = [f["size"] for f in found]
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.4), layout="constrained")
    drawn = {
        "build, µs a passage": [1e6 * f["build_seconds"] / f["size"] for f in found],
        "disk, bytes a passage": [sum(f["bytes"].values()) for f in found],
        "hybrid search, ms": [f["hybrid"][0] for f in found],
    }
    for axis, (name, values) in zip(axes, drawn.items(), strict=True):
        axis.plot(sizes, values, marker="o")
        axis.set(xscale="log", xlabel="passages", title=name, ylim=(0, 1.2 * max(values)))
        axis.grid(alpha=0.3)
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main()
