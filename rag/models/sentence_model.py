"""Any model that sentence-transformers loads, from a folder or by its name on the hub."""

from __future__ import annotations

import logging
import math
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from rag.arrays import Floats
from rag.errors import ModelError, RagError
from rag.models.cpu import faster_float, physical_cores
from rag.models.fingerprint import looks_like_folder, model_folder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

logger = logging.getLogger(__name__)


_NO_LIMIT: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Counted:
    """A text and its tokens' number: sentence-transformers takes texts, and tokenizes them itself."""

    text: str
    tokens: int

    def __len__(self) -> int:
        return self.tokens


class SentenceModel:
    """A model behind sentence-transformers; see ``rag.models.embedder.TextModel``.

    Args:
        name: a folder, or a name on the Hugging Face hub. Only the latter ever uses the network, and only if the model
            is not in the hub's cache yet.
        precision: ``auto`` is bfloat16 where that is faster (see ``rag.models.cpu``), float32 elsewhere.

    Raises:
        ModelError: there is no such model, or it cannot be loaded.
    """

    def __init__(self, name: str, precision: str) -> None:
        if precision == "int8":
            raise ModelError(
                f"{name} cannot compute in int8; only the bundled model can.", hint="Set precision to auto or float32."
            )
        self.precision = _choose_precision(precision)
        self._model = _load_model(name)
        _set_precision(self._model, self.precision)
        self._tokenizer: Any = self._model.tokenizer
        # Tokenizers change their own truncation settings while they work, and one forward pass uses all cores anyway.
        self._lock = threading.Lock()
        self.prompts = dict(self._model.prompts)
        self.max_tokens = _limit(self._model.max_seq_length)
        self.streams = 1
        self.dimension = int(self.encode([Counted("a", 1)], "", query=True).shape[1])

    def tokenize(self, texts: Sequence[str], prompt: str) -> list[Counted]:
        return [Counted(*each) for each in zip(texts, self._lengths([prompt + text for text in texts]), strict=True)]

    def _lengths(self, texts: Sequence[str]) -> list[int]:
        with self._lock:
            if callable(self._tokenizer):
                encoded = self._tokenizer(
                    list(texts), add_special_tokens=True, truncation=False, padding=False, verbose=False
                )
                return [len(ids) for ids in encoded["input_ids"]]
            # Static embedding models hold a bare `tokenizers.Tokenizer`.
            return [len(encoding.ids) for encoding in self._tokenizer.encode_batch(list(texts))]

    def token_starts(self, text: str) -> list[int] | None:
        if not getattr(self._tokenizer, "is_fast", False):
            return None
        with self._lock:
            encoded = self._tokenizer(
                text, add_special_tokens=False, truncation=False, return_offsets_mapping=True, verbose=False
            )
        return [start for start, _ in encoded["offset_mapping"]]

    def encode(self, tokenized: Sequence[Counted], prompt: str, *, query: bool) -> Floats:
        encode = self._model.encode_query if query else self._model.encode_document
        with self._lock:
            vectors = encode(
                [each.text for each in tokenized],
                prompt=prompt,
                batch_size=len(tokenized),
                show_progress_bar=False,
                convert_to_numpy=False,
                convert_to_tensor=True,
            )
        floats: Floats = vectors.float().cpu().numpy()
        return floats


def _load_model(name: str) -> SentenceTransformer:
    import torch

    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(physical_cores())
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


def _choose_precision(wanted: str) -> Literal["float32", "bfloat16"]:
    if wanted == "auto":
        return faster_float()
    return "bfloat16" if wanted == "bfloat16" else "float32"


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
