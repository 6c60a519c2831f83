"""Lines that repeat from page to page: running heads, and the numbers of pages."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import groupby

from rag.corpus.formats.pdf_lines import TextLine

_EDGE_LINES = 3
_MARGIN = 0.14  # share of the page's height, above and below
_SAME_PLACE = 4.0  # points that a running head may move from page to page
_MAX_RUNNING_CHARS = 120
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
        seen.sort(key=lambda each: each[1])
        judged: dict[tuple[int, int], bool] = {}
        positions = [position for _, position, _ in seen]
        for _, position, line in seen:
            first = bisect_left(positions, position - _SAME_PLACE)
            last = bisect_right(positions, position + _SAME_PLACE)
            if (first, last) not in judged:
                there = {number: each for number, _, each in sorted(seen[first:last], key=lambda each: each[0])}
                judged[first, last] = _is_running(key, there, len(pages))
            if judged[first, last]:
                found.add(id(line))
    return found | _numbered_alike(pages, found)


def printed_numbers(pages: Sequence[Sequence[TextLine]], running: set[int]) -> dict[int, str]:
    """The number printed on each page, counted from 1, where a line is nothing but that number."""
    found: dict[int, str] = {}
    for number, lines in enumerate(pages, 1):
        for line in lines:
            if id(line) in running and _PAGE_NUMBER.fullmatch(_key(line)):
                digits = re.search(r"\d{1,5}", unicodedata.normalize("NFKC", line.text))
                found[number] = digits[0] if digits else line.text
    return found


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
    """The outermost lines: top and bottom of a horizontal page, whichever way they stand and the file holds them."""
    flat = sorted((line for line in lines if line.direction == "h"), key=lambda line: (line.turn, line.position))
    ways = [list(way) for _, way in groupby(flat, key=lambda line: line.turn)]
    edges = [line for way in ways for line in way[:_EDGE_LINES] + way[_EDGE_LINES:][-_EDGE_LINES:]]
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
