"""What a question wants of a unit, and what a unit tells that the question does not, or tells in place of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice

from rag.answer.coverage import Wanted, named, terms_of
from rag.answer.evidence import Unit
from rag.answer.holding import around
from rag.answer.naming import is_of_kind
from rag.answer.question import Kind, Question
from rag.language.variants import plain

HARD = frozenset(
    ["identifier", "year", "fiscal_year", "article", "version", "ordinal", "date", "former", "range", "given_name"]
)
"""Conditions that no answer may fail; others only count against it."""

_CUES: Mapping[Kind, re.Pattern[str]] = {
    "why": re.compile(
        r"ため(?:[。、に]|です|である|だ|$)|ので|から(?:です|である|だ|。|、)|理由|原因|による|により|防ぐ|ように(?:する|なる)|"
        r"because|due to|since|so that|in order to|to (?:prevent|avoid|ensure)|reason",
        re.IGNORECASE,
    ),
    "exception": re.compile(
        r"ただし|但し|除く|除き|限り|この限りで|対象外|適用しない|例外|場合(?:は|に限|を)|以外|できない|できません|"
        r"except|unless|however|not apply|only if|provided that",
        re.IGNORECASE,
    ),
    "definition": re.compile(
        r"とは|をいう|のこと|を指す|の略|という(?:。|意味)|である|です。?$|：|[\u4e00-\u9fffァ-ヶー]{2}。$|means|"
        r"refers to|stands for|\bis an?\b|[—–] ?(?:an?|the)\b",
        re.IGNORECASE,
    ),
    "yesno": re.compile(
        r"でき(?:る|ます|ない|ません)|しない|しません|ません|ない。|必要|認め|可能|不可|禁止|対象|ください|られ|要り|いりま|"
        r"はい|いいえ|違います|同じです|may not|must|shall|allowed|prohibited|required|can\b|cannot",
        re.IGNORECASE,
    ),
    "how": re.compile(
        r"ください|する。|します|押|選|入力|申請|提出|連絡|click|press|select|enter|submit", re.IGNORECASE
    ),
}
_ASKS_NEXT = re.compile(
    r"(?:(?:次|今度)の[^、。はがをの]{1,16}[はがも]、?|次回.{0,12})(?:いつ|何[日月時曜]|どこ)|\bwhen is the next\b",
    re.IGNORECASE,
)
_NEXT = re.compile(r"次回|次[はの]|\bnext\b", re.IGNORECASE)
_THINGS = re.compile(
    r"(?:もの|物|こと|書類|持ち物|品|条件|要件|項目|メンバー|設備|部活|業務)"
    r"(?:は|を|って|について|には|とは|$|[?？。])|what (?:items|things)|which",
    re.IGNORECASE,
)
_COURSE = re.compile(
    r"流れ|対応|対処|処置|手当て?$|どうすれば|どうしたら|したい(?:です|とき|$)|まず何を|\bsteps\b", re.IGNORECASE
)


_DAY_OR_DAYS = re.compile(r"何日(?:だ|で|なん|$|[?？])")
"""Which day it is, or how many days."""


def wants_course(question: Question) -> bool:
    """Whether a question wants to know what is to be done, one thing after the other."""
    return question.kind == "how" or _COURSE.search(question.text) is not None


def wants_list(question: Question) -> float:
    """How far a question wants all of something, or what is to be done in order, in [0, 1]."""
    if question.kind in ("list", "how"):
        return 1.0
    asks_all = _THINGS.search(question.text) or _COURSE.search(question.text)
    return 0.7 if asks_all and question.kind in ("fact", "keyword", "exception") and not question.wanted else 0.0


_WORD = re.compile(r"[\u4e00-\u9fff々]{2,8}|[ァ-ヶー]{3,}")


class Asked:
    """What is known of a question, whichever unit is looked at.

    Args:
        question: understood.
        wanted: its terms and their weights.
    """

    def __init__(self, question: Question, wanted: Mapping[str, float]) -> None:
        self.question = question
        self.wanted = wanted
        self.list = wants_list(question)
        self.steps = wants_course(question)
        self.cue = _NEXT if _ASKS_NEXT.search(question.text) else _CUES.get(question.kind)
        self.is_keyword = question.kind == "keyword"
        self.is_hard = any(condition.kind in HARD for condition in question.literals)
        self.is_day_or_days = question.wanted in ("date", "duration") and _DAY_OR_DAYS.search(question.text) is not None
        self.folded = plain(question.text)
        self.names = [(name, plain(name)) for name in question.names]
        self.names_heard = [name for name, _ in wanted.names] if isinstance(wanted, Wanted) else []
        self.terms = terms_of(question.text, question.language)
        self.compounding = [term for term in self.terms if len(term) > 1]
        self.rivalled = [term for term in wanted if _WORD.fullmatch(term)]


def is_foreign(question: Question, unit: Unit) -> bool:
    """Whether a unit is in another language than the question, so that words in common tell little."""
    return unit.hit.language != question.language


def context(unit: Unit) -> str:
    """A unit with all that it stands under."""
    return "\n".join([unit.hit.under, unit.lead, unit.text])


def rivalled(asked: Asked, unit: Unit, folded: str) -> float:
    """Share of the question, by weight, that a word of the same kind stands in the place of: 夕食, where 朝食 is asked.

    Words of the same kind end alike and begin differently; what stands there itself, or in what the unit stands under,
    has no rival. ``folded`` are the unit and what it stands under, as words are compared.
    """
    if is_foreign(asked.question, unit):
        return 0.0
    language = unit.hit.language
    there = terms_of(context(unit), language)
    lacking = [term for term in asked.rivalled if term not in there]
    ends = {term[-1] for term in lacking}
    told = terms_of("\n".join([unit.hit.document.title, *unit.hit.heading, unit.lead, unit.text]), language)
    own = [term for term in told if term[-1] in ends and term not in asked.terms and _WORD.fullmatch(term)]
    total = sum(asked.wanted.values()) or 1.0
    by_terms = sum(asked.wanted[term] / total for term in lacking if any(is_of_kind(term, other) for other in own))
    names = [name for _, name in asked.names if len(name) > 2 and name not in folded]
    by_names = sum(re.search(rf"\w{re.escape(name[1:])}", folded) is not None for name in names)
    return max(by_terms, by_names / max(1, len(asked.names)))


_TOPIC = re.compile(r"[\s※＊*・◆●○■□注\-0-9０-９.．)）]*[「『]?([^、。\n]{2,24}?)[」』]?(?:とは|は|[:：＝=　])")


def topical(asked: Asked, unit: Unit) -> float:
    """1 where a sentence is about what the question names, -1 where about another of its kind: 二次店は for 一次店."""
    topic = _TOPIC.match(unit.text) if unit.kind in ("sentence", "item", "line", "answer") else None
    if topic is None or is_foreign(asked.question, unit):
        return 0.0
    folded = plain(topic[1])
    if any(len(name) > 1 and name in folded for _, name in asked.names):
        return 1.0
    words = [word for word in terms_of(folded, unit.hit.language) if _WORD.fullmatch(word)]
    return -1.0 if any(is_of_kind(name, word) for _, name in asked.names for word in words) else 0.0


_LATIN = re.compile(r"[A-Za-z0-9]{2}")


def names_there(asked: Asked, unit: Unit, folded: str) -> float:
    """Share of what the question names that stands in the unit or in what it stands under; 1 if it names nothing.

    ``folded`` are these, as words are compared. In another language only such names are looked for as are written alike
    there, and those that sound alike (メルリオン, *Merlion*).
    """
    if is_foreign(asked.question, unit):
        alike = [own in folded for name, own in asked.names if _LATIN.search(name)]
        heard = [named(around(unit)).holds(name, across=True) for name in asked.names_heard]
        found = [*alike, *heard]
    else:
        found = [own in folded for _, own in asked.names]
    return sum(found) / len(found) if found else 1.0


def is_echo(asked: Asked, unit: Unit) -> bool:
    """Whether a unit says nothing that the question does not: the number of the contract that was asked about."""
    if asked.question.kind in ("yesno", "list", "how"):
        return False
    told = terms_of(unit.text, unit.hit.language) - asked.terms
    # A compound tells no more than its other part: 契約番号, where 契約 was asked about, tells 番号.
    news = (term for term in told if not any(part in term for part in asked.compounding))
    if len(list(islice(news, 2))) < 2:
        return True
    return _is_label_of_it(asked, unit)


def _is_label_of_it(asked: Asked, unit: Unit) -> bool:
    """Whether there is nothing but what is asked about behind its label: 契約番号 霧病契第7-118号."""
    numbers = [plain(each.text) for each in asked.question.literals if each.kind in ("identifier", "ordinal")]
    rest = _COPULA.sub("", plain(unit.text))
    if unit.kind == "row" or len(rest) > _LONGEST_LABEL + sum(map(len, numbers)) or _LABELS.search(asked.folded):
        return False
    held = [number for number in numbers if number in rest]
    for words in [*held, *(folded for _, folded in asked.names)]:
        rest = rest.replace(words, "")
    return bool(held) and _LABELLED.fullmatch(rest) is not None


_LONGEST_LABEL = 16
_COPULA = re.compile(r"は(?=.+(?:です|である)。?$)|(?:です|である)?。?$")
_LABELS = re.compile(r"番号|コード|no\b|number", re.IGNORECASE)
_LABELLED = re.compile(r"[^\d。]*(?:番号|コード|no\.?|number|型式|品番|件名)?[^\d。]{0,3}", re.IGNORECASE)
_LABEL = re.compile(r"\s*[・\-*]?\s*([^:：\s][^:：]{0,11})[:：]\s*\S")
_ROLE = "者日先名"


def named_label(folded: str, unit: Unit) -> float:
    """How far a question names the label of a line of a form (出席者：…), which is a row of two cells; 0 if not."""
    label = _LABEL.match(unit.text) if unit.kind == "line" else None
    if label is None:
        return 0.0
    name = plain(label[1])
    stem = name[:-1] if len(name) > 2 and name[-1] in _ROLE else name
    return 0.5 + len(stem) / max(1, len(folded)) if len(stem) > 1 and stem in folded else 0.0
