"""Sentence boundaries in Japanese and English, in one text too, as offsets into it."""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Iterator

Span = tuple[int, int]

_CLOSERS = "」』）)】》〉］]｝}”’\"'"
_PAIRS = {
    "「": "」",
    "『": "』",
    "（": "）",
    "(": ")",
    "“": "”",
    "【": "】",
    "《": "》",
    "〈": "〉",
    "［": "］",
    "[": "]",
}
_ENDS = "。！？!?‼⁇⁈⁉｡"
_CANDIDATE = re.compile(rf"[{_ENDS}]+|[.．](?=[{re.escape(_CLOSERS)}]*(?:\s|$|[^\x00-\x7f]))")
_BRACKET = re.compile("[" + re.escape("".join(_PAIRS) + "".join(_PAIRS.values())) + "]")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[“\"'])(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|Sr|Jr|St|Gen|Sen|Rep|Gov|Lt|Col|Capt|Mt|No|Nos|Vol|vol|pp|p|Fig|Figs|fig|Eq|"
    r"Sec|Ch|ch|Art|cf|vs|etc|al|approx|est|Inc|Ltd|Co|Corp|Bros|dept|Univ|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|"
    r"e\.g|i\.e|a\.m|p\.m|Ph\.D|(?:[A-Z]\.)+[A-Z])$"
)
_ACRONYM = re.compile(r"(?:[A-Za-z]\.)+[A-Za-z]$")
_STARTERS = re.compile(
    r"(?:The|This|That|These|Those|It|Its|He|She|They|We|I|You|In|On|At|But|And|However|Moreover|Further|Furthermore|"
    r"Under|When|While|If|As|For|A|An|There|Here|Our|His|Her|Their|Although|Because|Since|After|Before|Last|Next)\b"
)
_QUOTING = re.compile(r"(?:と|って|との|という|といった|とは|とも|など|の|を|が|は|に|で|も|や|へ)")
_LONGEST_QUOTE = 300
_LONGEST_LINE_WRAP = 120


def sentences(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """Spans ``[start, end)`` of the sentences in ``text[start:end]``, in order, without the white space around them.

    Together they hold every character that is not white space. A blank line always ends a sentence, a line break does
    unless the lines around it are wrapped to one width.
    """
    end = len(text) if end is None else end
    found: list[Span] = []
    for line_start, line_end in _joined_lines(text, start, end):
        position = line_start
        for cut in _cuts(text, line_start, line_end):
            found += _trimmed(text, position, cut)
            position = cut
        found += _trimmed(text, position, line_end)
    return found


def _trimmed(text: str, start: int, end: int) -> list[Span]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return [(start, end)] if start < end else []


def _cuts(text: str, start: int, end: int) -> Iterator[int]:
    """Offsets right behind each sentence that ends inside ``text[start:end]``."""
    quoted = _quotations(text, start, end)
    next_quotation = 0
    for match in _CANDIDATE.finditer(text, start, end):
        while next_quotation < len(quoted) and quoted[next_quotation][1] <= match.start():
            next_quotation += 1
        closing = match.end()
        if next_quotation < len(quoted) and quoted[next_quotation][0] <= match.start():
            closing = quoted[next_quotation][1]
            if text[match.end() : closing].strip(_CLOSERS) or _goes_on(text, closing, end):
                continue
        while closing < end and text[closing] in _CLOSERS:
            closing += 1
        if closing < end and _is_end(text, match, start, closing):
            yield closing


def _goes_on(text: str, position: int, end: int) -> bool:
    """Whether a sentence goes on behind a closed quotation, as in 「…。」と述べた."""
    if position >= end:
        return False
    if text[position].isspace():
        return text[position : position + 12].lstrip()[:1].islower()
    return text[position] not in _PAIRS and text[position] not in _CLOSERS


def _is_end(text: str, match: re.Match[str], start: int, closing: int) -> bool:
    mark, before = match.group(), text[max(start, match.start() - 12) : match.start()]
    following = text[closing : closing + 12]
    if mark[-1] in ".．":
        return _is_full_stop(mark, before, following)
    if mark.isascii():
        # Yahoo!ニュース is a name; 本当?そう are two sentences.
        return following[:1].isspace() or not (before[-1:].isascii() and before[-1:].isalnum())
    if "。" in mark or "｡" in mark:
        return True
    return not _QUOTING.match(following)


def _is_full_stop(mark: str, before: str, following: str) -> bool:
    if mark == "．":
        return not (before[-1:].isdigit() and following[:1].isdigit())
    if not following[:1].isspace():
        return _is_japanese(before[-1:]) and not before.endswith(("No", "no"))
    upcoming = following.lstrip()
    if _ACRONYM.search(before):
        return bool(_STARTERS.match(upcoming))
    if _ABBREVIATION.search(before):
        return False
    if re.fullmatch(r"\s*\d{1,3}", before):
        return False
    return not upcoming[:1].islower()


def _is_japanese(char: str) -> bool:
    return bool(char) and ("\u3040" <= char <= "\u30ff" or "\u3400" <= char <= "\u9fff" or char in "々ー")


def _quotations(text: str, start: int, end: int) -> list[Span]:
    """Outermost bracketed stretches that are closed before long; a stray bracket is ignored."""
    found: list[Span] = []
    stack: deque[tuple[str, int]] = deque()
    for match in _BRACKET.finditer(text, start, end):
        char = match.group()
        if char in _PAIRS:
            while stack and match.start() - stack[0][1] > _LONGEST_QUOTE:
                stack.popleft()
            stack.append((_PAIRS[char], match.start()))
            continue
        depth = next((i for i in range(len(stack) - 1, -1, -1) if stack[i][0] == char), None)
        if depth is None:
            continue
        opened = stack[depth][1]
        while len(stack) > depth:
            stack.pop()
        if match.end() - opened <= _LONGEST_QUOTE:
            while found and found[-1][0] >= opened:
                found.pop()
            found.append((opened, match.end()))
    return found


def _joined_lines(text: str, start: int, end: int) -> Iterator[Span]:
    """Lines, or the whole of each paragraph that is wrapped to a fixed width."""
    block: list[Span] = []
    position = start
    while position < end:
        newline = text.find("\n", position, end)
        line_end = end if newline < 0 else newline
        if text[position:line_end].strip():
            block.append((position, line_end))
        else:
            yield from _unwrapped(text, block)
            block = []
        position = line_end + 1
    yield from _unwrapped(text, block)


def _unwrapped(text: str, block: list[Span]) -> Iterator[Span]:
    if _is_wrapped(text, block):
        yield block[0][0], block[-1][1]
    else:
        yield from block


def _is_wrapped(text: str, block: list[Span]) -> bool:
    if len(block) < 2 or any(line_end - line_start > _LONGEST_LINE_WRAP for line_start, line_end in block):
        return False
    lines = [text[line_start:line_end].rstrip() for line_start, line_end in block]
    widths = [sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in line) for line in lines]
    japanese = sum(map(_is_japanese, lines[0])) * 3 > len(lines[0])
    slack = 4 if japanese else 20
    if max(widths) < 50 or min(widths[:-1]) < max(widths) - slack or widths[-1] > max(widths):
        return False
    inner = [line for line in lines[:-1] if line[-1] not in _ENDS + ".．" + _CLOSERS]
    return bool(inner) and not any(re.match(r"\s*(?:[-*•・■●◆▼○]|\d+[.)．、])", line) for line in lines[1:])
