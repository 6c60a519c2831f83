"""Numbers as lists show them: (2), iv, 十二, ハ; the names are those of Word (ECMA-376 Part 1, 17.18.59)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

_DIGITS = "〇一二三四五六七八九"
_KANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
_IROHA = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン"


def shown_number(number: int, number_format: str) -> str:
    """A number from 0 as this format writes it; formats not known here count in digits."""
    write = _FORMATS.get(number_format)
    return write(number) if write and number > 0 else str(number)


def _roman(number: int) -> str:
    steps = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"))
    small = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
    written = []
    for value, letters in (*steps, *small):
        count, number = divmod(number, value)
        written.append(letters * count)
    return "".join(written)


def _kanji(number: int) -> str:
    """As one counts: 十二, 百五."""
    if number > 9_999:
        return str(number)
    written = ""
    for value, name in ((1000, "千"), (100, "百"), (10, "十")):
        count, number = divmod(number, value)
        written += ("" if count == 1 else _DIGITS[count]) + name if count else ""
    return written + (_DIGITS[number] if number else "")


def _letters(alphabet: str) -> Callable[[int], str]:
    """Each letter in turn, then each twice, as Word does."""
    return lambda number: alphabet[(number - 1) % len(alphabet)] * min(9, (number - 1) // len(alphabet) + 1)


def _circled(number: int) -> str:
    return chr(0x2460 + number - 1) if number <= 20 else str(number)


_LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FORMATS: Mapping[str, Callable[[int], str]] = {
    "decimalZero": lambda number: f"{number:02}",
    "decimalFullWidth": lambda number: str(number).translate({ord("0") + n: 0xFF10 + n for n in range(10)}),
    "decimalEnclosedCircle": _circled,
    "upperRoman": _roman,
    "lowerRoman": lambda number: _roman(number).lower(),
    "upperLetter": _letters(_LATIN),
    "lowerLetter": _letters(_LATIN.lower()),
    "japaneseCounting": _kanji,
    "chineseCounting": _kanji,
    "ideographDigital": lambda number: "".join(_DIGITS[int(digit)] for digit in str(number)),
    "aiueo": _letters(_KANA),
    "aiueoFullWidth": _letters(_KANA),
    "iroha": _letters(_IROHA),
    "irohaFullWidth": _letters(_IROHA),
    "none": lambda number: "",
}
