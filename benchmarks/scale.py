"""From ten thousand passages to a million: time and memory to build, open, search, filter and update.

    python -m benchmarks.scale DATASET… [--sizes 10000 100000 1000000] [--plot docs/images/scale.png] [--write …]

Passages are those of ``benchmarks/recombined.py``, each a document of its own, so that vectors and terms need not be
computed a million times: what is timed is all the rest of a build. Each build and each search runs in a process of its
own. Questions are the dataset's; their vectors are computed beforehand where the table does not say otherwise.

Phrases are what the longest runs of letters begin with in passages drawn at random. For the filters, documents lie in
folders by article, have a date drawn evenly from so many days, and some passages are labelled as of another language
than they are.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import faiss
import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt

from benchmarks.recombined import Recombined
from benchmarks.report import parser, publish, table
from benchmarks.vectors import DEPTH
from rag import Engine, Settings, chunking
from rag.address import IndexPlace
from rag.building import builder_for
from rag.corpus import Document
from rag.index import builder
from rag.index.conditions import Condition, Conditions, Meeting
from rag.index.filters import Filter
from rag.index.folder import FolderSnapshot
from rag.index.opening import open_snapshot
from rag.index.postgres import preparing
from rag.index.snapshot import Snapshot
from rag.language.detection import detect_language
from rag.language.terms import compose, runs
from rag.language.terms import terms as of_text
from rag.models import Embedder
from rag.search import Searcher
from rag.settings import Mode

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
Facts = dict[str, Any]

FILTERED = 100
"""Questions asked with each filter."""
COMPARED_AT_ONCE = 50_000
SHARES = (0.001, 0.01, 0.1, 0.5)
PHRASE_LENGTHS = (1, 2, 4, 8)
LABELS = ("fr", "de", "en")
"""Languages that as many of ``SHARES`` of the passages are labelled with; the rest are as they are."""
DAYS = 10_000
FIRST_DAY = date(1999, 1, 1)
CHANGED = 1000
LIKE_PARTS = 0.98


def main() -> None:
    """Measure each size and print the tables."""
    options = parser(__doc__)
    options.add_argument("dataset", nargs="+", type=Path)
    options.add_argument("--sizes", nargs="+", type=int, default=[10_000, 100_000, 1_000_000])
    options.add_argument("--queries", type=int, default=300)
    options.add_argument("--sentences", type=int, default=30_000, help="to make passages of, drawn at random")
    options.add_argument("--plot", type=Path)
    options.add_argument("--no-update", action="store_true", help="leave out the update of 1,000 passages")
    arguments = options.parse_args()
    source_of(arguments)  # The vectors of the parts are in the cache from here on.
    found: list[Facts] = []
    for size in arguments.sizes:
        with tempfile.TemporaryDirectory() as folder:
            facts = {"size": size} | apart(_build, arguments, size, Path(folder))
            facts |= apart(_search, arguments, size, Path(folder))
            if not arguments.no_update:
                facts |= apart(_update, arguments, size, Path(folder))
            found.append(facts)
            print(facts, file=sys.stderr, flush=True)
    if arguments.plot:
        _plot(found, arguments.plot)
    publish("scale", _report(found), arguments.write)


def apart(work: Callable[..., Facts], arguments: argparse.Namespace, size: int, place: IndexPlace) -> Facts:
    """Run in a new process, whose memory is its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, arguments, size, place).result()


def source_of(arguments: argparse.Namespace) -> Recombined:
    return Recombined.load(
        arguments.dataset, sentences=arguments.sentences, contexts=1_431, questions=arguments.queries
    )


