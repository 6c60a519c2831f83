"""The reader: does a passage answer a question, and with which characters?"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import safe_open
from torch import Tensor
from torch.nn import functional

from rag.errors import ModelError
from rag.models.bundled import NAME, PREFIX, bundled_fingerprint, bundled_folder
from rag.models.reader_input import Ids, ReaderTokenizer, TokenizedText, pair_batch, pair_length
from rag.models.reader_int8 import multiply_in_int8
from rag.models.reader_network import ReaderNetwork
from rag.models.reader_spans import CharSpan, PassageLogits, best_spans
from rag.models.reader_weights import MEND, read_reader

logger = logging.getLogger(__name__)

SHIPPED: Final = Path(__file__).parent / "weights"
WORDS: Final = "embeddings.word_embeddings.weight"

_BATCH_TOKENS: Final = 4096
_WINDOW: Final = 320
_OVERLAP: Final = 64


@dataclass(frozen=True, slots=True)
class PassageReading:
    """What the reader finds in one passage.

    Attributes:
        relevance: does the passage answer the question? A logit; comparable over passages and questions.
        spans: the best answers, best first, not overlapping; empty only for a passage without tokens.
    """

    relevance: float
    spans: tuple[CharSpan, ...]


@dataclass(frozen=True, slots=True)
class PairReading:
    """A pair's relevance logit and the logits over its passage."""

    relevance: float
    logits: PassageLogits


