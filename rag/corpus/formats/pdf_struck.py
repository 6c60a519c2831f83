"""Words on a page that a rule strikes out: it runs through their middle, and reaches no further than they do."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from rag.corpus.formats.pdf_lines import STRUCK, Glyph, TextLine
from rag.corpus.formats.pdf_rules import Rule

_MIDDLE = (0.25, 0.65)  # of its height, from below, that a letter is struck out at
_BEYOND = 0.7  # ems that the rule may reach beyond the words
_MOST_RULES = 2_000  # of a page; one with more is a drawing
_HIGHEST = 100.0  # points of a letter
_MOST_LOOKED_AT = 1_000_000  # letters near rules, of a page


def without_struck(glyphs: Sequence[Glyph], rules: Sequence[Rule]) -> tuple[list[Glyph], list[str]]:
    """The characters that no rule strikes out, with one that stands for those that one does; and the words of these."""
    level = [rule for rule in rules if not rule.is_upright]
    if not 0 < len(level) <= _MOST_RULES:
        return list(glyphs), []
    order = sorted((n for n, glyph in enumerate(glyphs) if not glyph.angle), key=lambda number: glyphs[number].bottom)
    heights = [glyphs[number].bottom for number in order]
    highest = min(_HIGHEST, max((glyph.top - glyph.bottom for glyph in glyphs), default=0.0))
    left = _MOST_LOOKED_AT
    found: list[str] = []
    gone: set[int] = set()
    stand_in: dict[int, Glyph] = {}
    for rule in level:
        near = order[bisect_left(heights, rule.at - highest) : bisect_right(heights, rule.at)]
        left -= len(near)
        if left < 0:
            break
        struck = sorted(number for number in near if number not in gone and _strikes(rule, glyphs[number]))
        if struck and _is_as_wide(rule, [glyphs[number] for number in struck]):
            found.append(TextLine("h", [glyphs[number] for number in struck]).close().text)
            gone.update(struck)
            first, right = glyphs[struck[0]], max(glyphs[number].right for number in struck)
            stand_in[struck[0]] = first._replace(char=STRUCK, right=right)
    kept = [stand_in.get(n, glyph) for n, glyph in enumerate(glyphs) if n not in gone or n in stand_in]
    return kept, [words for words in found if words]


def _strikes(rule: Rule, glyph: Glyph) -> bool:
    low, high = (glyph.bottom + share * (glyph.top - glyph.bottom) for share in _MIDDLE)
    return low <= rule.at <= high and rule.begin <= (glyph.left + glyph.right) / 2 <= rule.end


def _is_as_wide(rule: Rule, struck: Sequence[Glyph]) -> bool:
    """Whether the words reach from where the rule begins to where it ends, and are words."""
    size = struck[0].size
    left, right = min(glyph.left for glyph in struck), max(glyph.right for glyph in struck)
    fits = left - rule.begin <= _BEYOND * size and rule.end - right <= _BEYOND * size
    is_filled = sum(glyph.right - glyph.left for glyph in struck) >= 0.6 * (right - left)
    return fits and is_filled and any(glyph.char.isalnum() for glyph in struck)
