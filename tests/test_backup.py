"""A backup holds the library whole, and what is no whole backup replaces nothing."""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import pytest

from rag.building import build, update
from rag.cli import app as cli
from rag.errors import BusyError, SnapshotError, StorageError
from rag.index.builder import writing
from rag.index.folder import FolderSnapshot, current_id
from rag.index.manifest import MANIFEST_FILE, sealed
from rag.library import Evidence, Library, MarkedQuestion, SavedAnswer, SavedAnswers
from rag.library.archive import BACKUP_FILE, About, KeptFile, opened
from rag.library.backup import back_up
from rag.library.errors import BackupError
from rag.library.placing import RESTORED
from rag.library.record import SAVED_FILE
from rag.library.restoring import restore
from rag.settings import Settings
from tests.library_worker import use_no_model

QUESTION = MarkedQuestion("大仏はどこ？", ("東大寺",), (Evidence("大仏.txt", "東大寺"),))
CHANGED_BYTES = 50


@pytest.fixture(autouse=True)
def _no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    use_no_model(monkeypatch.setattr)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """A library with everything: documents, files added and taken out, a marked question."""
    folder = tmp_path / "documents"
    folder.mkdir()
    for name, text in (("東京.txt", "東京タワーは1958年に完成しました。"), ("京都.txt", "金閣寺は京都です。")):
        (folder / name).write_text(text, encoding="utf-8")
    library = Library(tmp_path / "index")
    build(folder, index=library.index)
    for name, text in (("奈良/大仏.txt", "大仏は東大寺にあります。"), ("海.txt", "琵琶湖は湖です。")):
        (tmp_path / "sent").write_text(text, encoding="utf-8")
        library.add(tmp_path / "sent", name)
    update(library.index)
    library.take_out("京都.txt", "京都")
    library.take_out("海.txt", "海")
    library.questions.put(QUESTION)
    SavedAnswers(library.index).put(
        SavedAnswer("大仏はどこ？", f"東大寺[1] {random.Random(5).randbytes(3000).hex()}", ())
    )
    return library


@pytest.fixture
def kept(library: Library, tmp_path: Path) -> Path:
    """A backup of it."""
    return back_up(tmp_path / "kept.zip", Settings.load(index=library.index)).path


def state(index: Path) -> dict[str, object]:
    """All that a library holds, but for the Snapshot's own id."""
    library, snapshot = Library(index), FolderSnapshot.open(index)
    try:
        assert snapshot.verify() == []
        added = {
            path.relative_to(library.added).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
            for path in sorted(library.added.rglob("*"))
            if path.is_file()
        }
        return {
            "manifest": replace(snapshot.manifest, id="", files={}),
            "files": dict(snapshot.manifest.files),
            "record": library.record(),
            "removals": library.removals(),
            "questions": library.questions.path.read_text() if library.questions.path.exists() else "",
            "saved": (index / SAVED_FILE).read_text() if (index / SAVED_FILE).exists() else "",
            "added": added,
        }
    finally:
        snapshot.close()


def rewritten(
    kept: Path, change: Callable[[dict[str, bytes]], dict[str, bytes] | None], *, sealed: bool = True
) -> Path:
    """Another backup with its files changed; if ``sealed``, with the list that fits them."""
    with ZipFile(kept) as zipped:
        files = {name: zipped.read(name) for name in zipped.namelist()}
    about = About.from_json(files.pop(BACKUP_FILE))
    files = change(files) or files
    if sealed:
        about = replace(about, files={n: KeptFile(len(c), sha256(c).hexdigest(), 0) for n, c in files.items()})
    hostile = kept.with_name("hostile.zip")
    with ZipFile(hostile, "w") as zipped:
        for name, content in files.items():
            zipped.writestr(name, content)
        zipped.writestr(BACKUP_FILE, about.to_json())
    return hostile