class _Prepared:
    """Stands in for the model: knows the vectors of the passages, and says that it is the model."""

    def __init__(self, source: Recombined, row_of: Mapping[str, int], picks: Rows) -> None:
        settings = Settings.load()
        model = Embedder.shared(settings.model, cache_dir=settings.cache_dir, precision=settings.precision)
        self.name, self.fingerprint, self.dimension = model.name, model.fingerprint, model.dimension
        self.max_tokens, self.precision, self.prompts = model.max_tokens, model.precision, model.prompts
        self.count_tokens = model.count_tokens
        self._source, self._row_of, self._picks = source, row_of, picks

    def embed_passages(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> Floats:
        rows = np.array([_row(self._row_of, text) for text in texts])
        real = len(self._source.contexts)
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        made = rows >= real
        if made.any():
            vectors[made] = self._source.made_vectors(self._picks[rows[made] - real])
        vectors[~made] = self._source.context_vectors[rows[~made]]
        if progress:
            progress(len(texts))
        return vectors


def built(source: Recombined, size: int, place: IndexPlace, changed: int = 0) -> Facts:
    """Build the index, in a folder or a database; ``changed`` of its passages are others than before."""
    picks = source.picks(max(0, size - len(source.contexts)))
    changed = min(changed, len(picks))
    if changed:
        picks[-changed:] = source.picks(changed, seed=2)
    days = np.random.default_rng(4).integers(0, DAYS, size)
    documents = [
        replace(document, metadata={"date": _day(day)})
        for document, day in zip(source.documents(size, picks), days.tolist(), strict=True)
    ]
    row_of = {text: row for row, d in enumerate(documents) for text in (d.text, compose(d.text))}
    prepared = _Prepared(source, row_of, picks)
    real = len(source.contexts)
    labels = _labels(size)
    settings = Settings.load()
    given = [
        chunking.embedded_text(passage, document.title, settings.embed_with)
        for document in documents[:real]
        for passage in chunking.whole(document)
    ]
    of_contexts = {text: of_text(text) for text in given}

    def terms(text: str, language: str) -> list[str]:
        row = _row(row_of, text)
        if row < real:
            return of_contexts[text]
        title = "" if text in row_of else text.partition("\n")[0]
        return source.terms_of(title, picks[row - real].tolist())

    def language(text: str, *, default: str) -> str:
        found = detect_language(text, default=default)
        return (labels[row_of[text]] or found) if text in row_of else found

    _check_terms(source, documents[real:], picks)
    before = _memory()
    began = time.perf_counter()
    with (
        patch.object(builder, "terms", terms),
        patch.object(preparing, "terms", terms),
        patch.object(chunking, "detect_language", language),
    ):
        report = builder_for(place)(documents, place, settings, prepared, as_given=True)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "memory": _memory("VmHWM") - before, "embedded": report.embedded}


def _row(row_of: Mapping[str, int], text: str) -> int:
    """Which document a text to embed is of: it stands behind the title, unless it begins with it."""
    return row_of[text] if text in row_of else row_of[text.partition("\n")[2]]


def _check_terms(source: Recombined, documents: Sequence[Document], picks: Rows) -> None:
    """Raise if the terms of recombined texts are not nearly those of their parts: a cut may shift a word's limits."""
    same = whole = 0
    for document, pick in list(zip(documents, picks.tolist(), strict=False))[:50]:
        found, parts = Counter(of_text(f"{document.title}\n{document.text}")), source.terms_of(document.title, pick)
        same += (found & Counter(parts)).total()
        whole += max(found.total(), len(parts))
    if same < LIKE_PARTS * whole:
        raise AssertionError(f"Of {whole} terms of recombined texts, only {same} are those of their parts.")


def _build(arguments: argparse.Namespace, size: int, folder: Path) -> Facts:
    facts = built(source_of(arguments), size, folder)
    bytes_ = {name: entry.bytes / size for name, entry in FolderSnapshot.open(folder).manifest.files.items()}
    return {"build_seconds": facts["seconds"], "build_mb": facts["memory"], "bytes": bytes_}


def _update(arguments: argparse.Namespace, size: int, folder: Path) -> Facts:
    facts = built(source_of(arguments), size, folder, CHANGED)
    return {"update_seconds": facts["seconds"], "update_embedded": facts["embedded"], "update_mb": facts["memory"]}


def _search(arguments: argparse.Namespace, size: int, folder: Path) -> Facts:
    return searched(source_of(arguments), folder)


