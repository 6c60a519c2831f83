"""What an index is made of: nothing that was added is lost, nothing that was taken out comes back."""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.context import ForkServerContext
from pathlib import Path
from zipfile import ZipFile

import pytest
from filelock import FileLock
from rich.console import Console

from rag.building import build, update
from rag.cli import app as cli
from rag.errors import BusyError, NoDocumentsError, SnapshotError
from rag.index.folder import FolderSnapshot, current_id
from rag.index.integrity import describe_files
from rag.index.manifest import Manifest
from rag.library import (
    RECORD_FILE,
    Library,
    LibraryError,
    MissingPathError,
    Record,
    RefusedFile,
    UnknownSourcesError,
)
from rag.settings import Settings
from tests.library_worker import die_while_updating, use_no_model

KILLS_BETWEEN = 7
"""Every so many things done to the folder a builder is killed in the test that runs always; the slow one does all."""


@pytest.fixture(autouse=True)
def _no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    use_no_model(monkeypatch.setattr)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    (folder / "sub").mkdir(parents=True)
    (folder / "東京.txt").write_text("東京タワーは1958年に完成しました。", encoding="utf-8")
    (folder / "sub" / "京都.txt").write_text("金閣寺は京都にあります。", encoding="utf-8")
    return folder


@pytest.fixture
def library(tmp_path: Path, folder: Path) -> Library:
    index = tmp_path / "index"
    build(folder, index=index)
    return Library(index)


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    path = tmp_path / "sent"
    path.write_text("奈良の大仏は東大寺にあります。", encoding="utf-8")
    return path


def sources(library: Library) -> set[str]:
    snapshot = FolderSnapshot.open(library.index)
    try:
        assert snapshot.verify() == []
        return {document.source for document in snapshot.store.documents()}
    finally:
        snapshot.close()


def updated(library: Library) -> set[str]:
    update(library.index)
    return sources(library)


def test_an_index_remembers_the_paths_it_was_built_from(library: Library, folder: Path) -> None:
    (folder / "新しい.txt").write_text("新しい文書です。", encoding="utf-8")
    assert updated(library) == {"東京.txt", "sub/京都.txt", "新しい.txt"}
    record = library.record()
    assert record is not None and record.paths == (str(folder),)


