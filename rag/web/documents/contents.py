"""A document cut at the edges of its passages and of what is excluded, so that each piece can be shown by itself."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.corpus.document import Document


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch ``[start, end)`` of a document.

    Attributes:
        start, end: offsets in characters.
        passage: number of the passage that begins here or goes on here, from 1; 0 outside of all.
        begins: whether the passage begins here.
        repeats: whether the passage before holds this as well.
        reason: why it is excluded; empty if it is not.
    """

    start: int
    end: int
    passage: int = 0
    begins: bool = False
    repeats: bool = False
    reason: str = ""


def pieces_of(document: Document, passages: Sequence[tuple[int, int]]) -> list[Piece]:
    """The document in pieces that, put together, are its text.

    Args:
        document: with its exclusions.
        passages: where they are, ``[start, end)`` in characters, in their order.
    """
    edges = {0, len(document.text)}
    starts = [start for start, _ in passages]
    left_out = [e for e in document.excluded if not (e.is_inline and _is_inside(e.start, starts, passages))]
    for start, end in (*passages, *((e.start, e.end) for e in left_out)):
        edges |= {start, end}
    pieces = []
    for start, end in pairwise(sorted(edges)):
        number = bisect_right(starts, start)
        # A passage can go on behind the end of a shorter one that began later only if they overlap.
        inside = [n for n in (number, number - 1) if n > 0 and passages[n - 1][1] > start]
        excluded = bisect_right(left_out, start, key=lambda e: e.start) - 1
        reason = left_out[excluded].reason if excluded >= 0 and start < left_out[excluded].end else ""
        first = inside[0] if inside else 0
        begins = first > 0 and passages[first - 1][0] == start
        pieces.append(Piece(start, end, first, begins, len(inside) > 1, reason))
    return pieces


def _is_inside(offset: int, starts: Sequence[int], passages: Sequence[tuple[int, int]]) -> bool:
    """Whether a passage holds the character, as it does markup between its sentences."""
    number = bisect_right(starts, offset)
    return any(n > 0 and passages[n - 1][1] > offset for n in (number, number - 1))