class ReaderModel:
    """A loaded reader. Threads may share one.

    Attributes:
        facts: what was written with the weights: data, figures, calibration.
    """

    def __init__(
        self,
        network: ReaderNetwork,
        words: Tensor,
        tokenizer: ReaderTokenizer,
        *,
        positions: int,
        facts: Mapping[str, Any],
    ) -> None:
        self.facts = facts
        self._network = network
        self._words = words
        self._tokenizer = tokenizer
        self._positions = positions
        # One forward pass uses all cores; two at once only slow each other down.
        self._lock = threading.Lock()

    @classmethod
    def shipped(cls, cache_dir: Path) -> ReaderModel:
        """The reader that ships with the package, on the bundled model in ``cache_dir``.

        Raises:
            ModelError: this installation has no reader, or it is damaged or made for another bundled model.
            StorageError: the bundled model cannot be unpacked.
        """
        name = f"{PREFIX}{NAME}"
        reader = cls.load(bundled_folder(name, cache_dir))
        if reader.facts.get("encoder") != bundled_fingerprint(name):
            raise ModelError("The reader was made for another bundled model than this one.", path=SHIPPED, hint=MEND)
        return reader

    @classmethod
    def load(
        cls, encoder: Path, *, folder: Path = SHIPPED, words: Tensor | None = None, int8: bool = True
    ) -> ReaderModel:
        """Load the weights in ``folder``.

        Args:
            encoder: folder of the embedding model that the reader was trained on, for tokenizer and word embeddings.
            folder: ``reader.safetensors`` and its seal; what ships with the package if not given.
            words: that model's word embeddings (vocabulary, hidden), if they are in memory already.
            int8: multiply in 8 bits where that is faster; the weights have no more.

        Raises:
            ModelError: no weights, damaged weights, or another encoder than they were trained on.
        """
        began = time.perf_counter()
        network, facts = read_reader(folder)
        words = word_embeddings(encoder) if words is None else words
        if words.shape[1] != network.shape.hidden:
            raise ModelError(
                f"The reader needs word embeddings of width {network.shape.hidden}, not {words.shape[1]}.",
                path=encoder,
            )
        tokenizer = ReaderTokenizer(encoder / "tokenizer.json")
        positions = network.shape.positions
        if int8:
            multiply_in_int8(network)
        reader = cls(network, words, tokenizer, positions=positions, facts=facts)
        logger.info("Loaded the reader in %.2f s", time.perf_counter() - began)
        return reader

    def read(self, question: str, passages: Sequence[str], *, count: int = 3) -> list[PassageReading]:
        """Read the passages; a passage longer than a window is read in overlapping windows.

        Args:
            question: as asked.
            passages: their texts, in any order.
            count: spans wanted of each.
        """
        (asked,) = self._tokenizer([question])
        tokenized = self._tokenizer(passages)
        windows = [(p, window) for p, tokens in enumerate(tokenized) for window in self._windows(asked, tokens)]
        with self._lock:
            readings = read_pairs(self._network, self._words, [(asked.ids, window.ids) for _, window in windows])
        found: list[list[tuple[TokenizedText, PairReading]]] = [[] for _ in passages]
        for (passage, window), reading in zip(windows, readings, strict=True):
            found[passage].append((window, reading))
        return [_merged(text, parts, count) for text, parts in zip(passages, found, strict=True)]

    def _windows(self, question: TokenizedText, passage: TokenizedText) -> Iterator[TokenizedText]:
        size = min(_WINDOW, self._positions - pair_length(question.ids, passage.ids[:0]))
        for first in window_starts(len(passage), size, min(_OVERLAP, size // 4)):
            yield passage.cut(first, first + size)


def window_starts(length: int, size: int, overlap: int) -> list[int]:
    """Where windows of ``size`` tokens begin so that all of ``length`` is read, neighbours sharing ``overlap``."""
    if length <= size:
        return [0]
    starts = list(range(0, length - size, size - overlap))
    return [*starts, length - size]


def read_pairs(
    network: ReaderNetwork, words: Tensor, pairs: Sequence[tuple[Ids, Ids]], *, batch_tokens: int = _BATCH_TOKENS
) -> list[PairReading]:
    """Readings of pairs (ids of question and passage, no special tokens), in order; batches are of like length."""
    readings: dict[int, PairReading] = {}
    with torch.inference_mode():
        for rows in _rows_by_length([pair_length(*pair) for pair in pairs], batch_tokens):
            batch = pair_batch([pairs[row] for row in rows])
            embedded = functional.embedding(batch.ids, words).float()
            output = network(embedded, batch.segments, batch.shared, batch.lengths)
            parts = [part.numpy() for part in (output.start, output.end, output.start_trim, output.end_trim)]
            for place, row in enumerate(rows):
                begin = int(batch.offsets[place])
                inside = slice(begin, begin + len(pairs[row][1]))
                logits = PassageLogits(*(part[place, inside] for part in parts))
                readings[row] = PairReading(float(output.relevance[place]), logits)
    return [readings[row] for row in range(len(pairs))]


def _rows_by_length(lengths: Sequence[int], tokens: int) -> Iterator[list[int]]:
    rows: list[int] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        if rows and (len(rows) + 1) * lengths[rows[0]] > tokens:
            yield rows
            rows = []
        rows.append(row)
    if rows:
        yield rows


def _merged(text: str, parts: Sequence[tuple[TokenizedText, PairReading]], count: int) -> PassageReading:
    """One reading of a passage from those of its windows: the highest relevance, the best spans of all."""
    spans = [span for window, reading in parts for span in best_spans(reading.logits, window, text, count)]
    kept: list[CharSpan] = []
    for span in sorted(spans, key=lambda span: (-span.score, span.start)):
        if len(kept) < count and all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return PassageReading(max(reading.relevance for _, reading in parts), tuple(kept))


def word_embeddings(encoder: Path) -> Tensor:
    """The word embeddings of a ``BertModel`` folder, (vocabulary, hidden).

    Raises:
        ModelError: the folder has none.
    """
    try:
        with safe_open(encoder / "model.safetensors", framework="pt") as weights:
            words: Tensor = weights.get_tensor(WORDS)
            return words
    except Exception as error:
        raise ModelError(f"No word embeddings for the reader: {error}.", path=encoder, hint=MEND) from error
