"""A training run on disk: one file, replaced at once, from which the run goes on as if it had not stopped."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from rag.errors import ModelError
from rag.models.encoder import EncoderShape
from training.network import ReaderNetwork


@dataclass(frozen=True, slots=True)
class Position:
    """How far a run has come.

    Attributes:
        step: steps done.
        hours: wall time they took.
        questions, pairs, tokens: what they saw.
    """

    step: int = 0
    hours: float = 0.0
    questions: int = 0
    pairs: int = 0
    tokens: int = 0


def save_checkpoint(
    path: Path,
    network: ReaderNetwork,
    optimizer: torch.optim.Optimizer | None,
    position: Position,
    options: Mapping[str, Any],
) -> None:
    """Write weights, the optimizer's moments and the position; a reader of ``path`` sees the old file or the new."""
    tensors: dict[str, Tensor] = {}
    for name, parameter in network.named_parameters():
        tensors[f"network.{name}"] = parameter.detach()
        for moment in ("exp_avg", "exp_avg_sq"):
            if optimizer is not None and moment in optimizer.state.get(parameter, {}):
                tensors[f"{moment}.{name}"] = optimizer.state[parameter][moment]
    metadata = {
        "shape": json.dumps(network.shape.to_dict()),
        "position": json.dumps(asdict(position)),
        "options": json.dumps(dict(options), default=str),
    }
    part = path.with_suffix(".part")
    save_file(tensors, part, metadata=metadata)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)


def load_checkpoint(path: Path, network: ReaderNetwork, optimizer: torch.optim.Optimizer | None = None) -> Position:
    """Set ``network`` and ``optimizer`` to what was saved.

    Raises:
        ModelError: the file cannot be read or is of another network.
    """
    try:
        with safe_open(path, framework="pt") as file:
            position = Position(**json.loads(file.metadata()["position"]))
            names = set(file.keys())
            for name, parameter in network.named_parameters():
                parameter.data.copy_(file.get_tensor(f"network.{name}"))
                if optimizer is not None and f"exp_avg.{name}" in names:
                    optimizer.state[parameter] = {
                        "step": torch.tensor(float(position.step)),
                        "exp_avg": file.get_tensor(f"exp_avg.{name}"),
                        "exp_avg_sq": file.get_tensor(f"exp_avg_sq.{name}"),
                    }
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ModelError(f"This checkpoint cannot be read: {error}.", path=path) from error
    return position


def checkpoint_network(path: Path) -> tuple[ReaderNetwork, dict[str, Any]]:
    """The network of a checkpoint, and how far its run had come."""
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
    network = ReaderNetwork(EncoderShape(**json.loads(metadata["shape"])))
    load_checkpoint(path, network)
    run: dict[str, Any] = json.loads(metadata["position"])
    return network, run
