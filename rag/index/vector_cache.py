"""Vectors kept by model and text, shared by many indexes: evaluation embeds each text once."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import numpy as np

from rag.arrays import Floats

log = logging.getLogger(__name__)

T = TypeVar("T")


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
        self._path = path
        self._fingerprint = fingerprint
        self._db = self._mended(self._opened)

    def get(self, digests: Sequence[bytes]) -> Mapping[bytes, Floats]:
        """Those of the vectors that are known, by digest."""
        rows = self._mended(lambda: self._rows(digests))
        return {bytes.fromhex(digest): np.frombuffer(vector, dtype=np.float32) for digest, vector in rows}

    def put(self, digests: Sequence[bytes], vectors: Floats) -> None:
        """Remember vectors, shape ``(len(digests), dimension)``."""
        rows = [
            (self._fingerprint, d.hex(), v.astype(np.float32).tobytes()) for d, v in zip(digests, vectors, strict=True)
        ]
        self._mended(lambda: self._insert(rows))

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

    def _opened(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=60)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute(
                "CREATE TABLE IF NOT EXISTS vectors"
                " (model TEXT, digest TEXT, vector BLOB, PRIMARY KEY (model, digest)) WITHOUT ROWID"
            )
        except BaseException:
            db.close()
            raise
        return db

    def _rows(self, digests: Sequence[bytes]) -> list[tuple[str, bytes]]:
        return self._db.execute(
            "SELECT digest, vector FROM vectors WHERE model=? AND digest IN (SELECT value FROM json_each(?))",
            [self._fingerprint, json.dumps([digest.hex() for digest in digests])],
        ).fetchall()

    def _insert(self, rows: Sequence[tuple[str, str, bytes]]) -> None:
        with self._db:
            self._db.executemany("INSERT OR REPLACE INTO vectors VALUES (?,?,?)", rows)

    def _mended(self, work: Callable[[], T]) -> T:
        """Do it; if the file is damaged, with a new one: all in it can be computed again."""
        try:
            return work()
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                raise
            log.warning("%s is damaged and made anew: %s", self._path, error)
        if hasattr(self, "_db"):
            self._db.close()
        for ending in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + ending).unlink(missing_ok=True)
        self._db = self._opened()
        return work()
