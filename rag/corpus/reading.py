"""Files -> Documents, one at a time; a file that cannot be read becomes a Refusal."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rag.corpus.dates import modified
from rag.corpus.document import Document
from rag.corpus.files import CONTAINERS, FORMATS, MESSAGES, FoundFile, Refusal, find_files, os_error
from rag.corpus.legacy import as_today
from rag.corpus.sandbox.process import SHARED
from rag.errors import DocumentError, bug

__all__ = ["DEFAULT_MAX_FILE_MB", "read_document", "read_documents", "read_files", "read_on"]

logger = logging.getLogger(__name__)

DEFAULT_MAX_FILE_MB = 64.0
_DEEPEST = 4  # a mail in a mailbox in an archive, with its files
_ATTACHMENTS = re.compile(r"^Attachments: ", re.MULTILINE)


def read_documents(
    paths: Iterable[str | Path], *, max_file_mb: float = DEFAULT_MAX_FILE_MB
) -> Iterator[Document | Refusal]:
    """Read all files under ``paths``, one after the other; see :func:`find_files` for which and in what order.

    The files in a zip file are documents of their own, with sources such as ``archive.zip/folder/name.pdf``; so are
    those attached to a mail and the messages of a mailbox.

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
    try:
        yield from read_on(files, set(), max_file_mb=max_file_mb)
    finally:
        SHARED.close()


def read_on(
    files: Iterable[FoundFile | Refusal], taken: set[str], *, max_file_mb: float = DEFAULT_MAX_FILE_MB
) -> Iterator[tuple[FoundFile | Refusal, Document | Refusal]]:
    """As :func:`read_files`, one part of the files after the other: the process that reads them is left running.

    Args:
        files: a part of them.
        taken: sources that other documents have; those of these files are added.
        max_file_mb: larger files are refused, in megabytes (10^6 bytes).
    """
    for found in files:
        for item in _read_found(found, max_file_mb):
            yield found, _with_own_source(item, taken)


def _read_found(found: FoundFile | Refusal, max_file_mb: float) -> Iterator[Document | Refusal]:
    if isinstance(found, Refusal):
        yield found
    else:
        yield from _read_with_members(found, found.path, max_file_mb)


def _read_with_members(
    found: FoundFile, shown: Path, max_file_mb: float, depth: int = 0
) -> Iterator[Document | Refusal]:
    """The documents of a file: itself, unless it only holds others, and those in it. Errors call it ``shown``."""
    file_format = format_of(found.path)
    if file_format not in CONTAINERS:
        yield _read_or_refuse(found, shown, max_file_mb)
        return
    is_message = file_format in MESSAGES
    if is_message:
        item = _read_or_refuse(found, shown, max_file_mb)
        yield item
        if isinstance(item, Refusal) or not _ATTACHMENTS.search(item.text):
            return
    if depth < _DEEPEST:
        yield from _read_members(found, shown, file_format, max_file_mb, depth)


def _with_own_source(item: Document | Refusal, taken: set[str]) -> Document | Refusal:
    """The same with a number if its source is taken, as by two files of one name in an archive."""
    source, number = item.source, 2
    while source in taken:
        source = f"{item.source} ({number})"
        number += 1
    taken.add(source)
    return item if source == item.source else replace(item, source=source)


def _read_members(
    found: FoundFile, shown: Path, file_format: str, max_file_mb: float, depth: int
) -> Iterator[Document | Refusal]:
    """The documents in a file that holds others, each read by itself once it is unpacked."""
    try:
        with TemporaryDirectory(prefix="shiori-") as folder:
            data = _bytes_of(found.path, max_file_mb)
            for member in SHARED.unpack(data, Path(folder), FORMATS, int(max_file_mb * 1e6), file_format):
                source, inside = f"{found.source}/{member.name}", shown / member.name
                if member.path is None:
                    error = member.error or DocumentError("It cannot be unpacked.", code="unreadable")
                    yield Refusal(source, inside, error.at(inside), member.is_passed_over)
                    continue
                yield from _read_with_members(FoundFile(member.path, source), inside, max_file_mb, depth + 1)
                member.path.unlink(missing_ok=True)
    except OSError as error:
        yield Refusal(found.source, shown, os_error(shown, error))
    except DocumentError as error:
        yield Refusal(found.source, shown, error.at(error.path or shown))


def _read_or_refuse(found: FoundFile, shown: Path, max_file_mb: float) -> Document | Refusal:
    """Read a file; errors call it ``shown``."""
    try:
        return _read(found.path, found.source, shown, max_file_mb)
    except DocumentError as error:
        return Refusal(found.source, shown, error)
    except Exception as error:  # a bug of ours costs one file, not the build
        logger.exception("reading %s", shown)
        return Refusal(found.source, shown, bug(error).at(shown))


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


def format_of(path: Path) -> str:
    """The format that the end of a file's name stands for."""
    return FORMATS.get(path.suffix.lower(), "text")


def _read(path: Path, source: str, shown: Path, max_file_mb: float) -> Document:
    file_format = format_of(path)
    try:
        data = _bytes_of(path, max_file_mb)
        if file_format in CONTAINERS - MESSAGES:
            raise DocumentError(
                "Such a file can hold many documents.", code="archive", hint="Read it with read_documents."
            )
        if not data:
            raise DocumentError("The file is empty.", code="empty", hint="Remove it, or save its contents again.")
        if file_format == "legacy":
            file_format, data = as_today(path, data)
        return SHARED.read(file_format, data, source, {"format": file_format, "modified": modified(shown)})
    except DocumentError as error:
        raise error.at(shown) from error.__cause__


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
