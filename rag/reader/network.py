"""The reader's network: an encoder over a question and a passage, with heads for spans and for relevance.

The encoder has the shape of the bundled e5 model and was trained on from its weights. Two things are added to its
input: which of the two texts a token is from, and whether the same token stands in the other text. Word embeddings are
not part of the network: they were frozen, and are shared with the embedder.

Beside the encoder's weights there are ``position``, ``segment`` and ``shared`` (embeddings), ``span`` (2 outputs),
``trim`` (2 × (MAX_TRIM + 1)), ``relevance_hidden`` and ``relevance``, which reads the first token.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rag.arrays import Floats
from rag.models.cpu import physical_cores
from rag.models.encoder import Encoder, EncoderShape, Graph, Node, Precision, Weights, as_floats
from rag.models.graphs import KeptGraph
from rag.reader.input import Ids, PairBatch, pair_batch, pair_length
from rag.reader.spans import MAX_TRIM, PassageLogits

_MOST_STREAMS: Final = 4
"""Pairs read at the same time, by as many equal shares of the cores: a question's first hits are not many more."""


@dataclass(frozen=True, slots=True)
class PairReading:
    """A pair's relevance logit and the logits over its passage."""

    relevance: float
    logits: PassageLogits


class Network:
    """Reads pairs of a question and a passage. Threads may share one.

    Args:
        shape: the encoder's.
        weights: the encoder's and the heads'.
        words: word embeddings (vocabulary, hidden) of the model that it was trained on.
        precision: what to compute in.
        kept: where the compiled graph is kept, if it is.
    """

    def __init__(
        self,
        shape: EncoderShape,
        weights: Weights,
        words: NDArray[Any],
        precision: Precision,
        *,
        kept: KeptGraph | None = None,
    ) -> None:
        self.shape = shape
        self._words = words
        self._positions, self._segments, self._shared = (
            as_floats(weights[f"{name}.weight"]) for name in ("position", "segment", "shared")
        )
        self._streams = min(_MOST_STREAMS, physical_cores())
        self._encoder = Encoder(weights, shape, _heads, precision, streams=self._streams, kept=kept)

    def read(self, pairs: Sequence[tuple[Ids, Ids]]) -> list[PairReading]:
        """Readings of pairs (ids of question and passage, without special tokens), in order.

        Each is read by itself: to pad it to another's length would be time lost, and one alone keeps a core busy.
        """
        longest_first = sorted(range(len(pairs)), key=lambda i: -pair_length(*pairs[i]))
        with ThreadPoolExecutor(self._streams) as workers:
            readings = workers.map(lambda i: self._read(pairs[i]), longest_first)
            found = dict(zip(longest_first, readings, strict=True))
        return [found[i] for i in range(len(pairs))]

    def _read(self, pair: tuple[Ids, Ids]) -> PairReading:
        batch = pair_batch([pair])
        span, trim, relevance = self._encoder(self._embedded(batch), batch.lengths)
        begin = int(batch.offsets[0])
        inside = slice(begin, begin + len(pair[1]))
        start, end = span[0, inside].T
        head, tail = np.split(trim[0, inside], [MAX_TRIM + 1], axis=-1)
        return PairReading(float(relevance[0, 0]), PassageLogits(start, end, head, tail))

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
