"""XML that holds prose, as laws and articles do: its words without tags, readings in brackets, titles as headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from rag.corpus.formats.draft import Draft
from rag.corpus.formats.parsed import Parsed

_READING = frozenset({"rt", "rtc"})
_UNSEEN = frozenset({"rp", "script", "style"})
_INLINED = "ruby rb rt rp rtc sup sub b i em strong a span u s line emphasis link xref bold italic"
_INLINE = frozenset(_INLINED.split())
_TITLE = re.compile(r"(?:title|heading|head|caption|label)$")
_NUMBER = re.compile(r"(?:item|paragraph|sub\w*|list)\w*(?:title|num)$|num$")
_DOCUMENT_TITLE = re.compile(r"(?:law|document|article|book|main|doc)?-?_?title$")
_ROW = re.compile(r"(?:table)?_?row|tr")
_MOST_LEVELS = 9
_LEAST_PROSE = 0.3
_SENTENCE = re.compile(r"[。．]|[a-z][.!?](?:\s|$)")


def parse(text: str) -> Parsed | None:
    """The words of an XML file; ``None`` if it is no XML, or holds data rather than sentences."""
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, remove_pis=True)
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    lines = list(_lines(root, 1))
    prose = sum(len(words) for words, _ in lines if _SENTENCE.search(words))
    if prose < _LEAST_PROSE * sum(len(words) for words, _ in lines) or not lines:
        return None
    draft = Draft()
    for number, (words, level) in enumerate(lines):
        if level and number:
            draft.blank()
        draft.line(words, level=level)
    titles = (element for element in root.iter() if _DOCUMENT_TITLE.fullmatch(_name(element)))
    title = next((words for element in titles if (words := _flat(element))), "")
    return draft.parsed(title)


def _name(element: Any) -> str:
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""


def _lines(element: Any, level: int) -> Iterator[tuple[str, int]]:
    """The words of each stretch below an element with its level if it is a heading; a row of a table is one."""
    if _holds_words(element):
        words = _flat(element)
        if words:
            yield words, 0
        return
    children = [child for child in element if _name(child) and _name(child) not in _UNSEEN]
    if _ROW.fullmatch(_name(element)):
        yield "\t".join(_flat(child) for child in children), 0
        return
    named = [child for child in children if _TITLE.search(_name(child)) and not _NUMBER.match(_name(child))]
    heading = _heading([_flat(child) for child in named if _holds_words(child)])
    if heading:
        yield heading, min(level, _MOST_LEVELS)
    number = ""
    for child in children:
        if child in named and _holds_words(child):
            continue
        if _NUMBER.match(_name(child)) and _holds_words(child):
            number = _flat(child)
            continue
        for words, deep in _lines(child, level + bool(heading)):
            yield (f"{number}　{words}" if number and not deep else words), deep
            number = ""
    if number:
        yield number, 0


def _heading(parts: list[str]) -> str:
    """Number and name: a name in brackets stands behind its number, as 第一条の二（採取の届出）."""
    bracketed = [part for part in parts if part[:1] in "（("]
    return "".join([*(part for part in parts if part not in bracketed), *bracketed]) if len(parts) < 4 else ""


def _holds_words(element: Any) -> bool:
    if (element.text or "").strip() or not len(element):
        return True
    return any((child.tail or "").strip() or _name(child) in _INLINE for child in element)


def _flat(element: Any) -> str:
    return re.sub(r"\s*\n\s*", "", "".join(_pieces(element))).strip()


def _pieces(element: Any) -> Iterator[str]:
    name = _name(element)
    if name in _UNSEEN or not name:
        return
    inside = [element.text or ""]
    for child in element:
        inside += [*_pieces(child), child.tail or ""]
    words = "".join(inside)
    yield f"（{words.strip()}）" if name in _READING and words.strip() else words
