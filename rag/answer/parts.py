"""From the best unit to what is shown: the list whole, the rule with its proviso, the cause with the fact, the cell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rag.answer.choosing import Judged
from rag.answer.computing import Computed, compute
from rag.answer.coverage import Weigh, coverage, wanted_terms
from rag.answer.evidence import BlocksOf, TextOf, Unit, heads_of, units_of
from rag.answer.question import Question
from rag.answer.table import TextAt
from rag.answer.told import wants_course
from rag.answer.values import grown, holds_type, values
from rag.corpus.blocks import Block, Cell, Span, Table
from rag.language.variants import plain

_PROVISO = re.compile(r"ただし|但し|なお、|この場合|ただ、|However|Except|Unless|Provided", re.IGNORECASE)
_CAUSE = re.compile(
    r"ため(?:[。、に]|です|である|だ)|から(?:です|である|だ|。)|理由|原因|防ぐ|because|due to|so that|reason", re.I
)
_SHORT_KINDS = frozenset(["fact", "number", "date", "person", "metadata", "comparison"])
_MOST_CHARS = 260
_SHARE_OF_ITEMS = 0.5
_CLOSE_ITEMS = 1.5
_NEAR_ROWS, _NEAR_ROWS_OF_LIST, _AS_NAMED = 1.0, 2.0, 0.02
"""How much less may speak for other rows that are named as the best one is, and how much less they may be named."""
_SHORT_CELL = 30
_NEAR = 2
_LONGEST_SPAN = 60
_NEARLY = 0.25
_MOST_ROWS = 12
_NEAR_TABLES = 5
_CLOSE_TABLE = 1.0
_COVERED = 0.6


@dataclass(frozen=True, slots=True)
class Piece:
    """Something to be quoted.

    Attributes:
        unit: what is shown.
        span: the characters in it that answer, as offsets into the document's text; ``None`` if all of it does.
        cell: of a table, the cell that is the span.
        heads: of a cell, the words that name its row and its column.
    """

    unit: Unit
    span: Span | None = None
    cell: Cell | None = None
    heads: tuple[str, str] = ("", "")


def pieces_of(question: Question, judged: Sequence[Judged], blocks_of: BlocksOf, text_of: TextOf) -> list[Piece]:
    """What is to be shown for a question, the best first; ``judged`` is not empty."""
    best = judged[0]
    there = units_of(best.unit.hit, blocks_of, text_of)
    whole = _whole_list(question, best, judged, there)
    if whole is not None:
        return [Piece(whole)]
    if best.unit.kind == "row":
        return [piece for each in _rows_alike(question, best, judged) for piece in _row(question, each, text_of)]
    if (lead := _lead_of(question, best, there)) is not None:
        return [Piece(lead), Piece(best.unit)]
    units = _with_neighbours(question, best, there)
    found = [Piece(unit) for unit in units]
    found[units.index(best.unit)] = Piece(best.unit, _span(question, best))
    return found


def _lead_of(question: Question, best: Judged, there: Sequence[Unit]) -> Unit | None:
    """The sentence that leads to an item and alone decides: 次に掲げるものは、届出をもって足りる, of 給湯器の取替え."""
    block = best.unit.block
    if question.kind not in ("yesno", "exception") or best.unit.kind != "item" or block is None or block.intro is None:
        return None
    start, end = block.intro
    leads = (unit for unit in there if unit.kind in ("sentence", "item") and unit.start <= start and end <= unit.end)
    return next((unit for unit in leads if unit != best.unit), None)


def _whole_list(question: Question, best: Judged, judged: Sequence[Judged], there: Sequence[Unit]) -> Unit | None:
    """The list that the best unit is or is an item of, where the whole is asked for or all its items answer alike."""
    block = best.unit.block
    if best.unit.kind in ("list", "steps"):
        return best.unit
    if best.unit.kind != "item" or block is None:
        return None
    same = [each for each in judged if each.unit.block == block and each.unit.hit.document == best.unit.hit.document]
    if any(each.is_wanted_list for each in same):
        return next(each.unit for each in same if each.is_wanted_list)
    items = [each for each in same if each.unit.kind == "item"]
    close = [each for each in items if each.reading.relevance > best.reading.relevance - _CLOSE_ITEMS]
    alike = len(items) > 1 and len(close) >= max(2, _SHARE_OF_ITEMS * len(block.items))
    if not alike or question.wanted or question.kind not in ("fact", "exception", "yesno", "list", "how"):
        return None
    return next((unit for unit in there if unit.kind in ("list", "steps") and unit.block == block), None)


def _rows_alike(question: Question, best: Judged, judged: Sequence[Judged]) -> list[Judged]:
    """The row, and the others of its table that the question names as it does, which hold in other cases."""
    if question.superlative is not None or best.match is None:
        return [best]
    near = _NEAR_ROWS_OF_LIST if question.kind == "list" else _NEAR_ROWS
    alike = [
        each
        for each in judged
        if each.match is not None
        and each.unit.block == best.unit.block
        and each.unit.hit.document == best.unit.hit.document
        and (question.kind == "list" or best.match.is_exact)
        and not each.match.lacking
        and abs(each.match.named - best.match.named) < _AS_NAMED
        and each.score > best.score - near
    ]
    if len(alike) < 2 or sum(len(each.unit.text) for each in alike) > _MOST_CHARS:
        return [best]
    return sorted(alike, key=lambda each: each.unit.start)


def _row(question: Question, best: Judged, text_of: TextOf) -> list[Piece]:
    """The cell where the question names row and column, else the row."""
    unit, table, match = best.unit, best.unit.table, best.match
    if table is None or match is None or not match.columns:
        return [Piece(unit, _whole_cell(unit, _span(question, best)))]

    def text_at(start: int, end: int) -> str:
        return text_of(unit.hit.document.id, start, end)

    found = []
    for column in match.columns[: max(1, len(question.facets))]:
        cell = table.grid.get((unit.row, column))
        if cell is not None and cell.start < cell.end:
            found.append(_cell_piece(unit, table, cell, text_at))
        if found and len(question.facets) == 1:
            break
    return found or [Piece(unit)]


def _whole_cell(unit: Unit, span: Span | None) -> Span | None:
    """A span of a row, grown to its cell if that is short: a part of a name or a value is none."""
    if span is None or unit.table is None:
        return span
    cells = (cell for cell in unit.table.row(unit.row) if cell.start <= span[0] and span[1] <= cell.end)
    cell = next((cell for cell in cells if cell.end - cell.start <= _SHORT_CELL), None)
    return span if cell is None else (cell.start, cell.end)


def _cell_piece(unit: Unit, table: Table, cell: Cell, text_at: TextAt) -> Piece:
    """A cell in its row, with the words that name both."""
    heads, label = heads_of(table, text_at), table.grid.get((unit.row, 0))
    row = text_at(label.start, label.end) if label is not None else ""
    return Piece(unit, (cell.start, cell.end), cell, (row, heads[cell.column] if cell.column < len(heads) else ""))


@dataclass(frozen=True, slots=True)
class Shown:
    """What is to be shown for a question.

    Attributes:
        pieces: the best first.
        computed: what they were computed by, if anything.
        about: how much of what the question says, but for the words that ask to compute, the table is about.
    """

    pieces: Sequence[Piece]
    computed: Computed | None = None
    about: float = 0.0


def computed_pieces(question: Question, judged: Sequence[Judged], text_of: TextOf, weigh: Weigh) -> Shown | None:
    """What the question wants computed over the table that answers, with its cells; ``None`` if it wants nothing."""
    if question.superlative is None:
        return None
    wanted = wanted_terms(question.text.replace(question.superlative.said, "", 1), weigh)
    for each in judged if question.superlative.against else _with_tables(judged, wanted):
        unit, block = each.unit, each.unit.block
        if block is None or block.table is None:
            continue
        document = unit.hit.document.id
        found = compute(question, block.table, lambda a, b, d=document: text_of(d, a, b), weigh)  # type: ignore[misc]
        about = _covered(unit, wanted)
        if found is not None and (found.operation != "count" or about >= _COVERED):
            return Shown(_pieces_of_cells(found, unit, block, text_of), found, about)
    return None


def _with_tables(judged: Sequence[Judged], wanted: Mapping[str, float]) -> list[Judged]:
    """The best unit if it is of a table; else those not far behind whose table is about all that the question says."""
    best = judged[0]
    if _is_of_table(best.unit):
        return [best]
    near = (each for each in judged[1:_NEAR_TABLES] if each.score > best.score - _CLOSE_TABLE)
    return [each for each in near if _is_of_table(each.unit) and _covered(each.unit, wanted) >= _COVERED][:1]


def _is_of_table(unit: Unit) -> bool:
    return unit.block is not None and unit.block.table is not None


def _covered(unit: Unit, wanted: Mapping[str, float]) -> float:
    """How much of the question the heads of a table and what it stands under hold, in [0, 1]."""
    return coverage(wanted, f"{unit.hit.under}\n{unit.lead}", unit.hit.language)


def _pieces_of_cells(found: Computed, unit: Unit, block: Block, text_of: TextOf) -> list[Piece]:
    """Each row with its cell; the table whole where there are too many."""
    table, document = block.table, unit.hit.document.id
    assert table is not None

    def text_at(start: int, end: int) -> str:
        return text_of(document, start, end)

    rows = [row for row in found.rows if row in table.lines]
    if len(rows) > _MOST_ROWS or len(rows) < len(found.rows):
        whole = replace(
            unit, start=block.start, end=block.end, text=text_at(block.start, block.end), kind="list", row=-1
        )
        return [Piece(whole)]
    pieces = []
    for row, cell in zip(found.rows, found.cells, strict=True):
        start, end = table.lines[row]
        line = replace(unit, start=start, end=end, text=text_at(start, end), kind="row", row=row)
        pieces.append(_cell_piece(line, table, cell, text_at))
    return pieces


def _with_neighbours(question: Question, best: Judged, around: Sequence[Unit]) -> list[Unit]:
    """The best sentence and those beside it without which it would mislead or not answer, in the document's order."""
    is_beside = _is_beside_in_list if question.kind == "why" and best.unit.kind == "item" else _is_beside
    prose = sorted((unit for unit in around if is_beside(unit, best.unit)), key=lambda unit: (unit.start, unit.end))
    if best.unit not in prose:
        return [best.unit]
    at = prose.index(best.unit)
    chosen = {at}
    if _PROVISO.match(best.unit.text) and at > 0:
        chosen.add(at - 1)
    if at + 1 < len(prose) and _PROVISO.match(prose[at + 1].text):
        chosen.add(at + 1)
    if question.kind == "why" and not _CAUSE.search(best.unit.text):
        beside = [index for index in range(at - _NEAR, at + _NEAR + 1) if 0 <= index < len(prose) and index != at]
        causes = [index for index in beside if _CAUSE.search(prose[index].text)]
        if causes:
            chosen.add(min(causes, key=lambda index: (abs(index - at), index < at)))
        elif at + 1 < len(prose):
            chosen.add(at + 1)
    if question.kind == "keyword" and _is_named(question, best.unit):
        chosen |= set(_forward(prose, 0))
    if wants_course(question) and sum(len(unit.text) for unit in prose) <= _MOST_CHARS:
        chosen |= set(range(len(prose)))
    elif wants_course(question):
        chosen |= set(_forward(prose, at))
    return [prose[index] for index in sorted(chosen)]


