"""How fast documents are indexed and questions answered, beside stock sentence-transformers in the same run.

    python -m benchmarks.speed DATASET [--passages 320] [--questions 100] [--quality 1000] [--write docs/results.md]
    python -m benchmarks.speed --small

Stock is ``SentenceTransformer(folder).encode`` in float32 with its defaults, over the same passages: it embeds, and
nothing else, while ours reads, cuts, embeds and writes an index. Both take turns, so that noise hits them alike.
``--small`` runs over generated documents and fails if speed has fallen by more than noise explains.
"""

from __future__ import annotations

import random
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.report import parser, publish, table
from benchmarks.tracing import Stage, Trace
from rag import Engine, Settings, search
from rag.answer import answering, extract
from rag.answer.reranking import Reranker
from rag.building import build_documents
from rag.chunking import embedded_text
from rag.corpus import Document
from rag.evaluation import System, evaluate, load_dataset
from rag.index.folder import FolderSnapshot
from rag.index.lexical import Lexical
from rag.index.store import KeptStore
from rag.models import Embedder
from rag.models.bundled_model import BundledModel
from rag.models.encoder import Encoder
from rag.models.tokenizer import Tokenizer
from rag.reader import model as reader_model
from rag.reader.network import Network
from rag.search import Searcher
from training.hub import hub_folder

PRECISIONS = ("float32", "int8")
TURNS = 4
ASKERS = 8
STAGES: Sequence[Stage] = (
    (Embedder, "embed_queries", "question: batches"),
    (Embedder, "embed_passages", "sentences: batches"),
    (BundledModel, "encode", "*: word embeddings"),
    (Tokenizer, "__call__", "*: tokenise"),
    (Encoder, "__call__", "*: network"),
    (Searcher, "search", "search: rest"),
    (Searcher, "_dense", "search: dense"),
    (Searcher, "_lexical", "search: lexical"),
    (Lexical, "scores", "search: lexical"),
    (search, "fused", "search: fuse"),
    (KeptStore, "passages", "search: read documents"),
    (Reranker, "read", "reader: rest"),
    (Network, "read", "reader: pairs"),
    (reader_model, "best_spans", "reader: spans"),
    (Reranker, "read_texts", "units: rest"),
    (answering, "understand", "question: understand"),
    (answering, "judge", "units: choose"),
    (answering, "composed", "answer: compose"),
    (extract, "candidates", "sentences: choose"),
    (extract, "answer", "answer: compose"),
)
LEAST_INDEXING = 0.4
"""Of the speed at which stock embeds the same passages."""
MOST_ASKING = 40.0
"""Times what stock takes for a question's vector."""

Ask = Callable[[str], object]


def main() -> None:
    """Measure and print."""
    options = parser(__doc__)
    options.add_argument("dataset", nargs="*", type=Path)
    options.add_argument("--passages", type=int, default=320, help="contexts to index, in four parts, by the clock")
    options.add_argument("--questions", type=int, default=100, help="questions for each row of latencies")
    options.add_argument("--quality", type=int, default=1000, help="questions for nDCG@10; 0: none")
    options.add_argument("--name", default="speed", help="of its part of the document")
    options.add_argument("--small", action="store_true", help="generated documents, and a check")
    arguments = options.parse_args()
    if arguments.small == bool(arguments.dataset):
        options.error("give either a dataset or --small")
    if arguments.small:
        _small()
    else:
        publish(arguments.name, _whole(arguments), arguments.write)


def _whole(arguments: Namespace) -> str:
    dataset = load_dataset(arguments.dataset, protocol="passages")
    settings = Settings.load()
    stock = Stock(settings)
    documents = random.Random(0).sample(dataset.documents, min(arguments.passages, len(dataset.documents)))
    questions = [query.text for query in dataset.queries]
    random.Random(0).shuffle(questions)
    parts = [_indexing(documents, PRECISIONS, stock, settings)]
    if arguments.quality:
        systems = [
            System(f"{mode}-{precision}", {"mode": mode, "precision": precision, "reader": "none"})
            for mode in ("dense", "hybrid")
            for precision in PRECISIONS
        ]
        scores = evaluate(dataset, systems, measures=["nDCG@10"], limit=arguments.quality).scores
        parts.append(table(["system", "nDCG@10"], [[name, found["nDCG@10"]] for name, found in scores.items()]))
    with tempfile.TemporaryDirectory() as folder:
        build_documents(dataset.documents, Path(folder), settings, whole=True, cache=True)
        parts.append(_asking(Path(folder), settings, cycle(questions), arguments.questions, stock))
    return "\n\n".join(parts)


