"""What bringing a large index up to date costs against building it.

    python -m benchmarks.update DATASET [--chunk-tokens 40] [--write docs/results.md]

The articles of a SQuAD-style dataset are the documents, cut small so that there are many passages. One document gets a
new sentence; the same command then updates the index.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.report import parser, publish, table
from rag import Settings
from rag.building import build_documents
from rag.evaluation import load_dataset
from rag.models import Embedder


def main() -> None:
    """Build, change one document, build again, print."""
    options = parser(__doc__)
    options.add_argument("dataset", nargs="+", type=Path)
    options.add_argument("--chunk-tokens", type=int, default=40)
    arguments = options.parse_args()
    documents = list(load_dataset(arguments.dataset, protocol="documents").documents)
    settings = Settings.load(chunk_tokens=arguments.chunk_tokens)
    # The model is in memory before either is timed, as it is for `rag build --watch`.
    Embedder.shared(settings.model, cache_dir=settings.cache_dir, precision=settings.precision)
    with tempfile.TemporaryDirectory() as folder:
        built = build_documents(documents, Path(folder), settings)
        documents[0] = replace(documents[0], text=documents[0].text + "\n栞はここに一文を書き足した。\n")
        updated = build_documents(documents, Path(folder), settings)
    rows = [
        ["build", built.documents, built.passages, built.embedded, f"{built.seconds:.1f}", ""],
        [
            "update of one document",
            updated.documents,
            updated.passages,
            updated.embedded,
            f"{updated.seconds:.1f}",
            f"{updated.seconds / built.seconds:.1%}",
        ],
    ]
    header = ["", "documents", "passages", "embedded", "seconds", "of the build"]
    publish("update", table(header, rows), arguments.write)


if __name__ == "__main__":
    main()
