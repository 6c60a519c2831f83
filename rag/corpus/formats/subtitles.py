"""Subtitles (SubRip and WebVTT): a cue a line, its time as its place."""

from __future__ import annotations

import re

from rag.corpus.formats.draft import Draft
from rag.corpus.formats.parsed import Parsed
from rag.errors import DocumentError

_BEGIN = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{2})[.,]\d{1,3}"
_END = r"(?:\d{1,4}:)?\d{1,2}:\d{2}[.,]\d{1,3}"
_TIMING = re.compile(rf"^[ \t]*{_BEGIN}[ \t]*-->[ \t]*{_END}[^\n]*$", re.MULTILINE)
_NOT_CUES = re.compile(r"(?:NOTE|STYLE|REGION)(?:[ \t]|$)")
_MARKUP = re.compile(r"</?[A-Za-z\d][^<>\n]{0,200}>|\{\\[^{}\n]{0,100}\}")
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
    draft = Draft()
    for timing, following in zip(timings, [*timings[1:], None], strict=True):
        words = _words(text[timing.end() : following.start() if following else len(text)])
        if words:
            hours, minutes, seconds = (int(part or 0) for part in timing.groups())
            draft.place("time", f"{hours:02}:{minutes:02}:{seconds:02}")
            draft.line(words)
    parsed = draft.parsed()
    return Parsed(parsed.text, headings=(), protected=[(0, len(parsed.text))], places=parsed.places)


def _words(block: str) -> str:
    """A cue's words: up to the blank line behind them, since the number of the next cue follows."""
    lines: list[str] = []
    for line in block.strip("\n").split("\n"):
        if not line.strip() or _NOT_CUES.match(line):
            break
        lines.append(line.strip())
    words = _MARKUP.sub("", " ".join(lines))
    words = re.sub("|".join(_ENTITIES), lambda match: _ENTITIES[match.group()], words)
    return re.sub(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])", "", words).strip()
