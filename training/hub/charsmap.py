"""Compile a map of single characters into the table that ``tokenizers.normalizers.Precompiled`` reads.

SentencePiece keeps its normalisation rules as a darts-clone double array followed by the replacements, each
ended by a NUL (``Normalizer::EncodePrecompiledCharsMap`` in SentencePiece's ``normalizer.cc``; the units are
described in darts-clone's ``darts.h``). Looking a key up, from unit 0::

    node ^= offset(unit[node]); for each byte: node ^= byte; label(unit[node]) must be byte; node ^= offset(unit[node])

and where a unit has the leaf flag, the unit it points at holds the place of the replacement.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from typing import Final

_ROW: Final = 256
_LEAF: Final = 1 << 8
_VALUE: Final = 1 << 31
_OFFSET_SHIFT: Final = 10
_MAX_OFFSET: Final = 1 << 21

Trie = dict[int, "Trie"]


def compile_charsmap(mapping: Mapping[str, str]) -> bytes:
    """The binary table for ``mapping``; every key is one character other than NUL.

    Raises:
        ValueError: a key is not one character, a key or replacement holds NUL, or there are too many keys.
    """
    if any(len(key) != 1 for key in mapping):
        raise ValueError("a key is one character")
    if any("\0" in text for pair in mapping.items() for text in pair):
        raise ValueError("NUL ends a string in this format")
    keys = {key.encode(): key for key in mapping}
    units, leaves = _lay_out(_trie(keys))
    replacements = bytearray()
    for leaf, key in leaves.items():
        _point(units, leaf, len(units), _LEAF)
        units.append(_VALUE | len(replacements))
        replacements += mapping[keys[key]].encode() + b"\0"
    return struct.pack(f"<I{len(units)}I", 4 * len(units), *units) + bytes(replacements)


def _trie(keys: Iterable[bytes]) -> Trie:
    root: Trie = {}
    for key in keys:
        node = root
        for byte in key:
            node = node.setdefault(byte, {})
    return root


def _lay_out(trie: Trie) -> tuple[list[int], dict[int, bytes]]:
    """Give each inner node a row of 256 units for its children: larger than a packed array, and it needs no search.

    UTF-8 has no character that begins another, so a leaf never has children. The leaves' values follow in
    rows of their own, where no unit can be mistaken for a child: a value's label is no byte.

    Returns:
        The units, and the place of each leaf with its key.
    """
    units = [0] * _ROW
    leaves: dict[int, bytes] = {}
    pending: list[tuple[int, bytes, Trie]] = [(0, b"", trie)]
    while pending:
        position, key, node = pending.pop()
        if not node and key:
            leaves[position] = key
            continue
        row = len(units)
        units.extend([0] * _ROW)
        _point(units, position, row, 0)
        for byte, child in node.items():
            units[row ^ byte] = byte
            pending.append((row ^ byte, key + bytes([byte]), child))
    return units, leaves


def _point(units: list[int], position: int, target: int, flags: int) -> None:
    offset = position ^ target
    if offset >= _MAX_OFFSET:
        raise ValueError("too many keys for short offsets")
    units[position] |= offset << _OFFSET_SHIFT | flags
