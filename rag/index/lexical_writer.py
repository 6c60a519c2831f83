"""Writes the inverted indexes that ``rag.index.lexical`` reads, some passages at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from rag.arrays import Floats
from rag.index.arrays import ArrayWriter
from rag.index.lexical import BIGRAMS, FULL_SCALE, SECTION, WORDS, Keys, bigram_keys

_WRITTEN_AT_ONCE: Final = 4_000_000
"""Postings, as far as whole terms allow."""


@dataclass(frozen=True, slots=True)
class PostingBlock:
    """Postings of some passages of one section, sorted by term, then row.

    Attributes:
        keys: the terms, ascending.
        ends: where the postings of each end.
        rows: passages, counted from the first of the section.
        counts: how often the term stands there, 255 at most.
    """

    keys: Keys
    ends: npt.NDArray[np.int64]
    rows: npt.NDArray[np.uint16]
    counts: npt.NDArray[np.uint8]

    @property
    def sizes(self) -> npt.NDArray[np.int64]:
        """Postings of each term."""
        return np.diff(self.ends, prepend=0)


class FieldWriter:
    """Builds one inverted index, some passages at a time, in memory that grows with the postings alone.

    Args:
        folder: where its files go.
        k1, b: BM25's parameters.
    """

    def __init__(self, folder: Path, k1: float, b: float) -> None:
        self._folder = folder
        self._k1, self._b = k1, b
        self._sections: list[list[PostingBlock]] = []
        self._lengths: list[npt.NDArray[np.int64]] = []
        self._passages = 0

    def add(self, passages: Sequence[Keys]) -> None:
        """Append passages, by the keys of their terms with repetitions."""
        lengths = np.array([len(keys) for keys in passages], dtype=np.int64)
        first = 0
        while first < len(passages):
            place = self._passages % SECTION
            if not place:
                self._sections.append([])
            some = slice(first, first + SECTION - place)
            self._sections[-1].append(posting_block(passages[some], lengths[some], place))
            self._lengths.append(lengths[some])
            self._passages += len(lengths[some])
            first = some.stop

    def finish(self) -> None:
        """Write the files."""
        self._folder.mkdir()
        keys = np.unique(np.concatenate([block.keys for section in self._sections for block in section]))
        sizes = np.zeros((len(self._sections), len(keys)), dtype=np.int64)
        for number, section in enumerate(self._sections):
            for block in section:
                sizes[number, np.searchsorted(keys, block.keys)] += block.sizes
        before = np.cumsum(sizes.sum(axis=1)) - sizes.sum(axis=1)
        starts = before[:, None] + np.cumsum(np.insert(sizes, 0, 0, axis=1), axis=1)
        np.save(self._folder / "keys.npy", keys)
        np.save(self._folder / "starts.npy", starts)
        saturation = self._saturation()
        with (
            ArrayWriter(self._folder / "rows.npy", np.uint16) as rows,
            ArrayWriter(self._folder / "impacts.npy", np.uint16) as impacts,
        ):
            for number, section in enumerate(self._sections):
                of_section = saturation[number * SECTION :]
                for first, last in _ranges(starts[number]):
                    places = starts[number, first : last + 1] - starts[number, first]
                    found, counts = _merged(section, keys[first:last], places)
                    rows.append(found)
                    often = counts.astype(np.float32)
                    impacts.append(np.round(FULL_SCALE * often / (often + of_section[found])))
        self._sections.clear()

    def _saturation(self) -> Floats:
        """What a term's count is weighed against in each passage: ``k1 (1 - b + b length / mean length)``."""
        lengths = np.concatenate(self._lengths).astype(np.float32)
        mean = float(lengths.mean()) or 1.0
        return (self._k1 * (1 - self._b + self._b * lengths / mean)).astype(np.float32)


def posting_block(passages: Sequence[Keys], lengths: npt.NDArray[np.int64], place: int) -> PostingBlock:
    """Postings of consecutive passages, the first of which is at this place of its section."""
    keys = np.concatenate(passages)
    rows = np.repeat(np.arange(place, place + len(passages), dtype=np.uint16), lengths)
    order = np.argsort(keys, kind="stable")
    keys, rows = keys[order], rows[order]
    first = _starts_of_runs(keys, rows)
    counts = np.diff(np.append(first, len(keys)))
    keys, rows = keys[first], rows[first]
    term = _starts_of_runs(keys)
    return PostingBlock(keys[term], np.append(term[1:], len(keys)), rows, np.minimum(counts, 255).astype(np.uint8))


def _merged(
    blocks: Sequence[PostingBlock], keys: Keys, starts: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint8]]:
    """Rows and counts of all postings of consecutive terms, by term, then row."""
    rows = np.empty(starts[-1], dtype=np.uint16)
    counts = np.empty(starts[-1], dtype=np.uint8)
    following = starts[:-1].copy()
    for block in blocks:
        first = int(np.searchsorted(block.keys, keys[0], side="left"))
        last = int(np.searchsorted(block.keys, keys[-1], side="right"))
        if first == last:
            continue
        sizes = block.sizes[first:last]
        begin, end = block.ends[first] - sizes[0], block.ends[last - 1]
        terms_ = np.searchsorted(keys, block.keys[first:last])
        places = np.repeat(following[terms_] - (block.ends[first:last] - sizes - begin), sizes)
        places += np.arange(end - begin)
        rows[places] = block.rows[begin:end]
        counts[places] = block.counts[begin:end]
        following[terms_] += sizes
    return rows, counts


def _ranges(starts: npt.NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Consecutive terms with about ``_WRITTEN_AT_ONCE`` postings together, at least one term at a time."""
    first, terms_ = 0, len(starts) - 1
    while first < terms_:
        last = int(np.searchsorted(starts, starts[first] + _WRITTEN_AT_ONCE, side="right")) - 1
        last = max(first + 1, last)
        yield first, last
        first = last


def _starts_of_runs(*columns: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Where, in columns of one length, a row differs from the one before it."""
    changes = np.zeros(max(0, len(columns[0]) - 1), dtype=bool)
    for column in columns:
        changes |= column[1:] != column[:-1]
    starts = np.flatnonzero(changes) + 1
    return np.concatenate([[0], starts]).astype(np.int64) if len(columns[0]) else starts


class LexicalWriter:
    """Writes both inverted indexes of a Snapshot.

    Args:
        folder: the Snapshot's.
        k1, b: BM25's parameters.
    """

    def __init__(self, folder: Path, k1: float, b: float) -> None:
        self._words = FieldWriter(folder / WORDS, k1, b)
        self._bigrams = FieldWriter(folder / BIGRAMS, k1, b)

    def add(self, words: Sequence[Keys], texts: Sequence[str]) -> None:
        """Append passages: the keys of their words, and their texts for the bigrams."""
        self._words.add(words)
        self._bigrams.add([bigram_keys(text) for text in texts])

    def finish(self) -> None:
        """Write the files."""
        self._words.finish()
        self._bigrams.finish()
