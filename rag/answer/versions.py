"""Versions of one document: what their names have in common, and which is newer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from rag.answer.question.literals import year_in

_NUMBERED = re.compile(r"第?(\d{1,3})版|v(?:er\.?)?\s?(\d{1,3})(?![\da-z])", re.IGNORECASE)
_EDITION = re.compile(
    r"(?:19|20)\d\d年?(?:度|版|改[定訂]版?|\d{1,2}月)?|(?:令和|平成)\d+年?度?|第?\d+(?:\.\d+)*版|v(?:er\.?)?\s?\d+(?:\.\d+)*|"
    r"[新旧]版|旧|新|改[定訂正]版?|最終版?|等|_\d+$|re:|fwd?:|[\s_()（）【】-]",
    re.IGNORECASE,
)


def family_of(title: str) -> str:
    """What the versions of a document have in common: its title without years, versions and answers' marks."""
    return _EDITION.sub("", unicodedata.normalize("NFKC", title)).casefold()


_YEAR = re.compile(r"(?P<year>(?:19|20)\d\d)年?度?|(?P<era>令和|平成|R|H)\s?(?P<erayear>\d{1,2}|元)(?:年度?|(?=\W|$))")
_STATE = re.compile(r"実績|計画|予定|現行|見込み?")


def year_of(heading: str) -> int | None:
    """The year that a heading, or a sheet's name, tells of what stands under it: 2025 of 令和７年度（案）."""
    found = _YEAR.search(unicodedata.normalize("NFKC", heading))
    return None if found is None else int(year_in(found))


def is_another_year(heading: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two sections of a document are of different years and else of the same, by their headings."""
    if not heading or not other:
        return False
    years = year_of(heading[-1]), year_of(other[-1])
    return None not in years and years[0] != years[1] and _without_year(heading[-1]) == _without_year(other[-1])


def _without_year(heading: str) -> str:
    return _STATE.sub("", family_of(_YEAR.sub("", unicodedata.normalize("NFKC", heading))))


_SUPERSEDED = re.compile(
    r"(?<![^\W_])旧(?=[\W_]|$)|旧(?:版|規[程則約]|要[項領綱]|マニュアル|手順)|失効|廃止(?:済|版|$|[)）])|\b(?:superseded|obsolete)\b",
    re.IGNORECASE,
)
"""What the name of a document says that holds no more."""


def is_superseded(source: str, title: str) -> bool:
    """Whether a document is named as one that holds no more."""
    return _SUPERSEDED.search(unicodedata.normalize("NFKC", f"{source} {title}")) is not None


def version_of(source: str, title: str, date: str) -> str:
    """What tells by its order which version is newer: a year in the name, or else the date and then a number.

    One that is named as the old one is older than all others.
    """
    name = unicodedata.normalize("NFKC", f"{source} {title}")
    if is_superseded(source, title):
        return f"0000 {date}"
    years = re.findall(r"(?:19|20)\d\d", name)
    if years:
        return str(max(years))
    numbers = [int(number) for match in _NUMBERED.findall(name) for number in match if number]
    return f"{date:10} {max(numbers, default=0):04}"
