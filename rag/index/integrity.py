"""Are the files of a Snapshot what was written? Looked at before anything in them is parsed.

Reading all of a large index at each start would be slow. What was found whole is therefore noted with the size, times
and inode of each file, and only files that differ from the note are read again. ``rag verify`` reads all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rag.errors import SnapshotError
from rag.files import replacing, sha256_of

CHECKED_FILE = "checked.json"
REBUILD = "Build it again with `rag build`."


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of a Snapshot: its length in bytes and its SHA-256 in hexadecimal."""

    bytes: int
    sha256: str


def describe_files(folder: Path, *, apart_from: tuple[str, ...]) -> dict[str, FileEntry]:
    """Length and checksum of every file below a folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in apart_from)
    return {p.relative_to(folder).as_posix(): FileEntry(p.stat().st_size, sha256_of(p)) for p in paths}


def check_files(folder: Path, files: Mapping[str, FileEntry]) -> None:
    """Check every file that is not noted as checked, and note them.

    Raises:
        SnapshotError: naming the first file that is missing, outside the folder, or not as it was written.
    """
    noted = _noted(folder)
    found = {name: _signature(folder, name, entry) for name, entry in files.items()}
    for name, entry in files.items():
        if noted.get(name) != found[name] and sha256_of(folder / name) != entry.sha256:
            raise SnapshotError(
                "A file of the index is damaged: its checksum is wrong.", path=folder / name, hint=REBUILD
            )
    if noted != found:
        note_checked(folder, files)


def note_checked(folder: Path, files: Mapping[str, FileEntry]) -> None:
    """Note that the files are as they were written; where nothing can be written, they are checked every time."""
    note = {name: _signature(folder, name, entry) for name, entry in files.items()}
    with suppress(OSError), replacing(folder / CHECKED_FILE, durable=False) as partial:
        partial.write_text(json.dumps(note), encoding="ascii")


def damaged_files(folder: Path, files: Mapping[str, FileEntry]) -> list[str]:
    """Names of the files whose SHA-256 is not the one recorded; all are read."""
    return [name for name, entry in files.items() if sha256_of(folder / name) != entry.sha256]


def _noted(folder: Path) -> dict[str, list[int]]:
    try:
        noted = json.loads((folder / CHECKED_FILE).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def _signature(folder: Path, name: str, entry: FileEntry) -> list[int]:
    """What changes when a file is written to or replaced."""
    path = folder / name
    if ".." in Path(name).parts or Path(name).is_absolute():
        raise SnapshotError(f"The manifest names a file outside the index ({name!r}).", path=folder, hint=REBUILD)
    if not path.is_file():
        raise SnapshotError("A file of the index is missing.", path=path, hint=REBUILD)
    stat = path.stat()
    if stat.st_size != entry.bytes:
        raise SnapshotError("A file of the index has the wrong length; it is damaged.", path=path, hint=REBUILD)
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
