"""A BERT encoder on OpenVINO's runtime, built from arrays: no model library is imported, nothing is traced.

The graph begins behind the embeddings: whoever calls adds them up, so that the word embeddings, most of a multilingual
model's bytes, can stay in a mapped file of which only the rows in use are read.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from queue import SimpleQueue
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from rag.arrays import Floats
from rag.models.cpu import is_bfloat16_faster, is_int8_faster, is_without_avx, physical_cores
from rag.models.graphs import KeptGraph

logger = logging.getLogger(__name__)

Precision = Literal["float32", "bfloat16", "int8"]

_LENGTH_STEP: Final = 16
"""Batches are padded to a multiple of this: OpenVINO keeps memory for every shape that it has seen."""
_SHORT: Final = 64
_SHORT_STEP: Final = 8
"""Up to ``_SHORT`` tokens, which is what a question has, half a step of padding is saved."""
_REQUESTS: Final = 4
"""For each stream. What waits for a stream waits in OpenVINO, so that no stream waits for a Python thread's turn."""
_INT8_GROUP: Final = 64
"""Inputs of a matrix product that share a scale in int8. With 128 it is a twentieth faster and moves the vectors nearly
twice as far; with 32 a quarter slower, and hardly more exact; with one for all 1,536 of a wide layer half as fast."""


_FIRST_LOOK: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class EncoderShape:
    """Sizes of an encoder.

    Attributes:
        layers, heads: number of transformer blocks; attention heads in each.
        hidden, intermediate: width of the token vectors; of the feed-forward blocks.
        positions: longest input in tokens.
        norm_eps: added to the variance in layer normalisation.
    """

    layers: int
    heads: int
    hidden: int
    intermediate: int
    positions: int
    norm_eps: float = 1e-12

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Int8Matrix:
    """A matrix (rows, columns) in 8 bits, ``values * scale[:, None]``.

    Rounded symmetrically with a scale for each row (Jacob et al. 2018).
    """

    values: NDArray[np.int8]
    scale: Floats

    @classmethod
    def of(cls, matrix: Floats) -> Int8Matrix:
        scale = np.maximum(np.abs(matrix).max(axis=1) / 127, 1e-12).astype(np.float32)
        return cls(np.round(matrix / scale[:, None]).astype(np.int8), scale)

    def to_float(self) -> Floats:
        floats: Floats = self.values.astype(np.float32) * self.scale[:, None]
        return floats

    def __getitem__(self, rows: slice) -> Int8Matrix:
        return Int8Matrix(self.values[rows], self.scale[rows])

    def times(self, factor: float) -> Int8Matrix:
        """The matrix multiplied by a number; its 8 bits stay as they are."""
        return Int8Matrix(self.values, self.scale * np.float32(factor))


def as_floats(matrix: Floats | Int8Matrix) -> Floats:
    """The matrix in float32, however it is stored."""
    return matrix.to_float() if isinstance(matrix, Int8Matrix) else matrix


Weights = Mapping[str, "Floats | Int8Matrix"]
"""Arrays by name: ``norm``, and for each block ``blocks.0.`` + ``qkv``, ``attention_out``, ``attention_norm``,
``widen``, ``narrow``, ``norm``, each with ``.weight`` and ``.bias``; matrices are (outputs, inputs)."""

Node = Any
Heads = Callable[["Graph", Node, Node], Sequence[Node]]
"""From the graph, the token vectors (B, T, hidden) and the lengths' mask (B, T) to the outputs wanted."""


