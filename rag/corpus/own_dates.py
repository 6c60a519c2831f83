"""The day that a document says it is of: revised, in force, issued, held. It counts before what its file says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from rag.corpus.cleaning.lines import Line
from rag.corpus.dates import normal_date

_HEAD_LINES, _FOOT_LINES = 40, 30
_DATED_LINES, _TITLE_LINES = 15, 4
_LONGEST = 200  # characters of a line that are looked at
_NUMERAL = "[0-9一二三四五六七八九十]"
_MONTH_NAMES = "January|February|March|April|May|June|July|August|September|October|November|December"
_DAY = (
    rf"(?P<day>(?:(?:明治|大正|昭和|平成|令和)\s?(?:{_NUMERAL}{{1,3}}|元)\s?年\s?{_NUMERAL}{{1,3}}\s?月(?:\s?{_NUMERAL}{{1,3}}\s?日)?"
    r"|(?<![A-Za-z0-9])[RHS]\s?\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{1,2}"
    r"|(?<!\d)(?:19|20)\d{2}\s?[年./-]\s?\d{1,2}(?:\s?[月./-]\s?\d{1,2}\s?日?|\s?月)?(?!\d)"
    rf"|(?:{_MONTH_NAMES})\s\d{{1,2}},?\s\d{{4}}|(?<!\d)\d{{1,2}}\s(?:{_MONTH_NAMES})\s\d{{4}}))"
)
_HAS_DAY = re.compile(_DAY, re.IGNORECASE)
_REVISED = r"(?:最終)?(?:改訂|改定|改正|更新|修正|見直し?)|(?:last\s)?(?:updated|revised|revision|modified)"
_IN_FORCE = r"施行|適用|制定|発行|公布|公表|公開|作成|策定|掲載|発表|発効|締結|実施|issued|effective|published|created"
_HELD = (
    r"日\s?時|開催日?時?|日\s?付|期\s?日|会議日|実施日|記入日|記載日|提出日|発信日|date|held"
    r"|(?:請求|見積|納品|発注|注文|通知|申請|届出|報告|契約|起案|決裁|受付)日"
)
_EDITION = rf"(?:第?\s?{_NUMERAL}{{1,3}}\s?[版回次]|(?:ver|rev)?\.?\s?\d{{1,2}}(?:\.\d{{1,2}}){{0,2}})"
_LABELLED = tuple(
    re.compile(rf"(?:{words})[日年月]*(?:時|版)?\s{{0,3}}(?:{_EDITION}\s?)?[（(]?[:：]?\s{{0,3}}{_DAY}", re.IGNORECASE)
    for words in (_REVISED, _IN_FORCE, _HELD)
)
_BEHIND = tuple(
    re.compile(
        rf"{_DAY}\s?[（(]?(?:付け?で?|に|から|より)?\s?(?:一部|全部|全面|第\S{{1,4}}次?)?\s?(?:{words})", re.IGNORECASE
    )
    for words in (_REVISED, _IN_FORCE)
)
_AS_OF = re.compile(rf"{_DAY}\s?現在")
_EDITION_OF = re.compile(rf"[（(\s　_]{_DAY}\s?(?:改[訂定])?版[)）]?$", re.IGNORECASE)
"""At the end of a title: よくある質問（令和5年10月版）."""
_ALONE = re.compile(rf"[（(\[【]?\s?{_DAY}\s?(?:[（(].[)）])?(?:号|現在)?\s?[)）\]】]?")
_FULL = len("2024-05-01")
_GOES_ON = re.compile(r"\s?(?:[〜～~–—―-]|から(?=.{0,12}まで))")
_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d{2})[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")
_MONTHS = _MONTH_NAMES.lower().split("|")


def own_date(lines: Sequence[Line], source: str, *, only_labelled: bool = False) -> str:
    """As :func:`rag.corpus.dates.normal_date` has it, or empty if the document does not say.

    The latest revision counts before the day it came into force or was issued, that before the day of a meeting, that
    before a date that stands alone at the head, that before the month of its edition (令和5年10月版), that before the
    day of which its figures are, and that before one in the file's name. But a letter is of the day at its head, if
    what it tells of is held later. Where only a month is told from which something is in force, the day that stands
    alone at the head is that of the document. Several months that stand alone are headings.

    Args:
        lines: of the document, without what is excluded.
        source: its path.
        only_labelled: whether to look for no other days than those it was revised or issued on, as on pages, where
            other days are mostly of something else.
    """
    near = [*lines[:_HEAD_LINES], *lines[_HEAD_LINES:][-_FOOT_LINES:]]
    folded = [unicodedata.normalize("NFKC", line.text[:_LONGEST]) for line in near]
    dated = [line for line in folded if _HAS_DAY.search(line)]
    revised, in_force = (
        max((day for line in dated for pattern in patterns for day in _days(pattern, line)), default="")
        for patterns in zip(_LABELLED, _BEHIND, strict=False)
    )
    head = folded[:_DATED_LINES]
    edition = next((day for line in head[:_TITLE_LINES] for day in _days(_EDITION_OF, line)), "")
    if revised or only_labelled:
        return revised or in_force or edition
    alone = _alone(head)
    if in_force and not (len(in_force) < _FULL == len(alone)):
        return in_force
    held = next((day for line in dated for day in _days(_LABELLED[-1], line)), "")
    if len(alone) == _FULL and alone < held:
        return alone  # an invitation is written before the day that it invites to
    as_of = (day for line in head for day in _days(_AS_OF, line))
    return held or alone or edition or next(as_of, "") or _in_name(source)


def _alone(head: Sequence[str]) -> str:
    """The first date that is all of its line: a day, or else the only month."""
    found = [_normal(match["day"]) for line in head if (match := _ALONE.fullmatch(line.strip()))]
    months = {day for day in found if 0 < len(day) < _FULL}
    return next((day for day in found if len(day) == _FULL), months.pop() if len(months) == 1 else "")


def _in_name(source: str) -> str:
    name = _IN_NAME.search(PurePosixPath(source).stem)
    return "-".join(name.groups()) if name else ""


def _days(pattern: re.Pattern[str], line: str) -> Iterator[str]:
    """The days that a pattern finds; months that a stretch of time begins with (4月〜9月) are none."""
    for match in pattern.finditer(line):
        day = _normal(match["day"])
        if day and (len(day) == _FULL or not _GOES_ON.match(line, match.end("day"))):
            yield day


def _normal(written: str) -> str:
    english = re.fullmatch(r"(?:(\d{1,2})\s)?([A-Za-z]+)\s(?:(\d{1,2}),?\s)?(\d{4})", written)
    if english and english[2].lower() in _MONTHS:
        return normal_date(f"{english[4]}-{_MONTHS.index(english[2].lower()) + 1}-{english[1] or english[3]}")
    return normal_date(re.sub(r"\s+", "", written))
