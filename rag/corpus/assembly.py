"""Bytes of one file -> Document: decoded, parsed, cleaned, with title, headings, Blocks. Runs in the worker process."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from rag.corpus.about import about_of
from rag.corpus.blanking import blanked
from rag.corpus.blocks import Block
from rag.corpus.charset.declared import declared_encoding
from rag.corpus.charset.encoding import decode_with_gaps
from rag.corpus.cleaning.boilerplate import find_boilerplate, find_repeated_titles, merged
from rag.corpus.cleaning.evidence import is_saved_page
from rag.corpus.cleaning.lines import Line, lines_of
from rag.corpus.document import Document, Exclusion, Heading
from rag.corpus.files import FORMATS as FORMATS_BY_ENDING
from rag.corpus.formats import FORMATS, aozora, parsed_text, parser, plain
from rag.corpus.formats.parsed import Parsed
from rag.corpus.own_dates import own_date
from rag.corpus.structure import article_headings, find_blocks
from rag.corpus.titles import find_subject
from rag.errors import DocumentError, bug
from rag.language.detection import detect_language

_LONGEST_LINE = 1_000_000
MAX_TEXT_CHARS = 20_000_000
"""A document with more text is refused, in characters."""
_NO_TEXT_HINTS = {"html": "Save it from a browser, after its scripts have run."}


def document_from(file_format: str, source: str, data: bytes, facts: Mapping[str, str]) -> Document:
    """The document that these bytes are.

    Args:
        file_format: one of the values of ``FORMATS``, but for archives.
        source: its name in the index, whose ending tells a little more.
        facts: what is known of the file besides; what the file says of itself comes before it.

    Raises:
        DocumentError: if it is empty, damaged, encrypted, without text, too long, or in no known encoding; or if
            something is wrong here, and not with the file.
    """
    parsed = parser(file_format)(data) if FORMATS[file_format].read else None
    try:
        return _assembled(file_format, source, data, facts, parsed)
    except (DocumentError, MemoryError):
        raise
    except Exception as error:
        raise bug(error) from error


def _assembled(file_format: str, source: str, data: bytes, facts: Mapping[str, str], parsed: Parsed | None) -> Document:
    encoding = {}
    if parsed is None:
        text, name, gaps = decode_with_gaps(data, declared_encoding(data) if file_format == "html" else None)
        if not text.strip():
            raise DocumentError("The file is empty.", code="empty", hint="Remove it, or save its contents again.")
        parsed, encoding = _parse(text, file_format, source), {"encoding": name}
        if gaps:
            encoding["undecoded"] = str(gaps)
    _check_text(parsed.text, file_format)
    return document_of(source, parsed, {**encoding, **facts})


def _check_text(text: str, file_format: str) -> None:
    """Refuse what is data in the shape of a text: a citation of line 1 would point at all of it."""
    longest = max(map(len, text.split("\n")))
    if longest > _LONGEST_LINE:
        raise DocumentError(
            f"One line has {longest:,} characters, which no document has; at most {_LONGEST_LINE:,} are read.",
            code="long-line",
            facts={"count": longest, "limit": _LONGEST_LINE},
            hint="If it is a document, save it with line breaks between its paragraphs.",
        )
    if len(text) > MAX_TEXT_CHARS:
        raise DocumentError(
            f"It holds {len(text):,} characters, and at most {MAX_TEXT_CHARS:,} are read.",
            code="too-many-characters",
            facts={"count": len(text), "limit": MAX_TEXT_CHARS},
            hint="Split it, or save its text as a .txt file.",
        )
    if not text.strip():
        hint = _NO_TEXT_HINTS.get(file_format, "Leave it out.")
        raise DocumentError("The file shows no text.", code="no-text", hint=hint)


def _parse(text: str, file_format: str, source: str) -> Parsed:
    name = PurePosixPath(source)
    if name.suffix.lower() == ".xml":
        from rag.corpus.formats import markup

        if (prose := markup.parse(text)) is not None:
            return prose
    if file_format == "text" and aozora.is_aozora(text):
        return aozora.parse(text)
    return parsed_text(text, file_format, name.name)


def document_of(source: str, parsed: Parsed, metadata: dict[str, str]) -> Document:
    """Clean what a format's reader found, and find the title and headings the format does not tell."""
    told = [exclusion for exclusion in parsed.excluded if not exclusion.is_inline]
    inline = [exclusion for exclusion in parsed.excluded if exclusion.is_inline]
    shown = blanked(parsed.text, inline, " ")
    blocked = sorted([*((e.start, e.end) for e in told), *parsed.protected])
    lines = lines_of(shown, without=blocked)
    file_format = metadata.get("format") or FORMATS_BY_ENDING.get(PurePosixPath(source).suffix.lower(), "text")
    excluded = [*told, *_boilerplate(lines, file_format, parsed.headings or ())]
    content = _clear_of(lines, excluded)
    title, headings, line = _title_and_headings(parsed, content, file_format)
    if line is not None:
        excluded += find_repeated_titles(content, line)
    excluded_spans = merged(excluded, parsed.text)
    visible = _clear_of(lines_of(shown), excluded_spans)
    headings = [*headings, *article_headings(_clear_of(content, excluded_spans), headings)]
    found = sorted(_headings_clear_of(headings, excluded_spans), key=lambda heading: heading.start)
    return Document(
        source=source,
        title=title or Path(source).stem,
        text=parsed.text,
        language=detect_language(_indexed(shown, excluded_spans), default="ja"),
        headings=tuple(found),
        excluded=merged([*excluded_spans, *inline], parsed.text) if inline else excluded_spans,
        metadata=_facts(metadata, parsed, visible, title, source),
        places=tuple(parsed.places),
        blocks=find_blocks(
            visible,
            found,
            [block for block in parsed.blocks if not _is_within(block, excluded_spans)],
            protected=parsed.protected,
            separated=PurePosixPath(source).suffix.lower() in (".csv", ".tsv"),
            slides=[place.start for place in parsed.places if place.kind == "slide"],
        ),
    )


