"""Texts to vectors: the bundled model on a runtime of its own, any other that sentence-transformers loads."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from rag.arrays import Floats
from rag.extras import require
from rag.models.bundled import is_bundled
from rag.models.fingerprint import fingerprint
from rag.models.prompts import Prompts, choose_prompts
from rag.settings import Precision

logger = logging.getLogger(__name__)

_BATCH_TOKENS: Final = 1024
"""Padded tokens in one batch: enough to keep a core busy, yet a query waits for one batch, not for a build."""
_LEAST_TOKENS: Final = 128
"""A batch of fewer is not made smaller for the sake of another core."""
_TOKENIZED_AT_ONCE: Final = 256
_BATCHES_AHEAD: Final = 16
"""Batches of each stream that wait to be computed, or for their vectors to be taken."""
_SURROGATES: Final = re.compile("[\ud800-\udfff]")


class TextModel(Protocol):
    """What an Embedder needs of a model. Threads may share one.

    Attributes:
        prompts: what the model itself says is put in front of texts, by kind.
        precision: the arithmetic in use.
        max_tokens: most tokens it reads at once, with special tokens.
        dimension: length of a vector.
        streams: how many batches it computes at the same time.
    """

    @property
    def prompts(self) -> Mapping[str, str | None]: ...
    @property
    def precision(self) -> str: ...
    @property
    def max_tokens(self) -> int: ...
    @property
    def dimension(self) -> int: ...
    @property
    def streams(self) -> int: ...

    def tokenize(self, texts: Sequence[str], prompt: str) -> Sequence[Sized]:
        """Each text behind the prompt as ``encode`` takes it; as long as it has tokens, special ones included."""
        ...

    def token_starts(self, text: str) -> list[int] | None:
        """Where each token begins, in characters; ``None`` if the tokenizer cannot tell."""
        ...

    def encode(self, tokenized: Sequence[Any], prompt: str, *, query: bool) -> Floats:
        """Vectors of texts from ``tokenize``, in one batch, shape ``(len(tokenized), dimension)``.

        What is longer than ``max_tokens`` is cut off.
        """
        ...


@dataclass(frozen=True, slots=True)
class _Piece:
    """A text, or a part of one that is too long, as the model takes it.

    Attributes:
        text: the number of the text.
        tokens: with prompt and special tokens.
        weight: of its vector in the text's.
        begins: whether the text begins with it.
    """

    text: int
    tokens: Sized
    weight: float
    begins: bool


Batch = Sequence[_Piece]


class Embedder:
    """A loaded embedding model. Threads may share one.

    Attributes:
        name: the model's name or folder, as given.
        dimension: length of a vector.
        max_tokens: most tokens the model reads at once, with prompt and special tokens.
        fingerprint: see ``rag.models.fingerprint``.
        precision: the arithmetic in use, ``float32`` or ``bfloat16``.
        prompts: what is put in front of queries and passages.
    """

    def __init__(self, model: TextModel, *, name: str, fingerprint: str, prompts: Prompts) -> None:
        self.name = name
        self.fingerprint = fingerprint
        self.prompts = prompts
        self.precision = model.precision
        self.max_tokens = model.max_tokens
        self.dimension = model.dimension
        self._model = model

    @classmethod
    def load(cls, name: str, *, cache_dir: Path, precision: Precision = "auto") -> Embedder:
        """Load a model.

        Args:
            name: ``bundled:multilingual-e5-small``, a folder, or a name on the Hugging Face hub. Only the last ever
                uses the network, and only if the model is not in the hub's cache yet.
            cache_dir: where the bundled model is unpacked.
            precision: ``auto`` is bfloat16 where that is faster (see ``rag.models.cpu``), float32 elsewhere.

        Raises:
            ModelError: there is no such model, or it cannot be loaded.
            MissingExtraError: it is not the bundled one, and sentence-transformers is not installed.
            StorageError: the bundled model cannot be unpacked.
        """
        began = time.perf_counter()
        model = _load_model(name, cache_dir, precision)
        prompts = choose_prompts(name, model.prompts)
        embedder = cls(model, name=name, fingerprint=fingerprint(name, cache_dir), prompts=prompts)
        logger.info("Loaded %s (%s) in %.1f s", name, model.precision, time.perf_counter() - began)
        return embedder

    @classmethod
    def shared(cls, name: str, *, cache_dir: Path, precision: Precision = "auto") -> Embedder:
        """As ``load``; if the model loaded last this way is the same, it is used again.

        So engines, builds and evaluations in one process hold one model in memory.
        """
        with _SHARING:
            return _shared(name, cache_dir, precision, fingerprint(name, cache_dir))

    def embed_passages(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> Floats:
        """Vectors of passages, shape ``(len(texts), dimension)``, each of length 1.

        A text longer than ``max_tokens`` is read in pieces, whose vectors are averaged by their numbers of tokens.

        Args:
            texts: the passages, without prompts.
            progress: told how many more texts are embedded, the long ones at least in part.
        """
        return self._embed(texts, query=False, progress=progress)

    def embed_queries(self, texts: Sequence[str]) -> Floats:
        """Vectors of queries, shape ``(len(texts), dimension)``, each of length 1."""
        return self._embed(texts, query=True, progress=None)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text as a passage, with prompt and special tokens, however long it is."""
        return [len(tokens) for tokens in self._tokenize([_clean(text) for text in texts], self.prompts.passage)]

    def _embed(self, texts: Sequence[str], *, query: bool, progress: Callable[[int], None] | None) -> Floats:
        prompt = self.prompts.query if query else self.prompts.passage
        sums = np.zeros((len(texts), self.dimension), np.float32)

        def encode(batch: Batch) -> Floats:
            return _unit(self._model.encode([piece.tokens for piece in batch], prompt, query=query))

        for batch, vectors in self._side_by_side(self._tokenized_batches(texts, prompt), encode):
            for piece, vector in zip(batch, vectors, strict=True):
                sums[piece.text] += piece.weight * vector
            begun = sum(piece.begins for piece in batch)
            if progress and begun:
                progress(begun)
        return _unit(sums)

    def _side_by_side(
        self, batches: Iterable[Batch], encode: Callable[[Batch], Floats]
    ) -> Iterator[tuple[Batch, Floats]]:
        """Batches with their vectors, in order; while the model's streams compute, the next are prepared."""
        streams, coming = self._model.streams, iter(batches)
        first = list(islice(coming, 2))
        if streams == 1 or len(first) < 2:
            yield from ((batch, encode(batch)) for batch in chain(first, coming))
            return
        # One more worker than streams has the next batch ready when a stream is done.
        with _workers(streams + 1) as workers:
            waiting: deque[tuple[Batch, Future[Floats]]] = deque()
            for batch in chain(first, coming):
                waiting.append((batch, workers.submit(encode, batch)))
                if len(waiting) > _BATCHES_AHEAD * streams:
                    done, vectors = waiting.popleft()
                    yield done, vectors.result()
            for done, vectors in waiting:
                yield done, vectors.result()

    def _tokenized_batches(self, texts: Sequence[str], prompt: str) -> Iterator[Batch]:
        """Pieces of the texts, tokenized as they are asked for."""
        for first in range(0, len(texts), _TOKENIZED_AT_ONCE):
            some = [_clean(text) for text in texts[first : first + _TOKENIZED_AT_ONCE]]
            tokenized = self._model.tokenize(some, prompt)
            pieces = [
                piece
                for number, (text, tokens) in enumerate(zip(some, tokenized, strict=True), first)
                for piece in self._pieces(number, text, tokens, prompt)
            ]
            yield from _batches(pieces, _budget(sum(len(piece.tokens) for piece in pieces), self._model.streams))

    def _pieces(self, number: int, text: str, tokens: Sized, prompt: str) -> list[_Piece]:
        """A text of given tokens as it is, or, if it is too long for the model, cut between tokens."""
        if len(tokens) <= self.max_tokens:
            return [_Piece(number, tokens, 1.0, begins=True)]
        starts = self._model.token_starts(text)
        if starts is None:
            logger.warning("A text of %d characters is longer than %s reads; its end is ignored", len(text), self.name)
            return [_Piece(number, tokens, 1.0, begins=True)]
        # One more for the prompt, and one for a token that the cut divides.
        room = max(1, self.max_tokens - len(self._tokenize([""], prompt)[0]) - 2)
        cuts = [0, *starts[room::room], len(text)]
        parts = [text[start:end] for start, end in pairwise(cuts) if start < end]
        weights = [float(len(alone)) for alone in self._tokenize(parts, "")]
        return [
            _Piece(number, found, weight, begins=part == 0)
            for part, (found, weight) in enumerate(zip(self._tokenize(parts, prompt), weights, strict=True))
        ]

    def _tokenize(self, texts: Sequence[str], prompt: str) -> list[Sized]:
        starts = range(0, len(texts), _TOKENIZED_AT_ONCE)
        parts = (self._model.tokenize(texts[start : start + _TOKENIZED_AT_ONCE], prompt) for start in starts)
        return [tokens for part in parts for tokens in part]


