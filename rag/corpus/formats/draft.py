"""Writes down the text of a Parsed line by line, and where its headings and places are."""

from __future__ import annotations

import re

from rag.corpus.cleaning.lines import Span
from rag.corpus.document import Exclusion, ExclusionReason, Heading, Place, PlaceKind
from rag.corpus.formats.parsed import Parsed

_LINE_BREAKS = re.compile(r"\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f\ufffe\uffff\ufeff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


class Draft:
    """A text that grows by lines; no line is empty unless ``blank`` made it so."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._headings: list[Heading] = []
        self._excluded: list[Exclusion] = []
        self._protected: list[Span] = []
        self._places: list[Place] = []

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
        self._put(part.text if part.text.endswith("\n") else part.text + "\n")

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
