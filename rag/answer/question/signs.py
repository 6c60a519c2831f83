"""Smaller signs in a question: which sentence asks, how many items it wants, negation, editions, what to compute."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rag.answer.question.literals import Found, digits

Edition = Literal["latest", "former", ""]
Operation = Literal["max", "min", "count", "sum", "difference", "mean", "above", "below"]


@dataclass(frozen=True, slots=True)
class Superlative:
    """What must be computed over a numeric column.

    Attributes:
        operation: what to compute, or which side of the threshold is asked for.
        threshold: of ``above`` and ``below``.
        unit: of the threshold.
        is_inclusive: whether the threshold itself counts, as in 以上 and *at least*.
        against: what each row's number is compared with instead, by its name: 予算, of 予算を超えた部署.
        said: the words that ask for it; what is computed over is named by the others.
    """

    operation: Operation
    threshold: float | None = None
    unit: str = ""
    is_inclusive: bool = False
    against: str = ""
    said: str = ""

    @property
    def selects(self) -> bool:
        """Whether the rows beyond something are wanted, rather than a figure."""
        return self.threshold is not None or self.against != ""


# The sentence that asks ----------------------------------------------------------------------------------------------

_SENTENCE_JA = re.compile(r"[^。?!\n]+[。?!]*")
_SENTENCE_EN = re.compile(r"(?<=[?!])\s+|(?<=[a-z0-9]\.)\s+(?=[A-Z])|\n+")
_EMPTY = re.compile(
    r"(?:教えて(?:ください|下さい|ほしい(?:です)?)?|お願い(?:します|いたします|致します)|よろしく.*|"
    r"すみません|ありがとう.*|お疲れ様です|こんにちは|はじめまして|助けてください"
    r"|お世話になって(?:おり|い)ます|.{0,12}(?:質問|相談)(?:です|があります)|(?:thanks|thank you|"
    r"please help|please|hi|hello|help)\b.{0,20})[。.!、,]*",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\?|か[。!]*$|教えて|知りたい|ほしい|ください|何|なに|誰|だれ|どこ|いつ|いくら|どう|なぜ|どれ|^(?:what|"
    r"who|when|where|why|how|which|can|is|are|do|does|did|list|tell|give|compare|explain)\b",
    re.IGNORECASE,
)
_PREFIX = re.compile(
    r"^(?:(?:すみません|すいません|恐れ入りますが|失礼します|お疲れ様です|お尋ねします|ちょっと|あのう?|"
    r"えっと|ねえ|至急|質問(?:です|ですが)|ところで|hi|hello|hey|excuse me|sorry|please|so)[、,。!\s]+)+"
    r"|^(?:(?:can|could|would|will) you (?:please )?|please )?(?:tell|show) me (?=(?:who|what|when|where|"
    r"how|why|which)\b)"
    r"|^(?:can|could|would|will) you (?:please )?(?=(?:tell|explain|list|show|give|name|describe|find|"
    r"compare|summari)\w*)"
    r"|^(?:do you know|i want to know|i'd like to know|i would like to know|i wonder|any idea) "
    r"(?=(?:who|what|when|where|how|why|which)\b)",
    re.IGNORECASE,
)


# 教えてもらえますか asks for it, not whether.
_REQUEST = re.compile(
    r"((?:教え|見せ|挙げ|説明し|まとめ|書い|示し)て)(?:もらえ|いただけ|頂け|くれ|もらうことはでき)(?:ます|ません|る|ない)(?:でしょう)?か?"
)


def asking_sentence(text: str, is_japanese: bool) -> str:
    """The last sentence that asks something; what stands before it is context, what thanks behind it is nothing."""
    pieces = _SENTENCE_JA.findall(text) if is_japanese else _SENTENCE_EN.split(text)
    said = [piece.strip() for piece in pieces if piece.strip() and not _EMPTY.fullmatch(piece.strip())]
    asking = [piece for piece in said if _ASKS.search(piece)] or said
    if not asking:
        return text.strip()
    return _REQUEST.sub(r"\1", _PREFIX.sub("", asking[-1])) or asking[-1]


# Items wanted --------------------------------------------------------------------------------------------------------

_KANA_TSU = "ひとつ ふたつ みっつ よっつ いつつ むっつ ななつ やっつ ここのつ"
_KANJI_TSU = "一つ 二つ 三つ 四つ 五つ 六つ 七つ 八つ 九つ"
_TSU = {name: number for names in (_KANA_TSU, _KANJI_TSU) for number, name in enumerate(names.split(), 1)}
_NUMBERS_EN = "two three four five six seven eight nine ten"
_WORDS_EN = {name: number for number, name in enumerate(_NUMBERS_EN.split(), 2)}
_COUNTS = (
    re.compile(rf"(?P<tsu>{'|'.join(_TSU)})(?!目|以上|以下)"),
    re.compile(r"(?P<n>[1-9])つ(?!目|以上|以下)"),
    re.compile(
        r"(?P<n>\d{1,2}|[二三四五六七八九十])(?:点|個|件|項目|種類|名|人|例)?(?:ほど|"
        r"だけ)?(?:を)?(?:、)?(?:挙げ|あげ|教え|述べ|列挙|示|まとめ|書け)"
    ),
    re.compile(r"(?:トップ|上位|下位|ベスト)(?P<n>\d{1,2})"),
    re.compile(r"(?P<n>\d|[二三四五六七八九])(?:点|要素|原則|本柱|大)の?(?=条件|要件|理由|特徴|原則|課題|方針)"),
    re.compile(
        r"(?<!of )\b(?:list|name|give(?: me)?|what are|what were|state|mention|find|top|the|into|in) (?:the |top |"
        rf"your )?(?P<n>{'|'.join(_WORDS_EN)}|\d{{1,2}}) (?:main |key |most |best |different )?(?!years?|months?|"
        r"days?|hours?|weeks?|minutes?|of|o'clock|percent|am|pm)(?P<noun>[a-z]+s)\b",
        re.I,
    ),
    re.compile(rf"\btop (?P<n>{'|'.join(_WORDS_EN)}|\d{{1,2}})\b", re.I),
)


def items_wanted(text: str) -> int | None:
    """The number of items that a question says it wants."""
    for pattern in _COUNTS:
        match = pattern.search(text)
        if match is None:
            continue
        parts = match.groupdict()
        written = parts.get("n") or ""
        number = _TSU.get(parts.get("tsu") or "") or _WORDS_EN.get(written.lower()) or int(digits(written) or 0)
        return number or None
    return None


# Negation ------------------------------------------------------------------------------------------------------------

_NEGATION = re.compile(
    r"(?<!少)(?<!危)(?<!切)(?<!もったい)(?:ない(?!しょ|科|部|線|容)|ません|なくて(?:も)?(?:よ|い|良|構)|"
    r"なしで?(?=だと|の|で|は)|ず(?:に|、)|不要|不可|しなかった|なかった)"
    r"|\b(?:not|never|without|except|cannot|isn't|aren't|don't|doesn't|didn't|can't|won't|wasn't|weren't|"
    r"shouldn't|mustn't|couldn't)\b",
    re.IGNORECASE,
)
_NOT_NEGATION = re.compile(
    r"な(?:けれ|きゃ|くて)ば?は?(?:なら|なり|いけ|だめ)(?:ない|ません)?|ない[とで](?:いけ|だめ|なら)(?:ない|"
    r"ません)?|[てで]は(?:いけ|なら)(?:ない|ません)|ちゃ(?:いけ|だめ|なら)(?:ない|ません)?"
    r"|(?:わか|分か|解)(?:ら|り)(?:ない|ません)|知(?:ら|り)(?:ない|ません)|かもしれ(?:ない|ません)|"
    r"に違いない|(?:いただけ|もらえ|くれ|頂け|くださ[いり])(?:ない|ません)"
    r"|すみません|すいません|(?:では|じゃ)(?:ない|ありません)(?:です)?か|しか[^、。]{0,8}ない|"
    r"\b(?:why don't (?:we|you)|not only|whether or not|if not|don't (?:know|understand))\b",
    re.IGNORECASE,
)


def is_negated(text: str) -> bool:
    """Whether what is asked about is what does not hold; obligation, prohibition and politeness are no negation."""
    return _NEGATION.search(_NOT_NEGATION.sub("", text)) is not None


# Editions ------------------------------------------------------------------------------------------------------------

_LATEST = re.compile(
    r"最新|今年度?|本年度|今期|今シーズン|今は(?![無な]い)|今(?=[一二三\d何]|いくら)|いま(?=[のは、]|[\u4e00-\u9fff])|新版|改[定訂正]後|新規[程則約]|現在(?!地|位置)|現行|現時点|(?<![\u4e00-\u9fff])今の|いまの|結局|新しい(?=版|規|方|ほう|"
    r"バージョン|制度|マニュアル)|最終的|[にへとうでら](?:決ま(?:り|っ)|決定し|なりまし(?:た|て)|なった)|\b(?:latest|current|currently|"
    r"newest|most recent|up-to-date|this (?:fiscal )?year|in force|as of now|in the end|end(?:ed)? up|finally)\b",
    re.IGNORECASE,
)
_FORMER = re.compile(
    r"(?:去年|昨年|前年)度?(?!から|より|と|に比|比|同)|昨季|(?<![新復])旧(?!姓|正月|暦|友|交|跡|知)|以前の|以前は|前の版|前のバージョン|昔の|昔は|(?:改定|改訂|"
    r"改正|変更)前|もともとは|"
    r"(?:さん|氏|様|課長|部長|先生)の前(?:に|の|は|任)|(?<![\u4e00-\u9fff])前の(?=[\u4e00-\u9fff]{1,5}(?:長|者|員|師|役|任|さん)(?:は|が|って|$))|先代の|前任|"
    r"\b(?:previous|previously|former|formerly|older? version|earlier version|"
    r"prior version|used to|last (?:fiscal )?year)\b",
    re.IGNORECASE,
)


def edition_of(text: str) -> Edition:
    """Whether the newest or an earlier version is asked for."""
    if _FORMER.search(text):
        return "former"
    return "latest" if _LATEST.search(text) else ""


# What must be computed -----------------------------------------------------------------------------------------------

_MORE = "高|多|大き|長|広|良|よい|よか|新|重|速|早|強|厚|深|遠|人気"
_LESS = "安|低|少な|小さ|短|狭|悪|古|軽|遅|弱|薄|浅|近"
_TOP = r"(?:一番|いちばん|最も|もっとも|1番)[^、。]{0,10}?"
_COMPUTED: tuple[tuple[Operation, str], ...] = (
    (
        "max",
        rf"{_TOP}(?:{_MORE})|(?:どちら|どっち)[^、。]{{0,8}}(?:{_MORE})|(?:{_MORE})い?順|最[大高多](?:だった|"
        rf"なの|の(?:[^\sはがを]{{1,8}})は?どれ|は(?:どれ|どこ|誰))",
    ),
    (
        "min",
        rf"{_TOP}(?:{_LESS})|(?:どちら|どっち)[^、。]{{0,8}}(?:{_LESS})|(?:{_LESS})い?順|最[小低少](?:だった|"
        rf"なの|の(?:[^\sはがを]{{1,8}})は?どれ|は(?:どれ|どこ|誰))",
    ),
    ("sum", r"合計|総計|総和|トータル|合わせて|足すと|\b(?:total|sum of|altogether|in all|combined)\b"),
    ("mean", r"平均|\b(?:average|mean value)\b"),
    (
        "difference",
        r"(?:の|との|する)差(?:額)?(?:は|を|が|って|$|\?)|差額(?:は|を|が|$|\?)|"
        r"何[\u4e00-\u9fff%]{1,3}(?:違|高|低|多|少)|\bdifference in\b|\bhow (?:much|many) (?:more|less|"
        r"fewer|higher|lower|cheaper)\b",
    ),
    ("max", r"\b(?:highest|largest|biggest|longest|tallest|heaviest|greatest|newest|(?<!at )most)\b(?! recent)"),
    ("min", r"\b(?:cheapest|lowest|smallest|shortest|fewest|(?<!at )least|lightest|oldest)\b"),
    (
        "count",
        r"何(?:件|種類|品目|店舗|箇所|項目|冊|社(?!分))|いくつあ[りる]|"
        r"\bhow many \w+(?: \w+)? are (?!allowed|required|needed|permitted|used)",
    ),
)
_OPERATIONS = tuple((operation, re.compile(pattern, re.IGNORECASE)) for operation, pattern in _COMPUTED)
_AT_LEAST = re.compile(r"^\s*(?P<incl>以上)|^\s*(?:超|を超え|を上回|より(?:多|大|高|長|重|広))")
_AT_MOST = re.compile(r"^\s*(?P<incl>以下|以内|まで)|^\s*(?:未満|を下回|より(?:少|小|低|短|軽|安|狭))")
_AT_LEAST_EN = re.compile(r"\b(?:more than|over|above|exceed(?:s|ing)?|(?P<incl>at least))(?: \$)?\s*$", re.I)
_AT_MOST_EN = re.compile(
    r"\b(?:fewer than|less than|under|below|(?P<incl>at most|up to|no more than))(?: \$)?\s*$", re.I
)
_SELECTS = re.compile(
    r"どれ|どの|どこ|どちら|一覧|すべて|全て|全部|教えて|挙げ|何[件社台種店]|いくつ|\b(?:which|list|"
    r"how many|what|all)\b",
    re.I,
)
_NOUN = r"(?P<against>[\u4e00-\u9fffァ-ヶー]{2,12})"
_AGAINST: tuple[tuple[Operation, re.Pattern[str]], ...] = (
    (
        "above",
        re.compile(
            rf"{_NOUN}(?:よりも?(?:[^、。\s]{{1,8}}が)?(?:{_MORE})|を(?:超|越|上回|オーバー)|以上に(?:{_MORE}|な))"
            r"|\b(?:above|over|(?:more|greater|higher) than|exceed(?:s|ed|ing)?) (?:the|its|their) "
            r"(?P<noun>[a-z]+(?: [a-z]+)?)",
            re.IGNORECASE,
        ),
    ),
    (
        "below",
        re.compile(
            rf"{_NOUN}(?:よりも?(?:[^、。\s]{{1,8}}が)?(?:{_LESS})|を(?:下回|割)|に(?:満た|達し|届[いか])(?:な|て(?:い)?な|ま)|未満)"
            r"|\b(?:below|under|(?:less|fewer|lower) than|short of) (?:the|its|their) (?P<noun>[a-z]+(?: [a-z]+)?)",
            re.IGNORECASE,
        ),
    ),
)
_LEADING_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def superlative_of(text: str, found: list[Found], selects: bool) -> Superlative | None:
    """What must be computed, if anything.

    Args:
        text: the normalised question.
        found: its conditions; a quantity with 以上 and the like is a threshold.
        selects: whether it asks which or how many, so that a threshold chooses among many.
    """
    for operation, pattern in _OPERATIONS[:-1]:
        if match := pattern.search(text):
            return Superlative(operation, said=match[0])
    if selects and _SELECTS.search(text):
        for condition in found:
            if condition.kind == "quantity" and (threshold := _threshold(text, condition)):
                return threshold
        for operation, pattern in _AGAINST:
            if match := pattern.search(text):
                return Superlative(operation, against=match["against"] or match["noun"])
    operation, pattern = _OPERATIONS[-1]
    match = pattern.search(text)
    return Superlative(operation, said=match[0]) if match else None


def _threshold(text: str, condition: Found) -> Superlative | None:
    before, after = text[: condition.start], text[condition.end :]
    value = _LEADING_NUMBER.match(condition.normal)
    sides: tuple[tuple[Operation, re.Match[str] | None], ...] = (
        ("above", _AT_LEAST.search(after) or _AT_LEAST_EN.search(before)),
        ("below", _AT_MOST.search(after) or _AT_MOST_EN.search(before)),
    )
    for operation, match in sides:
        if match and value:
            return Superlative(
                operation, float(value[0]), condition.normal[value.end() :], match.groupdict().get("incl") is not None
            )
    return None


# What leans on the question before -----------------------------------------------------------------------------------

_ELLIPTIC = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"^(?:それ(?!ぞれ|以外の|以上)|その(?!他|ため|まま|もの)|そこ(?!そこ)|そちら|そっち|あれ|あの(?:人|"
        r"件|会社)|これ(?!まで|から)|彼|彼女)",
        r"^(?:では|じゃあ?|それでは|だったら|で|ちなみに|あと|それと)、|^(?:じゃあ|ちなみに|それじゃあ?)(?![ぁ-ん])",
        r"^[^、。はが]{1,20}(?:のほうは|の方は|の場合は|だと|なら|だったら|の場合)(?:どう(?:です|なり|"
        r"なる)?.{0,5}|いくら.{0,8}|何.{1,8}|いつ.{0,6})?[?。]*$",
        r"^(?:次|ほか|他|別|残り)の(?!うち|中|とおり|通り)[^、はがをの]{1,8}[はがもを](?:いつ|何|どこ|だれ|誰|どれ|いくら|ある|あり).{0,8}$",
        r"^(?:and |so |then |but )?(?:what|how) about\b",
        r"^(?:and|then|but|or) (?:on|in|for|with|what|who|how|when|where|at|if|the)\b",
        r"\bwhat(?:'s| is) (?:that|it|this)(?=$|\?| in\b| for\b| like\b)|\b(?:is|does|was|are|do|did|about|"
        r"of|for|with) (?:it|they|them|he|she|those|these)\b(?! (?:ok|okay|possible|necessary|mandatory|"
        r"allowed|true|safe|required|time|legal|permitted|not ok))",
    )
)


_POINTING = re.compile(
    r"(?:それ(?!ぞれ|以外の|以上|から|なら|とも|に加え)|その(?!他|ため|まま|もの|ほか|うち)|そちら|そっち|あれ(?!ば)|あの(?:人|件|会社)|彼女?)(?![^(（]*[(（])"
    r"|(?:it|he|she|they)\b(?![^(]*[(])",
    re.IGNORECASE,
)


def pointing_word(text: str) -> str:
    """The word with which a question begins and that means something named before; none if brackets say what."""
    match = _POINTING.match(text)
    return match[0] if match else ""


def is_elliptic(text: str, sentence: str) -> bool:
    """Whether the question leans on what was asked before. Only its first words tell, if more sentences come before."""
    return any(pattern.search(text) for pattern in _ELLIPTIC) and sentence in text and _is_first(text, sentence)


def _is_first(text: str, sentence: str) -> bool:
    return text.index(sentence) < 12
