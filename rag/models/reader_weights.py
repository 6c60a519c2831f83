"""The reader's weights as they ship: one safetensors file, matrices in 8 bits, and a seal with its checksum.

A matrix W (rows, columns) is stored as int8 ``Q`` and one float32 scale a row, W ≈ Q * scale, scale = max|row| / 127
(symmetric quantisation by output channel, Jacob et al. 2018). Vectors and the small heads are float32. The header's
``reader`` entry is JSON: the network's shape, the encoder whose word embeddings it needs, and what calibration found.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from rag.errors import ModelError
from rag.files import sha256_of
from rag.models.reader_network import NetworkShape, ReaderNetwork

FORMAT: Final = 1
WEIGHTS: Final = "reader.safetensors"
SEAL: Final = "reader.json"
MEND: Final = "Install the package again, or turn the reader off with --reader none."
_SMALLEST_ROWS: Final = 16


def write_reader(folder: Path, network: ReaderNetwork, facts: Mapping[str, Any]) -> Path:
    """Write ``reader.safetensors`` and its seal into ``folder``.

    Args:
        folder: made if it is not there.
        network: what to write.
        facts: JSON values to keep in the file beside the shape; ``read_reader`` gives them back.
    """
    tensors: dict[str, Tensor] = {}
    for name, parameter in network.state_dict().items():
        if parameter.ndim == 2 and len(parameter) >= _SMALLEST_ROWS:
            tensors[f"{name}.q"], tensors[f"{name}.scale"] = quantised(parameter)
        else:
            tensors[name] = parameter.float().contiguous()
    header = {"format": FORMAT, "shape": network.shape.to_dict()} | dict(facts)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / WEIGHTS
    save_file(tensors, path, metadata={"reader": json.dumps(header, ensure_ascii=False)})
    seal = {"file": WEIGHTS, "bytes": path.stat().st_size, "sha256": sha256_of(path)}
    (folder / SEAL).write_text(json.dumps(seal, indent=2) + "\n", encoding="utf-8")
    return path


def read_reader(folder: Path) -> tuple[ReaderNetwork, dict[str, Any]]:
    """The network in ``folder``, in float32 and ready to read with, and the facts written with it.

    Raises:
        ModelError: there is none, it is damaged, or it is of another format.
    """
    path = folder / WEIGHTS
    try:
        seal = json.loads((folder / SEAL).read_text(encoding="utf-8"))
        if sha256_of(path) != seal["sha256"]:
            raise ModelError("The reader's weights are damaged: their checksum is wrong.", path=path, hint=MEND)
        with safe_open(path, framework="pt") as file:
            header = json.loads(file.metadata()["reader"])
            if header.pop("format") != FORMAT:
                raise ModelError("The reader's weights are of another format.", path=path, hint=MEND)
            with torch.device("meta"):
                network = ReaderNetwork(NetworkShape(**header.pop("shape")))
            network.load_state_dict(_state(file), assign=True)
    except (OSError, SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise ModelError(f"The reader's weights cannot be read: {error}.", path=path, hint=MEND) from error
    return network.eval().requires_grad_(False), header


def quantised(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """A matrix as int8, and the scale of each row."""
    scale = (matrix.abs().amax(dim=1) / 127).clamp_min(1e-12)
    return torch.round(matrix / scale[:, None]).to(torch.int8), scale.float()


def _state(file: Any) -> dict[str, Tensor]:
    names = set(file.keys())
    state: dict[str, Tensor] = {}
    for name in names:
        if name.endswith(".q"):
            scale = file.get_tensor(f"{name.removesuffix('.q')}.scale")
            state[name.removesuffix(".q")] = file.get_tensor(name).float() * scale[:, None]
        elif not (name.endswith(".scale") and f"{name.removesuffix('.scale')}.q" in names):
            state[name] = file.get_tensor(name)
    return state
