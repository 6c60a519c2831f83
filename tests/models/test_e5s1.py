"""The E5S1 reader, on a file written by hand."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.models.e5s1 import FormatError, dequantise_q4_0, parse

from . import miniature


def test_low_nibbles_are_the_first_half_of_a_block_and_high_nibbles_the_second() -> None:
    nibbles = bytes(low | (15 - low) << 4 for low in range(16))
    values = dequantise_q4_0(struct.pack("<e", 0.5) + nibbles, 32)
    assert values.tolist() == [(i - 8) * 0.5 for i in range(16)] + [(7 - i) * 0.5 for i in range(16)]


def test_blocks_beyond_the_first_portion_are_expanded_too() -> None:
    count = 5000
    blocks = np.zeros(count, [("scale", "<f2"), ("nibbles", "u1", 16)])
    blocks["scale"] = np.arange(count) % 100
    values = dequantise_q4_0(blocks.tobytes(), 32 * count).reshape(count, 32)
    assert (values == -8.0 * (np.arange(count) % 100)[:, None]).all()


def test_a_file_is_read_whole() -> None:
    model = parse(miniature.write_file())
    assert model.shape.hidden_size == miniature.HIDDEN
    assert model.shape.intermediate_size == miniature.INNER
    assert model.shape.layer_norm_eps == 1e-12
    assert [piece for piece, _ in model.vocabulary.pieces] == [piece for piece, _ in miniature.PIECES]
    assert (model.vocabulary.bos, model.vocabulary.eos, model.vocabulary.pad, model.vocabulary.unk) == (0, 2, 1, 3)
    assert model.character_map == miniature.CHARACTER_MAP
    assert len(model.tensors) == 21
    assert model.tensors["l0.fo.w"].shape == (miniature.HIDDEN * miniature.INNER,)


@given(st.integers(min_value=0, max_value=len(miniature.write_file()) - 1))
def test_a_file_cut_short_anywhere_is_refused(length: int) -> None:
    with pytest.raises(FormatError):
        parse(miniature.write_file()[:length])


def test_a_file_of_another_version_is_refused() -> None:
    data = miniature.write_file()
    with pytest.raises(FormatError, match="version 2"):
        parse(data[:4] + struct.pack("<I", 2) + data[8:])