class Stock:
    """What others would use: sentence-transformers on the bundled model's folder."""

    def __init__(self, settings: Settings) -> None:
        # Imported here, since it takes seconds and the profiles use this module's documents alone.
        from sentence_transformers import SentenceTransformer

        self.model = SentenceTransformer(str(hub_folder(settings.model, settings.cache_dir)), device="cpu")

    def seconds(self, texts: Sequence[str]) -> float:
        """What it takes to embed the texts."""
        began = perf_counter()
        self.model.encode(list(texts), show_progress_bar=False)
        return perf_counter() - began


@dataclass
class Speed:
    """Passages and the seconds they took, by turn."""

    passages: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def add(self, passages: int, seconds: float) -> None:
        self.passages.append(passages)
        self.seconds.append(seconds)

    @property
    def rate(self) -> float:
        """Passages a second."""
        return sum(self.passages) / sum(self.seconds)


def _indexing(documents: Sequence[Document], precisions: Sequence[str], stock: Stock, settings: Settings) -> str:
    """A table of passages a second."""
    speeds = _speeds(documents, precisions, stock, settings)
    rows: list[list[object]] = []
    for name, speed in speeds.items():
        turns = np.array(speeds["stock"].seconds) / np.array(speed.seconds)
        ratio = speed.rate / speeds["stock"].rate
        rows.append([name, f"{speed.rate:.1f}", f"{ratio:.2f}", f"{turns.min():.2f} to {turns.max():.2f}"])
    found = sum(speeds["stock"].passages)
    return f"{len(documents)} documents, {found} passages.\n\n" + table(
        ["", "passages a second", "against stock", "by turn"], rows
    )


def _speeds(
    documents: Sequence[Document], precisions: Sequence[str], stock: Stock, settings: Settings
) -> Mapping[str, Speed]:
    """Stock's and ours by precision, in turns over the same parts of the documents."""
    speeds = {"stock": Speed()} | {f"indexing, {precision}": Speed() for precision in precisions}
    stock.seconds(["栞"])
    for turn in range(TURNS):
        part = documents[turn::TURNS]
        texts: list[str] = []
        for precision in precisions:
            chosen = settings.updated(precision=precision)
            # The model is in memory before the clock starts, as stock's is.
            Embedder.shared(chosen.model, cache_dir=chosen.cache_dir, precision=chosen.precision).embed_queries(["栞"])
            with tempfile.TemporaryDirectory() as folder:
                began = perf_counter()
                report = build_documents(part, Path(folder), chosen)
                speeds[f"indexing, {precision}"].add(report.passages, perf_counter() - began)
                texts = texts or _embedded_texts(Path(folder), chosen)
        speeds["stock"].add(len(texts), stock.seconds(texts))
    return speeds


def _embedded_texts(index: Path, settings: Settings) -> list[str]:
    """The passages of an index, as they were embedded."""
    snapshot = FolderSnapshot.open(index)
    try:
        found = list(snapshot.store.all_passages())
        return [embedded_text(each.passage, each.title, settings.embed_with) for each in found]
    finally:
        snapshot.close()


