"""Numbers and dates of a text in one form, so that two texts can be compared: 二〇二五年, 2025年 and 2025 are one year.

Kanji numerals are read by ``rag.language.terms``, so 一方 and 十分 are no numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rag.language.terms import normalize, term_spans


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its unit: years and months are counted in months, shares in percent.

    Attributes:
        value: in the unit.
        unit: a canonical unit; empty if it has none, or one that tells little (つ, 個, …).
        written: as the text has it.
    """

    value: float
    unit: str
    written: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Date:
    """A date, or the parts of one that are given."""

    year: int | None
    month: int | None
    day: int | None
    written: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Quantities:
    """All numbers and dates of a text."""

    numbers: tuple[Number, ...]
    dates: tuple[Date, ...]

    def missing(self, sources: Quantities) -> tuple[list[Number], list[Date]]:
        """The numbers and the dates that ``sources`` does not hold."""
        numbers = [n for n in self.numbers if not sources.has_number(n)]
        return numbers, [d for d in self.dates if not sources.has_date(d)]

    def has_number(self, wanted: Number) -> bool:
        """Whether it is here, in the same unit or one that could be."""
        if any(_same(n.value, wanted.value) and _may_be(n.unit, wanted.unit) for n in self.numbers):
            return True
        parts = {part for d in self.dates for part in (d.year, d.month, d.day)}
        return not wanted.unit and wanted.value in parts

    def has_date(self, wanted: Date) -> bool:
        """Whether a date here has all its parts; the year may stand elsewhere if a day or month is given without."""
        if wanted.month is None and wanted.day is None:
            return self._has_year(wanted.year)
        return any(
            (wanted.month in (None, d.month) and wanted.day in (None, d.day))
            and (wanted.year in (None, d.year) or (d.year is None and self._has_year(wanted.year)))
            for d in self.dates
        )

    def _has_year(self, year: int | None) -> bool:
        return any(d.year == year for d in self.dates) or any(n.value == year and not n.unit for n in self.numbers)


def quantities(text: str, language: str, *, ordinals: bool = False) -> Quantities:
    """The numbers and dates of a text.

    Args:
        text: any text.
        language: ISO 639-1 code, which tells where number words are read.
        ordinals: also read *second* as a two, since 二台目 may be said of it.
    """
    plain = _with_digits(text, language)
    if ordinals:
        plain = _ORDINALS.sub(lambda match: f"{match[0]} {_ORDINAL_WORDS[match[0].lower()]} ", plain)
    dates: list[Date] = []
    for pattern in _DATES:
        plain = pattern.sub(lambda match: _taken(match, dates), plain)
    plain = _YEARS_AND_HALF.sub(lambda m: f"{float(m[1]) * 12 + 6:g} months", plain)
    plain = _HALF_YEAR.sub(" 6 months ", plain)
    numbers = [number for match in _NUMBER.finditer(plain) if (number := _number(match)) is not None]
    dates += [Date(int(n.value), None, None, n.written) for n in numbers if _is_year(n)]
    return Quantities(tuple(n for n in numbers if not _is_year(n)), tuple(dates))


def _is_year(number: Number) -> bool:
    return (
        not number.unit
        and 1400 <= number.value <= 2199
        and number.value == int(number.value)
        and "," not in number.written
    )


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-9 * max(1.0, abs(a), abs(b))


def _may_be(unit: str, other: str) -> bool:
    return unit == other or not unit or not other


# Numerals ------------------------------------------------------------------------------------------------------------

_PEOPLE = str.maketrans({"一": "1", "二": "2"})
_TWO_PEOPLE = re.compile(r"[一二]人")
_UNITS_AND_TEENS = re.split(
    " ",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen",
)
_TENS = re.split(" ", "twenty thirty forty fifty sixty seventy eighty ninety")
_WORDS = dict(zip([*_UNITS_AND_TEENS, *_TENS], [*range(20), *range(20, 100, 10)], strict=True))
_SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_WORD = "|".join([*_WORDS, *_SCALES])
_SPELLED = re.compile(rf"(?<![A-Za-z-])(?:{_WORD})(?:(?:\s+and\s+|[\s-]+)(?:{_WORD}))*(?![A-Za-z-])", re.IGNORECASE)
_SCALED = re.compile(rf"(?<!\d)(?<!\d,)(\d[\d,]*(?:\.\d+)?)[\s-]{{0,9}}({'|'.join(_SCALES)})\b", re.IGNORECASE)
_HALVES = re.compile(r"\b(?:a|one)\s+(year|month)s?\s+and\s+a\s+half\b", re.IGNORECASE)
_LONE = {"one"}


