"""How names sound in Japanese: by their consonants, *Trump* and トランプ are one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_KANA_CONSONANTS = {
    "k": "カキクケコヵヶ", "g": "ガギグゲゴ", "s": "サシスセソザジズゼゾヂヅ", "t": "タチツテト", "d": "ダデド",
    "n": "ナニヌネノマミムメモン", "h": "ハヒフヘホ", "b": "バビブベボヴ", "p": "パピプペポ", "r": "ラリルレロ",
}  # fmt: skip
_CONSONANT_OF = {char: consonant for consonant, kana in _KANA_CONSONANTS.items() for char in kana}
_SPELLINGS = (
    (r"ck|cc(?=[aou])|qu|q", "k"), (r"x", "ks"), (r"ph|gh(?=t?$)", "h"), (r"sch|sh|th|zh|tz", "s"), (r"ch|tch", "t"),
    (r"c(?=[eiy])", "s"), (r"c", "k"), (r"g(?=[eiy])|j", "s"), (r"f", "h"), (r"v", "b"), (r"m", "n"), (r"z", "s"),
    (r"r(?=[^aeiouy]|$)", ""), (r"l", "r"), (r"[aeiouyw]", ""), (r"[^kgstdnhbpr]", ""),
)  # fmt: skip


@lru_cache(maxsize=16384)
def sound_of_latin(word: str) -> str:
    """The consonants of a Latin word as Japanese has them: *Trump* is ``trnp``; a vowel at its beginning is ``a``."""
    begins = "a" if word[:1] in "aeiou" else ""
    for spelling, sound in _SPELLINGS:
        word = re.sub(spelling, sound, word)
    return begins + re.sub(r"(.)\1+", r"\1", word)


@lru_cache(maxsize=16384)
def sound_of_kana(word: str) -> str:
    """The consonants of a word in katakana: トランプ is ``trnp``."""
    begins = "a" if word[:1] in "アイウエオ" else ""
    return begins + re.sub(r"(.)\1+", r"\1", "".join(_CONSONANT_OF.get(char, "") for char in word))


def is_heard_in(sound: str, others: Iterable[str]) -> bool:
    """Whether a sound is among others, one consonant more or less in a long one."""
    if len(sound) < 2:
        return False
    return any(
        sound == other
        or (min(len(sound), len(other)) >= 4 and _is_near(sound, other))
        or (min(len(sound), len(other)) >= 3 and sound.lstrip("a") == other.lstrip("a"))
        for other in others
    )


def _is_near(a: str, b: str) -> bool:
    if a[0] != b[0] or abs(len(a) - len(b)) > 1:
        return False
    if len(a) == len(b):
        return sum(x != y for x, y in zip(a, b, strict=True)) <= 1
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))
