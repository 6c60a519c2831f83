"""Which files there are to read, and what each is called in the index."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rag.corpus import formats
from rag.corpus.kinds import how_to_read, of_kind
from rag.errors import DocumentError, RagError

logger = logging.getLogger(__name__)

_INSTALLED = ("node_modules", "__pycache__", "__MACOSX")
_LEFT_BEHIND = ("thumbs.db", "desktop.ini")

FORMATS = {ending: name for name, each in formats.FORMATS.items() for ending in each.endings.split()}
"""File name endings that can be read, and the format each stands for."""
MESSAGES = frozenset(("email", "outlook"))
"""Formats that are a document and may hold others."""
CONTAINERS = MESSAGES | {"zip", "mailbox"}
"""Formats that hold files."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to read: where it is, and the ``source`` it has in the index."""

    path: Path
    source: str


@dataclass(frozen=True)
class Refusal:
    """A file or folder that could not be read, and why; the others are not affected.

    Attributes:
        is_passed_over: whether it is only of a kind that is not read, and nobody named it.
    """

    source: str
    path: Path
    error: RagError
    is_passed_over: bool = False


def find_files(
    paths: Iterable[str | Path],
    *,
    apart_from: Iterable[str | Path] = (),
    follow_links: bool = False,
    taken: Iterable[str] = (),
) -> Iterator[FoundFile | Refusal]:
    """The files under ``paths``, in the order of the paths and sorted by name within a folder.

    Files of kinds that are not read come as refusals that say so. Hidden files and folders are skipped, and those that
    programs leave behind (``node_modules``, ``~$`` files of Office). Each real file comes once, whatever links lead to
    it. Links that lead out of all paths are refused: whoever may write into a folder could have any file read.
    ``source`` is the path relative to the folder given (a file given by itself: its name); where that is taken, names
    of the folders above come in front.

    Args:
        paths: files, and folders to go through with all their folders.
        apart_from: folders not to go into, such as that of the index itself.
        follow_links: follow links wherever they lead.
        taken: sources that other documents have already.
    """
    taken = set(taken)
    seen_files: set[str] = set()
    seen_folders = {os.path.realpath(folder) for folder in apart_from}
    given = [Path(path) for path in paths]
    inside = None if follow_links else [os.path.realpath(path) for path in given]
    for path in given:
        for found in _under(path, seen_folders, inside):
            real = os.path.realpath(found.path)
            if isinstance(found, Refusal):
                yield found
            elif not _is_utf8(found):
                yield _unnameable(found)
            elif real not in seen_files:
                seen_files.add(real)
                source = _free_source(found, path, taken)
                taken.add(source)
                yield FoundFile(found.path, source)


def _is_utf8(found: FoundFile) -> bool:
    try:
        f"{found.source}{found.path}".encode()
    except UnicodeEncodeError:
        return False
    return True


def _unnameable(found: FoundFile) -> Refusal:
    """A file whose name is in no encoding that an index could hold; its bytes are shown as U+FFFD."""
    path, source = (os.fsencode(name).decode("utf-8", "replace") for name in (found.path, found.source))
    error = DocumentError("The file's name is not in UTF-8.", code="bad-name", path=path, hint="Rename it.")
    return Refusal(source, Path(path), error)


def _under(path: Path, seen_folders: set[str], inside: list[str] | None) -> Iterator[FoundFile | Refusal]:
    try:
        path.stat()
    except OSError as error:
        yield Refusal(path.name, path, os_error(path, error))
        return
    if path.is_dir():
        yield from _walk(path, seen_folders, inside)
    elif path.suffix.lower() not in FORMATS:
        yield Refusal(path.name, path, _unsupported(path))
    elif not path.is_file():
        yield Refusal(path.name, path, DocumentError("This is not a regular file.", code="not-regular", path=path))
    else:
        yield FoundFile(path, path.name)


def _walk(root: Path, seen_folders: set[str], inside: list[str] | None) -> Iterator[FoundFile | Refusal]:
    """All readable files below ``root``; a stack, since folders can nest deeper than functions.

    ``inside``: real paths that links may lead to; ``None`` for all.
    """
    stack = [root]
    while stack:
        path = stack.pop()
        source = path.relative_to(root).as_posix()
        if inside is not None and path != root and path.is_symlink() and _leads_out(path, inside):
            yield Refusal(source, path, _link_out(path))
            continue
        if not path.is_dir():
            yield _readable_or_refused(path, source)
            continue
        real = os.path.realpath(path)
        if real in seen_folders:
            logger.info("%s is the same folder as one read before", path)
            continue
        seen_folders.add(real)
        try:
            children = sorted(path.iterdir(), key=lambda child: child.name, reverse=True)
        except OSError as error:
            yield Refusal(source, path, os_error(path, error))
            continue
        stack += [child for child in children if _is_wanted(child)]


def _leads_out(link: Path, inside: list[str]) -> bool:
    """Whether something that would be read is at the link's end, and that is nowhere inside."""
    real = Path(os.path.realpath(link))
    is_read = real.is_dir() or (real.is_file() and link.suffix.lower() in FORMATS)
    return is_read and not any(real.is_relative_to(path) for path in inside)


def _link_out(link: Path) -> DocumentError:
    return DocumentError(
        "This link leads out of the folder.",
        code="link-out",
        path=link,
        hint="Name what it leads to as well, or have links followed with --follow-links.",
    )


def _is_wanted(path: Path) -> bool:
    return (
        not path.name.startswith((".", "~$")) and path.name not in _INSTALLED and path.name.lower() not in _LEFT_BEHIND
    )


def _readable_or_refused(path: Path, source: str) -> FoundFile | Refusal:
    try:
        path.stat()
    except OSError as error:
        return Refusal(source, path, os_error(path, error))
    if not path.is_file():
        return Refusal(source, path, DocumentError("This is not a regular file.", code="not-regular", path=path))
    if path.suffix.lower() not in FORMATS:
        return Refusal(source, path, _unsupported(path), is_passed_over=True)
    return FoundFile(path, source)


def _free_source(found: FoundFile, given: Path, taken: set[str]) -> str:
    source = found.source
    base = (given if given.is_dir() else given.parent).resolve()
    while source in taken and base.name:
        source = f"{base.name}/{source}"
        base = base.parent
    number = 2
    unnumbered = source
    while source in taken:
        source = f"{unnumbered} ({number})"
        number += 1
    return source


def _unsupported(path: Path) -> DocumentError:
    return DocumentError(
        f"{of_kind(path.name)} cannot be read.", code="unsupported", path=path, hint=how_to_read(path.name)
    )


def os_error(path: Path, error: OSError) -> DocumentError:
    """What the operating system says, as an error for the user."""
    if isinstance(error, FileNotFoundError):
        if path.is_symlink():
            return DocumentError("This link leads nowhere.", code="missing", path=path, hint="Mend or remove it.")
        return DocumentError("There is no such file or folder.", code="missing", path=path, hint="Check the path.")
    if isinstance(error, PermissionError):
        return DocumentError(
            "There is no permission to read this.", code="no-permission", path=path, hint="Change its permissions."
        )
    return DocumentError(f"This cannot be read: {error.strerror or error}.", code="unreadable", path=path)