def _asking(index: Path, settings: Settings, questions: Iterator[str], count: int, stock: Stock) -> str:
    """Tables of latencies, of where the time goes, and of several askers against one."""
    extracting = Engine.open(index, settings.updated(reader="none"))
    reading = Engine.open(index, settings.updated(reader="bundled"))
    ways: dict[str, Ask] = {"search": extracting.search, "ask, no reader": extracting.ask, "ask": reading.ask}
    latencies: list[list[object]] = []
    stages: dict[str, Mapping[str, float]] = {}
    many: list[list[object]] = []
    for name, ask in ways.items():
        _milliseconds(ask, islice(questions, 5))
        with Trace(STAGES) as trace:
            taken = _milliseconds(ask, islice(questions, count))
        stages[name] = trace.milliseconds(count) | {"other": taken.mean() - 1000 * sum(trace.seconds.values()) / count}
        latencies.append([name, f"{np.quantile(taken, 0.5):.1f}", f"{np.quantile(taken, 0.95):.1f}"])
        if name != "ask, no reader":
            one, all_at_once = _throughput(ask, questions, count)
            many.append([name, f"{one:.1f}", f"{all_at_once:.1f}", f"{all_at_once / one:.2f}"])
    alone = [1000 * stock.seconds([question]) for question in islice(questions, count)]
    latencies.append(["stock: a question's vector", f"{np.median(alone):.1f}", f"{np.quantile(alone, 0.95):.1f}"])
    used = sorted({stage for found in stages.values() for stage in found}, key=lambda s: -stages["ask"].get(s, 0.0))
    shares = [[stage, *(f"{stages[name].get(stage, 0.0):.2f}" for name in ways)] for stage in used]
    return "\n\n".join(
        [
            f"{reading.info().passages} passages, {count} questions a row, {reading.embedder.precision} embedder.",
            table(["", "p50 ms", "p95 ms"], latencies),
            table(["stage, mean ms", *ways], shares),
            table(["questions a second", "one asker", f"{ASKERS} askers", "ratio"], many),
        ]
    )


def _milliseconds(ask: Ask, questions: Iterator[str]) -> np.ndarray:
    """What each question takes, one after the other."""
    taken = []
    for question in questions:
        began = perf_counter()
        ask(question)
        taken.append(1000 * (perf_counter() - began))
    return np.array(taken)


def _throughput(ask: Ask, questions: Iterator[str], count: int) -> tuple[float, float]:
    """Questions a second of one asker and of several, in turns."""
    one, several = 0.0, 0.0
    with ThreadPoolExecutor(ASKERS) as askers:
        for _ in range(TURNS):
            some = list(islice(questions, max(2, -(-count // TURNS))))  # one asker and several each need one
            one += _milliseconds(ask, iter(some[::2])).sum() / len(some[::2])
            began = perf_counter()
            list(askers.map(ask, some[1::2]))
            several += 1000 * (perf_counter() - began) / len(some[1::2])
    return 1000 * TURNS / one, 1000 * TURNS / several


def _small() -> None:
    """Print ratios over generated documents; exit with 1 if one is beyond what noise explains."""
    settings = Settings.load()
    stock = Stock(settings)
    documents, questions = generated(48)
    speeds = _speeds(documents, ("float32",), stock, settings)
    building = speeds["indexing, float32"].rate / speeds["stock"].rate
    with tempfile.TemporaryDirectory() as folder:
        build_documents(documents, Path(folder), settings)
        engine = Engine.open(folder, settings)
        engine.warm_up()
        # Alternately, so that what else the machine does hits both alike.
        pairs = [(_milliseconds(engine.ask, iter([q]))[0], 1000 * stock.seconds([q])) for q in questions]
    ours, theirs = np.median(pairs, axis=0)
    print(f"Indexing, float32, against stock encoding: {building:.2f} (at least {LEAST_INDEXING})")
    print(f"Answer against stock's vector of a question: {ours / theirs:.1f} (at most {MOST_ASKING:.0f})")
    if building < LEAST_INDEXING or ours / theirs > MOST_ASKING:
        sys.exit("Slower than noise explains.")


def generated(count: int) -> tuple[list[Document], list[str]]:
    """Documents about libraries that do not exist, and questions about some of them."""
    draw = random.Random(0)
    documents, questions = [], []
    for number in range(count):
        name, year, books = f"第{number}図書館", draw.randint(1868, 2020), draw.randint(1, 99)
        sentences = [
            f"{name}は{year}年に開館し、蔵書はおよそ{books}万冊である。",
            *(
                f"{draw.randint(1, 12)}月には{draw.choice('春夏秋冬')}の展示があり、町の記録を読める。"
                for _ in range(9)
            ),
        ]
        documents.append(Document(f"{number}.txt", name, "".join(sentences), "ja"))
        questions.append(f"{name}が開館したのは何年ですか？")
    return documents, questions[:20]


if __name__ == "__main__":
    main()
