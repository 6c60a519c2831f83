"""The numbers before items and headings of OpenDocument files, which their text does not hold (ODF 1.3)."""

from __future__ import annotations

from typing import Any

from rag.corpus.formats.opendocument_styles import name_of, number, value
from rag.corpus.formats.shown_numbers import shown_number

_BULLET = "・"
_FORMATS = {
    **{"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"},
    **{"一, 二, 三, ...": "japaneseCounting", "①, ②, ③, ...": "decimalEnclosedCircle", "ア, イ, ウ, ...": "aiueo"},
    **{"イ, ロ, ハ, ...": "iroha", "１, ２, ３, ...": "decimalFullWidth", "ｱ, ｲ, ｳ, ...": "aiueo"},
}
_MOST_LEVELS = 10
_OUTLINE = "outline-style"


class Numbering:
    """Counts items and headings as the styles of their lists say."""

    def __init__(self, *parts: Any) -> None:
        self._levels: dict[str, dict[int, Any]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._headings: dict[int, int] = {}
        self._last: dict[str, dict[int, int]] = {}
        for part in parts:
            for style in () if part is None else part.iter("{*}list-style", "{*}outline-style"):
                name = _OUTLINE if name_of(style) == _OUTLINE else value(style, "name")
                self._levels[name] = {number(level, "level", 1): level for level in style if name_of(level)}

    def begin(self, element: Any, style: str) -> dict[int, int]:
        """The counts of a list that stands in no other: it begins again, or goes on where it says so."""
        before = self._counts.get(value(element, "continue-list"))
        if before is None and value(element, "continue-numbering") == "true":
            before = self._last.get(style)
        counts = {} if before is None else before
        self._last[style] = counts
        if name := value(element, "id"):
            self._counts[name] = counts
        return counts

    def label(self, counts: dict[int, int], style: str, depth: int, item: Any) -> str:
        """What stands before an item of a list, so deep in it from 0."""
        levels = self._levels.get(style, {})
        level = levels.get(depth + 1)
        if level is None or name_of(level) != "list-level-style-number":
            return _BULLET
        label = _counted(counts, levels, depth + 1, number(item, "start-value", -1))
        return f"{label} " if label else _BULLET

    def heading(self, heading: Any, level: int) -> str:
        """What stands before a heading of this level."""
        levels = self._levels.get(_OUTLINE, {})
        if level not in levels or value(heading, "is-list-header") == "true":
            return ""
        label = _counted(self._headings, levels, level, number(heading, "start-value", -1))
        return f"{label} " if label else ""


def _counted(counts: dict[int, int], levels: dict[int, Any], level: int, start: int) -> str:
    own = levels[level]
    counts[level] = start if start >= 0 else counts.get(level, number(own, "start-value", 1) - 1) + 1
    for deeper in range(level + 1, _MOST_LEVELS + 1):
        counts.pop(deeper, None)
    if not value(own, "num-format"):
        return ""
    first = max(1, level + 1 - number(own, "display-levels", 1))
    shown = [
        shown_number(counts.get(each, 1), _FORMATS.get(value(levels[each], "num-format"), "decimal"))
        for each in range(first, level + 1)
        if each in levels and value(levels[each], "num-format")
    ]
    return f"{value(own, 'num-prefix')}{'.'.join(shown)}{value(own, 'num-suffix')}".strip()
