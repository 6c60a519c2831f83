"""The reader's weights as they ship: one safetensors file, matrices in 8 bits, and a seal with its checksum.

Vectors and the small heads are float32. The header's ``reader`` entry is JSON: the network's shape, the encoder whose
word embeddings it needs, and what calibration found.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from rag.arrays import Floats
from rag.errors import ModelError
from rag.files import sha256_of
from rag.models.encoder import EncoderShape, Int8Matrix, Weights

FORMAT: Final = 1
WEIGHTS: Final = "reader.safetensors"
SEAL: Final = "reader.json"
MEND: Final = "Install the package again, or turn the reader off with --reader none."
_SMALLEST_ROWS: Final = 16


def write_reader(folder: Path, shape: EncoderShape, weights: Mapping[str, Floats], facts: Mapping[str, Any]) -> Path:
    """Write ``reader.safetensors`` and its seal into ``folder``.

    Args:
        folder: made if it is not there.
        shape: the encoder's.
        weights: what to write, by the names that ``rag.reader.network`` gives.
        facts: JSON values to keep in the file beside the shape; ``read_reader`` gives them back.
    """
    arrays: dict[str, Any] = {}
    for name, values in weights.items():
        if values.ndim == 2 and len(values) >= _SMALLEST_ROWS:
            small = Int8Matrix.of(values)
            arrays[f"{name}.q"], arrays[f"{name}.scale"] = small.values, small.scale
        else:
            arrays[name] = np.ascontiguousarray(values, dtype=np.float32)
    header = {"format": FORMAT, "shape": shape.to_dict()} | dict(facts)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / WEIGHTS
    save_file(arrays, path, metadata={"reader": json.dumps(header, ensure_ascii=False)})
    seal = {"file": WEIGHTS, "bytes": path.stat().st_size, "sha256": sha256_of(path)}
    (folder / SEAL).write_text(json.dumps(seal, indent=2) + "\n", encoding="utf-8")
    return path


def read_reader(folder: Path) -> tuple[EncoderShape, Weights, dict[str, Any]]:
    """Shape and weights of the reader in ``folder``, and the facts written with them.

    Raises:
        ModelError: there is none, it is damaged, or it is of another format.
    """
    path = folder / WEIGHTS
    try:
        if sha256_of(path) != seal_of(folder):
            raise ModelError("The reader's weights are damaged: their checksum is wrong.", path=path, hint=MEND)
        with safe_open(path, framework="np") as file:
            header = json.loads(file.metadata()["reader"])
            if header.pop("format") != FORMAT:
                raise ModelError("The reader's weights are of another format.", path=path, hint=MEND)
            return EncoderShape(**header.pop("shape")), _weights(file), header
    except (OSError, SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise ModelError(f"The reader's weights cannot be read: {error}.", path=path, hint=MEND) from error


def seal_of(folder: Path) -> str:
    """The SHA-256 that the weights in ``folder`` must have."""
    return str(json.loads((folder / SEAL).read_text(encoding="utf-8"))["sha256"])


def _weights(file: Any) -> Weights:
    names = set(file.keys())
    weights: dict[str, Floats | Int8Matrix] = {}
    for name in names:
        if name.endswith(".q"):
            whole = name.removesuffix(".q")
            weights[whole] = Int8Matrix(file.get_tensor(name), file.get_tensor(f"{whole}.scale"))
        elif not (name.endswith(".scale") and f"{name.removesuffix('.scale')}.q" in names):
            weights[name] = file.get_tensor(name)
    return weights
