"""Lists of a Markdown text, nested as CommonMark nests them, whatever signs stand before their items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from markdown_it.token import Token

from rag.corpus.blocks import Block, Span

_APART = ("table_open", "heading_open", "html_block")
Item = tuple[int, int, bool]
"""The line it begins in, how deep it is nested, and whether its list is numbered."""


def lists_of(text: str, starts: Sequence[int], offset: int, tokens: Sequence[Token]) -> Iterator[Block]:
    """The lists that are not quoted, each up to a table in it and on from there; code is a part of its item.

    Args:
        starts: where the lines of the text begin.
        offset: how many lines stand before those the tokens are of.
    """
    depth = quoted = end = 0
    numbered: list[bool] = []
    items: list[Item] = []
    for token in tokens:
        quoted += (token.type == "blockquote_open") - (token.type == "blockquote_close")
        if token.type in ("bullet_list_open", "ordered_list_open"):
            if not depth and token.map is not None:
                end = token.map[1] + offset
            numbered.append(token.type[0] == "o")
            depth += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            numbered.pop()
            depth -= 1
        elif not depth or quoted or token.map is None:
            continue
        elif token.type == "list_item_open":
            items.append((token.map[0] + offset, depth - 1, numbered[-1]))
        elif token.type in _APART:
            yield from _block(text, starts, items, token.map[0] + offset)
            items = []
        if items and not depth:
            yield from _block(text, starts, items, end)
            items = []


def _block(text: str, starts: Sequence[int], items: Sequence[Item], end: int) -> Iterator[Block]:
    if len(items) < 2:
        return
    borders = [line for line, _, _ in items] + [end]
    spans = [_span(text, starts, first, last) for first, last in pairwise(borders)]
    least = min(depth for _, depth, _ in items)
    depths = [depth - least for _, depth, _ in items]
    is_ordered = all(is_numbered for (_, _, is_numbered), depth in zip(items, depths, strict=True) if not depth)
    kept = [(span, depth) for span, depth in zip(spans, depths, strict=True) if span[0] < span[1]]
    if len(kept) > 1:
        yield Block(
            kept[0][0][0],
            kept[-1][0][1],
            "steps" if is_ordered else "list",
            tuple(span for span, _ in kept),
            tuple(depth for _, depth in kept),
        )


def _span(text: str, starts: Sequence[int], first: int, last: int) -> Span:
    """Lines without the white space around them."""
    start, end = starts[first], starts[last] if last < len(starts) else len(text)
    words = text[start:end]
    return start + len(words) - len(words.lstrip()), start + len(words.rstrip())
