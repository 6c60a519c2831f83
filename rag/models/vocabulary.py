"""A unigram vocabulary as arrays that are used where they lie, in a mapped file: nothing is built when they are read.

Characters are numbered (*symbols*), and the pieces stand in a double array (Aoe 1989): the child of node ``n`` under
symbol ``s`` is node ``base[n] + s`` if ``parent`` of that node is ``n``; the root is node 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np
import regex
from numpy.typing import NDArray

from rag.models.e5s1 import Vocabulary
from rag.models.mapped import mapped_array

METASPACE: Final = "▁"
STRANGER: Final = 0
"""Symbol of every character that is in no piece."""
SPACE: Final = 1
"""Symbol of a space before runs of them become one metaspace."""
UNKNOWN_PENALTY: Final = 10.0
"""An unknown character scores so much less than the worst piece, as in SentencePiece."""

_CODE_POINTS: Final = 0x110000
_EMPTY: Final = -1

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CompiledVocabulary:
    """A vocabulary and its character map.

    Attributes:
        symbols: what characters are mapped to, one string of symbols after another.
        places: (0x110000,) where the string of each code point begins in ``symbols``.
        counts: (0x110000,) how long it is.
        flags: (0x110000,) see ``MAPPED`` and ``JOINING``.
        base, parent: the double array.
        pieces: (nodes,) id of the piece that ends at each node, -1 if none does.
        scores: log probability of each piece; then that of an unknown character; then -inf, so that -1 finds it.
        special: symbol of the metaspace, longest piece in symbols, id of the unknown token, symbols of that token.
    """

    symbols: Ints
    places: Ints
    counts: NDArray[np.uint8]
    flags: NDArray[np.uint8]
    base: Ints
    parent: Ints
    pieces: Ints
    scores: Floats
    special: Ints


MAPPED: Final = 1
"""Flag of a code point that becomes something else."""
JOINING: Final = 2
"""Flag of a code point that can be the second of a grapheme cluster."""


def read_vocabulary(path: Path) -> CompiledVocabulary:
    """Map the arrays of a file that ``write_vocabulary`` wrote.

    Raises:
        ModelError: there is no such file, or it is damaged.
    """
    return CompiledVocabulary(*(np.asarray(mapped_array(path, field.name)) for field in fields(CompiledVocabulary)))


def write_vocabulary(path: Path, compiled: CompiledVocabulary) -> None:
    """Write the arrays as a safetensors file."""
    from safetensors.numpy import save_file

    save_file({field.name: getattr(compiled, field.name) for field in fields(compiled)}, path)


def compile_vocabulary(vocabulary: Vocabulary, character_map: Mapping[str, str]) -> CompiledVocabulary:
    """The arrays for a vocabulary whose texts go through a map of single characters first."""
    names = [piece for piece, _ in vocabulary.pieces]
    letters = [METASPACE, *sorted({*"".join(names)} - {METASPACE})]
    number = {letter: SPACE + 1 + place for place, letter in enumerate(letters)}
    mapping = {**character_map, "\0": ""}
    symbols, places, counts = _characters(number | {" ": SPACE}, mapping)
    flags = np.zeros(_CODE_POINTS, np.uint8)
    flags[[ord(character) for character in mapping]] |= MAPPED
    flags[_joining()] |= JOINING
    base, parent, pieces = _double_array([[number[letter] for letter in name] for name in names])
    scores = np.array([score for _, score in vocabulary.pieces])
    unknown = [number.get(letter, STRANGER) for letter in names[vocabulary.unk]]
    special = [number[METASPACE], max(map(len, names)), vocabulary.unk, *unknown]
    return CompiledVocabulary(
        symbols=symbols,
        places=places,
        counts=counts,
        flags=flags,
        base=base,
        parent=parent,
        pieces=pieces,
        scores=np.array([*scores, scores.min() - UNKNOWN_PENALTY, -np.inf]),
        special=np.array(special, np.int32),
    )


def _characters(number: Mapping[str, int], mapping: Mapping[str, str]) -> tuple[Ints, Ints, NDArray[np.uint8]]:
    places, counts = np.zeros(_CODE_POINTS, np.int32), np.ones(_CODE_POINTS, np.uint8)
    symbols = [STRANGER]
    for character, becomes in ({letter: letter for letter in number} | dict(mapping)).items():
        places[ord(character)], counts[ord(character)] = len(symbols), len(becomes)
        symbols += [number.get(letter, STRANGER) for letter in becomes]
    return np.array(symbols, np.int32), places, counts


def _joining() -> list[int]:
    """Code points that join the one before into a grapheme cluster: marks, and the line feed of CR LF."""
    everything = "".join(map(chr, range(_CODE_POINTS)))
    return [found.start() for found in regex.finditer(r"[\p{GCB=Extend}\p{GCB=SpacingMark}\p{GCB=ZWJ}\n]", everything)]


def _double_array(pieces: Sequence[Sequence[int]]) -> tuple[Ints, Ints, Ints]:
    """``base``, ``parent`` and ``pieces`` of a double array for strings of symbols, all at least 1."""
    parents, labels, ids = _trie(pieces)
    children = _children(parents)
    room = 1 << (2 * len(parents)).bit_length()
    width = int(labels.max()) + 1
    taken = np.full(room + width, _EMPTY)
    bases = np.zeros(len(ids), np.int64)
    random = np.random.default_rng(0)
    for nodes, edges in children:
        # The root comes first by rights of its number of children; its own base is 0.
        waiting = np.arange(len(nodes))
        while len(waiting):
            tried = np.where(nodes[waiting] == 0, 0, random.integers(1, room, len(waiting)))
            slots = tried[:, None] + labels[edges[waiting]]
            placed = _claim(taken, slots, nodes[waiting])
            bases[nodes[waiting[placed]]] = tried[placed]
            waiting = waiting[~placed]
    where = np.zeros(len(ids), np.int64)
    where[1:] = bases[parents] + labels
    base, parent, found = np.zeros(len(taken)), np.full(len(taken), _EMPTY), np.full(len(taken), _EMPTY)
    base[where], parent[where[1:]], found[where] = bases, where[parents], ids
    return base.astype(np.int32), parent.astype(np.int32), found.astype(np.int32)


def _trie(pieces: Sequence[Sequence[int]]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Parent and label of each node but the root, and the piece (or -1) of each node with the root."""
    numbers: dict[tuple[int, int], int] = {}
    ids = [_EMPTY]
    for piece, symbols in enumerate(pieces):
        node = 0
        for symbol in symbols:
            after = numbers.setdefault((node, symbol), len(numbers) + 1)
            if after == len(ids):
                ids.append(_EMPTY)
            node = after
        ids[node] = piece
    edges = np.array(list(numbers), dtype=np.int64).reshape(-1, 2)
    return edges[:, 0], edges[:, 1], np.array(ids)


def _children(parents: NDArray[Any]) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """Inner nodes (n,) and their edges (n, c), those with most children c first: they are hardest to place."""
    order = np.argsort(parents, kind="stable")
    nodes, first, count = np.unique(parents[order], return_index=True, return_counts=True)
    groups = []
    for size in np.unique(count)[::-1]:
        those = np.flatnonzero(count == size)
        groups.append((nodes[those], order[first[those][:, None] + np.arange(size)]))
    return groups


def _claim(taken: NDArray[Any], slots: NDArray[Any], nodes: NDArray[Any]) -> NDArray[np.bool_]:
    """Take the slots (n, c) for the nodes that get all of theirs; which did."""
    free: NDArray[np.bool_] = (taken[slots] == _EMPTY).all(axis=1)
    wanted, owners = slots[free], nodes[free][:, None]
    taken[wanted] = owners
    won: NDArray[np.bool_] = (taken[wanted] == owners).all(axis=1)
    given_back = wanted[~won]
    mine = taken[given_back] == owners[~won]
    taken[given_back[mine]] = _EMPTY
    free[free] = won
    return free
