"""Models given as a folder or a hub name: loading, prompts and fingerprints."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from rag.errors import ModelError
from rag.models import Embedder, fingerprint
from rag.models.prompts import Prompts, choose_prompts
from training.hub import hub_folder

from . import miniature
from .conftest import DEFAULT


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A model folder of no known family that declares no prompts."""
    miniature.install(monkeypatch, tmp_path)
    place = tmp_path / "plain-model"
    shutil.copytree(hub_folder(DEFAULT, tmp_path / "unpacked"), place)
    declare(place, {})
    return place


def declare(folder: Path, prompts: dict[str, str]) -> None:
    (folder / "config_sentence_transformers.json").write_text(json.dumps({"prompts": prompts}))


def test_a_folder_without_prompts_is_fed_the_bare_text(folder: Path, tmp_path: Path) -> None:
    embedder = Embedder.load(str(folder), cache_dir=tmp_path)
    assert embedder.prompts == Prompts()
    assert np.allclose(embedder.embed_queries(["猫"]), embedder.embed_passages(["猫"]), atol=1e-6)


def test_a_familys_prompts_are_put_in_front_when_the_model_declares_none(folder: Path, tmp_path: Path) -> None:
    plain = Embedder.load(str(folder), cache_dir=tmp_path)
    ruri = Embedder.load(str(folder.rename(tmp_path / "ruri-v3-30m")), cache_dir=tmp_path)
    assert np.allclose(ruri.embed_queries(["猫"]), plain.embed_queries(["検索クエリ: 猫"]), atol=1e-5)
    assert np.allclose(ruri.embed_passages(["猫"]), plain.embed_passages(["検索文書: 猫"]), atol=1e-5)
    assert ruri.count_tokens(["猫"]) == plain.count_tokens(["検索文書: 猫"])


def test_a_passage_prompt_declared_by_another_name_is_used(folder: Path, tmp_path: Path) -> None:
    plain = Embedder.load(str(folder), cache_dir=tmp_path)
    declare(folder, {"query": "ab: ", "passage": "cd: "})
    declared = Embedder.load(str(folder), cache_dir=tmp_path)
    assert np.allclose(declared.embed_passages(["猫"]), plain.embed_passages(["cd: 猫"]), atol=1e-5)
    assert np.allclose(declared.embed_queries(["猫"]), plain.embed_queries(["ab: 猫"]), atol=1e-5)


@pytest.mark.parametrize(
    ("name", "query", "passage"),
    [
        ("intfloat/multilingual-e5-large", "query: ", "passage: "),
        ("intfloat/e5-base-v2", "query: ", "passage: "),
        ("cl-nagoya/ruri-v3-310m", "検索クエリ: ", "検索文書: "),
        ("cl-nagoya/ruri-large-v2", "クエリ: ", "文章: "),
        ("pkshatech/GLuCoSE-base-ja-v2", "query: ", "passage: "),
        ("pkshatech/GLuCoSE-base-ja", "", ""),
        ("BAAI/bge-base-en-v1.5", "Represent this sentence for searching relevant passages: ", ""),
        ("BAAI/bge-m3", "", ""),
        ("C:\\models\\ruri-v3-30m\\", "検索クエリ: ", "検索文書: "),
        ("sentence-transformers/all-MiniLM-L6-v2", "", ""),
    ],
)
def test_a_family_has_the_prompts_of_its_model_card(name: str, query: str, passage: str) -> None:
    assert choose_prompts(name, {"query": "", "document": None}) == Prompts(query, passage)


def test_an_instruct_model_takes_an_instruction_with_queries_only() -> None:
    prompts = choose_prompts("intfloat/multilingual-e5-large-instruct", {})
    assert prompts.query.startswith("Instruct: ") and prompts.query.endswith("\nQuery: ")
    assert prompts.passage == ""


def test_what_a_model_declares_beats_its_family() -> None:
    assert choose_prompts("intfloat/e5-base", {"query": "問: "}) == Prompts("問: ", "")


def test_a_missing_folder_is_told_by_its_path(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    for ask in (lambda: fingerprint(str(missing), tmp_path), lambda: Embedder.load(str(missing), cache_dir=tmp_path)):
        with pytest.raises(ModelError, match="no such model folder") as caught:
            ask()
        assert caught.value.path == str(missing)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a model")
    with pytest.raises(ModelError, match="no model in this folder"):
        Embedder.load(str(tmp_path), cache_dir=tmp_path / "cache")


def test_a_folder_with_damaged_weights_is_a_model_error(folder: Path, tmp_path: Path) -> None:
    os.truncate(folder / "model.safetensors", 100)
    with pytest.raises(ModelError, match="cannot be loaded"):
        Embedder.load(str(folder), cache_dir=tmp_path)


def test_a_hub_name_without_network_is_answered_with_the_ways_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match=r"needs the network.*folder") as caught:
        Embedder.load("nobody/no-such-model-here", cache_dir=tmp_path)
    assert "nobody/no-such-model-here" in caught.value.message


def test_a_folders_fingerprint_follows_weights_and_prompts_but_not_times(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = fingerprint(str(folder), cache)
    assert fingerprint(str(folder), cache) == first
    for path in folder.rglob("*.json"):
        os.utime(path, ns=(1, 1))
    assert fingerprint(str(folder), cache) == first
    declare(folder, {"query": "問: "})
    second = fingerprint(str(folder), cache)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    assert len({first, second, fingerprint(str(folder), cache)}) == 3


def test_a_folders_weights_are_not_read_again_for_the_fingerprint(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = fingerprint(str(folder), tmp_path / "cache")

    def refuse(*_: object) -> None:
        raise AssertionError("a file was read again")

    monkeypatch.setattr("hashlib.file_digest", refuse)
    assert fingerprint(str(folder), tmp_path / "cache") == first


def test_a_fingerprint_can_be_had_where_nothing_can_be_written(folder: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert fingerprint(str(folder), blocked) == fingerprint(str(folder), tmp_path / "cache")


def test_a_downloaded_hub_model_is_known_by_its_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    assert fingerprint("owner/model", tmp_path) == "owner/model"
    reference = tmp_path / "models--owner--model" / "refs" / "main"
    reference.parent.mkdir(parents=True)
    reference.write_text("0123456789abcdef0123456789abcdef01234567")
    assert fingerprint("owner/model", tmp_path) == "owner/model@0123456789abcdef"