def _is_named(question: Question, unit: Unit) -> bool:
    """Whether the section of a unit has the name that was asked for: it is shown from its beginning."""
    return bool(unit.hit.heading) and plain(question.text) in plain(unit.hit.heading[-1])


def _forward(prose: Sequence[Unit], at: int) -> list[int]:
    """The sentence and those behind it, as many as are short enough together."""
    taken: list[int] = []
    length = 0
    for index in range(at, len(prose)):
        length += len(prose[index].text)
        if taken and length > _MOST_CHARS:
            break
        taken.append(index)
    return taken


def _is_beside(unit: Unit, best: Unit) -> bool:
    """Whether a unit is prose of the same section."""
    same = unit.hit.document.id == best.hit.document.id and unit.hit.heading == best.hit.heading
    return same and unit.kind in ("sentence", "line", "answer") and best.kind in ("sentence", "line", "answer")


def _is_beside_in_list(unit: Unit, best: Unit) -> bool:
    """Whether a unit is another item of the same list."""
    return unit.kind == "item" and unit.block == best.block and unit.hit.document.id == best.hit.document.id


def _span(question: Question, best: Judged) -> Span | None:
    """The short words that answer, where such are wanted.

    What the reader marked when it read the whole passage counts most; where it marked several stretches of the unit
    that are nearly as good, one that looks like the type of value wanted does.
    """
    if question.kind not in _SHORT_KINDS:
        return None
    unit = best.unit
    marked = [(grown(unit.text, start - unit.start, end - unit.start), share) for start, end, share in best.spans]
    if not marked:
        marked = [(span, 1.0) for span in _own_spans(best)]
    short = [(span, share) for span, share in marked if span[1] - span[0] <= _LONGEST_SPAN]
    fitting = [
        (span, share)
        for span, share in short
        if share >= _NEARLY * short[0][1] and holds_type(unit.text[slice(*span)], question.wanted) is not False
    ]
    if fitting or (short and question.wanted in ("", "person", "place", "organisation", "code")):
        (start, end), _ = (fitting or short)[0]
        return unit.start + start, unit.start + end
    found = values(unit.text, question.wanted) if question.wanted else ()
    if len(found) == 1:
        start, end = grown(unit.text, *found[0])
        return unit.start + start, unit.start + end
    return None


def _own_spans(best: Judged) -> list[Span]:
    """What the reader marked when it read the unit by itself."""
    offset = len(best.unit.read_as) - len(best.unit.text)
    return [
        grown(best.unit.text, span.start - offset, span.end - offset)
        for span in best.reading.spans
        if span.start >= offset
    ]
