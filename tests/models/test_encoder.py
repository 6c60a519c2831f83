"""The encoder's graph, held to the same arithmetic written out in NumPy."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from scipy.special import erf, softmax

from rag.arrays import Floats
from rag.models.encoder import Encoder, EncoderShape, Graph, Int8Matrix, Node, fastest_precision

SHAPE = EncoderShape(layers=2, heads=2, hidden=64, intermediate=128, positions=96)
NORMS = ("norm", "blocks.0.attention_norm", "blocks.0.norm", "blocks.1.attention_norm", "blocks.1.norm")
LINEARS = {"qkv": (192, 64), "attention_out": (64, 64), "widen": (128, 64), "narrow": (64, 128)}


def random_weights(seed: int = 0) -> dict[str, Floats]:
    draw = np.random.default_rng(seed)
    weights = {f"{name}.weight": draw.uniform(0.5, 1.5, 64) for name in NORMS}
    weights |= {f"{name}.bias": draw.normal(0, 0.1, 64) for name in NORMS}
    for layer in range(SHAPE.layers):
        for name, (outputs, inputs) in LINEARS.items():
            weights[f"blocks.{layer}.{name}.weight"] = draw.normal(0, inputs**-0.5, (outputs, inputs))
            weights[f"blocks.{layer}.{name}.bias"] = draw.normal(0, 0.1, outputs)
    return {name: values.astype(np.float32) for name, values in weights.items()}


WEIGHTS = random_weights()


def written_out(embedded: Floats) -> Floats:
    """Token vectors (T, hidden) of one text (T, hidden), as in Devlin et al. 2019."""

    def linear(x: Any, name: str) -> Any:
        return x @ WEIGHTS[f"{name}.weight"].T + WEIGHTS[f"{name}.bias"]

    def norm(x: Any, name: str) -> Any:
        standard = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + SHAPE.norm_eps)
        return standard * WEIGHTS[f"{name}.weight"] + WEIGHTS[f"{name}.bias"]

    x = norm(embedded.astype(np.float64), "norm")
    for layer in range(SHAPE.layers):
        block, width = f"blocks.{layer}", SHAPE.hidden // SHAPE.heads
        by_head = linear(x, f"{block}.qkv").reshape(len(x), 3, SHAPE.heads, width).transpose(1, 2, 0, 3)
        queries, keys, values = by_head
        attended = softmax(queries @ keys.transpose(0, 2, 1) / np.sqrt(width), axis=-1) @ values
        together = attended.transpose(1, 0, 2).reshape(len(x), SHAPE.hidden)
        x = norm(x + linear(together, f"{block}.attention_out"), f"{block}.attention_norm")
        wide = linear(x, f"{block}.widen")
        x = norm(x + linear(wide * (1 + erf(wide / np.sqrt(2))) / 2, f"{block}.narrow"), f"{block}.norm")
    return x.astype(np.float32)


def tokens_as_they_are(_graph: Graph, tokens: Node, _mask: Node) -> list[Node]:
    return [tokens]


def texts(*lengths: int) -> Floats:
    return np.random.default_rng(1).normal(0, 1, (len(lengths), max(lengths), SHAPE.hidden)).astype(np.float32)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(WEIGHTS, SHAPE, tokens_as_they_are, "float32", streams=2)


@pytest.mark.parametrize("lengths", [(1,), (7, 3), (40, 9), (70, 64, 5)])
def test_each_text_of_a_batch_is_encoded_as_if_it_were_alone(encoder: Encoder, lengths: tuple[int, ...]) -> None:
    embedded = texts(*lengths)
    (found,) = encoder(embedded, lengths)
    for row, length in enumerate(lengths):
        assert np.allclose(found[row, :length], written_out(embedded[row, :length]), atol=1e-4)


def test_threads_that_come_at_once_get_their_own_tokens(encoder: Encoder) -> None:
    several = [texts(5 + number) + number for number in range(16)]
    expected = [encoder(embedded, [embedded.shape[1]])[0] for embedded in several]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda embedded: encoder(embedded, [embedded.shape[1]])[0], several))
    assert all(np.allclose(mine, alone, atol=1e-5) for mine, alone in zip(found, expected, strict=True))


def test_a_stream_is_free_again_after_an_input_that_it_cannot_take() -> None:
    alone = Encoder(WEIGHTS, SHAPE, tokens_as_they_are, "float32")
    with pytest.raises(RuntimeError):
        alone(np.zeros((1, 8, SHAPE.hidden + 1), np.float32), [8])
    (found,) = alone(texts(8), [8])
    assert np.allclose(found[0], written_out(texts(8)[0]), atol=1e-4)


def test_weights_of_eight_bits_are_computed_with_as_they_are() -> None:
    small = {name: Int8Matrix.of(w) if w.ndim == 2 else w for name, w in WEIGHTS.items()}
    floats = {name: w.to_float() if isinstance(w, Int8Matrix) else w for name, w in small.items()}
    (expected,) = Encoder(floats, SHAPE, tokens_as_they_are, "float32")(texts(24), [24])
    (found,) = Encoder(small, SHAPE, tokens_as_they_are, "float32")(texts(24), [24])
    assert np.allclose(found, expected, atol=1e-4)


def test_int8_stays_near_float32(encoder: Encoder) -> None:
    (expected,) = encoder(texts(32), [32])
    (found,) = Encoder(WEIGHTS, SHAPE, tokens_as_they_are, "int8")(texts(32), [32])
    cosines = (found * expected).sum(-1) / np.linalg.norm(found, axis=-1) / np.linalg.norm(expected, axis=-1)
    assert cosines.min() > 0.999


@pytest.mark.parametrize("limit", ["SSE41", "AVX", "AVX2"])
def test_it_computes_the_same_on_lesser_cpus(limit: str) -> None:
    """In a process of its own: oneDNN reads its limit once."""
    run = f"from {__name__} import compute_in_each_precision as run; run()"
    limited = {**os.environ, "ONEDNN_MAX_CPU_ISA": limit}
    done = subprocess.run([sys.executable, "-c", run], env=limited, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def compute_in_each_precision() -> None:
    (expected,) = Encoder(WEIGHTS, SHAPE, tokens_as_they_are, fastest_precision())(texts(32), [32])
    assert np.allclose(expected[0], written_out(texts(32)[0]), atol=1e-4)
    (found,) = Encoder(WEIGHTS, SHAPE, tokens_as_they_are, "int8")(texts(32), [32])
    assert np.allclose(found, expected, atol=0.2)


def test_a_scaled_part_of_a_small_matrix_is_that_part_of_the_floats() -> None:
    matrix = WEIGHTS["blocks.0.qkv.weight"]
    small = Int8Matrix.of(matrix)
    assert np.allclose(small[64:128].times(0.5).to_float(), small.to_float()[64:128] / 2, atol=1e-7)
