"""Subtitles (SubRip and WebVTT): a cue a line, its time as its place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.corpus.formats.draft import Draft
from rag.corpus.formats.parsed import Parsed
from rag.errors import DocumentError

_BEGIN = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{2})[.,]\d{1,3}"
_END = r"(?:\d{1,4}:)?\d{1,2}:\d{2}[.,]\d{1,3}"
_TIMING = re.compile(rf"^[ \t]*{_BEGIN}[ \t]*-->[ \t]*{_END}[^\n]*$", re.MULTILINE)
_NOT_CUES = re.compile(r"(?:NOTE|STYLE|REGION)(?:[ \t]|$)")
_MARKUP = re.compile(r"</?[A-Za-z\d][^<>\n]{0,200}>|\{\\[^{}\n]{0,100}\}")
_ROLLING_SHARE = 0.3
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&nbsp;": " ", "&lrm;": "", "&rlm;": ""}


def parse(text: str) -> Parsed:
    """The words of all cues, without numbers, times and markup; a cue of two lines is joined to one.

    Raises:
        DocumentError: if there is no cue.
    """
    timings = list(_TIMING.finditer(text))
    if not timings:
        raise DocumentError(
            "There is no subtitle with a time in the file.", code="wrong-kind", hint="Rename it if it is plain text."
        )
    cues = []
    for timing, following in zip(timings, [*timings[1:], None], strict=True):
        hours, minutes, seconds = (int(part or 0) for part in timing.groups())
        lines = _lines(text[timing.end() : following.start() if following else len(text)])
        cues.append((f"{hours:02}:{minutes:02}:{seconds:02}", lines))
    draft = Draft()
    for time, lines in _unrolled(cues):
        words = re.sub(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])", "", " ".join(lines)).strip()
        if words:
            draft.place("time", time)
            draft.line(words)
    parsed = draft.parsed()
    return Parsed(parsed.text, headings=(), protected=[(0, len(parsed.text))], places=parsed.places)


Cue = tuple[str, list[str]]
"""When a caption appears, and its lines."""


def _unrolled(cues: Sequence[Cue]) -> list[Cue]:
    """Each line once, where captions roll: a cue shows the last lines of the one before again, or grows by a word."""
    kept: list[Cue] = []
    repeats, before = 0, list[str]()
    for time, lines in cues:
        again = next((size for size in range(len(lines), 0, -1) if before[-size:] == lines[:size]), 0)
        new = lines[again:]
        grows = len(new) == 1 and bool(kept) and _grows(kept[-1][1][-1:], new[0])
        repeats += bool(again) or grows
        before = lines or before
        if grows:
            kept[-1] = (kept[-1][0], [*kept[-1][1][:-1], new[0]])
        elif new:
            kept.append((time, new))
    return kept if repeats >= max(2, _ROLLING_SHARE * len(cues)) else list(cues)


def _grows(before: Sequence[str], line: str) -> bool:
    return bool(before) and len(before[0]) > 1 and line.startswith(before[0])


def _lines(block: str) -> list[str]:
    """A cue's lines, up to the blank one behind them, since the number of the next cue follows."""
    lines: list[str] = []
    for line in block.strip("\n").split("\n"):
        if _NOT_CUES.match(line) or (not line.strip() and (lines or line == "")):
            break
        words = _MARKUP.sub("", line.strip())
        words = re.sub("|".join(_ENTITIES), lambda match: _ENTITIES[match.group()], words).strip()
        if words:
            lines.append(words)
    return lines