class Graph:
    """Writes OpenVINO operations over one set of weights."""

    def __init__(self, weights: Weights, shape: EncoderShape, precision: Precision) -> None:
        self.op: Any = _openvino().opset15
        self._weights = weights
        self._shape = shape
        self._precision = precision

    def constant(self, value: object, kind: type[np.generic] = np.float32) -> Node:
        return self.op.constant(np.asarray(value, dtype=kind))

    def linear(self, x: Node, name: str) -> Node:
        """``x @ weight.T + bias``, over the last axis."""
        return self._affine(x, self._weights[f"{name}.weight"], as_floats(self._weights[f"{name}.bias"]))

    def _affine(self, x: Node, matrix: Floats | Int8Matrix, bias: Floats) -> Node:
        return self.op.add(self.op.matmul(x, self._matrix(matrix), False, True), self.constant(bias))

    def _matrix(self, matrix: Floats | Int8Matrix) -> Node:
        if self._precision != "int8":
            return self.constant(as_floats(matrix))
        # Small heads stay as they are: they cost nothing.
        if not isinstance(matrix, Int8Matrix) and len(matrix) < self._shape.hidden:
            return self.constant(matrix)
        small = matrix if isinstance(matrix, Int8Matrix) else Int8Matrix.of(matrix)
        if not is_int8_faster():  # OpenVINO stops where the CPU has no dot products for it
            return self.constant(small.to_float())
        values = self.op.convert(self.op.constant(small.values), np.float32)
        return self.op.multiply(values, self.constant(small.scale[:, None]))

    def norm(self, x: Node, name: str) -> Node:
        """Layer normalisation over the last axis."""
        standard = self._standard_by_products(x) if is_without_avx() else self._standard(x)
        scaled = self.op.multiply(standard, self.constant(self._weights[f"{name}.weight"]))
        return self.op.add(scaled, self.constant(self._weights[f"{name}.bias"]))

    def _standard(self, x: Node) -> Node:
        return self.op.mvn(x, self.constant([-1], np.int64), True, self._shape.norm_eps, "INSIDE_SQRT")

    def _standard_by_products(self, x: Node) -> Node:
        """The same from matrix products with a column of 1/n: OpenVINO's own operation needs AVX."""
        column = self.constant(np.full((self._shape.hidden, 1), 1 / self._shape.hidden))
        centred = self.op.subtract(x, self.op.matmul(x, column, False, False))
        variance = self.op.matmul(self.op.multiply(centred, centred), column, False, False)
        return self.op.divide(centred, self.op.sqrt(self.op.add(variance, self.constant(self._shape.norm_eps))))

    def block(self, x: Node, mask: Node, name: str) -> Node:
        """One transformer block as in BERT (Devlin et al. 2019)."""
        op = self.op
        queries, keys, values = self._attention_inputs(x, f"{name}.qkv")
        likeness = op.add(op.matmul(queries, keys, False, True), mask)
        attended = op.matmul(op.softmax(likeness, -1), values, False, False)
        together = op.reshape(op.transpose(attended, self.constant([0, 2, 1, 3], np.int64)), self._merged(), True)
        x = self.norm(op.add(x, self.linear(together, f"{name}.attention_out")), f"{name}.attention_norm")
        wide = op.gelu(self.linear(x, f"{name}.widen"), "erf")
        return self.norm(op.add(x, self.linear(wide, f"{name}.narrow")), f"{name}.norm")

    def _attention_inputs(self, x: Node, name: str) -> list[Node]:
        """Queries, keys and values by head (B, heads, T, width).

        Three products, since to cut the result of one costs a copy; and the queries' weights hold the division by the
        root of a head's width that attention asks for.
        """
        matrix, bias = self._weights[f"{name}.weight"], as_floats(self._weights[f"{name}.bias"])
        hidden = self._shape.hidden
        scale = (hidden // self._shape.heads) ** -0.5
        parts = []
        for number, factor in enumerate((scale, 1.0, 1.0)):
            rows = slice(number * hidden, (number + 1) * hidden)
            parts.append(self._by_head(self._affine(x, _times(matrix[rows], factor), bias[rows] * np.float32(factor))))
        return parts

    def _by_head(self, x: Node) -> Node:
        shape = self.constant([0, 0, self._shape.heads, self._shape.hidden // self._shape.heads], np.int64)
        return self.op.transpose(self.op.reshape(x, shape, True), self.constant([0, 2, 1, 3], np.int64))

    def _merged(self) -> Node:
        return self.constant([0, 0, self._shape.hidden], np.int64)


class Encoder:
    """A compiled encoder with its heads. Threads may share one.

    Args:
        weights, shape, heads: what it computes.
        precision: what to compute in.
        streams: batches computed at the same time, each by an equal share of the cores; others wait. One is best where
            each caller brings enough for all cores, one for each core where many small batches come at once.
        kept: where the compiled graph is kept, if it is.
    """

    def __init__(
        self,
        weights: Weights,
        shape: EncoderShape,
        heads: Heads,
        precision: Precision,
        *,
        streams: int = 1,
        kept: KeptGraph | None = None,
    ) -> None:
        options = _options(precision, streams)
        compiled = kept.read(_core(), options) if kept is not None else None
        if compiled is None:
            compiled = _core().compile_model(_model(weights, shape, heads, precision), "CPU", options)
            if kept is not None:
                kept.write(compiled, options)
        self._outputs = len(compiled.outputs)
        self._idle: SimpleQueue[Any] = SimpleQueue()
        for _ in range(_REQUESTS * streams):
            self._idle.put(compiled.create_infer_request())

    def __call__(self, embedded: Floats, lengths: Sequence[int] | NDArray[np.int64]) -> list[Floats]:
        """The heads' outputs for a padded batch; those for each token are of T or a few more.

        Args:
            embedded: (B, T, hidden) sums of the embeddings.
            lengths: tokens of each of the B texts.
        """
        more = -embedded.shape[1] % (_SHORT_STEP if embedded.shape[1] <= _SHORT else _LENGTH_STEP)
        embedded = np.pad(embedded, ((0, 0), (0, more), (0, 0)))
        mask = (np.arange(embedded.shape[1]) < np.asarray(lengths)[:, None]).astype(np.float32)
        with self._request() as request:
            request.infer([embedded, mask])
            return [request.get_output_tensor(number).data.copy() for number in range(self._outputs)]

    @contextmanager
    def _request(self) -> Iterator[Any]:
        """The next request that is idle."""
        request = self._idle.get()
        try:
            yield request
        finally:
            self._idle.put(request)


def _model(weights: Weights, shape: EncoderShape, heads: Heads, precision: Precision) -> Any:
    graph = Graph(weights, shape, precision)
    op = graph.op
    inputs = op.parameter([-1, -1, shape.hidden], np.float32, name="embedded")
    mask = op.parameter([-1, -1], np.float32, name="mask")
    # Added to attention logits: 0 on tokens, far below all logits on padding.
    away = op.multiply(op.subtract(mask, graph.constant(1.0)), graph.constant(1e9))
    away = op.unsqueeze(away, graph.constant([1, 2], np.int64))
    x = graph.norm(inputs, "norm")
    for number in range(shape.layers):
        x = graph.block(x, away, f"blocks.{number}")
    return _openvino().Model(list(heads(graph, x, mask)), [inputs, mask])


def fastest_precision() -> Precision:
    """What this CPU computes fastest without losing accuracy that could be measured."""
    if is_bfloat16_faster():
        return "bfloat16"
    return "int8" if is_int8_faster() else "float32"


def _times(matrix: Floats | Int8Matrix, factor: float) -> Floats | Int8Matrix:
    return matrix.times(factor) if isinstance(matrix, Int8Matrix) else matrix * np.float32(factor)


def _options(precision: Precision, streams: int) -> dict[str, object]:
    options: dict[str, object] = {
        "NUM_STREAMS": streams,
        "INFERENCE_NUM_THREADS": physical_cores(),
        "INFERENCE_PRECISION_HINT": "bf16" if precision == "bfloat16" else "f32",
        "DYNAMIC_QUANTIZATION_GROUP_SIZE": _INT8_GROUP if precision == "int8" else 0,
        # Other programs run on this machine too: a thread goes where there is room.
        "ENABLE_CPU_PINNING": False,
    }
    return options


@cache
def _core() -> Any:
    return _openvino().Core()


@cache
def _openvino() -> Any:
    # At every import OpenVINO reports to its makers' statistics, unless this package of theirs cannot be found.
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    import openvino

    with _FIRST_LOOK:
        # Where two threads are the first to look at a tensor, they wait for one another for ever.
        _ = openvino.Tensor(openvino.Type.f32, openvino.Shape([1])).data
    return openvino
