"""A library into one file, while it is served and built."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from rag.address import folder_of
from rag.clock import now
from rag.errors import SnapshotError, StorageError
from rag.files import replacing
from rag.index.folder import ADDED_FOLDER, FolderSnapshot
from rag.index.holding import hold, unheld
from rag.index.integrity import CHECKED_FILE, REBUILD
from rag.library.archive import BACKUP_FILE, SNAPSHOT_FOLDER, About, KeptFile, kept_settings, opened
from rag.library.changing import changing
from rag.library.errors import BackupError
from rag.library.library import Library
from rag.library.placing import SYNONYMS_FILE
from rag.library.record import KEPT_FILES, LIBRARY_FILE
from rag.settings import Settings

_STAGING: Final = ".backup-"
_HELD: Final = "held"
_STALE_SECONDS: Final = 3600
_COPIED_BYTES: Final = 1 << 20
_FULL: Final = "Make room, or choose another file. What stood there before is untouched."


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup holds.

    Attributes:
        path: the file.
        snapshot: id of the Snapshot in it.
        documents: how many documents that has.
        added: files added through the page.
        files: all files in it.
        bytes: length of the file.
        seconds: time taken.
    """

    path: Path
    snapshot: str
    documents: int
    added: int
    files: int
    bytes: int
    seconds: float


def back_up(path: str | Path, settings: Settings | None = None) -> BackupReport:
    """Write the library of ``settings.index`` into one file, and read it back before it takes its name.

    The Snapshot is the current one, which no build changes. Questions are answered, files added and builds made
    meanwhile; what is added or published after this began is not in it.

    Args:
        path: the file; a backup that stands there is replaced.
        settings: which index; also the synonyms and settings to be kept with it.

    Raises:
        SnapshotError: if there is no index, or it is damaged.
        BackupError: if the file is in the index, or is there and no backup.
        BusyError: if the library stays locked.
        StorageError: if it cannot be written. What stood there before is untouched.
    """
    started = time.perf_counter()
    settings = settings or Settings.load()
    index = folder_of(
        settings.index, "A backup by `rag backup`", "Use pg_dump, or `rag migrate` it into a folder first."
    )
    target = Path(path).absolute()
    _check_target(target, index)
    try:
        _clear_partials(target)
        with _held(index) as (snapshot, staged), replacing(target) as partial:
            about = _write(partial, _files(snapshot, staged, settings), snapshot, settings)
            with opened(partial) as archive:
                archive.check()
            documents = snapshot.manifest.documents
    except OSError as error:
        raise StorageError(
            f"The backup cannot be written ({error.strerror or error}).", path=error.filename or target, hint=_FULL
        ) from error
    added = sum(name.startswith(f"{ADDED_FOLDER}/") for name in about.files)
    seconds = time.perf_counter() - started
    return BackupReport(target, about.snapshot, documents, added, len(about.files), target.stat().st_size, seconds)


def _check_target(target: Path, index: Path) -> None:
    if target.resolve().is_relative_to(index.resolve()):
        raise BackupError("A backup inside the index would go with it.", path=target, hint="Choose another folder.")
    if target.exists():
        try:
            with opened(target):
                pass
        except BackupError:
            raise BackupError(
                "This is something else than a backup, and is not overwritten.",
                path=target,
                hint="Choose another name.",
            ) from None


def _clear_partials(target: Path) -> None:
    """Remove what backups to this file left that were killed."""
    for partial in target.parent.glob(f".{target.name}.*.part"):
        with suppress(OSError):
            if time.time() - partial.stat().st_mtime > _STALE_SECONDS:
                partial.unlink()


@contextmanager
def _held(index: Path) -> Iterator[tuple[FolderSnapshot, Path]]:
    """The current Snapshot and, in a folder of their own, the other files of one and the same moment.

    They are links: files of a library are replaced, never written to.
    """
    snapshot = FolderSnapshot.open(index)
    try:
        _clear_staging(index)
        staged = Path(tempfile.mkdtemp(prefix=_STAGING, dir=index))
        try:
            (staged / _HELD).touch()
            with hold(staged / _HELD):
                with changing(index):
                    snapshot.close()
                    snapshot = FolderSnapshot.open(index)
                    _stage(Library(index), staged)
                yield snapshot, staged
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    finally:
        snapshot.close()


def _clear_staging(index: Path) -> None:
    """Remove the folders of backups that were killed."""
    for folder in index.glob(f"{_STAGING}*"):
        with suppress(OSError), unheld(folder / _HELD) as free:
            if free:
                shutil.rmtree(folder, ignore_errors=True)


def _stage(library: Library, staged: Path) -> None:
    library.removals().write(staged / LIBRARY_FILE)
    for name in KEPT_FILES:
        _link_or_copy(library.index / name, staged / name)
    for name, path in _below(library.added):
        target = staged / ADDED_FOLDER / name
        target.parent.mkdir(parents=True, exist_ok=True)
        _link_or_copy(path, target)


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileNotFoundError:
        target.touch()
    except OSError:  # not all file systems have links
        shutil.copy2(source, target)


def _files(snapshot: FolderSnapshot, staged: Path, settings: Settings) -> dict[str, Path]:
    """Where each file of the backup is."""
    files = {f"{SNAPSHOT_FOLDER}/{name}": path for name, path in _below(snapshot.folder)}
    files |= {name: path for name, path in _below(staged) if name != _HELD}
    if settings.synonyms is not None:
        files[SYNONYMS_FILE] = settings.synonyms
    return files


def _below(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != CHECKED_FILE and not path.name.startswith("."):
            yield path.relative_to(folder).as_posix(), path


def _write(target: Path, files: dict[str, Path], snapshot: FolderSnapshot, settings: Settings) -> About:
    kept = {}
    with ZipFile(target, "x", strict_timestamps=False) as zipped:
        for name, path in files.items():
            kept[name] = _add(zipped, name, path)
        _check_snapshot(snapshot, kept)
        about = About(now(), snapshot.manifest.id, kept_settings(settings), kept)
        zipped.writestr(ZipInfo(BACKUP_FILE), about.to_json(), ZIP_DEFLATED)
    return about


def _add(zipped: ZipFile, name: str, path: Path) -> KeptFile:
    """Put one file in, and tell what was put in."""
    hashed, length = sha256(), 0
    info = ZipInfo(name)
    info.compress_type, info._compresslevel = ZIP_DEFLATED, 1  # type: ignore[attr-defined]
    with path.open("rb") as source, zipped.open(info, "w", force_zip64=True) as packed:
        while part := source.read(_COPIED_BYTES):
            hashed.update(part)
            length += len(part)
            packed.write(part)
        modified = os.fstat(source.fileno()).st_mtime_ns
    return KeptFile(length, hashed.hexdigest(), max(0, modified))


def _check_snapshot(snapshot: FolderSnapshot, kept: dict[str, KeptFile]) -> None:
    for name, entry in snapshot.manifest.files.items():
        if kept[f"{SNAPSHOT_FOLDER}/{name}"].sha256 != entry.sha256:
            raise SnapshotError(
                "A file of the index is damaged: its checksum is wrong.", path=snapshot.folder / name, hint=REBUILD
            )
