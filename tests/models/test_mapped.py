"""Arrays of a file that are mapped: once, however many ask."""

from __future__ import annotations

import gc
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from rag.errors import ModelError
from rag.models.mapped import mapped_array


def test_who_asks_for_the_same_array_shares_its_mapping(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_file({"words": np.arange(6, dtype=np.float32).reshape(2, 3), "other": np.zeros(3, np.float32)}, path)
    one, same, other = (mapped_array(path, name) for name in ("words", "words", "other"))
    assert np.shares_memory(one, same) and not np.shares_memory(one, other)
    np.testing.assert_array_equal(same, [[0, 1, 2], [3, 4, 5]])


def test_a_file_that_was_made_anew_is_mapped_anew(tmp_path: Path) -> None:
    path, next_path = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    save_file({"words": np.zeros(3, np.float32)}, path)
    before = mapped_array(path, "words")
    save_file({"words": np.ones(3, np.float32)}, next_path)
    next_path.replace(path)
    np.testing.assert_array_equal(mapped_array(path, "words"), [1, 1, 1])
    np.testing.assert_array_equal(before, [0, 0, 0])


def test_what_nobody_has_any_more_is_let_go(tmp_path: Path) -> None:
    maps = Path("/proc/self/maps")
    if not maps.exists():
        pytest.skip("the system does not tell what is mapped")
    path = tmp_path / "a.safetensors"
    save_file({"words": np.zeros(3, np.float32)}, path)
    held = mapped_array(path, "words")
    assert str(path) in maps.read_text(encoding="utf-8")
    del held
    gc.collect()
    assert str(path) not in maps.read_text(encoding="utf-8")


def test_an_array_that_is_not_there_is_named(tmp_path: Path) -> None:
    save_file({"words": np.zeros(3, np.float32)}, tmp_path / "a.safetensors")
    with pytest.raises(ModelError, match="others"):
        mapped_array(tmp_path / "a.safetensors", "others")
