"""Normalisation and terms: what the lexical index counts.

A *term* is the lemma of a content word (Japanese, by fugashi and UniDic) or a stemmed word (other languages, by
Snowball). Width and case are folded, numbers are brought to one form, and runs of nouns are also kept whole:
``サーバー``/``サーバ``, ``出来る``/``できる``, ``2年``/``二年``, ``DeepSeek-R1``/``DeepSeekR1`` find each other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import regex

from rag.language.mecab import tagger
from rag.language.stemming import stem
from rag.language.variants import UNSEEN, usual, usual_forms

_Match = regex.Match[str]

_HALF_WIDTH_KANA = re.compile("[\uff61-\uff9f]+")
_COMBINED = re.compile(r".[\u0300-\u036f\u3099\u309a\uff9e\uff9f]*", re.DOTALL)
# Control characters, and halves of characters, which stand for bytes that could not be decoded.
_NO_TEXT = dict.fromkeys([*(c for c in range(0x20) if c not in b"\t\n"), 0x7F, *range(0xD800, 0xE000)], " ")
_FORMS = {**usual_forms(), **_NO_TEXT}
# Few texts have any of these, and ``str.translate`` takes ten times as long as looking for them.
_OTHERWISE = re.compile(f"[{re.escape(''.join(map(chr, _FORMS)))}]")
# A word of another script than Japanese, with what joins its parts: DeepSeek-R1, U.S., Russia’s, C++.
_LETTER = r"[[\p{L}\p{M}\p{Nd}]--[\p{Han}\p{Hiragana}\p{Katakana}ー]]"
_FOREIGN = regex.compile(
    rf"(?V1)(?<!\p{{Nd}})\p{{Nd}}*+[{_LETTER}--\p{{Nd}}]{_LETTER}*+(?:[-.'’&/_]{_LETTER}+)*(?:\+\+|\#)?"
)
_JAPANESE_LETTER = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}ー]")
_LATIN_MARKS = "".join(mark for mark in map(chr, range(0x20, 0x7F)) if not mark.isalpha()) + "\t‘’“”–—"
_PARTS = re.compile(r"[-.&/_]+")
_RUN = regex.compile(r"[\p{L}\p{M}\p{N}ー]+")
_KATAKANA = regex.compile(r"[\p{Katakana}ー]+")
_V_SOUNDS = {"ヴァ": "バ", "ヴィ": "ビ", "ヴェ": "ベ", "ヴォ": "ボ", "ヴ": "ブ"}
_DIGITS = {digit: value for value, digits in enumerate(["〇零", *"一二三四五六七八九"]) for digit in digits}
_SMALL_UNITS = {"十": 10, "百": 100, "千": 1000}
_LARGE_UNITS = {"万": 10**4, "億": 10**8, "兆": 10**12, "京": 10**16}
_CONTENT = {"名詞", "動詞", "形容詞", "形状詞", "副詞", "接頭辞", "接尾辞"}
_LIGHT_LEMMAS = {"為る", "有る", "居る", "成る", "言う", "事", "物", "為", "様", "方"}
_LONGEST_COMPOUND = 6
_LONGEST_PARSE = 2000


def normalize(text: str) -> str:
    """NFKC and usual forms (髙 as 高), with what is no text as spaces. Case is kept."""
    whole = unicodedata.normalize("NFKC", UNSEEN.sub("", text))
    return whole.translate(_FORMS) if _OTHERWISE.search(whole) else whole


def compose(text: str) -> str:
    """The text with half-width kana as full-width ones, letters joined with their marks, characters in usual forms.

    Tokenizers of embedding models often read ``ﾃﾞｰﾀ`` and decomposed ``データ`` as other words than ``データ``.
    """
    whole = _HALF_WIDTH_KANA.sub(lambda kana: unicodedata.normalize("NFKC", kana.group()), text)
    return usual(unicodedata.normalize("NFC", whole))


def terms(text: str, language: str = "ja") -> list[str]:
    """Terms of a text in their order, repeated as they occur.

    Args:
        text: any text; Japanese and other scripts may be mixed.
        language: ISO 639-1 code that chooses the stemmer of words not in Japanese script; English if it has none.
    """
    return [term for _, _, term in _spans(normalize(text), language)]


def term_spans(text: str, language: str = "ja") -> list[tuple[int, int, str]]:
    """``(start, end, term)`` for each term, as offsets into ``text`` itself; spans of compounds cover their parts."""
    if unicodedata.is_normalized("NFKC", text) and not UNSEEN.search(text):
        return list(_spans(text.translate(_FORMS), language))
    normal, origin = normalize_with_origin(text)
    return [(origin[start], origin[end], term) for start, end, term in _spans(normal, language)]


def runs(text: str) -> list[str]:
    """Runs of letters and digits, width and case folded: what character bigrams are taken from."""
    return list(_RUN.findall(normalize(text).casefold()))


def count_morphemes(text: str) -> int:
    """Length of a text in morphemes as fugashi counts them."""
    return sum(len(nodes) for _, nodes in _parses(normalize(text)))


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    form: str
    terms: tuple[str, ...]
    joins: bool


def _spans(text: str, language: str) -> Iterator[tuple[int, int, str]]:
    run: list[_Token] = []
    for token in _tokens(text, language):
        for term in token.terms:
            yield token.start, token.end, term
        if run and not (token.joins and run[-1].end == token.start):
            yield from _compound(run)
            run = []
        if token.joins:
            run.append(token)
    yield from _compound(run)


def _compound(run: list[_Token]) -> Iterator[tuple[int, int, str]]:
    if 2 <= len(run) <= _LONGEST_COMPOUND:
        yield run[0].start, run[-1].end, "".join(token.form for token in run)


def _tokens(text: str, language: str) -> Iterator[_Token]:
    position = 0
    words = list(_FOREIGN.finditer(text))
    for before, match, behind in zip([None, *words], words, [*words[1:], None], strict=False):
        yield from _japanese(text, position, match.start())
        position = match.end()
        is_name = match.group().isupper() and _is_name(text, before, match, behind)
        yield _foreign(match.group(), match.start(), language, is_name=is_name)
    yield from _japanese(text, position, len(text))


def _is_name(text: str, before: _Match | None, word: _Match, behind: _Match | None) -> bool:
    """Whether a word in capitals is a name, as in IT企業 or "the WHO": not among other capitals, as in a HEADLINE."""
    start, end = word.span()
    if end - start == 1:  # A社; but "I" is none
        return any(_JAPANESE_LETTER.match(char) for char in text[max(0, start - 1) : start] + text[end : end + 1])
    up_to, from_there = text[before.end() if before else 0 : start], text[end : behind.start() if behind else None]
    shouted = {_is_shouted(up_to[::-1], before), _is_shouted(from_there, behind)}
    return False in shouted or True not in shouted


def _is_shouted(between: str, word: _Match | None) -> bool | None:
    """Whether a neighbour is in capitals too; ``None`` if there is none on the line.

    Args:
        between: what parts it from the word, from there on.
        word: the next foreign word, which is the neighbour if nothing Japanese comes first.
    """
    nearest = between.lstrip(_LATIN_MARKS)[:1]
    if nearest:
        return None if nearest == "\n" else False
    return word and word.group().isupper()


def _foreign(word: str, start: int, language: str, *, is_name: bool) -> _Token:
    folded = word.casefold().replace("’", "'")
    body = folded.split("'")[0] or folded
    joined = "".join(_PARTS.split(body))
    parts = [part for part in _PARTS.split(body) if len(part) > 1]
    ignored = frozenset() if is_name else stopwords(language)
    if len(parts) < 2:
        found = [] if folded in ignored or body in ignored else [stem(joined, language)]
    else:
        found = [joined, *(stem(part, language) for part in parts if part not in ignored)]
    return _Token(start, start + len(word), joined, tuple(found), joins=bool(found))


def _japanese(text: str, start: int, end: int) -> Iterator[_Token]:
    number: list[tuple[int, int, str]] = []
    for offset, nodes in _parses(text[start:end]):
        position = start + offset
        for surface, space, pos, kind, lemma in nodes:
            position += len(space)
            here, position = position, position + len(surface)
            separator = surface in ".," and number and not space
            if number and (number[-1][1] != here or not (kind == "数詞" or separator)):
                yield from _number(number)
                number = []
            if kind == "数詞" or (separator and number):
                number.append((here, position, surface))
            elif pos in _CONTENT:
                yield _morpheme(surface, here, position, pos, kind, lemma)
    if number:
        yield from _number(number)


def _morpheme(surface: str, start: int, end: int, pos: str, kind: str, lemma: str) -> _Token:
    form = _fold_katakana(surface.casefold())
    term = _fold_katakana((lemma or surface).casefold())
    noun = pos == "名詞" or pos == "接頭辞" or (pos == "接尾辞" and kind == "名詞的") or pos == "形状詞"
    return _Token(start, end, form, () if term in _LIGHT_LEMMAS else (term,), joins=noun)


def _number(pieces: list[tuple[int, int, str]]) -> Iterator[_Token]:
    while pieces and pieces[-1][2] in ".,":
        pieces = pieces[:-1]
    written = "".join(surface for _, _, surface in pieces)
    value = _value(written.replace(",", ""))
    yield _Token(pieces[0][0], pieces[-1][1], value, (value,), joins=True)


def _value(written: str) -> str:
    """One form for 23, 二十三 and 二三; ``7億`` becomes ``700000000``. What cannot be read stays as written."""
    total = section = 0.0
    digits = ""
    for char in written:
        if char in _DIGITS:
            digits += str(_DIGITS[char])
        elif char.isdecimal() or char == ".":
            digits += char
        elif char in _SMALL_UNITS:
            section += (_float(digits) if digits else 1) * _SMALL_UNITS[char]
            digits = ""
        elif char in _LARGE_UNITS:
            total += (section + (_float(digits) if digits else 0) or 1) * _LARGE_UNITS[char]
            section, digits = 0.0, ""
        else:
            return written
    if written.isdecimal() or not (total or section):
        return digits.lstrip("0") or "0"
    return f"{total + section + (_float(digits) if digits else 0):.10g}"


def _float(digits: str) -> float:
    try:
        return float(digits)
    except ValueError:
        return 0.0


def _fold_katakana(word: str) -> str:
    """One spelling of loan words: ``ー`` behind three or more letters goes (JIS Z 8301), ``ヴ`` becomes ``ブ``."""
    if not _KATAKANA.fullmatch(word):
        return word
    if "ヴ" in word:
        for spelled, plain in _V_SOUNDS.items():
            word = word.replace(spelled, plain)
    return word[:-1] if len(word) >= 4 and word.endswith("ー") else word


def normalize_with_origin(text: str) -> tuple[str, list[int]]:
    """The normalised text, and for each of its characters (and its end) the offset in ``text`` it came from."""
    pieces: list[str] = []
    origin: list[int] = []
    for match in _COMBINED.finditer(text):
        piece = normalize(match.group())
        pieces.append(piece)
        origin += [match.start()] * len(piece)
    return "".join(pieces), [*origin, len(text)]


def _parses(text: str) -> Iterator[tuple[int, list[tuple[str, str, str, str, str]]]]:
    """``(offset, [(surface, space before, part of speech, its kind, lemma)])`` for each stretch given to MeCab."""
    for match in re.finditer(rf"[^\n]{{1,{_LONGEST_PARSE}}}", text):
        with tagger() as mecab:
            nodes = mecab.parseToNodeList(match.group())
            found = [(node.surface, node.white_space, *_features(node.feature_raw)) for node in nodes]
        yield match.start(), found


@lru_cache(maxsize=65536)
def _features(raw: str) -> tuple[str, str, str]:
    fields = raw.split(",", 8)
    lemma = fields[7].split("-")[0] if len(fields) > 7 else ""
    return fields[0], fields[1], "" if lemma == "*" else lemma


@lru_cache(maxsize=32)
def stopwords(language: str) -> frozenset[str]:
    """Function words, which would be rare, and so weigh much, where a language is in the minority."""
    lists = _stopword_lists()
    return lists.get(language, frozenset()) | lists["en"]


@lru_cache(maxsize=1)
def _stopword_lists() -> dict[str, frozenset[str]]:
    text = files("rag.language").joinpath("stopwords.txt").read_text(encoding="utf-8")
    return {code: frozenset(words.split()) for code, words in re.findall(r"^\[(\w+)\]\n([^\[]+)", text, re.MULTILINE)}
