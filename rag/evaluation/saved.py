"""Results on disk while an evaluation runs, so that nothing finished is done twice."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from rag.code_digest import code_digest, parts_but
from rag.errors import StorageError
from rag.files import replace_file

_FORMAT = 1
_WAYS_IN = ("evaluation", "web", "cli", "batch", "__init__.py", "__main__.py")


def fingerprint(**parts: Any) -> str:
    """32 hexadecimal digits over JSON values."""
    return sha256(json.dumps(parts, sort_keys=True, ensure_ascii=True).encode()).hexdigest()[:32]


def code_fingerprint() -> str:
    """32 hexadecimal digits over the source code that results depend on, so that a change of it makes them anew."""
    return code_digest(*parts_but(_WAYS_IN))


class Part:
    """One kind of record, by query id, of one system: in memory, and in a JSON Lines file if there is a folder.

    Records of an earlier run are taken over if its fingerprint was the same; a line cut off by a crash is dropped.
    """

    def __init__(self, file: Path | None, fingerprint: str) -> None:
        self._file = file
        self._head = {"format": _FORMAT, "fingerprint": fingerprint}
        self._records: dict[str, tuple[str, Any]] = {}
        self._intact = file is not None and file.is_file() and self._read(file)

    def get(self, query: str, text: str) -> Any:
        """The record of this query, asked with this text; ``None`` if there is none."""
        asked, record = self._records.get(query, (None, None))
        return record if asked == text else None

    def add(self, records: Iterable[tuple[str, str, Any]]) -> None:
        """Keeps records given as query id, question and JSON value.

        Raises:
            StorageError: if they cannot be written.
        """
        new = {query: (text, record) for query, text, record in records}
        self._records |= new
        if self._file is None or not new:
            return
        try:
            if self._intact:
                with self._file.open("ab") as out:
                    out.write(_lines(new))
            else:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                replace_file(self._file, _line(self._head) + _lines(self._records), durable=False)
                self._intact = True
        except OSError as error:
            raise StorageError(f"Results cannot be saved: {error.strerror or error}.", path=self._file) from None

    def _read(self, file: Path) -> bool:
        """Takes over an earlier run's records; False if the file is another's or damaged, to be written anew."""
        first, *lines = file.read_bytes().split(b"\n")
        with suppress(ValueError, TypeError):
            if json.loads(first) != self._head:
                return False
            for line in lines[:-1]:
                query, text, record = json.loads(line)
                self._records[query] = (text, record)
            return bool(lines) and not lines[-1]
        return False


def _lines(records: Mapping[str, tuple[str, Any]]) -> bytes:
    return b"".join(_line([query, *record]) for query, record in records.items())


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


class Store:
    """The parts of all systems: ``FOLDER/results/SYSTEM.PART.jsonl``, or memory only."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def part(self, system: str, name: str, depends_on: Mapping[str, Any]) -> Part:
        """One part of one system; ``depends_on`` are the JSON values that its records were made with."""
        file = None if self._folder is None else self._folder / "results" / f"{system}.{name}.jsonl"
        return Part(file, fingerprint(**depends_on))
