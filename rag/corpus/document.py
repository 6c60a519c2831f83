"""The Document: one file as read, never edited afterwards."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Literal

from rag.corpus.blocks import Block
from rag.corpus.dates import normal_date

ExclusionReason = Literal[
    "duplicate-title",
    "navigation",
    "share",
    "comments",
    "promotion",
    "related",
    "player",
    "byline",
    "notice",
    "front-matter",
    "outside-main-text",
    "running-head",
    "struck",
    "markup",
    "data",
]
INLINE: frozenset[ExclusionReason] = frozenset({"markup", "data"})
"""Reasons of what stands in the midst of sentences: passages go on over it, and what is read of them lacks it."""

PlaceKind = Literal["page", "slide", "sheet", "cell", "chapter", "time"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading line: ``text[start:end]`` is its words, without markup; ``level`` 1 is the outermost."""

    start: int
    end: int
    level: int


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Characters ``text[start:end]`` that are left out of the index, and why.

    Mostly whole lines; a part of a line where a caption or a call to action shares it with the article, or where it is
    markup or data.
    """

    start: int
    end: int
    reason: ExclusionReason

    @property
    def is_inline(self) -> bool:
        """Whether it tears no passage."""
        return self.reason in INLINE


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the file a reader finds what stands from ``text[start]`` on, up to the next place.

    Attributes:
        start: offset into the document's text, in characters.
        kind: what the file is divided into.
        label: which of them: a number from 1 (page, slide, cell), a name (sheet, chapter), or ``hh:mm:ss`` (time).
    """

    start: int
    kind: PlaceKind
    label: str

    def to_dict(self) -> dict[str, str]:
        """The stable JSON form, without the offset: what a citation shows."""
        return {"kind": self.kind, "label": self.label}

    def describe(self, language: str = "en") -> str:
        """What a person reads: "page 3", "3 ページ"; Japanese for ``ja``, English for any other language."""
        return _DESCRIBED["ja" if language == "ja" else "en"][self.kind].format(label=self.label)


_DESCRIBED: Mapping[str, Mapping[PlaceKind, str]] = {
    "ja": {
        "page": "{label} ページ",
        "slide": "スライド {label}",
        "sheet": "シート「{label}」",
        "cell": "セル {label}",
        "chapter": "章「{label}」",
        "time": "{label}",
    },
    "en": {
        "page": "page {label}",
        "slide": "slide {label}",
        "sheet": "sheet “{label}”",
        "cell": "cell {label}",
        "chapter": "chapter “{label}”",
        "time": "{label}",
    },
}


def place_at(places: Sequence[Place], offset: int) -> Place | None:
    """The place that holds the character at ``offset``: the last of the sorted ``places`` that begins by then."""
    index = bisect_right(places, offset, key=lambda place: place.start)
    return places[index - 1] if index else None


def id_of(source: str) -> str:
    """The id of the document with this source: 16 hexadecimal digits."""
    return sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True)
class Document:
    """One file as read.

    Attributes:
        source: path relative to the folder given to ``build``, with ``/`` between its parts; unique in an index.
        title: from the file: ``<title>``, the first heading, or the first line.
        text: what was decoded, with universal newlines. For HTML, the page's visible text, a block a line; for other
            formats that are not text, what their reader sees, a paragraph, a row or a cue a line.
        language: ISO 639-1 code of the language most of the text is in.
        headings: in order of their start.
        excluded: boilerplate, in order of start and not overlapping. Nothing is deleted from ``text``.
        metadata: what else the file says of itself (``encoding``, ``format``, ``date``, ``author``), and the day it was
            ``modified``.
        places: pages, slides, sheets, cells, chapters or times, in order of start; empty where lines are the places.
        blocks: what its stretches are, in order of start; a pair holds the Blocks of its answer.
    """

    source: str
    title: str
    text: str
    language: str
    headings: tuple[Heading, ...] = ()
    excluded: tuple[Exclusion, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    places: tuple[Place, ...] = ()
    blocks: tuple[Block, ...] = ()

    @cached_property
    def id(self) -> str:
        """16 hexadecimal digits that stay the same while the source path does."""
        return id_of(self.source)

    @cached_property
    def date(self) -> str:
        """The day the document says it is of, or else its file was written: ``2024``, ``2024-05`` or ``2024-05-01``."""
        return normal_date(self.metadata.get("date", "")) or self.metadata.get("modified", "")

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """Offset of the first character of each line."""
        starts = [0]
        position = self.text.find("\n")
        while position >= 0:
            starts.append(position + 1)
            position = self.text.find("\n", position + 1)
        return tuple(starts)

    def line(self, offset: int) -> int:
        """Number of the line that holds the character at ``offset``; the first line is 1."""
        return bisect_right(self.line_starts, offset)

    def place(self, offset: int) -> Place | None:
        """The page, slide, … that holds the character at ``offset``; ``None`` where the line is all there is to say."""
        return place_at(self.places, offset)
