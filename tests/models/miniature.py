"""A model file small enough to write by hand: E5S1 with one layer and a dozen pieces."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest

from rag.models import bundled

HIDDEN, LAYERS, HEADS, INNER, POSITIONS, TYPES = 32, 1, 2, 64, 48, 2
LETTERS = "abcdefquryps:猫犬本検索クエリ文書"
SPECIAL = (("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0))
PIECES = (*SPECIAL, *((letter, -3.0 - i / 10) for i, letter in enumerate(LETTERS)))
CHARACTER_MAP = {"Ａ": "a", "\t": " ", "\x01": "", "㌔": "キロ"}


def write_file() -> bytes:
    """The bytes of a whole model file with random weights, always the same."""
    random = np.random.default_rng(7)
    head = b"E5S1" + struct.pack("<I7ifi", 1, HIDDEN, LAYERS, HEADS, INNER, len(PIECES), POSITIONS, TYPES, 1e-12, 32)
    head += _tokenizer() + _character_map()
    tensors = {
        "emb.word": _q4(random, len(PIECES) * HIDDEN),
        "emb.pos": _f32(random, POSITIONS * HIDDEN),
        "emb.type": _f32(random, TYPES * HIDDEN),
        "emb.ln.w": _f32(random, HIDDEN),
        "emb.ln.b": _f32(random, HIDDEN),
    }
    for part, out, inner in (
        ("q", HIDDEN, HIDDEN),
        ("k", HIDDEN, HIDDEN),
        ("v", HIDDEN, HIDDEN),
        ("ao", HIDDEN, HIDDEN),
        ("fi", INNER, HIDDEN),
        ("fo", HIDDEN, INNER),
    ):
        tensors[f"l0.{part}.w"] = _q4(random, out * inner)
        tensors[f"l0.{part}.b"] = _f32(random, out)
    for part in ("aln", "oln"):
        tensors[f"l0.{part}.w"] = _f32(random, HIDDEN)
        tensors[f"l0.{part}.b"] = _f32(random, HIDDEN)
    return head + _directory(len(head), tensors)


def install(monkeypatch: pytest.MonkeyPatch, folder: Path, data: bytes | None = None) -> Path:
    """Put the miniature in the place of the wheel's file; returns where it is."""
    path = folder / "mini.bin"
    path.write_bytes(write_file() if data is None else data)
    monkeypatch.setattr(bundled, "_wheel_file", lambda: path)
    monkeypatch.setattr(bundled, "SHA256", hashlib.sha256(write_file()).hexdigest())
    return path


def _tokenizer() -> bytes:
    blob = "".join(piece for piece, _ in PIECES).encode()
    offsets = np.cumsum([0, *(len(piece.encode()) for piece, _ in PIECES)]).astype("<u4")
    scores = np.array([score for _, score in PIECES], "<f4")
    return struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(blob)) + offsets.tobytes() + scores.tobytes() + blob


def _character_map() -> bytes:
    entries = b"".join(
        struct.pack(f"<IB{len(to)}I", ord(character), len(to), *map(ord, to)) for character, to in CHARACTER_MAP.items()
    )
    return struct.pack("<iI", len(CHARACTER_MAP), len(entries)) + entries


def _q4(random: np.random.Generator, weights: int) -> tuple[int, int, bytes]:
    blocks = np.zeros(weights // 32, [("scale", "<f2"), ("nibbles", "u1", 16)])
    blocks["scale"] = random.uniform(0.01, 0.1, len(blocks))
    blocks["nibbles"] = random.integers(0, 256, (len(blocks), 16))
    return 1, weights, blocks.tobytes()


def _f32(random: np.random.Generator, weights: int) -> tuple[int, int, bytes]:
    return 0, weights, random.normal(0, 0.5, weights).astype("<f4").tobytes()


def _directory(start: int, tensors: dict[str, tuple[int, int, bytes]]) -> bytes:
    offset = start + 4 + sum(2 + len(name) + 21 for name in tensors)
    entries, data = struct.pack("<i", len(tensors)), b""
    for name, (kind, weights, raw) in tensors.items():
        entries += struct.pack("<H", len(name)) + name.encode()
        entries += struct.pack("<BIQQ", kind, weights, offset + len(data), len(raw))
        data += raw
    return entries + data
