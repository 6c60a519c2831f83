"""Files -> Documents, one at a time; a file that cannot be read becomes a Refusal."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from rag.corpus import formats
from rag.corpus.charset.encoding import decode
from rag.corpus.cleaning.boilerplate import find_boilerplate, find_repeated_titles, merged
from rag.corpus.cleaning.lines import Line, lines_of
from rag.corpus.dates import modified
from rag.corpus.document import Document, Exclusion, Heading
from rag.corpus.files import FORMATS, FoundFile, Refusal, find_files, os_error
from rag.corpus.formats import html, parsed_text, plain
from rag.corpus.formats.parsed import Parsed
from rag.corpus.sandbox.process import SHARED
from rag.corpus.structure import article_headings, find_blocks
from rag.errors import DocumentError
from rag.language.detection import detect_language

logger = logging.getLogger(__name__)

DEFAULT_MAX_FILE_MB = 64.0
_LONGEST_LINE = 1_000_000


def read_documents(
    paths: Iterable[str | Path], *, max_file_mb: float = DEFAULT_MAX_FILE_MB
) -> Iterator[Document | Refusal]:
    """Read all files under ``paths``, one after the other; see :func:`find_files` for which and in what order.

    The files in a zip file are documents of their own, with sources such as ``archive.zip/folder/name.pdf``.

    Args:
        paths: files and folders.
        max_file_mb: larger files are refused, in megabytes (10^6 bytes).
    """
    for _, item in read_files(find_files(paths), max_file_mb=max_file_mb):
        yield item


def read_files(
    files: Iterable[FoundFile | Refusal], *, max_file_mb: float = DEFAULT_MAX_FILE_MB
) -> Iterator[tuple[FoundFile | Refusal, Document | Refusal]]:
    """As :func:`read_documents` for files already found; each document comes with the file it stands in."""
    taken: set[str] = set()
    try:
        for found in files:
            for item in _read_found(found, max_file_mb):
                yield found, _with_own_source(item, taken)
    finally:
        SHARED.close()


def _read_found(found: FoundFile | Refusal, max_file_mb: float) -> Iterator[Document | Refusal]:
    if isinstance(found, Refusal):
        yield found
    elif _format_of(found.path) == "zip":
        yield from _read_archive(found, max_file_mb)
    else:
        yield _read_or_refuse(found, found.path, max_file_mb)


def _with_own_source(item: Document | Refusal, taken: set[str]) -> Document | Refusal:
    """The same with a number if its source is taken, as by two files of one name in an archive."""
    source, number = item.source, 2
    while source in taken:
        source = f"{item.source} ({number})"
        number += 1
    taken.add(source)
    return item if source == item.source else replace(item, source=source)


def _read_archive(found: FoundFile, max_file_mb: float) -> Iterator[Document | Refusal]:
    """The documents in a zip file, each read by itself once it is unpacked."""
    try:
        with TemporaryDirectory(prefix="shiori-") as folder:
            data = _bytes_of(found.path, max_file_mb)
            for member in SHARED.unpack(data, Path(folder), FORMATS, int(max_file_mb * 1e6)):
                source, shown = f"{found.source}/{member.name}", found.path / member.name
                if member.path is None:
                    error = member.error or DocumentError("It cannot be unpacked.", code="unreadable")
                    yield Refusal(source, shown, error.at(shown))
                    continue
                yield _read_or_refuse(FoundFile(member.path, source), shown, max_file_mb)
                member.path.unlink(missing_ok=True)
    except OSError as error:
        yield Refusal(found.source, found.path, os_error(found.path, error))
    except DocumentError as error:
        yield Refusal(found.source, found.path, error.at(error.path or found.path))


def _read_or_refuse(found: FoundFile, shown: Path, max_file_mb: float) -> Document | Refusal:
    """Read a file; errors call it ``shown``."""
    try:
        return _read(found.path, found.source, shown, max_file_mb)
    except DocumentError as error:
        return Refusal(found.source, shown, error)
    except Exception as error:  # a bug of ours costs one file, not the build
        logger.exception("reading %s", shown)
        reason = f"{type(error).__name__}: {error}"
        failed = DocumentError(
            f"It cannot be read: something went wrong in Shiori itself ({reason}).",
            code="internal",
            path=shown,
            hint="Please report it, with what the log says.",
        )
        return Refusal(found.source, shown, failed)


def read_document(path: str | Path, source: str | None = None, *, max_file_mb: float = DEFAULT_MAX_FILE_MB) -> Document:
    """Read one file: decode it, find its title and headings, mark what is not content.

    Args:
        path: its ending tells the format; a zip file, which may hold many documents, is for :func:`read_documents`.
        source: name of the document in the index; the file's name if not given.
        max_file_mb: a larger file is refused, in megabytes (10^6 bytes).

    Raises:
        DocumentError: if the file is missing, unreadable, too large, empty, damaged, encrypted, without text, in no
            known encoding, or cannot be read within the limits of :mod:`rag.corpus.sandbox.process`.
    """
    path = Path(path)
    return _read(path, path.name if source is None else source, path, max_file_mb)


def _format_of(path: Path) -> str:
    return FORMATS.get(path.suffix.lower(), "text")


def _read(path: Path, source: str, shown: Path, max_file_mb: float) -> Document:
    file_format = _format_of(path)
    try:
        data = _bytes_of(path, max_file_mb)
        if file_format == "zip":
            raise DocumentError(
                "A zip file can hold many documents.", code="archive", hint="Read it with read_documents."
            )
        if not data:
            raise DocumentError("The file is empty.", code="empty", hint="Remove it, or save its contents again.")
        facts = {"format": file_format, "modified": modified(shown)}
        if formats.FORMATS[file_format].read:
            parsed = SHARED.read(file_format, data)
        else:
            text, encoding = decode(data, html.declared_encoding(data) if file_format == "html" else None)
            if not text.strip():
                raise DocumentError("The file is empty.", code="empty", hint="Remove it, or save its contents again.")
            parsed = parsed_text(text, file_format, PurePosixPath(source).name)
            facts = {"encoding": encoding} | facts
        _check_lines(parsed.text)
        if not parsed.text.strip():
            hint = _NO_TEXT_HINTS.get(file_format, "Leave it out.")
            raise DocumentError("The file shows no text.", code="no-text", hint=hint)
    except DocumentError as error:
        raise error.at(shown) from error.__cause__
    return document_of(source, parsed, facts)


_NO_TEXT_HINTS = {"html": "Save it from a browser, after its scripts have run."}


def _check_lines(text: str) -> None:
    """Refuse what is data in the shape of a text: a citation of line 1 would point at all of it."""
    longest = max(map(len, text.split("\n")))
    if longest > _LONGEST_LINE:
        raise DocumentError(
            f"One line has {longest:,} characters, which no document has; at most {_LONGEST_LINE:,} are read.",
            code="long-line",
            facts={"count": longest, "limit": _LONGEST_LINE},
            hint="If it is a document, save it with line breaks between its paragraphs.",
        )


def _bytes_of(path: Path, max_file_mb: float) -> bytes:
    try:
        size = path.stat().st_size
        if size > max_file_mb * 1e6:
            raise DocumentError(
                f"The file is too large: {size / 1e6:.1f} MB, and at most {max_file_mb:g} MB are read.",
                code="too-large",
                path=path,
                hint="Split it, or raise max_file_mb.",
                facts={"size": size / 1e6, "limit": max_file_mb},
            )
        return path.read_bytes()
    except OSError as error:
        raise os_error(path, error) from error


def document_of(source: str, parsed: Parsed, metadata: dict[str, str]) -> Document:
    """Clean what a format's reader found, and find the title and headings the format does not tell."""
    blocked = sorted([*((e.start, e.end) for e in parsed.excluded), *parsed.protected])
    lines = lines_of(parsed.text, without=blocked)
    excluded = [*parsed.excluded, *find_boilerplate(lines)]
    content = _clear_of(lines, excluded)
    title, headings, line = _title_and_headings(parsed, content)
    if line is not None:
        excluded += find_repeated_titles(content, line)
    excluded_spans = merged(excluded, parsed.text)
    visible = _clear_of(lines_of(parsed.text), excluded_spans)
    headings = [*headings, *article_headings(_clear_of(content, excluded_spans), headings)]
    found = sorted(_headings_clear_of(headings, excluded_spans), key=lambda heading: heading.start)
    return Document(
        source=source,
        title=title or Path(source).stem,
        text=parsed.text,
        language=detect_language(_indexed(parsed.text, excluded_spans), default="ja"),
        headings=tuple(found),
        excluded=excluded_spans,
        metadata=metadata | parsed.metadata,
        places=tuple(parsed.places),
        blocks=find_blocks(
            visible,
            found,
            parsed.blocks,
            protected=parsed.protected,
            comma_separated=PurePosixPath(source).suffix.lower() == ".csv",
        ),
    )


