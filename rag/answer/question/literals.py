"""What a question names exactly: numbers of documents and parts, years, articles, quoted words, amounts, Latin names.

An answer that holds for another invoice, year or article is a wrong answer, however near its words are. So each of
these is a condition on the evidence, in one form: 令和2年, R2年 and 2020年 are one year, 第三条 and 第3条 one article.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867}
_ERA_LETTERS = dict(zip("RHSTM", ERAS.values(), strict=True))
_KANJI_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")}
_KANJI_UNITS = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"千": 10**3, "万": 10**4, "億": 10**8}
_HYPHENS = re.compile("[‐‑‒–—−ー]")


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that the evidence, or what is known of its document, must hold.

    Attributes:
        kind: ``identifier``, ``version``, ``date``, ``year``, ``fiscal_year``, ``article``, ``ordinal``, ``quantity``,
            ``quoted``, ``name``, ``given_name`` (``normal`` is the surname), ``former`` or ``range``.
        text: as the question has it.
        normal: one form for all spellings; two conditions of a kind are equal if these are.
    """

    kind: str
    text: str
    normal: str


@dataclass(frozen=True, slots=True)
class Found:
    """A condition at ``normalised[start:end]`` of the question."""

    kind: str
    normal: str
    start: int
    end: int


def digits(written: str) -> str:
    """Kanji numerals as digits, commas gone; what cannot be read stays as it is."""
    plain = written.replace(",", "")
    if not any(char in _KANJI_DIGITS or char in _KANJI_UNITS for char in plain):
        return plain
    total, current = 0, ""
    for char in plain:
        if char in _KANJI_UNITS:
            total += int(current or 1) * _KANJI_UNITS[char]
            current = ""
        elif char in _KANJI_DIGITS:
            current += str(_KANJI_DIGITS[char])
        elif char.isdecimal():
            current += char
        else:
            return plain
    return str(total + int(current or 0))


def conditions(text: str) -> list[Found]:
    """The conditions of a normalised question, in their order; of two that share characters, the first rule's."""
    taken = bytearray(len(text))
    found: list[Found] = []
    is_japanese = _JAPANESE.search(text) is not None
    for kind, pattern, normal in _RULES:
        if kind == "name" and pattern is not (_NAME_JA if is_japanese else _NAME_EN):
            continue
        for match in pattern.finditer(text):
            start, end = match.span("it") if "it" in pattern.groupindex else match.span()
            value = "" if any(taken[start:end]) else normal(match)
            if not value:
                continue
            taken[start:end] = b"\x01" * (end - start)
            found.append(Found(kind, value, start, end))
    return sorted(found, key=lambda condition: condition.start)


# The patterns --------------------------------------------------------------------------------------------------------

_JAPANESE = re.compile("[\u3041-\u30ff\u4e00-\u9fff]")
_NUMERAL = r"(?:\d[\d,]{0,15}(?:\.\d{1,6})?|[〇一二三四五六七八九十百]{1,9})"
_MONTH_NAMES = "january february march april may june july august september october november december"
_MONTHS = _MONTH_NAMES.split()
_MONTH_NUMBERS = {name[:length]: n for n, name in enumerate(_MONTHS, 1) for length in (3, len(name))} | {"sept": 9}
_MONTH_EN = rf"(?P<name>(?:{'|'.join(sorted(_MONTH_NUMBERS, key=len, reverse=True))})\b)\.?"
_YEAR_JA = (
    r"(?:(?P<era>令和|平成|昭和|大正|明治|(?<![A-Za-z0-9-])[RHSTM](?=\d{1,2}(?:年|"
    r"\.\d)))(?P<erayear>\d{1,2}|元|[一二三四五六七八九十]+)"
    r"|(?P<year>(?:1[89]|2[01])\d\d|二〇[〇一二三四五六七八九]{2}))"
)
_DAY_EN = r"(?P<day>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?\b"
_NO_NAMES = """
ok ng no url id faq q&a qa tel fax e-mail email mail web vs pdf an the am pm etc eg ie what who when where why how which
is are can do does please and or not yes list tell me gb mb tb kg mm cm
"""
_SKIPPED_NAMES = frozenset(_NO_NAMES.split())
_COUNTERS = (
    r"営業日|時間|分間|秒間|週間|日間|年間|年生|回目|日目|人目|年目|号館|号室|[かヶケカ箇ヵ]月|[かヶケカ箇ヵ]所|"
    r"(?:[万億千]?(?:円|ドル|ユーロ))|パーセント|ポイント|トン|キログラム|ミリグラム|キロメートル|センチメートル|ミリメートル|キロ|センチ|ミリ|グラム|メートル|リットル|ページ|種類|文字|単位|"
    r"kg|mg|mm|cm|km|cc|GB|MB|TB|kW|kV|kPa|MPa|Hz|dB|[md]?[lL]|[gmtVWA%℃Ω]|"
    r"[年月日時分秒週人名件台級倍割歳才階号本枚冊社個回度条項章泊室通組点席品円]"
)
_KANJI_COUNTERS = r"年生|[かヶケカ箇ヵ]月|時間|週間|日間|年間|回目|号館|[年日人名件台級倍割歳才階枚冊社組回]"
_UNITS_EN = {
    "year": "年", "month": "か月", "week": "週間", "day": "日", "hour": "時間", "minute": "分", "second": "秒",
    "percent": "%", "yen": "円", "dollar": "ドル", "euro": "ユーロ", "people": "人", "person": "人", "piece": "個",
    "ton": "トン", "item": "個", "page": "ページ", "time": "回", "night": "泊", "kilo": "kg", "mile": "マイル",
}  # fmt: skip
_UNIT_FORMS = {
    "年間": "年", "分間": "分", "秒間": "秒", "日間": "日", "年生": "年", "名": "人", "才": "歳", "パーセント": "%",
    "キロ": "kg", "キログラム": "kg", "ミリグラム": "mg", "キロメートル": "km", "センチメートル": "cm", "センチ": "cm",
    "ミリメートル": "mm", "ミリ": "mm", "メートル": "m", "グラム": "g", "リットル": "L", "l": "L", "mL": "ml",
}  # fmt: skip


