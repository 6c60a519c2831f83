from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rag.models.encoder import EncoderShape
from rag.reader.input import ReaderTokenizer, pair_batch
from training.batches import Group, GroupSampler, Sampling, micro_batches, window_around
from training.data import MinedHit, TokenSpan, load_squad, read_mined, rivalries, tokenize
from training.losses import group_losses
from training.network import ReaderNetwork


@given(
    length=st.integers(1, 400),
    size=st.integers(8, 320),
    place=st.floats(0, 1),
    width=st.integers(1, 8),
    seed=st.integers(0, 9),
)
def test_a_window_holds_the_answer_and_is_full(length: int, size: int, place: float, width: int, seed: int) -> None:
    width = min(width, length)
    first = round(place * (length - width))
    span = TokenSpan(first, first + width - 1, 0, 0)

    low, high = window_around(length, span, size, np.random.default_rng(seed))

    assert 0 <= low <= span.first
    assert span.last < high <= length
    assert high - low == min(size, length)


def _group(passages: list[int], holds: tuple[bool, ...] = ()) -> Group:
    ids = np.arange(5, dtype=np.int64) + 10
    texts = tuple(np.arange(n, dtype=np.int64) + 20 for n in passages)
    fused = tuple(3.0 - place for place in range(len(passages)))
    return Group(ids, texts, TokenSpan(0, 1, 0, 1), fused, holds or (True, *[False] * (len(passages) - 1)))


@given(st.lists(st.lists(st.integers(2, 60), min_size=1, max_size=3), min_size=1, max_size=20))
def test_micro_batches_hold_every_group_once_within_the_budget(sizes: list[list[int]]) -> None:
    groups = [_group(passages) for passages in sizes]

    batches = list(micro_batches(groups, 200))

    assert sorted(id(group) for batch in batches for group in batch) == sorted(id(group) for group in groups)
    for batch in batches:
        padded = max(group.longest() for group in batch) * sum(len(group.passages) for group in batch)
        assert padded <= 200 or len(batch) == 1


@pytest.fixture
def sampler(data_file: Path, mined_file: Path, encoder: Path) -> GroupSampler:
    data = load_squad(data_file)
    tokens = tokenize(data, ReaderTokenizer(encoder))
    sampling = Sampling(questions=8, negatives_per_question=1.5, short_window=12, window=40, widen_at=0.5)
    paragraph_of = [question.paragraph for question in data.questions]
    return GroupSampler(tokens, paragraph_of, rivalries(read_mined(mined_file, data), data), sampling, seed=5)


def test_a_step_is_the_same_whenever_it_is_drawn(sampler: GroupSampler) -> None:
    once, again = sampler.step(7, 0.1), sampler.step(7, 0.1)

    for a, b in zip(once, again, strict=True):
        assert a.span == b.span
        assert all(np.array_equal(p, q) for p, q in zip(a.passages, b.passages, strict=True))
    other = sampler.step(8, 0.1)
    assert any(not np.array_equal(a.question, b.question) for a, b in zip(once, other, strict=True))


def test_an_epoch_sees_each_question_once(sampler: GroupSampler) -> None:
    groups = [group for step in range(sampler.steps_per_epoch) for group in sampler.step(step, 0.0)]

    assert len(groups) == 48
    assert len({(g.question.tobytes(), g.passages[0].tobytes(), g.span) for g in groups}) > 24


def test_questions_that_the_search_has_settled_are_left_out(data_file: Path, mined_file: Path, encoder: Path) -> None:
    data = load_squad(data_file)
    tokens = tokenize(data, ReaderTokenizer(encoder))
    mined = read_mined(mined_file, data)
    kept = data.questions[9]
    for question in data.questions:
        if question is not kept:
            own = question.paragraph
            mined[question.id] = [MinedHit(own, 9.0, True), *(h for h in mined[question.id] if h.paragraph != own)]
    sampling = Sampling(questions=1, negatives_per_question=1, most_lead=2.0)
    paragraph_of = [question.paragraph for question in data.questions]

    sampler = GroupSampler(tokens, paragraph_of, rivalries(mined, data), sampling, seed=5)

    (group,) = sampler.step(3, 0.9)
    assert sampler.steps_per_epoch == 1
    assert np.array_equal(group.question, tokens.questions[9].ids)
    assert np.array_equal(group.passages[0], tokens.paragraphs[kept.paragraph].ids)


def test_windows_grow_when_the_run_says_so(sampler: GroupSampler) -> None:
    early = max(len(p) for g in sampler.step(0, 0.0) for p in g.passages)
    late = max(len(p) for g in sampler.step(0, 0.9) for p in g.passages)

    assert early == 12
    assert late > 12


def test_negatives_are_as_many_as_asked_for_on_average(sampler: GroupSampler) -> None:
    counts = [len(group.passages) - 1 for step in range(30) for group in sampler.step(step, 0.0)]

    assert set(counts) == {1, 2}
    assert 1.3 < np.mean(counts) < 1.7


def test_the_span_loss_is_one_softmax_over_all_passages_of_a_question() -> None:
    torch.manual_seed(0)
    network = ReaderNetwork(EncoderShape(layers=1, heads=2, hidden=8, intermediate=16, positions=40))
    words = torch.randn(60, 8)
    group = _group([7, 5])

    losses = group_losses(network, words, [group])

    batch = pair_batch([(group.question, passage) for passage in group.passages])
    output = network.read(words, batch)
    begin = int(batch.offsets[0])
    start = -torch.log_softmax(output.start.flatten(), dim=0)[begin]
    end = -torch.log_softmax(output.end.flatten(), dim=0)[begin + 1]
    assert float(losses.span.detach()) == pytest.approx(float((start + end).detach()), rel=1e-5)


def test_a_rival_that_holds_the_answer_counts_in_the_ranking_alone() -> None:
    torch.manual_seed(0)
    network = ReaderNetwork(EncoderShape(layers=1, heads=2, hidden=8, intermediate=16, positions=40))
    words = torch.randn(60, 8)

    alone = group_losses(network, words, [_group([7])])
    beside = group_losses(network, words, [_group([7, 5], holds=(True, True))])
    against = group_losses(network, words, [_group([7, 5])])

    assert float(alone.ranking.detach()) == 0
    for name in ("span", "relevance"):
        assert float(getattr(beside, name).detach()) == pytest.approx(float(getattr(alone, name).detach()), rel=1e-5)
        assert float(getattr(against, name).detach()) > float(getattr(alone, name).detach())
    batch = pair_batch([(_group([7, 5]).question, passage) for passage in _group([7, 5]).passages])
    combined = network.read(words, batch).relevance.detach() + torch.tensor([3.0, 2.0])
    assert float(beside.ranking.detach()) == pytest.approx(float(-torch.log_softmax(combined, dim=0)[0]), rel=1e-5)


def test_the_loss_of_a_group_does_not_depend_on_what_shares_its_batch() -> None:
    torch.manual_seed(0)
    network = ReaderNetwork(EncoderShape(layers=2, heads=2, hidden=8, intermediate=16, positions=80))
    words = torch.randn(90, 8)
    groups = [_group([7, 5]), _group([31]), _group([12, 12, 3])]

    together = group_losses(network, words, groups)
    alone = [group_losses(network, words, [group]) for group in groups]

    for name in together._fields:
        expected = sum(float(getattr(losses, name).detach()) for losses in alone)
        assert float(getattr(together, name).detach()) == pytest.approx(expected, rel=1e-4)
