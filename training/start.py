"""The network a run starts from: the bundled encoder's weights, new heads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from rag.models.bundled_model import WORDS, read_bert
from rag.models.mapped import mapped_array
from training.network import ReaderNetwork


def network_from_encoder(folder: Path, seed: int) -> tuple[ReaderNetwork, Tensor]:
    """A ReaderNetwork with the weights of the ``BertModel`` in ``folder``, and that model's word embeddings, frozen."""
    torch.manual_seed(seed)
    shape, weights, positions = read_bert(folder)
    network = ReaderNetwork(shape)
    state = {name: torch.from_numpy(values) for name, values in weights.items()}
    network.load_state_dict(state | {"position.weight": torch.from_numpy(positions)}, strict=False)
    return network, torch.from_numpy(np.array(mapped_array(folder / "model.safetensors", WORDS)))
