"""Which pairs a training step sees: windows around answers, negatives, micro-batches of about equal length.

Everything is drawn from generators seeded by (seed, step), so a run that is resumed sees what it would have seen.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from rag.models.tokenizer import TokenizedText
from rag.reader.input import Ids, pair_length
from training.data import MinedHit, Rivalry, TokenizedSet, TokenSpan


@dataclass(frozen=True, slots=True)
class Sampling:
    """What is drawn for each question.

    Attributes:
        questions: questions a step sees.
        negatives_per_question: how many other passages go with each, on average.
        hardest: they are drawn from this many at the head of what the hybrid search found.
        most_lead: questions are left out whose own passage leads all others by more, in fused score: there the search
            needs no reader.
        short_window, window: longest passages in tokens, at first and later; longer ones are cut at random.
        widen_at: progress in [0, 1] at which the windows grow.
        micro_batch_tokens: padded tokens that go through the network together.
    """

    questions: int = 24
    negatives_per_question: float = 0.6
    hardest: int = 6
    most_lead: float | None = None
    short_window: int = 144
    window: int = 320
    widen_at: float = 0.6
    micro_batch_tokens: int = 2048


@dataclass(frozen=True, slots=True)
class Group:
    """One question with what answers it, a passage or a unit of one, and others that were found for it.

    Attributes:
        question: its tokens.
        passages: what answers, then the others.
        span: the answer in the first of them, counted from its first token; ``None`` if it is not one stretch.
        fused: their scores by the hybrid search; 0 where they are told apart by nothing but the reader.
        holds: whether the answer's characters stand in each.
        is_answered: whether the first does answer; otherwise none of them does.
    """

    question: Ids
    passages: tuple[Ids, ...]
    span: TokenSpan | None
    fused: tuple[float, ...]
    holds: tuple[bool, ...]
    is_answered: bool = True

    def longest(self) -> int:
        """Tokens of the longest pair."""
        return max(pair_length(self.question, passage) for passage in self.passages)


def window_around(length: int, span: TokenSpan, size: int, rng: np.random.Generator) -> tuple[int, int]:
    """A window ``[first, last)`` of at most ``size`` of ``length`` tokens that holds the span, at a random place."""
    if length <= size:
        return 0, length
    low = max(0, span.last + 1 - size)
    high = min(span.first, length - size)
    first = int(rng.integers(low, high + 1)) if low < high else min(low, length - size)
    return first, first + size


def steps_of(population: Sequence[int], count: int) -> int:
    """Steps in which each of them is drawn once, so many at a time."""
    return max(1, len(population) // max(1, count))


def drawn(population: Sequence[int], count: int, number: int, seed: tuple[int, int]) -> list[int]:
    """What step ``number``, from 0, sees of them: epochs shuffled anew, so many at a time."""
    epoch, place = divmod(number, steps_of(population, count))
    order = np.random.default_rng([*seed, epoch]).permutation(population)
    return [int(each) for each in order[place * count :][:count]]


class Sampler(Protocol):
    """Draws the groups of each step."""

    @property
    def steps_per_epoch(self) -> int:
        """Steps in which every question is seen once."""
        ...

    def step(self, number: int, progress: float) -> list[Group]:
        """The groups of step ``number``, from 0, of a run that has come to ``progress`` in [0, 1]."""
        ...


class GroupSampler:
    """Draws the groups of each step: epochs of shuffled questions, each with its passages cut anew."""

    def __init__(
        self,
        tokens: TokenizedSet,
        paragraph_of: Sequence[int],
        found: Sequence[Rivalry],
        sampling: Sampling,
        seed: int,
    ) -> None:
        self._tokens = tokens
        self._paragraph_of = paragraph_of
        self._found = found
        most = math.inf if sampling.most_lead is None else sampling.most_lead
        self._questions = [number for number, rivalry in enumerate(found) if rivalry.lead <= most]
        self._sampling = sampling
        self._seed = seed

    @property
    def steps_per_epoch(self) -> int:
        return steps_of(self._questions, self._sampling.questions)

    def step(self, number: int, progress: float) -> list[Group]:
        """The groups of step ``number``, from 0, of a run that has come to ``progress`` in [0, 1]."""
        chosen = drawn(self._questions, self._sampling.questions, number, (self._seed, 0))
        rng = np.random.default_rng([self._seed, 1, number])
        size = self._sampling.short_window if progress < self._sampling.widen_at else self._sampling.window
        return [self._group(question, size, rng) for question in chosen]

    def _group(self, question: int, size: int, rng: np.random.Generator) -> Group:
        span = self._tokens.spans[question]
        passage = self._tokens.paragraphs[self._paragraph_of[question]]
        size = max(size, span.last - span.first + 1)
        first, last = window_around(len(passage), span, size, rng)
        rivals = self._draw_rivals(question, rng)
        others = [self._random_window(self._tokens.paragraphs[rival.paragraph], size, rng) for rival in rivals]
        return Group(
            question=self._tokens.questions[question].ids,
            passages=(passage.ids[first:last], *others),
            span=span.from_token(first),
            fused=(self._found[question].score, *(rival.score for rival in rivals)),
            holds=(True, *(rival.holds for rival in rivals)),
        )

    def _draw_rivals(self, question: int, rng: np.random.Generator) -> list[MinedHit]:
        hardest = self._found[question].rivals[: self._sampling.hardest]
        whole, part = divmod(self._sampling.negatives_per_question, 1.0)
        count = min(int(whole) + int(rng.random() < part), len(hardest))
        return [hardest[i] for i in rng.choice(len(hardest), count, replace=False)] if count else []

    @staticmethod
    def _random_window(passage: TokenizedText, size: int, rng: np.random.Generator) -> Ids:
        first = int(rng.integers(0, max(0, len(passage) - size) + 1))
        return passage.ids[first : first + size]


def micro_batches(groups: Sequence[Group], tokens: int) -> Iterator[list[Group]]:
    """Groups of like length together, at most ``tokens`` padded tokens at a time, longest first."""
    batch: list[Group] = []
    pairs = longest = 0
    for group in sorted(groups, key=Group.longest, reverse=True):
        longest = longest or group.longest()
        if batch and (pairs + len(group.passages)) * longest > tokens:
            yield batch
            batch, pairs, longest = [], 0, group.longest()
        batch.append(group)
        pairs += len(group.passages)
    if batch:
        yield batch


def split_evenly(batches: Sequence[list[Group]], workers: int) -> list[list[list[Group]]]:
    """Micro-batches for each worker, about equally many padded tokens each; workers without any are left out."""
    shares: list[list[list[Group]]] = [[] for _ in range(workers)]
    loads = [0] * workers
    for batch in batches:
        least = loads.index(min(loads))
        shares[least].append(batch)
        loads[least] += max(group.longest() for group in batch) * sum(len(group.passages) for group in batch)
    return [share for share in shares if share]
