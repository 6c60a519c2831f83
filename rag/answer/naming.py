"""Whether words in a cell of a table stand in a question."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rag.language.variants import plain

_QUOTED = re.compile(r"[「『]([^「」『』]{2,20})[」』]")
_IDEOGRAPH = re.compile(r"[\u4e00-\u9fff々]")
_IDEOGRAPHS = re.compile(rf"{_IDEOGRAPH.pattern}{{2,}}")
_OF_A_NAME = re.compile(r"(?<=.)(?:名称?|番号|記号|コード|の別)$")
"""What a head ends with where its column tells one from another: コース名, クラス番号."""
_CODE = re.compile(r"(?=[a-z0-9]*[a-z])(?=[a-z0-9]*\d)[a-z0-9]{3,}")


def begun(asked: str, words: Mapping[str, float], cell: str, terms: frozenset[str]) -> float:
    """Share of words that begin a longer one in a cell, as 祖父 does 祖父母; no part of a longer one itself."""
    folded = plain(cell)
    return sum(
        weight
        for word, weight in words.items()
        if word not in terms and _IDEOGRAPHS.fullmatch(word) and word in folded and not _is_part(word, asked)
    )


_LONGEST_SHORT, _LONGEST_FULL = 4, 8


def in_full(names: Sequence[str], cells: Sequence[str]) -> list[str]:
    """Cells that names are short for: 大学卒 of 大卒. Of several the shortest, if it is the only one so short.

    Short for a word are its first and its last character, and what stands between in its order, where the name itself
    stands in no cell.
    """
    short = [name for name in map(plain, names) if _IDEOGRAPHS.fullmatch(name) and len(name) <= _LONGEST_SHORT]
    folded = [plain(cell) for cell in cells] if short else []
    found = []
    for name in short:
        if any(name in cell for cell in folded):
            continue
        between = re.compile(f"{_IDEOGRAPH.pattern}*".join(name))
        full = {cell for cell in folded if len(cell) <= _LONGEST_FULL and between.fullmatch(cell)}
        shortest = [cell for cell in full if len(cell) == min(map(len, full))]
        found += shortest if len(shortest) == 1 else []
    return found


def ended(words: Mapping[str, float], cell: str) -> float:
    """Share of the word that a cell ends with: what a compound is, as 図書館司書 is a 司書 and 司書補助 is not."""
    folded = plain(cell)
    return max((weight for word, weight in words.items() if len(word) > 1 and folded.endswith(word)), default=0.0)


def _is_part(word: str, asked: str) -> bool:
    """Whether a word is behind another character of its own in the question, as 祖父 in 曾祖父, or not there at all."""
    at = asked.find(word)
    return at < 0 or _IDEOGRAPH.fullmatch(asked[max(0, at - 1) : at]) is not None


def is_named(key: str, head: str, asked: str) -> bool:
    """Whether a cell, or the name quoted in it, stands in the question, alone or beside its head: クラス2, Ａコース.

    Codes stand there with or without their hyphens.
    """
    if _stands_in(key, asked):
        return True
    kind = _OF_A_NAME.sub("", head)
    if kind and (_stands_in(kind + key, asked) or _stands_in(key + kind, asked)):
        return True
    if any(_stands_in(name, asked) for name in _QUOTED.findall(key)):
        return True
    code = key.replace("-", "")
    return _CODE.fullmatch(code) is not None and _stands_in(code, asked)


def _stands_in(key: str, asked: str) -> bool:
    """Whether a cell stands in the question, not as a part of a longer number or code; one character is too little."""
    if len(key) < 2:
        return False
    at = asked.find(key)
    while at >= 0:
        before, behind = asked[at - 1 : at], asked[at + len(key) : at + len(key) + 1]
        inside = (_joins(before) and _joins(key[0])) or (_joins(behind) and _joins(key[-1]))
        if not inside:
            return True
        at = asked.find(key, at + 1)
    return False


def _joins(char: str) -> bool:
    return char != "" and char.isascii() and (char.isalnum() or char in "-_")


_LONG_END = 4
"""Words of unlike length end alike by so many characters."""


def is_of_kind(word: str, other: str) -> bool:
    """Whether two words differ in what they begin with alone: 朝食 and 夕食, 土木技士 and 電気工事技士."""
    shared = 1 if len(word) == len(other) == 2 else max(2, min(len(word), len(other)) // 2)
    if abs(len(word) - len(other)) > 1:
        shared = max(shared, _LONG_END)
    return word[-shared:] == other[-shared:] and word[0] != other[0] and word not in other and other not in word