def _with_digits(text: str, language: str) -> str:
    """The text with every numeral in digits."""
    plain = _TWO_PEOPLE.sub(lambda match: match[0].translate(_PEOPLE), normalize(text))
    pieces, position = [], 0
    for start, end, term in term_spans(plain, language):
        if (
            start >= position
            and re.fullmatch(r"\d+(?:\.\d+)?", term)
            and not _counts_nothing(plain[start:end], plain[end : end + 1])
        ):
            pieces += [plain[position:start], term]
            position = end
    plain = "".join([*pieces, plain[position:]])
    if language != "ja":
        plain = _HALVES.sub(lambda m: f"{18 if m[1].lower() == 'year' else 1.5} months", plain)
        plain = _SPELLED.sub(_spelled, plain)
    return _SCALED.sub(lambda m: f"{float(m[1].replace(',', '')) * _SCALES[m[2].lower()]:.15g}", plain)


def _counts_nothing(written: str, following: str) -> bool:
    """一つ, 一種 and the like count nothing."""
    return written == "一" and following in ("", *"つ種方部歩気")


def _spelled(match: re.Match[str]) -> str:
    words = [word for word in re.split(r"[\s-]+", match[0].lower()) if word != "and"]
    if len(words) == 1 and (words[0] in _LONE or words[0] in _SCALES):
        return match[0]
    total = current = 0
    for word in words:
        if word in _WORDS:
            current += _WORDS[word]
        elif word == "hundred":
            current = max(current, 1) * 100
        else:
            total, current = total + max(current, 1) * _SCALES[word], 0
    return str(total + current)


_ORDINAL_WORDS = dict(
    zip(re.split(" ", "second third fourth fifth sixth seventh eighth ninth tenth"), range(2, 11), strict=True)
)
_ORDINALS = re.compile(rf"\b(?:{'|'.join(_ORDINAL_WORDS)})\b", re.IGNORECASE)
_YEARS_AND_HALF = re.compile(r"(?<!\d)(\d+(?:\.\d+)?)\s*年半")
_HALF_YEAR = re.compile(r"半年間?|\bhalf\s+a\s+year\b", re.IGNORECASE)


# Units ---------------------------------------------------------------------------------------------------------------

# Longer units come first where one begins another.
_UNITS = {
    "year": "年間|年|years?|yrs?",
    "month": "[ヶケカか箇ヵ]月間?|months?",
    "week": "週間?|weeks?",
    "day": "日間?|days?",
    "hour": "時間|hours?|hrs?",
    "minute": "分間?|minutes?|mins?",
    "second": "秒間?|seconds?|secs?",
    "o'clock": "時|o'clock|[ap]\\.?m\\b",
    "percent": "%|パーセント|percent|per cent|pct",
    "tenth": "割",
    "yen": "円|yen|jpy",
    "dollar": "米?ドル|dollars?|usd",
    "euro": "ユーロ|euros?|eur",
    "person": "人|名|people|persons?",
    "company": "社|companies|company|firms?",
    "country": "[ヶケカか箇ヵ]国|countries|country|nations?",
    "fold": "倍|times|-?fold",
    "degree": "度|degrees?|℃|°",
    "metre": "メートル|m\\b|met(?:er|re)s?",
    "kilometre": "キロメートル|km\\b|kilomet(?:er|re)s?",
    "century": "世紀|century|centuries",
    "gram": "グラム|g\\b|grams?",
    "kilogram": "キログラム|キロ|kg\\b|kilograms?|kilos?",
    "point": "点|ポイント|points?",
    "book": "冊|books?|copies",
    "case": "件|cases?",
    "device": "台",
    "occasion": "回|度目",
    "piece": "本|枚|pieces?|sheets?",
    "place": "[ヶケカか箇ヵ]所|places?|locations?",
    "station": "駅|stations?",
    "shop": "店舗?|shops?|stores?",
    "school": "校|schools?",
    "kind": "種類?|kinds?|types?",
    "floor": "階|floors?|storeys?|stories",
    "rank": "位",
}
_UNIT = re.compile("|".join(f"(?P<u{i}>{pattern})" for i, pattern in enumerate(_UNITS.values())), re.IGNORECASE)
_UNIT_NAMES = tuple(_UNITS)
_IN = {"year": (12.0, "month"), "tenth": (10.0, "percent")}
_LONG = re.compile(r"(?<![\d.])\d{5,}(?![\d.])")
_CURRENCY = {"$": "dollar", "¥": "yen", "€": "euro"}
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9.])(?<![A-Za-z][-/_])([$¥€]?)(\d[\d,]*(?:\.\d+)?)(?:st|nd|rd|th|s)?(?![0-9A-Za-z]*[-/_]?[A-Z][A-Z0-9])"
)


