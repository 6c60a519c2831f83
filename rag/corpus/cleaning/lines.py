"""Lines of a text, seen as a reader of a web page sees them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

Span = tuple[int, int]

LONG_LINE_CHARS = 2_000
"""Longer lines are paragraphs without a closer look."""

_EDGE_CHARS = 40  # in which the punctuation that closes a line stands
_DECORATION = "↑↓→←⇒➡⬇⬆▲▼▽△▶▷►◀◁◆◇■□●○◎★☆♪※•·・*#>»›≫«‹|｜_~=+-–—✓✔☑❏❐【】《》〈〉[]［］"
_SENTENCE_END = re.compile(r"[。．!?！？]|[.!?…][\"'”’)]*(?:\s|$)")
_FINAL_PUNCTUATION = re.compile(r"[。．、，,.;；:：!?！？…]+[」』）)\"'”’]*$")
_RULE = re.compile(r"[-‐–—―－─━=＝_＿*＊~～]{3,200}")
_LEADER = re.compile(
    r"(?:(?:[…‥⋯]|[.．・･·‧]\s?[.．・･·‧]\s?[.．・･·‧])[\s.．・･·‧…‥⋯]*|[─━―_＿-]{4,}\s*)[(（]?(?:p\.?\s?)?[\divxl０-９]{1,5}[)）]?$"
)
_PAGE_ENDS = "0123456789０１２３４５６７８９ivxl)）"
_LEADER_CHARS = 60  # at the end of a line
_CLAUSE_END = re.compile(r"[。．]|\.[\"'”’)]*(?:\s|$)")


@dataclass(frozen=True)
class Line:
    """One line that is not blank: ``text[start:end]`` without the spaces around it.

    Attributes:
        number: counts all lines of the text from 0, blank ones too.
        after_blank, before_blank: whether a blank line, or the text's edge, stands on that side.
        indent: how many spaces stand before it.
        underlined: whether the line right below is a rule (----, ====) and the one above no part of the same paragraph.
    """

    start: int
    end: int
    text: str
    number: int
    after_blank: bool = True
    before_blank: bool = True
    indent: int = 0
    underlined: bool = False

    @cached_property
    def bare(self) -> str:
        """The words: width folded (NFKC), without arrows, bullets, brackets and emoji at the edges."""
        folded = unicodedata.normalize("NFKC", self.text[:LONG_LINE_CHARS])
        first, last = 0, len(folded)
        while first < last and _is_decoration(folded[first]):
            first += 1
        while last > first and _is_decoration(folded[last - 1]):
            last -= 1
        return folded[first:last]

    @cached_property
    def key(self) -> str:
        """What is compared to find the same words again: no case, no spaces, no edges."""
        return re.sub(r"\s+", "", self.bare).casefold()

    @cached_property
    def width(self) -> int:
        """Columns: full-width characters count two."""
        return sum(2 if unicodedata.east_asian_width(char) in "FWA" else 1 for char in self.text[:LONG_LINE_CHARS])

    @cached_property
    def is_paragraph(self) -> bool:
        """Whether this is running text: a whole sentence, or long."""
        if self.width > 160:
            return True
        return self.width >= 24 and not self.leads_to_page and _CLAUSE_END.search(self.bare) is not None

    @property
    def leads_to_page(self) -> bool:
        """Whether dots or a rule lead to the number of a page, as in a table of contents: 総則 …… 3."""
        end = self.text[-_LEADER_CHARS:]
        return end[-1] in _PAGE_ENDS and _LEADER.search(end) is not None

    @property
    def has_sentence_end(self) -> bool:
        return _SENTENCE_END.search(self.bare) is not None

    @property
    def ends_openly(self) -> bool:
        """Whether no punctuation closes the line, as in headings and labels; a question mark does not count."""
        match = _FINAL_PUNCTUATION.search(self.bare[-_EDGE_CHARS:])
        return match is None or set(match.group()) <= set('?？!！」』)"”’')

    @property
    def is_question(self) -> bool:
        return self.bare.endswith("?") or self.bare.endswith(("か。", "か"))


def _is_decoration(char: str) -> bool:
    return (
        char.isspace()
        or char in _DECORATION
        or (unicodedata.category(char) in ("So", "Cf", "Co", "Sk") and char not in "㈱©℡№")
    )


def lines_of(text: str, without: Collection[Span] = ()) -> list[Line]:
    """The lines of ``text`` that are not blank and do not touch any of the spans ``without``, which are sorted."""
    raw = [(start, end, number, indent) for number, (start, end, indent) in enumerate(_raw_lines(text)) if end > start]
    numbers = [number for _, _, number, _ in raw]
    found = []
    for i, (start, end, number, indent) in enumerate(raw):
        after_blank = i == 0 or numbers[i - 1] < number - 1
        before_blank = i == len(raw) - 1 or numbers[i + 1] > number + 1
        underlined = not before_blank and _RULE.fullmatch(text, *raw[i + 1][:2]) is not None
        if underlined and not after_blank:
            above, last = raw[i - 1][:2], text[raw[i - 1][1] - 1]
            underlined = last in "。.．!?！？" or _RULE.fullmatch(text, *above) is not None
        found.append(Line(start, end, text[start:end], number, after_blank, before_blank, indent, underlined))
    return list(_outside(found, without))


def _raw_lines(text: str) -> Iterator[tuple[int, int, int]]:
    """Start and end of each line without the spaces around it, and how many stand before it."""
    position = 0
    for raw in text.split("\n"):
        content = raw.strip()
        indent = raw.find(content) if content else 0
        yield position + indent, position + indent + len(content), indent
        position += len(raw) + 1


def _outside(lines: list[Line], spans: Collection[Span]) -> Iterator[Line]:
    pending = iter(spans)
    span = next(pending, None)
    for line in lines:
        while span is not None and span[1] <= line.start:
            span = next(pending, None)
        if span is None or line.end <= span[0]:
            yield line
