"""Rich Text Format: the words by striprtf, rows of tables as tables."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any

from striprtf import striprtf

from rag.corpus.formats.draft import Draft
from rag.corpus.formats.parsed import Parsed
from rag.errors import DocumentError

_RAW = re.compile(r"[\x80-\xff]")
# Word writes the second byte of a character as a letter where it is one: \'83A, or \'83\\.
_HALF = re.compile(r"((?:\\'[0-9a-fA-F]{2}){1,200})(\\[\\{}]|[@-\[\]-z|~])")
_text_of: Any = striprtf.rtf_to_text  # it has no types
_JAPANESE = ("ansicpg932", "fcharset128")


def read(data: bytes) -> Parsed:
    """Paragraphs and rows; the words of headers, notes and pictures are left out.

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
    words: str = _text_of(source, errors="replace")
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
    return draft.parsed(plain=True)


def _whole(match: re.Match[str]) -> str:
    """The bytes of a character all written as bytes, where a letter is the second half of one."""
    try:
        bytes.fromhex(match[1].replace("\\'", "")).decode("cp932")
    except UnicodeDecodeError as error:
        if error.end == len(match[1]) // 4:
            return f"{match[1]}\\'{ord(match[2][-1]):02x}"
    return match[0]
