"""Follow-up questions made to stand on their own, by rules: what was asked before lends them what they leave out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rag.answer.question import understand
from rag.answer.values import values
from rag.language.detection import detect_language
from rag.language.terms import term_spans
from rag.language.variants import plain
from rag.search import Hit

Span = tuple[int, int]
_MOST_CARRIED = 6
_FEW_WORDS = 2
DOUBTFUL = 0.6
"""An answer less sure than this may be to a question that leaves something out, without a word that says so."""
CLEARLY = 0.15
"""How much surer the answer is then, once what the question before was about is added."""
_POINTING = re.compile(
    r"それ|これ|あれ|その(?!他|ほか)|この|あの|そこ|ここ|そちら|こちら|そう(?:で|し|い)|こうした|そうした|そんな|こんな|彼|同(?:社|氏|国|年|書|館|法|市|県|大学)|前者|後者|上記|"
    r"\b(?:it|its|that|this|these|those|they|them|their|he|she|him|her|his|there|the (?:former|latter))\b",
    re.IGNORECASE,
)
_ASKING = frozenset(
    re.split(
        r" +",
        "何 誰 何処 何時 どれ どの 幾つ 幾ら 何故 如何 どう 理由 方法 意味 詳しい 詳細 教える 説明 例 他 "
        "もっと 具体 下さる 為る 今 時 年 月 日 人 数 "
        "what who whom whose which when where why how tell explain detail more example exampl reason mean say give",
    )
)
_SENTENCE_END = re.compile(r"[？?。．.!！\s]+$")
_THAT_PERSON = re.compile(
    r"その(?:人|方|担当者?|者)|彼女?(?=[のはにが])|\b(?:he|she|his|her|that person)\b", re.IGNORECASE
)
_PIECE = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9][A-Za-z0-9-]*(?![A-Za-z0-9])")


@dataclass(frozen=True, slots=True)
class Turn:
    """A question that was asked, as it was searched, and its answer's text."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question that can be understood on its own.

    Attributes:
        question: what to search and answer.
        asked: what the user wrote.
        by: who made it so: the ``llm``, the ``rule``, or ``None`` if it was left as asked.
        carried: words of the last question that the rule added.
    """

    question: str
    asked: str
    by: Literal["llm", "rule"] | None = None
    carried: tuple[str, ...] = ()


def standalone_by_rule(asked: str, last: Turn, *, most_chars: int = 2000) -> Standalone:
    """A question with what it leaves out taken from the one before.

    「その人」 becomes the person of the last answer; a piece of a name (BX after MS-240B) the name with that piece; a
    thing alone (西棟は？) takes the place of the one of its kind (東棟); otherwise the words that the last question was
    about are added. A question that leaves nothing out stays.

    Args:
        asked: what the user wrote.
        last: the question before it, and its answer.
        most_chars: a question longer than this is not made.
    """
    question = understand(asked)
    person = _person_of(last) if _THAT_PERSON.search(asked) else ""
    if person:
        return Standalone(_THAT_PERSON.sub(person, asked, count=1), asked, "rule", (person,))
    replaced = _with_piece(asked, last.question) or _in_its_place(asked, last.question)
    if replaced:
        return Standalone(replaced, asked, "rule", (replaced,))
    own = _key_words(asked)
    if own and not question.is_elliptic and not _POINTING.search(asked):
        return Standalone(asked, asked)
    return _carried_on(asked, own, last.question, most_chars)


def carried_over(asked: str, last: str, *, most_chars: int = 2000) -> Standalone:
    """A question of few words with what the one before it was about, to be tried where it is not answered by itself.

    Nothing in 充電にはどれくらいかかるの？ says that it leans on what was asked before; that it is answered far better
    with it does. As asked, if it has more words of its own.
    """
    own = _key_words(asked)
    return _carried_on(asked, own, last, most_chars) if len(own) <= _FEW_WORDS else Standalone(asked, asked)


def holds_words(asked: str, hit: Hit) -> bool:
    """Whether all that a question is about by itself stands in a passage, or in what it stands under.

    Else the answer is to the question before alone.
    """
    words = plain(f"{hit.under}\n{hit.text}")
    return all(plain(word) in words for word in _key_words(asked))


def _carried_on(asked: str, own: Sequence[str], last: str, most_chars: int) -> Standalone:
    there = {word.casefold() for word in own}
    carried = tuple(word for word in _key_words(last) if word.casefold() not in there)[:_MOST_CARRIED]
    ending = _SENTENCE_END.search(asked)
    body, end = (asked[: ending.start()], ending[0].strip()) if ending else (asked, "")
    added = f"（{'、'.join(carried)}）" if _language(asked) == "ja" else f" ({', '.join(carried)})"
    made = f"{body}{added}{end}"
    if not carried or len(made) > most_chars:
        return Standalone(asked, asked)
    return Standalone(made, asked, "rule", carried)


def needs_answer(asked: str) -> bool:
    """Whether the last question's answer is needed to understand this one."""
    return _THAT_PERSON.search(asked) is not None


def _person_of(last: Turn) -> str:
    """The first person that the last answer names."""
    found = values(last.answer, "person")
    return last.answer[found[0][0] : found[0][1]] if found else ""


