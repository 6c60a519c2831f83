"""Rich Text Format: the words by striprtf, rows of tables as tables."""

from __future__ import annotations

import re
from itertools import groupby, islice
from typing import Any

from striprtf import striprtf

from rag.corpus.formats.draft import Draft
from rag.corpus.formats.parsed import Parsed
from rag.errors import DocumentError

_MARK_OF_ITEM = re.compile(r"\\(?:pntext|listtext)(?![a-z]) ?")
_TAB_BEHIND_MARK = re.compile(r"^([^\s\w]|[(（]?\w{1,4}[.)）、])\t", re.MULTILINE)
_NOTE = re.compile(r"\{\s{0,3}\\footnote(?![a-z])(?:\\ftnalt(?![a-z]))?")
_BODY = re.compile(r"\\pard(?![a-z])")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_LONGEST_NOTE = 20_000
_MOST_NOTES = 500
_RAW = re.compile(r"[\x80-\xff]")
# Word writes the second byte of a character as a letter where it is one: \'83A, or \'83\\.
_HALF = re.compile(r"((?:\\'[0-9a-fA-F]{2}){1,200})(\\[\\{}]|[@-\[\]-z|~])")
_text_of: Any = striprtf.rtf_to_text  # it has no types
_JAPANESE = ("ansicpg932", "fcharset128")


def read(data: bytes) -> Parsed:
    """Paragraphs and rows, the marks of lists, and notes behind them; headers and pictures are left out.

    Raises:
        DocumentError: if it is no RTF.
    """
    if not data.lstrip().startswith(b"{\\rtf"):
        raise DocumentError(
            "The file is damaged, or not RTF.", code="damaged", hint="Open it in its program and save it again."
        )
    source = _RAW.sub(lambda match: f"\\'{ord(match[0]):02x}", data.decode("latin-1"))
    if any(mark in source for mark in _JAPANESE):
        source = _HALF.sub(_whole, source)
    draft = Draft()
    source, notes = _without_notes(_MARK_OF_ITEM.sub("", source))
    _write(draft, _text_of(source, errors="replace"))
    for note in notes:
        _write(draft, _text_of(note, errors="replace"))
    return draft.parsed(plain=True)


def _write(draft: Draft, words: str) -> None:
    words = _TAB_BEHIND_MARK.sub(r"\1 ", words)
    for is_row, group in groupby(words.split("\n"), key=lambda line: line.endswith("|")):
        lines = list(group)
        if is_row and any(line.count("|") > 1 for line in lines):
            draft.table([line.rstrip("|").split("|") for line in lines])
            continue
        for line in lines:
            if line.strip():
                draft.line(line.rstrip("|"))
            else:
                draft.blank()


def _without_notes(source: str) -> tuple[str, list[str]]:
    """The source without footnotes and endnotes, and each of these as a source of its own."""
    head = source[: body.start()] if (body := _BODY.search(source)) else "{\\rtf1\\ansi "
    kept: list[str] = []
    notes: list[str] = []
    position = 0
    for match in islice(_NOTE.finditer(source), _MOST_NOTES):
        start = match.start()
        end = _end_of_group(source, start) if start >= position else -1
        if end < 0:
            continue
        kept.append(source[position:start])
        notes.append(f"{head}{{{_NOTE.sub('', source[start:end], count=1)}\\par}}")
        position = end
    return "".join([*kept, source[position:]]), notes


def _end_of_group(source: str, start: int) -> int:
    """Behind the brace that closes the group which begins there; -1 if none does within reach."""
    depth = 0
    for match in _BRACE.finditer(source, start, start + _LONGEST_NOTE):
        if len(match.group()) == 1:
            depth += 1 if match.group() == "{" else -1
            if depth == 0:
                return match.end()
    return -1


def _whole(match: re.Match[str]) -> str:
    """The bytes of a character all written as bytes, where a letter is the second half of one."""
    try:
        bytes.fromhex(match[1].replace("\\'", "")).decode("cp932")
    except UnicodeDecodeError as error:
        if error.end == len(match[1]) // 4:
            return f"{match[1]}\\'{ord(match[2][-1]):02x}"
    return match[0]
