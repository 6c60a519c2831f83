"""Footnotes and endnotes of Word documents: their numbers, at the places they belong to and before their words.

Word keeps no numbers but counts (ECMA-376 Part 1, 17.11). Where it begins again on each page or in each section, the
numbers here go on, so that each note has one of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from docx.oxml.ns import qn
from lxml import etree

from rag.corpus.formats.note_marks import note_names
from rag.corpus.formats.shown_numbers import shown_number
from rag.corpus.formats.word_text import NOTE_MARK, shown

_ID, _VALUE, _CUSTOM = qn("w:id"), qn("w:val"), qn("w:customMarkFollows")
_RUN, _PARAGRAPH, _PROPERTIES = qn("w:r"), qn("w:p"), qn("w:pPr")
_FIRST = re.compile(r"[1-9]\d{0,4}")


@dataclass
class Notes:
    """The notes of one kind.

    Attributes:
        kind: ``footnote`` or ``endnote``.
        name: what they are called in their marks.
        number_format: of their numbers, as Word names it.
        first: the first number.
        marks: what each note is marked with, by its id, in the order of their places.
    """

    kind: str
    name: str
    number_format: str
    first: int = 1
    marks: dict[str, str] = field(default_factory=dict)

    def mark_places(self, body: Any) -> None:
        """Number the notes by their places in the text, and note at each what is to be written there."""
        for place in list(shown(body, qn(f"w:{self.kind}Reference"), nested=True)):
            if place.get(_CUSTOM) in (None, "0", "false", "off"):
                number = shown_number(self.first + len(self.marks), self.number_format)
                place.set(NOTE_MARK, self.marks.setdefault(place.get(_ID) or "", f"（{self.name}{number}）"))

    def marked(self, part: Any) -> Iterator[Any]:
        """The notes of a part, each with its mark before it: in the order of their places, then those of none."""
        found = list(part.iterchildren(qn(f"w:{self.kind}")))
        order = {identifier: number for number, identifier in enumerate(self.marks)}
        for note in sorted(found, key=lambda each: order.get(each.get(_ID) or "", len(order))):
            mark = self.marks.get(note.get(_ID) or "", "")
            if mark:
                _mark_of(note, qn(f"w:{self.kind}Ref")).set(NOTE_MARK, mark)
            yield note


def notes_of(body: Any, settings: Any) -> tuple[Notes, Notes]:
    """Footnotes and endnotes of a document, with their marks at their places in its body.

    Args:
        settings: the tree of the document's settings, if it has them.
    """
    both = all(next(body.iter(qn(f"w:{kind}Reference")), None) is not None for kind in ("footnote", "endnote"))
    foot, end = note_names(both=both)
    found = (
        Notes("footnote", foot, *_counted(settings, body, "footnotePr", "decimal")),
        Notes("endnote", end, *_counted(settings, body, "endnotePr", "lowerRoman")),
    )
    for notes in found:
        notes.mark_places(body)
    return found


def _counted(settings: Any, body: Any, name: str, usual: str) -> tuple[str, int]:
    """The format of the numbers and the first of them, as the document or its first section says."""
    section = next(body.iter(qn("w:sectPr")), None)
    said: Mapping[str, str] = {}
    for owner in (settings, section):
        properties = None if owner is None else owner.find(qn(f"w:{name}"))
        for each in () if properties is None else properties.iterchildren(qn("w:numFmt"), qn("w:numStart")):
            said = {**said, etree.QName(each).localname: each.get(_VALUE) or ""}
    first = said.get("numStart", "")
    return said.get("numFmt", "") or usual, int(first) if _FIRST.fullmatch(first) else 1


def _mark_of(note: Any, tag: str) -> Any:
    """Where a note shows its number; before its first words, if it does not say."""
    found = next(note.iter(tag), None)
    if found is None:
        paragraph = next(note.iter(_PARAGRAPH), None)
        if paragraph is None:
            paragraph = etree.SubElement(note, _PARAGRAPH)
        run = etree.Element(_RUN)
        found = etree.SubElement(run, tag)
        paragraph.insert(1 if len(paragraph) and paragraph[0].tag == _PROPERTIES else 0, run)
    return found
