"""What stands for markup while a text is cut: as many characters, of which none is a word, so that offsets stay."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.corpus.document import Exclusion

_BREAKS = re.compile(
    r"\n|</?(?:p|div|li|ul|ol|dl|dt|dd|tr|table|thead|tbody|h[1-6]|summary|details|hr|section|blockquote|figcaption|pre)\b",
    re.IGNORECASE,
)
_PARTS_CELLS = re.compile(r"</?t[dh]\b", re.IGNORECASE)
_PARTS_WORDS = re.compile(r"<br\b", re.IGNORECASE)


def blanked(text: str, inline: Iterable[Exclusion], blank: str) -> str:
    """The text with blanks for these stretches, which are in its order."""
    pieces, position = [], 0
    for exclusion in inline:
        pieces += [text[position : exclusion.start], _blanks(text[exclusion.start : exclusion.end], blank)]
        position = exclusion.end
    return "".join([*pieces, text[position:]])


def _blanks(markup: str, blank: str) -> str:
    """As many blanks; the first is a line break, a tab or a space if a page would show one in its place.

    So rows of a table and items of a list that stand in a Markdown text as HTML are not glued to each other.
    """
    sign = "\n" if _BREAKS.search(markup) else "\t" if _PARTS_CELLS.search(markup) else ""
    sign = sign or (" " if _PARTS_WORDS.search(markup) else "")
    return sign + blank * (len(markup) - len(sign))
