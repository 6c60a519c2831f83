"""Files -> Documents, one at a time; a file that cannot be read becomes a Refusal."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rag.corpus.assembly import document_of
from rag.corpus.dates import modified
from rag.corpus.document import Document
from rag.corpus.files import FORMATS, FoundFile, Refusal, find_files, os_error
from rag.corpus.sandbox.process import SHARED
from rag.errors import DocumentError

__all__ = ["DEFAULT_MAX_FILE_MB", "document_of", "read_document", "read_documents", "read_files"]

logger = logging.getLogger(__name__)

DEFAULT_MAX_FILE_MB = 64.0


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
                    error = member.error or DocumentError("It cannot be unpacked.")
                    yield Refusal(source, shown, DocumentError(error.message, path=shown, hint=error.hint))
                    continue
                yield _read_or_refuse(FoundFile(member.path, source), shown, max_file_mb)
                member.path.unlink(missing_ok=True)
    except OSError as error:
        yield Refusal(found.source, found.path, os_error(found.path, error))
    except DocumentError as error:
        yield Refusal(
            found.source, found.path, DocumentError(error.message, path=error.path or found.path, hint=error.hint)
        )


def _read_or_refuse(found: FoundFile, shown: Path, max_file_mb: float) -> Document | Refusal:
    """Read a file; errors call it ``shown``."""
    try:
        return _read(found.path, found.source, shown, max_file_mb)
    except DocumentError as error:
        return Refusal(found.source, shown, error)
    except (RecursionError, MemoryError, ValueError, LookupError) as error:
        logger.exception("reading %s", shown)
        return Refusal(found.source, shown, DocumentError(f"This cannot be read: {error!r}.", path=shown))


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
            raise DocumentError("A zip file can hold many documents.", hint="Read it with read_documents.")
        if not data:
            raise DocumentError("The file is empty.", hint="Remove it, or save its contents again.")
        return SHARED.read(file_format, data, source, {"format": file_format, "modified": modified(shown)})
    except DocumentError as error:
        raise DocumentError(error.message, path=shown, hint=error.hint) from error.__cause__


def _bytes_of(path: Path, max_file_mb: float) -> bytes:
    try:
        size = path.stat().st_size
        if size > max_file_mb * 1e6:
            raise DocumentError(
                f"The file is too large: {size / 1e6:.1f} MB, and at most {max_file_mb:g} MB are read.",
                path=path,
                hint="Split it, or raise max_file_mb.",
            )
        return path.read_bytes()
    except OSError as error:
        raise os_error(path, error) from error
