"""Document -> Passages: whole sentences, items and rows around a target length, never across a heading."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, zip_longest

from rag.corpus.blanking import blanked
from rag.corpus.blocks import Block, Table
from rag.corpus.document import Document, Heading
from rag.language.detection import detect_language
from rag.language.sentences import Span, sentences
from rag.language.terms import compose, count_morphemes

CountTokens = Callable[[Sequence[str]], Sequence[int]]

_BREAKS = re.compile(r"[、，,;；:：\s]|(?<=[。！？）」])")
_LONGEST_PIECE = 400
_NARROW = 2  # characters between two sentences


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of one Document: ``document.text[start:end] == text``.

    Attributes:
        document_id: ``Document.id`` of the document it is in.
        start, end: offsets into the document's text, in characters.
        text: the span itself.
        heading: titles of the headings above it, outermost first.
        language: ISO 639-1 code of the language of this passage.
        context: what it is about but does not say: whom the document is of, the heads of its table.
        words: what is read of it, without markup and data; empty if that is all of ``text``.
    """

    document_id: str
    start: int
    end: int
    text: str
    heading: tuple[str, ...]
    language: str
    context: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class _Unit:
    """What no passage tears: a sentence, an item, a row.

    Attributes:
        leads: whether it belongs to what follows, as the intro of a list does.
        repeats: whether the next passage may begin with it again.
        table, row: of a row.
        gap: tokens of what stands between it and the unit before, which a passage of both holds too.
    """

    start: int
    end: int
    leads: bool = False
    repeats: bool = False
    table: Table | None = None
    row: int = 0
    morphemes: int = 0
    tokens: int = 0
    gap: int = 0


@dataclass(frozen=True, slots=True)
class Chunker:
    """Cuts documents into passages.

    Attributes:
        target: length to aim at, in morphemes.
        overlap: sentences repeated from the passage before.
        limit: most tokens of the model in one passage; a longer sentence is cut at commas or spaces.
        count_tokens: the model's token counts of texts.
    """

    target: int
    overlap: int
    limit: int
    count_tokens: CountTokens

    def passages(self, document: Document) -> list[Passage]:
        """All passages of a document, in order; none holds a character that is excluded."""
        found = []
        shown = _shown(document)
        stretches = [(path, region) for path, regions in _sections(shown) for region in regions]
        cut = self._units(shown, [region for _, region in stretches], _Marks.of(document))
        for (path, _), units in zip(stretches, cut, strict=True):
            for first, last in self._groups(units):
                context = _context(shown, units[first])
                span = units[first].start, units[last].end
                found.append(_passage(document, span, path, context, _read(shown.text[slice(*span)])))
        return found

    def _units(self, document: Document, regions: Sequence[Span], marks: _Marks) -> list[list[_Unit]]:
        """The units of each region; tokens are counted in all of them at once, which costs less than one by one."""
        text = document.text
        pieces = [
            [piece for unit in _units_of(document, region, marks) for piece in _pieces_of(text, unit)]
            for region in regions
        ]
        counts = iter(self.count_tokens([text[unit.start : unit.end] for units in pieces for unit in units]))
        return [
            self._with_gaps(text, [part for unit in units for part in self._counted(text, unit, next(counts))])
            for units in pieces
        ]

    def _counted(self, text: str, unit: _Unit, tokens: int) -> list[_Unit]:
        """A unit with its length; in parts, if it has more tokens than a passage may have."""
        start, end = unit.start, unit.end
        if tokens <= self.limit or end - start < 2:
            return [replace(unit, tokens=tokens, morphemes=count_morphemes(text[start:end]))]
        middle = (start + end) // 2
        spans = [*_trimmed(text, start, middle), *_trimmed(text, middle, end)]
        counts = self.count_tokens([text[slice(*span)] for span in spans])
        halves = [replace(unit, start=first, end=last) for first, last in spans]
        return [part for half, count in zip(halves, counts, strict=True) for part in self._counted(text, half, count)]

    def _with_gaps(self, text: str, units: list[_Unit]) -> list[_Unit]:
        """The units with their gaps; a line break or two are no more than the tokens at both ends of a text."""
        wide = {
            place: _read(text[before.end : unit.start])
            for place, (before, unit) in enumerate(pairwise(units), 1)
            if unit.start - before.end > _NARROW
        }
        counts = dict(zip(wide, self.count_tokens(list(wide.values())) if wide else (), strict=True))
        return [replace(unit, gap=counts[place]) if place in counts else unit for place, unit in enumerate(units)]

    def _groups(self, units: list[_Unit]) -> Iterator[tuple[int, int]]:
        """First and last unit of each passage: about equal lengths, near the target."""
        total = sum(unit.morphemes for unit in units)
        goal = total / max(1, round(total / self.target)) if total else self.target
        first = 0
        while first < len(units):
            last, size, tokens = first, units[first].morphemes, units[first].tokens
            while last + 1 < len(units):
                following = units[last + 1]
                more = following.gap + following.tokens
                if size + following.morphemes / 2 > goal or tokens + more > self.limit:
                    break
                last, size, tokens = last + 1, size + following.morphemes, tokens + more
            while last > first and last + 1 < len(units) and units[last].leads:
                last -= 1
            yield first, last
            first = self._next_first(units, first, last, goal)

    def _next_first(self, units: list[_Unit], first: int, last: int, goal: float) -> int:
        """Where the next passage starts: up to ``overlap`` sentences back, if they are short beside a passage."""
        following = last + 1
        if following >= len(units):
            return following
        back = following
        while back - 1 > first and following - back < self.overlap:
            repeated = units[back - 1 : following]
            if not repeated[0].repeats:
                break
            if sum(unit.morphemes for unit in repeated) > goal / 3:
                break
            if repeated[0].tokens + sum(unit.gap + unit.tokens for unit in units[back : following + 1]) > self.limit:
                break
            back -= 1
        return back


