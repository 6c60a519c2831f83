"""What a format's reader finds in a file before the cleaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, get_args

from rag.corpus.blocks import Block
from rag.corpus.cleaning.lines import Span
from rag.corpus.document import Exclusion, ExclusionReason, Heading, Place, PlaceKind


@dataclass(frozen=True)
class Parsed:
    """A file's text and what its format says about it.

    Attributes:
        text: becomes ``Document.text``.
        title: empty if the format does not tell.
        headings: ``None`` if the format has none, so that they have to be found by how the lines look.
        excluded: what the format says is not content.
        protected: what the cleaning must not touch, such as code.
        metadata: ``date``, ``author``.
        places: pages, slides, sheets, cells, chapters or times, in order.
        blocks: lists and tables that the format tells, in order; others are found by how the lines look.
        find_day: finds its date, which takes long; asked only where the text does not say one itself.
    """

    text: str
    title: str = ""
    headings: Sequence[Heading] | None = None
    excluded: Sequence[Exclusion] = ()
    protected: Sequence[Span] = ()
    metadata: dict[str, str] = field(default_factory=dict)
    places: Sequence[Place] = ()
    blocks: Sequence[Block] = ()
    find_day: Callable[[], str] | None = None

    def to_dict(self) -> dict[str, Any]:
        """What JSON can hold, for :meth:`from_dict`."""
        return {
            "text": self.text,
            "title": self.title,
            "headings": None if self.headings is None else [[h.start, h.end, h.level] for h in self.headings],
            "excluded": [[e.start, e.end, e.reason] for e in self.excluded],
            "protected": [list(span) for span in self.protected],
            "metadata": self.metadata,
            "places": [[p.start, p.kind, p.label] for p in self.places],
            "blocks": [block.to_list() for block in self.blocks],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Parsed:
        """The Parsed that :meth:`to_dict` wrote.

        Raises:
            ValueError, TypeError, KeyError: if it is anything else; a reader that broke can write what it likes.
        """
        text, headings = str(data["text"]), data["headings"]
        parsed = cls(
            text,
            str(data["title"]),
            None if headings is None else [Heading(*_span(text, *h[:2]), int(h[2])) for h in headings],
            [Exclusion(*_span(text, *e[:2]), _one_of(e[2], ExclusionReason)) for e in data["excluded"]],
            [_span(text, *span) for span in data["protected"]],
            {str(name): str(value) for name, value in data["metadata"].items()},
            [Place(_span(text, p[0], len(text))[0], _one_of(p[1], PlaceKind), str(p[2])) for p in data["places"]],
            [_block(text, block) for block in data["blocks"]],
        )
        if any(a.start > b.start for a, b in pairwise(parsed.places)):
            raise ValueError("places are not in order")
        return parsed


def _span(text: str, start: int, end: int) -> Span:
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start <= end <= len(text)):
        raise ValueError(f"not a span of the text: {start!r}, {end!r}")
    return start, end


def _block(text: str, data: Any) -> Block:
    block = Block.from_list(data)
    for start, end in block.spans():
        _span(text, start, end)
    return block


def _one_of(value: Any, kinds: Any) -> Any:
    if value not in get_args(kinds):
        raise ValueError(f"unknown: {value!r}")
    return value
