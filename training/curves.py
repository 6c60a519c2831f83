"""A picture of a run: ``python -m training.curves LOG.jsonl PICTURE.svg``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

SMOOTHED_OVER = 20


def draw(log: Path, picture: Path) -> None:
    """Losses against questions seen, averaged over some steps; evaluations as points."""
    records: list[dict[str, Any]] = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    steps = [record for record in records if record["event"] == "step"]
    figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
    for name in ("span", "relevance", "trim"):
        values = np.array([record[name] for record in steps])
        width = max(1, min(SMOOTHED_OVER, len(values)))
        smooth = np.convolve(values, np.ones(width) / width, mode="valid")
        axes.plot([record["questions"] for record in steps][width - 1 :], smooth, label=f"{name} loss")
    evaluations = [record for record in records if record["event"] == "evaluation"]
    if evaluations:
        right = axes.twinx()
        right.plot([record["questions"] for record in evaluations], [record["F1"] for record in evaluations], "ko-")
        right.set_ylabel("F1 on held-out questions (%)")
    axes.set(xlabel="questions seen", ylabel="loss a question", ylim=(0, None))
    axes.legend()
    figure.savefig(picture)
    plt.close(figure)


if __name__ == "__main__":
    draw(Path(sys.argv[1]), Path(sys.argv[2]))
