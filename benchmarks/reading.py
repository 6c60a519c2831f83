"""What reading a file costs: CPU time of each kind of file, by stage.

    python -m benchmarks.reading DOCUMENTS… [--rounds 3] [--write docs/results.md]

Read in this process, warm, as the worker reads: parsing, cleaning and structure, then cutting into passages, then the
terms of these. Of each file the least of some rounds counts, so that what else the machine does says little. Embedding,
which takes most of a build, is not part of it (``benchmarks.speed``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import TypeVar

from benchmarks.report import parser, publish, table
from rag import Settings
from rag.chunking import Chunker
from rag.corpus.assembly import document_from
from rag.corpus.dates import modified
from rag.corpus.files import FORMATS, FoundFile, find_files
from rag.errors import DocumentError
from rag.index.builder import limit
from rag.language.terms import terms
from rag.models import Embedder

STAGES = ("read", "cut", "terms")

Made = TypeVar("Made")


def main() -> None:
    """Print the table."""
    options = parser(__doc__)
    options.add_argument("documents", nargs="+", type=Path, help="folders")
    options.add_argument("--rounds", type=int, default=3)
    arguments = options.parse_args()
    files = [found.path for found in find_files(arguments.documents) if isinstance(found, FoundFile)]
    chunker = _chunker()
    spent: dict[Path, tuple[float, ...]] = {}
    for number in range(arguments.rounds + 1):
        for path in files:
            try:
                now = _cost(path, chunker)
            except DocumentError:
                continue
            if number:  # the first loads what reading needs
                spent[path] = tuple(map(min, spent.get(path, now), now))
    kinds: defaultdict[str, list[tuple[float, ...]]] = defaultdict(list)
    for path, seconds in spent.items():
        kinds[path.suffix.lower().removeprefix(".")].append(seconds)
        kinds["all"].append(seconds)
    rows = [
        [kind, len(found), *(f"{1000 * sum(each) / len(found):.1f}" for each in zip(*found, strict=True))]
        for kind, found in sorted(kinds.items(), key=lambda entry: (entry[0] == "all", entry[0]))
    ]
    publish("reading", table(["kind", "files", *(f"{stage}, ms" for stage in STAGES)], rows), arguments.write)


def _chunker() -> Chunker:
    settings = Settings.load()
    embedder = Embedder.shared(settings.model, cache_dir=settings.cache_dir, precision=settings.precision)
    return Chunker(settings.chunk_tokens, settings.overlap_sentences, limit(embedder), embedder.count_tokens)


def _cost(path: Path, chunker: Chunker) -> tuple[float, ...]:
    """CPU seconds of each stage."""
    data, kind = path.read_bytes(), FORMATS[path.suffix.lower()]
    facts = {"format": kind, "modified": modified(path)}
    document, reading = _timed(lambda: document_from(kind, path.name, data, facts))
    passages, cutting = _timed(lambda: chunker.passages(document))
    _, counting = _timed(lambda: [terms(each.text, each.language) for each in passages])
    return reading, cutting, counting


def _timed(work: Callable[[], Made]) -> tuple[Made, float]:
    began = process_time()
    made = work()
    return made, process_time() - began


if __name__ == "__main__":
    main()
