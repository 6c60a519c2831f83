"""One array of a safetensors file, mapped: only the rows that are used are read from the disk."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError

_TYPES: Final = {"F16": np.float16, "F32": np.float32, "F64": np.float64, "I32": np.int32, "U8": np.uint8}
_MOST_HEADER_BYTES: Final = 10_000_000
_MAPPED: Final[WeakValueDictionary[tuple[object, ...], NDArray[Any]]] = WeakValueDictionary()
"""By file, as it is now, and name of the array."""


def mapped_array(path: Path, name: str) -> NDArray[Any]:
    """The array, read-only. As long as somebody has it, all who ask for it share one mapping: of each, the rows in use
    would count as memory of its own.

    The format (https://huggingface.co/docs/safetensors): eight bytes with the header's length, little-endian; the
    header, JSON with each array's type, shape and place; then the arrays' bytes.

    Raises:
        ModelError: there is no such file or array, or it is damaged.
    """
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            which = (path, name, status.st_ino, status.st_mtime_ns, status.st_size)
            if (known := _MAPPED.get(which)) is not None:
                return known
            length = int.from_bytes(file.read(8), "little")
            if length > _MOST_HEADER_BYTES:
                raise ValueError("its header is too long")
            entry = json.loads(file.read(length))[name]
        begin, end = entry["data_offsets"]
        kind, shape = np.dtype(_TYPES[entry["dtype"]]), tuple(entry["shape"])
        if end - begin != kind.itemsize * int(np.prod(shape)):
            raise ValueError(f"{name} has not the bytes that its shape needs")
        mapped = np.memmap(path, dtype=kind, mode="r", offset=8 + length + begin, shape=shape)
        return _MAPPED.setdefault(which, mapped)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{name} cannot be read from this file ({error!r}).", path=path) from error
