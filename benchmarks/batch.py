"""A large question file in one run against asking one question after the other.

    python -m benchmarks.batch QUESTIONS DOCUMENTS [--number 10000] [--reader none] [--write docs/results.md]

The questions of a file are asked again and again, each time numbered so that no two are alike.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

from benchmarks.report import parser, publish, table
from rag import Engine, Settings, build
from rag.batch import read_questions, run_batch
from rag.evaluation import load_dataset

ALONE = 100
COMMANDS = 3


def main() -> None:
    """Ask alone, ask in a batch, print."""
    options = parser(__doc__)
    options.add_argument("questions", type=Path)
    options.add_argument("documents", type=Path)
    options.add_argument("--number", type=int, default=10_000)
    options.add_argument("--reader", default="none")
    arguments = options.parse_args()
    asked = [query.text for query in load_dataset(arguments.questions, documents=arguments.documents).queries]
    questions = [f"{text}（{number}）" for number, text in enumerate(islice(cycle(asked), arguments.number), 1)]
    with tempfile.TemporaryDirectory() as folder:
        index, file, output = Path(folder) / "index", Path(folder) / "questions.txt", Path(folder) / "answers.jsonl"
        settings = Settings.load(index=index, reader=arguments.reader)
        build([arguments.documents], settings=settings)
        file.write_text("\n".join(questions) + "\n", encoding="utf-8")
        command = _commands(questions[:COMMANDS], index, arguments.reader)
        engine = Engine.open(settings=settings)
        engine.warm_up()
        began = perf_counter()
        for question in questions[:ALONE]:
            engine.ask(question)
        alone = len(questions[:ALONE]) / (perf_counter() - began)
        memory: dict[int, float] = {}

        def watch(_stage: str, done: int, total: int) -> None:
            for share in (10, 100):
                if done * 100 >= total * share and share not in memory:
                    memory[share] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000

        report = run_batch(engine, read_questions(file), output, progress=watch)
    rows = [
        ["`rag ask`, a process for each question", COMMANDS, f"{command:.2f}", f"{command / alone:.2f}"],
        ["`Engine.ask`, one after the other", len(questions[:ALONE]), f"{alone:.1f}", "1.00"],
        ["`rag batch`", report.questions, f"{report.rate:.1f}", f"{report.rate / alone:.2f}"],
    ]
    body = (
        table(["", "questions", "a second", "against one after the other"], rows)
        + f"\n\nReader: {arguments.reader}. Most memory after a tenth of the batch {memory[10]:,.0f} MB, at its end "
        f"{memory[100]:,.0f} MB; {report.failed} failed."
    )
    publish("batch", body, arguments.write)


def _commands(questions: list[str], index: Path, reader: str) -> float:
    """Questions a second when each is asked by a command of its own."""
    began = perf_counter()
    for question in questions:
        command = [sys.executable, "-m", "rag", "ask", question, "--index", str(index), "--reader", reader, "--json"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return len(questions) / (perf_counter() - began)


if __name__ == "__main__":
    main()