@dataclass(frozen=True, slots=True)
class _Marks:
    """Where headings begin, whose sections' Blocks come by themselves, and where the words end that lead to lists."""

    headings: frozenset[int]
    intros: frozenset[int]

    @classmethod
    def of(cls, document: Document) -> _Marks:
        intros = (block.intro[1] for block in document.blocks if block.intro)
        return cls(frozenset(heading.start for heading in document.headings), frozenset(intros))


def _units_of(document: Document, region: Span, marks: _Marks) -> Iterator[_Unit]:
    """Sentences of prose, items of lists, rows of tables in ``[start, end)``, in order."""
    position, end = region
    first = bisect_left(document.blocks, position, key=lambda block: block.end)
    for place in range(first, len(document.blocks)):
        block = document.blocks[place]
        if block.start >= end:
            break
        if block.end <= position or (block.kind == "pair" and _is_told_by_others(document, place, marks)):
            continue
        if block.start > position:
            yield from _sentence_units(document.text, position, min(block.start, end))
        for unit in _of_block(document, block, marks.intros):
            if unit.end > position and unit.start < end:
                yield replace(unit, start=max(unit.start, position), end=min(unit.end, end))
        position = max(position, min(block.end, end))
    if position < end:
        yield from _sentence_units(document.text, position, end)


def _is_told_by_others(document: Document, place: int, marks: _Marks) -> bool:
    """Whether the Blocks of a question with its answer come by themselves: it is a section, or holds others."""
    pair, following = document.blocks[place], document.blocks[place + 1 : place + 2]
    return pair.items[0][0] in marks.headings or any(block.start < pair.end for block in following)


def _of_block(document: Document, block: Block, intros: Collection[int]) -> Iterator[_Unit]:
    text = document.text
    if block.kind == "table" and block.table is not None:
        for row, (start, end) in block.table.lines.items():
            yield _Unit(start, end, leads=row < block.table.header_rows, table=block.table, row=row)
    elif block.kind in ("list", "steps", "form", "mail-header"):
        for start, end in block.items:
            yield _Unit(start, end)
    else:
        for unit in _sentence_units(text, block.start, block.end):
            yield replace(unit, leads=block.kind == "heading" or unit.end in intros)


def _sentence_units(text: str, start: int, end: int) -> Iterator[_Unit]:
    for first, last in sentences(text, start, end):
        if re.search(r"\w", text[first:last]):
            yield _Unit(first, last, repeats=True)


def _context(document: Document, first: _Unit) -> str:
    """Whom the document is of, and the heads of the table whose rows a passage begins with."""
    about = document.metadata.get("about", "")
    table = first.table
    if table is None or first.row < table.header_rows or not table.header_rows:
        return about
    heads = [
        _read(document.text[cell.start : cell.end]).strip()
        for row in range(table.header_rows)
        for cell in table.row(row)
    ]
    return " ".join(filter(None, [about, " / ".join(filter(None, dict.fromkeys(heads)))]))


def whole(document: Document) -> list[Passage]:
    """The document as one passage, as given."""
    return [_passage(document, (0, len(document.text)), ())] if document.text.strip() else []


def with_words(document: Document, passages: Sequence[Passage]) -> list[Passage]:
    """Passages of a document with what is read of them, which an index does not keep."""
    shown = _shown(document)
    if shown is document:
        return list(passages)
    read = [(each, _read(shown.text[each.start : each.end])) for each in passages]
    return [replace(each, words=words if words != each.text else "") for each, words in read]


