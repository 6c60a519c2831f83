"""Texts to vectors, with any model sentence-transformers loads."""

from __future__ import annotations

import logging
import math
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError, RagError
from rag.models.bundled import bundled_folder, is_bundled
from rag.models.cpu import is_bfloat16_faster, physical_cores
from rag.models.fingerprint import fingerprint, looks_like_folder, model_folder
from rag.models.prompts import Prompts, choose_prompts

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

logger = logging.getLogger(__name__)

Floats = NDArray[np.float32]
Precision = Literal["auto", "float32", "bfloat16"]

_BATCH_TOKENS: Final = 2048
"""Padded tokens in one batch: enough to keep every core busy, yet a query waits for one batch, not for a build."""
_COUNTED_AT_ONCE: Final = 256
_NO_LIMIT: Final = 1_000_000
_SURROGATES: Final = re.compile("[\ud800-\udfff]")


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

    def __init__(
        self, model: SentenceTransformer, *, name: str, fingerprint: str, prompts: Prompts, precision: str = "float32"
    ) -> None:
        self.name = name
        self.fingerprint = fingerprint
        self.prompts = prompts
        self.precision = precision
        self._model = model
        self._tokenizer: Any = model.tokenizer
        # Tokenizers change their own truncation settings while they work, and one forward pass uses all cores anyway.
        self._lock = threading.Lock()
        self.max_tokens = _limit(model.max_seq_length)
        self.dimension = int(self._encode_batch(["a"], query=True).shape[1])

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
        model = _load_model(name, cache_dir)
        chosen = _choose_precision(precision)
        _set_precision(model, chosen)
        embedder = cls(
            model,
            name=name,
            fingerprint=fingerprint(name, cache_dir),
            prompts=choose_prompts(name, model.prompts),
            precision=chosen,
        )
        logger.info("Loaded %s (%s) in %.1f s", name, chosen, time.perf_counter() - began)
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
        return self._count([_clean(text) for text in texts], self.prompts.passage)

    def _embed(self, texts: Sequence[str], *, query: bool, progress: Callable[[int], None] | None) -> Floats:
        cleaned = [_clean(text) for text in texts]
        counts = self._count(cleaned, self.prompts.query if query else self.prompts.passage)
        sums = np.zeros((len(cleaned), self.dimension), np.float32)
        short = [i for i, count in enumerate(counts) if count <= self.max_tokens]
        for batch in _batches(short, counts):
            sums[batch] = self._encode_batch([cleaned[i] for i in batch], query=query)
            if progress:
                progress(len(batch))
        for i in sorted(set(range(len(cleaned))).difference(short)):
            sums[i] = self._embed_long(cleaned[i], query=query)
            if progress:
                progress(1)
        return _unit(sums)

    def _embed_long(self, text: str, *, query: bool) -> Floats:
        pieces = self._pieces(text, self.prompts.query if query else self.prompts.passage)
        weights = self._count(pieces, "")
        total = np.zeros(self.dimension, np.float32)
        for batch in _batches(range(len(pieces)), [self.max_tokens] * len(pieces)):
            vectors = self._encode_batch([pieces[i] for i in batch], query=query)
            total += np.asarray([weights[i] for i in batch], np.float32) @ vectors
        return total

    def _pieces(self, text: str, prompt: str) -> list[str]:
        """Cut a text between tokens so that each piece fits with its prompt; without offsets, the model truncates."""
        if not getattr(self._tokenizer, "is_fast", False):
            logger.warning("A text of %d characters is longer than %s reads; its end is ignored", len(text), self.name)
            return [text]
        with self._lock:
            encoded = self._tokenizer(
                text, add_special_tokens=False, truncation=False, return_offsets_mapping=True, verbose=False
            )
        # One more for the prompt, and one for a token that the cut divides.
        room = max(1, self.max_tokens - self._count([""], prompt)[0] - 2)
        cuts = [0, *(start for start, _ in encoded["offset_mapping"][room::room]), len(text)]
        return [text[start:end] for start, end in pairwise(cuts) if start < end]

    def _encode_batch(self, texts: list[str], *, query: bool) -> Floats:
        encode = self._model.encode_query if query else self._model.encode_document
        with self._lock:
            vectors = encode(
                texts,
                prompt=self.prompts.query if query else self.prompts.passage,
                batch_size=len(texts),
                show_progress_bar=False,
                convert_to_numpy=False,
                convert_to_tensor=True,
            )
        return _unit(vectors.float().cpu().numpy())

    def _count(self, texts: Sequence[str], prompt: str) -> list[int]:
        counts: list[int] = []
        for start in range(0, len(texts), _COUNTED_AT_ONCE):
            some = [prompt + text for text in texts[start : start + _COUNTED_AT_ONCE]]
            with self._lock:
                counts.extend(self._lengths(some))
        return counts

    def _lengths(self, texts: list[str]) -> list[int]:
        if callable(self._tokenizer):
            encoded = self._tokenizer(texts, add_special_tokens=True, truncation=False, padding=False, verbose=False)
            return [len(ids) for ids in encoded["input_ids"]]
        # Static embedding models hold a bare `tokenizers.Tokenizer`.
        return [len(encoding.ids) for encoding in self._tokenizer.encode_batch(texts)]


