"""Ranges in cells and heads of tables, as 4年以上7年未満, 7日前から2日前 and 10名以上, and what falls into them."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.answer.question import Condition, Question
from rag.answer.question.literals import conditions

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_TO = re.compile(r"(?:前|後)?\s*(?:から|より|以上|を?超え?て?|[〜~～ー–—-]|to|through)\s*[、,]?\s*$", re.IGNORECASE)
_BARE_TO = re.compile(r"(?<![\d,.])(?P<number>\d[\d,]*(?:\.\d+)?)\s*(?:[〜~～ー–—-]|から|to)\s*$", re.IGNORECASE)
_FROM = re.compile(
    r"\s*(?:前|後)?\s*(?:(?P<open>を?超|を?上回|より(?:多|大|長|重))|以上|以降|から|[〜~～]|or more|and over|\+)", re.I
)
_UP_TO = re.compile(
    r"\s*(?P<before>前)?\s*(?:(?P<open>未満|を?下回|より(?:少|小|短|軽))|以下|以内|まで|or less|and under)", re.I
)
_LESS_THAN = re.compile(r"(?:(?P<open>under|less than|below|fewer than)|up to|[〜~～])\s*$", re.IGNORECASE)
_MORE_THAN = re.compile(r"(?:(?P<open>over|more than|above)|from|at least)\s*$", re.IGNORECASE)
_DAYS = (
    ("1日", re.compile(r"前日|\bday before\b|\bprevious day\b", re.IGNORECASE)),
    ("0日", re.compile(r"当日|\bsame day\b|\bday of\b|\bon the day\b", re.IGNORECASE)),
)
_SCALES = {
    "年": ("か月", 12.0),
    "週間": ("日", 7.0),
    "時間": ("分", 60.0),
    "トン": ("g", 1_000_000.0),
    "kg": ("g", 1000.0),
    "mg": ("g", 0.001),
    "km": ("m", 1000.0),
    "cm": ("m", 0.01),
    "mm": ("m", 0.001),
    "L": ("ml", 1000.0),
    "dl": ("ml", 100.0),
    "dL": ("ml", 100.0),
    "cc": ("ml", 1.0),
}


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds in ``unit``; infinite where there is none, and open where the bound itself does not count."""

    unit: str
    least: float = float("-inf")
    most: float = float("inf")
    is_above: bool = False
    is_below: bool = False

    def holds(self, value: float) -> bool:
        """Whether a value lies within."""
        return (
            self.least <= value <= self.most
            and not (self.is_above and value == self.least)
            and not (self.is_below and value == self.most)
        )


def falls_into(text: str, quantities: Sequence[Condition], head: str = "") -> bool | None:
    """Whether one of these quantities lies in the range that a cell or a head tells.

    A cell without a unit has that of its column's head, 距離（km）. ``None`` where it tells none of their unit.
    """
    found = (range_in(text) or _bare_range(text, head)) if quantities else None
    if found is None:
        return None
    told = _values_in(found.unit, quantities)
    return any(map(found.holds, told)) if told else None


def is_one_of(text: str, quantities: Sequence[Condition], head: str) -> bool | None:
    """Whether a bare number, in the unit that its head tells, is one of these: 6.0 under 作業半径（m）, for 6メートル.

    ``None`` where it is no number, or its head tells none of their unit.
    """
    number = unicodedata.normalize("NFKC", text).strip().replace(",", "") if quantities else ""
    if not _NUMBER.fullmatch(number):
        return None
    unit, scale = _unit_of(head)
    told = _values_in(unit, quantities) if unit else []
    return any(math.isclose(value, float(number) * scale) for value in told) if told else None


def _values_in(unit: str, quantities: Sequence[Condition]) -> list[float]:
    """The values of those of the quantities that are told in this unit."""
    found = (_measured(normal) for condition in quantities for normal in _readings(condition))
    return [value for value, other in found if other == unit]


