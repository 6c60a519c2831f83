"""MeCab with UniDic, as everything that reads Japanese words shares it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_idle: list[Any] = []
"""Taggers that nobody uses. One of each thread would be lost with it: fugashi lets go of no tagger, and each has the
dictionary mapped for itself, of which 50 MB are soon in memory."""


@contextmanager
def tagger() -> Iterator[Any]:
    """A MeCab tagger, the caller's own until the block ends.

    It keeps its last sentence inside: nodes are read before the next is given to it, and before the block ends.
    """
    try:
        lent = _idle.pop()
    except IndexError:
        lent = _made()
    try:
        yield lent
    finally:
        _idle.append(lent)


def _made() -> Any:
    import fugashi
    import unidic_lite

    # Without the dictionary's own file of settings MeCab looks for one of the system, and fails without.
    settings = Path(unidic_lite.DICDIR) / "mecabrc"
    return fugashi.GenericTagger(f'-r "{settings}" -d "{unidic_lite.DICDIR}"')
