"""How much a decoded text reads like Japanese: enough to tell a right decoding from a wrong one."""

from __future__ import annotations

import re
from collections import Counter

_SAMPLE_CHARS = 20_000

# The 600 kanji most frequent in encyclopaedic prose cover four fifths of its kanji.
_FREQUENT_KANJI = frozenset(
    "年大日人地月国中時生行発一後本的上出世学者部用作間成分代会物同合事市体方書家立水入開設戦高見子化性定前場名長動内自川業山機対多館最所力当島下現東画主以初度数明海期建通軍教全流"
    "新民在語電王関小第記手種品道目気社文実結図和受要政約法北持外公面産置取治理表平女形点原域連近計界特位加式始県類紀活続付重制西南使不来呼田進次工言経能神知金意少有空三広線造万運考"
    "指回型利野変状集彼向帝員正石保心州量強死際元様都存伝支族町起身移調説得共術質食天住料製火認争古土航決二議校側車権交解半直害送反果収基昭組鉄着選再口他村太病務可統両構降命系馬木確"
    "区皇録隊改陸領研府由引任配問相京究離備増演影過観示育朝残安無信史常込判美別船科終話述評含義積態路資論屋報頭題転属規件頃響描派院星官総展査先各親河宮与兵楽白素条遺異城色容放感象称"
    "父号周達止風撃応然施英断団版台比境師役絵築完音営導室接母戸装採供紙価農例低等門賞光技落温独植帯士岡足売格魚球失被米味管切男模園器商映乗継測告思圧岸参曲細歳必江諸係真末震編円洋"
    "深程難根岩急登載防割護息極求験挙葉良囲競個熱聖念橋勝優及階材退源速蔵提夫張修殺推勢層職婚因局仕予酸飛寺復情非貨血限央協歴消補港艦松済試除著翌注単視寄党愛去衛御減輸般布環番十聞"
    "費追助案従検富率衆想帰歌好破首亡谷攻郡林策辺働訪徴証占客何標堂短群井援居担壊医旧郎準武渡症給駅戻投写返焼抗就福創捕介整翼走今陽司虫令尾省段興差激読複列々私込思円読店買誰僕"
)

# Cost of a character in nats given its class: about -log P(char | class), rounded.
_COST = {
    "ascii": 3.0,
    "hiragana": 3.6,
    "katakana": 3.8,
    "punctuation": 3.0,
    "frequent": 6.2,
    "kanji": 8.5,
    "rare": 11.0,
    "halfwidth": 4.0,
    "fullwidth": 5.0,
    "symbol": 8.0,
    "latin": 8.0,
    "strange": 16.0,
}
_OF_ASCII = 3.5  # with what starting it costs
_SURE = 6.0
_MOST_HALFWIDTH = 0.2
_STAY = 0.5  # cost of going on in the same kind of writing
_CHANGE = 2.0
_TO_RARE_CLASS = 4.5  # of starting half-width katakana, rare kanji, symbols: texts do not mix these in often
_UNUSUAL = frozenset({"halfwidth", "rare", "symbol", "latin", "strange"})
_KANJI = frozenset({"frequent", "kanji", "rare"})
_WITHIN_WORD = re.compile(r"(?<=[A-Za-z])[^\x00-\x7f]{1,2}(?=[A-Za-z])|(?<=[a-z]{2})[^\x00-\x7f](?=\s)")
_TORN_HALFWIDTH = re.compile(r"[A-Za-z@\[\]^_{}|~](?=[\uff61-\uff9f])")
_FIRST_HALFWIDTH = re.compile(r"[ｦ-ｯｱ-ｿ]")  # two fifths of half-width katakana, and no letter of KOI8
_MIN_FIRST_HALFWIDTH = 0.08
_MIN_JUDGED = 16  # characters that are not ASCII
_MIN_FAMILIAR = 0.4
_IMPOSSIBLE_HALFWIDTH = re.compile(r"[、。､｡]{2}|[･]{2}|(?<![ｦ-ﾝｰ])[ﾞﾟ]|[ﾞﾟ]{2}|､[ｧ-ｰ]?､")


