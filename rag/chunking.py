"""Document -> Passages: whole sentences around a target length, never across a heading."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rag.corpus.document import Document, Heading
from rag.language.detection import detect_language
from rag.language.sentences import Span, sentences
from rag.language.terms import compose, count_morphemes

CountTokens = Callable[[Sequence[str]], Sequence[int]]

_BREAKS = re.compile(r"[、，,;；:：\s]|(?<=[。！？）」])")
_LONGEST_PIECE = 400


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of one Document: ``document.text[start:end] == text``.

    Attributes:
        document_id: ``Document.id`` of the document it is in.
        start, end: offsets into the document's text, in characters.
        text: the span itself.
        heading: titles of the headings above it, outermost first.
        language: ISO 639-1 code of the language of this passage.
    """

    document_id: str
    start: int
    end: int
    text: str
    heading: tuple[str, ...]
    language: str


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    end: int
    morphemes: int
    tokens: int


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
        for path, regions in _sections(document):
            for region in regions:
                units = self._sentences(document.text, region)
                for first, last in self._groups(units):
                    found.append(_passage(document, units[first].start, units[last].end, path))
        return found

    def _sentences(self, text: str, region: Span) -> list[_Sentence]:
        spans = [piece for span in sentences(text, *region) for piece in _pieces(text, span)]
        counts = self.count_tokens([text[start:end] for start, end in spans])
        found = []
        for (start, end), tokens in zip(spans, counts, strict=True):
            if tokens <= self.limit:
                found.append(_Sentence(start, end, count_morphemes(text[start:end]), tokens))
            else:
                found += self._halves(text, start, end)
        return found

    def _halves(self, text: str, start: int, end: int) -> list[_Sentence]:
        (tokens,) = self.count_tokens([text[start:end]])
        if tokens <= self.limit or end - start < 2:
            return [_Sentence(start, end, count_morphemes(text[start:end]), tokens)]
        middle = (start + end) // 2
        return [*self._halves(text, start, middle), *self._halves(text, middle, end)]

    def _groups(self, units: list[_Sentence]) -> Iterator[tuple[int, int]]:
        """First and last sentence of each passage: about equal lengths, near the target."""
        total = sum(unit.morphemes for unit in units)
        goal = total / max(1, round(total / self.target)) if total else self.target
        first = 0
        while first < len(units):
            last, size, tokens = first, units[first].morphemes, units[first].tokens
            while last + 1 < len(units):
                following = units[last + 1]
                if size + following.morphemes / 2 > goal or tokens + following.tokens > self.limit:
                    break
                last, size, tokens = last + 1, size + following.morphemes, tokens + following.tokens
            yield first, last
            first = self._next_first(units, first, last, goal)

    def _next_first(self, units: list[_Sentence], first: int, last: int, goal: float) -> int:
        """Where the next passage starts: up to ``overlap`` sentences back, if they are short beside a passage."""
        following = last + 1
        if following >= len(units):
            return following
        back = following
        while back - 1 > first and following - back < self.overlap:
            repeated = units[back - 1 : following]
            if sum(unit.morphemes for unit in repeated) > goal / 3:
                break
            if sum(unit.tokens for unit in [*repeated, units[following]]) > self.limit:
                break
            back -= 1
        return back


def whole(document: Document) -> list[Passage]:
    """The document as one passage, as given."""
    return [_passage(document, 0, len(document.text), ())] if document.text.strip() else []


def embedded_text(passage: Passage, title: str, embed_with: str) -> str:
    """What the model reads of a passage: its text, behind the title and the headings above it if so chosen."""
    if embed_with == "text":
        return compose(passage.text)
    above = [title, *passage.heading] if embed_with == "heading" else [title]
    shown: list[str] = []
    for words in above:
        if words and words not in shown and not passage.text.startswith(words):
            shown.append(words)
    return compose("\n".join([" > ".join(shown)[:HEADER_CHARS], passage.text]) if shown else passage.text)


HEADER_CHARS = 120
"""Most characters of title and headings that are embedded with a passage."""


def _passage(document: Document, start: int, end: int, path: tuple[str, ...]) -> Passage:
    text = document.text[start:end]
    return Passage(document.id, start, end, text, path, detect_language(text, default=document.language))


def _sections(document: Document) -> Iterator[tuple[tuple[str, ...], list[Span]]]:
    """Heading path and indexed stretches of each section, its heading line included.

    A heading with nothing but sections below it is no section: it stands in their paths.
    """
    headings = [heading for heading in document.headings if _regions(document, heading.start, heading.end)]
    end = len(document.text)
    yield (), _regions(document, 0, headings[0].start if headings else end)
    path: list[Heading] = []
    for heading, following in zip_longest(headings, headings[1:]):
        path = [above for above in path if above.level < heading.level] + [heading]
        next_start = following.start if following else end
        words = tuple(document.text[above.start : above.end] for above in path)
        regions = _regions(document, heading.start, next_start)
        if not _regions(document, heading.end, next_start):
            if not (following and following.level > heading.level):
                yield words, regions
        elif len(regions) > 1 and not _regions(document, heading.end, regions[0][1]):
            yield words, regions[1:]
        else:
            yield words, regions


def _regions(document: Document, start: int, end: int) -> list[Span]:
    """The stretches of ``[start, end)`` between exclusions that hold letters or digits."""
    found = []
    position = start
    for exclusion in document.excluded:
        if exclusion.end <= start or exclusion.start >= end:
            continue
        found.append((position, exclusion.start))
        position = exclusion.end
    found.append((position, end))
    return [(a, b) for a, b in found if a < b and re.search(r"\w", document.text[a:b])]


def _pieces(text: str, span: Span) -> Iterator[Span]:
    """A sentence, cut at commas or spaces where it is far too long for one."""
    start, end = span
    while end - start > _LONGEST_PIECE:
        window = text[start + _LONGEST_PIECE // 2 : start + _LONGEST_PIECE]
        breaks = [match.end() for match in _BREAKS.finditer(window)]
        cut = start + _LONGEST_PIECE // 2 + (breaks[-1] if breaks else len(window))
        yield start, cut
        start = cut
    yield start, end
