"""Plain text: its title and headings, by how the lines look and where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.corpus.cleaning.lines import Line
from rag.corpus.document import Heading
from rag.corpus.items import form_label
from rag.corpus.marks import items_in, mark_of
from rag.corpus.tables import is_spaced
from rag.corpus.titles import find_subject, stands_above, stands_above_subject

_MAX_HEADING_WIDTH = 100
_MAX_TITLE_WIDTH = 160
_MAX_DENSE_HEADING_WIDTH = 44  # in a text without blank lines only short lines are told from short paragraphs
_MAX_TITLE_CHARS = 80
_HEAD_LINES = 50
_TITLE_MARKS = "■◆●□◇○ 　"
_ITEM_LEVEL = 3  # of headings whose marks items have as well
_MOST_ITEMS = 20
_BRACKETED = re.compile(r"【[^【】]{1,60}】|≪[^≪≫]{1,60}≫|〔[^〔〕]{1,60}〕|＜[^＜＞]{1,60}＞")
_NUMBERED = (
    (
        re.compile(
            r"第\s*[0-9０-９一二三四五六七八九十百]+\s*[編部章](?:\s|　|[:：]|$)|(?:chapter|part)\s+[\dIVX]+\b",
            re.IGNORECASE,
        ),
        1,
    ),
    (
        re.compile(
            r"第\s*[0-9０-９一二三四五六七八九十百]+\s*[節条款項](?:\s|　|[:：(（]|$)|section\s+[\d.]+\b", re.IGNORECASE
        ),
        2,
    ),
    (re.compile(r"[0-9０-９]{1,2}[.．][0-9０-９]{1,2}[.．][0-9０-９]{1,2}[.．]?(?:\s|　|(?=[^\d\s]))"), 3),
    (re.compile(r"[0-9０-９]{1,2}[.．\-][0-9０-９]{1,2}[.．]?(?:\s|　|(?=[^\d\s.．%％倍万億円年]))"), 2),
    (re.compile(r"[0-9０-９]{1,2}[.．、](?:\s|　|(?=[^\d\s]))|[IVX]{1,4}[.．]\s|[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ][.．\s　]"), 1),
    (re.compile(r"[(（][0-9０-９一二三四五六七八九十]{1,2}[)）]|[①-⑳]"), 3),
    (re.compile(r"[■◆◼⬛]\s*\S"), 1),
    (re.compile(r"[●▼◇□○▽◎]\s*\S"), 2),
)
_QUESTION = re.compile(
    r"(?:Q|Ｑ|問)\s*[\d０-９]{0,3}\s*[.．:：、]\s*\S|(?:Q|Ｑ|問)(?:[\d０-９]{1,3}[ 　]|[　])[ 　]*\S"
)
_LABELLED_DATE = re.compile(r"(?:\S{1,8}[:：]\s*)?\d{4}[年./-]\s?\d{1,2}[月./-]\s?\d{1,2}.{0,20}")
_CAPTION = re.compile(r"(?:図|表|写真|fig(?:ure)?|table)\s*[.．]?\s*[\d０-９]+", re.IGNORECASE)
_LIST_ITEM = re.compile(r"\s*(?:[-*+・•◦‣▪▫–]|[0-9０-９]{1,2}[)）])\s*\S")


def find_headings(lines: Sequence[Line], title: Line | None, *, dense: bool) -> list[Heading]:
    """Heading lines: the title, 【…】 and numbered lines, and short lines that stand above a paragraph.

    Levels: 1 for the title, 【…】, ■, chapters, and for lines that stand alone unless 【…】 divide the text; one deeper
    for a line directly above its paragraph where others stand alone, such as the terms of a glossary.

    Args:
        lines: the lines that are not boilerplate.
        title: the line among them that is the title, if one is.
        dense: whether the text has hardly any blank lines, so that standing alone tells nothing.
    """
    found: list[_Found] = []
    first = 0 if title is None else next((n for n, line in enumerate(lines[:_HEAD_LINES]) if line is title), 0)
    for index, line in enumerate(lines):
        if index < first and stands_above_subject(line):
            continue
        level = _explicit_level(lines, index)
        if line is title or level is not None:
            found.append(_Found(line, level))
        elif _is_underlined(lines, index):
            found.append(_Found(line, None))
        elif _stands_above_paragraph(lines, index, dense=dense):
            found.append(_Found(line, None, attached=not dense and not line.before_blank))
    return [Heading(line.start, line.end, level) for line, level in _nested(found, title)]


@dataclass(frozen=True, slots=True)
class _Found:
    """A heading line; its level if it tells, and whether it stands directly above its paragraph."""

    line: Line
    level: int | None
    attached: bool = False


def find_title(lines: Sequence[Line], headings: Sequence[Heading], text: str) -> tuple[str, Line | None]:
    """The title, and the line that is it: the subject, the first line, or the first heading if a paragraph is first."""
    if not lines:
        return "", None
    words, subject = find_subject(lines)
    if words:
        return words, subject
    first = next((line for line in lines if not line.leads_to_page), lines[0])
    while headings and _is_above(headings[0], lines):
        headings = headings[1:]
    if "\t" in first.text and not headings:
        return "", None  # a table's head names what is in its columns
    if first.width <= _MAX_TITLE_WIDTH and first.ends_openly and not (first.is_paragraph and "。" in first.bare):
        return first.text.lstrip(_TITLE_MARKS) or first.text, first
    if headings:
        return text[headings[0].start : headings[0].end].strip(f"【】{_TITLE_MARKS}"), None
    sentence = re.split(r"(?<=[。!?！？])|(?<=[.!?])\s", first.text[:400], maxsplit=1)[0]
    return (sentence if len(sentence) <= _MAX_TITLE_CHARS else sentence[: _MAX_TITLE_CHARS - 1] + "…"), None


def _is_above(heading: Heading, lines: Sequence[Line]) -> bool:
    line = next((line for line in lines[:_HEAD_LINES] if line.start <= heading.start < line.end), None)
    return line is not None and stands_above(line)


def is_dense(lines: Sequence[Line]) -> bool:
    """Whether fewer than one line in ten is followed by a blank one."""
    return sum(line.before_blank for line in lines) < 0.1 * len(lines) + 1


def _explicit_level(lines: Sequence[Line], index: int) -> int | None:
    """Level of a line that says itself that it is a heading. Neighbours of the same kind make it an item of a list."""
    line = lines[index]
    if line.width <= _MAX_TITLE_WIDTH and _QUESTION.match(line.text) and _leads_on(lines, index, _QUESTION):
        return 2
    if line.width > _MAX_HEADING_WIDTH or _is_closed(line) or line.leads_to_page or items_in(line.text):
        return None
    if _BRACKETED.fullmatch(line.text):
        return 1
    for pattern, level in _NUMBERED:
        if pattern.match(line.text):
            beside = [lines[i] for i in (index - 1, index + 1) if 0 <= i < len(lines)]
            in_list = any(pattern.match(other.text) and abs(other.number - line.number) == 1 for other in beside)
            in_list = in_list or (level == _ITEM_LEVEL and _goes_on_list(lines, index, pattern))
            return None if in_list or not _leads_on(lines, index, pattern) else level
    return None


def _goes_on_list(lines: Sequence[Line], index: int, pattern: re.Pattern[str]) -> bool:
    """Whether only items of other kinds stand between a line and one of its kind above: (2), ア, イ, (3)."""
    for above in range(index - 1, max(-1, index - _MOST_ITEMS), -1):
        if lines[above + 1].after_blank or not mark_of(lines[above]):
            return False
        if pattern.match(lines[above].text):
            return True
    return False


def _is_closed(line: Line) -> bool:
    return not line.ends_openly or "。" in line.bare[:-1]


def _leads_on(lines: Sequence[Line], index: int, pattern: re.Pattern[str]) -> bool:
    """Whether something other than the next item follows."""
    return index + 1 < len(lines) and not pattern.match(lines[index + 1].text)


def _is_underlined(lines: Sequence[Line], index: int) -> bool:
    """Whether a rule stands below a line that may be a heading, and something below that."""
    line = lines[index]
    return (
        line.underlined
        and index + 1 < len(lines)
        and line.width <= _MAX_DENSE_HEADING_WIDTH
        and _looks_like_heading(line)
        and not is_spaced(line.text)
        and not form_label(line.text)
    )


def _stands_above_paragraph(lines: Sequence[Line], index: int, *, dense: bool) -> bool:
    line = lines[index]
    if index + 1 >= len(lines) or not _looks_like_heading(line):
        return False
    following = lines[index + 1]
    if _is_next_item(lines, index):
        return False
    if line.indent == 1 and not line.before_blank and not following.indent:
        return False  # the first line of a paragraph whose lines are broken
    if dense:
        return line.width <= _MAX_DENSE_HEADING_WIDTH and following.width >= max(40, 1.5 * line.width)
    if not line.after_blank:
        return False
    if _is_body(following):
        return True
    # A heading of a section that opens with a heading of its own, or with a list.
    return line.before_blank and _opens_list(lines, index + 1)


def _is_next_item(lines: Sequence[Line], index: int) -> bool:
    """Whether the line right above has a mark of the same kind: ハ behind ロ, whatever stands below."""
    mark = "" if lines[index].after_blank else mark_of(lines[index])
    return bool(mark) and index > 0 and mark_of(lines[index - 1]) == mark


def _looks_like_heading(line: Line) -> bool:
    if (
        line.width > _MAX_HEADING_WIDTH
        or not line.ends_openly
        or line.leads_to_page
        or _LIST_ITEM.match(line.text)
        or items_in(line.text)
        or _CAPTION.match(line.text)
        or _LABELLED_DATE.fullmatch(line.bare)
    ):
        return False
    if line.text[0] in '「『（("“※*' or line.text.count("/") + line.text.count("／") >= 2:
        return False
    words = line.bare.split()
    return (
        len(words) <= 14
        and "。" not in line.bare
        and any(char.isalpha() for char in line.bare)
        and "://" not in line.text
    )


def _is_body(line: Line) -> bool:
    return line.is_paragraph or line.width >= 80


def _opens_list(lines: Sequence[Line], index: int) -> bool:
    return sum(_LIST_ITEM.match(line.text) is not None for line in lines[index : index + 2]) == 2


def _nested(levels: Sequence[_Found], title: Line | None) -> Iterator[tuple[Line, int]]:
    """Levels of all: below 【…】 where these open the text, and attached ones below those that stand alone."""
    sections = [found for found in levels if found.line is not title]
    bracketed = bool(sections) and _BRACKETED.fullmatch(sections[0].line.text) is not None
    alone = any(not found.attached for found in sections)
    above = 0
    for found in levels:
        if found.line is title or found.level is not None:
            level = found.level or 1
        elif found.attached and alone:
            level = above + 1
        else:
            level = 2 if bracketed else 1
        if not found.attached and found.line is not title:
            above = level
        yield found.line, level
