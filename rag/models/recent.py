"""Vectors of texts that come again and again, such as the sentences of good passages, are computed once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np

from rag.arrays import Floats

MOST_KEPT = 20_000
"""At 384 float32 numbers each, 31 MB."""


class RecentVectors:
    """Remembers the vectors of the texts used last. Threads may share one.

    Args:
        most: how many to remember.
    """

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._vectors: OrderedDict[str, Floats] = OrderedDict()
        self._lock = threading.Lock()

    def through(self, texts: Sequence[str], embed: Callable[[list[str]], Floats]) -> Floats:
        """Vectors of the texts, at least one, shape ``(len(texts), dimension)``; ``embed`` computes those not known."""
        with self._lock:
            known = {text: self._vectors[text] for text in texts if text in self._vectors}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            # Copies, so that one remembered vector does not keep all that were computed with it in memory.
            known |= {text: vector.copy() for text, vector in zip(missing, embed(missing), strict=True)}
        self._remember(known)
        return np.stack([known[text] for text in texts])

    def _remember(self, used: dict[str, Floats]) -> None:
        with self._lock:
            for text, vector in used.items():
                self._vectors[text] = vector
                self._vectors.move_to_end(text)
            while len(self._vectors) > self._most:
                self._vectors.popitem(last=False)
