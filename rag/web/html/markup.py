"""Text with marked stretches -> HTML in which only the marks are markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Literal

from markupsafe import Markup

MarkKind = Literal["cited", "passage", "term", "excluded"]

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
            ``excluded`` (left out of the index).
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


def marked_html(text: str, marks: Iterable[Mark], start: int = 0, end: int | None = None) -> Markup:
    """``text[start:end]`` with each mark as one or more ``<mark>`` elements.

    Marks may overlap: the text is cut at every edge and a piece carries the classes of all marks over it, so the pieces
    of one mark, put together, are exactly the text of that mark (cut to ``[start, end)``).

    Args:
        text: the whole text; offsets count from its beginning.
        marks: stretches of it, in any order.
        start, end: the part to write.
    """
    end = len(text) if end is None else end
    inside = [m for m in marks if m.start < end and m.end > start and m.start < m.end]
    edges = sorted({start, end, *(e for m in inside for e in (m.start, m.end) if start < e < end)})
    return Markup("").join(_piece(text, a, b, _over(inside, a, b)) for a, b in pairwise(edges))


def _over(marks: Sequence[Mark], start: int, end: int) -> list[Mark]:
    return [m for m in marks if m.start <= start and end <= m.end]


def _piece(text: str, start: int, end: int, marks: Sequence[Mark]) -> Markup:
    html = to_html(text[start:end])
    if not marks:
        return html
    classes = sorted({m.kind for m in marks} | ({"current"} if any(m.current for m in marks) else set()))
    cited = [m for m in marks if m.kind == "cited"]
    cites = _numbers("data-cites", cited) + _numbers("data-begins", [m for m in cited if m.start == start])
    return _MARK.format(" ".join(classes), cites, html)


def _numbers(name: str, cited: Sequence[Mark]) -> Markup:
    numbers = sorted({m.number for m in cited if m.number})
    return _NUMBERS.format(name, " ".join(map(str, numbers))) if numbers else Markup()
