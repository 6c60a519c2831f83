"""Names in Japanese and English text, and whether another text holds them, in its own script too.

``トランプ`` is found in a text that says *Trump*, ``米国`` in one that says *the U.S.*: what decides is the sound of the
consonants, and a short list of countries that are called by another name in the other language.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import regex

from rag.text import normalize

_LATIN = regex.compile(r"(?V1)[\p{Latin}][\p{Latin}\p{M}\p{Nd}]*(?:(?:[-.&/_+'’]|(?<=[\p{Latin}])\s(?=\d))[\p{Latin}\p{Nd}]+)*\.?")
_KATAKANA = regex.compile(r"[\p{Katakana}ー]{2,}(?:・[\p{Katakana}ー]{2,})*")
_KANA_WORD = regex.compile(r"[\p{Katakana}ー]{2,}")
_LATIN_WORD = regex.compile(r"\p{Latin}[\p{Latin}\p{M}]+")
_PERSONAL = re.compile(r"氏|大統領|首相|総理|社長|会長|教授|博士|政権|議員|知事|市長|大臣|監督|選手|さん|CEO")


@dataclass(frozen=True, slots=True)
class Name:
    """A name as written, and its words in one form; ``words`` of a Latin name are its parts."""

    written: str
    words: tuple[str, ...]


# Countries and what is called otherwise in the other language: sound does not tell there.
_ALIASES = tuple(
    frozenset(line.split(","))
    for line in """
