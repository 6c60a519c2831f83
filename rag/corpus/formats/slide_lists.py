"""The paragraphs of a text box on a slide: which are items of a list, with which number (ECMA-376 Part 1, 21.1.2.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from rag.corpus.formats.draft import Draft
from rag.corpus.formats.equations import equation
from rag.corpus.formats.shown_numbers import shown_number

_EQUATION = "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_AROUND = {"ParenBoth": "({})", "ParenR": "{})", "Period": "{}.", "Minus": "- {} -", "Plain": "{}"}
_LONGEST_SCHEME = 40
_DIGITS = {
    **{"romanUc": "upperRoman", "romanLc": "lowerRoman", "alphaUc": "upperLetter", "alphaLc": "lowerLetter"},
    **{"ea1JpnKor": "japaneseCounting", "ea1JpnChsDb": "japaneseCounting", "ea1Chs": "japaneseCounting"},
    **{
        "ea1Cht": "japaneseCounting",
        "circleNumDb": "decimalEnclosedCircle",
        "circleNumWdBlack": "decimalEnclosedCircle",
    },
    **{"circleNumWdWhite": "decimalEnclosedCircle", "arabicDb": "decimalFullWidth"},
}


class _Paragraph(NamedTuple):
    words: str
    depth: int
    is_item: bool
    is_numbered: bool


def write_paragraphs(draft: Draft, paragraphs: Sequence[Any], *, are_items: bool) -> None:
    """Append paragraphs, a line each; runs of items as lists, those that are numbered with their numbers.

    Args:
        are_items: whether those are items that say nothing of it, as in the main box of a slide.
    """
    found = list(_told(paragraphs, are_items))
    for is_item, run in groupby(found, key=lambda each: each.is_item):
        group = list(run)
        if is_item and len(group) > 1 and not any("\v" in each.words for each in group):
            ordered = all(each.is_numbered for each in group)
            draft.items([each.words for each in group], [each.depth for each in group], ordered=ordered)
        else:
            for each in group:
                draft.line(each.words)


def _told(paragraphs: Sequence[Any], are_items: bool) -> Iterator[_Paragraph]:
    counts: dict[int, tuple[str, int]] = {}
    for paragraph in paragraphs:
        equations = [equation(each) for each in paragraph._p.iter(_EQUATION)]
        words, depth = " ".join(filter(None, [paragraph.text, *equations])), paragraph.level
        if not words.strip():
            continue
        kind, scheme, start = _bullet(paragraph._p)
        counts = {level: count for level, count in counts.items() if level < depth or (level == depth and scheme)}
        if scheme:
            last, number = counts.get(depth, ("", 0))
            number = number + 1 if last == scheme else start
            counts[depth] = scheme, number
            words = f"{_label(scheme, number)} {words}"
        yield _Paragraph(words, depth, kind == "item" or (are_items and kind != "none"), bool(scheme))


def _bullet(paragraph: Any) -> tuple[str, str, int]:
    """Whether a paragraph says that it is an item, or none; the scheme of its number, and where that begins."""
    properties = paragraph.find(f"{_DRAWING}pPr")
    if properties is None:
        return "", "", 1
    number = properties.find(f"{_DRAWING}buAutoNum")
    if number is not None:
        start = number.get("startAt") or ""
        return (
            "item",
            (number.get("type") or "arabicPeriod")[:_LONGEST_SCHEME],
            int(start) if re.fullmatch(r"[1-9]\d{0,3}", start) else 1,
        )
    if properties.find(f"{_DRAWING}buChar") is not None or properties.find(f"{_DRAWING}buBlip") is not None:
        return "item", "", 1
    return ("none" if properties.find(f"{_DRAWING}buNone") is not None else ""), "", 1


def _label(scheme: str, number: int) -> str:
    around = next((name for name in _AROUND if scheme.endswith(name)), "")
    shown = shown_number(number, _DIGITS.get(scheme.removesuffix(around), "decimal"))
    return _AROUND.get(around, "{}").format(shown)
