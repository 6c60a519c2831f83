"""What is known of a unit beside the reader's word for it, which is what tells whether it is worth reading at all.

The reader tells whether words are about the question; what it cannot tell is here: whether a value of the type wanted
is there, whether what the question names holds (the invoice's number, the year), whether a table's row and column are
named, whether a list was wanted, whether a cause is given where one was asked for.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.answer.coverage import Weigh, coverage, coverages, terms_of
from rag.answer.evidence import TextOf, Unit
from rag.answer.holding import around, unmet_conditions
from rag.answer.question import Condition, Kind, Question
from rag.answer.reranking import FoundSpan
from rag.answer.table import Match, matches
from rag.answer.values import holds_type, holds_unit
from rag.corpus.blocks import Table
from rag.language.variants import plain

RowKey = tuple[str, int, int]
"""A row of a table: its document, its table's start, its number."""
Mark = tuple[int, int, float]
"""What the reader marked: offsets into the document's text, and the share of the probability of all marks."""
Marks = Mapping[str, Sequence[Mark]]
NO_MARKS: Marks = {}
Alike = Mapping[tuple[str, int, int], tuple[float, int]]
"""Of units in another language than the question: how like its vector theirs are, and their place by that, from 0; by
their document, start and end."""
NOT_FOREIGN: Alike = {}

HARD = frozenset(["identifier", "year", "fiscal_year", "article", "version", "ordinal", "date", "former"])
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
        r"とは|をいう|のこと|を指す|の略|という(?:。|意味)|である|です。?$|：|means|refers to|stands for|\bis an?\b",
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
_USUAL_LIKENESS, _SPREAD_OF_LIKENESS = 0.84, 0.06
_BY_AN_ITEM = 0.15
"""How much more of a question an item has than all that its list stands under, where it is asked about."""
_SEPARATORS = re.compile(r"[、,・／/]|および|及び|ならびに|または|\band\b")

READ = ("relevance", "section", "foreign_relevance")
"""Names of what the reader tells of a unit: its word for it, the best of its section, and that of a unit in another
language than the question."""
SEEN = (
    "passage",
    "rank",
    "coverage",
    "context",
    "type",
    "untyped",
    "cell",
    "row",
    "unnamed_row",
    "list",
    "unwanted_list",
    "cue",
    "no_cue",
    "unmet",
    "met",
    "short",
    "quoted",
    "answer",
    "enumeration",
    "span",
    "names",
    "echo",
    "foreign",
    "likeness",
    "likest",
    "foreign_coverage",
    "foreign_context",
    "near_coverage",
    "near_context",
    "rival",
)
"""Names of what is known before, in the order in which ``Seen`` has it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A unit with what is known of it before it is read.

    Attributes:
        unit: the unit.
        features: in the order of ``SEEN``.
        unmet: what the question names that neither the unit nor what it stands under holds.
        match: of a row, how the question names it.
        spans: what the reader marked in the unit when it read its passage, best first.
    """

    unit: Unit
    features: tuple[float, ...]
    unmet: tuple[Condition, ...]
    match: Match | None = None
    spans: tuple[Mark, ...] = ()

    def __getitem__(self, name: str) -> float:
        """A feature by its name."""
        return self.features[_PLACE[name]]


_PLACE = {name: place for place, name in enumerate(SEEN)}


class _Asked:
    """What is known of a question, whichever unit is looked at."""

    def __init__(self, question: Question, wanted: Mapping[str, float]) -> None:
        self.question = question
        self.wanted = wanted
        self.list = wants_list(question)
        self.steps = wants_course(question)
        self.cue = _CUES.get(question.kind)
        self.is_hard = any(condition.kind in HARD for condition in question.literals)
        self.folded = plain(question.text)
        self.names = [(name, plain(name)) for name in question.names]
        self.terms = terms_of(question.text, question.language)
        self.compounding = [term for term in self.terms if len(term) > 1]


def seen(
    question: Question,
    units: Sequence[Unit],
    wanted: Mapping[str, float],
    rows: Mapping[RowKey, Match],
    text_of: TextOf,
    marks: Marks = NO_MARKS,
    alike: Alike = NOT_FOREIGN,
) -> list[Seen]:
    """What is known of each of these units.

    Args:
        question: understood.
        units: of the best passages.
        wanted: the question's terms and their weights.
        rows: how the question names the rows among them (``row_matches``).
        text_of: texts of documents.
        marks: what the reader marked in the passages.
        alike: how like the question those are that are in another language.
    """
    asked = _Asked(question, wanted)
    found = []
    for unit in units:
        match = rows.get(row_key(unit))
        unmet = unmet_conditions(question, unit, text_of)
        spans = marks_in(unit, marks)
        foreign = is_foreign(question, unit)
        held, near = coverages(wanted, unit.text, unit.hit.language)
        held_around, near_around = coverages(wanted, _context(unit), unit.hit.language)
        features = (
            *_features(asked, unit, match, unmet, (held, held_around)),
            share_of(spans),
            _names_there(asked, unit),
            float(_is_echo(asked, unit)),
            float(foreign),
            *_likeness(alike.get(place_of(unit))),
            foreign * held,
            foreign * held_around,
            near,
            near_around,
            _rivalled(asked, unit),
        )
        found.append(Seen(unit, features, unmet, match, spans))
    return found


