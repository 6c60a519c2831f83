"""Writes down the text of a Parsed line by line, and where its headings and places are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from rag.corpus.blocks import Block, BlockKind, Cell, Table
from rag.corpus.cleaning.lines import Span
from rag.corpus.document import Exclusion, ExclusionReason, Heading, Place, PlaceKind
from rag.corpus.formats.parsed import Parsed
from rag.corpus.tables import header_rows as find_header_rows

_LINE_BREAKS = re.compile(r"\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f\ufffe\uffff\ufeff]")
_MOST_HEADS = 3  # rows
_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class DraftCell:
    """A cell's words, how many rows and columns it covers, and what is said behind its words of the row or column."""

    words: str
    rows: int = 1
    columns: int = 1
    mark: str = ""


class Draft:
    """A text that grows by lines; no line is empty unless ``blank`` made it so."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._headings: list[Heading] = []
        self._excluded: list[Exclusion] = []
        self._protected: list[Span] = []
        self._places: list[Place] = []
        self._blocks: list[Block] = []

    @property
    def length(self) -> int:
        """Characters so far: the offset of the next line."""
        return self._length

    def line(self, words: str, *, level: int = 0, reason: ExclusionReason | None = None) -> None:
        """Append a paragraph; line breaks inside it make it several lines, and blank ones are dropped.

        Args:
            level: 1 to 9 if it is a heading, which is one line whatever is in it.
            reason: why it is left out of the index, if it is.
        """
        words = printable(words)
        if level:
            words = " ".join(words.split())
        for each in _LINE_BREAKS.split(words):
            if each.strip():
                self._append(each.rstrip(), level, reason)

    def table(self, rows: Sequence[Sequence[DraftCell | str | None]], *, header_rows: int | None = None) -> None:
        """Append a table, a row a line with tabs between its cells.

        Args:
            rows: the cells of each row; ``None`` where a merged cell covers the place from the left or from above.
            header_rows: rows at the top that name the columns; found by how they look if not given.
        """
        cells: list[Cell] = []
        words: list[list[str]] = []
        first = self._length
        for number, row in enumerate(rows):
            shown = [_draft_cell(cell) for cell in row]
            while shown and (shown[-1] is None or not shown[-1].words):
                shown.pop()
            texts = ["" if cell is None else cell.words for cell in shown]
            if not any(texts):
                continue
            said = ["" if cell is None else cell.words + cell.mark for cell in shown]
            line = len(words)
            position = self._length
            for column, (cell, text) in enumerate(zip(shown, said, strict=True)):
                if cell is not None:
                    rows_left = max(1, min(cell.rows, len(rows) - number))
                    cells.append(Cell(position, position + len(text), line, column, rows_left, max(1, cell.columns)))
                position += len(text) + 1
            words.append(texts)
            self._put("\t".join(said) + "\n")
        if not words:
            return
        heads, columns = find_header_rows(words) if header_rows is None else (header_rows, 1)
        heads = max(heads, _merged_heads(cells, len(words)) if header_rows is None else 0)
        if max(map(len, words)) > 1:
            self._blocks.append(Block(first, self._length - 1, "table", table=Table(tuple(cells), heads, columns)))

    def items(self, words: Sequence[str], depths: Sequence[int] = (), *, ordered: bool = False) -> None:
        """Append a list, an item a line.

        Args:
            depths: how deep each is nested, from 0; all 0 if not given.
            ordered: whether they are to be done or read in their order.
        """
        spans, kept = [], []
        for item, depth in zip(words, depths or [0] * len(words), strict=True):
            line = " ".join(printable(item).split())
            if line:
                spans.append((self._length, self._length + len(line)))
                kept.append(depth)
                self._put(line + "\n")
        if len(spans) > 1:
            kind: BlockKind = "steps" if ordered else "list"
            self._blocks.append(Block(spans[0][0], spans[-1][1], kind, tuple(spans), tuple(kept)))

    def block(self, text: str) -> None:
        """Append lines as they are, blank ones and indents too; the cleaning leaves them alone."""
        text = _LINE_BREAKS.sub("\n", printable(text)).strip("\n")
        if text.strip():
            start = self._length
            self._put(text + "\n")
            self._protected.append((start, self._length - 1))

    def parsed_block(self, part: Parsed) -> None:
        """Append the text of another Parsed with its headings, exclusions and protected spans."""
        start = self._length
        self._headings += [Heading(start + h.start, start + h.end, h.level) for h in part.headings or ()]
        self._excluded += [Exclusion(start + e.start, start + e.end, e.reason) for e in part.excluded]
        self._protected += [(start + a, start + b) for a, b in part.protected]
        self._blocks += [block.moved(start) for block in part.blocks]
        self._put(part.text if part.text.endswith("\n") else part.text + "\n")

    def quoted(self, start: int) -> None:
        """What stands from there on is quoted from another message."""
        blank = sum(1 for _ in takewhile(lambda piece: piece == "\n", reversed(self._pieces)))
        if start < self._length - blank - 1:
            self._blocks.append(Block(start, self._length - blank - 1, "quoted"))

    def blank(self) -> None:
        """Append an empty line, unless there is one or the text begins here."""
        if self._pieces and self._pieces[-1] != "\n":
            self._put("\n")

    def place(self, kind: PlaceKind, label: str, *, ahead: int = 0) -> None:
        """What follows, or what begins so many characters ahead, stands on this page, slide, …."""
        place = Place(self._length + ahead, kind, " ".join(printable(label).split()) or "?")
        if self._places and self._places[-1].start == place.start:
            self._places[-1] = place  # the one before it is empty
        else:
            self._places.append(place)

    def parsed(self, title: str = "", metadata: dict[str, str] | None = None, *, plain: bool = False) -> Parsed:
        """All of it.

        Args:
            plain: whether the format has no headings, so that they are to be found by how the lines look.
        """
        while self._pieces and self._pieces[-1] == "\n":
            self._pieces.pop()
        text = "".join(self._pieces)
        places = [place for place in self._places if place.start < len(text)]
        facts = {name: " ".join(printable(value).split()) for name, value in (metadata or {}).items()}
        return Parsed(
            text,
            " ".join(printable(title).split()),
            None if plain and not self._headings else self._headings,
            self._excluded,
            self._protected,
            {name: value for name, value in facts.items() if value},
            places,
            self._blocks,
        )

    def _append(self, line: str, level: int, reason: ExclusionReason | None) -> None:
        start = self._length + len(line) - len(line.lstrip())
        self._put(line + "\n")
        if level:
            self._headings.append(Heading(start, self._length - 1, min(level, 9)))
        if reason:
            self._excluded.append(Exclusion(start, self._length - 1, reason))

    def _put(self, piece: str) -> None:
        self._pieces.append(piece)
        self._length += len(piece)


def printable(text: str) -> str:
    """Without control characters, halves of surrogate pairs joined, lone ones as U+FFFD: what SQLite and JSON hold."""
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _UNPRINTABLE.sub("", text)


def _merged_heads(cells: Sequence[Cell], rows: int) -> int:
    """How many rows at the top the first cell covers where another names several columns; 0 if these are no heads."""
    first = next((cell for cell in cells if (cell.row, cell.column) == (0, 0)), None)
    if first is None or not 1 < first.rows <= min(_MOST_HEADS, rows - 1):
        return 0
    return first.rows if any(cell.columns > 1 for cell in cells if not cell.row) else 0


def _draft_cell(cell: DraftCell | str | None) -> DraftCell | None:
    if cell is None:
        return None
    whole = DraftCell(cell) if isinstance(cell, str) else cell
    return replace(whole, words=" ".join(printable(whole.words).split()))
