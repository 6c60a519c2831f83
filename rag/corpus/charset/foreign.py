"""Bytes of other languages' encodings: which of them reads most like a language that is written in it.

Each character costs about -log of how often it stands in texts of the language, in nats; as all candidates are readings
of the same bytes, the one that costs least in all is the likeliest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache

SAMPLE_CHARS = 1_500
_ASCII = 3.5
_UNKNOWN = 13.0
_PUNCTUATION = "，。、；：？！“”‘’（）《》〈〉「」『』【】—…·～－"

# The characters most frequent in prose, about half of all that is written, and some more.
_SIMPLIFIED = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实"
    "日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员"
    "解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象"
    "完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运笔笑飞风步改收根干造言联持组每济车亲极林服快办议往元英士证近失转夫令准布始怎呢存未远叫台单影具罗字爱击流备兵连调"
    "深商算质团集百需价花党华城石级整府离况亚请技际约示复病息究线似官火断精满支视消越器容照须九增研写称企八功吗包片史委乎查轻易早曾除农找装广显吧阿李标谈吃图念六引历首医局突专费号尽另周较注语仅考落青随选列"
    "武红响虽推势参希古众构房半节土投某案黑维革划敌致陈律足态护七兴派孩验责营星够章音跟志底站严巴例防族供效续施留讲型料终答紧黄绝奇察母京段依批群项故按河米围江织害斗双境客纪采举杀攻父苏密低朝友诉止细愿千值仍"
)
_TRADITIONAL = (
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實"
    "日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應戰向頭文體政美相見被利什二等產或新己制身果加西斯月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員"
    "解水名真論處走義各入幾口認條平系氣題活爾更別打女變四神總何電數安少報才結反受目太量再感建務做接必場件計管期市直德資命山金指克許統區保至隊形社便空決治展馬科司五基眼書非則聽白卻界達光放強即像難且權思王象"
    "完設式色路記南品住告類求據程北邊死張該交規萬取拉格望覺術領共確傳師觀清今切院讓識候帶導爭運筆笑飛風步改收根乾造言聯持組每濟車親極林服快辦議往元英士證近失轉夫令準布始怎呢存未遠叫臺台單影具羅字愛擊流備兵連調"
    "深商算質團集百需價花黨華城石級整府離況亞請技際約示復病息究線似官火斷精滿支視消越器容照須九增研寫稱企八功嗎包片史委乎查輕易早曾除農找裝廣顯吧阿李標談吃圖念六引歷首醫局突專費號盡另周較注語僅考落青隨選列"
    "武紅響雖推勢參希古眾構房半節土投某案黑維革劃敵致陳律足態護七興派孩驗責營星夠章音跟志底站嚴巴例防族供效續施留講型料終答緊黃絕奇察母京段依批群項故按河米圍江織害鬥雙境客紀採舉殺攻父蘇密低朝友訴止細願千值仍"
)
_KOREAN = (
    "이다는에의을가고하지로한기서도를은사나시어리자인대으해과정일것그아들만수라부있전보니와제구장상적주면게여안공동원요동소조성까원신모화경관무선위비치실내세연습우문거스오등진말마회학생물방같간유국트중용년미했때"
    "계었없습저데되던러분음행발입운반당산려달각금식더할않단차바속배입지명본야람특초심교재작업현품결양건노별불받개예호추워체력레록르두너라히천포종된남길터예강평복큰살많새버후쓰번임론민족월황목례청환영타절통색집술외백권"
)
_FREQUENT_FIRST = 110
# Letters of Russian by how often they are written, from 2.4 nats to 8.
_RUSSIAN: Mapping[str, float] = {
    letter: 2.4 + 0.11 * number + (1.0 if number > 24 else 0.0)
    for number, letter in enumerate("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфёъ")
}
_UKRAINIAN = "іїєґ"
_OF_LATIN: Mapping[str, str] = {
    "en": "éèïöçñ",
    "de": "äöüß",
    "fr": "éèàçêùôîâëïûœ",
    "es": "áéíóúñü¿¡",
    "pt": "áàâãéêíóôõúç",
    "it": "àèéìòù",
    "nordic": "åäöæøé",
    "pl": "ąćęłńóśźż",
    "cs": "áčďéěíňóřšťúůýž",
    "hu": "áéíóöőúüű",
    "ro": "ăâîşţ",
    "hr": "čćđšž",
    "sk": "áäčďéíľňóôšťúýž",
    "tr": "çğıöşüâ",
}
_ALPHABETS: Mapping[str, tuple[str, float]] = {
    "el": ("αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋΐΰ", 4.0),
    "he": ("אבגדהוזחטיכךלמםנןסעפףצץקרשת", 3.7),
    "ar": ("ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي،؟", 4.0),
    "th": ("".join(map(chr, range(0x0E01, 0x0E5C))), 4.2),
}
"""Letters of other scripts, and what each costs on the average."""
_TYPOGRAPHIC = "“”‘’„‚–—…«»°§€£©®·•½²³ª º \xad"
_CENTRAL = frozenset({"pl", "cs", "hu", "ro", "hr", "sk"})
_ENCODINGS: tuple[tuple[str, str], ...] = (
    ("gb18030", "zh-Hans"),
    ("big5", "zh-Hant"),
    ("big5hkscs", "zh-Hant"),
    ("cp949", "ko"),
    ("cp1251", "ru"),
    ("koi8_r", "ru"),
    ("koi8_u", "ru"),
    ("iso8859_5", "ru"),
    ("cp866", "ru"),
    ("cp1252", "latin"),
    ("iso8859_2", "central"),
    ("cp1250", "central"),
    ("cp1254", "latin"),
    ("cp1253", "el"),
    ("iso8859_7", "el"),
    ("cp1255", "he"),
    ("cp1256", "ar"),
    ("tis_620", "th"),
)
_RARE: Mapping[str, float] = {
    **{
        "big5hkscs": 8.0,
        "koi8_u": 4.0,
        "iso8859_5": 6.0,
        "cp866": 4.0,
        "iso8859_7": 5.0,
        "cp1253": 4.0,
        "cp1255": 6.0,
        "cp1256": 6.0,
        "tis_620": 6.0,
    },
    **{"iso8859_2": 1.5, "cp1250": 2.0, "cp1254": 3.0},
}
"""Nats that a text has to read better by in the encodings that fewer files come in."""
_MOST: Mapping[str, float] = {
    "zh-Hans": 7.6,
    "zh-Hant": 7.6,
    "ko": 6.4,
    "ru": 5.0,
    "latin": 7.4,
    "central": 7.4,
    "el": 4.4,
    "he": 4.4,
    "ar": 4.4,
    "th": 4.4,
}
"""Nats that a character other than ASCII may cost on the average."""
_TO_UPPER = 6.0
_RAISED = re.compile(r"(?<=[a-zß-öø-ÿąćęłńśźżčďěňřšťůžőűа-яё])[À-ÖØ-ÞĄĆĘŁŃŚŹŻČĎĚŇŘŠŤŮŽŐŰА-ЯЁ]")
_MIXED = re.compile(r"[A-Za-z](?=[Ͱ-๿])|[Ͱ-๿](?=[A-Za-z])")
_SIDE_BY_SIDE = re.compile(r"[À-ÿŒœŠšŽž](?=[À-ÿŒœŠšŽž])")
_BESIDE = 3.0
_SIGN_WITHIN = re.compile(r"(?<=[^\W\d_])[³¹²ºª](?=[^\W\d_])|ñ(?=[^aeiouáéíóúü])|[ìù](?=[^\W\d_])", re.IGNORECASE)
"""What is no letter, or does not stand so, in the languages of Windows-1252: ³ in a word, ñ without a vowel."""
_NEVER_CENTRAL = re.compile(r"(?<!\w)Ť|ń(?=[aeiouyó])|(?<!\w)[čęńřď](?!\w)", re.IGNORECASE)
_SLAVIC = re.compile(r"w|(?<!z)z(?!z|\b)", re.IGNORECASE)
_OF_SLAVIC, _OF_OTHER, _MOST_OF_LETTERS = 1.6, 0.085, 8.0
"""What w and z cost in the languages of Windows-1252 that have few, what other letters take off, and the most of it."""
_HANZI = re.compile("[\u4e00-\u9fff]+")
_HANZI_ALONE = re.compile(
    "(?<=[a-z])[\u4e00-\u9fff]{1,2}(?![\u4e00-\u9fff])|(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{1,2}(?=[a-z])"
)
_OF_ALONE = 4.0
_SEVERAL = 0.8  # of letters of several languages in one text
_WITHIN_WORD = re.compile(r"[ŁĽĄŚ](?=\d)|(?<=[^\W\d_])[^\w\s\x00-\x7f’·\xad](?=[^\W\d_])")


def foreign(data: bytes, *, errors: str = "strict") -> tuple[float, str, str] | None:
    """What the likeliest reading costs in all, its text, and Python's name of its encoding.

    ``None`` if the bytes read like no language that is known here.

    Args:
        errors: ``replace`` gives U+FFFD for what cannot be decoded.
    """
    found: list[tuple[float, str, str]] = []
    for name, language, text in _readings(data, errors):
        chars = Counter(text[:SAMPLE_CHARS])
        chars.pop("\ufffd", None)
        plain = sum(count * _plain_cost(char) for char, count in chars.items() if char.isascii())
        others = {char: count for char, count in chars.items() if not char.isascii()}
        cost = _cost(text[:SAMPLE_CHARS], others, language)
        if others and cost <= _MOST[language] * sum(others.values()):
            of_all = (plain + cost) * max(1.0, len(text) / SAMPLE_CHARS)
            found.append((of_all + _RARE.get(name, 0.0), text, name))
    return min(found, key=lambda each: each[0], default=None)


def _plain_cost(char: str) -> float:
    return _ASCII if char.isprintable() or char in "\t\r\n" else _UNKNOWN


def _readings(data: bytes, errors: str) -> Iterator[tuple[str, str, str]]:
    if len(data) % 2 == 0 or errors == "replace":
        for name in ("utf-16-le", "utf-16-be"):
            text = _decoded(data, name, errors)
            if text is not None and (language := _language_of(text)):
                yield name, language, text
    if b"\0" in data:
        return
    for name, language in _ENCODINGS:
        if errors == "replace" and language in _ALPHABETS:
            continue  # what is broken reads like these too easily
        text = _decoded(data, name, errors)
        if text is not None:
            yield name, language, text


def _decoded(data: bytes, name: str, errors: str) -> str | None:
    try:
        return data.decode(name, errors)
    except (UnicodeError, LookupError):
        return None


def _language_of(text: str) -> str:
    """The language that the script of most characters is of; empty if most are of none known here."""
    sample = text[:SAMPLE_CHARS]
    kinds = {
        "ko": sum("\uac00" <= char <= "\ud7a3" for char in sample),
        "el": sum("\u0370" <= char <= "\u03ff" for char in sample),
        "ru": sum("\u0400" <= char <= "\u045f" for char in sample),
        "latin": sum(char.isascii() and (char.isprintable() or char in "\t\r\n") for char in sample),
        "zh-Hans": sum("\u4e00" <= char <= "\u9fff" or "\u3000" <= char <= "\u303f" for char in sample),
    }
    best = max(kinds, key=lambda kind: kinds[kind])
    wide = sum(not char.isascii() for char in sample)
    if best == "latin" and wide:
        best = max(("ko", "el", "ru", "zh-Hans"), key=lambda kind: kinds[kind])
        return best if kinds[best] >= 0.7 * wide else ""
    if kinds[best] + sum(char.isascii() for char in sample) < 0.8 * len(sample):
        return ""
    if best == "zh-Hans":
        simplified, traditional = (sum(char in _tiers(each) for char in sample) for each in ("zh-Hans", "zh-Hant"))
        best = "zh-Hant" if traditional > simplified else best
    return best


def _cost(text: str, others: Mapping[str, int], language: str) -> float:
    """What the characters other than ASCII cost."""
    if language == "ru":
        torn = _TO_UPPER * (len(_RAISED.findall(text)) + len(_MIXED.findall(text)))
        return torn + sum(count * _russian_cost(char) for char, count in others.items())
    if language in ("latin", "central"):
        torn = _TO_UPPER * (len(_RAISED.findall(text)) + len(_WITHIN_WORD.findall(text)))
        if language == "latin":
            torn += _BESIDE * len(_SIDE_BY_SIDE.findall(text)) + _TO_UPPER * len(_SIGN_WITHIN.findall(text))
            torn += _of_letters(text)
        else:
            torn += _TO_UPPER * len(_NEVER_CENTRAL.findall(text))
        own = [letters for key, letters in _OF_LATIN.items() if (key in _CENTRAL) == (language == "central")]
        costs = [sum(count * _latin_cost(char, letters) for char, count in others.items()) for letters in own]
        several = sum(count * (_latin_cost(char, "".join(own)) + _SEVERAL) for char, count in others.items())
        return torn + min(*costs, several)
    if language in _ALPHABETS:
        letters, each = _ALPHABETS[language]
        torn = _TO_UPPER * len(_MIXED.findall(text))
        return torn + sum(count * _letter_cost(char, letters, each) for char, count in others.items())
    tiers = _tiers(language)
    alone = len(_HANZI_ALONE.findall(text)) if language.startswith("zh") else 0
    torn = _OF_ALONE * alone if 2 * alone > len(_HANZI.findall(text)) else 0.0
    return torn + sum(count * (tiers.get(char) or _rare_cost(char, language)) for char, count in others.items())


def _of_letters(text: str) -> float:
    """What its plain letters cost: many w and z are of Polish or a language beside it."""
    letters = sum(char.isascii() and char.isalpha() for char in text)
    slavic = len(_SLAVIC.findall(text))
    return min(_MOST_OF_LETTERS, max(0.0, _OF_SLAVIC * slavic - _OF_OTHER * (letters - slavic)))


@lru_cache(maxsize=4)
def _tiers(language: str) -> Mapping[str, float]:
    letters = {"zh-Hans": _SIMPLIFIED, "zh-Hant": _TRADITIONAL, "ko": _KOREAN}[language]
    if language == "ko":
        found = {char: 3.6 if number < 70 else 4.8 for number, char in enumerate(letters)}
    else:
        found = {char: 4.4 if number < _FREQUENT_FIRST else 5.8 for number, char in enumerate(letters)}
    punctuation = dict.fromkeys(_PUNCTUATION, 3.2 if language != "ko" else 6.5)
    return {**found, **punctuation, "\u3000": 5.0}


def _rare_cost(char: str, language: str) -> float:
    code = ord(char)
    if language == "ko":
        if 0xAC00 <= code <= 0xD7A3:
            return 6.8 if _fits(char, "euc_kr") else 11.0
        return 10.0 if 0x4E00 <= code <= 0x9FFF else 8.0 if 0x2010 <= code <= 0x2030 else _UNKNOWN
    if 0x4E00 <= code <= 0x9FFF:
        return _hanzi_cost(char, language)
    return 6.5 if 0xFF01 <= code <= 0xFF5E or 0x2010 <= code <= 0x2030 else _UNKNOWN


@lru_cache(maxsize=8_000)
def _hanzi_cost(char: str, language: str) -> float:
    """Those of the first level of the standard are in common use."""
    name, last = ("gb2312", 0xD7) if language == "zh-Hans" else ("big5", 0xC6)
    try:
        return 8.0 if char.encode(name)[0] <= last else 11.0
    except UnicodeEncodeError:
        return 12.5


@lru_cache(maxsize=8_000)
def _fits(char: str, name: str) -> bool:
    try:
        return bool(char.encode(name))
    except UnicodeEncodeError:
        return False


def _russian_cost(char: str) -> float:
    if char.lower() in _RUSSIAN:
        return _RUSSIAN[char.lower()] + (1.5 if char.isupper() else 0.0)
    if char.lower() in _UKRAINIAN:
        return 6.0
    return 6.0 if char in _TYPOGRAPHIC or char == "№" else _UNKNOWN


def _letter_cost(char: str, letters: str, cost: float) -> float:
    if char.lower() in letters:
        return cost + (1.5 if char.isupper() else 0.0)
    return 6.0 if char in _TYPOGRAPHIC else _UNKNOWN


def _latin_cost(char: str, letters: str) -> float:
    if char.lower() in letters:
        return 4.8
    return 6.0 if char in _TYPOGRAPHIC else 9.0 if char.isalpha() else _UNKNOWN
