"""The tokenizer of multilingual-e5-small (XLM-RoBERTa's unigram model) over a mapped file, ready in a millisecond.

It gives the tokens that ``tokenizers`` gives with the model's ``tokenizer.json``, which takes most of a second to load.
All texts of a call go together through each step, in arrays; the best segmentation is Viterbi's (Kudo 2018). It is
found between *cuts*, places that no piece reaches across, so that the longest stretch between two, not the longest
text, tells how many steps it takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import regex
from numpy.typing import NDArray

from rag.models.vocabulary import MAPPED, SPACE, STRANGER, CompiledVocabulary, read_vocabulary

FILE: Final = "tokenizer.safetensors"
BOS, PAD, EOS = 0, 1, 2
"""Ids of ``<s>``, ``<pad>``, ``</s>`` in XLM-R's vocabulary."""

_CHARACTERS_AT_ONCE: Final = 1 << 15
_FRONT: Final = "_"
"""Stands in front of each text until it becomes a metaspace; any character that the map leaves as it is."""
_CLUSTER: Final = regex.compile(r"\X")
_SHORT_CLUSTER: Final = 6

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TokenizedText:
    """A text's tokens: ids, and the characters ``[starts[i], ends[i])`` each stands for. No special tokens."""

    ids: Ints
    starts: Ints
    ends: Ints

    def __len__(self) -> int:
        return len(self.ids)

    def cut(self, first: int, last: int) -> TokenizedText:
        """Tokens ``[first, last)``; their characters still count from the start of the whole text."""
        return TokenizedText(self.ids[first:last], self.starts[first:last], self.ends[first:last])


