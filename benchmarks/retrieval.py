"""Protocol R: each passage as given, each question as a query.

    python -m benchmarks.retrieval DATASET [--name "JaQuAD dev"] [--write docs/results.md]

Dense, lexical and hybrid search with the default settings and the bundled model, with latencies and index sizes.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.report import parser, publish, table
from rag import Settings
from rag.building import build_documents
from rag.evaluation import Dataset, evaluate, load_dataset
from rag.index.folder import FolderSnapshot

MEASURES = ("R@1", "RR@10", "nDCG@10", "R@10")
SYSTEMS = ("dense", "lexical", "hybrid")


def main() -> None:
    """Evaluate and print."""
    options = parser(__doc__)
    options.add_argument("dataset", nargs="+", type=Path)
    options.add_argument("--name", default="")
    arguments = options.parse_args()
    dataset = load_dataset(arguments.dataset, protocol="passages")
    evaluation = evaluate(dataset, SYSTEMS, measures=MEASURES, baseline="hybrid")
    latency = evaluation.to_dict()["latency_ms"]
    rows = []
    for name in SYSTEMS:
        scores = evaluation.scores[name]
        difference = evaluation.differences.get(name, {}).get("nDCG@10")
        corrected = f"{difference.corrected:.4f}" if difference else ""
        rows.append([name, *(scores[m] for m in MEASURES), corrected, f"{latency[name]['p50']:.0f}"])
    header = ["system", *MEASURES, "p (nDCG@10, against hybrid)", "p50 ms"]
    named = f"{arguments.name}: " if arguments.name else ""
    body = (
        f"{named}{len(dataset.documents):,} passages, {len(dataset.queries):,} questions. "
        "p: paired randomisation test with Holm's correction.\n\n"
        + table(header, rows)
        + "\n\n"
        + table(["part of the index", "kB", "bytes a passage"], _sizes(dataset))
    )
    publish("retrieval", body, arguments.write)


def _sizes(dataset: Dataset) -> list[list[object]]:
    """Kilobytes of each part of an index over the dataset."""
    with tempfile.TemporaryDirectory() as folder:
        build_documents(dataset.documents, Path(folder), Settings.load(), whole=True, cache=True)
        files = FolderSnapshot.open(Path(folder)).manifest.files
    sizes: Counter[str] = Counter()
    for name, entry in files.items():
        sizes[name.split("/")[0]] += entry.bytes
    return [[name, f"{size / 1000:,.0f}", f"{size / len(dataset.documents):,.0f}"] for name, size in sizes.items()]


if __name__ == "__main__":
    main()
