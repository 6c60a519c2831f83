"""The file of a document is found by what the Snapshot knows, and given only as long as it is the one that was read."""

from __future__ import annotations

import os
from pathlib import Path
from zipfile import ZipFile

import pytest

from rag.building import build, update
from rag.index.folder import current_id
from rag.library import Library, Original, OriginalError, original_of
from tests.library_worker import use_no_model


@pytest.fixture(autouse=True)
def _no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    use_no_model(monkeypatch.setattr)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "文書"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "京都.txt").write_text("金閣寺は京都にあります。", encoding="utf-8")
    with ZipFile(folder / "書庫.zip", "w") as archive:
        archive.writestr("奈良.txt", "大仏は奈良にあります。")
    return folder


@pytest.fixture
def index(tmp_path: Path, folder: Path) -> Path:
    build(folder, index=tmp_path / "index")
    return tmp_path / "index"


def found(index: Path, source: str) -> Original | None:
    return original_of(index / current_id(index), source)


def content(original: Original | None) -> str:
    assert original is not None
    with original.open() as file:
        return file.read().decode("utf-8")


def state(original: Original | None) -> str:
    assert original is not None
    with pytest.raises(OriginalError) as raised:
        original.open()
    return raised.value.state


def test_a_file_is_given_as_it_was_read(index: Path) -> None:
    assert content(found(index, "sub/京都.txt")) == "金閣寺は京都にあります。"


def test_a_file_added_in_the_page_moves_with_the_index(index: Path, tmp_path: Path) -> None:
    sent = tmp_path / "sent"
    sent.write_text("東京タワーは東京にあります。", encoding="utf-8")
    Library(index).add(sent, "東京.txt")
    update(index)
    source = next(d for d in ("東京.txt", "added/東京.txt") if found(index, d) is not None)
    moved = tmp_path / "moved"
    index.rename(moved)
    assert content(found(moved, source)) == "東京タワーは東京にあります。"


@pytest.mark.parametrize(
    "source", ["", "sub", "京都.txt", "../文書/sub/京都.txt", "/etc/passwd", "書庫.zip", "書庫.zip/奈良.txt"]
)
def test_what_is_no_document_or_only_a_part_of_a_file_has_none(index: Path, source: str) -> None:
    assert found(index, source) is None


def test_a_file_that_is_gone_or_has_changed_is_not_given(index: Path, folder: Path) -> None:
    path, original = folder / "sub" / "京都.txt", found(index, "sub/京都.txt")
    before = path.stat()
    path.write_text("銀閣寺も京都にあります。", encoding="utf-8")
    assert state(original) == "changed"
    path.write_text("金閣寺は京都にあります。", encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert content(original) == "金閣寺は京都にあります。"
    path.unlink()
    assert state(original) == "gone"
    os.mkfifo(path)
    assert state(original) == "gone"


def test_a_snapshot_that_does_not_tell_has_none(tmp_path: Path) -> None:
    assert original_of(tmp_path / "no-snapshot", "a.txt") is None
    assert original_of(tmp_path, "a.txt") is None
