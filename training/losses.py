"""What the reader is trained to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from rag.reader.input import pair_batch
from training.batches import Group
from training.network import ReaderNetwork, ReaderOutput


class Losses(NamedTuple):
    """Sums over questions; ``total`` is what is differentiated."""

    total: Tensor
    span: Tensor
    trim: Tensor
    relevance: Tensor
    ranking: Tensor


TRIM_WEIGHT = 0.3
RELEVANCE_WEIGHT = 0.8
RANKING_WEIGHT = 1.6


def group_losses(network: ReaderNetwork, words: Tensor, groups: Sequence[Group]) -> Losses:
    """Losses of one micro-batch, summed over its groups.

    Start and end share one softmax over all passages of a question (shared normalisation, Clark & Gardner 2018), so
    that scores of spans compare across passages. Relevance is learnt on its own (logistic), which is what makes it a
    confidence, and as what it adds to the fused score when the question's own passage is told from the others
    (softmax): where the search has told them apart there is little left to learn. Other passages with the answer's
    characters take part in the ranking only, for whether they answer is not known.
    """
    batch = pair_batch([(group.question, passage) for group in groups for passage in group.passages])
    output = network.read(words, batch)
    offsets = torch.from_numpy(batch.offsets)
    sizes = [len(group.passages) for group in groups]
    positive = torch.tensor([sum(sizes[:i]) for i in range(len(sizes))])
    known = ~torch.tensor([holds for group in groups for holds in group.holds])
    known[positive] = True
    first = offsets[positive] + torch.tensor([group.span.first for group in groups])
    last = offsets[positive] + torch.tensor([group.span.last for group in groups])
    start, end = (logits.logsumexp(dim=1).where(known, -torch.inf) for logits in (output.start, output.end))
    span = _softmax(start, output.start[positive, first], sizes) + _softmax(end, output.end[positive, last], sizes)
    trim = _trim_loss(output, groups, positive, first, last)
    target = torch.zeros_like(output.relevance)
    target[positive] = 1.0
    relevance = functional.binary_cross_entropy_with_logits(
        output.relevance, target, weight=known.float(), reduction="sum"
    )
    combined = output.relevance + torch.tensor([score for group in groups for score in group.fused])
    ranking = _softmax(combined, combined[positive], sizes)
    total = 0.5 * span + TRIM_WEIGHT * trim + RELEVANCE_WEIGHT * relevance + RANKING_WEIGHT * ranking
    return Losses(total, span, trim, relevance, ranking)


def _softmax(logits: Tensor, right: Tensor, sizes: Sequence[int]) -> Tensor:
    """-log of the right logits' (groups,) share among each group's (B,), summed."""
    return (_by_group(logits, sizes).logsumexp(dim=1) - right).sum()


def _by_group(values: Tensor, sizes: Sequence[int]) -> Tensor:
    """(B,) -> (groups, largest group), filled up with -inf."""
    return torch.nn.utils.rnn.pad_sequence(
        list(torch.split(values, list(sizes))), batch_first=True, padding_value=float("-inf")
    )


def _trim_loss(output: ReaderOutput, groups: Sequence[Group], positive: Tensor, first: Tensor, last: Tensor) -> Tensor:
    head = torch.tensor([group.span.start_trim for group in groups])
    tail = torch.tensor([group.span.end_trim for group in groups])
    return functional.cross_entropy(
        output.start_trim[positive, first], head, reduction="sum"
    ) + functional.cross_entropy(output.end_trim[positive, last], tail, reduction="sum")
