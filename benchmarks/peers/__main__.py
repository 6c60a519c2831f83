"""Shiori beside txtai, LlamaIndex and Haystack: time, memory, size and quality in one run.

    python -m benchmarks.peers DATASET [--name "JaQuAD dev"] [--limit 200] [--passages N] [--systems shiori txtai …]
        [--searches dense hybrid japanese] [--work FOLDER] [--plot docs/images/peers.png] [--write docs/results.md]

Protocol R over a SQuAD-style dataset: each context is one passage as given, each question a query. All systems use the
same embedding model with its own prompts and as many threads as there are cores, without a network. Every line of the
table is a process of its own that holds up to 1.5 GB until the end. The others run in virtual environments that are
made in --work the first time and kept.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

from benchmarks.peers.environments import CONTENDERS, RUNTIME, Contender, python_of
from benchmarks.peers.measuring import HYBRID, JAPANESE, Request
from benchmarks.peers.picture import picture
from benchmarks.peers.results import SEARCHES, Line, lines_table, read_result, versions_of
from benchmarks.peers.rounds import Entry, run
from benchmarks.report import parser, publish
from rag import Settings
from rag.evaluation import Dataset, load_dataset
from rag.evaluation.judging import qrels_of
from rag.models.bundled import PROMPTS
from rag.models.cpu import physical_cores
from training.hub import hub_folder

K = 10
ROUNDS = 3
NOTES = """`hybrid` is what each one's documentation shows: txtai `hybrid=True`; LlamaIndex a vector index and \
`BM25Retriever` in `QueryFusionRetriever(num_queries=1)`; Haystack BM25 and embedding retrievers in `DocumentJoiner`; \
Shiori its default. `hybrid, bigrams` gives the others what they offer for text without spaces: terms of two letters \
and, in LlamaIndex and Haystack, reciprocal rank fusion of 100 candidates each. txtai keeps the texts too, as the \
others do (`content=True`). All else is each one's default, so Shiori computes in bfloat16 or int8 where the CPU is \
faster in it, and the others in float32.

`index s` goes from passages in memory to an index on disk, with the model loaded. `p50` and `p95` are of questions \
asked alone; `together` is the time a question when all are asked at once (txtai `batchsearch`, Shiori `search_many`, \
the others asynchronously: they have no search for many). Each is the median of {rounds} rounds in which the systems \
take turns. `peak MB` is the most resident memory of the whole process."""


def main() -> None:
    """Make the environments, run every system, print the table."""
    arguments = _options().parse_args()
    dataset = first_passages(load_dataset(arguments.dataset, protocol="passages"), arguments.passages)
    dataset = replace(dataset, queries=dataset.judged).sample(arguments.limit)
    contenders = [CONTENDERS[name] for name in dict.fromkeys(arguments.systems)]
    with _work(arguments.work) as work:
        folder = Path(work)
        entries = _entries(contenders, arguments.searches, dataset, folder.resolve())
        minutes = expected_minutes(entries)
        print(f"{len(entries)} lines, about {minutes:.0f} minutes on two quiet cores", file=sys.stderr)
        run(entries, ROUNDS)
        qrels = qrels_of(dataset)
        lines = [
            Line.of(entry.contender.name, entry.request.search, read_result(entry.result), qrels) for entry in entries
        ]
    if arguments.plot:
        arguments.plot.write_bytes(picture(lines))
    named = f"{arguments.name}: " if arguments.name else ""
    body = (
        f"{named}{len(dataset.documents):,} passages, {len(qrels):,} questions, {physical_cores()} threads; "
        f"{versions_of(lines)} on {', '.join(RUNTIME)}.\n\n{lines_table(lines)}\n\n{NOTES.format(rounds=ROUNDS)}"
    )
    publish("peers", body, arguments.write)


def _options() -> ArgumentParser:
    options = parser(__doc__)
    options.add_argument("dataset", nargs="+", type=Path)
    options.add_argument("--name", default="")
    options.add_argument("--limit", type=int, default=200, help="questions, drawn at random")
    options.add_argument("--passages", type=int, help="only the first passages and the questions about them")
    options.add_argument("--systems", nargs="+", choices=CONTENDERS, default=list(CONTENDERS))
    options.add_argument("--searches", nargs="+", choices=SEARCHES, default=[HYBRID, JAPANESE])
    options.add_argument("--work", type=Path, help="keeps the environments, so that a second run is quick")
    options.add_argument("--plot", type=Path, metavar="FILE", help="a picture of the table, as a PNG file")
    return options


def first_passages(dataset: Dataset, limit: int | None) -> Dataset:
    """The dataset with its first passages only, and the questions about them."""
    if limit is None:
        return dataset
    documents = dataset.documents[:limit]
    sources = {document.source for document in documents}
    queries = tuple(q for q in dataset.queries if any(each.source in sources for each in q.relevant))
    return replace(dataset, documents=documents, queries=queries)


def expected_minutes(entries: Sequence[Entry]) -> float:
    """About how long the workers take on two cores that do nothing else; making the environments is not counted."""
    seconds = 0.0
    for entry in entries:
        start, passage, question = _EXPECTED["peer" if entry.contender.packages else "shiori"]
        asked = len(entry.request.questions) * 2 * ROUNDS
        seconds += start + passage * len(entry.request.passages) + question * asked
    return seconds / 60


_EXPECTED = {"shiori": (2.0, 0.016, 0.006), "peer": (8.0, 0.08, 0.025)}
"""Seconds to start, for a passage of 250 tokens and for a question, on two cores with AMX."""


def _work(chosen: Path | None) -> AbstractContextManager[Path | str]:
    return nullcontext(chosen) if chosen else tempfile.TemporaryDirectory()


def _entries(contenders: Sequence[Contender], searches: Sequence[str], dataset: Dataset, work: Path) -> list[Entry]:
    """A line for each system and each of the searches it has, in an empty folder for what it writes."""
    settings = Settings.load()
    runs = work / "runs"
    shutil.rmtree(runs, ignore_errors=True)
    runs.mkdir(parents=True)
    # JSQuAD's own titles belong to its contexts.
    passages = [(d.source, f"{d.title}\n{d.text}" if d.title else d.text) for d in dataset.documents]
    model = str(hub_folder(settings.model, settings.cache_dir))
    return [
        Entry(
            contender,
            Request(
                search=search,
                model=model,
                query_prompt=PROMPTS["query"],
                passage_prompt=PROMPTS["document"],
                k=K,
                index=str(runs / f"{contender.name}-{search}"),
                result=str(runs / f"{contender.name}-{search}.json"),
                packages=contender.distributions,
                passages=passages,
                questions=[(query.id, query.text) for query in dataset.queries],
            ),
            python_of(contender, work),
        )
        for contender in contenders
        for search in contender.searches
        if search in searches
    ]


if __name__ == "__main__":
    main()
