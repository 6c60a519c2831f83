"""Which model made a vector, told without loading the model.

Two models with the same fingerprint give the same vectors, up to rounding: it covers weights, configuration and
prompts, and not the arithmetic (bfloat16 and float32 vectors may be compared with each other).
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path
from typing import Any, Final

from rag.errors import ModelError
from rag.files import Stamp, replacing, sha256_of
from rag.models.bundled import bundled_fingerprint, is_bundled
from rag.models.prompts import choose_prompts

logger = logging.getLogger(__name__)

# What a model reads. Cards, training records and other backends' copies of the weights change no vector.
_MODEL_FILES: Final = frozenset({".json", ".txt", ".safetensors", ".bin", ".model", ".vocab", ".py", ".pt"})
_HASHES: Final = "model-hashes.json"


def fingerprint(name: str, cache_dir: Path) -> str:
    """A short string that names the model ``name`` and changes with its weights, configuration and prompts.

    A bundled model is known by the checksum of its file, a folder by that of its contents (kept in ``cache_dir``, so
    that large weights are read once), a hub model by its name and, once it has been downloaded, its revision.

    Raises:
        ModelError: a bundled model or folder of that name does not exist, or cannot be read.
    """
    if is_bundled(name):
        return bundled_fingerprint(name)
    if looks_like_folder(name):
        return _of_folder(model_folder(name), cache_dir)
    return _of_hub_model(name)


def looks_like_folder(name: str) -> bool:
    """Whether a model name is a path, rather than a name on the hub (``name`` or ``owner/name``)."""
    return name.startswith((".", "~")) or Path(name).is_absolute() or "\\" in name or Path(name).is_dir()


def model_folder(name: str) -> Path:
    """The folder a path-like model name means.

    Raises:
        ModelError: there is none, or there is no model in it.
    """
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise ModelError("There is no such model folder.", path=folder, hint="Check the path given as the model.")
    if not any((folder / known).is_file() for known in ("modules.json", "config.json")):
        raise ModelError(
            "There is no model in this folder.",
            path=folder,
            hint="A sentence-transformers model has a modules.json, a transformers model a config.json.",
        )
    return folder


def _of_folder(folder: Path, cache_dir: Path) -> str:
    try:
        total = hashlib.sha256()
        for file, digest in _file_hashes(folder.resolve(), cache_dir / "models" / _HASHES):
            total.update(f"{file}\0{digest}\n".encode())
        prompts = choose_prompts(str(folder.resolve()), _declared_prompts(folder))
    except OSError as error:
        raise ModelError(f"The model cannot be read: {error.strerror or error}.", path=folder) from error
    total.update(f"{prompts.query}\0{prompts.passage}".encode())
    return f"{folder.resolve().name}@{total.hexdigest()[:16]}"


def _declared_prompts(folder: Path) -> dict[str, str | None]:
    try:
        prompts = json.loads((folder / "config_sentence_transformers.json").read_bytes()).get("prompts")
    except (FileNotFoundError, ValueError, AttributeError):
        return {}
    return prompts if isinstance(prompts, dict) else {}


def _file_hashes(folder: Path, cache: Path) -> Iterator[tuple[str, str]]:
    """Each file's path within the folder and its sha256; unchanged files (by size and time) are not read again."""
    known = _load_hashes(cache)
    fresh: dict[str, Any] = {}
    for path in sorted(path for path in folder.rglob("*") if path.suffix in _MODEL_FILES and path.is_file()):
        stamp = list(astuple(Stamp.of(path)))
        record = known.get(str(path))
        if not isinstance(record, dict) or record.get("stamp") != stamp:
            record = {"stamp": stamp, "sha256": sha256_of(path)}
            fresh[str(path)] = record
        yield path.relative_to(folder).as_posix(), str(record["sha256"])
    if fresh:
        _save_hashes(cache, known | fresh)


def _load_hashes(cache: Path) -> dict[str, Any]:
    try:
        hashes = json.loads(cache.read_bytes())
    except (OSError, ValueError):
        return {}
    return hashes if isinstance(hashes, dict) else {}


def _save_hashes(cache: Path, hashes: dict[str, Any]) -> None:
    """Keep the hashes for next time; without them only time is lost."""
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        with replacing(cache, durable=False) as partial:
            partial.write_text(json.dumps(hashes, indent=1), encoding="utf-8")
    except OSError as error:
        logger.debug("Model hashes are not kept: %s", error)


def _of_hub_model(name: str) -> str:
    from huggingface_hub.constants import HF_HUB_CACHE

    # The hub's cache layout: models--owner--name/refs/main holds the commit that was downloaded.
    for repository in (name, f"sentence-transformers/{name}"):
        reference = Path(HF_HUB_CACHE) / f"models--{repository.replace('/', '--')}" / "refs" / "main"
        try:
            return f"{name}@{reference.read_text(encoding='ascii').strip()[:16]}"
        except (OSError, ValueError):
            continue
    return name
