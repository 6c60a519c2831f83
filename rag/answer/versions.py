"""Versions of one document: what their names have in common, and which is newer."""

from __future__ import annotations

import re
import unicodedata

_NUMBERED = re.compile(r"第?(\d{1,3})版|v(?:er\.?)?\s?(\d{1,3})(?![\da-z])", re.IGNORECASE)
_EDITION = re.compile(
    r"(?:19|20)\d\d年?(?:度|版|改[定訂]版?|\d{1,2}月)?|(?:令和|平成)\d+年?度?|第?\d+(?:\.\d+)*版|v(?:er\.?)?\s?\d+(?:\.\d+)*|"
    r"[新旧]版|旧|新|改[定訂]版?|最終版?|_\d+$|re:|fwd?:|[\s_()（）【】-]",
    re.IGNORECASE,
)


def family_of(title: str) -> str:
    """What the versions of a document have in common: its title without years, versions and answers' marks."""
    return _EDITION.sub("", unicodedata.normalize("NFKC", title)).casefold()


def version_of(source: str, title: str, date: str) -> str:
    """What tells by its order which version is newer: a year in the name, or else the date and then a number."""
    name = unicodedata.normalize("NFKC", f"{source} {title}")
    years = re.findall(r"(?:19|20)\d\d", name)
    if years:
        return str(max(years))
    numbers = [int(number) for match in _NUMBERED.findall(name) for number in match if number]
    return f"{date:10} {max(numbers, default=0):04}"
