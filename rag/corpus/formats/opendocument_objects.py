"""Objects in OpenDocument files that have a part of their own: equations, charts with their data, sheets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml import etree

from rag.corpus.formats.equations import mathml
from rag.corpus.formats.opendocument_styles import name_of, value

_MOST_OBJECTS = 1_000
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_IN_LINE = ("p", "h", "span", "a")

Part = Callable[[str], Any]
"""The tree of a part of the file, by its name; ``None`` if there is none, or a damaged one."""


def embed(content: Any, part: Part) -> None:
    """Put what readers see of each object where its frame stands: an equation in its line, else words and tables."""
    seen: set[str] = set()
    for each in list(content.iter("{*}object"))[:_MOST_OBJECTS]:
        frame = each.getparent()
        place = value(each, "href").removeprefix("./").strip("/")
        tree = each[0] if len(each) else part(f"{place}/content.xml") if place and place not in seen else None
        seen.add(place)
        if tree is None or frame is None or name_of(frame) != "frame":
            continue
        if name_of(tree) == "math":
            _write_in_line(frame, mathml(tree))
        else:
            frame[:] = [*_shown(tree), *frame]


def _write_in_line(frame: Any, words: str) -> None:
    """Put the words where the frame stands, in its line or as a paragraph."""
    parent = frame.getparent()
    before = frame.getprevious()
    if name_of(parent) not in _IN_LINE:
        paragraph = etree.SubElement(frame, f"{_TEXT}p")
        paragraph.text = words
    elif before is None:
        parent.text = (parent.text or "") + words
    else:
        before.tail = (before.tail or "") + words


def _shown(tree: Any) -> list[Any]:
    """Title and data of a chart; the tables and paragraphs of another object."""
    body = tree.find("{*}body")
    chart = None if body is None else body.find("{*}chart/{*}chart")
    if chart is None:
        return [] if body is None else [each for kind in body for each in kind]
    titles = [each for kind in ("title", "subtitle") for each in chart.findall(f"{{*}}{kind}/{{*}}p")]
    return [*titles, *chart.findall("{*}table")]
