"""Which characters of a page a quote is: found by the characters themselves, since the text has them in another order.

A text joins the lines of a paragraph and the lines of a cell, and has columns one behind the other. So a page is taken
as runs, each a stretch of a line in one cell, and a quote as a way through them: from a place in the first run to its
end, through whole runs, to a place in the last.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from rag.corpus.formats.pdf_lines import CELL_GAP, DIVIDED, Direction, Glyph, TextLine
from rag.corpus.formats.pdf_rules import Grid
from rag.corpus.pages import Quote
from rag.language.variants import usual

_HYPHENS = ("-", "‐")
_MOST_STEPS = 20_000
_MOST_STARTS = 400
_CONTEXT = 60  # characters

Way = list[list[Glyph]]
"""The characters of a quote, by the runs they stand in."""


def key_of(text: str) -> str:
    """What is compared: without white space and differences of width and composition, variants in their usual form."""
    decomposed = unicodedata.normalize("NFKD", usual(unicodedata.normalize("NFKC", text.replace(DIVIDED, "-"))))
    return "".join(decomposed.split())


@dataclass(eq=False)
class _Run:
    """Characters of one line and one cell: the key of all, and for each character of the key whose it is."""

    direction: Direction
    glyphs: list[Glyph]
    begin: int = 0
    key: str = ""
    owners: tuple[int, ...] = ()

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, bottom, right and top, in points."""
        lefts, bottoms, rights, tops = zip(*(glyph[1:5] for glyph in self.glyphs), strict=True)
        return min(lefts), min(bottoms), max(rights), max(tops)


class Framing:
    """Finds quotes on one page.

    Args:
        lines: of the page, in reading order.
        grids: the tables that are drawn with rules.
    """

    def __init__(self, lines: Sequence[TextLine], grids: Sequence[Grid]) -> None:
        self._runs: list[_Run] = []
        length = 0
        for run in (run for line in lines for run in _runs_of(line, grids)):
            keys = [key_of(glyph.char) for glyph in run.glyphs]
            run.key, run.begin = "".join(keys), length
            run.owners = tuple(number for number, key in enumerate(keys) for _ in key)
            if run.key:
                self._runs.append(run)
                length += len(run.key)
        self._key = "".join(run.key for run in self._runs)
        self._by_first: dict[str, list[int]] = {}
        for number, run in enumerate(self._runs):
            self._by_first.setdefault(run.key[0], []).append(number)

    def way(self, quote: Quote) -> Way:
        """The characters of a quote; of several ways that in the most alike surroundings. Empty if none."""
        words, before, behind = key_of(quote.words), key_of(quote.before)[-_CONTEXT:], key_of(quote.behind)[:_CONTEXT]
        best: tuple[float, float] = (-1.0, 0.0)
        found: list[tuple[int, int, int]] = []
        for number, offset in self._starts(words):
            way = self._from(words, number, offset)
            if not way:
                continue
            start, last = self._runs[number].begin + offset, way[-1]
            end = self._runs[last[0]].begin + last[2]
            alike = _alike(reversed(before), reversed(self._key[max(0, start - _CONTEXT) : start]))
            alike += _alike(behind, self._key[end : end + _CONTEXT])
            rank = (float(alike), -abs(start / max(1, len(self._key)) - quote.depth))
            if rank > best or not found:
                best, found = rank, way
        return [self._glyphs(*piece) for piece in found]

    def _starts(self, words: str) -> Iterator[tuple[int, int]]:
        """Run and offset of each place where the words may begin."""
        given = 0
        for number, run in enumerate(self._runs if words else ()):
            offset = run.key.find(words[0])
            while offset >= 0 and given < _MOST_STARTS:
                if _goes_on(words, 0, run.key[offset:]):
                    given += 1
                    yield number, offset
                offset = run.key.find(words[0], offset + 1)

    def _from(self, words: str, number: int, offset: int) -> list[tuple[int, int, int]]:
        """The way that begins there: run, and from where to where in its key; empty if there is none."""
        dead: set[tuple[int, int]] = set()
        way: list[tuple[int, int, int]] = []
        # Each step: how much of the words stood before it, its run, and the runs that may still follow it.
        stack: list[tuple[int, int, Iterator[int]]] = []

        def take(at: int, run: int, begin: int) -> bool:
            """Step into a run; true where the words end in it."""
            key = self._runs[run].key[begin:]
            rest = len(words) - at
            if rest <= len(key):
                way.append((run, begin, begin + rest))
                return True
            taken = len(key) if words.startswith(key, at) else len(key) - 1  # a hyphen that divides a word
            way.append((run, begin, begin + taken))
            stack.append((at + taken, run, iter(self._following(words, at + taken, run))))
            return False

        if take(0, number, offset):
            return way
        for _ in range(_MOST_STEPS):
            if not stack:
                return []
            at, run, following = stack[-1]
            step = next(following, None)
            if step is None:
                dead.add((at, run))
                stack.pop()
                way.pop()
            elif (at, step) in dead or any(step == passed for passed, _, _ in way):
                continue
            elif take(at, step, 0):
                return way
        return []

    def _following(self, words: str, at: int, run: int) -> list[int]:
        """Runs with which the words may go on: the next one, those below in the same column, the others in order."""
        candidates = self._by_first.get(words[at], ())
        fitting = [number for number in candidates if _goes_on(words, at, self._runs[number].key)]
        return sorted(fitting, key=lambda number: self._distance(run, number)) if len(fitting) > 1 else fitting

    def _distance(self, run: int, other: int) -> tuple[int, float]:
        if other == run + 1:
            return 0, 0.0
        (left, bottom, right, top), (begin, _, end, high) = self._runs[run].box, self._runs[other].box
        if self._runs[run].direction == "h" and high <= top and begin < right and left < end:
            return 1, abs(bottom - high)
        return 2, abs(other - run)

    def _glyphs(self, run: int, begin: int, end: int) -> list[Glyph]:
        found = self._runs[run]
        return [found.glyphs[number] for number in dict.fromkeys(found.owners[begin:end])]


def _alike(some: Iterable[str], others: Iterable[str]) -> int:
    """How many characters are the same from the beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(some, others, strict=False)))


def _goes_on(words: str, at: int, key: str) -> bool:
    """Whether the words from there on are all of these characters, or end among them."""
    rest = len(words) - at
    if rest <= len(key):
        return key.startswith(words[at:])
    return words.startswith(key, at) or (len(key) > 1 and key[-1] in _HYPHENS and words.startswith(key[:-1], at))


def _runs_of(line: TextLine, grids: Sequence[Grid]) -> Iterator[_Run]:
    """A line, cut where a cell ends."""
    glyphs: list[Glyph] = []
    for glyph in line.glyphs:
        if glyphs and _is_apart(glyphs[-1], glyph, line.direction, grids):
            yield _Run(line.direction, glyphs)
            glyphs = []
        glyphs.append(glyph)
    if glyphs:
        yield _Run(line.direction, glyphs)


def _is_apart(before: Glyph, glyph: Glyph, direction: Direction, grids: Sequence[Grid]) -> bool:
    if direction == "h" and glyph.left - before.right > CELL_GAP * max(before.size, glyph.size):
        return True
    for grid in grids:
        inside = grid.holds(before), grid.holds(glyph)
        if any(inside):
            return not all(inside) or grid.cell(before) != grid.cell(glyph)
    return False