_SHARING = threading.Lock()


@lru_cache(maxsize=1)
def _shared(name: str, cache_dir: Path, precision: Precision, _fingerprint: str) -> Embedder:
    return Embedder.load(name, cache_dir=cache_dir, precision=precision)


def _load_model(name: str, cache_dir: Path) -> SentenceTransformer:
    import torch

    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(physical_cores())
    if is_bundled(name):
        return _open(name, str(bundled_folder(name, cache_dir)), local=True)
    if looks_like_folder(name):
        return _open(name, str(model_folder(name)), local=True)
    try:
        return _open(name, name, local=True)
    except ModelError:
        logger.info("%s is not in the hub's cache; downloading it", name)
        return _open(name, name, local=False)


def _open(name: str, place: str, *, local: bool) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer

    try:
        with _no_progress_bars():
            return SentenceTransformer(place, device="cpu", local_files_only=local)
    except RagError:
        raise
    # Libraries raise nearly anything here: OSError, ValueError, ImportError, safetensors' and tokenizers' own errors.
    except Exception as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        hint = (
            "Check that the folder holds a complete sentence-transformers model."
            if local
            else "A name on the hub needs the network the first time; without it, give a folder that holds the model, "
            "or use bundled:multilingual-e5-small."
        )
        raise ModelError(f"The model {name} cannot be loaded: {reason}", hint=hint) from error


@contextmanager
def _no_progress_bars() -> Iterator[None]:
    """Keep transformers from drawing a bar for weights that load in a second; downloads still show theirs."""
    from transformers.utils import logging as transformers_logging

    shown: bool = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if shown:
            transformers_logging.enable_progress_bar()  # type: ignore[no-untyped-call]


def _choose_precision(wanted: Precision) -> Literal["float32", "bfloat16"]:
    if wanted == "auto":
        return "bfloat16" if is_bfloat16_faster() else "float32"
    return wanted


def _set_precision(model: SentenceTransformer, precision: str) -> None:
    """Bring the model to float32, and its transformer to bfloat16 if wanted; pooling and what follows stay float32."""
    import torch

    model.float()
    if precision == "bfloat16" and hasattr(model[0], "auto_model"):
        model[0].to(torch.bfloat16)
        model[0].register_forward_hook(_to_float32)


def _to_float32(_module: Any, _inputs: Any, features: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.float() if hasattr(value, "is_floating_point") and value.is_floating_point() else value
        for name, value in features.items()
    }


def _limit(max_seq_length: float | None) -> int:
    if max_seq_length is None or math.isinf(max_seq_length):
        return _NO_LIMIT
    return min(int(max_seq_length), _NO_LIMIT)


def _batches(indices: Sequence[int], counts: Sequence[int]) -> Iterator[list[int]]:
    """Texts of like lengths together, up to a number of padded tokens; the longest first: memory peaks early."""
    batch: list[int] = []
    for i in sorted(indices, key=lambda i: -counts[i]):
        if batch and counts[batch[0]] * (len(batch) + 1) > _BATCH_TOKENS:
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