def test_a_library_comes_back_whole_in_another_folder(library: Library, kept: Path, tmp_path: Path) -> None:
    report = restore(kept, tmp_path / "other")
    assert state(tmp_path / "other") == state(library.index)
    assert report.added == 2 and report.missing == () and not report.needs_building and report.settings is None
    other = Library(tmp_path / "other")
    assert other.pending() == []
    update(other.index)
    assert set(Library(tmp_path / "other").record().entries) == {"東京.txt", "奈良/大仏.txt"}  # type: ignore[union-attr]
    assert not [path for path in other.index.iterdir() if path.is_dir() and path.name.startswith(".")]


def test_a_library_that_is_there_is_replaced_only_if_asked(library: Library, kept: Path, tmp_path: Path) -> None:
    before = state(library.index)
    library.questions.clear()
    (tmp_path / "sent").write_text("新しい。", encoding="utf-8")
    library.add(tmp_path / "sent", "later.txt")
    update(library.index)
    changed = state(library.index)
    with pytest.raises(BackupError, match="--replace"):
        restore(kept, library.index)
    assert state(library.index) == changed
    restore(kept, library.index, replace=True)
    assert state(library.index) == before
    assert len([path for path in library.index.iterdir() if (path / MANIFEST_FILE).exists()]) == 1


def test_a_reader_keeps_what_it_opened_while_it_is_replaced(library: Library, kept: Path) -> None:
    held = FolderSnapshot.open(library.index)
    restore(kept, library.index, replace=True)
    assert held.verify() == [] and held.manifest.id != current_id(library.index)
    held.close()


def test_a_backup_is_taken_while_a_build_runs_and_no_restore_is(library: Library, tmp_path: Path) -> None:
    settings = Settings.load(index=library.index)
    with writing(library.index):
        report = back_up(tmp_path / "kept.zip", settings)
        with pytest.raises(BusyError):
            restore(report.path, library.index, replace=True)
    assert report.documents == 4 and report.added == 2


def test_settings_and_synonyms_go_with_it_and_secrets_do_not(library: Library, tmp_path: Path) -> None:
    synonyms = tmp_path / "words.txt"
    synonyms.write_text("有給, 有休\n", encoding="utf-8")
    chosen = Settings.load(index=library.index, synonyms=synonyms, k=7, mode="lexical", llm_key="secret")
    kept = back_up(tmp_path / "kept.zip", chosen).path
    assert b"secret" not in b"".join(ZipFile(kept).read(name) for name in ZipFile(kept).namelist())
    report = restore(kept, tmp_path / "other")
    assert report.settings is not None
    given = report.settings.read_text(encoding="utf-8")
    assert given == f'k = 7\nmode = "lexical"\nsynonyms = "{tmp_path / "other" / "synonyms.txt"}"\n'
    assert (tmp_path / "other" / "synonyms.txt").read_bytes() == synonyms.read_bytes()


def test_paths_that_are_gone_are_told(kept: Path, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "documents")
    assert restore(kept, tmp_path / "other").missing == (str(tmp_path / "documents"),)


def test_no_changed_byte_of_a_backup_gets_in(library: Library, kept: Path, tmp_path: Path) -> None:
    """Bytes that mean nothing, such as a date in the table of contents, may change; what comes out may not."""
    content, rng = kept.read_bytes(), random.Random(3)
    due, refused = state(library.index), 0
    for _ in range(CHANGED_BYTES):
        at = rng.randrange(len(content))
        damaged = tmp_path / "damaged.zip"
        damaged.write_bytes(content[:at] + bytes([content[at] ^ (1 << rng.randrange(8))]) + content[at + 1 :])
        shutil.rmtree(tmp_path / "other", ignore_errors=True)
        try:
            restore(damaged, tmp_path / "other")
        except BackupError:
            refused += 1
            assert not (tmp_path / "other" / "CURRENT").exists()
        else:
            assert state(tmp_path / "other") == due
    assert refused > CHANGED_BYTES * 0.8


