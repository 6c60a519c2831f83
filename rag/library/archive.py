"""A backup: a zip file of a library, with the length and checksum of each file, that is believed in nothing else.

==================  ====================================================================
``snapshot/…``      the files of a Snapshot
``added/…``         files added through the page
``library.json``    what was taken out
``questions.jsonl`` questions whose right answers readers have marked
``saved.jsonl``     answers that readers have kept
``synonyms.txt``    words that mean the same, where there are such
``backup.json``     what is in it, sealed with its own checksum
==================  ====================================================================
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, LargeZipFile, ZipFile, ZipInfo

from rag.errors import SettingsError
from rag.files import IS_WINDOWS
from rag.index.builder import INDEX_SETTINGS
from rag.index.folder import ADDED_FOLDER
from rag.index.manifest import MANIFEST_FILE, sealed
from rag.library.errors import BackupError
from rag.library.placing import SYNONYMS_FILE
from rag.library.record import KEPT_FILES, LIBRARY_FILE, QUESTIONS_FILE
from rag.settings import Settings

BACKUP_FILE: Final = "backup.json"
SNAPSHOT_FOLDER: Final = "snapshot"
FORMAT_VERSION: Final = 1
SETTINGS_KEPT: Final = (
    *("model", *INDEX_SETTINGS),
    *("ngram_weight", "dense_weight", "candidates", "k", "mode", "reader", "rerank", "min_confidence"),
    *("max_file_mb", "follow_links"),
)
"""The settings that belong to a library: how it is built and asked, nothing of the machine, nothing secret."""

_MOST_FILES = 200_000
_MOST_ABOUT_BYTES = 100_000_000
_MOST_NANOSECONDS = 1 << 62
_READ_BYTES = 1 << 20
_ENCRYPTED = 0x1
_ALONE = frozenset({LIBRARY_FILE, *KEPT_FILES, SYNONYMS_FILE})
_NEEDED = frozenset({f"{SNAPSHOT_FOLDER}/{MANIFEST_FILE}", LIBRARY_FILE, QUESTIONS_FILE})
_ANOTHER = "Take another backup."


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One file of a backup: length in bytes, SHA-256 in hexadecimal, time in nanoseconds since 1970."""

    bytes: int
    sha256: str
    modified: int


@dataclass(frozen=True, slots=True)
class About:
    """What ``backup.json`` holds.

    Attributes:
        created: when it was made, ISO 8601 in UTC.
        snapshot: id of the Snapshot.
        settings: those of ``SETTINGS_KEPT`` that are not the usual ones.
        files: by name.
    """

    created: str
    snapshot: str
    settings: Mapping[str, Any]
    files: Mapping[str, KeptFile]

    def to_json(self) -> bytes:
        """As it stands in the backup."""
        body = sealed({"format": FORMAT_VERSION, **asdict(self)})
        return (json.dumps(body, ensure_ascii=True, indent=1) + "\n").encode("ascii")

    @classmethod
    def from_json(cls, content: bytes) -> About:
        """From what stands in the backup.

        Raises:
            ValueError: if it cannot be used, in words to follow "The backup's list of files …".
        """
        try:
            body = json.loads(content)
            if not isinstance(body, dict) or sealed(body)["seal"] != body.get("seal"):
                raise ValueError("is damaged")
            if body["format"] != FORMAT_VERSION:
                raise ValueError(f"has format {body['format']!r}; this version of Shiori reads format {FORMAT_VERSION}")
            files = {str(name): KeptFile(**kept) for name, kept in body["files"].items()}
            about = cls(str(body["created"]), str(body["snapshot"]), _settings(body["settings"]), files)
        except (KeyError, TypeError, AttributeError, RecursionError, SettingsError) as error:
            raise ValueError(f"is damaged ({error!r})") from None
        for name, kept in files.items():
            _check_entry(name, kept)
        if missing := _NEEDED - files.keys():
            raise ValueError(f"lacks {', '.join(sorted(missing))}")
        return about