def test_an_update_follows_links_where_the_build_did(library: Library, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.txt").write_text("よその文書です。", encoding="utf-8")
    (folder / "link.txt").symlink_to(tmp_path / "elsewhere.txt")
    assert "link.txt" not in updated(library)
    record = library.record()
    assert record is not None and [each.code for each in record.refused if each.source == "link.txt"] == ["link-out"]
    build(folder, index=library.index, settings=Settings.load(follow_links=True))
    assert "link.txt" in updated(library)


def test_what_is_added_is_in_every_later_build(library: Library, folder: Path, upload: Path) -> None:
    assert library.add(upload, "奈良/大仏.txt")
    assert library.pending() == ["奈良/大仏.txt"]
    assert "奈良/大仏.txt" in updated(library)
    assert library.pending() == [] and library.is_up_to_date()
    build(folder, index=library.index)
    assert "奈良/大仏.txt" in sources(library)
    assert upload.exists()


def test_an_index_can_be_made_of_added_files_alone(tmp_path: Path, upload: Path) -> None:
    library = Library(tmp_path / "new" / "index")
    assert library.record() is None
    library.add(upload, "大仏.txt")
    assert not library.is_up_to_date()
    assert updated(library) == {"大仏.txt"}


def test_the_same_file_again_changes_nothing_and_another_replaces_it(library: Library, upload: Path) -> None:
    library.add(upload, "a.txt")
    updated(library)
    assert not library.add(upload, "a.txt")
    assert library.is_up_to_date()
    upload.write_text("興福寺には五重塔があります。", encoding="utf-8")
    assert library.add(upload, "a.txt")
    assert library.pending() == ["a.txt"]


def test_a_file_of_a_name_that_is_taken_is_added_beside_it(library: Library, upload: Path) -> None:
    library.add(upload, "東京.txt")
    assert updated(library) == {"東京.txt", "sub/京都.txt", "added/東京.txt"}


def test_removing_an_added_document_deletes_its_file_once_the_index_is_without_it(
    library: Library, upload: Path
) -> None:
    library.add(upload, "奈良/大仏.txt")
    updated(library)
    library.take_out("奈良/大仏.txt", "大仏")
    library.settle()
    assert (library.added / "奈良/大仏.txt").is_file()
    assert not library.is_up_to_date()
    assert "奈良/大仏.txt" not in updated(library)
    assert list(library.added.iterdir()) == []
    assert library.removals().discarded == frozenset()


def test_removing_a_document_of_the_users_own_leaves_its_file_alone(library: Library, folder: Path) -> None:
    library.take_out("sub/京都.txt", "京都")
    assert updated(library) == {"東京.txt"}
    build(folder, index=library.index)
    assert sources(library) == {"東京.txt"}
    assert (folder / "sub" / "京都.txt").is_file()
    library.take_back("sub/京都.txt")
    assert updated(library) == {"東京.txt", "sub/京都.txt"}


def test_a_document_that_was_taken_out_stays_out_whatever_it_is_called_then(library: Library, folder: Path) -> None:
    library.take_out("sub/京都.txt", "京都")
    build([folder / "sub", folder], index=library.index)
    assert sources(library) == {"東京.txt"}


def test_another_document_of_the_same_name_is_not_taken_out(library: Library, tmp_path: Path) -> None:
    library.take_out("東京.txt", "東京")
    other = tmp_path / "other"
    other.mkdir()
    (other / "東京.txt").write_text("東京駅は1914年に開業しました。", encoding="utf-8")
    build(other, index=library.index)
    assert sources(library) == {"東京.txt"}


def test_naming_a_file_takes_it_back(library: Library, folder: Path) -> None:
    library.take_out("sub/京都.txt", "京都")
    build([folder, folder / "sub" / "京都.txt"], index=library.index)
    assert "sub/京都.txt" in sources(library)
    assert library.removals().removed == ()


def test_one_document_of_an_archive_can_be_taken_out(library: Library, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    with ZipFile(archive, "w") as opened:
        opened.writestr("一.txt", "一つ目の文書です。")
        opened.writestr("二.txt", "二つ目の文書です。")
    library.add(archive, "まとめ.zip")
    assert {"まとめ.zip/一.txt", "まとめ.zip/二.txt"} <= updated(library)
    library.take_out("まとめ.zip/一.txt", "一")
    assert {s for s in updated(library) if "zip" in s} == {"まとめ.zip/二.txt"}
    assert (library.added / "まとめ.zip").is_file()
    assert library.add(archive, "まとめ.zip")
    assert "まとめ.zip/一.txt" in updated(library)


def test_a_removal_can_be_undone_before_the_update(library: Library, upload: Path) -> None:
    library.add(upload, "a.txt")
    updated(library)
    library.take_out("a.txt", "a")
    library.take_back("a.txt")
    assert "a.txt" in updated(library)


def test_adding_a_file_again_undoes_its_removal(library: Library, upload: Path) -> None:
    library.add(upload, "a.txt")
    updated(library)
    library.take_out("a.txt", "a")
    assert library.add(upload, "a.txt")
    library.settle()
    assert "a.txt" in updated(library)


@pytest.mark.parametrize("how", ["removed", "emptied"])
def test_documents_of_a_path_that_is_gone_are_not_lost(library: Library, folder: Path, how: str) -> None:
    shutil.rmtree(folder)
    if how == "emptied":
        folder.mkdir()
    with pytest.raises(MissingPathError, match="documents") as caught:
        update(library.index)
    assert caught.value.path == str(folder)
    assert sources(library) == {"東京.txt", "sub/京都.txt"}


def test_an_index_of_an_earlier_version_is_not_updated_blindly(library: Library, folder: Path, upload: Path) -> None:
    (library.index / current_id(library.index) / "manifest.json").touch()
    record = library.index / current_id(library.index) / "sources.json"
    record.rename(library.index / "elsewhere.json")
    with pytest.raises(UnknownSourcesError, match="rag build FOLDER"):
        library.record()
    with pytest.raises(LibraryError):
        update(library.index)
    build(folder, index=library.index)
    assert library.record() is not None


def test_the_age_of_a_document_is_that_of_its_text(library: Library, folder: Path) -> None:
    before = library.record()
    assert before is not None
    old = {s: e.indexed for s, e in before.entries.items()}
    aged = before.entries["sub/京都.txt"].indexed.replace("20", "19", 1)
    path = library.index / current_id(library.index) / "sources.json"
    _edit_record(path, old["sub/京都.txt"], aged)
    (folder / "東京.txt").write_text("東京タワーの高さは333メートルです。", encoding="utf-8")
    build(folder, index=library.index)
    after = library.record()
    assert after is not None
    assert after.entries["sub/京都.txt"].indexed == aged
    assert after.entries["東京.txt"].indexed != aged


def _edit_record(path: Path, old: str, new: str) -> None:
    """Make a document older; the manifest is told, so that the Snapshot stays whole."""
    manifest = Manifest.read(path.parent)
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    files = describe_files(path.parent, apart_from=("manifest.json", "checked.json"))
    replace(manifest, files=files).write(path.parent)


def test_a_folder_with_the_index_in_it_does_not_index_the_index(folder: Path) -> None:
    index = folder / "index"
    build(folder, index=index)
    build(folder, index=index)
    assert sources(Library(index)) == {"東京.txt", "sub/京都.txt"}


def test_cleaning_up_leaves_added_files_alone_whatever_they_are_called(library: Library, upload: Path) -> None:
    library.add(upload, "manifest.json")
    library.add(upload, "CURRENT.txt")
    updated(library)
    updated(library)
    assert {path.name for path in library.added.iterdir()} == {"manifest.json", "CURRENT.txt"}


def test_a_record_of_a_version_without_codes_is_read(tmp_path: Path) -> None:
    old = RefusedFile("a.pdf", "/a.pdf", "The PDF is damaged, or not a PDF.", "Save it again.")
    Record((), {}, {}, (old,), frozenset()).write(tmp_path / RECORD_FILE)
    body = json.loads((tmp_path / RECORD_FILE).read_text(encoding="utf-8"))
    body["refused"] = [{name: each[name] for name in ("source", "file", "message", "hint")} for each in body["refused"]]
    (tmp_path / RECORD_FILE).write_text(json.dumps(body), encoding="utf-8")
    assert Record.read(tmp_path / RECORD_FILE).refused == (old,)


def test_a_file_that_cannot_be_read_is_remembered_and_can_be_deleted(library: Library, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"%PDF-1.7 broken")
    library.add(broken, "壊れた.pdf")
    updated(library)
    record = library.record()
    assert record is not None
    assert [(r.source, r.message, r.code) for r in record.refused] == [
        ("壊れた.pdf", "The PDF is damaged, or not a PDF.", "damaged")
    ]
    assert library.pending() == []
    library.discard("壊れた.pdf")
    assert not (library.added / "壊れた.pdf").exists()


def test_the_last_document_is_not_removed(tmp_path: Path, upload: Path) -> None:
    library = Library(tmp_path / "index")
    library.add(upload, "a.txt")
    updated(library)
    library.take_out("a.txt", "a")
    with pytest.raises(NoDocumentsError):
        update(library.index)
    assert sources(library) == {"a.txt"}
    assert (library.added / "a.txt").is_file()


def test_what_the_user_has_taken_out_is_never_guessed(library: Library) -> None:
    (library.index / "library.json").write_text("{", encoding="utf-8")
    with pytest.raises(SnapshotError, match="taken out is damaged"):
        update(library.index)


def test_two_writers_do_not_meet(library: Library, upload: Path) -> None:
    with FileLock(library.index / ".lock"), pytest.raises(BusyError):
        update(library.index)
    assert library.add(upload, "a.txt")


def test_the_command_tells_what_the_page_has_added_and_taken_out(
    library: Library, folder: Path, upload: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    console = Console(record=True, width=400, quiet=False, file=io.StringIO())
    monkeypatch.setattr("rag.cli.build.messages", console)
    library.add(upload, "大仏.txt")
    library.take_out("東京.txt", "東京")
    monkeypatch.setattr(sys, "argv", ["rag", "build", str(folder), "--index", str(library.index)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
    said = console.export_text()
    assert "Files added in the page are included: 1" in said
    assert "Documents removed in the page stay out: 1" in said


@pytest.fixture(scope="module")
def context() -> Iterator[ForkServerContext]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.library_worker"])
    yield context


@pytest.mark.parametrize("every", [KILLS_BETWEEN, pytest.param(1, marks=pytest.mark.slow)])
def test_an_update_killed_at_any_step_loses_nothing_that_was_added_and_brings_back_nothing_removed(
    context: ForkServerContext, library: Library, upload: Path, tmp_path: Path, every: int
) -> None:
    library.add(upload, "残す.txt")
    library.add(upload, "消す.txt")
    updated(library)
    library.add(upload, "新しい.txt")
    library.take_out("消す.txt", "消す")
    library.take_out("sub/京都.txt", "京都")
    before = {"東京.txt", "sub/京都.txt", "残す.txt", "消す.txt"}
    after = {"東京.txt", "残す.txt", "新しい.txt"}
    steps = context.Queue()
    counting = context.Process(target=die_while_updating, args=(_copy(library.index, tmp_path / "c"), None, steps))
    counting.start()
    count = int(steps.get(timeout=120))
    counting.join()
    assert count > 40
    seen = set()
    for at in range(1, count + 1, every):
        work = Library(_copy(library.index, tmp_path / "work"))
        child = context.Process(target=die_while_updating, args=(work.index, at, None))
        child.start()
        child.join()
        assert child.exitcode == -9
        found = sources(work)
        assert found in (before, after)
        seen.add(len(found))
        assert (work.added / "残す.txt").is_file() and (work.added / "新しい.txt").is_file()
        if at % (5 * every) == 1:
            assert updated(work) == after
            assert not (work.added / "消す.txt").exists() and work.is_up_to_date()
    assert len(seen) == 2


def _copy(index: Path, to: Path) -> Path:
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(index, to)
    return to


def test_an_index_can_be_moved_with_all_that_was_added(library: Library, upload: Path, tmp_path: Path) -> None:
    library.add(upload, "a.txt")
    updated(library)
    library.take_out("a.txt", "a")
    moved = Library(library.index.rename(tmp_path / "moved"))
    assert moved.pending() == []
    assert updated(moved) == {"東京.txt", "sub/京都.txt"}
    assert list(moved.added.iterdir()) == []


def test_a_reader_of_an_index_needs_no_right_to_write_it(library: Library) -> None:
    os.chmod(library.index, 0o555)  # noqa: PTH101
    try:
        assert library.record() is not None and library.removals().removed == ()
    finally:
        os.chmod(library.index, 0o755)  # noqa: PTH101
