"""Texts in the notation of Aozora Bunko: ruby in 《》, ｜ where its base begins, and notes in ［＃］.

https://www.aozora.gr.jp/annotation/ . The notation stays in the text; the index reads the words without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.corpus.document import Exclusion, Heading
from rag.corpus.formats.parsed import Parsed

_NOTE = re.compile(r"［＃[^［］\n]{1,120}］")
_RUBY = re.compile(r"(?<=\S)《[^《》\n]{1,40}》")
_BASE = re.compile(r"[｜|](?=[^\n《]{1,40}《)")
_LEGEND = re.compile(r"^-{20,}\n(?=【テキスト中に現れる記号について】)", re.MULTILINE)
_RULE = re.compile(r"^-{20,}$", re.MULTILINE)
_HEADING_OF = re.compile(r"「([^「」\n]{1,80})」は(?:同行|窓)?([大中小])見出し")
_HEADING_BEGINS = re.compile(r"［＃(?:同行|窓)?([大中小])見出し］([^［\n]{1,80})［＃(?:同行|窓)?\1見出し終わり］")
_LEVELS = {"大": 1, "中": 2, "小": 3}


def is_aozora(text: str) -> bool:
    """Whether the legend stands at its head, or its notes are all over it."""
    return _LEGEND.search(text[:5_000]) is not None or len(_NOTE.findall(text[:100_000])) >= 3


def parse(text: str) -> Parsed:
    """Title and author from its first two lines, headings from its notes."""
    excluded = [Exclusion(start, end, "notice") for start, end in _legend(text)]
    body = excluded[0].end if excluded else 0
    for pattern in (_NOTE, _RUBY, _BASE):
        excluded += [Exclusion(*match.span(), "markup") for match in pattern.finditer(text, body)]
    excluded = list(_apart(excluded))
    head = [line.strip() for line in text[:2_000].split("\n")[:3]]
    author = head[1] if len(head) > 1 and 0 < len(head[1]) <= 20 else ""
    first = len(text) - len(text.lstrip())
    title = [Heading(first, first + len(head[0]), 1)] if head[0] else []
    found = sorted([*title, *_headings(text, body)], key=lambda heading: heading.start)
    return Parsed(text, head[0], found, excluded, metadata={"author": author} if author else {})


def _legend(text: str) -> Iterator[tuple[int, int]]:
    begin = _LEGEND.search(text[:5_000])
    end = _RULE.search(text, begin.end()) if begin else None
    if begin and end:
        yield begin.start(), end.end()


def _headings(text: str, start: int) -> Iterator[Heading]:
    for note in _NOTE.finditer(text, start):
        told = _HEADING_OF.search(note.group())
        if told is not None:
            line = text.rfind("\n", 0, note.start()) + 1
            words = text.find(told[1], line, note.start())
            if words >= 0:
                yield Heading(words, words + len(told[1]), 1 + _LEVELS[told[2]])
    for whole in _HEADING_BEGINS.finditer(text, start):
        yield Heading(*whole.span(2), 1 + _LEVELS[whole[1]])


def _apart(exclusions: list[Exclusion]) -> Iterator[Exclusion]:
    end = 0
    for exclusion in sorted(exclusions, key=lambda each: (each.start, -each.end)):
        if exclusion.start >= end:
            yield exclusion
            end = exclusion.end
