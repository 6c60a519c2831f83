"""Groups from written questions and from parallel texts, and steps that hold some of each kind.

Everything is drawn from generators seeded by (seed, step), as in ``training.batches``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from zlib import crc32

import numpy as np

from rag.models.tokenizer import TokenizedText
from rag.reader.input import Ids
from training.batches import Group, Sampler, drawn, steps_of, window_around
from training.data import token_span
from training.languages import LANGUAGES
from training.written import Marked, Written

Tokenize = Callable[[Sequence[str]], Sequence[TokenizedText]]

HELD_OUT = 6
"""One document in so many is held out; of parallel texts, ``training.languages.split`` tells which are."""


@dataclass(frozen=True, slots=True)
class Mixing:
    """What a step holds besides questions on paragraphs, and of what size.

    Attributes:
        written_questions: of a step, each with its units.
        with_passages: share of them that come with whole passages too.
        parallel_pairs: sentences asked of paragraphs in the other language.
        unit_rivals: units beside the one that answers.
        passage_rivals: passages beside the one that answers.
        promising: how far down the list of rivals are drawn from, by a falling chance: so many of them weigh 1/e.
        longest_unit, longest_passage: in tokens.
    """

    written_questions: int = 14
    with_passages: float = 0.35
    parallel_pairs: int = 2
    unit_rivals: int = 7
    passage_rivals: int = 2
    promising: float = 8.0
    longest_unit: int = 160
    longest_passage: int = 200


def is_held_out(document: str) -> bool:
    """Whether a document is kept back to choose and to calibrate by."""
    return crc32(document.encode()) % HELD_OUT == 0


def kept_back(found: Sequence[Written], *, held_out: bool) -> list[Written]:
    """Those whose documents are held out, or the others."""
    return [each for each in found if is_held_out(each.document) == held_out]


class WrittenSampler:
    """Draws written questions with their units, and some with their passages too."""

    def __init__(self, found: Sequence[Written], tokenize: Tokenize, mixing: Mixing, seed: int) -> None:
        self._found = [each for each in found if each.kind == "unanswerable" or any(u.answers for u in each.units)]
        self._mixing = mixing
        self._seed = seed
        texts = {text for each in self._found for text in _texts(each)}
        self._tokens: Mapping[str, TokenizedText] = dict(zip(texts, tokenize(list(texts)), strict=True))

    @property
    def steps_per_epoch(self) -> int:
        return steps_of(range(len(self._found)), self._mixing.written_questions)

    def step(self, number: int, progress: float) -> list[Group]:
        """Groups of step ``number``."""
        mixing = self._mixing
        rng = np.random.default_rng([self._seed, 3, number])
        groups: list[Group | None] = []
        for index in drawn(range(len(self._found)), mixing.written_questions, number, (self._seed, 2)):
            written = self._found[index]
            groups.append(self._group(written, written.units, mixing.unit_rivals, mixing.longest_unit, rng))
            if rng.random() < mixing.with_passages:
                groups.append(
                    self._group(written, written.passages, mixing.passage_rivals, mixing.longest_passage, rng)
                )
        return [group for group in groups if group is not None]

    def _group(
        self, written: Written, marked: Sequence[Marked], rivals: int, longest: int, rng: np.random.Generator
    ) -> Group | None:
        """``None`` where it should be answered and nothing does."""
        answering = [each for each in marked if each.answers]
        others = [each for each in marked if each.answers is False]
        if not answering and written.kind != "unanswerable":
            return None
        chances = np.exp(-np.arange(len(others)) / self._mixing.promising)
        count = min(len(others), rivals + (not answering))
        places = rng.choice(len(others), count, replace=False, p=chances / chances.sum()).tolist() if count else []
        chosen = [answering[rng.integers(len(answering))]] if answering else []
        chosen += [others[i] for i in places]
        if not chosen:
            return None
        cut = [self._cut(each, longest, rng) for each in chosen]
        span = None
        if answering and chosen[0].span is not None:
            span = token_span(self._tokens[chosen[0].text], *chosen[0].span).from_token(cut[0][1])
            if span.last >= len(cut[0][0]):
                span = None
        holds = (bool(answering), *[False] * (len(chosen) - 1))
        fused = tuple(each.fused for each in chosen)
        ids = tuple(each for each, _ in cut)
        return Group(self._tokens[written.question].ids, ids, span, fused, holds, bool(answering))

    def _cut(self, marked: Marked, longest: int, rng: np.random.Generator) -> tuple[Ids, int]:
        """At most ``longest`` tokens of it, with the answer, and where they begin."""
        tokens = self._tokens[marked.text]
        if len(tokens) <= longest:
            return tokens.ids, 0
        if marked.span is None:
            return tokens.ids[:longest], 0
        first, last = window_around(len(tokens), token_span(tokens, *marked.span), longest, rng)
        return tokens.ids[first:last], first


def _texts(written: Written) -> list[str]:
    return [written.question, *(each.text for each in chain(written.units, written.passages))]


class ParallelSampler:
    """Draws paragraphs asked of their translation, beside others of the same source."""

    def __init__(self, pairs: Sequence[Mapping[str, str]], tokenize: Tokenize, mixing: Mixing, seed: int) -> None:
        self._mixing = mixing
        self._seed = seed
        flat = [tokens.ids for tokens in tokenize([pair[language] for pair in pairs for language in LANGUAGES])]
        self._ids = [(flat[2 * i], flat[2 * i + 1]) for i in range(len(pairs))]
        by_source: dict[str, list[int]] = {}
        for index, pair in enumerate(pairs):
            by_source.setdefault(pair["source"], []).append(index)
        self._near = [[other for other in by_source[pair["source"]] if other != i] for i, pair in enumerate(pairs)]

    @property
    def steps_per_epoch(self) -> int:
        return steps_of(range(len(self._ids)), self._mixing.parallel_pairs)

    def step(self, number: int, progress: float) -> list[Group]:
        """Groups of step ``number``."""
        rng = np.random.default_rng([self._seed, 5, number])
        indices = drawn(range(len(self._ids)), self._mixing.parallel_pairs, number, (self._seed, 4))
        return [self._group(index, rng) for index in indices]

    def _group(self, index: int, rng: np.random.Generator) -> Group:
        asked = int(rng.integers(2))
        near = self._near[index]
        count = min(len(near), self._mixing.passage_rivals + 1)
        chosen = [index, *(rng.choice(near, count, replace=False).tolist() if count else [])]
        passages = tuple(self._ids[i][1 - asked][: self._mixing.longest_unit] for i in chosen)
        question = self._ids[index][asked][: int(rng.integers(16, 48))]
        return Group(question, passages, None, (0.0,) * len(chosen), (True, *[False] * (len(chosen) - 1)))


class Mixture:
    """Steps that hold the groups of several samplers; an epoch is the first one's."""

    def __init__(self, samplers: Sequence[Sampler]) -> None:
        self._samplers = samplers

    @property
    def steps_per_epoch(self) -> int:
        return self._samplers[0].steps_per_epoch

    def step(self, number: int, progress: float) -> list[Group]:
        """The groups of all of them."""
        return [group for sampler in self._samplers for group in sampler.step(number, progress)]
