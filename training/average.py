"""The mean of checkpoints' weights, as a checkpoint: ``python -m training.average CHECKPOINT... --output FILE``.

Runs that went on from one another end close together, and the mean of their weights often reads better than each of
them (Wortsman et al., Model soups, 2022).
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from rag.errors import ModelError
from training.checkpoints import checkpoint_network

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
    weights = [dict(network.named_parameters()) for network in networks]
    means = {
        f"network.{name}": torch.stack([each[name].detach() for each in weights]).mean(dim=0) for name in weights[0]
    }
    with safe_open(checkpoints[-1], framework="pt") as file:
        metadata = file.metadata()
    save_file(means, output, metadata=metadata)


if __name__ == "__main__":
    main()
