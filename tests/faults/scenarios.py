"""What is done while faults strike: a step that ended is done for good, any other wholly or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.batch import part_file, read_questions, run_batch
from rag.building import build, update
from rag.engine import Engine
from rag.errors import RagError, SnapshotError
from rag.index.folder import FolderSnapshot, current_id
from rag.index.manifest import MANIFEST_FILE, sealed
from rag.library import RECORD_FILE, Evidence, Library, MarkedQuestion, Record
from rag.library.archive import opened
from rag.library.backup import back_up
from rag.library.restoring import restore
from rag.settings import Settings
from rag.settings_file import change_settings_file, replace_text
from rag.web.current import CurrentIndex
from rag.web.documents.intake import Intake, Upload
from rag.web.documents.updates import Updates
from rag.web.gate.account_file import AccountFile
from rag.web.jobs.folders import Entry, WorkFolders
from tests.batch.doubles import FakeEngine
from tests.faults.worker import build_version, version_of

PARTIAL_SECONDS = 60


@dataclass(frozen=True)
class Scenario:
    """Something that is done in steps.

    Attributes:
        prepare: makes a folder ready for it.
        steps: what is done, each given the folder.
        observe: what a user would see, as a value that can be compared; raises if something is not whole.
        may_refuse: errors that a step may end with where a file cannot be written, beside RagError.
    """

    prepare: Callable[[Path], None]
    steps: Sequence[Callable[[Path], object]]
    observe: Callable[[Path], object]
    may_refuse: tuple[type[Exception], ...] = ()


def _text(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _index(folder: Path) -> Library:
    return Library(folder / "index")


def _whole(index: Path) -> list[str]:
    """The sources of a whole index."""
    snapshot = FolderSnapshot.open(index)
    try:
        assert snapshot.verify() == []
        return sorted(document.source for document in snapshot.store.documents())
    finally:
        snapshot.close()


# a build

BUILD = Scenario(
    prepare=lambda folder: build_version(folder / "index", 1) and None,
    steps=[lambda folder: build_version(folder / "index", 2), lambda folder: build_version(folder / "index", 3)],
    observe=lambda folder: version_of(folder / "index"),
)


# an update of a library

_KEPT, _GONE, _NEW = "残す.txt", "消す.txt", "新しい.txt"


def _prepare_update(folder: Path) -> None:
    documents = _text(folder, "documents/東京.txt", "東京タワーは1958年に完成しました。").parent
    _text(folder, "documents/sub/京都.txt", "金閣寺は京都にあります。")
    build(documents, index=folder / "index")
    for name in (_KEPT, _GONE):
        _index(folder).add(_text(folder, "sent", f"{name}の文書です。"), name)
    update(folder / "index")
    _index(folder).add(_text(folder, "sent", "新しい文書です。"), _NEW)
    _index(folder).take_out(_GONE, "消す")
    _index(folder).take_out("sub/京都.txt", "京都")


def _observe_update(folder: Path) -> object:
    library = _index(folder)
    kept = [name for name in (_KEPT, _NEW) if (library.added / name).is_file()]
    return _whole(library.index), kept, [out.source for out in library.removals().removed]


UPDATE = Scenario(_prepare_update, [lambda folder: update(folder / "index")], _observe_update)


# what the page changes in a library


def _prepare_library(folder: Path) -> None:
    build(_text(folder, "documents/東京.txt", "東京タワー。").parent, index=folder / "index")
    _index(folder).add(_text(folder, "sent", "一つめ。"), "a.txt")
    update(folder / "index")
    for number in (1, 2):
        _text(folder, f"sent{number}", f"{number}番目に送られた文書です。" * 400)


def _real(path: Path) -> str:
    return os.path.realpath(path)


def _marked(number: int) -> MarkedQuestion:
    return MarkedQuestion(f"{number}番目？", ("一",), (Evidence("a.txt", "一"),))


def _observe_library(folder: Path) -> object:
    library = _index(folder)
    added = {name: hashlib.sha256((library.added / name).read_bytes()).hexdigest() for name in library.added_files()}
    path = library.questions.path
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    removals, watched = library.removals(), library.watched.read()
    questions = [json.loads(line)["id"] for line in lines]
    folders = [(Path(each.path).name, each.is_paused) for each in watched.folders], len(watched.left)
    return (
        added,
        removals.discarded,
        [out.source for out in removals.removed],
        questions,
        folders,
        _whole(library.index),
    )


LIBRARY = Scenario(
    _prepare_library,
    [
        lambda folder: _index(folder).add(folder / "sent1", "深い/b.txt"),
        lambda folder: _index(folder).add(folder / "sent2", "a.txt"),
        lambda folder: _index(folder).take_out("a.txt", "a"),
        lambda folder: _index(folder).take_out("東京.txt", "東京"),
        lambda folder: _index(folder).take_back("a.txt"),
        lambda folder: _index(folder).questions.put(_marked(1)),
        lambda folder: _index(folder).questions.put(_marked(2)),
        lambda folder: _index(folder).questions.remove(_marked(1).question),
        lambda folder: _index(folder).watched.add(folder / "documents"),
        lambda folder: _index(folder).watched.pause(_real(folder / "documents"), is_paused=True),
        lambda folder: _index(folder).watched.remove(_real(folder / "documents"), with_documents=True),
    ],
    _observe_library,
    may_refuse=(OSError,),
)


# a batch

_ASKED = 12


def _batch(folder: Path) -> None:
    questions = read_questions(folder / "questions.txt")
    asked = folder.with_name(f"{folder.name}-asked")
    run_batch(FakeEngine(asked=asked, block=1), questions, folder / "answers.jsonl")


def _observe_batch(folder: Path) -> object:
    output = folder / "answers.jsonl"
    if not output.exists():
        return None
    answers = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    assert not part_file(output).exists() or len(answers) == _ASKED
    return [answer["question"] for answer in answers]


BATCH = Scenario(
    lambda folder: _text(folder, "questions.txt", "\n".join(f"{n}番目は？" for n in range(_ASKED))) and None,
    [_batch],
    _observe_batch,
)


# backup and restore


def _prepare_backup(folder: Path) -> None:
    _prepare_update(folder)
    back_up(folder / "kept.zip", _settings(folder))
    _index(folder).questions.put(_marked(1))


def _settings(folder: Path) -> Settings:
    return Settings.load(index=folder / "index")


def _observe_backup(folder: Path) -> object:
    with opened(folder / "kept.zip") as archive:
        archive.check()
        return {name: kept.sha256 for name, kept in archive.about.files.items()}, _observe_update(folder)


BACKUP = Scenario(_prepare_backup, [lambda folder: back_up(folder / "kept.zip", _settings(folder))], _observe_backup)


def _prepare_restore(folder: Path) -> None:
    _prepare_backup(folder)
    update(folder / "index")


def _observe_restored(folder: Path) -> object:
    library = _index(folder)
    added = sorted(path.relative_to(library.added).as_posix() for path in library.added.rglob("*.txt"))
    return _observe_update(folder), added, len(library.questions)


RESTORE = Scenario(
    _prepare_restore,
    [lambda folder: restore(folder / "kept.zip", folder / "index", replace=True)],
    _observe_restored,
)


# from an index of another format


def _prepare_migration(folder: Path) -> None:
    _prepare_update(folder)
    path = folder / "index" / current_id(folder / "index") / MANIFEST_FILE
    body = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(sealed(body | {"format": 1})), encoding="utf-8")


def _observe_migration(folder: Path) -> object:
    library = _index(folder)
    kept = [name for name in (_KEPT, _NEW) if (library.added / name).is_file()]
    removed = [out.source for out in library.removals().removed]
    try:
        return "new", _whole(library.index), kept, removed
    except SnapshotError as error:
        assert "format 1" in str(error), error
        record = Record.read(library.index / current_id(library.index) / RECORD_FILE)
        return "old", sorted(record.entries), kept, removed


MIGRATION = Scenario(_prepare_migration, [lambda folder: update(folder / "index")], _observe_migration)


# accounts, and what a server keeps of the work it was given

_PASSWORD = "correct horse 電池"


def _accounts(folder: Path) -> AccountFile:
    return AccountFile(folder / "accounts")


ACCOUNTS = Scenario(
    lambda folder: _accounts(folder).add("hanako", _PASSWORD, "administrator"),
    [
        lambda folder: _accounts(folder).add("taro", _PASSWORD),
        lambda folder: _accounts(folder).change("taro", role="editor"),
        lambda folder: _accounts(folder).remove("hanako"),
    ],
    lambda folder: [(each.name, each.role) for each in _accounts(folder).accounts()],
)


def _serve(folder: Path, name: str) -> None:
    """Take an upload in as the page does, have the index updated as the server does, and keep what a browser has."""
    sent = shutil.copy(folder / "sent1", folder / f"{name}.upload")
    settings = _settings(folder)
    current = CurrentIndex(lambda: Engine.open(settings=settings), settings.index, settings)
    updates = Updates(current, settings.index)
    updates.resume()
    stored = Intake(updates.library, settings, {str(sent)}).take(Upload(name, Path(sent).stat().st_size, str(sent)))
    work = WorkFolders(folder / "work")
    entry = next(iter(work.of("owner")), None) or work.add("owner", {"names": []})
    work.note(entry, names=sorted({*entry.facts["names"], name}))
    updates.note([stored])
    assert updates.wait(PARTIAL_SECONDS)
    if failure := updates.status().failure:
        raise RagError(failure.detail or failure.trouble)


def _observe_served(folder: Path) -> object:
    library = _index(folder)
    entries: list[Entry] = WorkFolders(folder / "work").of("owner")
    # Between the steps of one upload, some of it is done: each later one follows an earlier one.
    added = sorted(library.added_files())
    indexed = [source for source in _whole(library.index) if source in added]
    noted = [name for entry in entries for name in entry.facts["names"]]
    assert set(indexed) <= set(added) and set(noted) <= set(added)
    return added, [name for name in added if name in indexed and name in noted]


def _settled(folder: Path) -> object:
    """What the next server makes of it, before anybody asks anything of it."""
    settings = _settings(folder)
    updates = Updates(CurrentIndex(lambda: Engine.open(settings=settings), settings.index, settings), settings.index)
    updates.resume()
    assert updates.wait(PARTIAL_SECONDS)
    return _observe_served(folder)


SERVE = Scenario(
    _prepare_library,
    [lambda folder: _serve(folder, "b.txt"), lambda folder: _serve(folder, "c.txt")],
    lambda folder: _settled(folder)[0],  # type: ignore[index]
    may_refuse=(OSError,),
)

SETTINGS = Scenario(
    lambda folder: change_settings_file(folder / "rag.toml", {"k": 5, "mode": "dense"}),
    [
        lambda folder: change_settings_file(folder / "rag.toml", {"k": 7, "mode": None}),
        lambda folder: replace_text(folder / "synonyms.txt", "有給, 年休\n"),
    ],
    lambda folder: [
        (folder / name).read_text(encoding="utf-8") if (folder / name).exists() else None
        for name in ("rag.toml", "synonyms.txt")
    ],
)

SCENARIOS = {
    "build": BUILD,
    "update": UPDATE,
    "changes of a library": LIBRARY,
    "batch": BATCH,
    "backup": BACKUP,
    "restore": RESTORE,
    "migration of the format": MIGRATION,
    "accounts": ACCOUNTS,
    "serve": SERVE,
    "settings": SETTINGS,
}


# what must be found out: a file written over where it stands

CARELESS = Scenario(
    lambda folder: _text(folder, "file.txt", "old " * 100) and None,
    [lambda folder: _text(folder, "file.txt", "new " * 100)],
    lambda folder: (folder / "file.txt").read_text(encoding="utf-8"),
    may_refuse=(OSError,),
)
ALL = SCENARIOS | {"careless": CARELESS}
