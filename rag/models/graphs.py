"""Compiled graphs, kept on disk: to compile one takes longer than all else that a new process does before it answers.

A file holds what OpenVINO exports behind its CRC-32, and is named by all that it depends on: weights, options, the
code that writes the graph, OpenVINO's version and what the CPU can do. What is damaged, or cannot be taken in again, is
compiled anew, and nothing is lost where it cannot be written.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from rag.code_digest import code_digest
from rag.files import replacing
from rag.models.cpu import capabilities

log = logging.getLogger(__name__)

FOLDER: Final = "graphs"
_CHECK_BYTES: Final = 4
_MOST_KEPT: Final = 8
"""Files; the oldest make way."""


@dataclass(frozen=True, slots=True)
class KeptGraph:
    """Where a graph is kept.

    Attributes:
        cache_dir: the folder of the settings.
        weights: a fingerprint of what it was made from.
        code: modules and folders below ``rag`` that write it.
    """

    cache_dir: Path
    weights: str
    code: tuple[str, ...]

    def read(self, core: Any, options: Mapping[str, object]) -> Any | None:
        """The compiled graph; ``None`` if there is none that can be used."""
        path = self._path(options)
        try:
            content = memoryview(path.read_bytes())
            if zlib.crc32(content[_CHECK_BYTES:]) != int.from_bytes(content[:_CHECK_BYTES], "little"):
                raise ValueError("its checksum is wrong")
            return core.import_model(BytesIO(content[_CHECK_BYTES:]), "CPU", dict(options))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RuntimeError) as error:
            log.info("The compiled graph %s is made anew: %s", path, str(error).splitlines()[0])
            return None

    def write(self, compiled: Any, options: Mapping[str, object]) -> None:
        """Keep a compiled graph, if there is room."""
        path = self._path(options)
        try:
            exported = compiled.export_model()
            content = exported.getvalue() if isinstance(exported, BytesIO) else bytes(exported)
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path, durable=False) as partial, partial.open("wb") as file:
                file.write(zlib.crc32(content).to_bytes(_CHECK_BYTES, "little"))
                file.write(content)
            kept = sorted(path.parent.glob("*.graph"), key=lambda each: -each.stat().st_mtime_ns)
            for old in kept[_MOST_KEPT:]:
                old.unlink(missing_ok=True)
        except (OSError, RuntimeError) as error:
            log.info("The compiled graph cannot be kept: %s", str(error).splitlines()[0])

    def _path(self, options: Mapping[str, object]) -> Path:
        made = code_digest(*self.code, "models/encoder.py", libraries=("openvino",))
        told = repr((self.weights, made, sorted(options.items()), capabilities()))
        return self.cache_dir / FOLDER / f"{sha256(told.encode()).hexdigest()[:32]}.graph"
