"""Text with marked stretches -> HTML in which only the marks are markup."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Literal

from markupsafe import Markup

MarkKind = Literal["cited", "passage", "term", "excluded", "repeated", "found"]

# Direction controls could make a line read other than it is stored; each is shown in a box of its own.
_BIDI_CONTROL = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# What HTML cannot carry: NUL, and halves of surrogate pairs that UTF-8 has no bytes for.
_UNSHOWABLE = re.compile("[\x00\ud800-\udfff]")
_BOX = Markup('<bdi class="control" data-code="U+{:04X}">{}</bdi>')
_MARK = Markup('<mark class="{}"{}>{}</mark>')
_NUMBERS = Markup(' {}="{}"')


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch ``[start, end)`` of a text to be marked.

    Attributes:
        start, end: offsets in characters.
        kind: ``cited`` (quoted in the answer), ``passage`` (a passage found), ``term`` (a word of the question),
            ``excluded`` (left out of the index), ``repeated`` (stands in the passage before as well), ``found`` (looked
            for in the document).
        number: a citation's number; 0 for the other kinds.
        current: True for the place the reader asked to see.
    """

    start: int
    end: int
    kind: MarkKind
    number: int = 0
    current: bool = False


def to_html(text: str) -> Markup:
    """``text`` as HTML that shows it and does nothing else."""
    escaped = escape(_UNSHOWABLE.sub("\ufffd", text), quote=True)
    return Markup(_BIDI_CONTROL.sub(_boxed_control, escaped))  # noqa: S704 (escaped)


def _boxed_control(match: re.Match[str]) -> str:
    return _BOX.format(ord(match[0]), match[0])


def attribute(text: str) -> str:
    """``text`` as the inside of a quoted attribute; direction controls are dropped, as no box can hold them there."""
    return escape(_BIDI_CONTROL.sub("", _UNSHOWABLE.sub("\ufffd", text)), quote=True)


class Marking:
    """Marks cut at every edge: what is over a stretch is found without a look at the others."""

    def __init__(self, marks: Iterable[Mark]) -> None:
        """``marks`` may overlap, in any order; empty ones are none."""
        given = sorted((mark for mark in marks if mark.start < mark.end), key=lambda mark: mark.start)
        self._edges = sorted({edge for mark in given for edge in (mark.start, mark.end)})
        self._over: list[tuple[Mark, ...]] = []
        following, open_ = 0, list[Mark]()
        for edge in self._edges:
            open_ = [mark for mark in open_ if mark.end > edge]
            while following < len(given) and given[following].start == edge:
                open_.append(given[following])
                following += 1
            self._over.append(tuple(open_))

    def html(self, text: str, start: int, end: int, since: int | None = None) -> Markup:
        """``text[start:end]`` with each mark as one or more ``<mark>`` elements.

        A piece carries the classes of all marks over it, so the pieces of one mark, put together, are exactly the text
        of that mark (cut to ``[start, end)``).

        Args:
            text: the whole text; offsets count from its beginning.
            start, end: the part to write.
            since: where what was not written before ``start`` begins; a mark from there begins here.
        """
        since = start if since is None else since
        first, last = bisect_right(self._edges, start), bisect_left(self._edges, end)
        if first == last and (first == 0 or not self._over[first - 1]):
            return to_html(text[start:end])
        edges = [start, *self._edges[first:last], end]
        overs = [self._over[first - 1] if first else (), *self._over[first:last]]
        return Markup("").join(
            _piece(text[a:b], over, since if a == start else a, a)
            for (a, b), over in zip(pairwise(edges), overs, strict=True)
        )


def _piece(words: str, marks: Sequence[Mark], since: int, start: int) -> Markup:
    html = to_html(words)
    if not marks or not words:
        return html
    classes = sorted({m.kind for m in marks} | ({"current"} if any(m.current for m in marks) else set()))
    cited = [m for m in marks if m.kind == "cited"]
    begun = [m for m in cited if since <= m.start <= start]
    return _MARK.format(" ".join(classes), _numbers("data-cites", cited) + _numbers("data-begins", begun), html)


def _numbers(name: str, cited: Sequence[Mark]) -> Markup:
    numbers = sorted({m.number for m in cited if m.number})
    return _NUMBERS.format(name, " ".join(map(str, numbers))) if numbers else Markup()
