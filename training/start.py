"""The network a run starts from: the bundled encoder's weights and new heads, or a reader as it ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from rag.errors import ModelError
from rag.models.bundled_model import WORDS, read_bert
from rag.models.encoder import as_floats
from rag.models.mapped import mapped_array
from rag.reader.weights import read_reader
from training.network import ReaderNetwork


def network_from_encoder(folder: Path, seed: int) -> tuple[ReaderNetwork, Tensor]:
    """A ReaderNetwork with the weights of the ``BertModel`` in ``folder``, and that model's word embeddings, frozen."""
    torch.manual_seed(seed)
    shape, weights, positions = read_bert(folder)
    network = ReaderNetwork(shape)
    state = {name: torch.from_numpy(values) for name, values in weights.items()}
    network.load_state_dict(state | {"position.weight": torch.from_numpy(positions)}, strict=False)
    return network, torch.from_numpy(np.array(mapped_array(folder / "model.safetensors", WORDS)))


def load_shipped(folder: Path, network: ReaderNetwork) -> None:
    """Set ``network`` to the weights of the reader in ``folder``, rounded to 8 bits as they are.

    Raises:
        ModelError: there is none, it is damaged, or of another shape.
    """
    _, weights, _ = read_reader(folder)
    try:
        network.load_state_dict({name: torch.from_numpy(as_floats(values)) for name, values in weights.items()})
    except RuntimeError as error:
        raise ModelError(f"This reader cannot be trained on: {error}.", path=folder) from error
