"""Morphemes as UniDic has them, with what terms do not tell: proper nouns, unknown words, readings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rag.language.mecab import tagger


@dataclass(frozen=True, slots=True)
class Morpheme:
    """A morpheme ``text[start:end]``.

    Attributes:
        reading: in katakana; empty if it is unknown.
        origin: the foreign word that a loan word comes from, if it is known.
        base: as a dictionary has it: 運ぶ of 運ん.
        parts: UniDic's parts of speech, from the widest to the narrowest of three.
    """

    surface: str
    start: int
    end: int
    is_proper: bool
    is_unknown: bool
    reading: str
    origin: str
    is_person: bool = False
    base: str = ""
    parts: tuple[str, ...] = ()


@lru_cache(maxsize=512)
def morphemes(text: str) -> tuple[Morpheme, ...]:
    """The morphemes of a text, in order."""
    found = []
    for line in re.finditer(r"[^\n]{1,2000}", text):
        position = line.start()
        with tagger() as mecab:  # others wait meanwhile
            nodes = [(n.white_space, n.surface, n.feature_raw, n.is_unk) for n in mecab.parseToNodeList(line[0])]
        for before, surface, told, is_unknown in nodes:
            position += len(before)
            found.append(_morpheme(surface, told, bool(is_unknown), position))
            position = found[-1].end
    return tuple(found)


def _morpheme(surface: str, told: str, is_unknown: bool, position: int) -> Morpheme:
    """What MeCab tells of the word at a position."""
    fields = told.split(",")
    reading, lemma = (fields[6], fields[7]) if len(fields) > 7 else ("", "")
    origin = lemma.partition("-")[2].casefold()  # クレジット-credit
    is_proper = fields[1] == "固有名詞"
    is_person = is_proper and fields[2] == "人名"
    spot = (surface, position, position + len(surface))
    base, parts = fields[10] if len(fields) > 10 else surface, tuple(fields[:3])
    return Morpheme(*spot, is_proper, is_unknown, reading, origin, is_person, base, parts)
