"""What a click in the page asks to see: a document, what to mark in it, and which part to show."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

from rag.answer.citation import Citation
from rag.answer.result import Answer
from rag.corpus.document import Document
from rag.search import Hit
from rag.web.html.markup import Mark, MarkKind

WHOLE_CHARS = 60_000
"""Documents up to this length are shown whole, in characters."""
WINDOW_CHARS = 16_000
"""What is shown of longer ones around the place asked for, and added by one "show more", in characters."""
WHOLE_CELLS = 6_000
"""Documents with more cells in tables are shown in part, whatever their length."""
MOST_FIND_CHARS = 200
"""Longest words to find in a document, in characters."""
_LARGEST_WINDOW = 2_000_000
_LARGEST_OF_TABLES = 400_000
_MOST_CELLS = 40_000
_MOST_MARKS = 200


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be opened: a document, with marks, at a place.

    Attributes:
        document: the document's id.
        marks: what to mark in it.
        window: ``(start, end)`` of the part to show, in characters; ``None`` for the part around the current mark.
        find: words to find in it.
        hit: which place of these words is the current one, from 1; 0 for the first from the current mark on.
    """

    document: str
    marks: tuple[Mark, ...] = ()
    window: tuple[int, int] | None = None
    find: str = ""
    hit: int = 0

    def to_json(self) -> str:
        """The place as the attribute ``data-open`` of a button holds it."""
        marks = [[m.start, m.end, m.kind, m.number, m.current] for m in self.marks]
        found = {"find": self.find, "hit": self.hit} if self.find else {}
        return json.dumps({"document": self.document, "marks": marks, "window": self.window, **found})

    @classmethod
    def from_event(cls, data: Mapping[str, Any]) -> Target:
        """The place as it comes back from the browser, where anything can have happened to it.

        Raises:
            ValueError: if it is not what ``to_json`` writes.
        """
        try:
            marks = tuple(_mark(*fields) for fields in list(data["marks"])[:_MOST_MARKS])
            window = None if data.get("window") is None else (int(data["window"][0]), int(data["window"][1]))
            find = str(data.get("find", ""))[:MOST_FIND_CHARS]
            return cls(str(data["document"]), marks, window, find, int(data.get("hit", 0)))
        except (KeyError, TypeError, IndexError, AttributeError) as error:
            raise ValueError(f"not a place in a document: {error}") from None

    def focus(self) -> tuple[int, int] | None:
        """The mark the reader asked to see, or the first one."""
        asked = [m for m in self.marks if m.current] or sorted(self.marks, key=lambda m: m.start)
        return (asked[0].start, asked[0].end) if asked else None


def _mark(start: Any, end: Any, kind: Any, number: Any, current: Any) -> Mark:
    if kind not in get_args(MarkKind):
        raise ValueError(f"not a kind of mark: {kind!r}")
    return Mark(int(start), int(end), kind, int(number), bool(current))


def citation_marks(citations: Iterable[Citation], document_id: str) -> tuple[Mark, ...]:
    """All places of one document that an answer quotes."""
    return tuple(Mark(c.start, c.end, "cited", c.number) for c in citations if c.document.id == document_id)


def target_of_citation(citation: Citation, answer: Answer) -> Target:
    """The source of one citation, with the answer's other citations of the same document marked too."""
    marks = citation_marks(answer.citations, citation.document.id)
    return Target(citation.document.id, tuple(replace(m, current=m.number == citation.number) for m in marks))


def target_of_hit(hit: Hit, answer: Answer) -> Target:
    """A passage in its document, with what the answer quotes of that document."""
    passage = Mark(hit.start, hit.end, "passage", current=True)
    return Target(hit.document.id, (passage, *citation_marks(answer.citations, hit.document.id)))


def largest_window(document: Document) -> int:
    """No more than this of a document is sent at once, in characters: less of one that is mostly cells of tables."""
    return _LARGEST_WINDOW if _cells(document) <= _MOST_CELLS else _LARGEST_OF_TABLES


def _cells(document: Document) -> int:
    return sum(len(block.table.cells) for block in document.blocks if block.table is not None)


def window_of(document: Document, place: Target) -> tuple[int, int]:
    """The part of a document to show, ``(start, end)`` in characters: all of it unless it is long."""
    length = len(document.text)
    if place.window is not None:
        start = min(max(place.window[0], 0), length)
        return start, min(max(place.window[1], start), length, start + largest_window(document))
    if length <= WHOLE_CHARS and _cells(document) <= WHOLE_CELLS:
        return 0, length
    start, end = place.focus() or (0, 0)
    start = min(max(start, 0), length)
    start = max(0, min(start, length - 1) - WINDOW_CHARS // 2)
    return _line_start(document, start), min(length, max(end, start) + WINDOW_CHARS)


def _line_start(document: Document, offset: int) -> int:
    """The start of the line at ``offset``, unless that line is so long that it would widen the window much."""
    start = document.line_starts[document.line(offset) - 1]
    return start if offset - start < WINDOW_CHARS // 4 else offset
