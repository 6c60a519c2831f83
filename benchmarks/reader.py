"""The reader: ranking, exact answers, and where the time of an answer goes.

    python -m benchmarks.reader DATASET [--limit 500] [--name "JaQuAD dev"] [--write docs/results.md]

Protocol R (reranking) over all questions, and A (answers, with the gold passage and over the whole corpus) over a fixed
random sample of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.report import parser, publish, table
from rag import Engine, Settings
from rag.evaluation import Dataset, evaluate, load_dataset
from rag.evaluation.answers import character_f1, exact_match
from rag.evaluation.indexes import open_index
from rag.reader.model import Reader

RANKING = ("R@1", "RR@10", "nDCG@10")
ANSWERS = ("gold_EM", "gold_F1", "EM", "F1")
SYSTEMS = ("hybrid", "hybrid+reader")
TIMED = 200


def main() -> None:
    """Evaluate and print."""
    options = parser(__doc__)
    options.add_argument("dataset", nargs="+", type=Path)
    options.add_argument("--name", default="")
    options.add_argument("--limit", type=int, default=500)
    options.add_argument("--ranked", type=int, help="rank only for this many questions, drawn at random")
    options.add_argument(
        "--small", nargs="*", type=Path, default=[], help="JSONL files of text, question, answer: read alone"
    )
    options.add_argument("--output", type=Path, help="folder for results as they come; taken up by the next run")
    arguments = options.parse_args()
    dataset = load_dataset(arguments.dataset, protocol="passages")
    asked = dataset.sample(arguments.ranked)
    ranked = evaluate(asked, SYSTEMS, measures=RANKING, baseline="hybrid", output=_part(arguments.output, "ranking"))
    rows = [[name, *(ranked.scores[name][measure] for measure in RANKING)] for name in SYSTEMS]
    corrected = [f"{ranked.differences[SYSTEMS[1]][measure].corrected:.4f}" for measure in RANKING]
    rows.append(["p of the difference", *corrected])
    sample = dataset.sample(arguments.limit)
    answered = evaluate(sample, SYSTEMS[1:], measures=RANKING, answers=True, output=_part(arguments.output, "answers"))
    scores = answered.scores[SYSTEMS[1]]
    named = f"{arguments.name}: " if arguments.name else ""
    body = "\n\n".join(
        [
            f"{named}{len(asked.queries):,} of {len(dataset.queries):,} questions, {len(dataset.documents):,} passages."
            f" Answers: {len(sample.queries):,} questions; times: {TIMED}.",
            table(["system", *RANKING], rows),
            table(ANSWERS, [[100 * scores[each] for each in ANSWERS]]),
            *([table(["small set", "questions", "EM", "F1"], _small(arguments.small))] if arguments.small else []),
            table(["milliseconds", "p50", "p95"], _times(dataset)),
        ]
    )
    publish("reader", body, arguments.write)


def _part(folder: Path | None, name: str) -> Path | None:
    return folder / name if folder else None


def _small(paths: list[Path]) -> list[list[object]]:
    """Exact match and F1, in percent, on texts that hold the answer."""
    reader = Reader.shipped(Settings.load().cache_dir)
    rows: list[list[object]] = []
    for path in paths:
        items = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        scores = []
        for item in items:
            (reading,) = reader.read(item["question"], [item["text"]], count=1)
            quote = item["text"][reading.spans[0].start : reading.spans[0].end]
            scores.append((exact_match(quote, [item["answer"]]), character_f1(quote, [item["answer"]])))
        rows.append([path.name, len(items), *(100 * float(mean) for mean in np.mean(scores, axis=0))])
    return rows


def _times(dataset: Dataset) -> list[list[object]]:
    """Milliseconds of an answer and of its parts, one question after the other, models in memory."""
    settings = Settings.load(reader="bundled")
    engine = Engine(open_index(dataset, settings, lambda *_: None).snapshot, settings)
    reader = engine.reader
    assert reader is not None
    engine.warm_up()
    questions = [query.text for query in dataset.sample(TIMED, seed=1).queries]
    hits = {question: engine.search(question, operators=False, k=reader.depth).hits for question in questions}
    steps: dict[str, Callable[[str], object]] = {
        "vector of the question": lambda question: engine.embedder.embed_queries([question]),
        "vector and search": lambda question: engine.search(question, operators=False, k=reader.depth),
        "reading": lambda question: reader.read(question, hits[question]),
        "whole answer": engine.ask,
    }
    return [[name, *_percentiles(step, questions)] for name, step in steps.items()]


def _percentiles(step: Callable[[str], object], questions: list[str]) -> list[str]:
    taken = []
    for question in questions:
        began = perf_counter()
        step(question)
        taken.append(1000 * (perf_counter() - began))
    return [f"{value:.0f}" for value in np.percentile(taken, (50, 95))]


if __name__ == "__main__":
    main()