def _with_piece(asked: str, last: str) -> str:
    """The last question about another thing, of whose name this one gives the end alone; empty if it gives none.

    BX after MS-240B is MS-240BX, 260 after MS-240B MS-260; a year after a year is that year.
    """
    folded, before = unicodedata.normalize("NFKC", asked), unicodedata.normalize("NFKC", last)
    years = [c.text for c in understand(folded).literals if c.kind in ("year", "fiscal_year")]
    asked_years = [c.text for c in understand(before).literals if c.kind in ("year", "fiscal_year")]
    rest = re.sub(r"では|じゃあ|それなら|のほう|の方|はどう|ですか|だと|なら|は|の|[?？。、\s]", "", folded)
    if len(years) == 1 == len(asked_years) and rest == re.sub(r"の", "", years[0]):
        return before.replace(asked_years[0], years[0], 1)
    for piece in _PIECE.findall(folded):
        if len(rest) > len(piece) + 2:
            continue
        for name in _PIECE.findall(before):
            if name == piece or not re.search(r"\d", name) or (piece in name and name.endswith(piece)):
                continue
            number = re.search(r"\d+$", name)
            if number is not None and piece.isdigit() and len(piece) == len(number[0]):
                return before.replace(name, name[: number.start()] + piece, 1)
            shared = next((n for n in range(min(len(piece), len(name)), 0, -1) if name.endswith(piece[:n])), 0)
            if shared:
                return before.replace(name, name[: len(name) - shared] + piece, 1)
    return ""


_ALONE = re.compile(
    r"^(?:じゃあ?|では|それじゃ|それなら|それでは|なら|で|あと|ちなみに|and |what about |how about |then )*、?"
    r"(?:(?:in|at|on|for) )?(?:the )?"
    r"(?P<thing>[^、。?？]{1,16}?)(?:だ(?:った)?と|の(?:ほう|方|場合|とき|時))?(?:は|なら|だったら|って|も)?(?:どう(?:です)?か?|いくら|何.{1,3})?[?？。]*$",
    re.IGNORECASE,
)
"""A follow-up that names nothing but a thing: 西棟は？, じゃあ5級だと？, And in the second year?"""
_PERSON = re.compile(r"(?:さん|さま|様|氏|先生|君|ちゃん)$")
_COUNTED_END = re.compile(r"(?:\d+|[一二三四五六七八九十]+)([^\d一二三四五六七八九十]{1,3})$")
_ORDINAL = re.compile(r"^(?:first|second|third|fourth|fifth|sixth|last|\d+(?:st|nd|rd|th)) (\w+)$", re.IGNORECASE)


def _in_its_place(asked: str, last: str) -> str:
    """The last question about the thing that this one names alone, in place of one of its kind; empty if none."""
    folded, before = unicodedata.normalize("NFKC", asked).strip(), unicodedata.normalize("NFKC", last)
    found = _ALONE.match(folded)
    thing = found["thing"].strip() if found else ""
    kind = _kind_of(thing)
    if not kind or thing in before:
        return ""
    there = [before[start:end] for start, end in _things_in(before)]
    other = next((word for word in there if _kind_of(word) == kind and word != thing), "")
    return before.replace(other, thing, 1) if other else ""


def _things_in(text: str) -> list[Span]:
    """Nouns of a question, longest first where one lies in another; what counts and ordinals with what they count."""
    spans = [(start, end) for start, end, _ in term_spans(text, _language(text))]
    spans += [match.span() for match in re.finditer(r"[\u4e00-\u9fff々ァ-ヶー]{2,6}(?![\u4e00-\u9fff々ァ-ヶー])", text)]
    spans += [match.span() for match in re.finditer(r"[^\sのはがをにで、。?]{1,10}(?:さん|さま|様|氏|先生)", text)]
    spans += [
        match.span() for match in re.finditer(r"(?:\d+|[一二三四五六七八九十]+)[^\d\sのはがをにで、。?]{1,3}", text)
    ]
    spans += [match.span() for match in re.finditer(r"\b(?:\w+(?:st|nd|rd|th)|second|last) \w+", text)]
    return sorted(set(spans), key=lambda span: (span[0] - span[1], span[0]))


def _kind_of(thing: str) -> str:
    """What makes two things of one kind: people, so many of something, words that end alike (東棟, 西棟)."""
    if _PERSON.search(thing):
        return "person"
    if (counted := _COUNTED_END.search(thing)) is not None:
        return f"counted {counted[1]}"
    if (ordinal := _ORDINAL.match(thing)) is not None:
        return f"ordinal {ordinal[1].casefold()}"
    return (
        f"word {thing[-1]}"
        if re.fullmatch(r"(?=.*[\u4e00-\u9fffァ-ヶ])[\u4e00-\u9fff々ァ-ヶーぁ-ん]{2,6}", thing)
        else ""
    )


def _key_words(question: str) -> list[str]:
    """What a question is about, as written: its nouns, runs of them whole, without the words that ask and point."""
    spans = [s for s in term_spans(question, _language(question)) if s[2] not in _ASKING]
    outer = [s for s in spans if not any((a, b) != s[:2] and a <= s[0] and s[1] <= b for a, b, _ in spans)]
    words = dict.fromkeys(question[start:end] for start, end, _ in outer)
    return [word for word in words if not re.fullmatch(r"[ぁ-ん]+|\W+", word) and not _POINTING.fullmatch(word)]


def _language(text: str) -> str:
    return "ja" if detect_language(text, default="ja") == "ja" else "other"
