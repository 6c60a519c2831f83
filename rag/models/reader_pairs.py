"""The reader's network: an encoder over a question and a passage, with heads for spans and for relevance.

The encoder has the shape of the bundled e5 model and was trained on from its weights. Two things are added to its
input: which of the two texts a token is from, and whether the same token stands in the other text. Word embeddings are
not part of the network: they were frozen, and are shared with the embedder.

Beside the encoder's weights there are ``position``, ``segment`` and ``shared`` (embeddings), ``span`` (2 outputs),
``trim`` (2 × (MAX_TRIM + 1)), ``relevance_hidden`` and ``relevance``, which reads the first token.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rag.models.encoder import Encoder, EncoderShape, Floats, Graph, Node, Precision, Weights, as_floats
from rag.models.reader_input import Ids, PairBatch, pair_batch, pair_length
from rag.models.reader_spans import MAX_TRIM, PassageLogits

BATCH_TOKENS: Final = 1024
_ALIKE: Final = 0.85
"""Pairs are read together if the shorter has at least this share of the longest's tokens: one pair alone keeps all
cores busy, so that padding is time lost."""


@dataclass(frozen=True, slots=True)
class PairReading:
    """A pair's relevance logit and the logits over its passage."""

    relevance: float
    logits: PassageLogits


class PairReader:
    """Reads pairs of a question and a passage. Threads may share one.

    Args:
        shape: the encoder's.
        weights: the encoder's and the heads'.
        words: word embeddings (vocabulary, hidden) of the model that it was trained on.
        precision: what to compute in.
    """

    def __init__(self, shape: EncoderShape, weights: Weights, words: NDArray[Any], precision: Precision) -> None:
        self.shape = shape
        self._words = words
        self._positions, self._segments, self._shared = (
            as_floats(weights[f"{name}.weight"]) for name in ("position", "segment", "shared")
        )
        self._encoder = Encoder(weights, shape, _heads, precision)

    def read(self, pairs: Sequence[tuple[Ids, Ids]], *, batch_tokens: int = BATCH_TOKENS) -> list[PairReading]:
        """Readings of pairs, in order.

        Args:
            pairs: ids of questions and passages, without special tokens.
            batch_tokens: most padded tokens in one pass; pairs of like length are read together.
        """
        readings: dict[int, PairReading] = {}
        for rows in _rows_by_length([pair_length(*pair) for pair in pairs], batch_tokens):
            batch = pair_batch([pairs[row] for row in rows])
            span, trim, relevance = self._encoder(self._embedded(batch), batch.lengths)
            for place, row in enumerate(rows):
                begin = int(batch.offsets[place])
                inside = slice(begin, begin + len(pairs[row][1]))
                start, end = span[place, inside].T
                head, tail = np.split(trim[place, inside], [MAX_TRIM + 1], axis=-1)
                readings[row] = PairReading(float(relevance[place, 0]), PassageLogits(start, end, head, tail))
        return [readings[row] for row in range(len(pairs))]

    def _embedded(self, batch: PairBatch) -> Floats:
        embedded: Floats = self._words[batch.ids].astype(np.float32)
        embedded += self._positions[: batch.ids.shape[1]]
        embedded += self._segments[batch.segments]
        embedded += self._shared[batch.shared]
        return embedded


def _heads(graph: Graph, tokens: Node, _mask: Node) -> list[Node]:
    """Span logits (B, T, 2), trim logits (B, T, 2 × (MAX_TRIM + 1)), relevance logits (B, 1)."""
    op = graph.op
    first = op.gather(tokens, graph.constant(0, np.int64), graph.constant(1, np.int64))
    relevance = graph.linear(op.tanh(graph.linear(first, "relevance_hidden")), "relevance")
    return [graph.linear(tokens, "span"), graph.linear(tokens, "trim"), relevance]


def _rows_by_length(lengths: Sequence[int], tokens: int) -> Iterator[list[int]]:
    rows: list[int] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        if rows and ((len(rows) + 1) * lengths[rows[0]] > tokens or lengths[row] < _ALIKE * lengths[rows[0]]):
            yield rows
            rows = []
        rows.append(row)
    if rows:
        yield rows
