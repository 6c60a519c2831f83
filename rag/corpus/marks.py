"""The marks that items of lists begin with, and how deep they are nested."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.corpus.cleaning.lines import Line

NUMERAL = "[0-9０-９]{1,3}"
_MARKS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("bullet", r"[-*+–—]\s+(?=\S)|－\s*(?=[^\s\d０-９])|[・•‣●○◯◎■□▪▫◆◇▶▷►➢✓✔☐☑]\s*(?=\S)"),
        ("step", rf"(?:手順|ステップ|[Ss]tep|STEP)\s*{NUMERAL}[.．:：)）]?\s*(?=\S)"),
        ("number-in-brackets", rf"[(（〔]{NUMERAL}[)）〕]\s*(?=\S)"),
        ("circled", r"[①-⑳❶-❿㋐-㋾]\s*(?=\S)"),
        (
            "number",
            rf"{NUMERAL}[.．)）、]\s*(?=[^\s\d０-９])|[０-９]{{1,2}}[ 　]+(?=[^\s\d０-９])|\d{{1,2}}　+(?=[^\s\d])",
        ),
        ("kanji-in-brackets", r"[(（][一二三四五六七八九十]{1,3}[)）]\s*(?=\S)"),
        ("kanji", r"[一二三四五六七八九十]{1,3}[.．、　 ]\s*(?=\S)"),
        ("kana", r"(?:[(（][ア-ンｱ-ﾝ][)）]|[ア-ンｱ-ﾝ][.．、)）　 ])\s*(?=\S)"),
        ("letter", r"(?:[(（][a-zA-Z][)）]|[a-zA-Z][.)）])\s+(?=\S)"),
    )
)
_ORDERED = frozenset(name for name, _ in _MARKS) - {"bullet"}
_NUMBER = re.compile(r"(?P<number>\d{1,2})[ 　]+(?=[^\s\d０-９.,%/:年月日])")
_MOST_ITEMS = 99


def mark_of(line: Line) -> str:
    """What kind of mark a line begins with, and which bullet; empty if it has none."""
    name = next((name for name, pattern in _MARKS if pattern.match(line.text)), "")
    return name + line.text[0] if name == "bullet" else name


def is_marked(item: str) -> bool:
    """Whether an item begins with a mark of its own: a bullet, a number, a letter."""
    return any(pattern.match(item) for _, pattern in _MARKS)


def is_numbered(item: str) -> bool:
    """Whether an item begins with a mark that has an order."""
    return any(name in _ORDERED and pattern.match(item) for name, pattern in _MARKS)


def counted(lines: Sequence[Line], index: int) -> int:
    """How many lines from there on begin with bare numbers that count up from 1: ``1 水の備蓄``, ``2 訓練の日``."""
    count = 0
    while index + count < len(lines) and count < _MOST_ITEMS:
        match = _NUMBER.match(lines[index + count].text)
        if match is None or int(match["number"]) != count + 1 or (count and lines[index + count].after_blank):
            break
        count += 1
    return count if count > 1 else 0


def depths_of(marks: Sequence[str]) -> list[int]:
    """How deep each item is nested: a mark that is new goes deeper, one that stands further out comes back to it."""
    open_marks: list[str] = []
    depths = []
    for mark in marks:
        if mark in open_marks:
            del open_marks[open_marks.index(mark) + 1 :]
        else:
            open_marks.append(mark)
        depths.append(len(open_marks) - 1)
    return depths
