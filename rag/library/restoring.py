"""A backup into an index folder: all of it is checked before anything there is replaced."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from rag.errors import RagError, StorageError
from rag.files import sync
from rag.index.builder import writing
from rag.index.folder import ADDED_FOLDER, CURRENT_FILE, TEMPORARY, FolderSnapshot, clean_up
from rag.index.manifest import FORMAT_VERSION, MANIFEST_FILE, new_id, sealed
from rag.library.archive import SNAPSHOT_FOLDER, Archive, opened
from rag.library.changing import changing
from rag.library.errors import BackupError
from rag.library.library import Library
from rag.library.placing import RESTORED, SETTINGS_FILE, SNAPSHOTS, SYNONYMS_FILE, place
from rag.library.questions import MarkedQuestions
from rag.library.record import KEPT_FILES, LIBRARY_FILE, RECORD_FILE, Record, Removals
from rag.library.saved import SavedAnswers

_UNTOUCHED = "The library that was there is untouched."


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What was restored.

    Attributes:
        index: the index folder.
        snapshot: id of the Snapshot; a new one, since it is another folder.
        created: when the backup was made, ISO 8601 in UTC.
        added: files added through the page.
        missing: paths the index was built from that are not here: an update is refused until they are.
        settings: a file of the settings and synonyms it had; ``None`` if they were the usual ones.
        needs_building: whether the index is of another version of Shiori, and must be built again.
        seconds: time taken.
    """

    index: Path
    snapshot: str
    created: str
    added: int
    missing: tuple[str, ...]
    settings: Path | None
    needs_building: bool
    seconds: float


def restore(path: str | Path, index: str | Path, *, replace: bool = False) -> RestoreReport:
    """Make a backup the library of an index folder. A server over that folder goes on with it by itself.

    Whenever this is broken off, the folder holds the library before or the one of the backup, whole.

    Args:
        path: the backup.
        index: the index folder; made if it is not there.
        replace: whether a library that is there may be replaced. It is gone then.

    Raises:
        BackupError: if the backup is damaged or none, or there is a library and it may not be replaced.
        BusyError: if another process is building the index or changing its documents.
        StorageError: if it cannot be written.
        The library before stays as it was.
    """
    started = time.perf_counter()
    folder = Path(index)
    with opened(Path(path)) as archive, writing(folder):
        if not replace and _has_library(folder):
            raise BackupError(
                "There is a library here already.", path=folder, hint="Choose another --index, or give --replace."
            )
        name = new_id()
        staged = folder / f"{TEMPORARY}{name}"
        try:
            needs_building = _stage(archive, staged, name, folder)
            record = Record.read(staged / SNAPSHOTS / name / RECORD_FILE)
            has_settings = (staged / SETTINGS_FILE).exists()
            with changing(folder):
                staged.rename(folder / RESTORED)
                sync(folder)
                place(folder)
        except OSError as error:
            raise StorageError(
                f"The backup cannot be restored ({error.strerror or error}).", path=error.filename, hint=_UNTOUCHED
            ) from error
        finally:
            shutil.rmtree(staged, ignore_errors=True)
        clean_up(folder)
        return RestoreReport(
            index=folder,
            snapshot=name,
            created=archive.about.created,
            added=sum(file.startswith(f"{ADDED_FOLDER}/") for file in archive.about.files),
            missing=tuple(each for each in record.paths if not Path(each).exists()),
            settings=folder / SETTINGS_FILE if has_settings else None,
            needs_building=needs_building,
            seconds=time.perf_counter() - started,
        )


def _has_library(index: Path) -> bool:
    library = Library(index)
    files = (CURRENT_FILE, *KEPT_FILES, SYNONYMS_FILE)
    return any((index / name).exists() for name in files) or any(library.added.glob("*"))


def _stage(archive: Archive, staged: Path, name: str, index: Path) -> bool:
    """Unpack and check everything; gives whether the index has to be built again."""
    if shutil.disk_usage(index).free < archive.unpacked_bytes:
        raise StorageError(
            f"The backup unpacks to {archive.unpacked_bytes / 1e6:,.0f} MB, and there is less room.",
            path=index,
            hint=f"Make room. {_UNTOUCHED}",
        )
    staged.mkdir()
    archive.unpack(staged)
    snapshot = staged / SNAPSHOTS / name
    snapshot.parent.mkdir()
    (staged / SNAPSHOT_FOLDER).rename(snapshot)
    (staged / ADDED_FOLDER).mkdir(exist_ok=True)
    (staged / CURRENT_FILE).write_text(f"{name}\n", encoding="ascii")
    needs_building = not _renamed(archive, snapshot, name)
    _check(archive, staged, snapshot, needs_building)
    _write_settings(archive, staged, index)
    for path in [*staged.rglob("*"), staged]:
        sync(path)
    return needs_building


def _renamed(archive: Archive, snapshot: Path, name: str) -> bool:
    """Give the Snapshot its new id; False if it is of another format, which then is not looked at."""
    path = snapshot / MANIFEST_FILE
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        is_whole = sealed(body)["seal"] == body["seal"]
        version = body["format"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise archive.damaged(f"its index has no manifest: {error!r}") from None
    if not is_whole:
        raise archive.damaged("the seal of its index is broken")
    path.write_text(json.dumps(sealed(body | {"id": name}), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return bool(version == FORMAT_VERSION)


def _check(archive: Archive, staged: Path, snapshot: Path, needs_building: bool) -> None:
    """Look at what was unpacked as those will who open it."""
    try:
        Removals.read(staged / LIBRARY_FILE)
        Record.read(snapshot / RECORD_FILE)
        len(MarkedQuestions(staged))
        SavedAnswers(staged).of()
        if needs_building:
            return
        opened_snapshot = FolderSnapshot(snapshot)
        try:
            problems = opened_snapshot.verify()
        finally:
            opened_snapshot.close()
    except (RagError, FileNotFoundError, RuntimeError) as error:
        raise archive.damaged(error) from None
    if problems:
        raise archive.damaged(problems[0])


def _write_settings(archive: Archive, staged: Path, index: Path) -> None:
    """The settings and synonyms it had, in the form of rag.toml; the user's own file is never touched."""
    settings = dict(archive.about.settings)
    if (staged / SYNONYMS_FILE).exists():
        settings["synonyms"] = str((index / SYNONYMS_FILE).absolute())
    if settings:
        # JSON's numbers, strings and truth values are TOML's, too.
        lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in settings.items()]
        (staged / SETTINGS_FILE).write_text("".join(lines), encoding="utf-8")
