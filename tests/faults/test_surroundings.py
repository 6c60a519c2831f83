"""Surroundings that no program may count on: a clock, a cache, a home, shared memory, a folder that stays."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag import clock
from rag.engine import Engine
from rag.errors import SettingsError
from rag.index.vector_cache import VectorCache, digest
from rag.library import Library
from rag.library.backup import back_up
from rag.settings import Settings
from rag.web.current import CurrentIndex
from tests.faults.worker import build_version, documents, version_of
from tests.library_worker import use_no_model

ROOT = Path(__file__).parents[2]
CAN_MOUNT = (
    shutil.which("unshare") is not None
    and not subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode
)
mounts = pytest.mark.skipif(not CAN_MOUNT, reason="needs unshare and the right to mount")


class _Past(datetime):
    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        return datetime(1970, 1, 2, tzinfo=UTC)


def test_a_clock_that_was_set_back_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = tmp_path / "index"
    build_version(index, 1)
    with monkeypatch.context() as past:
        past.setattr(clock, "datetime", _Past)
        past.setattr(time, "time", lambda: 86_400.0)
        build_version(index, 2)
        assert version_of(index) == 2
        (tmp_path / "sent").write_text("昔の文書です。", encoding="utf-8")
        os.utime(tmp_path / "sent", (0, 0))
        Library(index).add(tmp_path / "sent", "a.txt")
        os.utime(index / "added" / "a.txt", (0, 0))
        back_up(tmp_path / "kept.zip", Settings.load(index=index))
    build_version(index, 3)
    assert version_of(index) == 3
    assert len([path for path in index.iterdir() if (path / "manifest.json").exists()]) == 1


@pytest.mark.parametrize("left", [0, 10, 4096, 5000])
def test_vectors_kept_in_a_file_that_was_cut_off_are_computed_again(tmp_path: Path, left: int) -> None:
    path, keys = tmp_path / "vectors.sqlite", [digest(str(number)) for number in range(400)]
    vectors = np.arange(400 * 8, dtype=np.float32).reshape(400, 8)
    cache = VectorCache(path, "model")
    cache.put(keys, vectors)
    cache.close()
    with path.open("r+b") as file:
        file.truncate(left)
    again = VectorCache(path, "model")
    again.put(keys, vectors)
    found = again.get(keys)
    assert len(found) == 400 and all((found[key] == vector).all() for key, vector in zip(keys, vectors, strict=True))
    again.close()


def test_who_has_no_home_is_told_to_name_a_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def nobody(uid: int) -> object:
        raise KeyError(uid)

    monkeypatch.chdir(tmp_path)
    for variable in ("HOME", "XDG_CACHE_HOME", "RAG_CACHE_DIR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    with pytest.raises(SettingsError, match="RAG_CACHE_DIR"):
        Settings.load()
    assert Settings.load(cache_dir=tmp_path / "cache").cache_dir == tmp_path / "cache"
    assert list(tmp_path.iterdir()) == []


def test_an_index_folder_that_is_swapped_while_it_is_served_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_no_model(monkeypatch.setattr)
    index, other = tmp_path / "index", tmp_path / "other"
    build_version(index, 1)
    build_version(other, 2)
    settings = Settings.load(index=index, reader="none")
    current = CurrentIndex(lambda: Engine.open(settings=settings), index, settings)

    def texts() -> set[str]:
        engine = current.engine()
        return {engine.document(info.id).text for info in engine.documents()}

    assert texts() == {documents(1)[0].text}
    index.rename(tmp_path / "before")
    current.refresh()
    assert texts() == {documents(1)[0].text}, "what is gone is served from what was opened"
    other.rename(index)
    current.refresh()
    assert texts() == {documents(2)[0].text}


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index and a filled cache, made by the command."""
    folder = tmp_path_factory.mktemp("surroundings")
    (folder / "documents").mkdir()
    (folder / "documents" / "塔.txt").write_text("東京タワーの高さは333メートルです。", encoding="utf-8")
    assert _rag(folder, "build documents").returncode == 0
    assert "333" in _rag(folder, "ask 東京タワーの高さは？").stdout
    return folder


def _rag(folder: Path, arguments: str, before: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, behind shell commands in a namespace of mounts if there are some."""
    command = f"{sys.executable} -m rag {arguments} --index {folder / 'index'}"
    shell = ["unshare", "-m", "sh", "-ec", f"{before}\n{command}"] if before else ["sh", "-ec", command]
    usual = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "RAG_CACHE_DIR": str(folder / "cache")}
    return subprocess.run(shell, cwd=folder, env=usual | environment, capture_output=True, text=True, timeout=250)


@pytest.mark.slow
def test_a_cache_that_was_cut_off_is_made_anew(warm: Path) -> None:
    files = [path for path in (warm / "cache").rglob("*") if path.is_file()]
    assert files
    for path in files:
        with path.open("r+b") as file:
            file.truncate(path.stat().st_size // 2)
    ran = _rag(warm, "ask 東京タワーの高さは？")
    assert "333" in ran.stdout and "Traceback" not in ran.stderr, ran.stderr


@mounts
@pytest.mark.slow
@pytest.mark.parametrize(
    "before", ["mount --bind cache cache; mount -o remount,ro,bind cache", "mount -t tmpfs -o ro none /dev/shm"]
)
def test_a_cache_that_is_read_only_and_no_shared_memory_do_not_keep_from_asking(warm: Path, before: str) -> None:
    for arguments in ("build documents", "ask 東京タワーの高さは？"):
        ran = _rag(warm, arguments, before)
        assert ran.returncode == 0 and "Traceback" not in ran.stderr, (arguments, ran.stderr)
    assert "333" in ran.stdout


@mounts
@pytest.mark.slow
@pytest.mark.parametrize("options", ["ro", "size=64k"])
def test_where_the_model_cannot_be_unpacked_a_way_out_is_told(warm: Path, options: str) -> None:
    ran = _rag(warm, "build documents", f"mount -t tmpfs -o {options} none cache")
    assert ran.returncode == 1 and "RAG_CACHE_DIR" in ran.stderr and ran.stderr.count("\n") == 1, ran.stderr


@pytest.mark.slow
def test_the_command_needs_no_variable_of_the_environment(warm: Path) -> None:
    ran = _rag(warm, "ask 東京タワーの高さは？", RAG_CACHE_DIR=str(warm / "cache"))
    assert "333" in ran.stdout and not (warm / "~").exists()