def marks_of(spans: Sequence[FoundSpan]) -> Marks:
    """What the reader marked, by document, best first; the shares of all add up to 1."""
    if not spans:
        return NO_MARKS
    highest = max(span.score for span in spans)
    weights = [math.exp(span.score - highest) for span in spans]
    total = sum(weights)
    found: dict[str, list[Mark]] = {}
    for span, weight in zip(spans, weights, strict=True):
        found.setdefault(span.hit.document.id, []).append((span.start, span.end, weight / total))
    return found


def marks_in(unit: Unit, marks: Marks) -> tuple[Mark, ...]:
    """Those that lie in a unit; a whole list is not what is marked in it."""
    if unit.kind in ("list", "steps"):
        return ()
    there = marks.get(unit.hit.document.id, ())
    return tuple(mark for mark in there if unit.start <= mark[0] and mark[1] <= unit.end)


def share_of(marks: Sequence[Mark]) -> float:
    """Share of the probability that these marks have together."""
    return min(1.0, sum(share for _, _, share in marks))


def place_of(unit: Unit) -> tuple[str, int, int]:
    """What tells a unit from others."""
    return unit.hit.document.id, unit.start, unit.end


def _likeness(found: tuple[float, int] | None) -> tuple[float, float]:
    """How like the question a unit in another language is, in [-1, 1] around what e5's usually are, and its place."""
    if found is None:
        return 0.0, 0.0
    cosine, place = found
    return max(-1.0, min(1.0, (cosine - _USUAL_LIKENESS) / _SPREAD_OF_LIKENESS)), 1.0 / (1 + place)


def is_foreign(question: Question, unit: Unit) -> bool:
    """Whether a unit is in another language than the question, so that words in common tell little."""
    return unit.hit.language != question.language


def row_key(unit: Unit) -> RowKey:
    """What a row is told by."""
    return unit.hit.document.id, unit.block.start if unit.block is not None else -1, unit.row


_THINGS = re.compile(
    r"(?:もの|物|こと|書類|持ち物|品|条件|要件|項目|メンバー|設備|部活|業務)"
    r"(?:は|を|って|について|には|とは|$|[?？。])|what (?:items|things)|which",
    re.IGNORECASE,
)
_COURSE = re.compile(
    r"流れ|対応|対処|処置|手当て?$|どうすれば|どうしたら|したい(?:です|とき|$)|まず何を|\bsteps\b", re.IGNORECASE
)


def wants_course(question: Question) -> bool:
    """Whether a question wants to know what is to be done, one thing after the other."""
    return question.kind == "how" or _COURSE.search(question.text) is not None


def wants_list(question: Question) -> float:
    """How far a question wants all of something, or what is to be done in order, in [0, 1]."""
    if question.kind in ("list", "how"):
        return 1.0
    asks_all = _THINGS.search(question.text) or _COURSE.search(question.text)
    return 0.7 if asks_all and question.kind in ("fact", "keyword", "exception") and not question.wanted else 0.0


def row_matches(question: Question, units: Sequence[Unit], text_of: TextOf, weigh: Weigh) -> dict[RowKey, Match]:
    """How the question names those of the units that are rows of tables."""
    tables: dict[tuple[str, int], tuple[Table, list[int]]] = {}
    for unit in units:
        if unit.table is not None:
            document, start, row = row_key(unit)
            tables.setdefault((document, start), (unit.table, []))[1].append(row)
    return {
        (document, start, match.row): match
        for (document, start), (table, rows) in tables.items()
        for match in matches(question, table, rows, lambda a, b, d=document: text_of(d, a, b), weigh)  # type: ignore[misc]
    }


def _features(
    asked: _Asked,
    unit: Unit,
    match: Match | None,
    unmet: Sequence[Condition],
    held: tuple[float, float],
) -> tuple[float, ...]:
    question, hit = asked.question, unit.hit
    reader = hit.retrievers.get("reader")
    typed = holds_type(unit.text, question.wanted)
    if typed and not holds_unit(f"{unit.lead}\n{unit.text}", question.unit):
        typed = False
    is_list = unit.kind in ("list", "steps")
    wanted_list = asked.list
    if wanted_list and is_list and _is_named_by_an_item(asked.wanted, unit):
        wanted_list = 0.0
    cued = asked.cue is not None and asked.cue.search(unit.text) is not None
    label = named_label(asked.folded, unit)
    return (
        clipped(reader.score if reader is not None else -2.0),
        1.0 / hit.rank,
        *held,
        float(typed is True),
        float(typed is False),
        float(label > 0 or (match is not None and match.is_exact and bool(match.columns))),
        match.named if match is not None else label,
        float(unit.kind == "row" and (match is None or match.named < 0.1)),
        is_list * wanted_list * (1.3 if (unit.kind == "steps") == asked.steps else 1.0),
        float(is_list and not wanted_list),
        float(cued),
        float(asked.cue is not None and not cued),
        float(sum(condition.kind in HARD for condition in unmet)),
        float(asked.is_hard and not unmet),
        float(len(unit.text) < 8),
        float(unit.kind == "quoted"),
        float(unit.kind == "answer"),
        wanted_list * (not is_list and len(_SEPARATORS.findall(unit.text)) > 1),
    )


