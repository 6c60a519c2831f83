"""The network a run starts from: the bundled encoder's weights, new heads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor

from rag.models.encoder import EncoderShape
from rag.models.reader_model import WORDS
from training.network import ReaderNetwork

_PARTS = {
    "attention_out": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "widen": "intermediate.dense",
    "narrow": "output.dense",
    "norm": "output.LayerNorm",
}


def encoder_shape(folder: Path) -> EncoderShape:
    """The shape of a transformers ``BertModel`` folder."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return EncoderShape(
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        hidden=config["hidden_size"],
        intermediate=config["intermediate_size"],
        positions=config["max_position_embeddings"],
        norm_eps=config["layer_norm_eps"],
    )


def network_from_encoder(folder: Path, seed: int) -> tuple[ReaderNetwork, Tensor]:
    """A ReaderNetwork with the weights of the ``BertModel`` in ``folder``, and that model's word embeddings, frozen."""
    torch.manual_seed(seed)
    network = ReaderNetwork(encoder_shape(folder))
    with safe_open(folder / "model.safetensors", framework="pt") as weights:
        network.load_state_dict(_encoder_state(weights, network.shape.layers), strict=False)
        words: Tensor = weights.get_tensor(WORDS)
    return network, words


def _encoder_state(weights: Any, layers: int) -> dict[str, Tensor]:
    def get(name: str) -> Tensor:
        tensor: Tensor = weights.get_tensor(name)
        return tensor

    state = {
        # Every token was of type 0 in the encoder's training.
        "position.weight": get("embeddings.position_embeddings.weight")
        + get("embeddings.token_type_embeddings.weight")[0],
        "norm.weight": get("embeddings.LayerNorm.weight"),
        "norm.bias": get("embeddings.LayerNorm.bias"),
    }
    for layer in range(layers):
        theirs, ours = f"encoder.layer.{layer}", f"blocks.{layer}"
        for kind in ("weight", "bias"):
            state[f"{ours}.qkv.{kind}"] = torch.cat(
                [get(f"{theirs}.attention.self.{part}.{kind}") for part in ("query", "key", "value")]
            )
            for part, name in _PARTS.items():
                state[f"{ours}.{part}.{kind}"] = get(f"{theirs}.{name}.{kind}")
    return state
