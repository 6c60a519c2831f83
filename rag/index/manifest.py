"""The manifest of a Snapshot: what it was made with, and the checksum of each of its files."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from rag.errors import SnapshotError
from rag.index.integrity import CHECKED_FILE, REBUILD, FileEntry, check_files, describe_files

FORMAT_VERSION = 6
MANIFEST_FILE = "manifest.json"


def new_id() -> str:
    """An id for a Snapshot that is made now: later ones come later in order."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(3)}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``manifest.json`` holds.

    Attributes:
        id: the Snapshot's folder name.
        created: time of building, ISO 8601 in UTC.
        model: name of the embedding model.
        fingerprint: of the model and its prompts; vectors of another fingerprint do not compare.
        dimension: length of a vector.
        documents, passages: how many there are.
        settings: the settings that shaped the index.
        vector_index: the kind of index the vectors are in, as FAISS's ``index_factory`` names it.
        made_with: what passages and terms depend on, see ``rag.index.reuse``.
        files: by name relative to the Snapshot's folder.
    """

    id: str
    created: str
    model: str
    fingerprint: str
    dimension: int
    documents: int
    passages: int
    settings: Mapping[str, Any]
    vector_index: str
    made_with: str
    files: Mapping[str, FileEntry]

    def write(self, folder: Path) -> None:
        """Write ``manifest.json`` into the Snapshot's folder."""
        (folder / MANIFEST_FILE).write_text(self.written(), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read and check ``manifest.json``, and that each file is as it was written.

        Raises:
            SnapshotError: if it is missing, not a manifest, of another format version, or a file is missing or damaged.
        """
        path = folder / MANIFEST_FILE
        try:
            content = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise SnapshotError("The index has lost its manifest.", path=path, hint=REBUILD) from None
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from None
        manifest = cls.parsed(content, path)
        check_files(folder, manifest.files)
        return manifest

    def written(self) -> str:
        """It as JSON, with the format's version and its own checksum."""
        body = sealed({"format": FORMAT_VERSION, **asdict(self)})
        return json.dumps(body, ensure_ascii=False, indent=2) + "\n"

    @classmethod
    def parsed(cls, content: str, path: str | Path) -> Manifest:
        """The manifest that ``written`` gave; ``path`` is what it is called in messages.

        Raises:
            SnapshotError: if it is not a manifest, damaged, or of another format version.
        """
        try:
            body = json.loads(content)
        except ValueError as error:
            raise _unreadable(path, error) from None
        version = body.pop("format", None) if isinstance(body, dict) else None
        if version != FORMAT_VERSION:
            raise SnapshotError(
                f"The index has format {version!r}; this version of Shiori reads format {FORMAT_VERSION}.",
                path=path,
                hint=REBUILD,
            )
        if sealed(body | {"format": version})["seal"] != body.pop("seal", None):
            raise SnapshotError("The index's manifest is damaged: its checksum is wrong.", path=path, hint=REBUILD)
        try:
            files = {
                name: FileEntry(int(entry["bytes"]), str(entry["sha256"])) for name, entry in body.pop("files").items()
            }
            return cls(**body, files=files)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SnapshotError(f"The index's manifest is damaged ({error!r}).", path=path, hint=REBUILD) from None


def _unreadable(path: str | Path, error: Exception) -> SnapshotError:
    return SnapshotError(f"The index's manifest cannot be read ({error}).", path=path, hint=REBUILD)


def sealed(body: Mapping[str, Any]) -> dict[str, Any]:
    """A manifest's content with ``seal``, the SHA-256 of the rest."""
    rest = {name: value for name, value in body.items() if name != "seal"}
    canonical = json.dumps(rest, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return rest | {"seal": sha256(canonical.encode()).hexdigest()}


def described(folder: Path) -> dict[str, FileEntry]:
    """The files of a Snapshot that is being built."""
    return describe_files(folder, apart_from=(MANIFEST_FILE, CHECKED_FILE))