def _date(match: re.Match[str]) -> str:
    """``2024-04-01``, ``2024-04``, ``--04-01`` or ``--04``, as ISO 8601 and XML Schema write what is known."""
    parts = match.groupdict()
    month = _MONTH_NUMBERS[parts["name"].lower()] if parts.get("name") else int(digits(parts["month"]))
    day = int(digits(parts["day"])) if parts.get("day") else 0
    if not (1 <= month <= 12 and day <= 31):
        return ""
    year = year_in(match) or "-"
    return f"{year}-{month:02}" + (f"-{day:02}" if day else "")


def year_in(match: re.Match[str]) -> str:
    """The year that groups ``era`` and ``erayear``, or ``year``, tell; empty if none does."""
    parts = match.groupdict()
    if parts.get("era"):
        first = ERAS.get(parts["era"]) or _ERA_LETTERS[parts["era"]]
        return str(first + (1 if parts["erayear"] == "元" else int(digits(parts["erayear"]))))
    return "".join(str(_KANJI_DIGITS.get(char, char)) for char in parts.get("year") or "")


def _fiscal(match: re.Match[str]) -> str:
    year = year_in(match)
    return f"FY{year}" if len(year) == 4 else f"FY20{year}"


def _article(match: re.Match[str]) -> str:
    unit = match.groupdict().get("unit") or "条"
    branch = match.groupdict().get("branch")
    paragraph = match.groupdict().get("paragraph")
    return (
        f"{digits(match['number'])}{unit}"
        + (f"の{digits(branch)}" if branch else "")
        + (f"{digits(paragraph)}項" if paragraph else "")
    )


def _ordinal(match: re.Match[str]) -> str:
    number = digits(match["number"])
    if match.groupdict().get("head"):
        return f"{match['head'].lower()}{' ' if match['head'].isascii() else ''}{number}"
    return f"第{number}{match['noun']}"


def _numbered(match: re.Match[str]) -> str:
    """2号 of 2号機 and of 2号ボイラー: which of several it is, not how many."""
    return digits(match["number"]) + match["noun"].removesuffix("機")


def _identifier(match: re.Match[str]) -> str:
    return _HYPHENS.sub("-", match["it"] if "it" in match.re.groupindex else match[0]).upper()


def _quantity(match: re.Match[str]) -> str:
    unit = re.sub("^[ヶケカ箇ヵ](?=[月所])", "か", match["unit"])
    scale = _LARGE.get(unit[0], 1) if len(unit) > 1 else 1
    value = digits(match["number"])
    if scale > 1:
        value, unit = f"{float(value) * scale:.10g}", unit[1:]
    return value + _UNIT_FORMS.get(unit, unit)


def _quantity_en(match: re.Match[str]) -> str:
    unit = match["unit"].lower()
    return digits(match["number"]) + _UNITS_EN[unit if unit in _UNITS_EN else unit.removesuffix("s")]


def _name(match: re.Match[str]) -> str:
    name = match[0].strip()
    return "" if name.casefold() in _SKIPPED_NAMES else name.casefold()


