"""The items of a list that a stretch of a document touches, nested as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from rag.corpus.blocks import Block, Span
from rag.corpus.marks import is_marked, is_numbered

_DEEPEST = 6
_LINE = 200
"""How far an item's indentation is looked for before it, in characters."""


@dataclass(frozen=True, slots=True)
class DrawnItem:
    """An item.

    Attributes:
        start, end: what is to be written of it, up to the next item; both are equal where only items below it are.
        number: which of its list it is, from 1.
        below: items nested in it, if any.
    """

    start: int
    end: int
    number: int
    below: DrawnList


@dataclass(frozen=True, slots=True)
class DrawnList:
    """Items.

    Attributes:
        items: those to be drawn.
        ordered: whether they are in an order.
        marked: whether their marks stand in the text.
    """

    items: list[DrawnItem] = field(default_factory=list)
    ordered: bool = False
    marked: bool = False


def is_drawable_list(block: Block) -> bool:
    """Whether a Block is a list or steps, with its items one behind the other from its beginning."""
    spans = block.items
    in_order = all(a[0] < a[1] <= b[0] for a, b in pairwise(spans))
    return block.kind in ("list", "steps") and bool(spans) and spans[0][0] == block.start and in_order


def drawn_list(text: str, block: Block, start: int, end: int) -> DrawnList:
    """The items of a list or steps between two offsets, which lie in the Block or around it.

    The items, put together, are the text between the offsets, but for indentations.
    """
    spans = block.items
    stops = [*(_indented_from(text, span) for span in spans[1:]), max(end, spans[-1][1])]
    items = [
        _Item(span[0], stop, depth, text[span[0] : span[1]])
        for span, stop, depth in zip(spans, stops, _depths(text, block), strict=True)
    ]
    return _nested(items, start, end, 0, block.kind == "steps")


@dataclass(frozen=True, slots=True)
class _Item:
    start: int
    stop: int
    depth: int
    words: str


def _indented_from(text: str, item: Span) -> int:
    """Where the line of an item begins, if nothing but its indentation stands before it."""
    least = max(0, item[0] - _LINE)
    begin = text.rfind("\n", least, item[0]) + 1
    return item[0] if (not begin and least) or text[begin : item[0]].strip() else begin


def _depths(text: str, block: Block) -> list[int]:
    """How deep each item is nested; by its indentation, if the Block does not tell."""
    if any(block.depths) and len(block.depths) == len(block.items):
        return [min(depth, _DEEPEST) for depth in block.depths]
    depths, open_ = [], list[int]()
    for item in block.items:
        indent = item[0] - _indented_from(text, item)
        while open_ and open_[-1] > indent:
            open_.pop()
        if not open_ or open_[-1] < indent:
            open_.append(indent)
        depths.append(min(len(open_) - 1, _DEEPEST))
    return depths


def _nested(items: Sequence[_Item], start: int, end: int, depth: int, ordered: bool) -> DrawnList:
    """The items of one depth, each with the deeper ones behind it; those out of the stretch are only counted."""
    groups = list(_groups(items, depth))
    marked = any(is_marked(head.words) for head, _ in groups)
    found = []
    for number, (head, deeper) in enumerate(groups, 1):
        last = deeper[-1] if deeper else head
        if last.stop <= start or head.start >= end:
            continue
        below = _nested(deeper, start, end, depth + 1, False)
        a, b = max(head.start, start), min(head.stop, end)
        found.append(DrawnItem(a, max(a, b), number, below))
    is_ordered = ordered or (marked and bool(items) and is_numbered(items[0].words))
    return DrawnList(found, is_ordered, marked)


def _groups(items: Sequence[_Item], depth: int) -> Iterator[tuple[_Item, list[_Item]]]:
    """Each item of a depth with those behind it that are deeper; the first may be deeper itself."""
    head: _Item | None = None
    deeper: list[_Item] = []
    for item in items:
        if head is not None and item.depth > depth:
            deeper.append(item)
            continue
        if head is not None:
            yield head, deeper
        head, deeper = item, []
    if head is not None:
        yield head, deeper
