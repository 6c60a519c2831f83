"""The bundled model on OpenVINO's runtime: ready in a fraction of the time that loading a model library takes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open

from rag.arrays import Floats
from rag.models.bundled import MAX_TOKENS, PROMPTS, bundled_fingerprint, bundled_folder
from rag.models.cpu import physical_cores
from rag.models.encoder import Encoder, EncoderShape, Graph, Node, Precision, fastest_precision
from rag.models.graphs import KeptGraph
from rag.models.mapped import mapped_array
from rag.models.tokenizer import BOS, EOS, PAD, load_tokenizer

WORDS: Final = "embeddings.word_embeddings.weight"
_PARTS: Final = {
    "attention_out": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "widen": "intermediate.dense",
    "narrow": "output.dense",
    "norm": "output.LayerNorm",
}


class BundledModel:
    """The bundled model; see ``rag.models.embedder.TextModel``.

    Args:
        name: ``bundled:multilingual-e5-small``.
        cache_dir: where it is unpacked.
        precision: ``auto`` is bfloat16 or int8 where that is faster, float32 elsewhere. Vectors of one precision
            compare with those of another.

    Raises:
        ModelError, StorageError: it cannot be unpacked or read.
    """

    prompts: Mapping[str, str | None] = PROMPTS
    max_tokens = MAX_TOKENS

    def __init__(self, name: str, cache_dir: Path, precision: str) -> None:
        folder = bundled_folder(name, cache_dir)
        self.precision: Precision = _choose_precision(precision)
        shape, weights, self._positions = read_bert(folder)
        self.dimension = shape.hidden
        self.streams = physical_cores()
        self._words: NDArray[Any] = mapped_array(folder / "model.safetensors", WORDS)
        self._tokenizer = load_tokenizer(folder)
        kept = KeptGraph(cache_dir, bundled_fingerprint(name), ("models/bundled_model.py",))
        self._encoder = Encoder(weights, shape, _mean, self.precision, streams=self.streams, kept=kept)

    def tokenize(self, texts: Sequence[str], prompt: str) -> list[NDArray[np.int32]]:
        return [
            np.concatenate(([BOS], tokens.ids, [EOS])).astype(np.int32)
            for tokens in self._tokenizer([prompt + text for text in texts])
        ]

    def token_starts(self, text: str) -> list[int]:
        (tokens,) = self._tokenizer([text])
        starts: list[int] = tokens.starts.tolist()
        return starts

    def encode(self, tokenized: Sequence[NDArray[np.int32]], prompt: str, *, query: bool) -> Floats:
        lengths = [min(len(ids), self.max_tokens) for ids in tokenized]
        rows = np.full((len(tokenized), max(lengths)), PAD)
        for row, length, ids in zip(rows, lengths, tokenized, strict=True):
            row[:length] = ids[:length]
            row[length - 1] = EOS
        embedded = self._words[rows].astype(np.float32) + self._positions[: rows.shape[1]]
        (vectors,) = self._encoder(embedded, lengths)
        return vectors


def read_bert(folder: Path) -> tuple[EncoderShape, dict[str, Floats], Floats]:
    """The encoder of a transformers ``BertModel`` folder.

    Returns:
        Its shape; its weights, as ``rag.models.encoder`` names them; and what is added to the word embedding at each
        position (positions, hidden), with the embedding of token type 0 in it.
    """
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    shape = EncoderShape(
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        hidden=config["hidden_size"],
        intermediate=config["intermediate_size"],
        positions=config["max_position_embeddings"],
        norm_eps=config["layer_norm_eps"],
    )
    with safe_open(folder / "model.safetensors", framework="np") as file:

        def get(name: str) -> Floats:
            values: Floats = file.get_tensor(name).astype(np.float32)
            return values

        weights = {f"norm.{kind}": get(f"embeddings.LayerNorm.{kind}") for kind in ("weight", "bias")}
        for layer in range(shape.layers):
            theirs, ours = f"encoder.layer.{layer}", f"blocks.{layer}"
            for kind in ("weight", "bias"):
                attention = [get(f"{theirs}.attention.self.{part}.{kind}") for part in ("query", "key", "value")]
                weights[f"{ours}.qkv.{kind}"] = np.concatenate(attention)
                weights |= {f"{ours}.{part}.{kind}": get(f"{theirs}.{name}.{kind}") for part, name in _PARTS.items()}
        types = get("embeddings.token_type_embeddings.weight")
        return shape, weights, get("embeddings.position_embeddings.weight") + types[0]


def _mean(graph: Graph, tokens: Node, mask: Node) -> list[Node]:
    """Mean of the token vectors (B, hidden)."""
    op = graph.op
    one, two = graph.constant([1], np.int64), graph.constant([2], np.int64)
    total = op.reduce_sum(op.multiply(tokens, op.unsqueeze(mask, two)), one, False)
    return [op.divide(total, op.reduce_sum(mask, one, True))]


def _choose_precision(wanted: str) -> Precision:
    if wanted == "auto":
        return fastest_precision()
    return "bfloat16" if wanted == "bfloat16" else "int8" if wanted == "int8" else "float32"
