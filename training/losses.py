"""What the reader is trained to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from rag.models.reader_input import PairBatch, pair_batch
from training.batches import Group
from training.network import ReaderNetwork, ReaderOutput


class Losses(NamedTuple):
    """Sums over questions; ``total`` is what is differentiated."""

    total: Tensor
    span: Tensor
    trim: Tensor
    relevance: Tensor


TRIM_WEIGHT = 0.3
RELEVANCE_WEIGHT = 0.8


def group_losses(network: ReaderNetwork, words: Tensor, groups: Sequence[Group]) -> Losses:
    """Losses of one micro-batch, summed over its groups.

    Start and end share one softmax over all passages of a question (shared normalisation, Clark & Gardner 2018), so
    that scores of spans compare across passages. Relevance is learnt twice from one logit: against the group's other
    passages (softmax) and on its own (logistic), which is what makes it a confidence.
    """
    batch = pair_batch([(group.question, passage) for group in groups for passage in group.passages])
    output = network.read(words, batch)
    offsets = torch.from_numpy(batch.offsets)
    sizes = [len(group.passages) for group in groups]
    positive = torch.tensor([sum(sizes[:i]) for i in range(len(sizes))])
    first = offsets[positive] + torch.tensor([group.span.first for group in groups])
    last = offsets[positive] + torch.tensor([group.span.last for group in groups])
    span = _shared_softmax(output.start, positive, first, sizes) + _shared_softmax(output.end, positive, last, sizes)
    trim = _trim_loss(output, groups, positive, first, last)
    relevance = _relevance_loss(output.relevance, positive, sizes, batch)
    return Losses(0.5 * span + TRIM_WEIGHT * trim + RELEVANCE_WEIGHT * relevance, span, trim, relevance)


def _by_group(values: Tensor, sizes: Sequence[int]) -> Tensor:
    """(B,) -> (groups, largest group), filled up with -inf."""
    return torch.nn.utils.rnn.pad_sequence(
        list(torch.split(values, list(sizes))), batch_first=True, padding_value=float("-inf")
    )


def _shared_softmax(logits: Tensor, positive: Tensor, token: Tensor, sizes: Sequence[int]) -> Tensor:
    partition = _by_group(logits.logsumexp(dim=1), sizes).logsumexp(dim=1)
    return (partition - logits[positive, token]).sum()


def _trim_loss(output: ReaderOutput, groups: Sequence[Group], positive: Tensor, first: Tensor, last: Tensor) -> Tensor:
    head = torch.tensor([group.span.start_trim for group in groups])
    tail = torch.tensor([group.span.end_trim for group in groups])
    return functional.cross_entropy(
        output.start_trim[positive, first], head, reduction="sum"
    ) + functional.cross_entropy(output.end_trim[positive, last], tail, reduction="sum")


def _relevance_loss(relevance: Tensor, positive: Tensor, sizes: Sequence[int], batch: PairBatch) -> Tensor:
    target = torch.zeros_like(relevance)
    target[positive] = 1.0
    alone = functional.binary_cross_entropy_with_logits(relevance, target, reduction="sum")
    among = (_by_group(relevance, sizes).logsumexp(dim=1) - relevance[positive]).sum()
    return alone + among