_NAME_JA = re.compile(
    r"(?<![A-Za-z0-9_何])(?!(?<=[\u4e00-\u9fffァ-ヶー])[IVX]+(?![A-Za-z]))(?:[A-Z][a-z]+(?: [A-Z][a-z]+)+|"
    r"[A-Za-z][A-Za-z0-9_]+(?:[-.&/'][A-Za-z0-9_]+)*"
    r"|[A-Z](?![A-Za-z0-9_]|[\u4e00-\u9fff]))"
)
# The first word of an English sentence has a capital whatever it is: one that is a name shows it by more than that.
_CAPITALISED = r"[A-Z][A-Za-z0-9&'’]*[A-Za-z0-9]"
_NAME_EN = re.compile(
    rf"(?<![A-Za-z0-9_])(?:(?<=[a-z0-9,] )(?<![.?!] ){_CAPITALISED}(?: (?:{_CAPITALISED}|I+)(?![a-z]))*"
    rf"|{_CAPITALISED}(?= (?:or|vs\.?|versus) [A-Z])|[A-Z]{{2,}}[a-z]?(?![A-Za-z])|[a-z]+[A-Z][A-Za-z]*|"
    r"[A-Za-z]+_[A-Za-z0-9_]+)"
)
_RULES: tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], str]], ...] = tuple(
    (kind, pattern if isinstance(pattern, re.Pattern) else re.compile(pattern), normal)
    for kind, pattern, normal in (
        (
            "given_name",
            r"(?P<surname>[\u4e00-\u9fff々]{1,4})(?:さん|様|氏|先生|くん|君)?(?:の|って|は)?、?(?:下の|ファースト)お?(?:名前|ネーム)",
            lambda m: m["surname"],
        ),
        ("quoted", r"[「『“]([^「」『』“”\n]{1,60})[」』”]", lambda m: m[1].casefold()),
        ("quoted", r'"([^"\n]{1,60})"', lambda m: m[1].casefold()),
        (
            "date",
            rf"{_YEAR_JA}(?:年|\.|/|-)(?P<month>\d{{1,2}}|[一二三四五六七八九十]+)月(?:(?P<day>\d{{1,2}}|"
            r"[一二三十四五六七八九]+)日)?",
            _date,
        ),
        (
            "date",
            r"(?<![A-Za-z0-9_.-])(?P<year>(?:19|20)\d\d)[-/.](?P<month>\d{1,2})(?:[-/.](?P<day>\d{1,2}))?(?![A-Za-z0-9_-]|\.\d)",
            _date,
        ),
        (
            "date",
            r"(?<![A-Za-z0-9])(?P<era>[RHS])(?P<erayear>\d{1,2})[-./_](?P<month>\d{1,2})[-./_](?P<day>\d{1,2})(?!\d)",
            _date,
        ),
        (
            "date",
            r"(?<![A-Za-z0-9.-])(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?![\w.-]*\d)",
            _date,
        ),
        ("date", r"(?<!\d)(?P<month>\d{1,2})月(?P<day>\d{1,2})日", _date),
        ("date", r"(?<!\d)(?P<month>1[0-2]|0?[1-9])月(?!間|額|次|例|\d)", _date),
        ("date", r"(?<![\d/])(?P<month>1[0-2]|0?[1-9])/(?P<day>3[01]|[12]\d|0?[1-9])(?![\d/])", _date),
        ("date", re.compile(rf"\b{_MONTH_EN} {_DAY_EN}(?:,? (?P<year>(?:19|20)\d\d)\b)?", re.I), _date),
        ("date", re.compile(rf"\b{_DAY_EN} (?:of )?{_MONTH_EN}(?:,? (?P<year>(?:19|20)\d\d)\b)?", re.I), _date),
        ("date", re.compile(rf"\b{_MONTH_EN},? (?:of )?(?P<year>(?:19|20)\d\d)\b", re.I), _date),
        ("date", rf"\b(?P<name>{'|'.join(n.title() for n in _MONTHS if n not in ('may', 'march'))})\b", _date),
        ("fiscal_year", rf"{_YEAR_JA}年?度", _fiscal),
        (
            "fiscal_year",
            r"(?<![\d令和平成昭A-Za-z.,-])(?P<reiwa>[1-9]|[1-3]\d)年度",
            lambda m: f"FY{ERAS['令和'] + int(m['reiwa'])}",
        ),
        ("fiscal_year", re.compile(r"\b(?:FY|fiscal(?: year)?) ?'?(?P<year>(?:19|20)?\d\d)\b", re.I), _fiscal),
        ("year", rf"{_YEAR_JA}年(?!間|以[上下内]|目)", year_in),
        (
            "year",
            r"(?<![A-Za-z0-9_.,¥$€-])(?P<year>(?:19|20)\d\d)(?![\d.,]*\d|[-A-Za-z_%℃\u4e00-\u9fffァ-ヶ])",
            year_in,
        ),
        ("year", r"(?<![A-Za-z0-9-])(?P<era>[RH])(?P<erayear>[1-3]?\d)(?=[のはにで、とも]|年|\s|$)", year_in),
        (
            "article",
            rf"第?(?P<number>{_NUMERAL})条(?:の(?P<branch>{_NUMERAL}))?(?:の?第?(?P<paragraph>{_NUMERAL})項)?(?!件)",
            _article,
        ),
        ("article", rf"第(?P<number>{_NUMERAL})(?P<unit>[章節項款編])", _article),
        ("article", re.compile(r"\b(?:article|clause|section|§) ?(?P<number>\d+(?:\.\d+)*)\b", re.I), _article),
        ("ordinal", rf"第(?P<number>{_NUMERAL})(?P<noun>(?!者)[\u4e00-\u9fffァ-ヶー]{{1,8}})", _ordinal),
        (
            "ordinal",
            rf"第(?P<number>{_NUMERAL})(?P<noun>(?![にはのがをでとも])[ぁ-ん]{{3,6}}?)(?=[のはがをにでも、]|$)",
            _ordinal,
        ),
        (
            "ordinal",
            rf"(?<![\d〇一二三四五六七八九十百第.,-])(?P<number>{_NUMERAL})(?P<noun>級|号機|号(?=[\u4e00-\u9fffァ-ヶー])(?!室|館|車|線|棟|俸|議案)"
            r"|種(?![類目々])|段(?![階落取]))(?!以上|以下|以内)",
            _numbered,
        ),
        ("ordinal", r"(?P<head>別表|表|図|様式|付録|別紙)第?(?P<number>\d+)(?![-A-Za-z0-9_])", _ordinal),
        (
            "ordinal",
            re.compile(
                r"\b(?P<head>table|figure|fig|line|appendix|chapter|step|room|building) (?P<number>\d+)\b"
                r"(?! (?:days?|hours?|minutes?|months?|weeks?|years?|people|persons|yen|percent|times?)\b)",
                re.I,
            ),
            _ordinal,
        ),
        (
            "version",
            re.compile(
                r"(?<![A-Za-z0-9])(?:ver(?:sion)?\.?|v\.?|バージョン|第(?=\d+版)) ?(?P<v>\d+(?:\.\d+)*)(?=版|"
                r"(?![A-Za-z0-9_.]*\d))",
                re.I,
            ),
            lambda m: m["v"],
        ),
        (
            "version",
            r"(?<![A-Za-z0-9_.,¥$€-])(?P<v>\d+\.\d+(?:\.\d+)*)(?=$|[^\w%.℃-]|[\u3041-\u3096])",
            lambda m: m["v"],
        ),
        (
            "identifier",
            re.compile(
                r"(?:エラー(?:コード|番号)?|伝票(?:番号)?|コード|番号|error(?: code)?|code|No\.?|"
                r"#) ?(?P<it>\d{2,}(?:-\d+)*)(?![\d.]|-[A-Za-z0-9])",
                re.I,
            ),
            _identifier,
        ),
        (
            "quantity",
            rf"(?<![\dA-Za-z.,-])(?P<number>\d[\d,]*(?:\.\d+)?) ?(?P<unit>{_COUNTERS})(?<![A-Za-z](?=[A-Za-z0-9]))",
            _quantity,
        ),
        (
            "identifier",
            r"(?<![A-Za-z0-9])(?<!\d\.)(?=[A-Za-z0-9_‐‑‒–—−-]{0,40}\d)(?=[\d_‐‑‒–—−-]{0,40}[A-Za-z])[A-Za-z0-9]+(?:[-_/.‐‑‒–—−][A-Za-z0-9]+)*(?![A-Za-z0-9])",
            _identifier,
        ),
        ("identifier", r"(?<![A-Za-z0-9_.-])\d+(?:-\d+)+(?![A-Za-z0-9_-])", _identifier),
        (
            "identifier",
            r"(?<![A-Za-z0-9_-])[A-Z]{2,}-[A-Z][a-z]+(?: \d{1,4}[A-Z]?(?![A-Za-z0-9.,年月日時]))?(?![A-Za-z0-9_-])",
            _identifier,
        ),
        (
            "identifier",
            r"(?<![A-Za-z0-9-])[A-Z]{2,6} \d{1,6}(?![A-Za-z0-9.,]*\d|[年月日時])",
            lambda m: m[0].replace(" ", ""),
        ),
        (
            "quantity",
            rf"(?<![〇一二三四五六七八九十百千万第])(?P<number>[一二三四五六七八九十百]+)(?P<unit>{_KANJI_COUNTERS})(?!覧|"
            r"般|部|番|緒|方)",
            _quantity,
        ),
        (
            "quantity",
            re.compile(
                rf"(?<![\w.,-])(?P<number>\d[\d,]*(?:\.\d+)?)[ -]?(?P<unit>(?:{'|'.join(_UNITS_EN)})s?)\b", re.I
            ),
            _quantity_en,
        ),
        ("name", _NAME_JA, _name),
        ("name", _NAME_EN, _name),
    )
)
