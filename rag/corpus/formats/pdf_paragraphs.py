"""Lines of pages -> paragraphs and headings; lines that repeat from page to page are told from the text."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.corpus.formats.draft import Draft
from rag.corpus.formats.pdf_lines import DIVIDED, TextLine

_EDGE_LINES = 3
_MARGIN = 0.14  # share of the page's height, above and below
_SAME_PLACE = 4.0  # points that a running head may move from page to page
_MAX_RUNNING_CHARS = 120
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
    r"[・•●○■□◆◇▪‣※✓★☆▶►\-–—*]\s*\S|[(（]?[0-9０-９]{1,3}[)）.．、]\s*\D|(?:[0-9]{1,2}|[A-Z])(?:[.．][0-9]{1,2})+[.．]?\s|[①-⑳]|[(（][一二三四五六七八九十ア-ンa-z][)）]"
    r"|第[0-9０-９一二三四五六七八九十百]+[章節条項編部]|[イロハニホヘト]\s"
)
_MAX_LEVELS = 6
_MAX_HEADING_SHARE = 0.3
_PAGE_NUMBER = re.compile(
    r"(?:(?:page|p\.?|頁|ページ)\s*)?[-–—~〜・\[(（【]?\s*#\s*[-–—~〜・\])）】]?(?:\s*(?:/|of|／)\s*#)?\s*(?:ページ|頁)?",
    re.IGNORECASE,
)


def running_heads(pages: Sequence[Sequence[TextLine]]) -> set[int]:
    """``id`` of each line at a page's edge that other pages have in the same place, numbers aside; and page numbers."""
    places: defaultdict[str, list[tuple[int, float, TextLine]]] = defaultdict(list)
    for number, lines in enumerate(pages):
        for line in _edge_lines(lines):
            places[_key(line)].append((number, line.position, line))
    found: set[int] = set()
    for key, seen in places.items():
        for _, position, line in seen:
            there = {number: each for number, other, each in seen if abs(other - position) <= _SAME_PLACE}
            if _is_running(key, there, len(pages)):
                found.add(id(line))
    return found | _numbered_alike(pages, found)


def _numbered_alike(pages: Sequence[Sequence[TextLine]], found: set[int]) -> set[int]:
    """Heads with other words than those found, as of a short chapter: in the same place, with the page's number."""
    offsets: Counter[int] = Counter()
    heights: list[float] = []
    for number, lines in enumerate(pages):
        for line in lines:
            if id(line) in found and (shown := _number_at_edge(line.text)) is not None:
                offsets[shown - number] += 1
                heights.append(line.position)
    if not offsets:
        return set()
    offset = offsets.most_common(1)[0][0]
    return {
        id(line)
        for number, lines in enumerate(pages)
        for line in _edge_lines(lines)
        if _number_at_edge(line.text) == number + offset
        and any(abs(line.position - height) <= _SAME_PLACE for height in heights)
    }


def _number_at_edge(text: str) -> int | None:
    """The number that a line begins or ends with."""
    found = re.search(r"^\W*(\d{1,5})\b|\b(\d{1,5})\W*$", unicodedata.normalize("NFKC", text))
    return int(found[1] or found[2]) if found else None


def _edge_lines(lines: Sequence[TextLine]) -> list[TextLine]:
    """The outermost lines: top and bottom of a horizontal page, wherever the file holds them."""
    flat = sorted((line for line in lines if line.direction == "h"), key=lambda line: line.position)
    edges = flat[:_EDGE_LINES] + flat[_EDGE_LINES:][-_EDGE_LINES:]
    return [
        line
        for line in edges
        if len(line.text) <= _MAX_RUNNING_CHARS and not _MARGIN < line.depth < 1 - _MARGIN and line.text[-1] != "。"
    ]


def _key(line: TextLine) -> str:
    words = unicodedata.normalize("NFKC", line.text)
    return re.sub(r"\s+", " ", re.sub(r"\d+", "#", words)).strip()


def _is_running(key: str, there: dict[int, TextLine], pages: int) -> bool:
    if _PAGE_NUMBER.fullmatch(key):
        return len(there) >= 2 and _counts_up(there)
    # Rows of tables differ in nothing but their numbers, and stand in one place too.
    letters = sum(char.isalpha() for char in key)
    enough = len(there) >= 3 or len(there) >= max(2, pages - 1)
    return enough and letters >= 2 and (_counts_up(there) or len({line.text for line in there.values()}) == 1)


def _counts_up(there: dict[int, TextLine]) -> bool:
    """Whether some number in the line grows by one a page, most of the time."""
    columns = [_numbers(line.text) for line in there.values()]
    shared = min(map(len, columns), default=0)
    pages = list(there)
    steps = range(len(pages) - 1)
    for place in range(shared):
        grown = sum(columns[i + 1][place] - columns[i][place] == pages[i + 1] - pages[i] for i in steps)
        if grown and grown >= 0.6 * len(steps):
            return True
    return False


