"""From SQuAD-style files to the shipped weights in one command: ``python -m training --help``.

Mines rivals, trains, measures, calibrates, exports. What is done already is not done again, so the same command goes
on after an interruption. Options it does not know itself are passed to ``training.train``.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Sequence
from pathlib import Path

from training import calibrate, evaluate, export, mine, train
from training.curves import draw
from training.trainer import CHECKPOINT, LOG

MINED = "mined.jsonl"
CALIBRATION = "calibration.json"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the stages that are not done yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="SQuAD-style training file, or folder of them")
    parser.add_argument("--dev", type=Path, help="SQuAD-style data to report on; nothing is fitted to it")
    parser.add_argument("--work", type=Path, required=True, help="folder for index, checkpoints, logs; about 1 GB")
    parser.add_argument(
        "--output", type=Path, required=True, help="folder of the result; rag/reader/shipped to ship it"
    )
    parser.add_argument("--encoder", type=Path, help="folder of the encoder to start from; default: the bundled model")
    options, rest = parser.parse_known_args(arguments)
    encoder = ["--encoder", str(options.encoder)] if options.encoder else []
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    work, data = options.work, str(options.data)
    run = work / "run"
    checkpoint, mined, calibration = run / CHECKPOINT, work / MINED, run / CALIBRATION

    if not mined.exists():
        mine.main(["--data", data, "--output", str(mined), "--index", str(work / "index")])
    if not (run / train.FIGURES).exists():
        train.main(["--data", data, "--mined", str(mined), "--output", str(run), *encoder, *rest])
    draw(run / LOG, run / "curves.svg")
    if not calibration.exists():
        known = ["--data", data, "--mined", str(mined), "--weights", str(checkpoint), "--output", str(calibration)]
        calibrate.main([*known, *encoder])
    facts = [calibration, run / train.FIGURES]
    if options.dev:
        figures = evaluate.measure(["--data", str(options.dev), "--weights", str(checkpoint), *encoder])
        (run / "dev.json").write_text(json.dumps({"dev": figures}, indent=2) + "\n", encoding="utf-8")
        facts.append(run / "dev.json")
    export.main(["--checkpoint", str(checkpoint), "--output", str(options.output), "--facts", *map(str, facts)])


if __name__ == "__main__":
    main()
