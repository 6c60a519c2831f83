"""Arrays in ``.npy`` files: written bit by bit where they are too large for memory, and mapped to be read."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt


class ArrayWriter:
    """Writes a one-dimensional array that grows; a context manager, whole when it is left without an error."""

    def __init__(self, path: Path, kind: type[np.generic]) -> None:
        self._kind = np.dtype(kind)
        self._count = 0
        self._file = path.open("wb")
        self._write_header()

    def append(self, values: npt.NDArray[Any]) -> None:
        """Append values, shape ``(any,)``."""
        values.astype(self._kind, copy=False).tofile(self._file)
        self._count += len(values)

    def _write_header(self) -> None:
        # NumPy leaves room in it for any number of elements, so that it can be written over.
        facts = {"descr": self._kind.str, "fortran_order": False, "shape": (self._count,)}
        np.lib.format.write_array_header_1_0(self._file, facts)

    def __enter__(self) -> ArrayWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._file.seek(0)
                self._write_header()
        finally:
            self._file.close()


def mapped(path: Path) -> npt.NDArray[Any]:
    """An array in a file, mapped; without what numpy.memmap does in Python for every slice.

    Raises:
        OSError, ValueError: if there is no such file, or it is no array.
    """
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
