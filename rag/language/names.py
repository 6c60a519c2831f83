"""Names in Japanese and English text, and whether another text holds them, in its own script too.

``トランプ`` is found in a text that says *Trump*, ``米国`` in one that says *the U.S.*: what decides is the sound of
the consonants, and a short list of countries that are called by another name in the other language.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import regex

from rag.language.morphemes import Morpheme, morphemes
from rag.language.sounds import is_heard_in, sound_of_kana, sound_of_latin
from rag.language.terms import normalize, stopwords

_LATIN = regex.compile(
    r"(?V1)[\p{Latin}][\p{Latin}\p{M}\p{Nd}]*(?:(?:[-.&/_+'’]|(?<=[\p{Latin}])\s(?=\d))[\p{Latin}\p{Nd}]+)*\.?"
)
_KATAKANA = regex.compile(r"[\p{Katakana}ー]{2,}(?:・[\p{Katakana}ー]{2,})*")
_KANA_WORD = regex.compile(r"[\p{Katakana}ー]{2,}")
_LATIN_WORD = regex.compile(r"\p{Latin}[\p{Latin}\p{M}]+")
_POSSESSIVE = re.compile(r"['’]s?$")
_QUOTED = re.compile(r"[「『“]([^「」『』“”\n]{2,30})[」』”]")
_PERSONAL = re.compile(r"氏|大統領|首相|総理|社長|会長|教授|博士|政権|議員|知事|市長|大臣|監督|選手|さん|CEO")


@dataclass(frozen=True, slots=True)
class Name:
    """A name.

    Attributes:
        written: as the text has it.
        words: in one form, without common ones such as *President*.
        whole: all of it in one form.
        sure: False for a lone word at the beginning of an English sentence, which may be any word.
        quoted: True for words in quotation marks, which must stand elsewhere as they are.
    """

    written: str
    words: tuple[str, ...]
    whole: str
    sure: bool = True
    quoted: bool = False


def _lines_of(name: str) -> list[str]:
    return files("rag.language").joinpath(name).read_text(encoding="utf-8").splitlines()


# Countries and what is called otherwise in the other language: sound does not tell there.
_ALIASES = tuple(frozenset(line.split(",")) for line in _lines_of("countries.txt"))
_ALIAS_OF = {form: number for number, forms in enumerate(_ALIASES) for form in forms}

_COMMON = frozenset(word for line in _lines_of("common_words.txt") for word in line.split())
"""English words that begin sentences, and titles: no names, though they may begin with a capital."""
_CALENDAR = re.compile(
    r"(?:(?:Jan|Febr)uary|March|April|May|June|July|August|(?:Septem|Octo|Novem|Decem)ber|"
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?)(?: \d+)?"
)
_COMMON_ENDING = re.compile(
    r"(?:ing|ed|ly|tion|tions|ment|ments|ness|ity|ities|ers|ors|ies|isms?|ance|ence|ive|able|ous|ful)$"
)


def names(text: str, language: str) -> list[Name]:
    """Names in a text: Latin words that are no common ones, proper nouns, and katakana that no dictionary knows.

    Args:
        text: any text.
        language: ISO 639-1 code; in Japanese any Latin word with a capital is taken for a name.
    """
    plain = normalize(text)
    found = _latin_names(plain, in_japanese=language == "ja")
    found += [_quoted_name(match) for match in _QUOTED.finditer(plain)]
    return [*found, *_japanese_names(plain)] if language in ("ja", "zh") else found


def _quoted_name(match: re.Match[str]) -> Name:
    letters = _letters_of(match[1]).casefold()
    return Name(match[0], (letters,), letters, quoted=True)


def _latin_names(text: str, in_japanese: bool) -> list[Name]:
    found: list[Name] = []
    run: list[str] = []
    end = -2
    sure = True
    for match in _LATIN.finditer(text):
        word = match[0].removesuffix(".")
        if not _looks_named(word, text, match.start(), in_japanese):
            continue
        if run and match.start() == end + 1 and text[end] == " " and not _POSSESSIVE.search(run[-1]):
            run.append(word)
        else:
            found += _latin_name(run, sure)
            run, sure = [word], in_japanese or not _begins_sentence(text, match.start())
        end = match.start() + len(word)
    return found + _latin_name(run, sure)


def _latin_name(run: Sequence[str], sure: bool) -> list[Name]:
    words = [_plain_latin(word) for word in run]
    parts = tuple(word for word in words if word not in _COMMON)
    sure = sure or len(run) > 1 or any(char.isupper() or char.isdigit() for char in run[0][1:])
    return [Name(" ".join(run), parts, "".join(words), sure)] if parts else []


def _begins_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(" \"'“‘([*_-•・")
    return not before or before[-1] in ".!?:;。！？：\n"


def _looks_named(word: str, text: str, start: int, in_japanese: bool) -> bool:
    if not any(char.isupper() for char in word) or len(word) == 1 or _CALENDAR.fullmatch(word):
        return False
    if in_japanese or any(char.isupper() or (char.isdigit() and " " not in word) for char in word[1:]):
        return True
    if not _begins_sentence(text, start):
        return True
    plain = word.lower().partition(" ")[0]
    if plain in _COMMON or _is_function_word(plain):
        return False
    is_followed_by_another = regex.match(r" \p{Lu}", text, pos=start + len(word)) is not None
    return is_followed_by_another or not _COMMON_ENDING.search(plain)


@lru_cache(maxsize=4096)
def _is_function_word(word: str) -> bool:
    return word.split("'")[0] in stopwords("en")


def _plain_latin(word: str) -> str:
    base = _POSSESSIVE.sub("", word)
    decomposed = unicodedata.normalize("NFKD", base)
    return "".join(char for char in decomposed if char.isalnum()).casefold()


def _japanese_names(text: str) -> list[Name]:
    found = []
    taken: list[tuple[int, int]] = []
    found_in_text = morphemes(text)
    for match in _KATAKANA.finditer(text):
        parts = [m for m in found_in_text if match.start() <= m.start and m.end <= match.end() and m.surface != "・"]
        if _is_katakana_name(match, parts, text):
            words = tuple(_plain_katakana(word) for word in _KANA_WORD.findall(match[0]))
            found.append(Name(match[0], words, "".join(words)))
            taken.append(match.span())
    for m in found_in_text:
        is_taken = any(start < m.end and m.start < end for start, end in taken)
        if m.is_proper and len(m.surface) > 1 and not is_taken and not _LATIN.fullmatch(m.surface):
            form = _plain_katakana(m.surface)
            found.append(Name(m.surface, (form,), form))
    return found


def _is_katakana_name(match: Any, parts: Sequence[Morpheme], text: str) -> bool:
    if any(m.is_proper or m.is_unknown for m in parts) or "・" in match[0]:
        return True
    # Several dictionary words in one may be a company's name as well as a loan word.
    return len(parts) > 1 or bool(_PERSONAL.match(text, match.end()))


def _plain_katakana(word: str) -> str:
    word = (
        word.replace("ヴァ", "バ").replace("ヴィ", "ビ").replace("ヴェ", "ベ").replace("ヴォ", "ボ").replace("ヴ", "ブ")
    )
    return word.rstrip("ー") if len(word) > 3 else word


def _letters_of(text: str) -> str:
    spelled = _KANA_WORD.sub(lambda match: _plain_katakana(match[0]), text)
    return "".join(char for char in spelled if char.isalnum() or char == "ー")


# Whether a text holds a name -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Named:
    """A text to look names up in."""

    text: str
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def holds(self, name: Name, *, across: bool) -> bool:
        """Whether the text has this name: as written, under another name of the same, or by its sound.

        Args:
            name: from a text in any language.
            across: whether that language is another than this text's. Half of the words of a Latin name are enough
                then, since *the Allen Institute* is アレン研究所, and quoted words need not be here.
        """
        if name.quoted:
            return name.whole in self._letters.casefold() or (across and not name.whole.isascii())
        if self._holds_alias(name.whole):
            return True
        there = sum(self._holds_word(word) for word in name.words)
        if across and _LATIN_WORD.search(name.written):
            return 2 * there >= len(name.words)
        return there == len(name.words)

    def _holds_word(self, word: str) -> bool:
        if word in self._words or (not word.isascii() and word in self._letters):
            return True
        if self._holds_alias(word):
            return True
        if word.isascii():
            return (
                word in self._joined
                if any(c.isdigit() for c in word)
                else is_heard_in(sound_of_latin(word), self._kana_sounds)
            )
        if _KANA_WORD.fullmatch(word):
            return self._holds_parts(word) or is_heard_in(sound_of_kana(word), self._latin_sounds)
        return any(is_heard_in(sound_of_kana(reading), self._latin_sounds) for reading in _readings(word))

    def _holds_alias(self, word: str) -> bool:
        """Whether another name of the same is here; which those of the text are is told where the word has any."""
        return word in _ALIAS_OF and _ALIAS_OF[word] in self._aliases

    def _holds_parts(self, word: str) -> bool:
        """Whether the dictionary words of a compound are here: オープンモデル where there is オープンなモデル."""
        parts = morphemes(word)
        known = len(parts) > 1 and not any(m.is_unknown or m.is_proper for m in parts)
        return known and any(
            _plain_katakana(m.surface) in self._letters or (m.origin and m.origin in self._joined) for m in parts
        )

    @cached_property
    def _plain(self) -> str:
        return normalize(self.text)

    @cached_property
    def _words(self) -> frozenset[str]:
        words = [_plain_latin(match[0]) for match in _LATIN.finditer(self._plain)]
        parts = [
            _plain_latin(part) for match in _LATIN.finditer(self._plain) for part in re.split(r"[-./&_+\s]", match[0])
        ]
        return frozenset((*words, *parts, *("".join(pair) for pair in pairwise(words))))

    @cached_property
    def _joined(self) -> str:
        return "".join(char for char in self._plain.casefold() if char.isalnum())

    @cached_property
    def _letters(self) -> str:
        """All of the text with katakana in one spelling and nothing between the letters."""
        return _letters_of(self._plain)

    @cached_property
    def _aliases(self) -> frozenset[int]:
        found = {_ALIAS_OF[word] for word in self._words if word in _ALIAS_OF}
        found |= {_ALIAS_OF[m.surface] for m in morphemes(self._plain) if m.surface in _ALIAS_OF}
        found |= {
            number
            for form, number in _ALIAS_OF.items()
            if len(form) > 1 and not form.isascii() and form in self._letters
        }
        # 米中, 日米 and the like name two countries in one word.
        for pair in re.findall(r"[日米中英独仏露韓]{2,3}", self._plain):
            found |= {
                number
                for char in pair
                for number in [_ALIAS_OF.get({"中": "中国", "韓": "韓国"}.get(char, char))]
                if number is not None
            }
        return frozenset(found)

    @cached_property
    def _kana_sounds(self) -> frozenset[str]:
        kana = [sound_of_kana(word) for word in _KANA_WORD.findall(self._plain)]
        read = [sound_of_kana(m.reading) for m in morphemes(self._plain) if m.is_proper and m.reading]
        return frozenset(filter(None, (*kana, *read)))

    @cached_property
    def _latin_sounds(self) -> frozenset[str]:
        return frozenset(
            filter(
                None,
                (sound_of_latin(_plain_latin(word)) for word in _LATIN_WORD.findall(self._plain) if word[0].isupper()),
            )
        )


def _readings(word: str) -> list[str]:
    return [m.reading for m in morphemes(word) if m.reading]
