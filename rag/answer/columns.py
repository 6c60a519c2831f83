"""Which columns of a table a question names, by their heads, and what their heads tell of the numbers under them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from rag.answer.coverage import Weigh, terms_of
from rag.answer.evidence import Unit
from rag.answer.question import Question, WantedType
from rag.answer.ranges import falls_into, quantities_of
from rag.answer.values import values
from rag.language.glossary import OTHER, translated
from rag.language.variants import plain

LANGUAGE = "ja"  # in which cells, too short to tell, are cut into terms
BRACKETED = re.compile(r"[(（\[].*?[)）\]]")
TO_THE_LETTER = 2.0
_MOST_OF_HEAD = 0.7
_PHRASE_END = re.compile(r"[はをが?？。]|って|いくら|いつ|どこ|だれ|誰|教えて|です")
_KINDS_OF_HEADS: Mapping[WantedType, tuple[WantedType, ...]] = {"place": ("place", "organisation")}
HEADS_OF: Mapping[WantedType, re.Pattern[str]] = {
    "person": re.compile(r"者$|担当|氏名|名前|講師|講演|委員|教員|主治医|記録|who|name|person|contact|instructor"),
    "date": re.compile(r"日$|日付|日時|期限|期日|締切|年月|予定|date|deadline|due"),
    "time": re.compile(r"時刻|時間|開始|終了|始業|終業|time"),
    "amount": re.compile(r"額$|料$|費$|代$|料金|運賃|価格|金額|単価|値段|円|手当|price|cost|fee|amount"),
    "phone": re.compile(r"電話|内線|連絡先|tel|phone|ext"),
    "place": re.compile(r"場所|会場|所在地|住所|置き場|勤務地|教室|place|location|venue|room"),
    "percent": re.compile(r"率$|割合|比率|[%％]|rate|ratio"),
    "duration": re.compile(r"期間|周期|日数|納期|年数|時間|間隔|period|interval|term"),
    "organisation": re.compile(r"先$|会社|部署|所属|機関|担当課|窓口|メーカー|department|company|supplier"),
    "code": re.compile(r"番号|コード|型番|品番|code|no\.?$|id$"),
    "count": re.compile(r"数$|台数|人数|件数|定員|quantity|number|count"),
}


def question_words(question: Question, weigh: Weigh) -> Mapping[str, float]:
    """The question's terms, as heads are compared with them, and the share of each of the weight of all.

    Terms of what its words may be in the other language have the share of these words.
    """
    weights = weigh(sorted(terms_of(question.text, LANGUAGE)))
    total = sum(weights.values()) or 1.0
    words = {term: weight / total for term, weight in weights.items()}
    others: dict[str, float] = {}
    for word in translated(question.text, question.language):
        share = sum(words.get(term, 0.0) for term in terms_of(word.text, question.language))
        for other in word.others:
            found = terms_of(other, OTHER[question.language])
            others |= {term: max(others.get(term, 0.0), share / len(found)) for term in found}
    return others | words


def named_columns(question: Question, asked: str, words: Mapping[str, float], heads: Sequence[str]) -> list[int]:
    """Columns by how far the question names their heads; those of the type wanted where it names none."""
    return by_score(column_scores(question, asked, words, heads))


def _is_most_of(question: Question, head: str) -> bool:
    """Whether a name in the question is nearly all of a head: 特定自主検査 of 次回特定自主検査."""
    names = (plain(name) for name in question.names)
    return any(len(name) > 2 and name in head and len(name) >= _MOST_OF_HEAD * len(head) for name in names)


def by_score(scores: Mapping[int, float]) -> list[int]:
    return sorted((column for column, score in scores.items() if score >= 0.5), key=lambda c: (-scores[c], c))


def column_scores(question: Question, asked: str, words: Mapping[str, float], heads: Sequence[str]) -> dict[int, float]:
    """How far the question names the head of each column; ``TO_THE_LETTER`` or more where it stands in it."""
    scores: dict[int, float] = {}
    quantities = quantities_of(question)
    for column, head in enumerate(heads):
        bare = BRACKETED.sub("", head)
        if not plain(bare):
            continue
        levels = [plain(level) for level in bare.split(" ")]
        named = [level for level in levels if len(level) > 1 and level in asked]
        if named:
            scores[column] = TO_THE_LETTER + sum(map(len, named)) / 100
            continue
        if falls_into(head, quantities) or _is_most_of(question, plain(bare)):
            scores[column] = TO_THE_LETTER
            continue
        own = terms_of(head, LANGUAGE)
        weights = [words.get(term, 0.0) for term in own]
        if own and sum(weights):
            scores[column] = sum(weight > 0 for weight in weights) / len(own)
    patterns = [HEADS_OF[kind] for kind in _KINDS_OF_HEADS.get(question.wanted, (question.wanted,)) if kind in HEADS_OF]
    phrase = plain(question.facets[0].asked or _PHRASE_END.split(question.text, maxsplit=1)[0])
    for column, head in enumerate(heads):
        folded = plain(head)
        if any(pattern.search(folded) for pattern in patterns):
            scores[column] = scores.get(column, 0.0) + 0.6
        if column in scores and folded[-2:] == phrase[-2:]:
            scores[column] += 0.7
    return scores


_NUMBERS_ALONE = frozenset(["amount", "count", "percent", "duration", "number"])
_NUMBER_ALONE = re.compile(r"(?<![^\s|,、])[△▲+-]?\d[\d,.]*(?![^\s|,、])")
_WHAT_ALL_IS_IN = re.compile(
    r"単位\s*[:：]\s*(\S+)|\bin ((?:million |thousand )?(?:yen|dollars|euros|usd|eur))\b", re.IGNORECASE
)


def holds_number_of(unit: Unit, wanted: WantedType) -> bool:
    """Whether a row holds a bare number that heads, what it stands under or a line 単位：円 tell to be of a type."""
    if wanted not in _NUMBERS_ALONE or not _NUMBER_ALONE.search(unicodedata.normalize("NFKC", unit.text)):
        return False
    hit = unit.hit
    told = [*re.split(r" / |\n", unit.lead), *hit.heading[-2:], hit.document.title]
    if (head := HEADS_OF.get(wanted)) is not None and any(head.search(plain(words)) for words in told):
        return True
    unit_told = _WHAT_ALL_IS_IN.search(unicodedata.normalize("NFKC", f"{hit.context}\n{hit.text}"))
    return unit_told is not None and bool(values(f"1{unit_told[1] or ' ' + unit_told[2]}", wanted))
