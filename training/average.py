"""The mean of networks' weights, as a checkpoint: ``python -m training.average NETWORK... --output FILE``.

A NETWORK is a checkpoint, or the folder of a reader as it ships. Runs that went on from one another end close together,
and the mean of their weights often reads better than each of them (Wortsman et al., Model soups, 2022); that of a
network and of what it became when it was taught more keeps much of what was lost by that (Wortsman et al., Robust
fine-tuning of zero-shot models, 2022).
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from rag.errors import ModelError
from rag.reader.weights import read_reader
from training.checkpoints import Position, checkpoint_network, save_checkpoint
from training.network import ReaderNetwork
from training.start import load_shipped

logger = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the mean; the position and options are those of the last network."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", nargs="+", type=Path)
    parser.add_argument(
        "--shares", nargs="+", type=float, help="of each network in the mean; all the same if not given"
    )
    parser.add_argument("--output", type=Path, required=True, help="checkpoint without an optimizer's moments")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    shares = options.shares or [1.0] * len(options.networks)
    if len(shares) != len(options.networks):
        parser.error("--shares wants one number for each network")
    average(options.networks, options.output, shares)
    logger.info("%s: the mean of %d networks", options.output, len(options.networks))


def average(places: Sequence[Path], output: Path, shares: Sequence[float] = ()) -> None:
    """Write the mean of the networks' weights, each counting by its share.

    Raises:
        ModelError: one cannot be read, or is of another network than the first.
    """
    networks = [_network(place) for place in places]
    for place, network in zip(places, networks, strict=True):
        if network.shape != networks[0].shape:
            raise ModelError(f"This is another network than {places[0].name}.", path=place)
    parts = torch.tensor(shares or [1.0] * len(networks), dtype=torch.float32)
    parts /= parts.sum()
    mean = networks[-1]
    for parameter, *others in zip(*(network.parameters() for network in reversed(networks)), strict=True):
        weights = torch.stack([each.detach() for each in reversed([parameter, *others])])
        parameter.data = torch.tensordot(parts, weights, dims=1)
    save_checkpoint(output, mean, None, *_progress(places[-1]))


def _network(place: Path) -> ReaderNetwork:
    if not place.is_dir():
        return checkpoint_network(place)[0]
    shape, _, _ = read_reader(place)
    network = ReaderNetwork(shape)
    load_shipped(place, network)
    return network


def _progress(place: Path) -> tuple[Position, dict[str, Any]]:
    """How far the run of a network had come, and its options."""
    if place.is_dir():
        run = read_reader(place)[2].get("run", {})
        known = {field.name for field in fields(Position)}
        return Position(**{name: value for name, value in run.items() if name in known}), {}
    with safe_open(place, framework="pt") as file:
        metadata = file.metadata()
    return Position(**json.loads(metadata["position"])), json.loads(metadata["options"])


if __name__ == "__main__":
    main()
