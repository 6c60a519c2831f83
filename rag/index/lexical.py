"""Terms of a Snapshot, in BM25: words and character bigrams, each an index of its own.

BM25 as in Lucene (Robertson & Zaragoza 2009; Kamphuis et al. 2020), by bm25s, which scores eagerly (Lù 2024).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rag.errors import SnapshotError
from rag.text import bigrams, terms

if TYPE_CHECKING:
    from bm25s import BM25

FIELDS = ("words", "bigrams")
_EMPTY = "\x00"

Floats = npt.NDArray[np.float32]


def write_lexical(
    folder: Path, words: Sequence[Sequence[str]], texts: Sequence[str], k1: float, b: float
) -> Mapping[str, int]:
    """Write both indexes over the passages.

    Args:
        folder: the Snapshot's.
        words: terms of each passage.
        texts: their texts, for the bigrams.
        k1, b: BM25's parameters.

    Returns:
        The number of each term in the index of words.
    """
    bm25s = _bm25s()
    numbers: list[Mapping[str, int]] = []
    for field, tokens in zip(FIELDS, (words, [bigrams(text) for text in texts]), strict=True):
        index = bm25s.BM25(method="lucene", k1=k1, b=b)
        # A term that no query has keeps a corpus of empty passages indexable.
        index.index([list(passage) or [_EMPTY] for passage in tokens], show_progress=False)
        index.save(folder / field, allow_pickle=False, show_progress=False)
        numbers.append(index.vocab_dict)
    return numbers[0]


def _bm25s() -> Any:
    """The library, imported when it is first used: a look at the manifest can do without."""
    import bm25s

    logging.getLogger("bm25s").setLevel(logging.WARNING)
    return bm25s


class Lexical:
    """Scores passages by their terms."""

    def __init__(self, folder: Path) -> None:
        self._fields: list[BM25] = []
        bm25s = _bm25s()
        for field in FIELDS:
            path = folder / field
            try:
                index = bm25s.BM25.load(path, mmap=True, allow_pickle=False, show_progress=False)
                # Still mapped, but without what numpy.memmap does in Python for every slice.
                index.scores |= {name: np.asarray(index.scores[name]) for name in ("data", "indices", "indptr")}
                self._fields.append(index)
            except (OSError, ValueError, KeyError, TypeError, json.JSONDecodeError) as error:
                raise SnapshotError(
                    f"The terms of the index cannot be read ({error}).",
                    path=path,
                    hint="Build it again with `rag build`.",
                ) from None

    def scores(self, query: str, language: str) -> tuple[Floats, Floats]:
        """BM25 of every passage by words and by bigrams, each of shape ``(passages,)``; 0 where nothing matches."""
        words, pairs = self._fields
        return _scores(words, _query_terms(query, language)), _scores(pairs, bigrams(query))

    def terms(self) -> list[str]:
        """All terms, by number."""
        numbers = self._fields[0].vocab_dict
        found = [""] * (max(numbers.values(), default=-1) + 1)
        for term, number in numbers.items():
            found[number] = term
        return found

    def weights(self, terms_: Sequence[str]) -> dict[str, float]:
        """Inverse document frequency of each term, as BM25 has it; the largest for terms never seen."""
        index = self._fields[0]
        count = index.scores["num_docs"]
        pointers = index.scores["indptr"]
        found = {}
        for term in set(terms_):
            row = index.vocab_dict.get(term)
            frequency = 0 if row is None else int(pointers[row + 1] - pointers[row])
            found[term] = float(np.log1p((count - frequency + 0.5) / (frequency + 0.5)))
        return found


@lru_cache(maxsize=10_000)
def _query_terms(query: str, language: str) -> tuple[str, ...]:
    """Systems that are compared are asked the same questions one after the other."""
    return tuple(terms(query, language))


def _scores(index: BM25, tokens: Sequence[str]) -> Floats:
    known = [token for token in tokens if token in index.vocab_dict]
    if not known:
        return np.zeros(index.scores["num_docs"], dtype=np.float32)
    return np.asarray(index.get_scores(known), dtype=np.float32)
