"""Marks of footnotes and endnotes: what they are called, where they stand in a sentence, and words without them."""

from __future__ import annotations

import re

_AT_END = re.compile(r"(?:（(?:注|文末脚注)[^\s（）]{1,12}）){1,9}$")
_ENDS = tuple("。．.！？!?")


def note_names(*, both: bool) -> tuple[str, str]:
    """What footnotes and endnotes are called; they are told apart in a document that has both."""
    return "注", "文末脚注" if both else "注"


def add_note(pieces: list[str], mark: str) -> None:
    """Append the mark of a note; before the end of a sentence that it stands behind, for it belongs to that one."""
    if mark and pieces and pieces[-1].endswith(_ENDS):
        mark = mark + pieces[-1][-1]
        pieces[-1] = pieces[-1][:-1]
    pieces.append(mark)


def without_marks(words: str) -> tuple[str, str]:
    """Words, and the marks of notes that stand behind them."""
    match = _AT_END.search(words)
    return (words[: match.start()], match[0]) if match else (words, "")
