"""Texts to vectors: the bundled model on a runtime of its own, any other that sentence-transformers loads."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Sized
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.models.bundled import is_bundled
from rag.models.fingerprint import fingerprint
from rag.models.prompts import Prompts, choose_prompts

logger = logging.getLogger(__name__)

Floats = NDArray[np.float32]
Precision = Literal["auto", "float32", "bfloat16", "int8"]

_BATCH_TOKENS: Final = 1024
"""Padded tokens in one batch: enough to keep a core busy, yet a query waits for one batch, not for a build."""
_LEAST_TOKENS: Final = 128
"""A batch of fewer is not made smaller for the sake of another core."""
_TOKENIZED_AT_ONCE: Final = 256
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
            progress: called after each batch with the number of texts finished since the last call.
        """
        return self._embed(texts, query=False, progress=progress)

    def embed_queries(self, texts: Sequence[str]) -> Floats:
        """Vectors of queries, shape ``(len(texts), dimension)``, each of length 1."""
        return self._embed(texts, query=True, progress=None)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text as a passage, with prompt and special tokens, however long it is."""
        return [len(tokens) for tokens in self._tokenize([_clean(text) for text in texts], self.prompts.passage)]

    def _embed(self, texts: Sequence[str], *, query: bool, progress: Callable[[int], None] | None) -> Floats:
        cleaned = [_clean(text) for text in texts]
        tokenized = self._tokenize(cleaned, self.prompts.query if query else self.prompts.passage)
        sums = np.zeros((len(cleaned), self.dimension), np.float32)
        short = [i for i, tokens in enumerate(tokenized) if len(tokens) <= self.max_tokens]
        for some, vectors in self._encode(tokenized, short, query=query):
            sums[some] = vectors
            if progress:
                progress(len(some))
        for i in sorted(set(range(len(cleaned))).difference(short)):
            sums[i] = self._embed_long(cleaned[i], query=query)
            if progress:
                progress(1)
        return _unit(sums)

    def _embed_long(self, text: str, *, query: bool) -> Floats:
        prompt = self.prompts.query if query else self.prompts.passage
        pieces = self._pieces(text, prompt)
        weights = np.asarray([len(tokens) for tokens in self._tokenize(pieces, "")], np.float32)
        total = np.zeros(self.dimension, np.float32)
        for some, vectors in self._encode(self._tokenize(pieces, prompt), range(len(pieces)), query=query):
            total += weights[some] @ vectors
        return total

    def _encode(
        self, tokenized: Sequence[Sized], indices: Sequence[int], *, query: bool
    ) -> Iterator[tuple[list[int], Floats]]:
        """Batches of indices and their unit vectors; as many are computed at the same time as the model has streams."""
        prompt, streams = self.prompts.query if query else self.prompts.passage, self._model.streams
        counts = {i: len(tokenized[i]) for i in indices}
        batches = list(_batches(indices, counts, _budget(sum(counts.values()), streams)))

        def encode(batch: list[int]) -> Floats:
            return _unit(self._model.encode([tokenized[i] for i in batch], prompt, query=query))

        if streams == 1 or len(batches) < 2:
            yield from ((batch, encode(batch)) for batch in batches)
            return
        with _workers(streams) as workers:
            yield from zip(batches, workers.map(encode, batches), strict=True)

    def _pieces(self, text: str, prompt: str) -> list[str]:
        """Cut a text between tokens so that each piece fits with its prompt; without offsets, the model truncates."""
        starts = self._model.token_starts(text)
        if starts is None:
            logger.warning("A text of %d characters is longer than %s reads; its end is ignored", len(text), self.name)
            return [text]
        # One more for the prompt, and one for a token that the cut divides.
        room = max(1, self.max_tokens - len(self._tokenize([""], prompt)[0]) - 2)
        cuts = [0, *starts[room::room], len(text)]
        return [text[start:end] for start, end in pairwise(cuts) if start < end]

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


def _batches(indices: Sequence[int], counts: Mapping[int, int], budget: int) -> Iterator[list[int]]:
    """Texts of like lengths together, up to ``budget`` padded tokens; the longest first: memory peaks early."""
    batch: list[int] = []
    for i in sorted(indices, key=lambda i: -counts[i]):
        if batch and counts[batch[0]] * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def _clean(text: str) -> str:
    """Half of a surrogate pair, which no tokenizer accepts, becomes the replacement character."""
    return _SURROGATES.sub("\ufffd", text)


def _unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Floats = (vectors / np.maximum(lengths, 1e-12)).astype(np.float32, copy=False)
    return unit
