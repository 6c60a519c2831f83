"""Struck-out words: what a file shows as no longer valid. Its sentences lack them, and the end of a part tells them.

What is told is left out of the index: nothing that was struck out is quoted as if it held, and none of it is lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lxml import etree

from rag.corpus.formats.draft import Draft

_DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def struck_line(words: str) -> str:
    """The line that tells what was struck out."""
    return f"（取り消し線：{' '.join(words.split())}）"


def write_struck(draft: Draft, found: Iterable[str]) -> None:
    """Append what was struck out, a line each; no passage has any of it."""
    lines = dict.fromkeys(map(struck_line, found))
    if lines:
        draft.blank()
    for line in lines:
        draft.line(line, reason="struck")


def take_struck_drawn(element: etree._Element) -> list[str]:
    """Take the struck-out words out of what is drawn: shapes, tables of slides."""
    found: list[str] = []
    last: Any = None
    for properties in list(element.iter(f"{_DRAWN}rPr")):
        text = None if properties.get("strike", "noStrike") == "noStrike" else properties.getnext()
        if text is None or text.tag != f"{_DRAWN}t" or not text.text:
            continue
        run = properties.getparent()
        if found and run is not None and run.getprevious() is last:
            found[-1] += text.text
        else:
            found.append(text.text)
        text.text, last = "", run
    return [words for words in found if words.strip()]