def _numbers(text: str) -> list[int]:
    return [int(digits[:9]) for digits in re.findall(r"\d+", unicodedata.normalize("NFKC", text))[:6]]


def write_pages(pages: Sequence[Sequence[TextLine]], running: set[int]) -> tuple[Draft, str]:
    """The text of all pages with its places, headings and running heads; and the largest heading of the first page."""
    levels = _heading_levels(pages, running)
    draft = Draft()
    paragraph = _Paragraph(draft)
    largest, last = None, None
    for number, lines in enumerate(pages, 1):
        body = _placed([line for line in lines if id(line) not in running], levels)
        aside = [line.text for line in lines if id(line) in running]
        carried = bool(body) and last is not None and _goes_on_beyond(last, body[0])
        if carried:
            paragraph.turn_page(number, aside)
        else:
            paragraph.end()
            draft.blank()
            draft.place("page", str(number))
            for text in aside:
                draft.line(text, reason="running-head")
            last = None
        for each in body:
            if last is not None and (carried or _continues(last, each)):
                paragraph.add(each.line.text)
            else:
                paragraph.begin(each.line.text, each.level, blank=last is not None and _is_apart(last, each))
            carried, last = False, each
            if number == 1 and each.level and (largest is None or each.level < largest.level):
                largest = each
    paragraph.end()
    return draft, largest.line.text if largest else ""


@dataclass(frozen=True, slots=True)
class _Placed:
    """A line, the block of lines it stands in, and its level if it is a heading, else 0.

    Attributes:
        left, right: where the block's lines begin and end.
        pitch: least distance between two of them; 0 if there is only one.
    """

    line: TextLine
    left: float
    right: float
    pitch: float
    level: int


class _Paragraph:
    """Collects lines until a paragraph ends; then writes it, and what stood between its pages behind it."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._text = ""
        self._level = 0
        self._pages: list[tuple[int, int]] = []
        self._turned: int | None = None
        self._aside: list[str] = []

    def begin(self, text: str, level: int, *, blank: bool) -> None:
        self.end()
        if blank:
            self._draft.blank()
        self._text, self._level = text, level

    def add(self, text: str) -> None:
        self._text = joined(self._text, text)
        if self._turned is not None:
            self._pages.append((len(self._text) - len(text), self._turned))
            self._turned = None

    def turn_page(self, number: int, aside: Sequence[str]) -> None:
        self._turned = number
        self._aside += aside

    def end(self) -> None:
        for offset, page in self._pages:
            self._draft.place("page", str(page), ahead=offset)
        self._draft.line(self._text.replace(DIVIDED, "-"), level=self._level)
        for text in self._aside:
            self._draft.line(text.replace(DIVIDED, "-"), reason="running-head")
        self._text, self._level, self._pages, self._aside = "", 0, [], []


def joined(text: str, following: str) -> str:
    """Two lines of a paragraph as one: Japanese without a space, a word that a hyphen divides whole."""
    if text.endswith(DIVIDED) or re.search(r"[a-z][-‐]$", text):
        if re.match(r"[a-zà-ÿ]", following):
            return text[:-1] + following
        return text.replace(DIVIDED, "-") + following
    return text + ("" if _is_unspaced(text[-1]) or _is_unspaced(following[0]) else " ") + following


def _is_unspaced(char: str) -> bool:
    """Whether it is of a script without spaces between words; Korean has them."""
    return unicodedata.east_asian_width(char) in "WF" and not "\uac00" <= char <= "\ud7a3"


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


def _placed(lines: Sequence[TextLine], levels: dict[float, int]) -> list[_Placed]:
    found: list[_Placed] = []
    for block in (part for whole in _blocks(lines) for part in _parted(whole)):
        left, right = min(line.begin for line in block), max(line.end for line in block)
        pitches = [b.position - a.position for a, b in pairwise(block)]
        for line in block:
            level = levels.get(_rounded(line.size), 0) if _can_be_heading(line) else 0
            found.append(_Placed(line, left, right, min(pitches, default=0.0), level))
    return found


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
        return last.level == each.level and _is_alike(before, line) and long and 0 < distance < 2 * line.size
    if before.is_row or line.is_row or not _is_alike(before, line):
        return False
    if not 0 < distance <= _MAX_PITCH_EMS * line.size:
        return _goes_on_beyond(last, each)
    if last.pitch and distance > _PARAGRAPH_PITCH * last.pitch:
        return False
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
        and not indented
        and not _LIST_ITEM.match(line.text)
        and line.text[0] not in "「『【"
    )


def _is_full(last: _Placed, following: TextLine) -> bool:
    """Whether the line ends only because the next word had no room in it."""
    line = last.line
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
