"""How long a command takes from nothing: a new process each time, models in the cache.

    python -m benchmarks.cold INDEX QUESTION [--runs 7] [--write docs/results.md]

The breakdown is of one more process, in which each part is done after the other and timed there; in ``rag ask`` the two
models are loaded at the same time.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path
from time import perf_counter

from benchmarks.report import parser, publish, table

PARTS = """
import json, sys
from time import perf_counter

laps, began = [], perf_counter()

def lap(name):
    global began
    laps.append([name, 1000 * (perf_counter() - began)])
    began = perf_counter()

index, question = sys.argv[1:]
import rag.cli.app
lap("import the command (typer, rich)")
from rag.settings import Settings
settings = Settings.load(index=index)
lap("settings (pydantic)")
from rag.engine import Engine
lap("import the engine (NumPy)")
engine = Engine.open(settings=settings)
lap("open the index")
from rag.models.bundled import bundled_folder
from rag.models.encoder import Encoder, fastest_precision
from rag.models.tokenizer import load_tokenizer
sys.modules["openvino_telemetry"] = None
import openvino
lap("import OpenVINO")
folder = bundled_folder(settings.model, settings.cache_dir)
load_tokenizer(folder)(["栞"])
lap("check the models' files, load the tokenizer")
engine.embedder
lap("compile the embedder")
engine.reader
lap("compile the reader")
engine.ask(question)
lap("first answer")
engine.ask(question)
lap("the same again")
print(json.dumps(laps))
"""


def main() -> None:
    """Run the commands, take a process apart, print."""
    options = parser(__doc__)
    options.add_argument("index", type=Path)
    options.add_argument("question")
    options.add_argument("--name", default="cold", help="of its part of the document")
    options.add_argument("--runs", type=int, default=7)
    arguments = options.parse_args()
    index = ["--index", str(arguments.index)]
    commands = {
        "`rag --help`": ["--help"],
        "`rag info`": ["info", *index],
        "`rag ask`": ["ask", arguments.question, *index],
        "`rag ask --reader none`": ["ask", arguments.question, *index, "--reader", "none"],
    }
    rows = [[name, *_times(command, arguments.runs)] for name, command in commands.items()]
    body = table(["", "median, s", "best, s"], rows) + "\n\n"
    body += table(["part of an answer, with the reader", "ms"], _parts(arguments.index, arguments.question))
    publish(arguments.name, body, arguments.write)


def _times(command: list[str], runs: int) -> list[str]:
    """Median and best of so many runs; one more goes before, so that the files are in memory."""
    seconds = [_run(command) for _ in range(runs + 1)][1:]
    return [f"{statistics.median(seconds):.2f}", f"{min(seconds):.2f}"]


def _run(command: list[str]) -> float:
    began = perf_counter()
    subprocess.run([sys.executable, "-m", "rag", *command], check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - began


def _parts(index: Path, question: str) -> list[list[str]]:
    program = [sys.executable, "-c", PARTS, str(index), question]
    done = subprocess.run(program, check=True, capture_output=True, text=True)
    return [[name, f"{milliseconds:.0f}"] for name, milliseconds in json.loads(done.stdout)]


if __name__ == "__main__":
    main()
