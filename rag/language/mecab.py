"""MeCab with UniDic, as everything that reads Japanese words shares it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

_local = threading.local()


def tagger() -> Any:
    """One MeCab tagger per thread: it keeps its last sentence inside, so a list of nodes is read before the next."""
    if not hasattr(_local, "tagger"):
        import fugashi
        import unidic_lite

        # Without the dictionary's own file of settings MeCab looks for one of the system, and fails without.
        settings = Path(unidic_lite.DICDIR) / "mecabrc"
        _local.tagger = fugashi.GenericTagger(f'-r "{settings}" -d "{unidic_lite.DICDIR}"')
    return _local.tagger
