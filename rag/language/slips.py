"""Words as they were meant: typed in kana or in romaji, turned into one that sounds alike, or wrong by a letter.

What is looked for stands nowhere as it was typed, and something that sounds like it does. Words of a dictionary are
taken at their word, however near another is: who asks of Ireland does not mean Iceland. Nothing but a word that sounds
the same takes the place of one in kanji: of 北部支店 there is no telling whether 西部支店 is meant.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import jaconv

from rag.language.mecab import tagger
from rag.language.morphemes import Morpheme, morphemes

_WORDS: Final = re.compile(r"[一-龥々ァ-ヴー]{2,24}")
_KATAKANA: Final = re.compile(r"[ァ-ヴー]{3,}")
_HIRAGANA: Final = re.compile(r"[ぁ-んー]{4,}")
_ROMAJI: Final = re.compile(r"(?<![A-Za-z0-9])[a-z]{5,}(?![A-Za-z0-9])")
_BEFORE: Final = re.compile(r"[のをはがにでともやへ](?!しょう)")
_BEHIND: Final = re.compile(
    r"$|[のをはがにでともやへ]|って|から|まで|より|だ(?:と|っ)|です|とは|なら|する|した|して|し[たて]|"
    r"について|くらい|ぐらい|だけ|など|さん"
)
_QUOTED: Final = re.compile(r"""^[「『"“'].*[」』"”']$""", re.DOTALL)
_SMALL: Final = str.maketrans("ァィゥェォッャュョヮヂヅヲ", "アイウエオツヤユヨワジズオ", "ー・")
_SHORTEST: Final = 4
"""Kana that must sound alike, and letters of a word that may be wrong by one are one more."""
_MOST_TOGETHER: Final = 5
"""Morphemes of a word."""
_READINGS: Final = 6
"""Of a word in kanji that are tried."""


@dataclass(frozen=True, slots=True)
class Slip:
    """What is typed at ``text[start:end]``, and the word that is meant."""

    start: int
    end: int
    typed: str
    meant: str


class Vocabulary:
    """The words in kanji and katakana of some texts, by how they sound.

    Args:
        texts: all that is to be known.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        runs = Counter(run for text in texts for run in _WORDS.findall(text))
        counts: Counter[tuple[str, str]] = Counter()
        for run, count in runs.items():
            for word, reading in _parts(morphemes(run)):
                counts[word, fold(reading)] += count
        self._by_sound: dict[str, str] = {}
        self._by_letters: dict[str, str] = {}
        for (word, sound), _ in counts.most_common():
            if len(sound) >= _SHORTEST:
                self._by_sound.setdefault(sound, word)
            if _KATAKANA.fullmatch(word) and len(sound) > _SHORTEST:
                for letters in _without_one(sound):
                    self._by_letters.setdefault(letters, word)

    def meant(self, typed: str, sounds: Sequence[str]) -> str:
        """The word that is meant by what is typed, which may sound in any of these ways; empty if there is none."""
        alike = next((self._by_sound[sound] for sound in sounds if sound in self._by_sound), "")
        if alike or not _KATAKANA.fullmatch(typed) or len(sounds[0]) <= _SHORTEST:
            return alike
        if not any(each.is_unknown for each in morphemes(typed)):
            return ""
        return next((self._by_letters[each] for each in _without_one(sounds[0]) if each in self._by_letters), "")


def slips(text: str, is_known: Callable[[str], bool], vocabulary: Callable[[], Vocabulary]) -> list[Slip]:
    """What is meant otherwise than it is typed, in order; nothing overlaps. What stands in quotation marks is not.

    Args:
        text: a question.
        is_known: whether a word stands anywhere as it is.
        vocabulary: the words that do; asked for only if something stands nowhere.
    """
    found: list[Slip] = []
    for start, end, sounds in _candidates(text):
        typed = text[start:end]
        taken = any(start < slip.end and slip.start < end for slip in found)
        if taken or _QUOTED.search(text[max(0, start - 1) : end + 1]) or is_known(typed):
            continue
        meant = vocabulary().meant(typed, sounds)
        if meant and meant != typed:
            found.append(Slip(start, end, typed, meant))
    return sorted(found, key=lambda slip: slip.start)


def replaced(text: str, slips: Sequence[Slip]) -> str:
    """The text with what is meant."""
    for slip in reversed(slips):
        text = f"{text[: slip.start]}{slip.meant}{text[slip.end :]}"
    return text


def fold(kana: str) -> str:
    """Kana as katakana, without what is often mistyped: small letters are large, long vowels have no mark."""
    return str(jaconv.hira2kata(kana)).translate(_SMALL)


def _without_one(sound: str) -> list[str]:
    """The sound itself, and without each of its letters: two that differ by a letter have one of these in common."""
    return [sound, *dict.fromkeys(sound[:at] + sound[at + 1 :] for at in range(len(sound)))]


def _parts(found: Sequence[Morpheme]) -> Iterator[tuple[str, str]]:
    """All runs of a few morphemes with their readings; what has none is left out."""
    for first in range(len(found)):
        reading = word = ""
        for each in found[first : first + _MOST_TOGETHER]:
            sound = each.surface if _KATAKANA.fullmatch(each.surface) else each.reading
            if not sound:
                break
            word, reading = word + each.surface, reading + sound
            if len(word) > 1:
                yield word, reading


def _candidates(text: str) -> Iterator[tuple[int, int, list[str]]]:
    """Stretches that may be meant otherwise, the longest of each kind first, with how they may sound."""
    for run in _HIRAGANA.finditer(text):
        spans = [
            (start, end)
            for start in range(run.start(), run.end() - _SHORTEST + 1)
            if start == run.start() or _BEFORE.match(text, start - 1)
            for end in range(start + _SHORTEST, run.end() + 1)
            if _BEHIND.match(text, end, run.end())
        ]
        for start, end in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
            yield start, end, [fold(text[start:end])]
    for run in _ROMAJI.finditer(text):
        kana = str(jaconv.alphabet2kana(run[0]))
        if not re.search(r"[a-z]", kana):
            yield run.start(), run.end(), [fold(kana)]
    for run in _WORDS.finditer(text):
        if _KATAKANA.fullmatch(run[0]):
            yield run.start(), run.end(), [fold(run[0])]
        elif len(morphemes(run[0])) > 1:
            yield run.start(), run.end(), _sounds_of(run[0])


def _sounds_of(word: str) -> list[str]:
    """How a word may be read, the most usual first."""
    sounds = []
    with tagger() as mecab:
        for nodes in mecab.nbestToNodeList(word, _READINGS):
            fields = [node.feature_raw.split(",") for node in nodes]
            if all(len(each) > 7 for each in fields):
                sounds.append(fold("".join(each[6] for each in fields)))
    return list(dict.fromkeys(sounds))