@lru_cache(maxsize=4096)
def range_in(text: str) -> Range | None:
    """The range that a short text tells; ``None`` if it tells none."""
    plain = _with_days_before(unicodedata.normalize("NFKC", text))
    found = [(_measured(each.normal), each.start, each.end) for each in conditions(plain) if each.kind == "quantity"]
    if not found or len(found) > 2:
        return None
    (first, unit), start, end = found[0]
    before, behind = plain[:start], plain[end:]
    if len(found) == 2:
        (last, other), begins, ends = found[1]
        if unit != other or _TO.search(plain[end:begins]) is None:
            return None
        above = re.search("超", plain[end:begins]) is not None
        upper = _UP_TO.match(plain, ends)
        least, most = sorted((first, last))
        return Range(unit, least, most, above, upper is not None and upper["open"] is not None)
    if match := _BARE_TO.search(before):
        least, most = sorted((float(match["number"].replace(",", "")), first))
        return Range(unit, least, most)
    if match := _UP_TO.match(behind):
        if match["before"] and not match["open"]:  # 20日前まで: with so many days left, or more
            return Range(unit, least=first)
        return Range(unit, most=first, is_below=match["open"] is not None)
    if match := _FROM.match(behind):
        return Range(unit, least=first, is_above=match["open"] is not None)
    if match := _LESS_THAN.search(before):
        return Range(unit, most=first, is_below=match["open"] is not None)
    if match := _MORE_THAN.search(before):
        return Range(unit, least=first, is_above=match["open"] is not None)
    return None


_BARE_RANGE = re.compile(
    r"(?P<least>\d[\d,]*(?:\.\d+)?)?\s*(?P<from>以上|以降|から|を?超え?|[〜~～–-]|\+|or more|and over)?\s*"
    r"(?P<most>\d[\d,]*(?:\.\d+)?)?\s*(?P<to>未満|以下|以内|まで|or less|and under)?",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"[(（]([^()（）]{1,6})[)）]")


@lru_cache(maxsize=4096)
def _bare_range(text: str, head: str) -> Range | None:
    """The range of bare numbers that is all of a short text: 28以上31未満, 31以上, 10まで."""
    match = _BARE_RANGE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None or not (match["from"] or match["to"]) or not (match["least"] or match["most"]):
        return None
    is_upper = match["most"] is None and match["to"] is not None
    bounds = (None if is_upper else match["least"], match["least"] if is_upper else match["most"])
    least, most = (None if each is None else float(each.replace(",", "")) for each in bounds)
    unit, scale = _unit_of(head)
    return Range(
        unit,
        float("-inf") if least is None else least * scale,
        float("inf") if most is None else most * scale,
        match["from"] is not None and "超" in match["from"],
        match["to"] == "未満",
    )


@lru_cache(maxsize=1024)
def _unit_of(head: str) -> tuple[str, float]:
    """The unit that a head tells in brackets, and its size in the smaller one that measures the same."""
    told = _IN_BRACKETS.search(unicodedata.normalize("NFKC", head))
    found = conditions(f"1{told[1]}") if told else []
    if not found or found[0].kind != "quantity":
        return "", 1.0
    scale, unit = _measured(found[0].normal)
    return unit, scale


def _readings(condition: Condition) -> tuple[str, ...]:
    """The forms of a quantity; キロ may be of weight or of length."""
    normal = condition.normal
    return (normal, f"{normal.removesuffix('kg')}km") if condition.text.endswith("キロ") else (normal,)


def _with_days_before(text: str) -> str:
    """前日 and 当日 as 1日前 and 0日前, which can be compared."""
    return text.replace("前日", "1日前").replace("当日", "0日前")


_BARE_NUMBER = re.compile(r"(?<![\w.,/:-])\d{1,6}(?:\.\d+)?(?![\w.,/:%-]*\d|[A-Za-z_%])")


def quantities_of(question: Question) -> tuple[Condition, ...]:
    """The quantities that a question names; that it is the day before, or the day itself, is one too."""
    found = tuple(condition for condition in question.literals if condition.kind == "quantity")
    said = next(((match[0], days) for days, words in _DAYS if (match := words.search(question.text))), None)
    if said is not None:
        found += (Condition("quantity", *said),)
    taken = [each.text for each in question.literals if not (each.kind == "identifier" and " " in each.text)]
    bare = (match[0] for match in _BARE_NUMBER.finditer(unicodedata.normalize("NFKC", question.text)))
    return found + tuple(Condition("quantity", each, each) for each in bare if not any(each in text for text in taken))


def _measured(normal: str) -> tuple[float, str]:
    """The value and unit of a quantity in its one form, in the smaller unit of those that measure the same."""
    number = _NUMBER.match(normal)
    if number is None:
        return float("nan"), normal
    unit, scale = _SCALES.get(normal[number.end() :], (normal[number.end() :], 1.0))
    return float(number[0]) * scale, unit
