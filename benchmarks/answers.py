"""Answers and refusals, by the extractor and by the reader.

    python -m benchmarks.answers seeds QUESTIONS DOCUMENTS [--write docs/results.md]
    python -m benchmarks.answers refusals DATASET [--limit 500] [--name …] [--write docs/results.md]

``seeds`` asks a question file with quoted evidence over a folder of documents; ``refusals`` asks SQuAD-style questions
while every second article is missing.
"""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from benchmarks.report import parser, publish, table
from rag.evaluation import evaluate, load_dataset

REFUSALS = ("AUROC", "refusal_F1", "unanswerable_refused", "answerable_refused", "ECE")
QUESTIONS = ("Success@5", "RR@10", "found", "cited", "unanswerable_refused", "answerable_refused")


def main() -> None:
    """Evaluate and print."""
    options = parser(__doc__)
    tasks = options.add_subparsers(required=True)
    seeds = tasks.add_parser("seeds")
    seeds.add_argument("questions", type=Path)
    seeds.add_argument("documents", type=Path)
    seeds.set_defaults(run=_seeds)
    refusals = tasks.add_parser("refusals")
    refusals.add_argument("dataset", nargs="+", type=Path)
    refusals.add_argument("--name", default="")
    refusals.add_argument("--limit", type=int, default=500)
    refusals.set_defaults(run=_refusals)
    arguments = options.parse_args()
    arguments.run(arguments)


def _seeds(arguments: Namespace) -> None:
    dataset = load_dataset(arguments.questions, documents=arguments.documents)
    systems = ["dense", "lexical", "hybrid", "hybrid+reader"]
    evaluation = evaluate(dataset, systems, measures=QUESTIONS[:2], answers=True)
    rows = [[name, *(scores.get(each, "") for each in QUESTIONS)] for name, scores in evaluation.scores.items()]
    body = (
        f"{len(dataset.queries)} questions, {sum(query.unanswerable for query in dataset.queries)} of which the "
        "documents do not answer. `Success@5`: one of the first five hits overlaps a quote of the evidence; `found`: "
        "an accepted answer stands in the answer; `cited`: the first citation overlaps the evidence.\n\n"
    )
    publish("seeds", body + table(["system", *QUESTIONS], rows), arguments.write)


def _refusals(arguments: Namespace) -> None:
    dataset = load_dataset(arguments.dataset, protocol="passages")
    systems = ["hybrid", "hybrid+reader"]
    evaluation = evaluate(dataset, systems, measures=["R@1"], refusals=True, limit=arguments.limit)
    rows = [[name, *(scores[each] for each in REFUSALS)] for name, scores in evaluation.scores.items()]
    named = f"{arguments.name}: " if arguments.name else ""
    body = (
        f"{named}every second article is left out of the corpus; {len(evaluation.dataset.queries)} questions about all "
        "of them. The confidence should be low, and the answer withheld, where the article is missing.\n\n"
    )
    publish("refusals", body + table(["system", *REFUSALS], rows), arguments.write)


if __name__ == "__main__":
    main()