def searched(source: Recombined, place: IndexPlace) -> Facts:
    """Times of opening an index and of asking it, and its memory."""
    settings = Settings.load(index=place)
    Embedder.shared(settings.model, cache_dir=settings.cache_dir, precision=settings.precision).embed_queries(["準備"])
    resident, own = _memory(), _memory("RssAnon")
    began = time.perf_counter()
    snapshot = open_snapshot(place)
    _ = snapshot.store, snapshot.vectors, snapshot.lexical
    facts: Facts = {"open_seconds": time.perf_counter() - began, "kind": snapshot.manifest.vector_index}
    searcher = Searcher(snapshot, settings)
    asked = list(zip((text for _, text in source.questions), source.question_vectors, strict=True))
    searcher.search(*asked[0], k=10, mode="hybrid")
    modes: Sequence[Mode] = ("dense", "lexical", "hybrid")
    for mode in modes:
        facts[mode] = _timed(partial(_found, searcher, mode), asked)
    engine = Engine(snapshot, settings)
    facts["embedding too"] = _timed(lambda q, _: engine.search(q, operators=False), asked[:100])
    facts["resident"], facts["own"] = _memory() - resident, _memory("RssAnon") - own
    facts["filters"] = [_filtered(searcher, snapshot, asked, *chosen) for chosen in _filters(source, snapshot)]
    facts["phrases"] = [_phrases(searcher, snapshot, asked, length) for length in PHRASE_LENGTHS]
    return facts


def _phrases(searcher: Searcher, snapshot: Snapshot, asked: Sequence[tuple[str, Floats]], length: int) -> Facts:
    """Time of finding what holds a phrase, and of a search in it; phrases are of passages drawn at random."""
    meeting = Meeting(snapshot.store, snapshot.lexical)
    passages = len(snapshot.store.passage_documents)
    rows = np.random.default_rng(6).choice(passages, min(FILTERED, passages), replace=False)
    runs_ = [max(runs(text), key=len) for _, text in snapshot.store.words(rows.tolist())]
    conditions = [Conditions(((Condition(run[:length]),),)) for run in runs_]
    shares, times = [], []
    for each in conditions:
        began = time.perf_counter()
        shares.append(meeting.mask(each).mean())
        times.append(1000 * (time.perf_counter() - began))
    wanted = itertools.cycle(conditions)
    hybrid = _timed(lambda q, v: searcher.search(q, v, k=10, mode="hybrid", conditions=next(wanted)), asked[:FILTERED])
    p50, p99 = np.percentile(times, [50, 99])
    most = float(np.max(shares))
    return {"length": length, "share": float(np.median(shares)), "most": most, "mask": (p50, p99), "hybrid": hybrid}


def _day(number: int) -> str:
    return (FIRST_DAY + timedelta(days=number)).isoformat()


def _labels(size: int) -> list[str]:
    """The language that each passage is said to be of; empty for its own."""
    drawn = np.random.default_rng(5).random(size)
    limits = np.cumsum(SHARES[: len(LABELS)])
    places = np.searchsorted(limits, drawn, side="right").tolist()
    return [LABELS[place] if place < len(limits) else "" for place in places]


def _filters(source: Recombined, snapshot: Snapshot) -> Iterator[tuple[str, Filter]]:
    """What to filter by, and how: about each of ``SHARES`` of all passages."""
    numbers = np.random.default_rng(3).permutation(len(source.titles))
    articles = [int(document.source[:4]) for document in snapshot.store.documents()]
    sizes = np.bincount(articles, minlength=len(source.titles))[numbers]
    for share in SHARES:
        enough = 1 + int(np.searchsorted(np.cumsum(sizes), share * sizes.sum()))
        yield "folders", Filter(sources=frozenset(f"{number:04d}/" for number in numbers[:enough]))
    for share in SHARES:
        yield "date", Filter(since=_day(round(DAYS * (1 - share))))
    for label in (*LABELS, "ja"):
        yield "language", Filter(languages=frozenset({label}))


