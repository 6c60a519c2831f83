from __future__ import annotations

import pytest
import torch
from torch import nn

from rag.models import reader_int8
from rag.models.reader_int8 import Int8Linear, multiply_in_int8
from rag.models.reader_network import NetworkShape, ReaderNetwork


def test_one_token_far_larger_than_the_rest_does_not_blur_them() -> None:
    torch.manual_seed(0)
    linear = nn.Linear(64, 32)
    x = torch.randn(2, 20, 64)
    x[0, 0] *= 500

    with torch.inference_mode():
        exact, rounded = linear(x), Int8Linear(linear)(x)

    assert rounded.shape == exact.shape
    error = (rounded - exact).norm(dim=-1) / exact.norm(dim=-1)
    assert float(error.max()) < 0.03


def test_tokens_of_zeros_give_the_bias() -> None:
    linear = nn.Linear(32, 32)
    with torch.inference_mode():
        found = Int8Linear(linear)(torch.zeros(1, 18, 32))

    torch.testing.assert_close(found[0], linear.bias.detach().expand(18, 32))


@pytest.mark.parametrize("is_faster", [True, False])
def test_matrices_are_replaced_only_where_that_is_faster(monkeypatch: pytest.MonkeyPatch, is_faster: bool) -> None:
    monkeypatch.setattr(reader_int8, "is_int8_faster", lambda: is_faster)
    network = ReaderNetwork(NetworkShape(layers=2, heads=2, hidden=32, intermediate=64, positions=16))

    assert multiply_in_int8(network) is is_faster
    replaced = [module for module in network.modules() if isinstance(module, Int8Linear)]
    assert len(replaced) == (8 if is_faster else 0)


def test_the_trial_leaves_the_number_of_threads_as_it_was() -> None:
    before = torch.get_num_threads()
    reader_int8.is_int8_faster.cache_clear()
    reader_int8.is_int8_faster()

    assert torch.get_num_threads() == before