class Archive:
    """A backup that is read. Whatever it holds, nothing is taken of it that its list does not tell.

    Attributes:
        path: the file.
        about: its list.
    """

    def __init__(self, path: Path, zipped: ZipFile) -> None:
        self.path = path
        self._zipped = zipped
        self._members = self._known_members()
        self.about = self._read_about()
        if unlisted := self._members.keys() ^ {BACKUP_FILE, *self.about.files}:
            raise self.damaged(f"it does not hold what its list tells: {min(unlisted)!r}")

    @property
    def unpacked_bytes(self) -> int:
        """Length of all its files together, unpacked."""
        return sum(kept.bytes for kept in self.about.files.values())

    def check(self) -> None:
        """Read every file of it.

        Raises:
            BackupError: if one is not as it was written.
        """
        for name in self.about.files:
            for _ in self._parts(name):
                pass

    def unpack(self, folder: Path) -> None:
        """Write all its files, with their times, into a folder that is there and empty.

        Raises:
            BackupError: if one is not as it was written.
            OSError: if it cannot be written.
        """
        for name, kept in self.about.files.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                for part in self._parts(name):
                    file.write(part)
            os.utime(target, ns=(kept.modified, kept.modified))

    def damaged(self, why: object) -> BackupError:
        """The error for a backup that cannot be used."""
        return BackupError(f"The backup is damaged, or not one of Shiori's ({why}).", path=self.path, hint=_ANOTHER)

    def _parts(self, name: str) -> Iterator[bytes]:
        """The content of one file, to be believed only when all of it was given."""
        kept, hashed, length = self.about.files[name], sha256(), 0
        for part in self._content(name):
            length += len(part)
            if length > kept.bytes:
                break
            hashed.update(part)
            yield part
        if length != kept.bytes or hashed.hexdigest() != kept.sha256:
            raise self.damaged(f"{name}: its length or checksum is wrong")

    def _content(self, name: str) -> Iterator[bytes]:
        try:
            with self._zipped.open(self._members[name]) as file:
                while part := file.read(_READ_BYTES):
                    yield part
        except (BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, OSError, zlib.error) as error:
            raise self.damaged(f"{name}: {error}") from None

    def _known_members(self) -> Mapping[str, ZipInfo]:
        members = self._zipped.infolist()
        if len(members) > _MOST_FILES:
            raise self.damaged(f"there are {len(members):,} files in it")
        known = {info.filename: info for info in members}
        if len(known) != len(members):
            raise self.damaged("two files have the same name")
        for info in members:
            if info.flag_bits & _ENCRYPTED or info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                raise self.damaged(f"{info.filename!r} is encrypted, or packed in another way")
        return known

    def _read_about(self) -> About:
        info = self._members.get(BACKUP_FILE)
        if info is None or info.file_size > _MOST_ABOUT_BYTES:
            raise self.damaged("it has no list of its files")
        try:
            # No more is ever unpacked than the table of contents tells.
            return About.from_json(b"".join(self._content(BACKUP_FILE)))
        except ValueError as error:
            raise BackupError(f"The backup's list of files {error}.", path=self.path, hint=_ANOTHER) from None


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """A backup, its table of contents checked.

    Raises:
        BackupError: if it cannot be read, or is none.
    """
    try:
        zipped = ZipFile(path)
    except OSError as error:
        raise BackupError(f"The backup cannot be read ({error.strerror or error}).", path=path) from None
    except (BadZipFile, LargeZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise BackupError(
            f"The backup is damaged, or not one of Shiori's ({error}).", path=path, hint=_ANOTHER
        ) from None
    with zipped:
        yield Archive(path, zipped)


def kept_settings(settings: Settings) -> dict[str, Any]:
    """The settings that belong to a library and are not the usual ones, as JSON values."""
    usual = {name: field.default for name, field in Settings.model_fields.items()}
    chosen = settings.model_dump(mode="json", include=set(SETTINGS_KEPT))
    return {name: chosen[name] for name in SETTINGS_KEPT if chosen[name] not in (None, usual[name])}


def _settings(body: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := body.keys() - set(SETTINGS_KEPT):
        raise ValueError(f"has settings that are none of a library ({', '.join(sorted(unknown))})")
    Settings.load(**body)
    return dict(body)


def _check_entry(name: str, kept: KeptFile) -> None:
    parts = name.split("/")
    is_placed = name in _ALONE or (len(parts) > 1 and parts[0] in (SNAPSHOT_FOLDER, ADDED_FOLDER))
    leads_out = any(part in ("", ".", "..") for part in parts) or "\\" in name or "\0" in name
    if not is_placed or leads_out or (IS_WINDOWS and ":" in name):
        raise ValueError(f"has a file that belongs to no library ({name!r})")
    is_number = all(type(value) is int and 0 <= value < _MOST_NANOSECONDS for value in (kept.bytes, kept.modified))
    if not is_number or not isinstance(kept.sha256, str):
        raise ValueError(f"has no length, checksum or time of {name!r}")
