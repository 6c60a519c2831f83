"""The numbers of a page's lists, as a browser shows them (HTML, 4.4.5 and 15.3.7; CSS Counter Styles 3, 6 and 7)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml import etree

from rag.corpus.formats.elements import is_seen
from rag.corpus.formats.shown_numbers import shown_number

_INTEGER = re.compile(r"\s{0,20}([-+]?\d{1,9})(?!\d)")
_STYLE = re.compile(r"(?:^|;)\s{0,20}list-style(?:-type)?\s{0,20}:([^;]{0,200})", re.IGNORECASE)
_TYPES = {"1": "decimal", "a": "lower-alpha", "A": "upper-alpha", "i": "lower-roman", "I": "upper-roman"}
_NO_NUMBER = frozenset(("none", "disc", "circle", "square", "disclosure-open", "disclosure-closed"))
_WORDS_OF = {  # the names of CSS for those of Word
    **{"decimal": "decimal", "decimal-leading-zero": "decimalZero", "cjk-decimal": "ideographDigital"},
    **{"lower-roman": "lowerRoman", "upper-roman": "upperRoman", "cjk-ideographic": "japaneseCounting"},
    **{"japanese-informal": "japaneseCounting", "katakana": "aiueo", "katakana-iroha": "iroha"},
    **{"hiragana": "aiueo", "hiragana-iroha": "iroha"},
}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SPELLED = {
    **dict.fromkeys(("lower-alpha", "lower-latin"), _LETTERS),
    **dict.fromkeys(("upper-alpha", "upper-latin"), _LETTERS.upper()),
}
_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_MOST = {  # higher numbers are shown in digits
    **dict.fromkeys(("lower-roman", "upper-roman"), 3_999),
    **dict.fromkeys(("hiragana", "katakana", "hiragana-iroha", "katakana-iroha"), 46),
}
_OWN_MARK = re.compile(
    r"[(（〔\[［]?(?:[0-9０-９]{1,3}|[a-zア-ンｱ-ﾝ]|[ivx]{2,5}|[一二三四五六七八九十]{1,3})[.．)）〕\]］、:：](?![0-9０-９])"
    r"|[①-⒛❶-❿㋐-㋾]|(?:手順|ステップ|step)\s?[0-9０-９]|第\s?[0-9０-９一二三四五六七八九十]{1,4}\s?[編章節条項回]",
    re.IGNORECASE,
)
_LOOKED_AT = 20  # nodes of an item


class PageList:
    """A list that is being read, and how far it has counted.

    Attributes:
        is_ordered: whether it is one of those that count (``ol``).
    """

    def __init__(self, element: etree._Element) -> None:
        self.is_ordered = element.tag == "ol"
        items = [item for item in element.iterchildren("li") if is_seen(item)] if self.is_ordered else []
        is_reversed = self.is_ordered and "reversed" in element.attrib
        self._step = -1 if is_reversed else 1
        self._next = _integer(element.get("start"), len(items) if is_reversed else 1)
        self._style = _style_of(element, "decimal" if self.is_ordered else "disc")
        said = [words for item in items if (words := _first_words(item))]
        self._is_marked = bool(said) and all(map(_OWN_MARK.match, said))

    def label(self, item: etree._Element) -> str:
        """What stands before the next item, with the space behind it; empty where it writes its mark itself."""
        number = _integer(item.get("value"), self._next) if self.is_ordered else self._next
        self._next = number + self._step
        style = _style_of(item, self._style)
        return "" if style in _NO_NUMBER or self._is_marked else _shown(number, style)


def _integer(value: str | None, default: int) -> int:
    match = _INTEGER.match(value or "")
    return int(match[1]) if match else default


def _style_of(element: etree._Element, default: str) -> str:
    """How it counts: as its style sheet says, else as its type does."""
    said = [word for match in _STYLE.finditer(element.get("style", "")) for word in match[1].lower().split()]
    known = [word for word in said if word in _NO_NUMBER or word in _WORDS_OF or word in _SPELLED]
    return known[-1] if known else _TYPES.get(element.get("type", "").strip(), default)


def _shown(number: int, style: str) -> str:
    if not 1 <= number <= _MOST.get(style, number):
        return f"{number}. "
    if style in _SPELLED:
        return f"{_spelled(number, _SPELLED[style])}. "
    words = shown_number(number, _WORDS_OF[style])
    words = words.translate(_HIRAGANA) if style.startswith("hiragana") else words
    return f"{words}. " if words.isascii() else f"{words}、"


def _spelled(number: int, letters: str) -> str:
    """z is followed by aa, ab, …, where Word has aa, bb, …."""
    written = ""
    while number > 0:
        number, place = divmod(number - 1, len(letters))
        written = letters[place] + written
    return written


def _first_words(item: etree._Element) -> str:
    return next(_words_in(item), "")


def _words_in(item: etree._Element) -> Iterator[str]:
    for node in islice(item.iter(), _LOOKED_AT):
        if isinstance(node.tag, str) and node.text and node.text.strip():
            yield node.text.strip()[:40]
        elif node is not item and not len(node) and node.tail and node.tail.strip():
            yield node.tail.strip()[:40]
