"""Where the time goes in building, asking and batches, and how near that is to what the machine can do.

    python -m benchmarks.profiles [--documents 40] [--write docs/performance.md]

Generated documents are indexed and asked about under a sampling profiler (pyinstrument). Functions are listed by the
time they were on top of the stack, a library's under the function of ours that called it.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

import numpy as np
from pyinstrument import Profiler
from pyinstrument.frame import Frame
from pyinstrument.session import Session

from benchmarks.report import parser, publish, table
from benchmarks.speed import generated
from rag import Engine, Settings
from rag.building import build_documents
from rag.models import Embedder
from rag.models.bundled import bundled_folder
from rag.models.bundled_model import read_bert

LISTED = 8
_OURS = f"{Path(__file__).parents[1] / 'rag'}/"
_SIDE = 2048


def main() -> None:
    """Profile and print."""
    options = parser(__doc__)
    options.add_argument("--documents", type=int, default=40)
    options.add_argument("--questions", type=int, default=40)
    arguments = options.parse_args()
    settings = Settings.load()
    documents, questions = generated(arguments.documents)
    embedder = Embedder.shared(settings.model, cache_dir=settings.cache_dir, precision=settings.precision)
    embedder.embed_queries(["栞"])
    asked = islice(cycle(questions), arguments.questions)
    numbered = [f"{question}（{number}）" for number, question in enumerate(asked)]
    with tempfile.TemporaryDirectory() as folder:
        parts = [_profile("build", lambda: build_documents(documents, Path(folder), settings))]
        engine = Engine.open(folder, settings)
        engine.warm_up()
        parts.append(_profile("ask", lambda: [engine.ask(question) for question in numbered]))
        parts.append(_profile("batch", lambda: list(engine.batch(f"{question}！" for question in numbered))))
    texts = [document.text for document in documents]
    publish("profiles", "\n\n".join([_limits(embedder, texts, settings), *parts]), arguments.write)


def _profile(name: str, work: Callable[[], object]) -> str:
    """A table of the functions of ours that the time was spent in."""
    profiler = Profiler(interval=0.001, async_mode="disabled")
    with profiler:
        work()
    session = profiler.last_session
    assert session is not None
    spent = _by_function(session)
    total = sum(spent.values())
    most = sorted(spent.items(), key=lambda found: -found[1])[:LISTED]
    rows = [[where, f"{seconds / total:.0%}"] for where, seconds in most]
    return table([f"{name}: {total:.1f} s", "of the time"], rows)


def _by_function(session: Session) -> dict[str, float]:
    """Seconds by the innermost function of this project on the stack."""
    spent: defaultdict[str, float] = defaultdict(float)
    root = session.root_frame()
    waiting: list[tuple[Frame, str]] = [(root, "(start)")] if root else []
    while waiting:
        frame, caller = waiting.pop()
        path = frame.file_path or ""
        where = f"`{path.removeprefix(_OURS)}` {frame.function}" if path.startswith(_OURS) else caller
        spent[where] += frame.time - sum(child.time for child in frame.children)
        waiting += [(child, where) for child in frame.children]
    return spent


def _limits(embedder: Embedder, texts: list[str], settings: Settings) -> str:
    """A table of what the machine can do and what the embedder gets out of it."""
    shape, _, _ = read_bert(bundled_folder(settings.model, settings.cache_dir))
    weights = shape.layers * (4 * shape.hidden**2 + 2 * shape.hidden * shape.intermediate)
    tokens = sum(embedder.count_tokens(texts))
    seconds = _best(lambda: embedder.embed_passages(texts), times=2)
    alone = _best(lambda: embedder.embed_queries(["この文書館が開館したのは何年のことですか？"]), times=20)
    square = np.random.default_rng(0).normal(size=(_SIDE, _SIDE)).astype(np.float32)
    large = np.zeros(1 << 26, np.uint8)
    matmul = 2 * _SIDE**3 / _best(lambda: square @ square) / 1e9
    copied = 2 * large.nbytes / _best(lambda: large.copy()) / 1e9
    got = 2 * weights * tokens / seconds / 1e9
    rows = [
        ["large float32 matrix product (NumPy)", f"{matmul:,.0f} GFLOP/s"],
        ["copying memory, read and written", f"{copied:,.1f} GB/s"],
        [f"matrix products of embedding, {embedder.precision}", f"{got:,.0f} GFLOP/s, {got / matmul:.0%} of the first"],
        ["tokens embedded", f"{tokens / seconds:,.0f} a second"],
        ["one question's vector", f"{1000 * alone:.1f} ms"],
        ["reading all float32 weights once", f"{4 * weights / copied / 1e6:.1f} ms"],
    ]
    return table(["limit and what is reached", ""], rows)


def _best(work: Callable[[], object], times: int = 5) -> float:
    """Seconds of the quickest of some calls."""
    taken = []
    for _ in range(times):
        began = perf_counter()
        work()
        taken.append(perf_counter() - began)
    return min(taken)


if __name__ == "__main__":
    main()
