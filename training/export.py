"""From a checkpoint to what ships: ``python -m training.export --checkpoint FILE --facts FILE... --output DIR``.

Writes the weights in 8 bits, their seal, the model card, and how far rounding moved the weights.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rag.models.bundled import bundled_fingerprint
from rag.models.encoder import EncoderShape, Weights, as_floats
from rag.reader.weights import read_reader, write_reader
from rag.settings import Settings
from training.checkpoints import checkpoint_network

logger = logging.getLogger(__name__)

CARD = "README.md"
_DATA = (
    "JaQuAD (So et al. 2022, CC BY-SA 3.0), written questions over made-up papers (CC0), paragraphs of *The Rust"
    " Programming Language* and of its Japanese translation (MIT or Apache-2.0)"
)

_CARD = """# The reader's weights

A question goes in, and a passage, or a unit of one behind what it stands under; whether it answers, and with which
characters, comes out. {layers} transformer layers of width {hidden}, started from multilingual-e5-small (MIT) and
trained further; its word embeddings are not in this file but shared with the embedder ({encoder}). Matrices are stored
in 8 bits.

- **Data**: {data}. Of JaQuAD only its training part. {held_out} of its articles were held out to choose by, and one in
  six of the documents of written questions.
- **Training**: `python -m training.train`; the last run {questions:,} questions and {pairs:,} pairs in {steps:,} steps,
  {hours:.1f} hours on a CPU, from the weights that shipped before (`training/README.md` tells how).
- **Licence of the weights**: {licence}.
- **Limits**: trained on Japanese Wikipedia and on made-up papers of offices in Japanese and English; other languages
  are transfer. It finds what stands in the text; it does not count or compute.

## Figures

```json
{figures}
```
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the weights, their seal and the model card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--facts", type=Path, nargs="*", default=[], help="JSON files: calibration, figures")
    parser.add_argument("--output", type=Path, required=True, help="folder; rag/reader/shipped for what ships")
    parser.add_argument("--encoder-name", default=Settings.model_fields["model"].default)
    parser.add_argument("--data-name", default=_DATA)
    parser.add_argument("--licence", default="CC BY-SA 3.0, as the data's")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    facts: dict[str, Any] = {}
    for path in options.facts:
        facts |= json.loads(path.read_text(encoding="utf-8"))
    export(
        options.checkpoint,
        options.output,
        facts
        | {
            "encoder": bundled_fingerprint(options.encoder_name),
            "data": options.data_name,
            "licence": options.licence,
        },
    )


def export(checkpoint: Path, folder: Path, facts: Mapping[str, Any]) -> float:
    """Write the shipped form of a checkpoint.

    Returns:
        The relative error of the weights through rounding: ``|W' - W| / |W|`` over all matrices.
    """
    network, run = checkpoint_network(checkpoint)
    error_facts = dict(facts) | {"run": run}
    weights = network.arrays()
    path = write_reader(folder, network.shape, weights, error_facts)
    _, rounded, _ = read_reader(folder)
    error = _relative_error(weights, rounded)
    (folder / CARD).write_text(card(network.shape, error_facts), encoding="utf-8")
    logger.info("%s: %.1f MB, relative rounding error %.4f", path, path.stat().st_size / 1e6, error)
    return error


def _relative_error(weights: Weights, rounded: Weights) -> float:
    pairs = [(as_floats(weights[name]), as_floats(rounded[name])) for name in weights]
    off = sum(float(np.square(mine - theirs).sum()) for mine, theirs in pairs)
    return float(np.sqrt(off / sum(float(np.square(mine).sum()) for mine, _ in pairs)))


def card(shape: EncoderShape, facts: Mapping[str, Any]) -> str:
    """The model card."""
    run = facts["run"]
    figures = {name: facts[name] for name in ("held_out", "dev", "calibration") if name in facts}
    return _CARD.format(
        layers=shape.layers,
        hidden=shape.hidden,
        encoder=facts["encoder"],
        data=facts["data"],
        held_out=facts.get("held_out_articles", 35),
        licence=facts["licence"],
        figures=json.dumps(figures, indent=2, ensure_ascii=False),
        **{name: run[name] for name in ("questions", "pairs", "steps", "hours") if name in run}
        | {"steps": run["step"]},
    )


if __name__ == "__main__":
    main()
