"""Watched folders: followed, left alone while they pause or are gone, removed with documents or without."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.building import build, update
from rag.cli import app as cli
from rag.corpus import Document, Refusal
from rag.errors import BusyError, NoDocumentsError
from rag.index.folder import FolderSnapshot
from rag.library import (
    Changes,
    Libraries,
    Library,
    LibraryError,
    MissingPathError,
    WatchedFolderError,
    look_at,
)
from rag.library.backup import back_up
from rag.library.restoring import restore
from rag.settings import Settings
from rag.watching import watching
from tests.library_worker import use_no_model


@pytest.fixture(autouse=True)
def _no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    use_no_model(monkeypatch.setattr)


def written(folder: Path, **texts: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return written(tmp_path / "規程", 休暇="夏の休暇は五日とする。", 旅費="旅費は実費とする。")


@pytest.fixture
def library(tmp_path: Path, rules: Path) -> Library:
    """One that was built of a folder and watches another; both have a file of the same name."""
    build(
        written(tmp_path / "手元", 東京="東京タワーは1958年に完成しました。", 休暇="私の休暇の覚え。"),
        index=tmp_path / "index",
    )
    library = Library(tmp_path / "index")
    library.watched.add(rules)
    update(library.index)
    return library


def documents(library: Library) -> dict[str, Document]:
    snapshot = FolderSnapshot.open(library.index)
    try:
        assert snapshot.verify() == []
        return {each.source: snapshot.store.document(each.id) for each in snapshot.store.documents()}
    finally:
        snapshot.close()


def unplugged(folder: Path) -> None:
    folder.rename(folder.with_name("unplugged"))


def plugged_in(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.with_name("unplugged").rename(folder)


def emptied(folder: Path) -> None:
    """As a place that nothing is mounted at any more."""
    unplugged(folder)
    folder.mkdir()


def test_what_is_watched_is_in_every_build(library: Library, rules: Path, tmp_path: Path) -> None:
    assert set(documents(library)) == {"東京.txt", "休暇.txt", "規程/休暇.txt", "旅費.txt"}
    written(rules, 手当="手当は月額とする。")
    build(tmp_path / "手元", index=library.index)  # which names the other folder alone
    assert "手当.txt" in documents(library)
    (rules / "手当.txt").unlink()
    update(library.index)
    assert "手当.txt" not in documents(library)


@pytest.mark.parametrize("gone", [unplugged, emptied])
def test_a_folder_that_is_gone_keeps_its_documents_and_holds_up_nothing(
    library: Library, rules: Path, tmp_path: Path, gone: Callable[[Path], None]
) -> None:
    before = documents(library)
    record = library.record()
    gone(rules)
    assert look_at(str(rules), library, record).is_gone
    written(tmp_path / "手元", 大阪="大阪城は1583年に築かれた。")
    update(library.index)
    after = documents(library)
    assert after.pop("大阪.txt") and after == before
    build(tmp_path / "手元", index=library.index)  # nor does a build that names the other one
    assert set(documents(library)) == {*before, "大阪.txt"}
    now = library.record()
    assert now is not None and record is not None
    assert {key: now.entries[key] for key in record.entries} == record.entries

    plugged_in(rules)
    assert look_at(str(rules), library, now) == look_at(str(rules), library, record)
    written(rules, 旅費="旅費は概算とする。")
    assert len(look_at(str(rules), library, now).differing) == 1
    update(library.index)
    assert documents(library)["旅費.txt"].text == "旅費は概算とする。"


def test_a_folder_that_goes_while_it_is_read_calls_the_update_off(library: Library, rules: Path) -> None:
    before = documents(library)

    def unplug(file: str, item: Document | Refusal, number: int, total: int) -> None:
        if rules.exists():
            unplugged(rules)

    with pytest.raises(MissingPathError, match="規程"):
        update(library.index, watch=unplug)
    assert documents(library) == before


def test_a_folder_that_pauses_is_left_as_it_is_until_it_is_followed_again(library: Library, rules: Path) -> None:
    before = documents(library)
    library.watched.pause(str(rules), is_paused=True)
    (rules / "休暇.txt").unlink()
    written(rules, 旅費="旅費は概算とする。", 手当="手当は月額とする。")
    update(library.index)
    assert documents(library) == before
    library.watched.pause(str(rules), is_paused=False)
    update(library.index)
    assert set(documents(library)) == {"東京.txt", "休暇.txt", "旅費.txt", "手当.txt"}


def test_a_document_that_was_taken_out_is_no_difference_and_stays_out(library: Library, rules: Path) -> None:
    library.take_out("旅費.txt", "旅費")
    update(library.index)
    assert not look_at(str(rules), library, library.record()).differing
    unplugged(rules)
    update(library.index)
    assert "旅費.txt" not in documents(library)


def test_a_folder_is_removed_with_its_documents_or_without(library: Library, rules: Path, tmp_path: Path) -> None:
    library.watched.remove(str(rules), with_documents=False)
    update(library.index)
    assert len(documents(library)) == 4 and library.watched.read().folders == ()
    library.watched.add(rules)
    library.watched.remove(str(rules), with_documents=True)
    assert not library.is_up_to_date()
    unplugged(rules)  # which does not matter any more
    update(library.index)
    assert set(documents(library)) == {"東京.txt", "休暇.txt"}
    assert library.is_up_to_date() and not library.watched.read().left
    plugged_in(rules)
    build([tmp_path / "手元", rules], index=library.index)
    update(library.index)
    assert len(documents(library)) == 4


def test_who_names_a_folder_again_has_it_though_it_was_to_be_left_out(library: Library, rules: Path) -> None:
    library.watched.remove(str(rules), with_documents=True)
    build(rules, index=library.index)
    update(library.index)
    assert set(documents(library)) == {"休暇.txt", "旅費.txt"}


def test_an_index_can_be_made_of_watched_folders_alone(tmp_path: Path, rules: Path) -> None:
    library = Library(tmp_path / "new")
    library.watched.add(rules)
    library.watched.pause(str(rules), is_paused=True)
    with pytest.raises(NoDocumentsError):
        update(library.index)
    library.watched.pause(str(rules), is_paused=False)
    update(library.index)
    assert set(documents(library)) == {"休暇.txt", "旅費.txt"}


def test_what_is_no_folder_to_watch_is_told_with_the_reason(library: Library, rules: Path, tmp_path: Path) -> None:
    written(rules / "細則", 別表="別表は次のとおり。")
    for path, problem in {
        "規程": "relative",
        str(tmp_path / "none"): "missing",
        str(rules / "休暇.txt"): "missing",
        str(library.index): "index",
        str(library.added): "missing",
        f"{rules}/": "watched",
        str(rules / "細則"): "nested",
        str(tmp_path): "nested",
    }.items():
        with pytest.raises(WatchedFolderError) as refused:
            library.watched.add(path)
        assert refused.value.problem == problem, path
    assert len(library.watched.read().folders) == 1


def test_a_link_is_watched_as_what_it_leads_to(library: Library, rules: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(rules)
    with pytest.raises(WatchedFolderError, match="already"):
        library.watched.add(tmp_path / "link")


def test_what_changed_is_counted_by_document(library: Library, rules: Path) -> None:
    before = library.record()
    written(rules, 旅費="旅費は概算とする。", 手当="手当は月額とする。")
    (rules / "休暇.txt").unlink()
    update(library.index)
    after = library.record()
    assert before is not None and after is not None
    found = Changes.between(before, after, str(rules))
    assert found is not None and (found.added, found.changed, found.removed) == (1, 1, 1)
    assert Changes.between(after, after, str(rules)) is None
    library.watched.note(str(rules), found)
    assert Library(library.index).watched.read().folders[0].last == found


def test_an_emptied_library_watches_nothing_and_a_backup_tells_what_was(library: Library, tmp_path: Path) -> None:
    kept = back_up(tmp_path / "kept.zip", Settings.load(index=library.index)).path
    watched = library.watched.read()
    Libraries(library.index).empty("default")
    assert library.watched.read().folders == ()
    restore(kept, library.index, replace=True)
    assert library.watched.read() == watched


@pytest.mark.parametrize("content", ["[]", '{"folders": [{}]}', "{", '{"folders": 1}'])
def test_a_damaged_list_is_not_guessed_at(library: Library, rules: Path, content: str) -> None:
    library.watched.path.write_text(content, encoding="utf-8")
    for call in (library.watched.read, lambda: library.watched.pause(str(rules), is_paused=True)):
        with pytest.raises(LibraryError, match="damaged"):
            call()
    assert library.watched.path.read_text(encoding="utf-8") == content


def test_one_process_watches_and_the_command_leaves_with_a_message(
    library: Library, rules: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with watching(library.index):
        with pytest.raises(BusyError, match="watches"), watching(library.index):
            pass
        monkeypatch.setattr(sys, "argv", ["rag", "build", str(rules), "--watch", "--index", str(library.index)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    assert ended.value.code == 1
    assert len(documents(library)) == 4


def test_the_list_is_a_file_that_people_can_read(library: Library, rules: Path) -> None:
    body = json.loads(library.watched.path.read_text(encoding="utf-8"))
    assert [folder["path"] for folder in body["folders"]] == [str(rules)]
