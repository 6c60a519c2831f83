"""The Document: one file as read, never edited afterwards."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Literal

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
]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading line: ``text[start:end]`` is its words, without markup; ``level`` 1 is the outermost."""

    start: int
    end: int
    level: int


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Characters ``text[start:end]`` that are left out of the index, and why.

    Mostly whole lines; a part of a line where a caption or a call to action shares it with the article.
    """

    start: int
    end: int
    reason: ExclusionReason


@dataclass(frozen=True)
class Document:
    """One file as read.

    Attributes:
        source: path relative to the folder given to ``build``, with ``/`` between its parts; unique in an index.
        title: from the file: ``<title>``, the first heading, or the first line.
        text: what was decoded, with universal newlines. For HTML, the page's visible text, a block a line.
        language: ISO 639-1 code of the language most of the text is in.
        headings: in order of their start.
        excluded: boilerplate, in order of start and not overlapping. Nothing is deleted from ``text``.
        metadata: what else the file says of itself (``encoding``, ``format``, ``date``, ``author``).
    """

    source: str
    title: str
    text: str
    language: str
    headings: tuple[Heading, ...] = ()
    excluded: tuple[Exclusion, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def id(self) -> str:
        """16 hexadecimal digits that stay the same while the source path does."""
        return sha256(self.source.encode("utf-8", "surrogatepass")).hexdigest()[:16]

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
