"""Dates as documents and people write them, in one form that sorts: ``2024``, ``2024-05`` or ``2024-05-01``."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from pathlib import Path

from rag.language.quantities import ERAS

_WESTERN = re.compile(r"(?<!\d)(\d{4})(?!\d)(?:[-/.年 ]{1,2}(\d{1,2})(?:[-/.月 ]{1,2}(\d{1,2})(?!\d))?)?")
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d\d)(\d\d)(?=\d{6}|\D|$)")
_JAPANESE = re.compile(r"(明治|大正|昭和|平成|令和)\s*(\d{1,2}|元)年(?:\s*(\d{1,2})月(?:\s*(\d{1,2})日)?)?")
_LETTER = re.compile(r"(?<![A-Za-z0-9])([MTSHR])\s?(\d{1,2}|元)[.年/-]\s?(\d{1,2})(?:[.月/-]\s?(\d{1,2})(?!\d))?")
_ERA_OF = {"M": "明治", "T": "大正", "S": "昭和", "H": "平成", "R": "令和"}
_KANJI_DATE = re.compile(
    r"(?<=[治正和成])([〇一二三四五六七八九十]{1,4})年([一二三四五六七八九十]{1,3})月"
    r"(?:([一二三四五六七八九十]{1,3})日)?"
)
_KANJI = {kanji: value for value, kanji in enumerate("〇一二三四五六七八九")}


def normal_date(written: str) -> str:
    """``2024``, ``2024-05`` or ``2024-05-01`` for the first date in a text, as exact as it is; empty if there is none.

    Read are years of four digits with ``-``, ``/``, ``.`` or ``年月日``, eight digits, and Japanese eras since Meiji,
    in kanji and by their letters (R6.4.1) too.
    """
    text = unicodedata.normalize("NFKC", written)
    if "年" in text:
        text = _KANJI_DATE.sub(_with_digits, text)
    if era := _JAPANESE.search(text) or _LETTER.search(text):
        year = ERAS[_ERA_OF.get(era[1], era[1])] + (1 if era[2] == "元" else int(era[2]))
        return _joined(year, era[3], era[4])
    found = _COMPACT.search(text) or _WESTERN.search(text)
    return _joined(int(found[1]), found[2], found[3]) if found else ""


def _joined(year: int, month: str | None, day: str | None) -> str:
    """The parts as far as they make a date."""
    try:
        if month and day:
            return date(year, int(month), int(day)).isoformat()
        if month:
            return date(year, int(month), 1).isoformat()[:7]
        return date(year, 1, 1).isoformat()[:4]
    except ValueError:
        return _joined(year, month, None) if day else _joined(year, None, None) if month else ""


def _with_digits(match: re.Match[str]) -> str:
    return "".join(_in_digits(part) + unit for part, unit in zip(match.groups(), "年月日", strict=True) if part)


def _in_digits(kanji: str) -> str:
    """A number from 1 to 99 in kanji."""
    tens, ten, ones = kanji.rpartition("十")
    if ten:
        return str((_KANJI.get(tens, 1) if tens else 1) * 10 + _KANJI.get(ones, 0))
    return "".join(str(_KANJI[each]) for each in kanji)


def modified(path: Path) -> str:
    """The day a file, or the archive it stands in, was written last, in UTC; empty if it cannot be told."""
    for file in (path, *path.parents):
        try:
            if file.is_file():
                return datetime.fromtimestamp(file.stat().st_mtime, UTC).date().isoformat()
        except (OSError, OverflowError, ValueError):
            return ""
    return ""