@pytest.mark.parametrize("length", [0, 10, 0.5, -1])
def test_a_backup_that_was_cut_off_is_refused(kept: Path, tmp_path: Path, length: float) -> None:
    content = kept.read_bytes()
    kept.write_bytes(content[: int(len(content) * length) if isinstance(length, float) else length])
    with pytest.raises(BackupError, match="damaged"):
        restore(kept, tmp_path / "other")


@pytest.mark.parametrize(
    "name", ["../out", "added/../../out", "/out", "added//out", "added\\..\\out", "CURRENT", ".restored/x", "snapshot"]
)
def test_names_that_lead_out_are_refused(kept: Path, tmp_path: Path, name: str) -> None:
    hostile = rewritten(kept, lambda files: files | {name: b"out"})
    with pytest.raises(BackupError, match=r"belongs to no library|damaged"):
        restore(hostile, tmp_path / "other")
    assert not (tmp_path / "out").exists() and not (tmp_path / "other" / "CURRENT").exists()


def without(*names: str) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    return lambda files: {name: content for name, content in files.items() if name not in names}


@pytest.mark.parametrize(
    ("change", "sealed"),
    [
        (lambda files: files | {"added/more.txt": b"unlisted"}, False),
        (without("added/海.txt"), False),
        (without("library.json"), True),
        (without("snapshot/vectors.faiss"), True),
        (without("snapshot/sources.json"), True),
        (lambda files: files | {"library.json": b"{}"}, True),
        (lambda files: files | {"questions.jsonl": b"no JSON\n"}, True),
        (lambda files: files | {"saved.jsonl": b'{"question": "of what?"}\n'}, True),
        (lambda files: files | {"snapshot/manifest.json": b"[]"}, True),
        (lambda files: files | {"snapshot/documents.sqlite": b"SQLite format 3\0"}, True),
        (lambda files: files | {"added": b"a file and a folder"}, True),
    ],
)
def test_what_is_no_library_is_refused(
    kept: Path, tmp_path: Path, change: Callable[[dict[str, bytes]], dict[str, bytes]], sealed: bool
) -> None:
    with pytest.raises(BackupError):
        restore(rewritten(kept, change, sealed=sealed), tmp_path / "other")
    assert [path for path in (tmp_path / "other").glob("*") if not path.name.endswith("lock")] == []


def test_bombs_encrypted_files_and_other_packings_are_refused(kept: Path, tmp_path: Path) -> None:
    with opened(kept) as archive:
        about = archive.about
    huge = replace(about, files=dict(about.files) | {"added/bomb": KeptFile(1 << 60, "", 0)})
    with ZipFile(kept.with_name("bomb.zip"), "w", ZIP_DEFLATED) as zipped:
        for name in about.files:
            zipped.writestr(name, ZipFile(kept).read(name))
        zipped.writestr("added/bomb", b"\0" * 10_000_000)
        zipped.writestr(BACKUP_FILE, huge.to_json())
    with pytest.raises(StorageError, match="less room"):
        restore(kept.with_name("bomb.zip"), tmp_path / "other")
    with ZipFile(kept.with_name("packed.zip"), "w", ZIP_BZIP2) as zipped:
        zipped.writestr(BACKUP_FILE, about.to_json())
    with pytest.raises(BackupError, match="packed in another way"):
        restore(kept.with_name("packed.zip"), tmp_path / "other")


def test_the_list_of_files_is_held_to_its_seal_format_and_settings(kept: Path, tmp_path: Path) -> None:
    with ZipFile(kept) as zipped:
        body = json.loads(zipped.read(BACKUP_FILE))
    for changes, words in (
        ({"created": "2000"}, "damaged"),
        (sealed(body | {"format": 99}), "format 99"),
        (sealed(body | {"settings": {"llm_url": "http://evil"}}), "none of a library"),
        (sealed(body | {"settings": {"k": -1}}), "damaged"),
        (sealed(body | {"files": {"added/x": {"bytes": "1", "sha256": "", "modified": 0}}}), "no length"),
    ):
        hostile = kept.with_name("hostile.zip")
        with ZipFile(hostile, "w") as zipped:
            zipped.writestr(BACKUP_FILE, json.dumps(body | changes))
        with pytest.raises(BackupError, match=words):
            restore(hostile, tmp_path / "other")


