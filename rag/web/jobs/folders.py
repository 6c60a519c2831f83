"""Folders of what browsers have the server do or keep: each belongs to one browser, and no other can name it."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from rag.errors import BusyError, StorageError
from rag.files import replacing

DAYS_KEPT = 14
MOST_OF_ONE = 20
"""Folders of one browser."""
MOST_OF_ALL = 300
_FACTS = "facts.json"
_ID = re.compile(r"[0-9a-f]{32}")
_SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Entry:
    """One folder.

    Attributes:
        id: 32 hexadecimal digits, drawn at random.
        folder: where it is.
        created: seconds since 1970.
        facts: what is noted of it, as JSON values.
    """

    id: str
    folder: Path
    created: float
    facts: Mapping[str, Any]


def new_owner() -> str:
    """A secret that one browser keeps, and shows to get at what is its own."""
    return secrets.token_urlsafe(24)


class WorkFolders:
    """Folders ``home/OWNER/ID``. What has not been touched for ``DAYS_KEPT`` goes when something new comes.

    An owner's folder is named by the SHA-256 of the secret: who can read the disk cannot pass for the browser.
    """

    def __init__(self, home: Path) -> None:
        self.home = home

    def add(self, owner: str, facts: Mapping[str, Any]) -> Entry:
        """A new folder.

        Raises:
            BusyError: if this browser, or all of them together, keep as many as they may.
            StorageError: if it cannot be made.
        """
        if not owner:
            raise StorageError("The browser has no secret of its own to find it again by.", hint="Reload the page.")
        self._clear_old()
        if len(self.of(owner)) >= MOST_OF_ONE or len(list(self.home.glob(f"*/*/{_FACTS}"))) >= MOST_OF_ALL:
            raise BusyError("As much is kept here as may be.", hint="Remove what is no longer needed.")
        folder = self._of(owner) / secrets.token_hex(16)
        try:
            folder.mkdir(parents=True, mode=0o700)
            return _written(Entry(folder.name, folder, time.time(), dict(facts)))
        except OSError as error:
            raise StorageError(f"The folder cannot be made: {error.strerror or error}.", path=folder) from None

    def get(self, owner: str, name: object) -> Entry | None:
        """The folder of this id, if it is the owner's."""
        known = owner and isinstance(name, str) and _ID.fullmatch(name)
        return _read(self._of(owner) / str(name)) if known else None

    def of(self, owner: str) -> list[Entry]:
        """All of the owner's folders, newest first."""
        folders = self._of(owner).iterdir() if owner and self._of(owner).is_dir() else ()
        found = [entry for folder in folders if (entry := _read(folder)) is not None]
        return sorted(found, key=lambda entry: -entry.created)

    def note(self, entry: Entry, **changes: Any) -> Entry:
        """Change what is noted of a folder, in one step on the disk.

        Raises:
            StorageError: if it cannot be written.
        """
        now = _read(entry.folder)
        if now is None:
            raise StorageError("It has been removed.", path=entry.folder)
        try:
            return _written(replace(now, facts={**now.facts, **changes}))
        except OSError as error:
            raise StorageError(f"It cannot be written: {error.strerror or error}.", path=entry.folder) from None

    def remove(self, entry: Entry) -> None:
        """Delete a folder and all in it."""
        shutil.rmtree(entry.folder, ignore_errors=True)

    def _of(self, owner: str) -> Path:
        return self.home / sha256(str(owner).encode("utf-8", "surrogatepass")).hexdigest()[:32]

    def _clear_old(self) -> None:
        oldest = time.time() - DAYS_KEPT * _SECONDS_A_DAY
        for folder in self.home.glob("*/*"):
            with suppress(OSError):
                if folder.stat().st_mtime < oldest:
                    shutil.rmtree(folder, ignore_errors=True)


def _read(folder: Path) -> Entry | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        record = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
        return Entry(folder.name, folder, float(record["created"]), dict(record["facts"]))
    return None


def _written(entry: Entry) -> Entry:
    with replacing(entry.folder / _FACTS, durable=False) as partial:
        partial.write_text(json.dumps({"created": entry.created, "facts": entry.facts}), encoding="utf-8")
    return entry
