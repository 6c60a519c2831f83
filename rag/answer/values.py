"""Values in a text: amounts, dates, times, persons, codes. Which there are, and where each begins and ends."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from rag.answer.question import WantedType
from rag.corpus.blocks import Span
from rag.language.morphemes import morphemes

_DIGITS = r"[0-9０-９][0-9０-９,，.．]*"
_KANJI = "[一二三四五六七八九十百千〇零]"
_NUMBER = rf"(?:{_DIGITS}\s?(?:千|百)?(?:万|億|兆)?(?:[0-9０-９][0-9０-９,，]*(?:千|百)?)?|{_KANJI}+)"
_YEAR = rf"(?:(?:令和|平成|昭和|大正|明治|[RHS])\s?(?:元|{_NUMBER})|(?<!\d)(?:[12]\d{{3}}|[１２][０-９]{{3}}))\s?年度?"
_DATE = (
    rf"(?:{_YEAR}\s?)?(?:{_DIGITS}|{_KANJI}{{1,3}})月(?:\s?(?:{_DIGITS}|{_KANJI}{{1,3}})日|末日?|上旬|中旬|下旬)?(?:\s?[（(].[)）])?"
    rf"|\d{{4}}[-/.]\d{{1,2}}(?:[-/.]\d{{1,2}})?|{_YEAR}|(?<!\d)\d{{3}}年(?![間生])|\d{{1,2}}世紀|\d{{1,2}}/\d{{1,2}}(?:\s?[（(].[)）])?|(?<![\d時分])\d{{1,2}}日(?![間以])"
    r"|(?:毎月|翌月|当月|毎年|毎週)(?:\d{1,2}日|末日?|.曜日?)|(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?"
    r" \d{1,2}(?:, \d{4})?|\d{1,2} (?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sep|Oct|Nov|Dec)[a-z]*(?: \d{4})?"
)
_TIME = (
    rf"(?:午前|午後|正午|朝|夜|翌)?\s?(?:{_DIGITS}|{_KANJI}{{1,3}})時(?:半|\s?(?:{_DIGITS}|{_KANJI}{{1,3}})分)?(?!間)"
    r"|正午|\d{1,2}[:：]\d\d(?:\s?[ap]\.?m\.?)?"
)
_UNITS_OF_TIME = r"年間?|[かカヶケ箇ヵ]月間?|週間?|日間?|泊|時間|分間?|秒間?|営業日|開館日"
_DURATION = (
    rf"{_NUMBER}\s?(?:{_UNITS_OF_TIME})(?:半|\s?{_NUMBER}\s?(?:{_UNITS_OF_TIME}))*"
    rf"|{_DIGITS}[ -](?:years?|months?|weeks?|days?|hours?|minutes?|seconds?|business days?)"
)
_AMOUNT = (
    rf"[¥￥$€£]\s?{_DIGITS}|{_NUMBER}\s?(?:円|ドル|ユーロ|元|ウォン|リンギット)"
    rf"|{_DIGITS}\s?(?:yen|dollars?|euros?|JPY|USD|EUR)|無料|無償"
)
_PERCENT = rf"{_DIGITS}\s?(?:[%％‰]|パーセント|percent)|{_NUMBER}割(?:{_NUMBER}分)?|{_NUMBER}分の{_NUMBER}"
_MEASURE = rf"[△▲±−+-]?{_NUMBER}\s?(?:[^\W\d_]{{1,6}}|[%％℃°µ㎡㎥][^\W\d_]{{0,3}})?"
_PATTERNS: dict[str, re.Pattern[str]] = {
    "amount": re.compile(_AMOUNT),
    "percent": re.compile(_PERCENT),
    "date": re.compile(_DATE),
    "time": re.compile(_TIME),
    "weekday": re.compile(r"[月火水木金土日]曜日?|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?|平日|土日|週末|祝日"),
    "duration": re.compile(_DURATION),
    "number": re.compile(_MEASURE),
    "count": re.compile(_MEASURE),
    "code": re.compile(r"[A-Za-z]+[-_]?\d[\w-]*|\d[\d-]{2,}"),
    "phone": re.compile(r"(?:内線\s?)?\d{2,5}(?:[-(（)）]\d{1,4}){1,3}|(?<!\d)\d{3,4}(?!\d)"),
    "email": re.compile(r"[\w.+-]+@[\w.-]+\w"),
    "url": re.compile(r"(?:https?://|www\.)[\w./?=&%#~+-]+"),
    "organisation": re.compile(
        r"[^\s、。（(]{1,16}(?:会社|部|課|係|局|室|所|署|省|庁|センター|病院|大学|学部|銀行|組合|協会|委員会|店|社|機関)|Ltd|Inc"
    ),
}
_TITLES = re.compile(r"(?:さん|氏|様|先生|部長|課長|係長|主任|教授|准教授|院長|師長|会長|社長|室長|所長|Mr|Ms|Dr)")
_RANGE = re.compile(
    rf"(?:{_DATE}|{_TIME}|{_AMOUNT}|{_DURATION}|{_NUMBER})\s?(?:から|より|〜|～|~|ー|–|－|-|to|through)\s?(?:{_DATE}|{_TIME}|{_AMOUNT}|{_DURATION}|{_NUMBER}[^\W\d_]{{0,3}})(?:まで)?"
    rf"|{_DATE}\s?(?:{_TIME})?(?:まで)?|{_TIME}(?:まで)?|{_AMOUNT}|{_PERCENT}|{_DURATION}(?:以内|以上|以下|未満|前)?|{_NUMBER}"
)
_WORDS = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@+/-]*[A-Za-z0-9]|[ァ-ヶー]{2,}")


@lru_cache(maxsize=4096)
def values(text: str, wanted: WantedType) -> tuple[Span, ...]:
    """Where values of a type stand in a text; none for a type that is not told by how it looks."""
    if wanted == "person":
        return tuple(_persons(text))
    pattern = _PATTERNS.get(wanted)
    return tuple(match.span() for match in pattern.finditer(text)) if pattern else ()


def _persons(text: str) -> Iterator[Span]:
    for morpheme in morphemes(text):
        if morpheme.is_person or (morpheme.start > 0 and _TITLES.fullmatch(morpheme.surface)):
            yield morpheme.start, morpheme.end


def holds_type(text: str, wanted: WantedType) -> bool | None:
    """Whether a text holds a value of this type; ``None`` for types that are not told by how they look."""
    if wanted in ("", "place"):
        return None
    return bool(values(unicodedata.normalize("NFKC", text), wanted))


_MEASURES = tuple(
    re.compile(units)
    for units in (
        r"平方|平米|㎡|m2|m²|ヘクタール|坪|畳|square",
        r"度|℃|°|degree",
        r"キログラム|グラム|トン|kg|(?<![A-Za-z])g(?![A-Za-z])",
        r"リットル|(?<![A-Za-z])m?[lL](?![A-Za-z])|cc",
        r"メートル|キロ|センチ|ミリ|km|cm|mm|(?<![A-Za-z])m(?![A-Za-z])",
        r"ボルト|ワット|アンペア|(?<![A-Za-z])k?[VWA](?![A-Za-z])",
        r"[%％]|パーセント|割|percent",
    )
)
"""Units that measure the same, beside one another."""


def holds_unit(text: str, unit: str) -> bool:
    """Whether a unit of what is measured in a unit stands in a text, if that is one of those known."""
    if unit == "キロ":  # of weight or of length
        return re.search(r"キロ|kg|km", unicodedata.normalize("NFKC", text)) is not None
    measures = next((measures for measures in _MEASURES if unit and measures.match(unit)), None)
    return measures is None or measures.search(unicodedata.normalize("NFKC", text)) is not None


def grown(text: str, start: int, end: int) -> Span:
    """The span, grown so that it does not begin or end inside a number, a date, a range or a word of letters."""
    for pattern in (_RANGE, _WORDS):
        for match in pattern.finditer(text):
            if match.start() < start < match.end() or match.start() < end < match.end():
                start, end = min(start, match.start()), max(end, match.end())
    return start, end
