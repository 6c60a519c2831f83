"""What can be quoted as evidence: the units of the passages found. Sentences, items, rows with heads, lists whole.

A unit is what a reader is shown; what it stands under (headings, the intro of its list, the heads of its table) is read
with it and never quoted as if it stood there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from rag.answer.applying import APPLIES, articles_in, rules_applied
from rag.answer.values import values
from rag.corpus.blocks import Block, Cell, Span, Table
from rag.language.sentences import sentences
from rag.language.variants import plain
from rag.search import Hit

UnitKind = Literal["sentence", "item", "row", "line", "answer", "list", "steps", "quoted"]

TextOf = Callable[[str, int, int], str]
"""The text of a document (by its id) between two offsets."""
BlocksOf = Callable[[str, int, int], Sequence[Block]]
"""The Blocks of a document (by its id) that touch a stretch."""

_LONGEST_ANSWER = 240
_LONGEST_LEAD = 160
_LONGEST_ABOVE = 60
_LONGEST_LIST = 1_200
_LONGEST_TABLE = 500
_LONGEST_RULES = 100_000
"""Characters behind a sentence where rules may stand that it applies."""
DITTO = frozenset(["〃", "″", '"', "”", "々", "仝", "同上", "同左上", "同じ"])
"""What stands in a cell for the words of the one above."""
_SHORT = 10
_SHORT_SENTENCE = 45
_LONGEST_BEFORE = 80
_ORDER = re.compile(
    r"(?:とだけ|のみ)(?:答え|回答|返答|出力)|(?:以前|上記)の指示|指示(?:を|は)無視"
    r"|ignore (?:all |the )?(?:previous|above)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of a document that can answer by itself: ``document.text[start:end] == text``.

    Attributes:
        hit: the passage it was found in; a list may reach beyond.
        start, end: offsets into the document's text, in characters.
        text: the words.
        kind: what it is.
        lead: what it stands under: heading, intro, heads of its table.
        block: the list or table it belongs to, or is.
        row: of a row, its number in the table.
        above: what the question names of all that the passage stands under: its firm, its document.
    """

    hit: Hit
    start: int
    end: int
    text: str
    kind: UnitKind
    lead: str = ""
    block: Block | None = None
    row: int = -1
    above: str = field(default="", compare=False)

    @property
    def read_as(self) -> str:
        """What the reader reads of it."""
        return "\n".join(filter(None, [self.above, self.lead, self.text]))

    def under(self, names: Sequence[str]) -> Unit:
        """The unit, read with the titles, headings and words of context that hold these names if it does not itself.

        Whoever reads it is to see that it is of the firm, the product or the document that was asked about.
        """
        hit, own = self.hit, plain(self.read_as)
        lacking = [name for name in map(plain, names) if name not in own]
        if not lacking:
            return self
        lines = [(line, plain(line)) for line in (hit.document.title, *hit.context.splitlines(), *hit.heading)]
        kept = [line.strip()[:_LONGEST_ABOVE] for line, folded in lines if any(name in folded for name in lacking)]
        return replace(self, above="\n".join(dict.fromkeys(kept))) if kept else self

    def told(self, words: str) -> Unit:
        """The unit, read with words that hold of it though it does not have them."""
        return replace(self, above="\n".join(filter(None, [self.above, words])))

    @property
    def table(self) -> Table | None:
        """The table of a row."""
        return self.block.table if self.block is not None and self.kind == "row" else None

    @property
    def label(self) -> str:
        """The first words of a row, but for those of cells that reach into it from above; empty of all else."""
        cells = self.table.row(self.row) if self.table is not None else ()
        first = next((cell for cell in cells if cell.row == self.row and cell.start < cell.end), None)
        return "" if first is None else self.text[first.start - self.start : first.end - self.start].strip()


def units_of(hit: Hit, blocks_of: BlocksOf, text_of: TextOf) -> list[Unit]:
    """All units of a passage, in their order, lists both item by item and whole.

    Headings, marks and what gives orders to whoever reads it are none.
    """
    found: list[Unit] = []
    position = hit.start
    blocks = blocks_of(hit.document.id, hit.start, hit.end)
    pairs = [block for block in blocks if block.kind == "pair"]
    for block in blocks:
        if block.kind == "pair":
            continue  # its parts come by themselves
        if block.start > position:
            found += _sentence_units(hit, position, min(block.start, hit.end))
        found += _units_of_block(hit, block, text_of)
        position = max(position, block.end)
    if position < hit.end:
        found += _sentence_units(hit, position, hit.end)
    found = list(_with_rules(found, hit, blocks_of, text_of))
    return [unit for unit in _with_answers(found, pairs, hit, text_of) if not _ORDER.search(unit.text)]