def embedded_text(passage: Passage, title: str, embed_with: str) -> str:
    """What the model reads of a passage: its text, behind the title and the headings above it if so chosen."""
    if embed_with == "text":
        return compose(passage.words or passage.text)
    above = [title, *passage.heading] if embed_with == "heading" else [title]
    shown: list[str] = []
    for words in above:
        if words and words not in shown and not passage.text.startswith(words):
            shown.append(words)
    context = passage.context[:CONTEXT_CHARS] if embed_with == "heading" else ""
    return compose("\n".join(filter(None, [" > ".join(shown)[:HEADER_CHARS], context, passage.words or passage.text])))


HEADER_CHARS = 120
"""Most characters of title and headings that are embedded with a passage."""


CONTEXT_CHARS = 120
"""Most characters of its context that are embedded with a passage."""


def _passage(document: Document, span: Span, path: tuple[str, ...], context: str = "", words: str = "") -> Passage:
    text = document.text[slice(*span)]
    language = detect_language(words or text, default=document.language)
    return Passage(document.id, *span, text, path, language, context, words if words != text else "")


_BLANK = "\x1f"
"""Stands for each character of markup and data while a document is cut: a space to every rule, and in no text."""


def _shown(document: Document) -> Document:
    """The document with its markup and data blank; what no passage may touch stays as it is."""
    inline = [exclusion for exclusion in document.excluded if exclusion.is_inline]
    if not inline:
        return document
    kept = tuple(exclusion for exclusion in document.excluded if not exclusion.is_inline)
    return replace(document, text=blanked(document.text, inline, _BLANK), excluded=kept)


def _read(text: str) -> str:
    """What is left of a stretch without its markup and data."""
    return re.sub(r"\n{3,}", "\n\n", text.replace(_BLANK, "")).strip("\n\t") if _BLANK in text else text


def _sections(document: Document) -> Iterator[tuple[tuple[str, ...], list[Span]]]:
    """Heading path and indexed stretches of each section, its heading line included.

    A heading with nothing but sections below it is no section: it stands in their paths. None reaches beyond its slide.
    """
    headings = [heading for heading in document.headings if _regions(document, heading.start, heading.end)]
    end = len(document.text)
    yield (), _regions(document, 0, _line_start(document.text, headings[0].start) if headings else end)
    slides = [place.start for place in document.places if place.kind == "slide"]
    path: list[Heading] = []
    for heading, following in zip_longest(headings, headings[1:]):
        path = [above for above in path if above.level < heading.level] + [heading]
        following_start = _line_start(document.text, following.start) if following else end
        upcoming = bisect_right(slides, heading.start)
        ends_slide = upcoming < len(slides) and slides[upcoming] <= following_start
        next_start = slides[upcoming] if ends_slide else following_start
        words = tuple(_read(document.text[above.start : above.end]).strip() for above in path)
        regions = _regions(document, heading.start, next_start)
        if not _regions(document, heading.end, next_start):
            if ends_slide or not (following and following.level > heading.level):
                yield words, regions
        elif len(regions) > 1 and not _regions(document, heading.end, regions[0][1]):
            yield words, regions[1:]
        else:
            yield words, regions
        if ends_slide:
            path = []
            yield (), _regions(document, next_start, following_start)


def _line_start(text: str, offset: int) -> int:
    """Where the line of an offset begins: the marks in front of a heading do not belong to what is above it."""
    return text.rfind("\n", 0, offset) + 1


def _regions(document: Document, start: int, end: int) -> list[Span]:
    """The stretches of ``[start, end)`` between exclusions that hold letters or digits."""
    found = []
    position = start
    first = bisect_right(document.excluded, start, key=lambda exclusion: exclusion.end)
    for place in range(first, len(document.excluded)):
        exclusion = document.excluded[place]
        if exclusion.start >= end:
            break
        found.append((position, exclusion.start))
        position = exclusion.end
    found.append((position, end))
    return [(a, b) for a, b in found if a < b and re.search(r"\w", document.text[a:b])]


def _pieces_of(text: str, unit: _Unit) -> Iterator[_Unit]:
    """A unit without the spaces at its ends, cut at commas or spaces where it is far too long for a sentence."""
    for start, end in _pieces(text, unit.start, unit.end):
        yield unit if (start, end) == (unit.start, unit.end) else replace(unit, start=start, end=end)


def _pieces(text: str, start: int, end: int) -> Iterator[Span]:
    while end - start > _LONGEST_PIECE:
        window = text[start + _LONGEST_PIECE // 2 : start + _LONGEST_PIECE]
        breaks = [match.end() for match in _BREAKS.finditer(window)]
        cut = start + _LONGEST_PIECE // 2 + (breaks[-1] if breaks else len(window))
        yield from _trimmed(text, start, cut)
        start = cut
    yield from _trimmed(text, start, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    """The stretch without the spaces at its ends; nothing if it holds nothing else."""
    words = text[start:end]
    if bare := words.strip():
        first = start + len(words) - len(words.lstrip())
        yield first, first + len(bare)
