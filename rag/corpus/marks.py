"""The marks that items of lists begin with, and how deep they are nested."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from rag.corpus.cleaning.lines import Line

NUMERAL = "[0-9０-９]{1,3}"
_TIME = "[0-9０-９]{1,2}[:：時][0-9０-９]{2}分?"
_MARKS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("bullet", r"[-*+–—]\s+(?=\S)|－\s*(?=[^\s\d０-９－])|[・•◦‣●○◯◎■□▪▫◆◇▶▷►➢✓✔☐☑]\s*(?=\S)"),
        ("step", rf"(?:手順|ステップ|[Ss]tep|STEP)\s*{NUMERAL}[.．:：)）]?\s*(?=\S)"),
        ("number-in-brackets", rf"(?:[(（〔]{NUMERAL}[)）〕]|[⑴-⒇])\s*(?=\S)"),
        ("circled", r"[①-⑳❶-❿㋐-㋾]\s*(?=\S)"),
        (
            "number",
            rf"(?:{NUMERAL}[.．)）、]|[⒈-⒛])(?:\s*(?=[^\s\d０-９])|[ 　]+(?={NUMERAL}[^\W\d]))"
            rf"|[０-９]{{1,2}}[ 　]+(?=[^\s\d０-９])"
            r"|\d{1,2}　+(?=[^\s\d])",
        ),
        ("kanji-in-brackets", r"[(（][一二三四五六七八九十]{1,3}[)）]\s*(?=\S)"),
        ("kanji", r"[一二三四五六七八九十]{1,3}[.．、　 ]\s*(?=\S)"),
        ("kana", r"(?:[(（][ア-ンｱ-ﾝ][)）]|[ア-ンｱ-ﾝ][.．、)）　 ])\s*(?=\S)"),
        ("letter", r"(?:[(（][a-zA-Z][)）]|[a-zA-Z][.)）])\s+(?=\S)"),
        (
            "named",
            rf"(?!令和|平成|昭和|大正|明治)(?:[^\W\d_]{{1,6}}\s?{NUMERAL}[ 　](?=[^\s\d０-９])"
            rf"|(?:議題|議案|資料|別紙|別添|論点|課題|報告|協議|審議|事項|案)\s?{NUMERAL}\s?[.．:：、)）]\s*(?=\S)"
            rf"|第\s?{NUMERAL}\s?(?:号議案|[回日期班部組])[ 　:：]+(?=\S))",
        ),
        ("day", r"[0-9０-９]{1,2}[/／月][0-9０-９]{1,2}日?(?:\s?[(（][月火水木金土日祝・]{1,3}[)）])?[ 　:：…]+(?=\S)"),
        (
            "time",
            rf"{_TIME}(?:\s?[-~〜～–]\s?(?:{_TIME})?)?[ 　…]+(?=\S)",
        ),
    )
)
_UNORDERED = frozenset(("bullet", "day", "time"))
_ORDERED = frozenset(name for name, _ in _MARKS) - _UNORDERED
_NAME = re.compile(r"[^\W\d_]{1,6}(?=\s?\d)")
_FIRST = re.compile(r"\D{0,8}0?1(?!\d)|[(]?[一アイaA](?![一-鿿ぁ-ヿ])|[①❶㋐]|第\s?1\D")
_NUMBER = re.compile(r"(?P<number>\d{1,2})[ 　]+(?=[^\s\d０-９.,%/:年月日])")
_MOST_ITEMS = 99


def mark_of(line: Line) -> str:
    """What kind of mark a line begins with, and which bullet or word (議題); empty if it has none."""
    name = next((name for name, pattern in _MARKS if pattern.match(line.text)), "")
    if name == "named":
        word = _NAME.match(line.text)
        return name + (word[0] if word else line.text[0])
    return name + line.text[0] if name == "bullet" else name


def is_first(line: Line, mark: str) -> bool:
    """Whether items of this mark may begin here: it has no order, or it is 1, 一, ア, a or the like."""
    head = unicodedata.normalize("NFKC", line.text[:12]) if not mark.startswith("circled") else line.text
    return mark.startswith(tuple(_UNORDERED)) or _FIRST.match(head) is not None


_INSIDE = re.compile(rf"(?:^|(?<=[\s　]))(?:[(（〔](?P<number>{NUMERAL})[)）〕]|(?P<sign>[⑴-⒇①-⑳]))\s*(?=\S)")


def items_in(text: str) -> list[tuple[int, int]]:
    """The items of a line that holds several, numbered in brackets or circles and counting up; empty if it does not."""
    found = list(_INSIDE.finditer(text))
    numbers = [int(match["number"]) if match["number"] else int(unicodedata.numeric(match["sign"])) for match in found]
    if len(found) < 2 or found[0].start() != 0 or numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        return []
    ends = [match.start() for match in found[1:]] + [len(text)]
    return [(match.start(), len(text[:end].rstrip())) for match, end in zip(found, ends, strict=True)]


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
