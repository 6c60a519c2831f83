"""A page of a PDF as it looks, and the words on it that are framed: what goes to the worker process and comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rag.corpus.blocks import Span
from rag.corpus.document import Document, Place

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, as shares of the page's width and height from its upper left corner, in [0, 1]."""
_PNG = b"\x89PNG\r\n\x1a\n"
_MOST_BOXES = 5_000
_CONTEXT = 120  # characters, of which some are white space


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a document that stand on one page of it.

    Attributes:
        words: to be framed, as the document's text has them.
        before, behind: what stands around them on that page: it tells which of several equal ones is meant.
        depth: how much of the page's text comes before them, from 0 to 1.
    """

    words: str
    before: str = ""
    behind: str = ""
    depth: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """JSON values, for ``Quote(**values)``."""
        return asdict(self)


def page_number(place: Place) -> int:
    """The number of a page in its file, from 1; 0 of a place that is no page."""
    number = place.label.partition(" ")[0]
    return int(number) if place.kind == "page" and number.isdecimal() else 0


def page_extent(document: Document, number: int) -> Span:
    """What of a document's text stands on a page, ``(start, end)`` in characters; empty if nothing does."""
    ends = [place.start for place in document.places[1:]] + [len(document.text)]
    for place, end in zip(document.places, ends, strict=True):
        if page_number(place) == number:
            return place.start, end
    return 0, 0


def quote_on(document: Document, number: int, start: int, end: int) -> Quote | None:
    """What of ``document.text[start:end]`` stands on a page; ``None`` if nothing does."""
    first, last = page_extent(document, number)
    start, end = max(start, first), min(end, last)
    words = document.text[start:end] if start < end else ""
    if not words.strip():
        return None
    before = document.text[max(first, start - _CONTEXT) : start]
    behind = document.text[end : min(last, end + _CONTEXT)]
    return Quote(words, before, behind, (start - first) / (last - first))


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page as it looks.

    Attributes:
        number, pages: which page it is, from 1, and of how many.
        width, height: of the page as shown, in points.
        frames: for each quote the boxes of its characters, a box a line or cell; empty if it does not stand there.
        png: the picture; empty if only the frames were asked for.
    """

    number: int
    pages: int
    width: float
    height: float
    frames: tuple[tuple[Box, ...], ...]
    png: bytes = b""

    def to_dict(self) -> dict[str, Any]:
        """What JSON can hold of it: all but the picture."""
        size = {"width": self.width, "height": self.height}
        return {"number": self.number, "pages": self.pages, "frames": self.frames, **size}

    @classmethod
    def from_reply(cls, reply: Mapping[str, Any], png: bytes) -> PageImage:
        """What the worker process says, which is not trusted.

        Raises:
            ValueError, TypeError, KeyError: if it is no page.
        """
        if png and not png.startswith(_PNG):
            raise ValueError("no picture")
        frames = tuple(tuple(_box(*box) for box in boxes[:_MOST_BOXES]) for boxes in reply["frames"])
        width, height = float(reply["width"]), float(reply["height"])
        if not (0 < width < float("inf") and 0 < height < float("inf")):
            raise ValueError("no size")
        return cls(int(reply["number"]), int(reply["pages"]), width, height, frames, png)


def _box(left: Any, top: Any, right: Any, bottom: Any) -> Box:
    box = float(left), float(top), float(right), float(bottom)
    if not (0 <= box[0] <= box[2] <= 1 and 0 <= box[1] <= box[3] <= 1):
        raise ValueError("a box outside of the page")
    return box
