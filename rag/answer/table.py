"""Cells of tables by row and column, as a question names them.

A row is named by a cell of it that stands in the question (MS-240BX, 11月19日, 取引区分B) or tells a range that a
quantity of the question falls into (勤続5年: 4年以上7年未満), a column by its head. A cell is an answer only where both
are named; where only the row is, the whole row is.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.answer.columns import BRACKETED, HEADS_OF, LANGUAGE, TO_THE_LETTER, by_score, column_scores, question_words
from rag.answer.coverage import Weigh, terms_of
from rag.answer.evidence import heads_of, said_in
from rag.answer.naming import begun, ended, in_full, is_named, is_of_kind
from rag.answer.question import Condition, Question, WantedType
from rag.answer.question.literals import conditions
from rag.answer.ranges import falls_into, is_one_of, quantities_of, range_in
from rag.corpus.blocks import Table
from rag.language.variants import plain

TextAt = Callable[[int, int], str]
Rows = Mapping[int, Sequence[tuple[int, str]]]
"""Column and words of the cells of each row that hold something."""

_LONGEST_KEY = 40
_ENDED = 0.5
_MOST_ROWS = 200
"""Of a longer table only the rows that are asked for are looked at."""


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


def matches(question: Question, table: Table, rows: Sequence[int], text_at: TextAt, weigh: Weigh) -> list[Match]:
    """Those of the rows that a question names, best first."""
    asked = plain(question.text)
    words = question_words(question, weigh)
    heads = heads_of(table, text_at)
    quantities = quantities_of(question)
    scores = column_scores(question, asked, words, heads)
    columns = by_score(scores)
    found = []
    # What other rows hold tells which is meant.
    is_long = table.size[0] > _MOST_ROWS
    looked_at = rows if is_long else range(table.header_rows, table.size[0])
    filled = {row: _filled(table, row, text_at) for row in looked_at}
    beside = {} if is_long else filled
    first = _first_cells(beside)
    asked = " ".join([asked, *in_full(question.names, first)])
    outside = _outside(beside, quantities, heads)
    named_cells = {} if question.negated or _OTHERS.search(question.text) else _named_cells(beside, asked)
    apart = _apart(asked, heads) or _apart(asked, first) or _unlisted(question, [*first, *heads], beside)
    for row in rows:
        cells = filled[row]
        lacking = apart or outside.get(row, "") or _contradicted(cells, named_cells, asked)
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
            lacking = _empty(question, scores, keys, {column for column, _ in cells}, heads)
            found.append(Match(row, min(named, 1.0), bool(keys), values, within, lacking))
    empty = next((match.lacking for match in found if match.is_exact and match.lacking), "")
    if empty:  # then no other row answers
        found = [match for match in found if match.is_exact]
        named_rows = {match.row for match in found}
        found += [Match(row, 0.0, False, (), lacking=empty) for row in rows if row not in named_rows]
    return sorted(found, key=lambda match: (-match.is_exact, -match.named, match.row))


_OTHERS = re.compile(
    r"以外|のほか|の他|除[きくい]|[でじ](?:は|ゃ)な[いく]|\b(?:other than|except|besides)\b", re.IGNORECASE
)
_NO_NAME = re.compile(r"[\d\s,.:/％%〜~+()（）-]*|(?:いいえ|はい|あり|なし|有|無|不要|必要|可|不可|yes|no|none)")
_SIZES = re.compile(r"(?:kg|mg|g|ml|L|mm|cm|km|m)$")
_BETWEEN = re.compile(r"[〜~～→↔⇔]|<->|->")


def _apart(asked: str, names: Sequence[str]) -> str:
    """Of what lies between two places, those that the question names, if it is between no such two: 小椿〜鵜ヶ瀬."""
    pairs = [{end for end in _BETWEEN.split(plain(name)) if len(end) > 1} for name in names if _BETWEEN.search(name)]
    pairs = [pair for pair in pairs if len(pair) == 2 and not any(map(str.isdigit, "".join(pair)))]
    named = {end for pair in pairs for end in pair if end in asked}
    if len(pairs) < 2 or len(named) < 2 or any(len(pair & named) == 2 for pair in pairs):
        return ""
    return "〜".join(sorted(named, key=asked.find))


_LEAST_OF_A_KIND, _LEAST_NAME = 2, 3


def _unlisted(question: Question, labels: Sequence[str], rows: Rows) -> str:
    """What the question names where labels are others of its kind, and no cell has it: 北支店 beside 東, 西支店.

    A cell has it that is part of it, or has its characters in their order (看護休暇 of 子の看護等休暇).
    """
    folded = [plain(label) for label in labels]
    for name in map(plain, question.names):
        alike = [label for label in folded if _KIND.fullmatch(label) and is_of_kind(name, label)]
        if len(name) < _LEAST_NAME or len(set(alike)) < _LEAST_OF_A_KIND or not _KIND.fullmatch(name):
            continue
        cells = [plain(cell) for row in rows.values() for _, cell in row]
        is_part = any(len(cell) > 1 and cell in name for cell in cells)
        if not is_part and not any(_has_in_order(cell, name) for cell in (*folded, *cells)):
            return name
    return ""


def _has_in_order(text: str, name: str) -> bool:
    rest = iter(text)
    return all(character in rest for character in name)


_KIND = re.compile(r"[\u4e00-\u9fff々ァ-ヶー]+")


def _first_cells(rows: Rows) -> list[str]:
    """The words of the first column."""
    return [cell for cells in rows.values() for column, cell in cells if column == 0 and len(cell) <= _LONGEST_KEY]


def _named_cells(rows: Rows, asked: str) -> dict[int, list[str]]:
    """By column, the cells that stand in the question: of such a column no other row is meant."""
    found: dict[int, list[str]] = {}
    for cells in rows.values():
        for column, cell in cells:
            key = plain(cell) if len(cell) <= _LONGEST_KEY else ""
            if key and is_named(key, "", asked) and _names_a_row(key):
                found.setdefault(column, []).append(cell)
    # Of a follow-up, what was asked before stands in brackets, and gives way: 進学コースは（特進コース、学費）.
    first = BRACKETED.sub("", asked)
    return {
        column: [cell for cell in cells if is_named(plain(cell), "", first)] or cells for column, cells in found.items()
    }


def _names_a_row(key: str) -> bool:
    """Whether words tell one row from others: no number, and no quantity, other than a size."""
    if _NO_NAME.fullmatch(key):
        return False
    measured = [each for each in conditions(key) if each.kind == "quantity" and each.end - each.start == len(key)]
    return not measured or _SIZES.search(measured[0].normal) is not None


def _contradicted(cells: Sequence[tuple[int, str]], named: Mapping[int, Sequence[str]], asked: str) -> str:
    """What the question names in place of another word that a row has in the same column."""
    asked = BRACKETED.sub("", asked)
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


def _outside(rows: Rows, quantities: Sequence[Condition], heads: Sequence[str]) -> dict[int, str]:
    """The rows whose range a quantity does not fall into, where it falls into that of another in the same column.

    And those of another size, where several have one: 12mm and 24mm, or 12 and 24 under a head with (mm), where 36mm is
    asked for.
    """
    found: dict[int, str] = {}
    short = [(row, column, cell) for row, cells in rows.items() for column, cell in cells if len(cell) <= _LONGEST_KEY]
    for quantity in quantities:
        falls = [(row, column, falls_into(cell, [quantity], heads[column])) for row, column, cell in short]
        hold = {column for _, column, does in falls if does}
        others = [row for row, column, does in falls if column in hold and does is False]
        for row in (*others, *_of_another_size(quantity, short), *_of_another_number(quantity, short, heads)):
            found.setdefault(row, quantity.text)
    return found


def _of_another_size(quantity: Condition, cells: Sequence[tuple[int, int, str]]) -> list[int]:
    """The rows that tell another size than one that is asked for, in columns of which several rows tell one."""
    unit = _SIZES.search(quantity.normal)
    if unit is None or quantity.text.endswith("キロ"):
        return []
    told = [(row, column, sizes) for row, column, cell in cells if (sizes := _sizes_in(cell, unit[0]))]
    several = Counter(column for _, column, _ in told)
    return [row for row, column, sizes in told if several[column] > 1 and quantity.normal not in sizes]


def _of_another_number(quantity: Condition, cells: Sequence[tuple[int, int, str]], heads: Sequence[str]) -> list[int]:
    """The same where it is the first column that tells the sizes, as bare numbers under a head with their unit."""
    if _SIZES.search(quantity.normal) is None:
        return []
    first = [(row, is_one_of(cell, [quantity], heads[0])) for row, column, cell in cells if column == 0]
    told = [row for row, is_it in first if is_it is not None]
    return [row for row, is_it in first if is_it is False] if len(told) > 1 else []


@lru_cache(maxsize=4096)
def _sizes_in(cell: str, unit: str) -> frozenset[str]:
    """The sizes in this unit that a cell tells, if it is no range."""
    if range_in(cell) is not None:
        return frozenset()
    found = (each.normal for each in conditions(unicodedata.normalize("NFKC", cell)) if each.kind == "quantity")
    return frozenset(normal for normal in found if (own := _SIZES.search(normal)) and own[0] == unit)


_TOLD_UNDER_A_HEAD = frozenset[WantedType](["date", "time", "phone"])


def _empty(
    question: Question, scores: Mapping[int, float], keys: set[int], filled: set[int], heads: Sequence[str]
) -> str:
    """The head that the question names to the letter, or that alone tells when, where a row has nothing under it."""
    asked = [column for column, score in scores.items() if score >= TO_THE_LETTER and column not in keys]
    if not asked and question.wanted in _TOLD_UNDER_A_HEAD:
        asked = [column for column, head in enumerate(heads) if HEADS_OF[question.wanted].search(plain(head))]
    return heads[asked[0]] if keys and asked and not filled & set(asked) else ""


def _only_value(cells: Sequence[tuple[int, str]], keys: set[int], table: Table) -> tuple[int, ...]:
    """The value of a row that has but one beside what names it."""
    others = [column for column, _ in cells if column not in keys and column >= table.header_columns]
    return (others[0],) if keys and len(others) == 1 else ()


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
            is_named(key, folded[column], asked)
            or _same_date(cell, question)
            or falls_into(cell, quantities, heads[column])
            or (column == 0 and is_one_of(cell, quantities, heads[0]))
        )
    }


def _named(asked: str, words: Mapping[str, float], cells: Sequence[tuple[int, str]], keys: set[int]) -> float:
    """How far the question names a row: by cells that stand in it, and by words that others share with it."""
    named = 0.0
    for column, cell in cells:
        if column in keys:
            named += 0.5 + len(plain(cell)) / max(1, len(asked))
        elif len(cell) <= _LONGEST_KEY:
            terms = terms_of(cell, LANGUAGE)
            shared = sum(words.get(term, 0.0) for term in terms) + begun(asked, words, cell, terms)
            shared += _ENDED * ended(words, cell)
            named += (0.6 if column == 0 else 0.3) * min(1.0, shared)
    return named


def _same_date(cell: str, question: Question) -> bool:
    dates = [condition.normal for condition in question.literals if condition.kind == "date"]
    return any(date.lstrip("-") and there.endswith(date.lstrip("-")) for date in dates for there in _dates(cell))
