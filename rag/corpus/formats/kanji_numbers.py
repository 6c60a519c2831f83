"""Numbers as a spreadsheet writes them in kanji: ``[DBNum1]`` (千二百三十四) and ``[DBNum2]`` (壱阡弐百参拾四)."""

from __future__ import annotations

import re

_RUN = re.compile(r"\d+(?:\.\d+)?")
_YEAR = 4  # digits, which a date shows one by one
_MOST_DIGITS = 16
_DIGITS = {1: "〇一二三四五六七八九", 2: "〇壱弐参四伍六七八九"}
_UNITS = {1: ("", "十", "百", "千"), 2: ("", "拾", "百", "阡")}
_MYRIADS = {1: ("", "万", "億", "兆"), 2: ("", "萬", "億", "兆")}


def in_kanji(words: str, style: int, *, one_by_one: bool, is_date: bool) -> str:
    """Words with their numbers in kanji.

    Args:
        style: 1 or 2, as ``DBNum`` has it.
        one_by_one: whether each digit stands for itself, as where the format has places for digits.
        is_date: whether numbers of four digits are years.
    """

    def written(match: re.Match[str]) -> str:
        whole, _, decimals = match.group().partition(".")
        single = one_by_one or len(whole) > _MOST_DIGITS or (is_date and len(whole) >= _YEAR)
        left = _single(whole, style) if single else _counted(whole, style)
        return left + ("." + _single(decimals, style) if decimals else "")

    return _RUN.sub(written, words)


def _single(digits: str, style: int) -> str:
    return "".join(_DIGITS[style][int(digit)] for digit in digits)


def _counted(digits: str, style: int) -> str:
    """As one counts; the first style has no 一 before 十, 百 and 千, but where 万 or 億 follow 千."""
    groups = [digits[max(0, end - 4) : end] for end in range(len(digits), 0, -4)]
    pieces = []
    for myriad, group in reversed(list(enumerate(groups))):
        words = ""
        for place, digit in enumerate(reversed(group)):
            if digit == "0":
                continue
            bare = style == 1 and digit == "1" and place > 0 and not (place == 3 and myriad)
            words = ("" if bare else _DIGITS[style][int(digit)]) + _UNITS[style][place] + words
        pieces.append(words + _MYRIADS[style][myriad] if words else "")
    return "".join(pieces) or _DIGITS[style][0]