def implausibility(text: str) -> float:
    """Mean cost of a character, in nats, under a rough model of Japanese writing.

    Right decodings of Japanese text are below 9, chance decodings mostly above 12. The first 20,000 characters count.
    """
    sample = text[:_SAMPLE_CHARS]
    classes = [_class(char) for char in sample]
    cost = sum(_COST[kind] for kind in classes)
    for (before, after), count in Counter(zip(["ascii", *classes], classes, strict=False)).items():
        cost += count * _transition(before, after)
    cost += 4.0 * len(_IMPOSSIBLE_HALFWIDTH.findall(sample))
    return cost / max(1, len(sample))


def is_sure(cost: float, text: str) -> bool:
    """Whether the characters other than ASCII read so much like Japanese that nothing else need be thought of.

    Args:
        cost: of all characters of the text.
    """
    ascii_chars = sum(char.isascii() for char in text)
    others = len(text) - ascii_chars
    halfwidth = sum("\uff61" <= char <= "\uff9f" for char in text)
    return halfwidth <= _MOST_HALFWIDTH * others and cost - _OF_ASCII * ascii_chars <= _SURE * others


def is_foreign(text: str) -> bool:
    """Whether the characters are such as come out when another language's bytes are decoded as Japanese.

    Accented letters and quotation marks become single kanji within words; Russian in KOI8 becomes half-width katakana
    that are the letters from ﾀ on alone; Korean and Chinese become kanji that Japanese seldom writes, or
    half-width katakana among Latin letters.
    """
    sample = text[:_SAMPLE_CHARS]
    kinds = Counter(map(_class, sample))
    others = sum(kinds.values()) - kinds["ascii"]
    if not kinds["hiragana"] + kinds["katakana"] and len(_WITHIN_WORD.findall(sample)) >= 0.5 * max(1, others):
        return True
    if others < _MIN_JUDGED:
        return False
    halfwidth = kinds["halfwidth"]
    if halfwidth > 0.3 * others and len(_FIRST_HALFWIDTH.findall(sample)) < _MIN_FIRST_HALFWIDTH * halfwidth:
        return True
    familiar = sum(kinds[kind] for kind in ("hiragana", "katakana", "punctuation", "frequent", "fullwidth"))
    torn = len(_TORN_HALFWIDTH.findall(sample))
    if kinds["halfwidth"] > 0.3 * others and torn > 0.25 * kinds["halfwidth"]:
        return True
    return familiar + kinds["halfwidth"] < _MIN_FAMILIAR * others


def _transition(before: str, after: str) -> float:
    if before == after or (before in _KANJI and after in _KANJI and after != "rare"):
        return _STAY
    return _TO_RARE_CLASS if after in _UNUSUAL else _CHANGE


def _class(char: str) -> str:
    code = ord(char)
    if code < 0x80:
        return "ascii" if code >= 0x20 or char in "\t\n\r\f\x0b" else "strange"
    if 0x3041 <= code <= 0x309F:
        return "hiragana"
    if 0x30A0 <= code <= 0x30FF:
        return "katakana"
    if char in _FREQUENT_KANJI:
        return "frequent"
    if 0x4E00 <= code <= 0x9FFF:
        return "kanji" if _is_level_1(char) else "rare"
    if char in "、。「」『』（）・！？：；…ー　【】〈〉～〜，．“”‘’―":
        return "punctuation"
    return _other_class(code)


def _other_class(code: int) -> str:
    if 0xFF61 <= code <= 0xFF9F:
        return "halfwidth"
    if 0xFF01 <= code <= 0xFF5E:
        return "fullwidth"
    if 0x2000 <= code <= 0x33FF:
        return "symbol"
    if 0xC0 <= code <= 0x24F:
        return "latin"
    return "rare" if 0x3400 <= code <= 0x4DBF or 0xF900 <= code <= 0xFAFF else "strange"


def _is_level_1(char: str) -> bool:
    """JIS level 1, the kanji in common use: the first byte is at most 0xCF in EUC-JP."""
    try:
        code = char.encode("euc_jp")
    except UnicodeEncodeError:
        return False
    return len(code) == 2 and code[0] <= 0xCF
