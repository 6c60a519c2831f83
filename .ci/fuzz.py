"""Fuzz every parser, rule and way in for so many minutes: the tests that draw their inputs, again with other seeds.

    python .ci/fuzz.py [MINUTES [SEED]]

With a SEED the same is drawn each time. A round that has begun is brought to its end; each test has a limit of its own.
A failure names the seed, with which pytest draws the same again; Hypothesis also keeps the example, and tries it first.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = (
    "tests/test_input_fuzz.py",
    "tests/batch/test_reading_fuzz.py",
    "tests/corpus/test_corpus_fuzz.py",
    "tests/web/test_server_watching.py::test_every_request_is_answered_as_described",
)


def main() -> None:
    """Round after round until the time is over; exit code 1 at the first failure."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    seeds = random.Random(int(sys.argv[2])) if len(sys.argv) > 2 else random.SystemRandom()
    began, rounds = time.monotonic(), 0
    while rounds == 0 or time.monotonic() - began < minutes * 60:
        seed = seeds.randrange(1 << 32)
        test = TESTS[rounds % len(TESTS)]
        command = [sys.executable, "-m", "pytest", "-q", "--no-header", f"--hypothesis-seed={seed}", "-x", test]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            print(f"{ran.stdout[-20_000:]}{ran.stderr[-2_000:]}\nAgain: pytest --hypothesis-seed={seed} {test}")
            raise SystemExit(1)
        rounds += 1
        print(
            f"{time.monotonic() - began:5.0f} s  seed {seed}  {test}: {ran.stdout.strip().splitlines()[-1]}", flush=True
        )
    print(f"{rounds} rounds, nothing found.")


if __name__ == "__main__":
    main()
