"""The mean of checkpoints' weights, as a checkpoint: ``python -m training.average CHECKPOINT... --output FILE``.

Runs that went on from one another end close together, and the mean of their weights often reads better than each of
them (Wortsman et al., Model soups, 2022).
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import safe_open

from rag.errors import ModelError
from training.checkpoints import Position, checkpoint_network, save_checkpoint

logger = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the mean; the position and options are those of the last checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoints", nargs="+", type=Path)
    parser.add_argument("--output", type=Path, required=True, help="checkpoint without an optimizer's moments")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    average(options.checkpoints, options.output)
    logger.info("%s: the mean of %d checkpoints", options.output, len(options.checkpoints))


def average(checkpoints: Sequence[Path], output: Path) -> None:
    """Write the mean of the checkpoints' weights.

    Raises:
        ModelError: one cannot be read, or is of another network than the first.
    """
    networks = [checkpoint_network(path)[0] for path in checkpoints]
    for path, network in zip(checkpoints, networks, strict=True):
        if network.shape != networks[0].shape:
            raise ModelError(f"This is a checkpoint of another network than {checkpoints[0].name}.", path=path)
    mean = networks[-1]
    for parameter, *others in zip(*(network.parameters() for network in reversed(networks)), strict=True):
        parameter.data = torch.stack([each.detach() for each in (parameter, *others)]).mean(dim=0)
    with safe_open(checkpoints[-1], framework="pt") as file:
        metadata = file.metadata()
    position = Position(**json.loads(metadata["position"]))
    save_checkpoint(output, mean, None, position, json.loads(metadata["options"]))


if __name__ == "__main__":
    main()