def _with_rules(units: Sequence[Unit], hit: Hit, blocks_of: BlocksOf, text_of: TextOf) -> Iterator[Unit]:
    """The units, those that apply other rules read behind what they make of these."""
    document, before, end = hit.document.id, "", hit.end + _LONGEST_RULES
    text = ""
    for unit in units:
        if unit.kind in ("sentence", "item") and APPLIES.search(unit.text):
            if not text:
                text = text_of(document, 0, end)
                articles = articles_in(blocks_of(document, 0, end), text)
            rules = rules_applied(unit.text, before, unit.start, articles, text)
            is_behind = unit.text.startswith("この場合") and before[-_LONGEST_BEFORE:] not in unit.lead
            above = [before[-_LONGEST_BEFORE:]] if is_behind else []
            yield replace(unit, lead="\n".join(filter(None, [rules, *above, unit.lead])))
        else:
            yield unit
        before = unit.text


def _units_of_block(hit: Hit, block: Block, text_of: TextOf) -> Iterator[Unit]:
    if block.kind == "table" and block.table is not None:
        yield from _rows(hit, block, block.table, text_of)
    elif block.kind in ("list", "steps"):
        yield from _list_units(hit, block, text_of)
    elif block.kind == "form":
        for start, end in block.items:
            if _touches(hit, start, end):
                yield _unit(hit, start, end, "line", _heading(hit), text_of)
    elif block.kind == "quoted":
        for unit in _sentence_units(hit, max(block.start, hit.start), min(block.end, hit.end)):
            yield replace(unit, kind="quoted")
    elif block.kind == "heading" and _touches(hit, block.start, block.end):
        yield from _dated_heading(hit, block, text_of)
    elif block.kind in ("paragraph", "code"):
        yield from _sentence_units(hit, max(block.start, hit.start), min(block.end, hit.end))


def _dated_heading(hit: Hit, block: Block, text_of: TextOf) -> Iterator[Unit]:
    """A heading that tells when what it names was: 3.2.0（2025年9月8日）. No other is evidence."""
    text = text_of(hit.document.id, block.start, block.end)
    start = block.start + len(text) - len(text.lstrip(" \t\u3000#＃"))
    dates = values(text, "date")
    if dates and len(re.findall(r"\w", text)) > sum(end - first for first, end in dates):
        above = next((each for each in reversed(hit.heading) if each not in text), "")
        yield _unit(hit, start, block.end, "line", above[:_LONGEST_LEAD], text_of)


def _unit(
    hit: Hit, start: int, end: int, kind: UnitKind, lead: str, text_of: TextOf, block: Block | None = None
) -> Unit:
    inside = hit.start <= start and end <= hit.end
    text = hit.text[start - hit.start : end - hit.start] if inside else text_of(hit.document.id, start, end)
    return Unit(hit, start, end, text, kind, lead, block)


def _touches(hit: Hit, start: int, end: int) -> bool:
    return start < hit.end and hit.start < end


def _heading(hit: Hit) -> str:
    return hit.heading[-1][:_LONGEST_LEAD] if hit.heading else ""


def _sentence_units(hit: Hit, start: int, end: int) -> Iterator[Unit]:
    """Sentences; one too short to say anything goes with the next."""
    heading = _heading(hit)
    pending: Span | None = None
    before = ""
    for first, last in _sentences(hit.text, start - hit.start, end - hit.start):
        span = (hit.start + first, hit.start + last)
        text = hit.text[first:last]
        if text.strip("#＃ 　") == heading or not re.search(r"\w", text):
            continue
        if pending is not None:
            span = (pending[0], span[1])
            pending = None
        elif last - first < _SHORT and text.endswith(("。", ".", "！", "!")):
            pending = span
            continue
        yield _plain_unit(hit, span, heading, before)
        before = text
    if pending is not None:
        yield _plain_unit(hit, pending, heading, before)


def _plain_unit(hit: Hit, span: Span, heading: str, before: str) -> Unit:
    """A sentence; a short one, which may not say what it is about, behind the one before it."""
    text = hit.text[span[0] - hit.start : span[1] - hit.start]
    above = [] if heading and heading in text else [heading]
    if len(text) <= _SHORT_SENTENCE and len(before) <= _LONGEST_BEFORE:
        above.append(before)
    return Unit(hit, *span, text, "sentence", "\n".join(filter(None, above)))


@lru_cache(maxsize=4096)
def _sentences(text: str, start: int, end: int) -> tuple[Span, ...]:
    """Good passages come up for many questions."""
    return tuple(sentences(text, start, end))


