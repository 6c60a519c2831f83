"""What can be written in a query to say what passages must hold: phrases, words left out, alternatives, documents.

===================================  ==========================================================================
``"…"``                              the passage holds this, width, case and white space aside; “…” and ”…” too
``-word``, ``-"…"``                  the passage does not
``A OR B``                           the passage holds at least one of these words or phrases
``title:word``, ``source:"…"``       the document's title, or source, holds this
===================================  ==========================================================================

Whatever is none of these is text: a quotation mark without its other, a minus inside a word or before a figure, ``OR``
with nothing beside it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import regex

from rag.errors import QuestionError
from rag.index.conditions import ANYTHING, Condition, Conditions, Where, folded

MOST_CONDITIONS = 50
_QUOTE = '["“”＂]'
# Quotation marks behind a figure are inches: 12" と 14".
_PHRASE = rf'(?<!\d){_QUOTE}([^"“”＂\p{{L}}\p{{N}}]*+[\p{{L}}\p{{N}}][^"“”＂]*+){_QUOTE}'
_PART = regex.compile(
    rf"(?P<minus>(?<!\S)[-－](?={_PHRASE}|\p{{L}}))?+"
    r"(?P<field>(?<=^|\s|(?<!\S)[-－])(?:title|source)[:：](?=\S))?+"
    rf"(?:(?P<quoted>{_PHRASE})|(?P<word>(?:(?!{_PHRASE})\S)+))"
)
_WRITTEN = regex.compile(r"[\p{L}\p{N}]")
_GAP = re.compile(r"\s{2,}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, understood.

    Attributes:
        text: what is searched for: all but the operators, and what phrases and alternatives say. Empty if that is
            nothing.
        conditions: what passages must meet.
    """

    text: str
    conditions: Conditions = ANYTHING


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch ``[start, end)`` of the query: a word, a phrase, or either with a minus or a field before it."""

    start: int
    end: int
    words: str
    where: Where
    is_word: bool
    is_barred: bool

    @property
    def condition(self) -> Condition:
        return Condition(folded(self.words), self.where)

    @property
    def is_or(self) -> bool:
        return self.is_word and unicodedata.normalize("NFKC", self.words) == "OR"

    @property
    def can_be_one_of(self) -> bool:
        """Whether it may stand beside ``OR``."""
        return not self.is_barred and not self.is_or and _WRITTEN.search(self.words) is not None

    @property
    def said(self) -> str:
        """What of it is searched for; Latin words stay apart from what the quotation marks kept them from."""
        if self.is_barred or self.where != "text":
            return ""
        return self.words if self.is_word or not self.words.isascii() else f" {self.words} "


def parsed(query: str) -> Asked:
    """What a query says; a text without operators is searched for as it stands.

    Raises:
        QuestionError: if it has so many that they would keep the index busy.
    """
    groups = list(_groups([_part(match) for match in _PART.finditer(query)]))
    needed = tuple(
        tuple(part.condition for part in group)
        for group in groups
        if not group[0].is_barred and (len(group) > 1 or not group[0].is_word)
    )
    barred = tuple(group[0].condition for group in groups if group[0].is_barred)
    if not (needed or barred):
        return Asked(query)
    if (count := len(barred) + sum(map(len, needed))) > MOST_CONDITIONS:
        raise QuestionError(
            f"The query has {count} phrases and words with operators, more than {MOST_CONDITIONS}.",
            hint="Ask for fewer at once.",
        )
    alone = not any(len(group) == 1 and group[0].is_word and _WRITTEN.search(group[0].words) for group in groups)
    return Asked(_said(query, groups), Conditions(needed, barred, alone))


def _part(match: regex.Match[str]) -> _Part:
    word, field, is_barred = match["word"], match["field"], match["minus"] is not None
    if word is not None and (not (is_barred or field) or word[0] in _QUOTE or not _WRITTEN.search(word)):
        return _Part(*match.span(), match.group(), "text", is_word=True, is_barred=False)
    where = cast(Where, field[:-1]) if field else "text"
    return _Part(*match.span(), word or match["quoted"][1:-1], where, is_word=False, is_barred=is_barred)


def _groups(parts: Sequence[_Part]) -> Iterator[list[_Part]]:
    """The parts one by one, those that ``OR`` joins together."""
    group: list[_Part] = []
    place = 0
    while place < len(parts):
        part = parts[place]
        behind = parts[place + 1] if place + 1 < len(parts) else None
        if part.is_or and group and group[-1].can_be_one_of and behind is not None and behind.can_be_one_of:
            group.append(behind)
            place += 2
            continue
        if group:
            yield group
        group = [part]
        place += 1
    if group:
        yield group


def _said(query: str, groups: Sequence[Sequence[_Part]]) -> str:
    """The query as it stands, with only what is searched for of each part, and without the ``OR`` between two."""
    pieces, position = [], 0
    for group in groups:
        pieces += [query[position : group[0].start], " ".join(part.said for part in group)]
        position = group[-1].end
    return _GAP.sub(" ", "".join([*pieces, query[position:]])).strip()
