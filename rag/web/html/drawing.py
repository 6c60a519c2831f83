"""A stretch of a document as HTML: tables as tables, lists as lists, the rest as it stands, marks at their characters.

The text stays what it is. Of a table, what is in no cell and only sets cells apart (tabs, pipes, rules, quotes) is not
shown; of a list, the indentation. If a stretch begins inside a table, the table's heads are shown again above it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from markupsafe import Markup

from rag.corpus.blocks import Block, Span
from rag.web.html.drawn_lists import DrawnItem, DrawnList, drawn_list, is_drawable_list
from rag.web.html.drawn_tables import DrawnRow, drawn_table, has_content, is_drawable_table
from rag.web.html.markup import Mark, Marking
from rag.web.html.templates import Template, attributes

_html = Template("html/drawing.html")
_INDENT = 200
"""How much white space before a Block on its line, and behind it, is taken for its own, in characters."""


class Written(Protocol):
    """Where the text and the Blocks of documents are; a Store is one."""

    def text(self, document_id: str, start: int, end: int) -> str: ...

    def blocks(self, document_id: str, start: int, end: int) -> Sequence[Block]: ...


class Drawing:
    """Draws stretches of one document.

    Blank lines beside a table are not shown: it stands apart as it is.

    Args:
        text: of the document, from its beginning; it may end behind what is to be drawn.
        blocks: those that what is to be drawn touches, or all.
        marks: what to mark, by offsets into the text.
        label: what a table is called; keys scroll it.
    """

    def __init__(self, text: str, blocks: Iterable[Block], marks: Iterable[Mark], label: str) -> None:
        self.text = text
        self._marking = Marking(marks)
        self._label = label
        self._written = 0
        self._blocks = list(_drawable(text, blocks))

    def html(self, start: int, end: int) -> Markup:
        """What stands between two offsets."""
        self._written = start
        pieces, at, is_below = [], start, False
        for (begin, stop), block in self._touched(start, end):
            begin, stop, is_table = max(begin, at), min(stop, end), block.table is not None
            pieces.append(self._between(at, begin, is_below, is_table))
            pieces.append(self._block(block, begin, stop))
            at, is_below = stop, is_table
        return Markup("").join([*pieces, self._between(at, end, is_below, False)])

    def words(self, start: int, end: int) -> Markup:
        """Text with its marks; one that began before it, in what is not shown, begins here. Called in order."""
        since, self._written = min(self._written, start), end
        return self._marking.html(self.text, start, end, since)

    def running(self, start: int, end: int) -> Markup:
        """Text that is in no table and no list."""
        return self.words(start, end)

    def item(self, start: int, end: int) -> Markup:
        """The words of an item."""
        return self.words(start, end)

    def line(self, offset: int) -> int:
        """The number that a row with this offset has; 0 for none."""
        return 0

    def shown_between(self, start: int, end: int, is_below: bool, is_above: bool) -> Span:
        """What is shown of the text between two offsets, below or above a table."""
        while is_below and start < end and self.text[start] == "\n":
            start += 1
        while is_above and start < end and self.text[end - 1] == "\n":
            end -= 1
        return start, end

    def _between(self, start: int, end: int, is_below: bool, is_above: bool) -> Markup:
        start, end = self.shown_between(start, end, is_below, is_above)
        return self.running(start, end) if start < end else Markup()

    def _touched(self, start: int, end: int) -> list[tuple[Span, Block]]:
        first = bisect_right(self._blocks, start, key=lambda each: each[0][1])
        return self._blocks[first : bisect_left(self._blocks, end, key=lambda each: each[0][0])]

    def _block(self, block: Block, start: int, end: int) -> Markup:
        """A table or a list between two offsets."""
        if block.table is None:
            found = drawn_list(self.text, block, start, end)
            return self._list(found) if found.items else Markup()
        table = drawn_table(self.text, block, block.table, start, end, self.words)
        if table is None:
            return self.running(start, end) if has_content(self.text[start:end]) else Markup()
        return _html.table(self._rows(table.heads), self._rows(table.rows), table.again, self._label)

    def _rows(self, rows: Sequence[DrawnRow]) -> list[tuple[Markup, DrawnRow]]:
        numbers = (0 if row.offset is None else self.line(row.offset) for row in rows)
        return [(attributes({"data-line": n} if n else {}), row) for n, row in zip(numbers, rows, strict=True)]

    def _list(self, found: DrawnList) -> Markup:
        return _html.items(found, [self._item(item) for item in found.items], found.items[0].number)

    def _item(self, item: DrawnItem) -> Markup:
        words = self.item(item.start, item.end) if item.start < item.end else Markup()
        return words + self._list(item.below) if item.below.items else words


def _drawable(text: str, blocks: Iterable[Block]) -> Iterator[tuple[Span, Block]]:
    """Tables and lists with the lines that they fill, none over another, in order."""
    at = 0
    for block in sorted(blocks, key=lambda block: block.start):
        if at <= block.start < block.end and (is_drawable_table(block) or is_drawable_list(block)):
            begin, stop = _whole_lines(text, block)
            yield (max(at, begin), stop), block
            at = stop


def _whole_lines(text: str, block: Block) -> Span:
    """A Block with the white space around it on its lines, and the break that ends it."""
    begin = text.rfind("\n", max(0, block.start - _INDENT), block.start) + 1
    if text[begin : block.start].strip() or (not begin and block.start > _INDENT):
        begin = block.start
    stop = text.find("\n", block.end, block.end + _INDENT) + 1
    return begin, stop if stop and not text[block.end : stop].strip() else block.end
