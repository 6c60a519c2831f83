"""An index brought up to date is the index built from scratch: what is taken over changes nothing but the time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from unittest.mock import patch
from zipfile import ZipFile

import numpy as np
import numpy.typing as npt
import pytest

import rag
from rag import Settings, build
from rag.chunking import Chunker
from rag.code_digest import code_digest
from rag.index import builder, reuse
from rag.index.folder import FolderSnapshot
from rag.index.sqlite_store import STORE_FILE

TEXTS = {
    "tokyo.txt": "東京タワーは1958年に完成した電波塔です。高さは333メートルあります。",
    "kyoto.md": (
        "# 京都\n\n**金閣寺**は[京都市](https://example.com/kyoto)にある`寺院`です。\n\n"
        "## 建立\n\n足利義満が1397年に建てました。"
    ),
    "english.txt": "Mount Fuji is the highest mountain in Japan. It last erupted in 1707.",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def assert_alike(one: Path, other: Path) -> None:
    (mine, vectors), (theirs, others) = contents(one), contents(other)
    assert mine == theirs
    # In 8 bits a vector depends a little on what it is computed beside.
    assert (vectors * others).sum(axis=1).min() > 0.999


def contents(index: Path) -> tuple[object, npt.NDArray[np.float32]]:
    """Passages and their scores for some words; vectors."""
    snapshot = FolderSnapshot.open(index)
    rows = range(snapshot.manifest.passages)
    passages = snapshot.store.passages(rows)
    words = [snapshot.lexical.scores(query, "ja", 0.3) for query in ("東京タワーの高さ", "京都の寺院", "Mount Fuji")]
    vectors = snapshot.vectors.at(np.arange(len(rows)))
    return ([passages[row] for row in rows], np.concatenate(words).tolist()), vectors


def change(folder: Path) -> None:
    (folder / "tokyo.txt").write_text("東京スカイツリーは2012年に開業しました。高さは634m。", encoding="utf-8")
    (folder / "english.txt").unlink()
    (folder / "new.txt").write_text("新しい文書です。東京の地図が付いています。", encoding="utf-8")


def test_an_update_gives_what_building_from_scratch_gives(folder: Path, tmp_path: Path) -> None:
    build(folder, index=tmp_path / "updated")
    change(folder)
    build(folder, index=tmp_path / "updated")
    build(folder, index=tmp_path / "scratch")
    assert_alike(tmp_path / "updated", tmp_path / "scratch")


def test_only_new_and_changed_documents_are_cut_and_read_for_terms(folder: Path, tmp_path: Path) -> None:
    build(folder, index=tmp_path / "index")
    change(folder)
    with (
        patch.object(Chunker, "passages", autospec=True, side_effect=Chunker.passages) as cut,
        patch.object(builder, "terms", side_effect=builder.terms) as read,
    ):
        build(folder, index=tmp_path / "index")
    assert sorted(call.args[1].source for call in cut.call_args_list) == ["new.txt", "tokyo.txt"]
    assert len(read.call_args_list) == 2


@pytest.mark.parametrize("changed", [{"chunk_tokens": 40}, {"overlap_sentences": 0}])
def test_other_settings_cut_everything_anew(folder: Path, tmp_path: Path, changed: dict[str, int]) -> None:
    build(folder, index=tmp_path / "index")
    build(folder, settings=Settings.load(index=tmp_path / "index", **changed))
    build(folder, settings=Settings.load(index=tmp_path / "scratch", **changed))
    assert_alike(tmp_path / "index", tmp_path / "scratch")


@pytest.mark.parametrize(
    ("part", "cut", "counted"), [("language", 3, True), ("chunking.py", 3, False), ("index/lexical.py", 0, True)]
)
def test_what_other_code_made_is_made_anew(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str, cut: int, counted: bool
) -> None:
    build(folder, index=tmp_path / "index")
    monkeypatch.setattr(
        reuse,
        "code_digest",
        lambda *parts, libraries: f"{'other' if part in parts else ''}{code_digest(*parts, libraries=libraries)}",
    )
    with (
        patch.object(Chunker, "passages", autospec=True, side_effect=Chunker.passages) as chunked,
        patch.object(builder, "terms", side_effect=builder.terms) as read,
    ):
        build(folder, index=tmp_path / "index")
    assert len(chunked.call_args_list) == cut
    assert bool(read.call_args_list) == counted


def test_code_is_told_by_its_source_and_by_the_libraries_below(tmp_path: Path) -> None:
    """From a zip file too, and as a change of one character shows."""
    package = Path(rag.__file__).parent
    for name, more in (("same.zip", ""), ("other.zip", "\n")):
        with ZipFile(tmp_path / name, "w") as archive:
            for file in [package / "__init__.py", package / "code_digest.py", *package.glob("language/*.*")]:
                end = more if file.name == "terms.py" else ""
                archive.writestr(f"rag/{file.relative_to(package).as_posix()}", file.read_bytes() + end.encode())
    code = "from rag.code_digest import code_digest as d; print(d('language', libraries=('regex',)))"
    same, other = (
        subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(tmp_path / name)},
            capture_output=True, text=True, check=True,
        ).stdout.strip()
        for name in ("same.zip", "other.zip")
    )  # fmt: skip
    assert same == code_digest("language", libraries=("regex",))
    assert same != other
    assert same != code_digest("language")
    assert same != code_digest("language", libraries=("regex", "fugashi"))


def test_a_heading_moved_without_a_change_of_text_cuts_the_document_anew(folder: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    build(folder, index=index)
    store = FolderSnapshot.open(index).store
    document = next(store.document(d.id) for d in store.documents() if d.source == "kyoto.md")
    found = store.passages_of(document, store.digests()["kyoto.md"])
    assert found is not None and [p.text for p in found if "1397" in p.text]
    without = type(document)(document.source, document.title, document.text, document.language)
    assert store.passages_of(without, store.digests()["kyoto.md"]) is None


def test_a_damaged_snapshot_is_built_over_from_scratch(folder: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    build(folder, index=index)
    store = FolderSnapshot.open(index).folder / STORE_FILE
    store.write_bytes(store.read_bytes()[:1000])
    build(folder, index=index)
    build(folder, index=tmp_path / "scratch")
    assert_alike(index, tmp_path / "scratch")
