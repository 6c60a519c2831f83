"""Dates, times and elapsed times as a spreadsheet shows them, Japanese eras too (ECMA-376 Part 1, 18.8.31)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

Part = tuple[str, str]
"""Kind and words of a token of :mod:`rag.corpus.formats.number_formats`."""

_ERAS = (
    (date(2019, 5, 1), "R", "令和"),
    (date(1989, 1, 8), "H", "平成"),
    (date(1926, 12, 25), "S", "昭和"),
    (date(1912, 7, 30), "T", "大正"),
    (date(1868, 1, 25), "M", "明治"),
)
_DAYS = "月火水木金土日"
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LAST_DAY = 2_958_466  # the first of the year 10000
_CHINESE = ("404", "804", "zh")
_HALVES = ("午前", "午後")
_LONG_DATE: Sequence[Part] = [
    ("date", "yyyy"), ("literal", "年"), ("date", "m"), ("literal", "月"), ("date", "d"), ("literal", "日"),
]  # fmt: skip
_TIME: Sequence[Part] = [("date", "h"), ("literal", ":"), ("date", "mm"), ("literal", ":"), ("date", "ss")]
_OF_SYSTEM = {"f800": _LONG_DATE, "x-sysdate": _LONG_DATE, "f400": _TIME, "x-systime": _TIME}
"""What ``[$-F800]`` and ``[$-F400]`` show, whatever follows: the long date and the time of a system in Japanese."""


def moment(serial: float, *, from_1904: bool = False) -> datetime | None:
    """The date and time that a number of days stands for, to the millisecond; ``None`` where there is none.

    Excel takes 1900 for a leap year, as Lotus 1-2-3 did: days up to 60 are one later than they should be.
    """
    if not 0 <= serial < _LAST_DAY:
        return None
    start = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 31) if serial < 60 else datetime(1899, 12, 30)
    days = int(serial)
    milliseconds = round((serial - days) * 86_400_000)
    try:
        return start + timedelta(days=days, milliseconds=milliseconds)
    except OverflowError:
        return None


def shown_date(serial: float, parts: Sequence[Part], locale: str, *, from_1904: bool = False) -> str | None:
    """A number of days as the parts of a format show it; ``None`` if it is no date.

    Args:
        locale: of the format, in lower case. With that of Japan, halves of the day, months and days of the week are in
            Japanese: ``[$-411]AM/PM h:mm`` shows 午後 3:30.
    """
    parts = _OF_SYSTEM.get(locale, parts)
    is_japanese = is_of_japan(locale)
    elapsed = any(kind == "elapsed" for kind, _ in parts)
    if elapsed and serial < 0:
        whole = shown_date(-serial, parts, locale, from_1904=from_1904)
        return whole and f"-{whole}"
    when = moment(serial, from_1904=from_1904)
    if when is None:
        return None
    decimals = max((len(words) - 1 for kind, words in parts if kind == "second"), default=0)
    if not decimals:
        when = (when + timedelta(milliseconds=500)).replace(microsecond=0)
    seconds = round(serial * 86_400)
    in_halves = any(kind == "ampm" for kind, _ in parts)
    pieces = []
    for index, (kind, words) in enumerate(parts):
        if kind == "date":
            pieces.append(_dated(when, words.lower(), _is_minute(parts, index), in_halves, locale))
        elif kind == "elapsed":
            pieces.append(_elapsed(seconds, words, parts[index + 1 :]))
        elif kind == "ampm":
            first, _, second = words.partition("/")
            halves = _HALVES if is_japanese and words.upper() == "AM/PM" else (first, second)
            pieces.append(halves[when.hour >= 12])
        elif kind == "second":
            pieces.append(f"{when.microsecond / 1e6:.{decimals}f}"[1:] if when.microsecond < 999_500 else "")
        else:
            pieces.append(words)
    return "".join(pieces)


def is_of_japan(locale: str) -> bool:
    """Whether the locale of a format is that of Japan: 411, ja-JP, or one with a calendar before it (30411)."""
    return locale.startswith("ja") or locale.split(",")[0].endswith("411")


def _elapsed(seconds: int, words: str, following: Sequence[Part]) -> str:
    """Hours, minutes or seconds in all."""
    whole = {"h": seconds // 3600, "m": seconds // 60, "s": seconds}[words[0]]
    return f"{whole:0{len(words)}}"


def _is_minute(parts: Sequence[Part], index: int) -> bool:
    """Whether an ``m`` stands for minutes: behind hours or before seconds."""
    before = [words for kind, words in parts[:index] if kind in ("date", "elapsed")]
    after = [words for kind, words in parts[index + 1 :] if kind in ("date", "elapsed")]
    return (bool(before) and before[-1][0] in "hH") or (bool(after) and after[0][0] in "sS")


def _dated(when: datetime, words: str, is_minute: bool, in_halves: bool, locale: str) -> str:
    size = len(words)
    match words[0]:
        case "y":
            return f"{when.year:04}" if size > 2 else f"{when.year % 100:02}"
        case "m" if is_minute:
            return f"{when.minute:0{min(size, 2)}}"
        case "m" if size > 2 and is_of_japan(locale):
            return f"{when.month}" + ("月" if size == 4 else "")
        case "m":
            name = _MONTHS[when.month - 1]
            return f"{when.month:0{size}}" if size < 3 else {3: name[:3], 4: name}.get(size, name[0])
        case "d" if size > 2 and is_of_japan(locale):
            return _DAYS[when.weekday()] + ("曜日" if size > 3 else "")
        case "d":
            name = _WEEKDAYS[when.weekday()]
            return f"{when.day:0{size}}" if size < 3 else name[:3] if size == 3 else name
        case "a":
            return _DAYS[when.weekday()] + ("曜日" if size > 3 else "")
        case "h":
            return f"{(when.hour - 1) % 12 + 1 if in_halves else when.hour:0{min(size, 2)}}"
        case "s":
            return f"{when.second:0{min(size, 2)}}"
        case "g":
            letter, name = _era(when)[1:]
            return letter if size == 1 else name[0] if size == 2 else name
        case "e" if not locale.startswith(_CHINESE):
            year = when.year - _era(when)[0].year + 1
            return "元" if year == 1 and "gannen" in locale else f"{year:0{min(size, 2)}}"
        case "b":
            return str(when.year + 543)
    return str(when.year)


def _era(when: datetime) -> tuple[date, str, str]:
    return next((era for era in _ERAS if when.date() >= era[0]), _ERAS[-1])
