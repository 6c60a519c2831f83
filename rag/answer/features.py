"""What is known of a unit beside the reader's word for it, which is what tells whether it is worth reading at all.

The reader tells whether words are about the question; what it cannot tell is here: whether a value of the type wanted
is there, whether what the question names holds (the invoice's number, the year), whether a table's row and column are
named, whether a list was wanted, whether a cause is given where one was asked for.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rag.answer.columns import holds_number_of
from rag.answer.coverage import Weigh, coverage, coverages
from rag.answer.evidence import TextOf, Unit
from rag.answer.holding import around, unmet_conditions
from rag.answer.question import Condition, Question
from rag.answer.reranking import FoundSpan
from rag.answer.table import Match, matches
from rag.answer.told import HARD, Asked, context, is_echo, is_foreign, named_label, names_there, rivalled, topical
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

_USUAL_LIKENESS, _SPREAD_OF_LIKENESS = 0.84, 0.06
_UNLIKENED = (0.0, 0.0)
_BY_AN_ITEM = 0.15
"""How much more of a question an item has than all that its list stands under, where it is asked about."""
_SEPARATORS = re.compile(r"[、,・／/]|および|及び|ならびに|または|\band\b")

READ = ("relevance", "section", "foreign_relevance", "led")
"""Names of what the reader tells of a unit: its word for it, the best of its section, that of a unit in another
language than the question, and whether what it marked stands in what the unit stands under rather than in the unit."""
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
    "dense",
    "uncolumned",
    "keyword",
    "topic",
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


def seen(
    question: Question,
    units: Sequence[Unit],
    wanted: Mapping[str, float],
    rows: Mapping[RowKey, Match],
    text_of: TextOf,
    marks: Marks = NO_MARKS,
) -> list[Seen]:
    """What is known of each of these units, but for how like the question those are that are in another language.

    Args:
        question: understood.
        units: of the best passages.
        wanted: the question's terms and their weights.
        rows: how the question names the rows among them (``row_matches``).
        text_of: texts of documents.
        marks: what the reader marked in the passages.
    """
    asked = Asked(question, wanted)
    found = []
    refuted = _refuted(rows)
    for unit in units:
        match = rows.get(row_key(unit))
        unmet = unmet_conditions(question, unit, text_of)
        if match is not None and match.within:
            unmet = tuple(each for each in unmet if each.kind != "identifier" or not each.text.endswith(match.within))
        if match is not None and match.lacking:
            unmet += (Condition("range", match.lacking, match.lacking),)
        elif unit.row < 0 and (lacking := refuted.get(row_key(unit)[:2])):
            unmet += (Condition("range", lacking, lacking),)
        spans = marks_in(unit, marks)
        foreign = is_foreign(question, unit)
        folded = plain(around(unit)) if asked.names else ""
        held, near = coverages(wanted, unit.text, unit.hit.language)
        held_around, near_around = coverages(wanted, context(unit), unit.hit.language)
        features = (
            *_features(asked, unit, match, unmet, (held, held_around)),
            share_of(spans),
            names_there(asked, unit, folded),
            float(is_echo(asked, unit)),
            float(foreign),
            *_UNLIKENED,
            foreign * held,
            foreign * held_around,
            near,
            near_around,
            rivalled(asked, unit, folded),
            _dense(unit),
            float(match is not None and match.is_exact and not match.columns),
            asked.is_keyword * held_around,
            topical(asked, unit),
        )
        found.append(Seen(unit, features, unmet, match, spans))
    return found


def likened(units: Sequence[Seen], alike: Alike) -> list[Seen]:
    """The units, and of those of which it is told how like the question they are."""
    first = _PLACE["likeness"]

    def likened_as(each: Seen, told: tuple[float, int]) -> Seen:
        return replace(each, features=(*each.features[:first], *_likeness(*told), *each.features[first + 2 :]))

    return [likened_as(each, alike[place]) if (place := place_of(each.unit)) in alike else each for each in units]


def _refuted(rows: Mapping[RowKey, Match]) -> dict[tuple[str, int], str]:
    """What is lacking in tables of which no row that the question names has it: all of them is no answer either."""
    found: dict[tuple[str, int], list[str]] = {}
    for (document, start, _), match in rows.items():
        found.setdefault((document, start), []).append(match.lacking)
    return {table: lacking[0] for table, lacking in found.items() if all(lacking)}


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


def _dense(unit: Unit) -> float:
    """How like the question the vector of a unit's passage is, as ``_likeness`` tells it."""
    told = unit.hit.retrievers.get("dense")
    return 0.0 if told is None else _likeness(told.score, 0)[0]


def _likeness(cosine: float, place: int) -> tuple[float, float]:
    """How like the question a unit in another language is, in [-1, 1] around what e5's usually are, and its place."""
    return max(-1.0, min(1.0, (cosine - _USUAL_LIKENESS) / _SPREAD_OF_LIKENESS)), 1.0 / (1 + place)


def row_key(unit: Unit) -> RowKey:
    """What a row is told by."""
    return unit.hit.document.id, unit.block.start if unit.block is not None else -1, unit.row


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
    asked: Asked,
    unit: Unit,
    match: Match | None,
    unmet: Sequence[Condition],
    held: tuple[float, float],
) -> tuple[float, ...]:
    question, hit = asked.question, unit.hit
    reader = hit.retrievers.get("reader")
    typed = holds_type(unit.text, question.wanted)
    if typed is False and unit.table is not None:
        typed = holds_number_of(unit, question.wanted)
    if typed is False and asked.is_day_or_days:
        typed = holds_type(unit.text, "date" if question.wanted == "duration" else "duration")
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


def _is_named_by_an_item(wanted: Mapping[str, float], unit: Unit) -> bool:
    """Whether a question is about one item of a list, as of a glossary, rather than about what the whole is of."""
    hit, spans = unit.hit, unit.block.items if unit.block is not None else ()
    if not spans:
        return False
    intro = unit.text[: max(0, spans[0][0] - unit.start)]
    above = coverage(wanted, "\n".join([hit.under, unit.lead, intro]), hit.language)
    texts = (unit.text[max(0, start - unit.start) : end - unit.start] for start, end in spans)
    items = [coverage(wanted, text, hit.language) for text in texts]
    best = max(items)
    return best > above + _BY_AN_ITEM and sum(item > best / 2 for item in items) == 1


def clipped(logit: float) -> float:
    """A logit that is no further from 0 than tells."""
    return max(-6.0, min(6.0, logit))
