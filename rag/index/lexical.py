"""Terms of a Snapshot, in BM25: words and character bigrams, each an inverted index of its own.

BM25 as in Lucene (Robertson & Zaragoza 2009; Kamphuis et al. 2020), and eager: what a term adds to a passage's score is
computed when the index is built (Lù 2024), so that a query only adds up. A term is known by a key of 64 bits, a word's
hash or a bigram's two code points: there is no vocabulary to load, and of a million passages only the lists of a
query's terms are read.

Each index is a folder of arrays: ``keys`` of the terms, ascending; and postings, those of the first ``SECTION``
passages by term, then those of the next. ``starts``, of shape (sections, terms + 1), tells where each term's postings
begin in each section, and where the last one's end. For each posting there are ``rows``, the passage, counted from the
first of its section, and ``impacts``, BM25 without the term's rarity, in units of 1/65535.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from rag.arrays import Floats
from rag.errors import SnapshotError
from rag.index.arrays import mapped
from rag.language.glossary import OTHER, translated
from rag.language.terms import runs, terms

WORDS, BIGRAMS = "words", "bigrams"
SECTION: Final = 65_536
"""Passages: 16 bits tell a row, and the scores of a section stay in the cache while its postings are added up."""
FULL_SCALE: Final = 65_535
"""Impacts, between 0 and 1, are kept in 16 bits: their error is below 0.00001."""
_FEW: Final = 100
_MOST_TRANSLATIONS: Final = 6
"""Of a word of a question, that are looked for."""

Keys = npt.NDArray[np.uint64]
Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def keys_of(words: Iterable[str]) -> Keys:
    """Keys of words, in their order."""
    return np.fromiter(map(_key, words), dtype=np.uint64)


def bigram_keys(text: str) -> Keys:
    """Keys of the character bigrams of a text's ``runs``; a run of one character stands for itself."""
    found = runs(text)
    codes = np.frombuffer("\0".join(found).encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    first, second = codes[:-1], codes[1:]
    pairs = ((first << np.uint64(32)) | second)[(first != 0) & (second != 0)]
    lone = np.array([ord(run) for run in found if len(run) == 1], dtype=np.uint64)
    return np.concatenate([pairs, lone])


@lru_cache(maxsize=2**19)
def _key(word: str) -> int:
    return int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


class Field(ABC):
    """One inverted index.

    Attributes:
        passages: how many there are.
    """

    passages: int

    @abstractmethod
    def add(self, scores: Floats, keys: Keys, units: Floats) -> None:
        """Add to the score of every passage its impact of each key, times that key's unit."""

    @abstractmethod
    def frequency(self, keys: Keys) -> Counts:
        """How many passages have each of these terms, shape ``(len(keys),)``."""

    @abstractmethod
    def having_all(self, keys: Keys) -> Mask:
        """Which passages have all of these terms, shape ``(passages,)``."""

    @abstractmethod
    def having_any(self, keys: Keys) -> Mask:
        """Which passages have at least one of these terms, shape ``(passages,)``."""

    @abstractmethod
    def bigrams_with(self, character: str) -> Keys:
        """The keys of all bigrams that a character is in."""

    def expect(self, keys: Keys) -> None:  # noqa: B027
        """These terms are about to be counted and added up: what is far away may be fetched in one go."""

    def add_scores(self, scores: Floats, query: Keys, weight: float) -> None:
        """Add BM25 of a query's terms, times a weight, to the score of every passage; shape ``(passages,)``."""
        found, repeated = np.unique(query, return_counts=True)
        self.expect(found)
        rare = rarity(self.frequency(found), self.passages)
        self.add(scores, found, (repeated * weight * rare / FULL_SCALE).astype(np.float32))

    def most(self, query: Keys, weight: float) -> float:
        """What ``add_scores`` could add at most: to a passage that is full of every term."""
        found, repeated = np.unique(query, return_counts=True)
        return float((repeated * weight * rarity(self.frequency(found), max(self.passages, _FEW))).sum())

    def worth(self, keys: Keys, weight: float) -> float:
        """What ``add_scores`` could add at most with the rarity that it counts with."""
        found, repeated = np.unique(keys, return_counts=True)
        return float((repeated * weight * rarity(self.frequency(found), self.passages)).sum())

    def known(self, keys: Keys) -> Keys:
        """Those of the keys that any passage has."""
        return keys[self.frequency(keys) > 0]

    def weights(self, terms_: Sequence[str]) -> list[float]:
        """Inverse document frequency of each term, as BM25 has it; the largest for terms never seen.

        A handful of passages tells little of how rare a term is: they count as ``_FEW``.
        """
        found: list[float] = rarity(self.frequency(keys_of(terms_)), max(self.passages, _FEW)).tolist()
        return found


class MappedField(Field):
    """One inverted index, in mapped files.

    Args:
        folder: where its files are.
        passages: how many there are.
    """

    def __init__(self, folder: Path, passages: int) -> None:
        try:
            self._keys: Keys = mapped(folder / "keys.npy")
            self._starts: npt.NDArray[np.int64] = mapped(folder / "starts.npy")
            self._rows: npt.NDArray[np.uint16] = mapped(folder / "rows.npy")
            self._impacts: npt.NDArray[np.uint16] = mapped(folder / "impacts.npy")
        except (OSError, ValueError) as error:
            raise SnapshotError(
                f"The terms of the index cannot be read ({error}).",
                path=folder,
                hint="Build it again with `rag build`.",
            ) from None
        self.passages = passages

    def add(self, scores: Floats, keys: Keys, units: Floats) -> None:
        first, last = self._postings(keys)
        for section, (begins, ends) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
            part = scores[section * SECTION : (section + 1) * SECTION]
            for begin, end, unit in zip(begins, ends, units, strict=True):
                np.add.at(part, self._rows[begin:end], self._impacts[begin:end] * unit)

    def frequency(self, keys: Keys) -> Counts:
        first, last = self._postings(keys)
        counts: Counts = (last - first).sum(axis=0)
        return counts

    def having_all(self, keys: Keys) -> Mask:
        having = np.zeros(self.passages, dtype=bool)
        first, last = self._postings(np.unique(keys))
        for section, (begins, ends) in enumerate(zip(first, last, strict=True)):
            # From the rarest on, so that little is left to be looked for in the lists of the others.
            lists = [self._rows[begins[term] : ends[term]] for term in np.argsort(ends - begins)]
            rows = np.arange(min(SECTION, self.passages - section * SECTION)) if not lists else lists[0]
            for others in lists[1:]:
                rows = rows[np.isin(rows, others, assume_unique=True)]
            having[section * SECTION + rows.astype(np.int64)] = True
        return having

    def having_any(self, keys: Keys) -> Mask:
        having = np.zeros(self.passages, dtype=bool)
        for section, (begins, ends) in enumerate(zip(*self._postings(keys), strict=True)):
            part = having[section * SECTION : (section + 1) * SECTION]
            for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
                part[self._rows[begin:end]] = True
        return having

    def bigrams_with(self, character: str) -> Keys:
        code, low = np.uint64(ord(character)), np.uint64(0xFFFFFFFF)
        found: Keys = self._keys[((self._keys >> np.uint64(32)) == code) | ((self._keys & low) == code)]
        return found

    def _postings(self, keys: Keys) -> tuple[Counts, Counts]:
        """Where the postings of each key begin and end, (sections, keys); there are none of unknown ones."""
        first, last = np.searchsorted(self._keys, keys, "left"), np.searchsorted(self._keys, keys, "right")
        return self._starts[:, first], self._starts[:, last]


def _beyond(keys: Keys, others: Keys) -> Keys:
    """The keys that others lack, each as often as they lack it."""
    return np.array([*(Counter(keys.tolist()) - Counter(others.tolist())).elements()], dtype=np.uint64)


def rarity(frequency: Counts, passages: int) -> npt.NDArray[np.float64]:
    """Inverse document frequency of terms that so many of the passages hold."""
    return np.log1p((passages - frequency + 0.5) / (frequency + 0.5))


class Lexical:
    """Scores passages by their terms.

    Attributes:
        words, bigrams: the two inverted indexes, of the same passages.
    """

    def __init__(self, words: Field, bigrams: Field) -> None:
        self.words, self.bigrams = words, bigrams
        self._passages = words.passages

    @classmethod
    def open(cls, folder: Path, passages: int) -> Lexical:
        """That of a Snapshot in a folder.

        Raises:
            SnapshotError: if its files cannot be read.
        """
        return cls(MappedField(folder / WORDS, passages), MappedField(folder / BIGRAMS, passages))

    def scores(
        self, query: str, language: str, bigram_weight: float, respelled: Iterable[Sequence[str]] = ()
    ) -> Floats:
        """BM25 of every passage, shape ``(passages,)``; 0 where nothing matches.

        Args:
            query: the question.
            language: its language, ISO 639-1.
            bigram_weight: share of the bigrams; the words have the rest.
            respelled: for each word of the question that others mean the same as, the question with each of these in
                its place. The one that scores best counts, and no more than the word itself can.
        """
        scores = np.zeros(self._passages, dtype=np.float32)
        fields = self._fields(query, language, bigram_weight)
        for field, keys, weight in fields:
            field.add_scores(scores, keys, weight)
        for others in respelled:
            gain = np.zeros(self._passages, dtype=np.float32)
            for other in others:
                np.maximum(gain, self._difference(fields, self._fields(other, language, bigram_weight)), out=gain)
            scores += gain
        return scores

    def translated(self, query: str, language: str, bigram_weight: float) -> Floats:
        """What words of the other language that mean the same add to each passage, shape ``(passages,)``.

        Of a word of the question, whichever of its translations scores best counts, and no more than the word itself
        could: as of a structured query (Pirkola 1998), all are taken for one word.
        """
        gains = np.zeros(self._passages, dtype=np.float32)
        end = 0
        for word in translated(query, language):
            if word.start < end:
                continue
            worth = sum(f.worth(keys, weight) for f, keys, weight in self._fields(word.text, language, bigram_weight))
            gain = np.zeros(self._passages, dtype=np.float32)
            for fields in self._standing(word.others, OTHER[language], bigram_weight):
                share = min(1.0, worth / sum(field.worth(keys, weight) for field, keys, weight in fields))
                other = np.zeros(self._passages, dtype=np.float32)
                for field, keys, weight in fields:
                    field.add_scores(other, keys, share * weight)
                np.maximum(gain, other, out=gain)
                end = word.end
            gains += gain
        return gains

    def _standing(
        self, words: Sequence[str], language: str, bigram_weight: float
    ) -> Iterator[list[tuple[Field, Keys, float]]]:
        """Where to look for those of some words that may stand in a passage, the first few."""
        found = 0
        for word in words:
            bigrams = bigram_keys(word)
            if len(self.bigrams.known(bigrams)) < len(bigrams):
                continue
            fields = [
                (field, field.known(keys), weight)
                for field, keys, weight in self._fields(word, language, bigram_weight)
            ]
            if len(fields[0][1]):
                yield fields
                found += 1
            if found == _MOST_TRANSLATIONS:
                return

    def _fields(self, query: str, language: str, bigram_weight: float) -> list[tuple[Field, Keys, float]]:
        """Where to look for which keys of a question, and how much these weigh."""
        words, bigrams = keys_of(_query_terms(query, language)), bigram_keys(query)
        return [(self.words, words, 1 - bigram_weight), (self.bigrams, bigrams, bigram_weight)]

    def _difference(
        self, asked: Sequence[tuple[Field, Keys, float]], other: Sequence[tuple[Field, Keys, float]]
    ) -> Floats:
        """What each passage scores more for the second question than for the first, shape ``(passages,)``.

        What only the second has weighs no more than what only the first has: a rare synonym says nothing more.
        """
        pairs = [
            (field, keys, others, weight) for (field, keys, weight), (_, others, _) in zip(asked, other, strict=True)
        ]
        lost = [(field, _beyond(keys, others), weight) for field, keys, others, weight in pairs]
        new = [(field, field.known(_beyond(others, keys)), weight) for field, keys, others, weight in pairs]
        most_lost, most_new = (sum(f.worth(keys, weight) for f, keys, weight in part) for part in (lost, new))
        share = min(1.0, most_lost / most_new) if most_new else 0.0
        difference = np.zeros(self._passages, dtype=np.float32)
        for field, keys, weight in lost:
            field.add_scores(difference, keys, -weight)
        for field, keys, weight in new:
            field.add_scores(difference, keys, share * weight)
        return difference

    def most(self, query: str, language: str, bigram_weight: float) -> float:
        """The score that no passage's is above, as of a passage that is full of every term of the question."""
        words = self.words.most(keys_of(_query_terms(query, language)), 1 - bigram_weight)
        return words + self.bigrams.most(bigram_keys(query), bigram_weight)

    def may_hold(self, text: str) -> Mask:
        """Which passages may have a text in them, shape ``(passages,)``: at least those that do, and few others.

        They have all the bigrams within its ``runs``. A run of one character may be part of a longer one there.
        """
        found = runs(text)
        may = self.bigrams.having_all(bigram_keys("\n".join(run for run in found if len(run) > 1)))
        for run in found:
            if len(run) == 1:
                may &= self.bigrams.having_any(self.bigrams.bigrams_with(run))
        return may

    def weights(self, terms_: Sequence[str]) -> dict[str, float]:
        """Inverse document frequency of each term among the words."""
        distinct = list(set(terms_))
        return dict(zip(distinct, self.words.weights(distinct), strict=True))


@lru_cache(maxsize=10_000)
def _query_terms(query: str, language: str) -> tuple[str, ...]:
    """Systems that are compared are asked the same questions one after the other."""
    return tuple(terms(query, language))