def _rows(hit: Hit, block: Block, table: Table, text_of: TextOf) -> Iterator[Unit]:
    named = heads_of(table, lambda start, end: text_of(hit.document.id, start, end))
    heads = " / ".join(named) if any(named) else ""
    lead = "\n".join(filter(None, [_heading(hit), heads]))[:_LONGEST_LEAD]
    if block.end - block.start <= _LONGEST_TABLE and len(table.lines) > 2:
        yield _unit(hit, block.start, block.end, "list", lead, text_of, block)
    for row, (start, end) in table.lines.items():
        if row >= table.header_rows and _touches(hit, start, end):
            said = _said_above(table, row, lambda a, b: text_of(hit.document.id, a, b))
            own = "\n".join(filter(None, [lead, said]))
            yield replace(_unit(hit, start, end, "row", own, text_of, block), row=row)


def _said_above(table: Table, row: int, text_at: Callable[[int, int], str]) -> str:
    """The words of rows above that hold of a row: of cells that reach into it, and those that ditto marks stand for."""
    found = []
    for cell in table.row(row):
        words = text_at(cell.start, cell.end)
        if words.strip() in DITTO:
            found.append(said_in(table, cell, text_at))
        elif cell.row < row and 0 < len(words) <= _LONGEST_ABOVE:
            found.append(words)
    return " / ".join(found)


def said_in(table: Table, cell: Cell, text_at: Callable[[int, int], str]) -> str:
    """The words of a cell; of a ditto mark, those that it stands for."""
    words = text_at(cell.start, cell.end)
    for row in range(cell.row - 1, table.header_rows - 1, -1):
        if words.strip() not in DITTO:
            break
        above = table.grid.get((row, cell.column))
        words = text_at(above.start, above.end) if above is not None else ""
    return words


def heads_of(table: Table, text_at: Callable[[int, int], str]) -> list[str]:
    """The words over each column, from above to below; a merged head counts for all its columns."""
    found = []
    for column in range(table.size[1]):
        cells = [table.grid.get((row, column)) for row in range(table.header_rows)]
        words = [text_at(cell.start, cell.end) for cell in cells if cell is not None and cell.start < cell.end]
        found.append(" ".join(dict.fromkeys(words)))
    return found


def _list_units(hit: Hit, block: Block, text_of: TextOf) -> Iterator[Unit]:
    intro = text_of(hit.document.id, *block.intro) if block.intro else ""
    lead = "\n".join(filter(None, [_heading(hit), intro]))[-_LONGEST_LEAD:]
    within = dict(_nested(block))
    inner = {span for each in within.values() for span in each.items}
    for start, end in block.items:
        if (start, end) not in inner and _touches(hit, start, end):
            yield _unit(hit, start, end, "item", lead, text_of, block)
        if (start, end) in within:
            yield from _list_units(hit, within[start, end], text_of)
    start = block.intro[0] if block.intro else block.start
    if block.end - start <= _LONGEST_LIST:
        yield _unit(hit, start, block.end, "steps" if block.kind == "steps" else "list", _heading(hit), text_of, block)


def _nested(block: Block) -> Iterator[tuple[Span, Block]]:
    """The items that have others set in below them, and these as a list to which they lead: of an article, its 号."""
    depths = block.depths if len(block.depths) == len(block.items) else (0,) * len(block.items)
    outermost = min(depths, default=0)
    first = 0
    while first < len(depths):
        last = first + 1
        while last < len(depths) and depths[last] > outermost:
            last += 1
        if last > first + 1:
            items = block.items[first + 1 : last]
            yield (
                block.items[first],
                Block(items[0][0], items[-1][1], block.kind, items, depths[first + 1 : last], block.items[first]),
            )
        first = last


def _with_answers(units: Sequence[Unit], pairs: Sequence[Block], hit: Hit, text_of: TextOf) -> Iterator[Unit]:
    """Answers of pairs whole, instead of their sentences, where they are short; the question is their lead."""
    answers: list[tuple[Span, str]] = []
    for pair in pairs:
        question, answer = pair.items
        if _touches(hit, *answer) and answer[1] - answer[0] <= _LONGEST_ANSWER:
            answers.append((answer, text_of(hit.document.id, *question)))
    done: set[Span] = set()
    for unit in units:
        if any(unit.end <= pair.items[0][1] and unit.start >= pair.items[0][0] for pair in pairs):
            continue  # the question itself
        # Its mark (A.) stands before an answer, and in the first of its sentences.
        whole = next((a for a in answers if a[0][0] < unit.end <= a[0][1]), None)
        if whole is None or unit.kind not in ("sentence", "line"):
            yield unit
        elif whole[0] not in done:
            done.add(whole[0])
            yield _unit(hit, *whole[0], "answer", whole[1], text_of)
