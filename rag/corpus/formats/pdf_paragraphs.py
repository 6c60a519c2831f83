"""Lines of pages -> paragraphs, headings and tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile, groupby, islice, pairwise
from typing import NamedTuple

from rag.corpus.formats.draft import Draft
from rag.corpus.formats.pdf_bands import Bands
from rag.corpus.formats.pdf_layout import PageTable, arranged
from rag.corpus.formats.pdf_lines import TextLine, is_unspaced, joined
from rag.corpus.formats.pdf_rules import Grid
from rag.corpus.formats.pdf_writing import Written

_MIN_JOINED_EMS = 8.0
_FULL_WITHIN_EMS = 2.2  # what punctuation that must not begin a line can leave free at its end
_INDENT_EMS = 0.6
_MAX_PITCH_EMS = 2.6
_BLANK_PITCH_EMS = 2.3
_PARAGRAPH_PITCH = 1.35  # of the least distance between lines
_HEADING_SIZE = 1.15
_MAX_HEADING_CHARS = 80
_ENDS = re.compile(r"[。．！？!?：:]$|[。．！？!?.][」』）)\]]$")
_LIST_ITEM = re.compile(
    r"[・•◦●○■□◆◇▪▫‣※✓★☆▶►\-–—*⑴-⒛❶-❿㋐-㋾]\s*\S|[(（]?[0-9０-９]{1,3}[)）.．、]\s*\D|(?:[0-9]{1,2}|[A-Z])(?:[.．][0-9]{1,2})+[.．]?\s|[①-⑳]|[(（][一二三四五六七八九十ア-ンa-z][)）]"
    r"|第[0-9０-９一二三四五六七八九十百]+[章節条項編部]|[０-９]{1,2}[ 　]+\S|\d{1,2}　+\S|[ア-ン][ 　．.]\S"
    r"|[一二三四五六七八九十]{1,3}[ 　、．.]\s?\S|[（(][０-９]{1,2}[)）]"
    r"|[問答][0-9０-９]{0,3}[ 　.．:：、)）]\s*\S|[QAＱＡ][0-9０-９]{0,3}[.．:：)）]\s*\S"
)
_NARROW = 0.6  # of the page's widest line
_ROOMY = 0.75  # of the page's widest line
_HYPHENATED = re.compile(r"[a-z]{2}[-‐\xad]$")
_RUNS_ON = re.compile(r"[、。，．]|[,.;] ")
_LONGEST_LABEL = 12
_LABEL_GAP = 0.6
_SAME_LEFT_EMS = 3.0
_STANDS_ALONE = re.compile(
    r"(?:様|殿|御中|各位|先生)$|^(?:令和|平成|昭和|20\d\d|西暦).{1,14}日$|^(?:記|以上|敬具|拝啓.?|謹啓.?)$"
)
_CONTENTS = re.compile(r"目\s?次|もくじ|(?:table of )?contents", re.IGNORECASE)
_FOOTNOTE = re.compile(r"[※*＊†‡]|注|[（(]?[\d０-９]{1,3}[)）.．\s]|[¹²³⁴-⁹]|[\d０-９]{1,2}\D")
_FOOTNOTE_SIZE = 0.92
_FOOT = 0.6
_MAX_LEVELS = 6
_MAX_HEADING_SHARE = 0.3


class Beside(NamedTuple):
    """What stands beside the text of pages, by page, counted from 1: what readers wrote, and what they struck out."""

    notes: Mapping[int, Sequence[str]]
    struck: Mapping[int, Sequence[str]]


def write_pages(
    pages: Sequence[Sequence[TextLine]],
    running: set[int],
    beside: Beside,
    labels: Mapping[int, str],
    drawn: Mapping[int, Sequence[Grid | Bands]],
) -> tuple[Draft, str]:
    """The text of all pages with places, headings and running heads; and the largest heading of the first page.

    Args:
        beside: what stands beside the text.
        labels: what each page is called.
        drawn: the tables that are drawn with rules, by page.
    """
    levels = _heading_levels(pages, running)
    draft = Draft()
    written = Written(draft)
    largest, last = None, None
    for number, lines in enumerate(pages, 1):
        own = [line for line in lines if id(line) not in running]
        main, below = _without_footnotes([line for line in own if not line.turn])
        items = arranged([*main, *(line for line in own if line.turn)], drawn.get(number, ()))
        turned = [item for item in items if isinstance(item, TextLine) and item.turn]
        body = list(_placed([item for item in items if isinstance(item, PageTable) or not item.turn], levels))
        aside = [line.text for line in lines if id(line) in running]
        label = labels.get(number, str(number))
        first = body[0] if body else None
        carried = isinstance(first, _Placed) and last is not None and _goes_on_beyond(last, first)
        if carried or (isinstance(first, PageTable) and written.holds_table_like(first)):
            written.turn_page(label, aside)
        else:
            written.end()
            draft.blank()
            draft.place("page", label)
            for text in aside:
                draft.line(text, reason="running-head")
            last = None
        for each in body:
            if isinstance(each, PageTable):
                written.table(each)
                last = None
                continue
            if last is not None and (carried or _continues(last, each)):
                written.add(each.line.text)
            else:
                apart = written.holds_table or (last is not None and _is_apart(last, each))
                written.begin(each.line.text, each.level, blank=apart)
            carried, last = False, each
            is_title = number == 1 and each.level and not _CONTENTS.fullmatch(each.line.text)
            if is_title and (largest is None or each.level < largest.level):
                largest = each
        written.aside(
            [*(line.text for line in below), *_turned(turned), *beside.notes.get(number, ())],
            beside.struck.get(number, ()),
        )
    written.end()
    return draft, largest.line.text if largest else ""


def _turned(lines: Sequence[TextLine]) -> Iterator[str]:
    """The paragraphs and rows of lines that do not stand as the others of their page do."""
    for _, group in groupby(sorted(lines, key=lambda line: line.turn), key=lambda line: line.turn):
        last: _Placed | None = None
        words = ""
        for each in _placed(arranged([replace(line, turn=0) for line in group]), {}):
            if isinstance(each, PageTable):
                yield from (words, *("\t".join(row).rstrip("\t") for row in each.rows))
                words, last = "", None
                continue
            if last is not None and _continues(last, each):
                words = joined(words, each.line.text)
            else:
                yield words
                words = each.line.text
            last = each
        yield words


def _without_footnotes(lines: Sequence[TextLine]) -> tuple[list[TextLine], list[TextLine]]:
    """The lines of a page and its footnotes: smaller, at its foot, behind a mark; a paragraph goes on over them."""
    sizes = Counter(_rounded(line.size) for line in lines for _ in line.text)
    if not sizes:
        return [], []
    usual = sizes.most_common(1)[0][0]
    first = len(lines)
    while first > 0 and lines[first - 1].size <= _FOOTNOTE_SIZE * usual and lines[first - 1].depth > _FOOT:
        first -= 1
    if first in (0, len(lines)) or not _FOOTNOTE.match(lines[first].text):
        return list(lines), []
    return list(lines[:first]), list(lines[first:])


@dataclass(frozen=True, slots=True)
class _Placed:
    """A line, the block of lines it stands in, and its level if it is a heading, else 0.

    Attributes:
        left, right: where the block's lines begin and end.
        pitch: least distance between two of them; 0 if there is only one.
        listed: whether each of the block's lines stands for itself.
        closes: whether it is the last line of its block.
        widest: how wide the widest line of the page is.
    """

    line: TextLine
    left: float
    right: float
    pitch: float
    level: int
    listed: bool = False
    closes: bool = False
    widest: float = 0.0


def _heading_levels(pages: Sequence[Sequence[TextLine]], running: set[int]) -> dict[float, int]:
    """Level by font size, for sizes clearly above that of most characters; none if much of the text is so large."""
    lines = [line for page in pages for line in page if id(line) not in running]
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[_rounded(line.size)] += len(line.text)
    if not sizes:
        return {}
    usual = sizes.most_common(1)[0][0]
    large = {_rounded(line.size) for line in lines if line.size >= _HEADING_SIZE * usual and _can_be_heading(line)}
    if sum(sizes[size] for size in large) > _MAX_HEADING_SHARE * sizes.total():
        return {}
    return {size: min(level, _MAX_LEVELS) for level, size in enumerate(sorted(large, reverse=True), 1)}


def _rounded(size: float) -> float:
    return round(size * 2) / 2


def _can_be_heading(line: TextLine) -> bool:
    text = line.text
    return (
        len(text) <= _MAX_HEADING_CHARS
        and not line.is_row
        and not text.endswith(("。", "、"))
        and any(char.isalpha() for char in text)
    )


def _placed(items: Sequence[TextLine | PageTable], levels: dict[float, int]) -> Iterator[_Placed | PageTable]:
    lines = [item for item in items if isinstance(item, TextLine)]
    widest = max((line.end - line.begin for line in lines), default=0.0)
    for is_table, run in groupby(items, key=lambda item: isinstance(item, PageTable)):
        if is_table:
            yield from (item for item in run if isinstance(item, PageTable))
            continue
        whole = _blocks([item for item in run if isinstance(item, TextLine)])
        for block in (part for each in whole for part in _parted(each)):
            left, right = min(line.begin for line in block), max(line.end for line in block)
            pitches = [b.position - a.position for a, b in pairwise(block)]
            listed = _is_listed(block, widest)
            for line in block:
                level = levels.get(_rounded(line.size), 0) if _can_be_heading(line) else 0
                yield _Placed(line, left, right, min(pitches, default=0.0), level, listed, line is block[-1], widest)


def _is_listed(block: Sequence[TextLine], widest: float) -> bool:
    """Whether the lines are each for itself: names, labels with values, a sender, not a text that runs on."""
    if block[0].direction == "v" or not any(is_unspaced(line.text[0]) for line in block):
        return False
    left, right = min(line.begin for line in block), max(line.end for line in block)
    narrow = right - left < _NARROW * widest
    values = [_value_begins(line) for line in block]
    labelled = (
        len(block) > 1
        and sum(_is_same_place(a, b, block[0].size) for a, b in pairwise(values)) >= (len(block) - 1) * 0.6
    )
    return labelled or ((narrow or len(block) > 2) and not any(_RUNS_ON.search(line.text) for line in block))


def _value_begins(line: TextLine) -> float:
    """Where the words behind a label begin: behind the first gap, if what is before it is short; 0 if there is none."""
    return next(_values_begin(line), 0.0)


def _values_begin(line: TextLine) -> Iterator[float]:
    """Where words begin behind gaps at its beginning: behind a number, and behind the label that follows."""
    before = None
    for glyph in islice(dropwhile(lambda glyph: glyph.char.isspace(), line.glyphs), _LONGEST_LABEL):
        if glyph.char.isspace():
            continue
        if before is not None and glyph.left - before.right > _LABEL_GAP * glyph.size:
            yield glyph.left
        before = glyph


def _is_below_value(before: TextLine, line: TextLine) -> bool:
    """Whether a line begins right below the words behind a label of the line before."""
    return any(_is_same_place(place, line.begin, line.size) for place in _values_begin(before))


def _is_same_place(a: float, b: float, size: float) -> bool:
    return a > 0 and b > 0 and abs(a - b) < 0.5 * size


def _blocks(lines: Sequence[TextLine]) -> list[list[TextLine]]:
    """Lines one below the other, of one size, that begin about where the others do."""
    blocks: list[list[TextLine]] = []
    for line in lines:
        last = blocks[-1][-1] if blocks else None
        if (
            last is not None
            and _is_alike(last, line)
            and 0 < line.position - last.position <= _MAX_PITCH_EMS * line.size
            and abs(line.begin - blocks[-1][0].begin) <= 4 * line.size
        ):
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return blocks


def _parted(block: Sequence[TextLine]) -> list[list[TextLine]]:
    """A block cut where its lines stand further apart: the text may be narrower from there on."""
    steps = [b.position - a.position for a, b in pairwise(block)]
    parts = [[block[0]]]
    for step, line in zip(steps, block[1:], strict=True):
        if step > _PARAGRAPH_PITCH * min(steps):
            parts.append([])
        parts[-1].append(line)
    return parts


def _is_alike(line: TextLine, other: TextLine) -> bool:
    return line.direction == other.direction and abs(line.size - other.size) <= 0.12 * max(line.size, other.size)


def _continues(last: _Placed, each: _Placed) -> bool:
    """Whether a line goes on with the paragraph, or the heading, of the line before."""
    before, line = last.line, each.line
    distance = line.position - before.position
    if last.level or each.level:
        long = before.end - before.begin > 15 * before.size
        near = 0 < distance < 2 * line.size and abs(line.begin - before.begin) <= _SAME_LEFT_EMS * line.size
        centred = abs(line.begin + line.end - before.begin - before.end) < 2 * line.size
        alike = last.level == each.level and _is_alike(before, line) and long
        return alike and (near or (centred and 0 < distance < 2 * line.size))
    if before.is_row or line.is_row or not _is_alike(before, line):
        return False
    if not 0 < distance <= _MAX_PITCH_EMS * line.size:
        wide = before.end - before.begin >= _NARROW * last.widest
        below = wide and abs(line.begin - before.begin) <= _SAME_LEFT_EMS * line.size
        return (distance <= 0 or below) and _goes_on_beyond(last, each)
    if last.pitch and distance > _PARAGRAPH_PITCH * last.pitch:
        return False
    if last.listed or each.listed or _STANDS_ALONE.search(before.text):
        return _is_below_value(before, line) and not _value_begins(line) and not _LIST_ITEM.match(line.text)
    if line.direction == "h" and _is_full(last, line) and _is_below_value(before, line):
        return not _LIST_ITEM.match(line.text) and not _value_begins(line)  # below the words behind a mark or a label
    if line.direction == "h" and abs(line.begin - before.begin) > _SAME_LEFT_EMS * line.size:
        return False
    if each.closes and before.text.endswith("。") and (not _RUNS_ON.search(line.text) or distance > 2 * line.size):
        return False  # no sentence ends so: a heading, or a caption; or paragraphs of a line each
    if each.closes and last.right == before.end < last.left + _ROOMY * last.widest and _value_begins(before):
        return False  # a label with its value, which had room
    return _is_full(last, line) and not _begins_item(before, line)


def _goes_on_beyond(last: _Placed, each: _Placed) -> bool:
    """Whether a paragraph goes on at the head of the next column or page."""
    before, line = last.line, each.line
    if last.level or each.level or before.is_row or line.is_row or not _is_alike(before, line):
        return False
    indented = line.begin > each.left + _INDENT_EMS * line.size
    return (
        _is_full(last, line)
        and not _ENDS.search(before.text)
        and not _STANDS_ALONE.search(before.text)
        and not last.listed
        and not indented
        and not _LIST_ITEM.match(line.text)
        and line.text[0] not in "「『【"
    )


def _is_full(last: _Placed, following: TextLine) -> bool:
    """Whether the line ends only because the next word had no room in it."""
    line = last.line
    if _HYPHENATED.search(line.text) and following.text[0].islower():
        return True
    if line.end - line.begin < _MIN_JOINED_EMS * line.size:
        return False
    word = re.match(r"[!-~]*", following.text)
    needed = 0.55 * line.size * (len(word.group()) if word else 0)
    return last.right - line.end <= max(_FULL_WITHIN_EMS * line.size, needed + 0.6 * line.size)


def _begins_item(before: TextLine, line: TextLine) -> bool:
    """Whether a paragraph or an item of a list begins here: by its mark, or by its indent."""
    if _LIST_ITEM.match(line.text):
        return True
    return line.begin - before.begin > _INDENT_EMS * line.size and not _LIST_ITEM.match(before.text)


def _is_apart(last: _Placed, each: _Placed) -> bool:
    """Whether the page leaves room between two lines, as before a heading."""
    distance = each.line.position - last.line.position
    if each.level or not _is_alike(last.line, each.line) or distance <= 0:
        return True
    return distance > _BLANK_PITCH_EMS * each.line.size or bool(last.pitch and distance > 1.6 * last.pitch)
