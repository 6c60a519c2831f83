"""The reader: does a passage answer a question, and with which characters?"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from numpy.typing import NDArray

from rag.errors import ModelError
from rag.models.bundled import NAME, PREFIX, bundled_fingerprint, bundled_folder
from rag.models.bundled_model import WORDS
from rag.models.encoder import Precision, fastest_precision
from rag.models.graphs import KeptGraph
from rag.models.mapped import mapped_array
from rag.models.tokenizer import TokenizedText
from rag.reader.input import ReaderTokenizer, pair_length
from rag.reader.network import Network, PairReading
from rag.reader.spans import CharSpan, best_spans
from rag.reader.weights import MEND, read_reader, seal_of

logger = logging.getLogger(__name__)

SHIPPED: Final = Path(__file__).parent / "shipped"

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

    def moved(self, by: int) -> PassageReading:
        """The reading of a stretch, with spans as of a text in which it begins at this offset."""
        moved = (replace(span, start=span.start + by, end=span.end + by) for span in self.spans)
        return replace(self, spans=tuple(moved)) if by else self


class Reader:
    """A loaded reader. Threads may share one.

    Attributes:
        facts: what was written with the weights: data, figures, calibration.
    """

    def __init__(self, pairs: Network, tokenizer: ReaderTokenizer, facts: Mapping[str, Any]) -> None:
        self.facts = facts
        self._pairs = pairs
        self._tokenizer = tokenizer

    @classmethod
    def shipped(cls, cache_dir: Path) -> Reader:
        """The reader that ships with the package, on the bundled model in ``cache_dir``.

        Raises:
            ModelError: this installation has no reader, or it is damaged or made for another bundled model.
            StorageError: the bundled model cannot be unpacked.
        """
        name = f"{PREFIX}{NAME}"
        reader = cls.load(bundled_folder(name, cache_dir), cache_dir=cache_dir)
        if reader.facts.get("encoder") != bundled_fingerprint(name):
            raise ModelError("The reader was made for another bundled model than this one.", path=SHIPPED, hint=MEND)
        return reader

    @classmethod
    def load(
        cls,
        encoder: Path,
        *,
        folder: Path = SHIPPED,
        words: NDArray[Any] | None = None,
        precision: Precision | None = None,
        cache_dir: Path | None = None,
    ) -> Reader:
        """Load the weights in ``folder``.

        Args:
            encoder: folder of the embedding model that the reader was trained on, for tokenizer and word embeddings.
            folder: ``reader.safetensors`` and its seal; what ships with the package if not given.
            words: that model's word embeddings (vocabulary, hidden), if they are in memory already.
            precision: what to compute in; what is fastest here if not given: the weights have no more than 8 bits.
            cache_dir: where the compiled graph is kept; nowhere if not given.

        Raises:
            ModelError: no weights, damaged weights, or another encoder than they were trained on.
        """
        began = time.perf_counter()
        shape, weights, facts = read_reader(folder)
        words = mapped_array(encoder / "model.safetensors", WORDS) if words is None else words
        if words.shape[1] != shape.hidden:
            raise ModelError(
                f"The reader needs word embeddings of width {shape.hidden}, not {words.shape[1]}.",
                path=encoder,
            )
        tokenizer = ReaderTokenizer(encoder)
        kept = KeptGraph(cache_dir, seal_of(folder), ("reader/network.py",)) if cache_dir is not None else None
        network = Network(shape, weights, words, precision or fastest_precision(), kept=kept)
        reader = cls(network, tokenizer, facts)
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
        readings = self._pairs.read([(asked.ids, window.ids) for _, window in windows])
        found: list[list[tuple[TokenizedText, PairReading]]] = [[] for _ in passages]
        for (passage, window), reading in zip(windows, readings, strict=True):
            found[passage].append((window, reading))
        return [_merged(text, parts, count) for text, parts in zip(passages, found, strict=True)]

    def _windows(self, question: TokenizedText, passage: TokenizedText) -> Iterator[TokenizedText]:
        size = min(_WINDOW, self._pairs.shape.positions - pair_length(question.ids, passage.ids[:0]))
        for first in window_starts(len(passage), size, min(_OVERLAP, size // 4)):
            yield passage.cut(first, first + size)


def window_starts(length: int, size: int, overlap: int) -> list[int]:
    """Where windows of ``size`` tokens begin so that all of ``length`` is read, neighbours sharing ``overlap``."""
    if length <= size:
        return [0]
    starts = list(range(0, length - size, size - overlap))
    return [*starts, length - size]


def _merged(text: str, parts: Sequence[tuple[TokenizedText, PairReading]], count: int) -> PassageReading:
    """One reading of a passage from those of its windows: the highest relevance, the best spans of all."""
    spans = [span for window, reading in parts for span in best_spans(reading.logits, window, text, count)]
    kept: list[CharSpan] = []
    for span in sorted(spans, key=lambda span: (-span.score, span.start)):
        if len(kept) < count and all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return PassageReading(max(reading.relevance for _, reading in parts), tuple(kept))