def _filtered(
    searcher: Searcher, snapshot: Snapshot, asked: Sequence[tuple[str, Floats]], kind: str, within: Filter
) -> Facts:
    """Time and recall of searching in what a filter lets through."""
    began = time.perf_counter()
    mask = snapshot.store.mask(within)
    first = time.perf_counter() - began
    assert mask is not None
    allowed = np.flatnonzero(mask)
    vectors = np.array([vector for _, vector in asked[:FILTERED]])
    recalls = []
    for vector, nearest in zip(vectors, _nearest(snapshot, allowed, vectors), strict=True):
        rows, _ = snapshot.vectors.search(vector[None, :], DEPTH, mask)
        recalls.append(np.isin(nearest[nearest >= 0], rows[0][:10]).mean())
    dense = _timed(lambda q, v: searcher.search(q, v, k=10, mode="dense", within=within), asked[:FILTERED])
    hybrid = _timed(lambda q, v: searcher.search(q, v, k=10, mode="hybrid", within=within), asked[:FILTERED])
    chosen, recall = float(mask.mean()), float(np.mean(recalls))
    return {"by": kind, "share": chosen, "first": first, "recall": recall, "dense": dense, "hybrid": hybrid}


def _nearest(snapshot: Snapshot, allowed: Rows, vectors: Floats) -> Rows:
    """The ten nearest of the allowed rows to each vector, by comparing with all; -1 where there are fewer."""
    best = faiss.ResultHeap(len(vectors), 10, keep_max=True)
    for first in range(0, len(allowed), COMPARED_AT_ONCE):
        rows = allowed[first : first + COMPARED_AT_ONCE]
        scores, places = faiss.knn(
            vectors, snapshot.vectors.at(rows), min(10, len(rows)), metric=faiss.METRIC_INNER_PRODUCT
        )
        best.add_result(scores, rows[places])
    best.finalize()
    return np.asarray(best.I)


def _found(searcher: Searcher, mode: Mode, query: str, vector: Floats) -> object:
    return searcher.search(query, vector, k=10, mode=mode)


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
                f"{f['resident']:,.0f}",
                f"{f['own']:,.0f}",
                f"{f['update_seconds']:.0f}" if "update_seconds" in f else "",
            ]
        )
    header = ["passages", "vectors", "build s", "µs a passage", "memory B a passage", "disk B a passage", "open s"]
    header += ["dense ms", "lexical ms", "hybrid ms", "with embedding ms", "resident MB", "own MB"]
    header += [f"update of {CHANGED:,} s"]
    parts = sorted({name for f in found for name in f["bytes"]})
    sizes = [[name, *(f"{f['bytes'].get(name, 0):,.0f}" for f in found)] for name in parts]
    filters = [
        [
            f"{f['size']:,}",
            x["by"],
            f"{100 * x['share']:.2f} %",
            x["recall"],
            f"{x['dense'][0]:.1f}",
            f"{x['hybrid'][0]:.1f} / {x['hybrid'][1]:.1f}",
            f"{1000 * x['first']:.0f}",
        ]
        for f in found
        for x in f["filters"]
    ]
    phrases = [
        [
            f"{f['size']:,}",
            x["length"],
            f"{100 * x['share']:.2f} / {100 * x['most']:.1f} %",
            f"{x['mask'][0]:.1f} / {x['mask'][1]:.1f}",
            f"{x['hybrid'][0]:.1f} / {x['hybrid'][1]:.1f}",
        ]
        for f in found
        for x in f["phrases"]
    ]
    return "\n\n".join(
        [
            "Milliseconds: median / 99th of a hundred. Resident: after these searches, beyond the models, pages of "
            "mapped files included, which the system takes back when it needs them; own: without those. Builds without "
            "embedding and morphological analysis.",
            table(header, rows),
            table(["file", *(f"{f['size']:,}: bytes a passage" for f in found)], sizes),
            "With a filter, and the share of all passages that it lets through; recall of the ten nearest by dense "
            "search against comparing with all; `first`: what a filter costs when it is new.",
            table(["passages", "by", "share", "recall@10", "dense ms", "hybrid ms", "first ms"], filters),
            "With a phrase that the passages must hold, by its length in characters; which share of all passages holds "
            "it (median / most), and what finding these alone and a whole search with a phrase that is new take.",
            table(["passages", "characters", "share", "finding ms", "hybrid ms"], phrases),
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