def _number(match: re.Match[str]) -> Number | None:
    try:
        value = float(match[2].replace(",", "").rstrip("."))
    except ValueError:
        return None
    following = match.string[match.end() :]
    joined = re.sub(r"^[\s-]{1,2}", "", following)
    found = _UNIT.match(joined)
    unit = _CURRENCY.get(match[1], "")
    if (
        not unit
        and found
        and (not following[:1].isspace() or joined[:1].isascii())
        and not _is_inside_word(joined, found)
    ):
        unit = _UNIT_NAMES[int((found.lastgroup or "u0")[1:])]
    if unit == "degree" and found and found[0] == "度" and value < 10:
        unit = "occasion"  # 一度, 三度
    factor, base = _IN.get(unit, (1.0, unit))
    written = match[0] + (
        following[: len(following) - len(joined)] + found[0] if found and unit and not match[1] else ""
    )
    return Number(value * factor, base, _LONG.sub(lambda digits: f"{int(digits[0]):,}", written.strip()))


def _is_inside_word(text: str, unit: re.Match[str]) -> bool:
    """Whether Latin letters go on behind what looked like a unit: 3 times, but not 3 timers."""
    return (
        unit[0][-1:].isascii()
        and unit[0][-1:].isalpha()
        and text[unit.end() : unit.end() + 1].isalpha()
        and text[unit.end()].isascii()
    )


# Dates ---------------------------------------------------------------------------------------------------------------

ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867}
_MONTHS = {
    name: number
    for number, spellings in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sept sep", "october oct", "november nov", "december dec"), 1,
    )
    for name in spellings.split()
}  # fmt: skip
_MONTH = rf"(?P<name>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b\.?"
_ORDINAL = "(?:st|nd|rd|th)?"
_DATES = (
    re.compile(
        r"(?P<era>令和|平成|昭和|大正|明治)(?P<year>\d{1,2}|元)年(?:\s*(?P<month>\d{1,2})月)?(?:\s*(?P<day>\d{1,2})日)?"
    ),
    re.compile(r"(?P<year>\d{4})\s*年(?!間)(?:\s*(?P<month>\d{1,2})月)?(?:\s*(?P<day>\d{1,2})日)?"),
    re.compile(r"(?<!\d)(?P<month>1[0-2]|0?[1-9])月(?:\s*(?P<day>\d{1,2})日)?"),
    re.compile(
        r"(?<![\d/-])(?P<year>(?:1[4-9]|2[01])\d\d)[-/.](?P<month>1[0-2]|0?[1-9])(?:[-/.](?P<day>3[01]|[12]\d|0?[1-9]))?(?![\d/-])"
    ),
    re.compile(
        rf"\b{_MONTH}\s+(?P<day>3[01]|[12]\d|0?[1-9]){_ORDINAL}\b(?!,\d)(?:,?\s+(?P<year>\d{{4}})\b)?", re.IGNORECASE
    ),
    re.compile(
        rf"\b(?P<day>3[01]|[12]\d|0?[1-9]){_ORDINAL}\s+(?:of\s+)?{_MONTH}(?:,?\s+(?P<year>\d{{4}})\b)?", re.IGNORECASE
    ),
    re.compile(rf"\b{_MONTH},?\s+(?:of\s+)?(?P<year>\d{{4}})\b", re.IGNORECASE),
    re.compile(r"\b(?P<name>January|February|April|June|July|August|September|October|November|December)\b"),
)


def _taken(match: re.Match[str], dates: list[Date]) -> str:
    """Notes a date and takes it out of the text, so that its parts are not read as numbers too."""
    found = match.groupdict()
    year = 1 if found.get("year") == "元" else int(found.get("year") or 0)
    month = _MONTHS[found["name"].lower()] if found.get("name") else int(found.get("month") or 0)
    dates.append(
        Date(
            year + ERAS.get(found.get("era") or "", 0) or None,
            month or None,
            int(found.get("day") or 0) or None,
            match[0].strip(),
        )
    )
    return " ; "
