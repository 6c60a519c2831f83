"""Protocol D: documents through our own chunking; a hit counts when it overlaps the answer's characters.

    python -m benchmarks.passages DATASET [--limit 1000] [--name …] [--write docs/results.md]

Compares target lengths and what is embedded, with the characters that the first hits return beside each.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.report import parser, publish, table
from rag.evaluation import System, evaluate, load_dataset

MEASURES = ("R@1", "R@5", "R@10", "nDCG@10")
CHARACTERS = ("chars@1", "chars@5", "chars@10")
LENGTHS = (100, 150, 200, 300)
EMBEDDED = ("text", "title", "heading")


def main() -> None:
    """Evaluate and print."""
    options = parser(__doc__)
    options.add_argument("dataset", nargs="+", type=Path)
    options.add_argument("--name", default="")
    options.add_argument("--limit", type=int, help="ask only this many questions, drawn at random")
    arguments = options.parse_args()
    dataset = load_dataset(arguments.dataset, protocol="documents")
    systems = [System(f"{length}-title", {"chunk_tokens": length, "embed_with": "title"}) for length in LENGTHS]
    systems += [System(f"200-{shown}", {"embed_with": shown}) for shown in EMBEDDED if shown != "title"]
    systems += [System("200-title-no-overlap", {"embed_with": "title", "overlap_sentences": 0})]
    evaluation = evaluate(dataset, systems, measures=MEASURES, baseline="200-title", limit=arguments.limit)
    rows: list[list[object]] = []
    for system in systems:
        scores = evaluation.scores[system.name]
        difference = evaluation.differences.get(system.name, {}).get("nDCG@10")
        rows.append(
            [
                system.name,
                *(scores[measure] for measure in MEASURES),
                *(f"{scores[measure]:,.0f}" for measure in CHARACTERS),
                f"{difference.corrected:.4f}" if difference else "",
            ]
        )
    named = f"{arguments.name}: " if arguments.name else ""
    body = (
        f"{named}{len(dataset.documents):,} documents, {len(evaluation.dataset.queries):,} questions, hybrid search. "
        "Systems are named by target length in morphemes and what is embedded with a passage.\n\n"
    )
    header = ["system", *MEASURES, *CHARACTERS, "p (nDCG@10, against 200-title)"]
    publish("passages", body + table(header, rows), arguments.write)


if __name__ == "__main__":
    main()