_SHARING = threading.Lock()


@lru_cache(maxsize=1)
def _shared(name: str, cache_dir: Path, precision: Precision, _fingerprint: str) -> Embedder:
    return Embedder.load(name, cache_dir=cache_dir, precision=precision)


def _load_model(name: str, cache_dir: Path, precision: Precision) -> TextModel:
    if is_bundled(name):
        from rag.models.bundled_model import BundledModel

        return BundledModel(name, cache_dir, precision)
    require("sentence-transformers", f"The model {name}")
    from rag.models.sentence_model import SentenceModel

    return SentenceModel(name, precision)


@contextmanager
def _workers(number: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that leave undone what is still waiting when an error ends the work."""
    workers = ThreadPoolExecutor(number)
    try:
        yield workers
    finally:
        workers.shutdown(cancel_futures=True)


def _budget(tokens: int, streams: int) -> int:
    """Most padded tokens of a batch, so that every stream has some."""
    return min(_BATCH_TOKENS, max(_LEAST_TOKENS, -(-tokens // streams)))


def _batches(pieces: Sequence[_Piece], budget: int) -> Iterator[Batch]:
    """Pieces of like lengths together, up to ``budget`` padded tokens; the longest first: memory peaks early."""
    batch: list[_Piece] = []
    for piece in sorted(pieces, key=lambda piece: -len(piece.tokens)):
        if batch and len(batch[0].tokens) * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(piece)
    if batch:
        yield batch


def _clean(text: str) -> str:
    """Half of a surrogate pair, which no tokenizer accepts, becomes the replacement character."""
    return _SURROGATES.sub("\ufffd", text)


def _unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Floats = (vectors / np.maximum(lengths, 1e-12)).astype(np.float32, copy=False)
    return unit
