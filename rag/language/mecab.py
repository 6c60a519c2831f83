"""MeCab with UniDic, as everything that reads Japanese words shares it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

_LENT = threading.Lock()
"""Held by who has the tagger. There is one: fugashi lets go of none, each has the dictionary mapped for itself, of
which 200 MB are in memory after an hour's questions, and two could not parse at once, for want of the interpreter."""


@contextmanager
def tagger() -> Iterator[Any]:
    """The MeCab tagger, the caller's own until the block ends; no block stands in another, nor gives anything out.

    It keeps its last sentence inside: nodes are read before the next is given to it, and before the block ends.
    """
    with _LENT:
        yield _made()


@cache
def _made() -> Any:
    import fugashi
    import unidic_lite

    # Without the dictionary's own file of settings MeCab looks for one of the system, and fails without.
    settings = Path(unidic_lite.DICDIR) / "mecabrc"
    return fugashi.GenericTagger(f'-r "{settings}" -d "{unidic_lite.DICDIR}"')