@lru_cache(maxsize=2)
def load_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer in a model's folder; embedder and reader share one.

    Raises:
        ModelError: there is none, or it is damaged.
    """
    return Tokenizer(read_vocabulary(folder / FILE))


class Tokenizer:
    """Texts to tokens. Threads may share one."""

    def __init__(self, vocabulary: CompiledVocabulary) -> None:
        self._vocabulary = vocabulary
        metaspace, longest, unknown, *literal = vocabulary.special.tolist()
        self._metaspace, self._longest, self._unknown, self._unknown_literal = metaspace, longest, unknown, literal
        # What an unknown character scores stands behind the pieces' scores.
        self._unknown_id = len(vocabulary.scores) - 2

    def __call__(self, texts: Sequence[str]) -> list[TokenizedText]:
        """Tokens of each text. A ``</s>`` in a text is five characters like any others."""
        return [tokens for block in _blocks(texts) for tokens in self._tokenize(block)]

    def _tokenize(self, texts: Sequence[str]) -> list[TokenizedText]:
        symbols, sources, texts_of = self._normalized(texts)
        first, last, ids = self._best_pieces(symbols)
        starts, ends = sources[first], sources[last - 1] + 1
        tokenized, token, origin = [], 0, 1
        for number, text in enumerate(texts):
            count = int(np.searchsorted(texts_of[first], number, side="right"))
            those = slice(token, count)
            tokenized.append(TokenizedText(ids[those], starts[those] - origin, ends[those] - origin))
            token, origin = count, origin + len(text) + 1
        return tokenized

    def _normalized(self, texts: Sequence[str]) -> tuple[NDArray[Any], Ints, Ints]:
        """Characters mapped, runs of spaces made one metaspace, and one put in front of each text.

        Returns:
            Symbols; the character that each stands for, in the texts with a character in front of each; their texts.
        """
        v = self._vocabulary
        points, text_of = _code_points([_FRONT + text for text in texts])
        counts = v.counts[points].astype(np.int64)
        flags = v.flags[points]
        if (flags[:-1] & MAPPED & (flags[1:] >> 1)).any():
            counts[_swallowed(texts, v)] = 0
        sources = np.repeat(np.arange(len(points)), counts)
        within = np.arange(len(sources)) - np.repeat(np.cumsum(counts) - counts, counts)
        symbols = v.symbols[v.places[points[sources]] + within]
        symbols[np.flatnonzero(np.diff(text_of[sources], prepend=-1))] = self._metaspace
        texts_of = text_of[sources]
        spaces = symbols == SPACE
        kept = np.ones(len(symbols), np.bool_)
        kept[:-1] = ~(spaces[:-1] & spaces[1:])
        symbols, sources, texts_of = symbols[kept], sources[kept], texts_of[kept]
        symbols[symbols == SPACE] = self._metaspace
        return self._in_front(symbols, sources, texts_of)

    def _in_front(self, symbols: NDArray[Any], sources: Ints, texts_of: Ints) -> tuple[NDArray[Any], Ints, Ints]:
        """Without the metaspace in front where the text is empty or begins with one; else it shares a character."""
        fronts = np.flatnonzero(np.diff(texts_of, prepend=-1))
        after = np.append(symbols, self._metaspace)[fronts + 1]
        ends_there = np.append(texts_of, -1)[fronts + 1] != texts_of[fronts]
        needless = ends_there | (after == self._metaspace)
        sources[fronts[~needless]] = sources[fronts[~needless] + 1]
        kept = np.ones(len(symbols), np.bool_)
        kept[fronts[needless]] = False
        return symbols[kept], sources[kept], texts_of[kept]

    def _best_pieces(self, symbols: NDArray[Any]) -> tuple[Ints, Ints, Ints]:
        """Where the pieces of the best segmentation begin and end, in symbols, and their ids."""
        words = self._word_starts(symbols)
        ids, reach = self._matches(symbols, words)
        cuts = np.ones(len(symbols), np.bool_)
        cuts[1:] = np.maximum.accumulate(reach)[:-1] <= np.arange(1, len(symbols))
        lengths = self._segment(ids, cuts)
        last = _backwards(lengths, cuts)
        first = last - lengths[last]
        found = ids[last, self._longest - lengths[last]].astype(np.int64)
        unknown = found == self._unknown_id
        found[unknown] = self._unknown
        # Neighbours unknown in one word are one token.
        fused = np.zeros(len(found), np.bool_)
        fused[1:] = unknown[1:] & unknown[:-1] & ~words[first[1:]]
        return first[~fused], last[np.append(~fused[1:], True)[: len(last)]], found[~fused]

    def _word_starts(self, symbols: NDArray[Any]) -> NDArray[np.bool_]:
        """Where no piece may reach across: at metaspaces, around strangers, and within a literal ``<unk>``."""
        starts: NDArray[np.bool_] = symbols == self._metaspace
        strange = symbols == STRANGER
        starts |= strange
        starts[1:] |= strange[:-1]
        literal = self._unknown_literal
        if len(symbols) >= len(literal):
            windows = np.lib.stride_tricks.sliding_window_view(symbols, len(literal))
            at = np.flatnonzero((windows[:, 0] == literal[0]) & (windows == literal).all(axis=1))
            starts[at + 1] = True
            after = at + len(literal)
            starts[after[after < len(starts)]] = True
        return starts

    def _matches(self, symbols: NDArray[Any], words: NDArray[np.bool_]) -> tuple[NDArray[np.int32], Ints]:
        """All pieces in the text.

        Returns:
            (symbols + 1, longest) ids by where a piece ends and by length, longest first, -1 for none; and how far the
            longest piece from each symbol reaches.
        """
        v = self._vocabulary
        count = len(symbols)
        ids = np.full((count + 1, self._longest), -1, np.int32)
        limits = _limits(words)
        begins = np.flatnonzero(symbols != STRANGER)
        nodes = symbols[begins]
        reach = np.arange(1, count + 1)
        for length in range(1, self._longest + 1):
            pieces = v.pieces[nodes]
            found = pieces >= 0
            ends = begins + length
            ids[ends[found], self._longest - length] = pieces[found]
            reach[begins[found]] = ends[found]
            inside = ends < limits[begins]
            begins, nodes, ends = begins[inside], nodes[inside], ends[inside]
            children = v.base[nodes] + symbols[ends]
            there = v.parent[children] == nodes
            begins, nodes = begins[there], children[there]
            if not len(begins):
                break
        single = ids[1:, -1]
        single[single < 0] = self._unknown_id
        return ids, reach

    def _segment(self, ids: NDArray[np.int32], cuts: NDArray[np.bool_]) -> Ints:
        """Length of the last piece of the best segmentation up to each symbol, from the cut before it (Viterbi).

        Of two equally good ones, that whose last piece is longer.
        """
        scores = self._vocabulary.scores
        best = np.zeros(len(ids) + self._longest)
        lengths = np.ones(len(ids), np.int64)
        begins = np.flatnonzero(cuts)
        sizes = np.diff(begins, append=len(cuts))
        order = np.argsort(-sizes, kind="stable")
        begins, sizes = begins[order], sizes[order]
        back = np.arange(self._longest)
        # The longest stretches come first, so that those still growing are the first few.
        growing = np.searchsorted(-sizes, -np.arange(1, int(sizes.max(initial=0)) + 2), side="right").tolist()
        for step, now in enumerate(growing[:-1], 1):
            ends = begins[:now] + step
            # `best` is shifted by the longest piece: here are the scores before it, before the next longest, …
            totals = best[ends[:, None] + back] + scores[ids[ends]]
            chosen = totals.argmax(axis=1)
            lengths[ends] = self._longest - chosen
            more = growing[step]
            best[ends[:more] + self._longest] = totals[np.arange(more), chosen[:more]]
        return lengths


def _blocks(texts: Sequence[str]) -> Iterator[list[str]]:
    """Texts together, up to a number of characters."""
    block: list[str] = []
    characters = 0
    for text in texts:
        if block and characters + len(text) > _CHARACTERS_AT_ONCE:
            yield block
            block, characters = [], 0
        block.append(text)
        characters += len(text)
    if block:
        yield block


def _code_points(texts: Sequence[str]) -> tuple[NDArray[Any], Ints]:
    """The texts' characters, one text after another, and the text of each."""
    points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), "<u4")
    return points, np.repeat(np.arange(len(texts)), [len(text) for text in texts])


