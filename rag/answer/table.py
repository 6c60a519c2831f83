"""Cells of tables by row and column, as a question names them.

A row is named by a cell of it that stands in the question (MS-240BX, 11月19日, 取引区分B) or tells a range that a
quantity of the question falls into (勤続5年: 4年以上7年未満), a column by its head. A cell is an answer only where both
are named; where only the row is, the whole row is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rag.answer.coverage import Weigh, terms_of
from rag.answer.evidence import Unit, heads_of, said_in
from rag.answer.question import Condition, Question, WantedType
from rag.answer.question.literals import conditions
from rag.answer.ranges import falls_into, quantities_of, range_in
from rag.answer.values import values
from rag.corpus.blocks import Table
from rag.language.glossary import OTHER, translated
from rag.language.variants import plain

TextAt = Callable[[int, int], str]

_LANGUAGE = "ja"  # in which cells, too short to tell, are cut into terms
_LONGEST_KEY = 40
_TO_THE_LETTER = 2.0
_ENDED = 0.5
_MOST_OF_HEAD = 0.7
_MOST_RANGES = 200
"""Rows of a table in which ranges are looked for."""
_QUOTED = re.compile(r"[「『]([^「」『』]{2,20})[」』]")
_IDEOGRAPH = re.compile(r"[\u4e00-\u9fff々]")
_IDEOGRAPHS = re.compile(rf"{_IDEOGRAPH.pattern}{{2,}}")
_CODE = re.compile(r"(?=[a-z0-9]*[a-z])(?=[a-z0-9]*\d)[a-z0-9]{3,}")
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


@dataclass(frozen=True, slots=True)
class Match:
    """How well a question names a row, and which of its columns.

    Attributes:
        row: its number.
        named: how much of the question's words and conditions name the row, in [0, 1].
        is_exact: whether a cell of the row stands in the question as it is.
        columns: the columns that the question names, best first; those that name the row are none of them.
        within: the quantity of the question that a range in it holds, as asked; empty if none does.
        lacking: what the question names that the row does not have: a quantity that falls into the range of another
            row, or what stands in a column of which the row's cell is empty.
    """

    row: int
    named: float
    is_exact: bool
    columns: tuple[int, ...]
    within: str = ""
    lacking: str = ""


@lru_cache(maxsize=4096)
def _dates(text: str) -> frozenset[str]:
    return frozenset(found.normal for found in conditions(unicodedata.normalize("NFKC", text)) if found.kind == "date")


def question_words(question: Question, weigh: Weigh) -> Mapping[str, float]:
    """The question's terms, as heads are compared with them, and the share of each of the weight of all.

    Terms of what its words may be in the other language have the share of these words.
    """
    weights = weigh(sorted(terms_of(question.text, _LANGUAGE)))
    total = sum(weights.values()) or 1.0
    words = {term: weight / total for term, weight in weights.items()}
    others: dict[str, float] = {}
    for word in translated(question.text, question.language):
        share = sum(words.get(term, 0.0) for term in terms_of(word.text, question.language))
        for other in word.others:
            found = terms_of(other, OTHER[question.language])
            others |= {term: max(others.get(term, 0.0), share / len(found)) for term in found}
    return others | words


def matches(question: Question, table: Table, rows: Iterable[int], text_at: TextAt, weigh: Weigh) -> list[Match]:
    """Those of the rows that a question names, best first."""
    asked = plain(question.text)
    words = question_words(question, weigh)
    heads = heads_of(table, text_at)
    quantities = quantities_of(question)
    scores = _column_scores(question, asked, words, heads)
    columns = _by_score(scores)
    found = []
    outside = _outside(table, quantities, heads, text_at)
    named_cells = (
        {} if question.negated or _OTHERS.search(question.text) else _named_cells(table, asked, heads, text_at)
    )
    for row in rows:
        cells = _filled(table, row, text_at)
        lacking = outside.get(row, "") or _contradicted(cells, named_cells, asked)
        if lacking:
            found.append(Match(row, 0.0, False, (), lacking=lacking))
            continue
        keys = _keys(asked, cells, heads, question, quantities)
        named = _named(asked, words, cells, keys)
        if named > 0:
            values = tuple(column for column in columns if column not in keys) or _only_value(cells, keys, table)
            within = next(
                (each.text for each in quantities if any(falls_into(cell, [each], heads[c]) for c, cell in cells)), ""
            )
            lacking = _empty(scores, keys, {column for column, _ in cells}, heads)
            found.append(Match(row, min(named, 1.0), bool(keys), values, within, lacking))
    # Where the row that is named has nothing under the head, no other row answers.
    empty = next((match.lacking for match in found if match.is_exact and match.lacking), "")
    if empty:
        found = [match if match.is_exact else replace(match, lacking=empty) for match in found]
    return sorted(found, key=lambda match: (-match.is_exact, -match.named, match.row))


_OTHERS = re.compile(
    r"以外|のほか|の他|除[きくい]|[でじ](?:は|ゃ)な[いく]|\b(?:other than|except|besides)\b", re.IGNORECASE
)
_NO_NAME = re.compile(r"[\d\s,.:/％%〜~+()（）-]*|(?:いいえ|はい|あり|なし|有|無|不要|必要|可|不可|yes|no|none)")
_SIZES = re.compile(r"(?:kg|mg|g|ml|l|mm|cm|km|m)$")


def _named_cells(table: Table, asked: str, heads: Sequence[str], text_at: TextAt) -> dict[int, list[str]]:
    """By column, the cells that stand in the question: of such a column no other row is meant."""
    if table.size[0] > _MOST_RANGES:
        return {}
    found: dict[int, list[str]] = {}
    for row in range(table.header_rows, table.size[0]):
        for column, cell in _filled(table, row, text_at):
            key = plain(cell) if len(cell) <= _LONGEST_KEY else ""
            if key and _names_a_row(key) and _is_named(key, "", asked):
                found.setdefault(column, []).append(cell)
    return found


def _names_a_row(key: str) -> bool:
    """Whether words tell one row from others: no number, and no quantity, other than a size."""
    if _NO_NAME.fullmatch(key):
        return False
    measured = [each for each in conditions(key) if each.kind == "quantity" and each.end - each.start == len(key)]
    return not measured or _SIZES.search(measured[0].normal) is not None


def _contradicted(cells: Sequence[tuple[int, str]], named: Mapping[int, Sequence[str]], asked: str) -> str:
    """What the question names in place of another word that a row has in the same column."""
    for column, cell in cells:
        keys = named.get(column)
        folded = plain(cell)
        if (
            keys
            and not any(plain(key) in folded for key in keys)
            and not any(word in asked for word in _words_of(folded))
        ):
            return keys[0]
    return ""


def _words_of(cell: str) -> list[str]:
    """The words of a cell that name it: all that stands between its marks."""
    return [word for word in re.split(r"[・、,/／()（）\s「」]+", cell) if len(word) > 1] or [cell]


def _outside(table: Table, quantities: Sequence[Condition], heads: Sequence[str], text_at: TextAt) -> dict[int, str]:
    """The rows whose range a quantity does not fall into, where it falls into that of another in the same column.

    And those of another size, where several have one: 12mm and 24mm, where 36mm is asked for.
    """
    if not quantities or table.size[0] > _MOST_RANGES:
        return {}
    found: dict[int, str] = {}
    cells = [(row, *cell) for row in range(table.header_rows, table.size[0]) for cell in _filled(table, row, text_at)]
    short = [(row, column, cell) for row, column, cell in cells if len(cell) <= _LONGEST_KEY]
    for quantity in quantities:
        falls = [(row, column, falls_into(cell, [quantity], heads[column])) for row, column, cell in short]
        falls += [(row, column, does) for row, column, does in _sizes(quantity, short)]
        hold = {column for _, column, does in falls if does}
        for row, column, does in falls:
            if column in hold and does is False:
                found.setdefault(row, quantity.text)
    return found


def _sizes(quantity: Condition, cells: Sequence[tuple[int, int, str]]) -> Iterator[tuple[int, int, bool]]:
    """Whether each cell that tells sizes in the unit of one that is asked for has that one; none if but one does."""
    unit = _SIZES.search(quantity.normal)
    if unit is None or quantity.text.endswith("キロ"):
        return
    found = []
    for row, column, cell in cells:
        sizes = {
            each.normal
            for each in conditions(unicodedata.normalize("NFKC", cell))
            if each.kind == "quantity" and (own := _SIZES.search(each.normal)) and own[0] == unit[0]
        }
        if sizes and range_in(cell) is None:
            found.append((row, column, quantity.normal in sizes))
    for column in {column for _, column, _ in found}:
        own_column = [each for each in found if each[1] == column]
        if len(own_column) > 1:
            yield from own_column
            if not any(does for _, _, does in own_column):  # then none of them is meant
                yield -1, column, True


def _empty(scores: Mapping[int, float], keys: set[int], filled: set[int], heads: Sequence[str]) -> str:
    """The head that the question names to the letter, where a row that it names has nothing under it."""
    asked = [column for column, score in scores.items() if score >= _TO_THE_LETTER and column not in keys]
    return heads[asked[0]] if keys and asked and not filled & set(asked) else ""


def _only_value(cells: Sequence[tuple[int, str]], keys: set[int], table: Table) -> tuple[int, ...]:
    """The value of a row that has but one beside what names it."""
    others = [column for column, _ in cells if column not in keys and column >= table.header_columns]
    return (others[0],) if keys and len(others) == 1 else ()


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
    if any(HEADS_OF[wanted].search(plain(words)) for words in told) if wanted in HEADS_OF else False:
        return True
    unit_told = _WHAT_ALL_IS_IN.search(unicodedata.normalize("NFKC", f"{hit.context}\n{hit.text}"))
    return unit_told is not None and bool(values(f"1{unit_told[1] or ' ' + unit_told[2]}", wanted))


def rows_named(question: Question, table: Table, text_at: TextAt) -> list[int]:
    """The rows with a cell that stands in the question."""
    asked, heads = plain(question.text), heads_of(table, text_at)
    rows = range(table.header_rows, table.size[0])
    quantities = quantities_of(question)
    return [row for row in rows if _keys(asked, _filled(table, row, text_at), heads, question, quantities)]


def _filled(table: Table, row: int, text_at: TextAt) -> list[tuple[int, str]]:
    """Column and words of the cells of a row that hold something; of a ditto mark, the words that it stands for."""
    return [(cell.column, said_in(table, cell, text_at)) for cell in table.row(row) if cell.start < cell.end]


def _keys(
    asked: str,
    cells: Sequence[tuple[int, str]],
    heads: Sequence[str],
    question: Question,
    quantities: Sequence[Condition],
) -> set[int]:
    """The columns of the cells that stand in the question to the letter, or hold a quantity of it in their range."""
    folded = [plain(head) for head in heads]
    return {
        column
        for column, cell in cells
        if len(cell) <= _LONGEST_KEY
        and (key := plain(cell))
        and (
            _is_named(key, folded[column] if column < len(folded) else "", asked)
            or _same_date(cell, question)
            or falls_into(cell, quantities, heads[column] if column < len(heads) else "")
        )
    }


def _named(asked: str, words: Mapping[str, float], cells: Sequence[tuple[int, str]], keys: set[int]) -> float:
    """How far the question names a row: by cells that stand in it, and by words that others share with it."""
    named = 0.0
    for column, cell in cells:
        if column in keys:
            named += 0.5 + len(plain(cell)) / max(1, len(asked))
        elif len(cell) <= _LONGEST_KEY:
            terms = terms_of(cell, _LANGUAGE)
            shared = sum(words.get(term, 0.0) for term in terms) + _begun(asked, words, cell, terms)
            shared += _ENDED * _ended(words, cell)
            named += (0.6 if column == 0 else 0.3) * min(1.0, shared)
    return named


def _begun(asked: str, words: Mapping[str, float], cell: str, terms: frozenset[str]) -> float:
    """Share of words that begin a longer one in a cell, as 祖父 does 祖父母; no part of a longer one itself."""
    folded = plain(cell)
    return sum(
        weight
        for word, weight in words.items()
        if word not in terms and _IDEOGRAPHS.fullmatch(word) and word in folded and not _is_part(word, asked)
    )


def _ended(words: Mapping[str, float], cell: str) -> float:
    """Share of the word that a cell ends with: what a compound is, as 図書館司書 is a 司書 and 司書補助 is not."""
    folded = plain(cell)
    return max((weight for word, weight in words.items() if len(word) > 1 and folded.endswith(word)), default=0.0)


def _is_part(word: str, asked: str) -> bool:
    """Whether a word is behind another character of its own in the question, as 祖父 in 曾祖父, or not there at all."""
    at = asked.find(word)
    return at < 0 or _IDEOGRAPH.fullmatch(asked[max(0, at - 1) : at]) is not None


def _is_named(key: str, head: str, asked: str) -> bool:
    """Whether a cell, or the name quoted in it, stands in the question, by itself or behind its head; codes with or
    without their hyphens.
    """
    if _stands_in(key, asked) or (head and _stands_in(head + key, asked)):
        return True
    if any(_stands_in(name, asked) for name in _QUOTED.findall(key)):
        return True
    code = key.replace("-", "")
    return _CODE.fullmatch(code) is not None and _stands_in(code, asked)


def _stands_in(key: str, asked: str) -> bool:
    """Whether a cell stands in the question, not as a part of a longer number or code; one character is too little."""
    if len(key) < 2:
        return False
    at = asked.find(key)
    while at >= 0:
        before, behind = asked[at - 1 : at], asked[at + len(key) : at + len(key) + 1]
        inside = (_joins(before) and _joins(key[0])) or (_joins(behind) and _joins(key[-1]))
        if not inside:
            return True
        at = asked.find(key, at + 1)
    return False


def _joins(char: str) -> bool:
    return char != "" and char.isascii() and (char.isalnum() or char in "-_")


def _same_date(cell: str, question: Question) -> bool:
    dates = [condition.normal for condition in question.literals if condition.kind == "date"]
    return any(date.lstrip("-") and there.endswith(date.lstrip("-")) for date in dates for there in _dates(cell))


def named_columns(question: Question, asked: str, words: Mapping[str, float], heads: Sequence[str]) -> list[int]:
    """Columns by how far the question names their heads; those of the type wanted where it names none."""
    return _by_score(_column_scores(question, asked, words, heads))


def _is_most_of(question: Question, head: str) -> bool:
    """Whether a name in the question is nearly all of a head: 特定自主検査 of 次回特定自主検査."""
    names = (plain(name) for name in question.names)
    return any(len(name) > 2 and name in head and len(name) >= _MOST_OF_HEAD * len(head) for name in names)


def _by_score(scores: Mapping[int, float]) -> list[int]:
    return sorted((column for column, score in scores.items() if score >= 0.5), key=lambda c: (-scores[c], c))


def _column_scores(
    question: Question, asked: str, words: Mapping[str, float], heads: Sequence[str]
) -> dict[int, float]:
    """How far the question names the head of each column; ``_TO_THE_LETTER`` or more where it stands in it."""
    scores: dict[int, float] = {}
    quantities = quantities_of(question)
    for column, head in enumerate(heads):
        bare = plain(re.sub(r"[(（\[].*?[)）\]]", "", head))
        if not bare:
            continue
        if len(bare) > 1 and bare in asked:
            scores[column] = _TO_THE_LETTER + len(bare) / 100
            continue
        last = plain(head.rpartition(" ")[2])
        if (
            falls_into(head, quantities)
            or _is_most_of(question, bare)
            or (last != bare and len(last) > 1 and last in asked)
        ):
            scores[column] = _TO_THE_LETTER
            continue
        own = terms_of(head, _LANGUAGE)
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
