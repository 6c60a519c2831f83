"""Vectors kept by model and text, shared by many indexes: evaluation embeds each text once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from rag.arrays import Floats


def digest(text: str) -> bytes:
    """What identifies an embedded text."""
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


class VectorCache:
    """A SQLite file of vectors. Several processes may use it at once.

    Args:
        path: the file; made if it is not there.
        fingerprint: of the model, its prompts and its precision.
    """

    def __init__(self, path: Path, fingerprint: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._fingerprint = fingerprint
        self._db = sqlite3.connect(path, timeout=60)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS vectors"
            " (model TEXT, digest TEXT, vector BLOB, PRIMARY KEY (model, digest)) WITHOUT ROWID"
        )

    def get(self, digests: Sequence[bytes]) -> Mapping[bytes, Floats]:
        """Those of the vectors that are known, by digest."""
        rows = self._db.execute(
            "SELECT digest, vector FROM vectors WHERE model=? AND digest IN (SELECT value FROM json_each(?))",
            [self._fingerprint, json.dumps([digest.hex() for digest in digests])],
        )
        return {bytes.fromhex(digest): np.frombuffer(vector, dtype=np.float32) for digest, vector in rows}

    def put(self, digests: Sequence[bytes], vectors: Floats) -> None:
        """Remember vectors, shape ``(len(digests), dimension)``."""
        rows = [
            (self._fingerprint, d.hex(), v.astype(np.float32).tobytes()) for d, v in zip(digests, vectors, strict=True)
        ]
        with self._db:
            self._db.executemany("INSERT OR REPLACE INTO vectors VALUES (?,?,?)", rows)

    def through(self, texts: Sequence[str], embed: Callable[[list[str]], Floats]) -> Floats:
        """Vectors of all texts, shape ``(len(texts), dimension)``; those not known are embedded and remembered."""
        digests = [digest(text) for text in texts]
        known = dict(self.get(digests))
        missing = {key: text for key, text in zip(digests, texts, strict=True) if key not in known}
        if missing:
            computed = embed(list(missing.values()))
            self.put(list(missing), computed)
            known |= dict(zip(missing, computed, strict=True))
        return np.stack([known[key] for key in digests])

    def close(self) -> None:
        """Close the file."""
        self._db.close()