def _swallowed(texts: Sequence[str], vocabulary: CompiledVocabulary) -> list[int]:
    """Characters that vanish because the one they join is mapped, counted with a character in front of each text.

    XLM-RoBERTa's tokenizer takes a grapheme cluster of fewer than six bytes for the character it begins with.
    """
    gone = []
    origin = 1
    for text in texts:
        # NUL is dropped before clusters are looked for.
        kept = [place for place, character in enumerate(text) if character != "\0"]
        for cluster in _CLUSTER.finditer(text.replace("\0", "")):
            whole = cluster[0]
            short = len(whole) > 1 and len(whole.encode("utf-8", "replace")) < _SHORT_CLUSTER
            if short and vocabulary.flags[ord(whole[0])] & MAPPED:
                gone += [origin + kept[place] for place in range(cluster.start() + 1, cluster.end())]
        origin += len(text) + 1
    return gone


def _limits(words: NDArray[np.bool_]) -> Ints:
    """Where the word of each symbol ends."""
    begins = np.flatnonzero(words)
    if not len(begins):
        return begins
    return np.repeat(np.append(begins[1:], len(words)), np.diff(begins, append=len(words)))


def _backwards(lengths: Ints, cuts: NDArray[np.bool_]) -> Ints:
    """Where the chosen pieces end, in order, found from the end of each stretch between cuts."""
    ends = np.zeros(len(lengths), np.bool_)
    at = np.append(np.flatnonzero(cuts)[1:], len(cuts)) if len(cuts) else np.zeros(0, np.int64)
    while len(at):
        ends[at] = True
        at = at - lengths[at]
        at = at[~cuts[at]]
    return np.flatnonzero(ends)
