"""Characters that stand for others: radicals, old forms and those of names, and marks that show nothing by themselves.

A text is never changed: both what is looked for and what is found in are read by their usual forms.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

UNSEEN = re.compile("[\u00ad\u034f\u180b-\u180e\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]")
"""Variation selectors, joiners, soft hyphens and marks of direction."""


@lru_cache(maxsize=1)
def usual_forms() -> Mapping[int, str]:
    """For ``str.translate``: the usual form of each character that has one, of the same length."""
    text = files("rag.language").joinpath("variants.txt").read_text(encoding="utf-8")
    groups = [group for line in text.splitlines() if line[:1] not in ("#", "[") for group in line.split()]
    radicals = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}  # of Kangxi
    return radicals | {
        ord(form): group[0]
        for group in groups
        for form in group[1:]
        if unicodedata.normalize("NFKC", form) != unicodedata.normalize("NFKC", group[0])
    }


def usual(text: str) -> str:
    """The text in usual forms, without what is not seen."""
    return UNSEEN.sub("", text).translate(usual_forms())


_SAITO = re.compile("斉(?=[藤木田賀])")
"""In family names people write 斉 and 斎 for one another; elsewhere (一斉, 書斎) they are not the same."""


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Words as they are compared: NFKC, lower case, usual forms, no white space.

    Remembered: the heads and cells of a table, and headings, are compared once for each row and unit that has them.
    """
    return _SAITO.sub("斎", "".join(usual(unicodedata.normalize("NFKC", text)).casefold().split()))
