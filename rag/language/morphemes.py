"""Morphemes as UniDic has them, with what terms do not tell: proper nouns, unknown words, readings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

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
    with tagger() as mecab:
        for line in re.finditer(r"[^\n]{1,2000}", text):
            position = line.start()
            for node in mecab.parseToNodeList(line[0]):
                position += len(node.white_space)
                found.append(_morpheme(node, position))
                position = found[-1].end
    return tuple(found)


def _morpheme(node: Any, position: int) -> Morpheme:
    """What a node of MeCab's says of the word at a position."""
    fields = node.feature_raw.split(",")
    reading, lemma = (fields[6], fields[7]) if len(fields) > 7 else ("", "")
    origin = lemma.partition("-")[2].casefold()  # クレジット-credit
    is_proper = fields[1] == "固有名詞"
    is_person = is_proper and fields[2] == "人名"
    spot = (node.surface, position, position + len(node.surface))
    base, parts = fields[10] if len(fields) > 10 else node.surface, tuple(fields[:3])
    return Morpheme(*spot, is_proper, bool(node.is_unk), reading, origin, is_person, base, parts)
