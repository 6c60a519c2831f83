"""The manifest of a Snapshot: what it was made with, and the checksum of each of its files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rag.errors import SnapshotError
from rag.files import sha256_of

FORMAT_VERSION = 1
MANIFEST_FILE = "manifest.json"
_REBUILD = "Build it again with `rag build`."


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of a Snapshot: its length in bytes and its SHA-256 in hexadecimal."""

    bytes: int
    sha256: str


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
    files: Mapping[str, FileEntry]

    def write(self, folder: Path) -> None:
        """Write ``manifest.json`` into the Snapshot's folder."""
        body = {"format": FORMAT_VERSION, **asdict(self)}
        (folder / MANIFEST_FILE).write_text(json.dumps(body, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read and check ``manifest.json``, and that each file is there with its length.

        Raises:
            SnapshotError: if it is missing, not a manifest, of another format version, or a file is missing or cut.
        """
        path = folder / MANIFEST_FILE
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise SnapshotError("The index has lost its manifest.", path=path, hint=_REBUILD) from None
        except (OSError, ValueError) as error:
            raise SnapshotError(f"The index's manifest cannot be read ({error}).", path=path, hint=_REBUILD) from None
        version = body.pop("format", None) if isinstance(body, dict) else None
        if version != FORMAT_VERSION:
            raise SnapshotError(
                f"The index has format {version!r}; this version of Shiori reads format {FORMAT_VERSION}.",
                path=path,
                hint=_REBUILD,
            )
        try:
            files = {
                name: FileEntry(int(entry["bytes"]), str(entry["sha256"])) for name, entry in body.pop("files").items()
            }
            manifest = cls(**body, files=files)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SnapshotError(f"The index's manifest is damaged ({error!r}).", path=path, hint=_REBUILD) from None
        manifest._check_lengths(folder)
        return manifest

    def _check_lengths(self, folder: Path) -> None:
        for name, entry in self.files.items():
            path = folder / name
            if ".." in Path(name).parts or Path(name).is_absolute():
                raise SnapshotError(
                    f"The manifest names a file outside the index ({name!r}).", path=folder, hint=_REBUILD
                )
            if not path.is_file():
                raise SnapshotError("A file of the index is missing.", path=path, hint=_REBUILD)
            if path.stat().st_size != entry.bytes:
                raise SnapshotError(
                    "A file of the index has the wrong length; it is damaged.", path=path, hint=_REBUILD
                )

    def damaged_files(self, folder: Path) -> list[str]:
        """Names of the files whose SHA-256 is not the one recorded."""
        return [name for name, entry in self.files.items() if sha256_of(folder / name) != entry.sha256]


def describe_files(folder: Path) -> dict[str, FileEntry]:
    """Length and checksum of every file below a folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST_FILE)
    return {p.relative_to(folder).as_posix(): FileEntry(p.stat().st_size, sha256_of(p)) for p in paths}