def test_a_damaged_index_is_not_backed_up(library: Library, tmp_path: Path) -> None:
    vectors = library.index / current_id(library.index) / "vectors.faiss"
    stat, content = vectors.stat(), vectors.read_bytes()
    vectors.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    os.utime(vectors, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    with pytest.raises(SnapshotError, match="damaged"):
        back_up(tmp_path / "kept.zip", Settings.load(index=library.index))
    assert list(tmp_path.glob("*kept.zip*")) == []


def test_no_other_file_is_overwritten_and_none_is_written_into_the_index(library: Library, tmp_path: Path) -> None:
    settings = Settings.load(index=library.index)
    (tmp_path / "thesis.docx").write_bytes(b"years of work")
    with pytest.raises(BackupError, match="not overwritten"):
        back_up(tmp_path / "thesis.docx", settings)
    assert (tmp_path / "thesis.docx").read_bytes() == b"years of work"
    with pytest.raises(BackupError, match="inside the index"):
        back_up(library.index / "added" / "kept.zip", settings)
    first = back_up(tmp_path / "kept.zip", settings)
    assert back_up(tmp_path / "kept.zip", settings).files == first.files


def test_an_index_of_another_format_comes_back_and_is_to_be_built(library: Library, kept: Path, tmp_path: Path) -> None:
    def older(files: dict[str, bytes]) -> dict[str, bytes]:
        body = json.loads(files["snapshot/manifest.json"])
        return files | {"snapshot/manifest.json": json.dumps(sealed(body | {"format": 1})).encode()}

    report = restore(rewritten(kept, older), tmp_path / "other")
    assert report.needs_building
    with pytest.raises(SnapshotError, match="format 1"):
        FolderSnapshot.open(tmp_path / "other")
    update(tmp_path / "other")
    assert set(Library(tmp_path / "other").record().entries) == {"東京.txt", "奈良/大仏.txt"}  # type: ignore[union-attr]


def test_a_restore_that_was_killed_is_brought_to_its_end(
    library: Library, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(library.index)
    library.questions.clear()

    def killed(index: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("rag.library.restoring.place", killed)
        restore(kept, library.index, replace=True)
    assert (library.index / RESTORED).is_dir()
    # The next who asks finds all of it.
    assert library.removals() == before["removals"] and state(library.index) == before
    assert not (library.index / RESTORED).exists()


def test_the_commands_tell_what_they_did(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setenv("RAG_AUDIT_LOG", str(tmp_path / "audit.log"))

    def rag(*arguments: object) -> tuple[int, dict[str, object]]:
        monkeypatch.setattr(sys, "argv", ["rag", *map(str, arguments), "--json"])
        try:
            cli.main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        out = capfdbinary.readouterr().out
        return code, json.loads(out) if out else {}

    code, made = rag("backup", tmp_path / "kept.zip", "--index", library.index)
    assert code == 0 and made["documents"] == 4 and made["bytes"] == (tmp_path / "kept.zip").stat().st_size
    code, restored = rag("restore", tmp_path / "kept.zip", "--index", tmp_path / "other")
    assert code == 0 and restored["added"] == 2 and restored["snapshot"] == current_id(tmp_path / "other")
    assert rag("restore", tmp_path / "kept.zip", "--index", tmp_path / "other") == (1, {})
    actions = [json.loads(line)["action"] for line in (tmp_path / "audit.log").read_text().splitlines()]
    assert actions == ["backed-up", "restored"]
