"""The day that a document says it is of: revised, in force, issued, held. It counts before what its file says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from rag.corpus.cleaning.lines import Line
from rag.corpus.dates import normal_date

_HEAD_LINES, _FOOT_LINES = 40, 30
_DATED_LINES = 15
_LONGEST = 200  # characters of a line that are looked at
_NUMERAL = "[0-9一二三四五六七八九十]"
_DAY = (
    rf"(?P<day>(?:(?:明治|大正|昭和|平成|令和)\s?(?:{_NUMERAL}{{1,3}}|元)\s?年\s?{_NUMERAL}{{1,3}}\s?月(?:\s?{_NUMERAL}{{1,3}}\s?日)?"
    r"|(?<![A-Za-z0-9])[RHS]\s?\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{1,2}"
    r"|(?<!\d)(?:19|20)\d{2}\s?[年./-]\s?\d{1,2}(?:\s?[月./-]\s?\d{1,2}\s?日?)?(?!\d)"
    r"|(?:January|February|March|April|May|June|July|August|September|October|November|December)\s\d{1,2},?\s\d{4}))"
)
_HAS_DAY = re.compile(_DAY, re.IGNORECASE)
_REVISED = r"(?:最終)?(?:改訂|改定|改正|更新|修正|見直し?)|(?:last\s)?(?:updated|revised|revision|modified)"
_IN_FORCE = r"施行|適用|制定|発行|公布|公表|公開|作成|策定|掲載|発表|発効|締結|実施|issued|effective|published|created"
_HELD = r"日\s?時|開催日?時?|日\s?付|期\s?日|会議日|実施日|記入日|提出日|発信日|date|held"
_EDITION = rf"(?:第?\s?{_NUMERAL}{{1,3}}\s?[版回次]|(?:ver|rev)?\.?\s?\d{{1,2}}(?:\.\d{{1,2}}){{0,2}})"
_LABELLED = tuple(
    re.compile(rf"(?:{words})[日年月]*(?:時|版)?\s?(?:{_EDITION}\s?)?[（(]?[:：]?\s?{_DAY}", re.IGNORECASE)
    for words in (_REVISED, _IN_FORCE, _HELD)
)
_BEHIND = tuple(
    re.compile(
        rf"{_DAY}\s?[（(]?(?:付け?で?|に|から|より)?\s?(?:一部|全部|全面|第\S{{1,4}}次?)?\s?(?:{words})", re.IGNORECASE
    )
    for words in (_REVISED, _IN_FORCE, "現在")
)
_ALONE = re.compile(rf"[（(\[【]?\s?{_DAY}\s?(?:[（(].[)）])?\s?[)）\]】]?")
_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d{2})[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")
_MONTHS = "january february march april may june july august september october november december"


def own_date(lines: Sequence[Line], source: str, *, only_labelled: bool = False) -> str:
    """As :func:`rag.corpus.dates.normal_date` has it, or empty if the document does not say.

    The latest revision counts before the day it came into force or was issued, that before the day of a meeting, that
    before a date that stands alone at the head, as that of a letter, and that before one in the file's name.

    Args:
        lines: of the document, without what is excluded.
        source: its path.
        only_labelled: whether to look for no other days than those it was revised or issued on, as on pages, where
            other days are mostly of something else.
    """
    near = [*lines[:_HEAD_LINES], *lines[_HEAD_LINES:][-_FOOT_LINES:]]
    folded = [unicodedata.normalize("NFKC", line.text[:_LONGEST]) for line in near]
    dated = [line for line in folded if _HAS_DAY.search(line)]
    kinds = list(zip(_LABELLED, _BEHIND, strict=True))
    for labelled, behind in kinds[:2] if only_labelled else kinds:
        days = [day for line in dated for pattern in (labelled, behind) for day in _days(pattern, line)]
        if days:
            return days[0] if labelled is _LABELLED[-1] else max(days)
    if only_labelled:
        return ""
    alone = (_ALONE.fullmatch(line.strip()) for line in folded[:_DATED_LINES])
    for match in alone:
        if match is not None and (day := _normal(match["day"])):
            return day
    name = _IN_NAME.search(PurePosixPath(source).stem)
    return "-".join(name.groups()) if name else ""


def _days(pattern: re.Pattern[str], line: str) -> Iterator[str]:
    for match in pattern.finditer(line):
        if day := _normal(match["day"]):
            yield day


def _normal(written: str) -> str:
    english = re.fullmatch(r"([A-Za-z]+)\s(\d{1,2}),?\s(\d{4})", written)
    if english and english[1].lower() in _MONTHS.split():
        month = _MONTHS.split().index(english[1].lower()) + 1
        return normal_date(f"{english[3]}-{month}-{english[2]}")
    return normal_date(re.sub(r"\s+", "", written))
