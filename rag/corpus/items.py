"""Lists and forms among lines: items behind marks, labels with values, with what is set in below them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.corpus.blocks import Block
from rag.corpus.cleaning.lines import Line
from rag.corpus.marks import NUMERAL, counted, depths_of, is_first, items_in, mark_of
from rag.corpus.tables import is_spaced, spaced_cells

_FORM = re.compile(r"(?P<label>[^\s:：。、,|「」（(](?:[^:：。|\t（(]{0,14}[^\s:：。|\t（(])?)\s*[:：]\s*(?=[^\s/])")
_OFFICIAL = re.compile(
    rf"(?:{NUMERAL}|[一二三四五六七八九十]{{1,3}})[ 　]+"
    r"(?P<label>(?:[^\s。、：:][ 　]){1,3}[^\s。、：:](?=[ 　]{2}|[：:])|[^\s。、：:]{1,12})[ 　：:]+(?=\S)"
)
_CLOSES = re.compile(r"(?:以\s{0,4}上|敬\s{0,4}具|謹\s{0,4}白|草\s{0,4}々)[。]?")
_ARTICLE = re.compile(rf"第\s?(?:{NUMERAL}|[一二三四五六七八九十百]{{1,5}})条")
_LEADS_TO_ITEMS = re.compile(r".{4,200}?[。：:]\s*(?=[(（〔⑴①][0-9０-９]?)")
_LEAST_ROWS = 3  # of a table that is set in below an item
_SET_IN = 2  # spaces that a line stands further in than the item above that it goes on with

Found = tuple[int, Block] | None
"""How many lines a Block takes, and the Block."""


def list_at(lines: Sequence[Line], index: int, headings: set[int]) -> Found:
    """Items of one or more kinds of marks; a line without a mark goes on with the item above if it is set in below it.

    A line may hold several: (1) 退会したとき　(2) 死亡したとき.
    Items of another kind that stand below an item begin with the first of their kind: ２ behind (3) is no part of (3).
    """
    is_official = _OFFICIAL.match(lines[index].text) and form_label(lines[index].text)
    if not mark_of(lines[index]) or (is_official and not _is_announced(lines, index)):
        return None
    items: list[list[int]] = []
    marks: list[str] = []
    first = lines[index]
    at = index
    while at < len(lines) and lines[at].start not in headings:
        if mark := mark_of(lines[at]):
            if items and mark not in marks and (lines[at].after_blank or not is_first(lines[at], mark)):
                break
            first = lines[at]
            own = items_in(lines[at].text)
            items += [[first.start + start, first.start + end] for start, end in own or [(0, first.end - first.start)]]
            marks += [mark] * max(1, len(own))
        elif items and not lines[at].after_blank and _goes_on(first, lines[at - 1], lines[at]):
            if _is_set_in_table(lines, at):
                break
            items[-1][1] = lines[at].end
        else:
            break
        at += 1
    if len(items) < 2:
        return None
    spans = tuple((start, end) for start, end in items)
    return at - index, Block(items[0][0], items[-1][1], "list", spans, tuple(depths_of(marks)))


def led_list_at(lines: Sequence[Line], index: int, headings: set[int]) -> Found:
    """Items that stand in the line of the sentence that leads to them: 次のとおりとする。(1) 火気　(2) 飲酒."""
    line = lines[index]
    lead = _LEADS_TO_ITEMS.match(line.text)
    own = items_in(line.text[lead.end() :]) if lead is not None else []
    if lead is None or not own:
        return None
    first = line.start + lead.end()
    items = tuple((first + start, first + end) for start, end in own)
    intro = (line.start, line.start + len(lead[0].rstrip()))
    return 1, Block(first, items[-1][1], "list", items, (0,) * len(items), intro)


def counted_list_at(lines: Sequence[Line], index: int, headings: set[int]) -> Found:
    """Items that only a number tells, which counts up from 1."""
    count = counted(lines, index)
    items = tuple((line.start, line.end) for line in lines[index : index + count] if line.start not in headings)
    return (count, Block(items[0][0], items[-1][1], "list", items, (0,) * count)) if 1 < count == len(items) else None


_ANNOUNCES = re.compile(r"(?:次|以下|左)の(?!とおり|通り|日程|要領)|各号")


def _is_announced(lines: Sequence[Line], index: int) -> bool:
    """Whether items of an article begin here, however like labels they are: 一　会長　１名, below 次の役員を置く."""
    return index > 0 and mark_of(lines[index]) == "kanji" and _ANNOUNCES.search(lines[index - 1].text) is not None


def form_at(lines: Sequence[Line], index: int, headings: set[int]) -> Found:
    """Labels with values; a line that is set in below a value goes on with it."""
    if _is_announced(lines, index):
        return None
    items: list[list[int]] = []
    first, at = lines[index], index
    while at < len(lines) and lines[at].start not in headings and not (items and lines[at].after_blank):
        if form_label(lines[at].text):
            first = lines[at]
            items.append([first.start, first.end])
        elif (
            items
            and lines[at].indent >= first.indent + _SET_IN
            and "\t" not in lines[at].text
            and not mark_of(lines[at])
        ):
            items[-1][1] = lines[at].end
        else:
            break
        at += 1
    if not items:
        return None
    return at - index, Block(items[0][0], items[-1][1], "form", tuple((start, end) for start, end in items))


def form_label(line: str) -> str:
    """The label of a line such as ``日時：5月1日`` or ``１　日時　5月1日``; empty if it is none."""
    match = _OFFICIAL.match(line) or _FORM.match(line)
    if match is None or len(line) - match.end() < 1 or re.fullmatch(r"[\d０-９\s.]+", match["label"]):
        return ""
    if "//" in line[match.end() - 1 : match.end() + 2] or re.match(r"https?$", match["label"]):
        return ""
    return re.sub(r"(?<=\S)[ 　](?=\S)", "", match["label"]).strip("　 ・-*●■◆○")


def _is_set_in_table(lines: Sequence[Line], at: int) -> bool:
    """Whether a table of three rows at least begins here, set in below an item: spaces part its cells."""
    run = lines[at : at + _LEAST_ROWS]
    if len(run) < _LEAST_ROWS or not all(is_spaced(line.text) and not mark_of(line) for line in run):
        return False
    return len(spaced_cells(run)) == _LEAST_ROWS


def _goes_on(first: Line, before: Line, line: Line) -> bool:
    """Whether a line without a mark belongs to the item whose first line is given: it breaks off, or is set in."""
    if "\t" in line.text or _CLOSES.fullmatch(line.text) or _ARTICLE.match(line.text):
        return False
    if before.ends_openly and (before.width >= 60 or line.indent > first.indent):
        return True
    return line.indent >= first.indent + _SET_IN and not form_label(line.text)