def _title_and_headings(parsed: Parsed, content: Sequence[Line]) -> tuple[str, Sequence[Heading], Line | None]:
    """Title, headings, and the line that is the title, whose repetitions are to be marked."""
    if parsed.headings is not None:
        found, _ = ("", None) if parsed.title else plain.find_title(content, parsed.headings, parsed.text)
        title = parsed.title or found
        return (
            title,
            parsed.headings,
            next((line for line in content[:20] if title and line.bare == title.strip()), None),
        )
    dense = plain.is_dense(content)
    title, line = plain.find_title(content, plain.find_headings(content, None, dense=dense), parsed.text)
    repeated = find_repeated_titles(content, line) if line is not None else []
    return title, plain.find_headings(_clear_of(content, repeated), line, dense=dense), line


def _clear_of(lines: Sequence[Line], excluded: Sequence[Exclusion]) -> list[Line]:
    """The lines that are not excluded as a whole; of those excluded in part, what is left is not looked at again."""
    touched = {exclusion.start: exclusion.end for exclusion in excluded}
    spans = sorted((start, end) for start, end in touched.items())
    return [line for line in lines if not _touches(line, spans)]


def _touches(line: Line | Heading, spans: Sequence[tuple[int, int]]) -> bool:
    from bisect import bisect_left

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
