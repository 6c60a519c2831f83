"""Questions in one language, the paragraph that answers them in the other.

    python -m benchmarks.languages PAIRS [--reader] [--write docs/results.md]

PAIRS is JSON Lines of ``source``, ``en`` and ``ja``, the same paragraph in both languages; those that the means of the
languages were fitted to (``training.languages``) are left out. The first sentence of each paragraph, in the one
language, is asked of a corpus of paragraphs in the other, and of a corpus of both: there every second paragraph is in
the one language and all others are in the other, so that each answer stands in one language only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.report import parser, publish, table
from rag.corpus import Document
from rag.evaluation import Dataset, evaluate
from rag.evaluation.datasets.types import Judgement, Query
from training.languages import LANGUAGES, first_sentence, split

MEASURES = ("R@1", "R@5", "nDCG@10")


def main() -> None:
    """Print the table."""
    options = parser(__doc__)
    options.add_argument("pairs", type=Path)
    options.add_argument("--reader", action="store_true", help="also with the reader")
    options.add_argument("--limit", type=int, help="paragraphs")
    arguments = options.parse_args()
    _, pairs = split(arguments.pairs)
    pairs = pairs[: arguments.limit]
    systems = ["dense", "lexical", "hybrid", *(["hybrid+reader"] if arguments.reader else [])]
    rows: list[list[object]] = []
    for asked, other in (LANGUAGES[::-1], LANGUAGES):
        for corpus in ("the other", "both"):
            dataset = _dataset(pairs, asked, other, both=corpus == "both")
            found = evaluate(dataset, systems, measures=MEASURES)
            for name, scores in found.scores.items():
                rows.append([asked, other, corpus, name, *(float(scores[measure]) for measure in MEASURES)])
    body = f"{len(pairs)} paragraphs held out; half of them are asked about where the corpus is of both languages."
    publish("languages", f"{body}\n\n{table(['asked in', 'of', 'corpus', 'system', *MEASURES], rows)}", arguments.write)


def _dataset(pairs: Sequence[Mapping[str, str]], asked: str, other: str, *, both: bool) -> Dataset:
    languages = [asked if both and number % 2 else other for number in range(len(pairs))]
    documents = tuple(
        Document(f"{number}", "", pair[language], language)
        for number, (pair, language) in enumerate(zip(pairs, languages, strict=True))
    )
    queries = tuple(
        Query(f"{number}", first_sentence(pair[asked]), judgements=(Judgement(f"{number}"),))
        for number, (pair, language) in enumerate(zip(pairs, languages, strict=True))
        if language == other
    )
    return Dataset(f"{asked}-{other}-{'both' if both else 'one'}", "beir", "passages", documents, queries, "document")


if __name__ == "__main__":
    main()