def _context(unit: Unit) -> str:
    """A unit with all that it stands under."""
    hit = unit.hit
    return "\n".join([hit.document.title, *hit.heading, hit.context, unit.lead, unit.text])


def _is_named_by_an_item(wanted: Mapping[str, float], unit: Unit) -> bool:
    """Whether a question is about one item of a list, as of a glossary, rather than about what the whole is of."""
    hit, spans = unit.hit, unit.block.items if unit.block is not None else ()
    if not spans:
        return False
    intro = unit.text[: max(0, spans[0][0] - unit.start)]
    above = coverage(wanted, "\n".join([hit.document.title, *hit.heading, hit.context, unit.lead, intro]), hit.language)
    texts = (unit.text[max(0, start - unit.start) : end - unit.start] for start, end in spans)
    items = [coverage(wanted, text, hit.language) for text in texts]
    best = max(items)
    return best > above + _BY_AN_ITEM and sum(item > best / 2 for item in items) == 1


_WORD = re.compile(r"[\u4e00-\u9fff々]{2,8}|[ァ-ヶー]{3,}")


def _rivalled(asked: _Asked, unit: Unit) -> float:
    """Share of the question, by weight, that a word of the same kind stands in the place of: 夕食, where 朝食 is asked.

    Words of the same kind end alike and begin differently; what stands there itself, or in what the unit stands under,
    has no rival.
    """
    if is_foreign(asked.question, unit):
        return 0.0
    there = terms_of(_context(unit), unit.hit.language)
    told = terms_of(f"{unit.lead}\n{unit.text}", unit.hit.language) - asked.terms
    own = [term for term in told if _WORD.fullmatch(term)]
    total = sum(asked.wanted.values()) or 1.0
    return sum(
        weight / total
        for term, weight in asked.wanted.items()
        if term not in there and _WORD.fullmatch(term) and any(_is_of_kind(term, other) for other in own)
    )


def _is_of_kind(word: str, other: str) -> bool:
    """Whether two words differ in what they begin with alone: 朝食 and 夕食, 前期 and 後期, 営業部 and 総務部."""
    shared = 1 if len(word) == len(other) == 2 else max(2, min(len(word), len(other)) // 2)
    return abs(len(word) - len(other)) < 2 and word[-shared:] == other[-shared:] and word[0] != other[0]


_LATIN = re.compile(r"[A-Za-z0-9]{2}")


def _names_there(asked: _Asked, unit: Unit) -> float:
    """Share of what the question names that stands in the unit or in what it stands under; 1 if it names nothing.

    Of another language only such names are looked for as are written alike there.
    """
    foreign = is_foreign(asked.question, unit)
    names = [folded for name, folded in asked.names if not foreign or _LATIN.search(name)]
    if not names:
        return 1.0
    words = plain(around(unit))
    return sum(name in words for name in names) / len(names)


def _is_echo(asked: _Asked, unit: Unit) -> bool:
    """Whether a unit says nothing that the question does not: the number of the contract that was asked about."""
    if asked.question.kind in ("yesno", "list", "how"):
        return False
    told = terms_of(unit.text, unit.hit.language) - asked.terms
    # A compound tells no more than its other part: 契約番号, where 契約 was asked about, tells 番号.
    if sum(not any(part in term for part in asked.compounding) for term in told) < 2:
        return True
    return _is_label_of_it(asked, unit)


def _is_label_of_it(asked: _Asked, unit: Unit) -> bool:
    """Whether there is nothing but what is asked about behind its label: 契約番号 霧病契第7-118号."""
    numbers = [plain(each.text) for each in asked.question.literals if each.kind in ("identifier", "ordinal")]
    rest = plain(unit.text)
    if unit.kind == "row" or len(rest) > _LONGEST_LABEL + sum(map(len, numbers)) or _LABELS.search(asked.folded):
        return False
    held = [number for number in numbers if number in rest]
    for words in [*held, *(folded for _, folded in asked.names)]:
        rest = rest.replace(words, "")
    return bool(held) and _LABELLED.fullmatch(rest) is not None


_LONGEST_LABEL = 16
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


def clipped(logit: float) -> float:
    """A logit that is no further from 0 than tells."""
    return max(-6.0, min(6.0, logit))
