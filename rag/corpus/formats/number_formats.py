"""Values of cells as a spreadsheet shows them: the number formats of ECMA-376 Part 1, 18.8.30 and 18.8.31.

No package that is kept up does this for Python (``ssf``, a port of SheetJS, had its last release in 2020 and brings six
others), so the part of the grammar that files use is here: sections and their conditions, digits, thousands, scaling,
percent, scientific, fractions, text; dates and elapsed times are in :mod:`rag.corpus.formats.date_formats`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache

from rag.corpus.formats.date_formats import shown_date
from rag.corpus.formats.kanji_numbers import in_kanji

_TOKENS = re.compile(
    r"""
    "(?P<quoted>[^"]*)"? | [\\!](?P<escaped>.) | _(?P<space>.) | \*(?P<fill>.) | \[(?P<bracket>[^\]]*)\]
    | (?P<general>General|G/標準) | (?P<ampm>AM/PM|A/P|午前/午後|上午/下午)
    | (?P<exponent>(?<=[0#?.])E[+-]) | (?P<second>(?<=s)\.0+) | (?P<digit>[0#?]) | (?P<point>\.) | (?P<comma>,)
    | (?P<percent>%) | (?P<slash>/) | (?P<at>@) | (?P<date>y+|m+|d+|h+|s+|g+|e+|a{3,4}|b+) | (?P<other>.)
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?(?:E[+-]?\d+)?)", re.IGNORECASE)
_OTHER_DIGITS = re.compile(r"DBNum([123])", re.IGNORECASE)
_IN_KANJI = (1, 2)
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_MIDNIGHT = re.compile(r"(?<=\d)\s+0?0:00(?::00)?$")  # of a date without a time
_FULL_WIDTH = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}
_LONGEST_FORMAT = 500
_MOST_DECIMALS = 30
_LARGEST = 1e21  # larger numbers are shown without their format
_DIGITS = 100


@dataclass(frozen=True, slots=True)
class Token:
    """A part of a format: its kind (a group of the grammar above, or ``elapsed``) and what it says."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Section:
    """A format for some values: positive ones, negative ones, zero, text, or those a condition names.

    Attributes:
        tokens: of it, those without a meaning here left out.
        condition: operator and number.
        is_date: whether it shows a date or a time.
        locale: what a bracket names, in lower case: ``411`` is Japanese.
        digits: how it writes digits: in kanji (DBNum1, DBNum2), full-width (DBNum3), or as they are (0).
    """

    tokens: tuple[Token, ...]
    condition: tuple[str, float] | None
    is_date: bool
    locale: str
    digits: int

    def has(self, kind: str) -> bool:
        """Whether a token of this kind is in it."""
        return any(token.kind == kind for token in self.tokens)


def shown_value(value: float | str, number_format: str, *, from_1904: bool = False) -> str:
    """A number or text as this format shows it, without the spaces that only align it.

    Args:
        from_1904: whether the file counts days from 1904, as Excel for Mac once did.
    """
    sections = _sections(number_format[:_LONGEST_FORMAT])
    if isinstance(value, str):
        section = next((s for s in sections[3:] or sections if s.has("at")), None)
        words = value if section is None else "".join(value if t.kind == "at" else t.words for t in section.tokens)
        return " ".join(words.split())
    section, is_signed = _chosen(sections, value)
    if section is None:
        return _general(value)
    if section.is_date:
        dated = shown_date(value, [(t.kind, t.words) for t in section.tokens], section.locale, from_1904=from_1904)
        words = _general(value) if dated is None else dated  # a date that no calendar has
        words = _MIDNIGHT.sub("", words) if value and value % 1 == 0 else words
    elif not (section.has("digit") or section.has("general")):
        words = "".join(token.words for token in section.tokens if token.kind != "at")
        words = _general(value) if section.has("at") else words
    else:
        words = _number(section, abs(value))
        words = f"-{words.lstrip()}" if is_signed and value < 0 and re.search(r"[1-9]", words) else words
    words = " ".join(words.split())
    if section.digits in _IN_KANJI:
        return in_kanji(words, section.digits, one_by_one=section.has("digit"), is_date=section.is_date)
    return words.translate(_FULL_WIDTH) if section.digits else words


@lru_cache(maxsize=1000)
def _sections(number_format: str) -> tuple[Section, ...]:
    tokens: list[Token] = []
    found = []
    for token in _tokens(number_format):
        if token.kind == "other" and token.words == ";":
            found.append(_section(tokens))
            tokens = []
        else:
            tokens.append(token)
    return (*found, _section(tokens))


def _tokens(number_format: str) -> Iterator[Token]:
    for match in _TOKENS.finditer(number_format):
        kind = match.lastgroup or "other"
        words = match[kind]
        if kind == "space":
            yield Token("other", " ")
        elif kind in ("quoted", "escaped"):
            yield Token("literal", words)
        elif kind != "fill":
            yield Token(kind, words)


def _section(tokens: Sequence[Token]) -> Section:
    kept: list[Token] = []
    condition, locale, digits = None, "", 0
    for token in tokens:
        if token.kind != "bracket":
            kept.append(token)
        elif match := _CONDITION.fullmatch(token.words):
            condition = (match[1], float(match[2]))
        elif _ELAPSED.fullmatch(token.words):
            kept.append(Token("elapsed", token.words.lower()))
        elif token.words.startswith("$"):
            sign, _, named = token.words[1:].partition("-")
            locale = named.lower() or locale
            kept.append(Token("literal", sign))
        elif match := _OTHER_DIGITS.fullmatch(token.words):
            digits = int(match[1])
    timed = any(token.kind in ("date", "elapsed", "ampm") for token in kept)
    is_date = timed and not any(token.kind in ("digit", "general", "at") for token in kept)
    if not is_date:
        kept = [Token("other", t.words) if t.kind in ("date", "ampm", "elapsed", "second") else t for t in kept]
    return Section(tuple(kept), condition, is_date, locale, digits)


def _chosen(sections: Sequence[Section], value: float) -> tuple[Section | None, bool]:
    """The section for a number, and whether a minus is to be shown."""
    numeric = sections[:3]
    if any(section.condition for section in numeric):
        for section in numeric:
            if section.condition is None or _holds(section.condition, value):
                below = section.condition is not None and section.condition[0] in ("<", "<=")
                return section, not (below and section.condition is not None and section.condition[1] <= 0)
        return None, True
    if len(numeric) > 1 and value < 0:
        return numeric[1], False
    if len(numeric) > 2 and value == 0:
        return numeric[2], False
    return (numeric[0] if numeric[0].tokens or len(numeric) > 1 else None), True


def _holds(condition: tuple[str, float], value: float) -> bool:
    operator, limit = condition
    return {
        "<": value < limit,
        "<=": value <= limit,
        ">": value > limit,
        ">=": value >= limit,
        "=": value == limit,
        "<>": value != limit,
    }[operator]


def _general(value: float) -> str:
    return f"{value:.15g}".replace("e", "E")


def _number(section: Section, value: float) -> str:
    tokens = list(section.tokens)
    if section.has("general"):
        return "".join(_general(value) if token.kind == "general" else token.words for token in tokens)
    if not value < _LARGEST:
        return _general(value)
    digits = [index for index, token in enumerate(tokens) if token.kind == "digit"]
    if section.has("slash") and any(tokens[i].kind == "slash" and digits[0] < i for i in range(len(tokens))):
        return _fraction(tokens, value)
    with localcontext(prec=_DIGITS):
        exact = Decimal(repr(value)) * 100 ** min(3, sum(token.kind == "percent" for token in tokens))
        return _scientific(tokens, exact) if section.has("exponent") else _decimal(tokens, exact)


def _decimal(tokens: Sequence[Token], value: Decimal) -> str:
    """Digits in the places of the format, thousands apart if it has a comma between them."""
    point = next((index for index, token in enumerate(tokens) if token.kind == "point"), len(tokens))
    whole = [index for index in range(point) if tokens[index].kind == "digit"]
    decimals = [index for index in range(point, len(tokens)) if tokens[index].kind == "digit"]
    last = (decimals or whole or [0])[-1]
    scale = 0
    while last + 1 + scale < len(tokens) and tokens[last + 1 + scale].kind == "comma":
        scale += 1
    if decimals and whole:  # 0,.0 scales too
        before = whole[-1] + 1
        while before < point and tokens[before].kind == "comma":
            before, scale = before + 1, scale + 1
    grouped = bool(whole) and any(tokens[index].kind == "comma" for index in range(whole[0], whole[-1]))
    places = min(len(decimals), _MOST_DECIMALS)
    rounded = (value / 1000**scale).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    left, _, right = f"{rounded:f}".partition(".")
    shown = _whole_digits(tokens, whole, left.lstrip("0"), grouped=grouped)
    shown |= _decimal_digits(tokens, decimals, right)
    pieces = []
    for index, token in enumerate(tokens):
        if index in shown:
            pieces.append(shown[index])
        elif token.kind == "point":
            if not whole:
                pieces.append(left.lstrip("0"))
            pieces.append("." if not decimals or any(shown[each] for each in decimals) else "")
        elif token.kind not in ("comma", "digit") or (token.kind == "comma" and not whole):
            pieces.append(token.words)
    return "".join(pieces)


def _whole_digits(tokens: Sequence[Token], places: Sequence[int], digits: str, *, grouped: bool) -> dict[int, str]:
    """What stands in each place left of the point; the first takes all digits that are left."""
    shown: dict[int, str] = {}
    count = 0
    for place in reversed(places):
        own = digits[-1:] or {"0": "0"}.get(tokens[place].words, "")
        digits = digits[:-1]
        if place == places[0]:
            own, digits = digits + own, ""
        words = ""
        for digit in reversed(own):
            words = digit + ("," if grouped and count and count % 3 == 0 else "") + words
            count += 1
        shown[place] = words
    return shown


def _decimal_digits(tokens: Sequence[Token], places: Sequence[int], digits: str) -> dict[int, str]:
    shown: dict[int, str] = {}
    for number, place in enumerate(places):
        needed = any(tokens[each].words == "0" for each in places[number:]) or digits[number:].strip("0")
        shown[place] = digits[number : number + 1] if needed else ""
    return shown


def _scientific(tokens: Sequence[Token], value: Decimal) -> str:
    at = next(index for index, token in enumerate(tokens) if token.kind == "exponent")
    exponent = value.adjusted() if value else 0
    wide = sum(token.kind == "digit" for token in tokens[: next(_points(tokens, at))])
    exponent -= exponent % wide if wide > 1 else 0
    mantissa = _decimal(tokens[:at], value.scaleb(-exponent))
    places = [index for index, token in enumerate(tokens) if index > at and token.kind == "digit"]
    sign = "-" if exponent < 0 else "+" if tokens[at].words.endswith("+") else ""
    rest = "".join(token.words for token in tokens[at + 1 :] if token.kind != "digit")
    return f"{mantissa}E{sign}{abs(exponent):0{max(1, len(places))}}{rest}"


def _points(tokens: Sequence[Token], end: int) -> Iterator[int]:
    yield from (index for index, token in enumerate(tokens[:end]) if token.kind == "point")
    yield end


def _fraction(tokens: Sequence[Token], value: float) -> str:
    at = next(index for index, token in enumerate(tokens) if token.kind == "slash")
    before = [index for index in range(at) if tokens[index].kind == "digit"]
    below = "".join(token.words for token in tokens[at + 1 :] if token.kind in ("digit", "other")).strip()
    fixed = re.match(r"\d{1,5}", below)
    exact = Fraction(repr(value))
    if fixed and int(fixed[0]):
        over, under = round(exact * int(fixed[0])), int(fixed[0])
    else:
        near = exact.limit_denominator(10 ** max(1, min(5, below.count("?") + below.count("#"))) - 1)
        over, under = near.numerator, near.denominator
    is_mixed = any(tokens[index].kind == "other" and tokens[index].words == " " for index in range(*_ends(before)))
    if not is_mixed:
        return f"{over}/{under}"
    whole, over = divmod(over, under)
    return " ".join(filter(None, [str(whole) if whole or not over else "", f"{over}/{under}" if over else ""]))


def _ends(places: Sequence[int]) -> tuple[int, int]:
    return (places[0], places[-1]) if places else (0, 0)
