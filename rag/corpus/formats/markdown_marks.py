"""What of a Markdown text is markup, and no words: comments, targets of links, images in base64, emphasis, backticks.

It stays in the text, whose offsets are those of the file; the index leaves it out, and no passage is torn at it. Words
that are struck out are taken for markup too, so that nothing is found by what no longer holds.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from rag.corpus.cleaning.lines import Span
from rag.corpus.document import Exclusion

_COMMENT_START, _COMMENT_END = "<!--", "-->"
_DATA = re.compile(r"data:[\w.+/-]{1,60}(?:;[\w=-]{1,40}){0,3};base64,[A-Za-z0-9+/=]+|[A-Za-z0-9+/]{400,}={0,2}")
_LINK = re.compile(
    r"(?P<open>!?\[)(?P<words>[^\[\]\n]{0,300})(?P<target>\]\((?:[^()\n]{0,2000}(?:\([^()\n]{0,200}\))?){1,2}\))"
)
_REFERENCE = re.compile(r"^[ ]{0,3}\[(?!\^)[^\[\]\n]{1,100}\]:[ \t]*\S{1,2000}[^\n]{0,200}$", re.MULTILINE)
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]{0,30}(?:\s[^<>\n]{0,500})?/?>")
_SHORTCODE = re.compile(r"\{\{[<%][^\n{}]{0,300}[>%]\}\}|\{%[^\n{}]{0,300}%\}|^:{3,}[^\n]{0,200}$", re.MULTILINE)
_STRONG = re.compile(r"(?<!\\)(?:\*{2,3}|~~)(?!\*)")
_STRUCK = re.compile(
    r"(?<![\\~])~~(?=[^\s~])[^~\n]{1,1000}(?<=[^\s~])~~(?!~)|<(?P<tag>del|s|strike)>[^<>\n]{0,1000}</(?P=tag)>"
)
_LIGHT = re.compile(r"(?<![\w*\\])\*(?=[^\s*])[^*\n]{1,200}(?<=[^\s*])\*(?![\w*])")
_TICKS = re.compile(r"(?<!\\)`+")


def marks(text: str, start: int, code: Sequence[Span]) -> list[Exclusion]:
    """The markup behind ``start``, but for the marks of headings, lists and tables, which tell a reader something.

    Args:
        code: blocks of code, in order, which are left as they are.
    """
    found: list[Exclusion] = []
    taken = list(code)
    found += [Exclusion(*span, "markup") for span in _comments(text, start, taken)]
    data = list(_free((m.span() for m in _DATA.finditer(text, start)), [*taken, *_spans(found)]))
    for span in data:
        found += _image(text, *span)
    inline = list(_code_spans(text, start, [*taken, *_spans(found)]))
    found += [Exclusion(*side, "markup") for outer in inline for side in _sides(text, outer)]
    blocked = [*taken, *_spans(found), *inline]
    found += [Exclusion(*span, "markup") for span in _free(_links(text, start), [*taken, *inline])]
    for pattern in (_REFERENCE, _TAG, _SHORTCODE):
        spans = (match.span() for match in pattern.finditer(text, start))
        found += [Exclusion(*span, "markup") for span in _free(spans, blocked)]
    found += [Exclusion(*span, "markup") for span in _free(_emphasis(text, start), blocked)]
    return [exclusion for exclusion in _joined(found) if exclusion.start < exclusion.end]


def _spans(exclusions: Iterable[Exclusion]) -> list[Span]:
    return [(exclusion.start, exclusion.end) for exclusion in exclusions]


def _free(spans: Iterable[Span], blocked: Iterable[Span]) -> Iterator[Span]:
    """Those that touch none of the blocked ones."""
    closed: list[Span] = []
    for start, end in sorted(blocked):
        if closed and start <= closed[-1][1]:
            closed[-1] = closed[-1][0], max(end, closed[-1][1])
        else:
            closed.append((start, end))
    ends = [end for _, end in closed]
    for start, end in spans:
        place = bisect_left(ends, start + 1)
        if place == len(closed) or closed[place][0] >= end:
            yield start, end


def _comments(text: str, start: int, code: Sequence[Span]) -> Iterator[Span]:
    starts = [first for first, _ in code]
    position = text.find(_COMMENT_START, start)
    while position >= 0:
        place = bisect_left(starts, position + 1) - 1
        if place >= 0 and code[place][1] > position:
            position = text.find(_COMMENT_START, code[place][1])
            continue
        end = text.find(_COMMENT_END, position)
        if end < 0:
            return
        yield position, end + len(_COMMENT_END)
        position = text.find(_COMMENT_START, end)


def _code_spans(text: str, start: int, blocked: Sequence[Span]) -> Iterator[Span]:
    """Stretches between two runs of as many backticks on one line (CommonMark 6.1, but for those over lines)."""
    lines: defaultdict[int, list[Span]] = defaultdict(list)
    for run in _free((m.span() for m in _TICKS.finditer(text, start)), blocked):
        lines[text.rfind("\n", 0, run[0])].append(run)
    for runs in lines.values():
        places: defaultdict[int, list[int]] = defaultdict(list)
        for number, (a, b) in enumerate(runs):
            places[b - a].append(number)
        number = 0
        while number < len(runs):
            length = runs[number][1] - runs[number][0]
            same = places[length]
            place = bisect_left(same, number + 1)
            if place < len(same):
                yield runs[number][0], runs[same[place]][1]
                number = same[place]
            number += 1


def _sides(text: str, span: Span) -> Iterator[Span]:
    start, end = span
    length = len(text[start:end]) - len(text[start:end].lstrip("`"))
    yield start, start + length
    yield end - length, end


def _emphasis(text: str, start: int) -> Iterator[Span]:
    for pattern in (_STRUCK, _STRONG):
        for match in pattern.finditer(text, start):
            yield match.span()
    for match in _LIGHT.finditer(text, start):
        yield match.start(), match.start() + 1
        yield match.end() - 1, match.end()


def _image(text: str, start: int, end: int) -> Iterator[Exclusion]:
    """Data with what makes an image of it; the words that stand for it are kept."""
    if text[start - 2 : start] == "](" and text[end : end + 1] == ")":
        words = text.rfind("[", text.rfind("\n", 0, start) + 1, start)
        if words >= 0:
            yield Exclusion(words - (text[words - 1 : words] == "!"), words + 1, "markup")
        yield Exclusion(start - 2, end + 1, "data")
        return
    line, behind = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    if re.fullmatch(r"\s{0,3}\[[^\[\]]{1,100}\]:\s{0,3}<?", text[line:start]):
        yield Exclusion(line, len(text) if behind < 0 else behind, "data")
    else:
        yield Exclusion(start, end, "data")


def _links(text: str, start: int) -> Iterator[Span]:
    for match in _LINK.finditer(text, start):
        yield match.span("open")
        yield match.span("target")


def _joined(exclusions: Iterable[Exclusion]) -> Iterator[Exclusion]:
    """In order, those that touch or overlap as one."""
    last: Exclusion | None = None
    for exclusion in sorted(exclusions, key=lambda each: (each.start, -each.end)):
        if last is not None and exclusion.start <= last.end:
            last = Exclusion(last.start, max(last.end, exclusion.end), last.reason)
            continue
        if last is not None:
            yield last
        last = exclusion
    if last is not None:
        yield last
