"""Tables that are drawn with level rules alone: what stands between two of them is a row, or several."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import neg

from rag.corpus.formats.pdf_lines import Glyph, TextLine
from rag.corpus.formats.pdf_rules import Grid, Rule

_NEAR = 2.5  # points
_LEAST_RULES = 3
_MOST_RULES = 400
_FARTHEST = 200.0  # points between two rules of one table
_LEAST_WIDE = 100.0


@dataclass(frozen=True)
class Bands:
    """Level rules of one length, one below the other: their heights from the top down, and from where to where."""

    rows: tuple[float, ...]
    left: float
    right: float

    def holds(self, glyph: Glyph) -> bool:
        """Whether a character stands between the rules."""
        x, y = (glyph.left + glyph.right) / 2, (glyph.bottom + glyph.top) / 2
        return self.left - _NEAR < x < self.right + _NEAR and self.rows[-1] < y < self.rows[0]

    def number(self, line: TextLine) -> int:
        """Which of the bands a line stands in, from 0."""
        middle = sorted((glyph.bottom + glyph.top) / 2 for glyph in line.glyphs)[len(line.glyphs) // 2]
        return bisect_left(self.rows, -middle, lo=1, hi=len(self.rows) - 1, key=neg) - 1


def bands_of(rules: Sequence[Rule], grids: Sequence[Grid]) -> list[Bands]:
    """Three rules at least of one length, that are no part of a table with upright rules."""
    free = [rule for rule in _whole(rules) if not any(_is_within(rule, grid) for grid in grids)]
    alike: defaultdict[tuple[int, int], list[Rule]] = defaultdict(list)
    for rule in free if len(free) <= _MOST_RULES else []:
        near = ((round(rule.begin / 5) + a, round(rule.end / 5) + b) for a in (0, -1, 1) for b in (0, -1, 1))
        alike[next((key for key in near if key in alike), (round(rule.begin / 5), round(rule.end / 5)))].append(rule)
    found = (Bands(run, group[0].begin, group[0].end) for group in alike.values() for run in _runs(group))
    return sorted(found, key=lambda bands: -bands.rows[0])


def _whole(rules: Sequence[Rule]) -> Iterator[Rule]:
    """The level rules; those that touch at one height are one."""
    level = sorted((rule for rule in rules if not rule.is_upright), key=lambda rule: (-round(rule.at), rule.begin))
    last: Rule | None = None
    for rule in level:
        if last is not None and abs(rule.at - last.at) <= _NEAR and last.begin <= rule.begin <= last.end + _NEAR:
            last = Rule(False, last.at, last.begin, max(last.end, rule.end))
            continue
        if last is not None:
            yield last
        last = rule
    if last is not None:
        yield last


def _is_within(rule: Rule, grid: Grid) -> bool:
    left, right = grid.columns[0], grid.columns[-1]
    return grid.rows[-1] - _NEAR <= rule.at <= grid.rows[0] + _NEAR and rule.begin < right and rule.end > left


def _runs(rules: Sequence[Rule]) -> Iterator[tuple[float, ...]]:
    heights: list[float] = []
    for rule in sorted(rules, key=lambda rule: -rule.at):
        if rule.end - rule.begin >= _LEAST_WIDE and not (heights and heights[-1] - rule.at <= _NEAR):
            heights.append(rule.at)
    cuts = [0, *(n for n, (a, b) in enumerate(pairwise(heights), 1) if a - b > _FARTHEST), len(heights)]
    for a, b in pairwise(cuts):
        if b - a >= _LEAST_RULES:
            yield tuple(heights[a:b])