米国,アメリカ,米,アメリカ合衆国,us,usa,unitedstates,america,american,americans
中国,中華人民共和国,china,chinese
日本,日,japan,japanese
英国,イギリス,英,uk,unitedkingdom,britain,british,england
韓国,大韓民国,southkorea,korea,korean
北朝鮮,northkorea
台湾,taiwan,taiwanese
ドイツ,独,germany,german
フランス,仏,france,french
スイス,switzerland,swiss
オランダ,netherlands,dutch
インド,india,indian
ロシア,露,russia,russian
欧州,ヨーロッパ,europe,european
欧州連合,eu,europeanunion
サウジアラビア,saudiarabia,saudi
アラブ首長国連邦,uae,unitedarabemirates
オーストラリア,豪州,australia,australian
ホワイトハウス,whitehouse
国連,国際連合,un,unitednations
東京,tokyo
北京,beijing
大阪,osaka
京都,kyoto
""".split()
)
_ALIAS_OF = {form: number for number, forms in enumerate(_ALIASES) for form in forms}

_COMMON = frozenset(
    """
    president minister prime ceo cto chairman director professor doctor mr mrs ms dr company inc corp ltd university institute government
    january february march april may june july august september october november december jan feb mar apr jun jul aug
    sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday english
    according additionally also although another any around because before besides both by compared consequently
    currently despite during each early either even every everyone few finally first firstly following for from
    furthermore generally given hence here however if in instead it its last late lastly later less likewise many more
    moreover most much neither nevertheless next no none nor not note now of on once one only other others otherwise
    overall part people per perhaps rather second secondly several similarly since so some soon still such than that
    the their then there therefore these they third this those though through thus to today together two under
    unlike until when where whereas whether which while who whoever why with within without yes yet
    access action adoption answer anyone article author ban body book cause change china choice city code control cost
    country data day demand developer economy effect energy evidence example export fact firm focus funding future goal
    group growth half hardware help history idea impact industry information innovation interest issue job law lead
    market matter model money name nation need network news number official office open order output paper passage
    plan platform point policy power price problem product progress project public question rate reason report research
    researcher rest result risk role rule safety science search security service share side size software source speed
    staff state step story strategy student study success support survey system team technology term text time tool
    trade training trend trust use user value view war water way week weight work worker world year
    green grind brew pour boil warm cold hot tea coffee rice fish
    """.split()
)
_COMMON_ENDING = re.compile(r"(?:ing|ed|ly|tion|tions|ment|ments|ness|ity|ities|ers|ors|ies|isms?|ance|ence|ive|able|ous|al|ful)$")


def names(text: str, language: str) -> list[Name]:
    """Names in a text: Latin words that are no common ones, proper nouns, and katakana that no dictionary knows.

    Args:
        text: any text.
        language: ISO 639-1 code; in Japanese any Latin word with a capital is taken for a name.
    """
    plain = normalize(text)
    found = _latin_names(plain, in_japanese=language == "ja")
    return [*found, *_japanese_names(plain)] if language in ("ja", "zh") else found


def _latin_names(text: str, in_japanese: bool) -> list[Name]:
    found: list[Name] = []
    run: list[str] = []
    end = -2
    for match in _LATIN.finditer(text):
        word = match[0].removesuffix(".")
        if not _looks_named(word, text, match.start(), in_japanese):
            continue
        if run and match.start() == end + 1 and text[end] == " ":
            run.append(word)
        else:
            found += _latin_name(run)
            run = [word]
        end = match.start() + len(word)
    return found + _latin_name(run)


def _latin_name(run: Sequence[str]) -> list[Name]:
    parts = [part for part in map(_plain_latin, run) if part not in _COMMON]
    return [Name(" ".join(run), tuple(parts))] if parts else []


def _looks_named(word: str, text: str, start: int, in_japanese: bool) -> bool:
    if not any(char.isupper() for char in word) or len(word) == 1:
        return False
    if in_japanese or any(char.isupper() or char.isdigit() for char in word[1:]):
        return True
    before = text[:start].rstrip(" \"'“‘([*_-•・")
    begins = not before or before[-1] in ".!?:;。！？：\n"
    plain = word.lower()
    return not begins or not (plain in _COMMON or _COMMON_ENDING.search(plain) or _is_function_word(plain))


@lru_cache(maxsize=4096)
def _is_function_word(word: str) -> bool:
    from bm25s.stopwords import STOPWORDS_EN_PLUS

    return word.split("'")[0] in STOPWORDS_EN_PLUS


def _plain_latin(word: str) -> str:
    base = re.sub(r"['’]s?$", "", word)
    decomposed = unicodedata.normalize("NFKD", base)
    return "".join(char for char in decomposed if char.isalnum()).casefold()


def _japanese_names(text: str) -> list[Name]:
    found = []
    taken: list[tuple[int, int]] = []
    morphemes = _morphemes(text)
    for match in _KATAKANA.finditer(text):
        parts = [m for m in morphemes if match.start() <= m.start and m.end <= match.end() and m.surface != "・"]
        if _is_katakana_name(match, parts, text):
            words = tuple(_plain_katakana(word) for word in _KANA_WORD.findall(match[0]))
            found.append(Name(match[0], words))
            taken.append(match.span())
    for m in morphemes:
        is_taken = any(start < m.end and m.start < end for start, end in taken)
        if m.is_proper and len(m.surface) > 1 and not is_taken and not _LATIN.fullmatch(m.surface):
            found.append(Name(m.surface, (_plain_katakana(m.surface),)))
    return found


def _is_katakana_name(match: Any, parts: Sequence[_Morpheme], text: str) -> bool:
    if any(m.is_proper or m.is_unknown for m in parts) or "・" in match[0]:
        return True
    # Several dictionary words in one may be a company's name as well as a loan word.
    return len(parts) > 1 or bool(_PERSONAL.match(text, match.end()))


def _plain_katakana(word: str) -> str:
    word = word.replace("ヴァ", "バ").replace("ヴィ", "ビ").replace("ヴェ", "ベ").replace("ヴォ", "ボ").replace("ヴ", "ブ")
    return word.rstrip("ー") if len(word) > 3 else word


# Whether a text holds a name -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Named:
    """A text to look names up in."""

    text: str
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def holds(self, name: Name) -> bool:
        """Whether the text has this name: as written, under another name of the same, or by its sound.

        Of a Latin name of several words half are enough, since *the Allen Institute* is 研究所 elsewhere.
        """
        if _ALIAS_OF.get("".join(name.words)) in self._aliases:
            return True
        there = sum(self._holds_word(word) for word in name.words)
        if _LATIN_WORD.search(name.written) and not self._is_latin:
            return 2 * there >= len(name.words)
        return there == len(name.words)

    def _holds_word(self, word: str) -> bool:
        if word in self._words or (not word.isascii() and word in self._letters):
            return True
        if _ALIAS_OF.get(word, -1) in self._aliases:
            return True
        if word.isascii():
            return word in self._joined if any(c.isdigit() for c in word) else _sounds(_sound(word), self._kana_sounds)
        if _KANA_WORD.fullmatch(word):
            return self._holds_parts(word) or _sounds(_sound_of_kana(word), self._latin_sounds)
        return any(_sounds(_sound_of_kana(reading), self._latin_sounds) for reading in _readings(word))

    def _holds_parts(self, word: str) -> bool:
        """Whether the dictionary words of a compound are here: オープンモデル where there is オープンなモデル."""
        parts = _morphemes(word)
        known = len(parts) > 1 and not any(m.is_unknown or m.is_proper for m in parts)
        return known and any(_plain_katakana(m.surface) in self._letters for m in parts)

    @cached_property
    def _plain(self) -> str:
        return normalize(self.text)

    @cached_property
    def _is_latin(self) -> bool:
        return not regex.search(r"[\p{Hiragana}\p{Katakana}]", self._plain)

    @cached_property
    def _words(self) -> frozenset[str]:
        words = [_plain_latin(match[0]) for match in _LATIN.finditer(self._plain)]
        parts = [_plain_latin(part) for match in _LATIN.finditer(self._plain) for part in re.split(r"[-./&_+\s]", match[0])]
        return frozenset((*words, *parts, *("".join(pair) for pair in zip(words, words[1:], strict=False))))

    @cached_property
    def _joined(self) -> str:
        return "".join(char for char in self._plain.casefold() if char.isalnum())

    @cached_property
    def _letters(self) -> str:
        """All of the text with katakana in one spelling and nothing between the letters."""
        spelled = _KANA_WORD.sub(lambda match: _plain_katakana(match[0]), self._plain)
        return "".join(char for char in spelled if char.isalnum() or char == "ー")

    @cached_property
    def _aliases(self) -> frozenset[int]:
        found = {_ALIAS_OF[word] for word in self._words if word in _ALIAS_OF}
        found |= {_ALIAS_OF[m.surface] for m in _morphemes(self._plain) if m.surface in _ALIAS_OF}
        found |= {number for form, number in _ALIAS_OF.items() if len(form) > 1 and not form.isascii() and form in self._letters}
        # 米中, 日米 and the like name two countries in one word.
        for pair in re.findall(r"[日米中英独仏露韓]{2,3}", self._plain):
            found |= {number for char in pair for number in [_ALIAS_OF.get({"中": "中国", "韓": "韓国"}.get(char, char))] if number is not None}
        return frozenset(found)

    @cached_property
    def _kana_sounds(self) -> frozenset[str]:
        kana = [_sound_of_kana(word) for word in _KANA_WORD.findall(self._plain)]
        read = [_sound_of_kana(m.reading) for m in _morphemes(self._plain) if m.is_proper and m.reading]
        return frozenset(filter(None, (*kana, *read)))

    @cached_property
    def _latin_sounds(self) -> frozenset[str]:
        return frozenset(filter(None, (_sound(_plain_latin(word)) for word in _LATIN_WORD.findall(self._plain) if word[0].isupper())))


# Sounds --------------------------------------------------------------------------------------------------------------

_KANA_CONSONANTS = {
    consonant: kana
    for consonant, kana in {
        "k": "カキクケコヵヶ", "g": "ガギグゲゴ", "s": "サシスセソザジズゼゾヂヅ", "t": "タチツテト", "d": "ダデド",
        "n": "ナニヌネノマミムメモン", "h": "ハヒフヘホ", "b": "バビブベボヴ", "p": "パピプペポ", "r": "ラリルレロ",
    }.items()
}  # fmt: skip
_CONSONANT_OF = {char: consonant for consonant, kana in _KANA_CONSONANTS.items() for char in kana}
_SPELLINGS = (
    (r"ck|cc(?=[aou])|qu|q|x$", "k"), (r"x", "ks"), (r"ph|gh(?=t?$)", "h"), (r"sch|sh|th|zh|tz", "s"), (r"ch|tch", "t"),
    (r"c(?=[eiy])", "s"), (r"c", "k"), (r"g(?=[eiy])|j", "s"), (r"f", "h"), (r"v", "b"), (r"l", "r"), (r"m", "n"), (r"z", "s"),
    (r"r(?=[^aeiouy]|$)", ""), (r"[aeiouyw]", ""), (r"[^kgstdnhbpr]", ""),
)  # fmt: skip


@lru_cache(maxsize=16384)
def _sound(word: str) -> str:
    """The consonants of a Latin word as Japanese has them: *Trump* is ``trnp``."""
    for spelling, sound in _SPELLINGS:
        word = re.sub(spelling, sound, word)
    return re.sub(r"(.)\1+", r"\1", word)


@lru_cache(maxsize=16384)
def _sound_of_kana(word: str) -> str:
    """The consonants of a word in katakana: トランプ is ``trnp``."""
    return re.sub(r"(.)\1+", r"\1", "".join(_CONSONANT_OF.get(char, "") for char in word))


def _sounds(sound: str, others: Iterable[str]) -> bool:
    """Whether a sound is among others, one consonant more or less in a long one."""
    if len(sound) < 2:
        return False
    return any(sound == other or (min(len(sound), len(other)) >= 4 and _is_near(sound, other)) for other in others)


def _is_near(a: str, b: str) -> bool:
    if a[0] != b[0] or abs(len(a) - len(b)) > 1:
        return False
    if len(a) == len(b):
        return sum(x != y for x, y in zip(a, b, strict=True)) <= 1
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))


def _readings(word: str) -> list[str]:
    return [m.reading for m in _morphemes(word) if m.reading]


# Morphemes -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Morpheme:
    surface: str
    start: int
    end: int
    is_proper: bool
    is_unknown: bool
    reading: str


_local = threading.local()


@lru_cache(maxsize=512)
def _morphemes(text: str) -> tuple[_Morpheme, ...]:
    """As UniDic has them, with what ``rag.text`` does not tell: proper nouns, unknown words, readings."""
    if not hasattr(_local, "tagger"):
        import fugashi
        import unidic_lite

        _local.tagger = fugashi.GenericTagger(f'-r /dev/null -d "{unidic_lite.DICDIR}"')
    found = []
    for line in re.finditer(r"[^\n]{1,2000}", text):
        position = line.start()
        for node in _local.tagger.parseToNodeList(line[0]):
            position += len(node.white_space)
            fields = node.feature_raw.split(",")
            reading = fields[6] if len(fields) > 6 else ""
            end = position + len(node.surface)
            found.append(_Morpheme(node.surface, position, end, fields[1] == "固有名詞", bool(node.is_unk), reading))
            position = end
    return tuple(found)
