"""Matrix products in 8 bits, where the CPU has instructions for them (AVX-VNNI, AMX).

Weights have a scale for each row, inputs one for each token, found as they come. One scale for all tokens, as in
``torch.ao``'s dynamic quantisation, cost 18 points of F1 in a trial; a scale for each token cost nothing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import cache
from typing import Final

import torch
from torch import Tensor, nn

from rag.models.reader_network import Block, ReaderNetwork
from rag.models.reader_weights import quantised

logger = logging.getLogger(__name__)

_MATRICES: Final = ("qkv", "attention_out", "widen", "narrow")


class Int8Linear(nn.Module):
    """``nn.Linear`` with weights and inputs rounded to 8 bits; products are summed in 32-bit integers."""

    weight: Tensor
    scale: Tensor
    bias: Tensor

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        weight, scale = quantised(linear.weight.detach())
        self.register_buffer("weight", weight.t())
        self.register_buffer("scale", scale)
        self.register_buffer("bias", linear.bias.detach())

    def forward(self, x: Tensor) -> Tensor:
        """(..., inner) -> (..., outer), as ``nn.Linear``."""
        rows = x.reshape(-1, x.shape[-1])
        largest = rows.abs().amax(dim=1, keepdim=True).clamp_min(1e-9)
        products = torch._int_mm((rows * (127 / largest)).round_().to(torch.int8), self.weight)
        result = products.float().mul_(largest / 127).mul_(self.scale).add_(self.bias)
        return result.view(*x.shape[:-1], -1)


def multiply_in_int8(network: ReaderNetwork) -> bool:
    """Put ``Int8Linear`` in the place of the blocks' matrices, if that is faster here; returns whether it was done."""
    if not is_int8_faster():
        logger.info("The reader multiplies in float32: 8 bits are not faster here")
        return False
    for block in network.blocks:
        assert isinstance(block, Block)
        for name in _MATRICES:
            setattr(block, name, Int8Linear(getattr(block, name)))
    return True


@cache
def is_int8_faster() -> bool:
    """Whether this CPU multiplies 8-bit matrices faster than float32 ones: tried out once, some milliseconds."""
    linear = nn.Linear(384, 1536)
    x = torch.randn(512, 384)
    threads = torch.get_num_threads()
    # On one core: threads waiting for each other would be counted as work.
    torch.set_num_threads(1)
    try:
        rounded = Int8Linear(linear)
        with torch.inference_mode():
            return _seconds(lambda: rounded(x)) < _seconds(lambda: linear(x))
    except (AttributeError, RuntimeError, NotImplementedError) as error:
        logger.debug("No 8-bit products: %s", error)
        return False
    finally:
        torch.set_num_threads(threads)


def _seconds(call: Callable[[], Tensor], attempts: int = 5) -> float:
    """CPU time of the shortest of some attempts: other work on the machine does not count. The first only warms up."""
    call()
    found = []
    for _ in range(attempts):
        began = time.process_time()
        call()
        found.append(time.process_time() - began)
    return min(found)
