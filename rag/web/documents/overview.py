"""What a document holds at a glance, by rule: headings, how it begins, its tables and dates, and documents like it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from rag.corpus.blocks import Block
from rag.corpus.dates import normal_date
from rag.corpus.document import Document
from rag.language.sentences import sentences

if TYPE_CHECKING:
    from rag.engine import Engine

_MOST_HEADINGS = 60
_MOST_SENTENCES = 3
_MOST_LISTED = 12
_MOST_SIMILAR = 5
_MOST_OWN = 400
_LEADING_CHARS = 400
_SHORTEST_SENTENCE = 15
_AROUND_CHARS = 40
_READ_CHARS = 400_000
_NOT_RUNNING = ("heading", "table", "form", "code", "mail-header")
_DATE = re.compile(
    r"(?:(?:明治|大正|昭和|平成|令和)\s*(?:\d{1,2}|元)\s*年|(?<!\d)[12１２]\d{3}\s*[年/.-])\s*\d{1,2}(?:\s*月|[/.-](?=\d))"
    r"(?:\s*\d{1,2}\s*日?)?(?!\d)"
    r"|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.? \d{1,2},? \d{4}\b"
    r"|\b\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.? \d{4}\b"
)


@dataclass(frozen=True, slots=True)
class Part:
    """Something of a document that can be jumped to.

    Attributes:
        words: what it is called.
        start, end: where it stands, in characters.
        level: of a heading, from 1.
        note: what is said beside it.
    """

    words: str
    start: int
    end: int
    level: int = 1
    note: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """A document at a glance; ``tables`` have rows and columns beside them."""

    headings: tuple[Part, ...] = ()
    leading: tuple[str, ...] = ()
    tables: tuple[tuple[Part, int, int], ...] = ()
    dates: tuple[Part, ...] = ()


def overview_of(document: Document) -> Overview:
    """The overview of a document; of a very long one, tables and dates of its beginning."""
    return Overview(
        tuple(islice(_headings(document), _MOST_HEADINGS)),
        tuple(islice(_leading(document), _MOST_SENTENCES)),
        tuple(islice(_tables(document), _MOST_LISTED)),
        tuple(islice(_dates(document), _MOST_LISTED)),
    )


def _headings(document: Document) -> Iterator[Part]:
    for heading in document.headings:
        words = _words(document, heading.start, heading.end)
        if words and not _is_excluded(document, heading.start):
            yield Part(words, heading.start, heading.end, heading.level)


def _leading(document: Document) -> Iterator[str]:
    """The first whole sentences of running text, in 400 characters at most."""
    heads = {document.line(heading.start) for heading in document.headings}
    others = [(block.start, block.end) for block in document.blocks if block.kind in _NOT_RUNNING]
    left = _LEADING_CHARS
    for start, end in sentences(document.text[:_READ_CHARS]):
        words = _words(document, start, end)
        is_within = any(first <= start < last for first, last in others)
        is_other = document.line(start) in heads or _is_excluded(document, start) or is_within
        if is_other or len(words) < _SHORTEST_SENTENCE or words == document.title:
            continue
        if (left := left - len(words)) < 0:
            return
        yield words


def _tables(document: Document) -> Iterator[tuple[Part, int, int]]:
    for block in document.blocks:
        if block.table is not None and block.table.cells:
            rows, columns = block.table.size
            yield Part(_name_of(document, block), block.start, block.end), rows, columns


def _name_of(document: Document, block: Block) -> str:
    """The words that lead to a table, the heading above it, or else its first row."""
    if block.intro is not None:
        return _words(document, *block.intro)
    above = [heading for heading in document.headings if heading.start <= block.start]
    if above:
        return _words(document, above[-1].start, above[-1].end)
    first = block.table.row(0) if block.table is not None else []
    return " / ".join(filter(None, (_words(document, cell.start, cell.end) for cell in first)))[:80]


def _dates(document: Document) -> Iterator[Part]:
    """Each day or month that is named, where it stands first, in the order of the text."""
    known: set[str] = set()
    for found in _DATE.finditer(document.text[:_READ_CHARS]):
        key = normal_date(found[0]) or found[0]
        if key in known or _is_excluded(document, found.start()):
            continue
        known.add(key)
        line = document.line(found.start())
        starts = document.line_starts
        begin, stop = starts[line - 1], starts[line] if line < len(starts) else len(document.text)
        around = max(begin, found.start() - _AROUND_CHARS), min(stop, found.end() + _AROUND_CHARS)
        note = _words(document, *around)
        yield Part(" ".join(found[0].split()), found.start(), found.end(), note=note)


def similar_to(document: Document, overview: Overview, engine: Engine) -> list[tuple[str, str]]:
    """Id and title of the documents that a search for its title and beginning finds, the nearest first."""
    asked = " ".join((document.title, *overview.leading))[: engine.settings.max_question_chars]
    own = next((info.passages for info in engine.documents() if info.id == document.id), 0)
    k = 4 * engine.settings.k + min(own, _MOST_OWN)
    hits = engine.search(asked, operators=False, k=k).hits if asked.strip() else ()
    found = dict.fromkeys((hit.document.id, hit.document.title) for hit in hits if hit.document.id != document.id)
    return list(found)[:_MOST_SIMILAR]


def _words(document: Document, start: int, end: int) -> str:
    return " ".join(document.text[start:end].split())


def _is_excluded(document: Document, offset: int) -> bool:
    return any(not each.is_inline and each.start <= offset < each.end for each in document.excluded)