_NO_OWN_DATE = frozenset(("mhtml", "email", "outlook", "epub", "code", "data", "notebook", "subtitles"))
_OF_NOBODY = frozenset(("email", "outlook", "epub", "code", "data", "notebook", "subtitles"))


def _facts(
    metadata: Mapping[str, str], parsed: Parsed, lines: Sequence[Line], title: str, source: str
) -> dict[str, str]:
    """What is known of a document: what it says itself comes before what its file's properties say."""
    file_format = metadata.get("format", "")
    said = "" if file_format in _NO_OWN_DATE else own_date(lines, source, only_labelled=file_format == "html")
    about = "" if file_format in _OF_NOBODY else about_of(lines, title, source)
    day = parsed.find_day() if not said and parsed.find_day is not None else ""
    facts = {**metadata, **({"date": day} if day else {}), **parsed.metadata}
    is_front_matter = file_format == "markdown" and "date" in facts
    return facts | ({"date": said} if said and not is_front_matter else {}) | ({"about": about} if about else {})


def _boilerplate(lines: Sequence[Line], file_format: str, headings: Sequence[Heading]) -> list[Exclusion]:
    """What is not content, as far as a file of this format can hold such: only pages have menus and buttons."""
    if file_format == "html":
        spans = [(heading.start, heading.end) for heading in headings]
        found = find_boilerplate(lines, "page")
        return [each for each in found if each.reason != "byline" or not _touches(each, spans)]
    if file_format in ("text", "markdown"):
        free = lines
        if file_format == "markdown":
            spans = [(heading.start, heading.end) for heading in headings]
            free = [line for line in lines if not _touches(line, spans)]
        return find_boilerplate(free, "page" if is_saved_page(free) else "text")
    return find_boilerplate(lines, "file") if file_format in ("pdf", "word", "epub") else []


def _title_and_headings(
    parsed: Parsed, content: Sequence[Line], file_format: str
) -> tuple[str, Sequence[Heading], Line | None]:
    """Title, headings, and the line that is the title, whose repetitions are to be marked.

    The subject of a letter in a PDF is the title, though what is enclosed below it has a larger heading.
    """
    if parsed.headings is not None:
        found, _ = ("", None) if parsed.title else plain.find_title(content, parsed.headings, parsed.text)
        title = parsed.title or found
        first = parsed.headings[0].start if parsed.headings else 0
        words, subject = find_subject(content) if file_format == "pdf" else ("", None)
        title = words if subject is not None and subject.start < first else title
        return (
            title,
            parsed.headings,
            next((line for line in content[:20] if title and line.bare == title.strip()), None),
        )
    content = [line for line in content if line.text[0] not in ">＞"] or content  # what is quoted is no title
    dense = plain.is_dense(content)
    title, line = plain.find_title(content, plain.find_headings(content, None, dense=dense), parsed.text)
    repeated = find_repeated_titles(content, line) if line is not None else []
    return title, plain.find_headings(_clear_of(content, repeated), line, dense=dense), line


def _clear_of(lines: Sequence[Line], excluded: Sequence[Exclusion]) -> list[Line]:
    """The lines that are not excluded as a whole; of those excluded in part, what is left is not looked at again."""
    touched = {exclusion.start: exclusion.end for exclusion in excluded}
    spans = sorted((start, end) for start, end in touched.items())
    return [line for line in lines if not _touches(line, spans)]


def _is_within(block: Block, excluded: Sequence[Exclusion]) -> bool:
    """Whether no character of a Block that says something is left."""
    position = block.start
    for exclusion in excluded[max(0, bisect_right(excluded, block.start, key=lambda e: e.start) - 1) :]:
        if exclusion.start > position + 1:
            break
        position = max(position, exclusion.end)
        if position >= block.end:
            return True
    return False


def _touches(line: Line | Heading | Exclusion, spans: Sequence[tuple[int, int]]) -> bool:
    place = bisect_left(spans, (line.end, 0))
    return place > 0 and spans[place - 1][1] > line.start


def _headings_clear_of(headings: Sequence[Heading], excluded: Sequence[Exclusion]) -> list[Heading]:
    spans = [(exclusion.start, exclusion.end) for exclusion in excluded]
    return [heading for heading in headings if heading.end > heading.start and not _touches(heading, spans)]


def _indexed(text: str, excluded: Sequence[Exclusion]) -> str:
    pieces, position = [], 0
    for exclusion in excluded:
        pieces.append(text[position : exclusion.start])
        position = exclusion.end
    return "".join([*pieces, text[position:]])
