"""Zip files: each file inside that can be read is unpacked, to be read as a document of its own."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from zipfile import ZipInfo

from rag.corpus.formats.zipped import open_zip, unpacked
from rag.corpus.kinds import how_to_read, of_kind
from rag.errors import DocumentError

_UTF8_NAME = 0x800
_NESTED = (".zip",)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A file of an archive: its name inside, and its bytes, or ``None`` with what is wrong with it.

    Attributes:
        is_passed_over: whether it is only of a kind that is not read.
    """

    name: str
    data: bytes | None
    error: DocumentError | None = None
    is_passed_over: bool = False


def unreadable(name: str) -> Unpacked:
    """A file of a kind that is not read, which is said rather than passed over without a word."""
    error = DocumentError(f"{of_kind(name)} cannot be read.", code="unsupported", hint=how_to_read(name))
    return Unpacked(name, None, error, is_passed_over=True)


def unpack(data: bytes, endings: Collection[str], largest: int) -> Iterator[Unpacked]:
    """The files that can be read, one after the other.

    Hidden files are passed over; of those with other endings the names are given. A zip file inside is refused.

    Args:
        largest: larger files are refused, in bytes.

    Raises:
        DocumentError: if it is no zip file, or a bomb, or if there is nothing in it to read.
    """
    archive = open_zip(data, "a zip file")
    empty = True
    for info in archive.infolist():
        name = member_name(info)
        ending = PurePosixPath(name).suffix.lower()
        if info.is_dir() or not _is_wanted(name):
            continue
        empty = False
        if ending not in endings:
            yield unreadable(name)
            continue
        try:
            _check(info, ending, largest)
            yield Unpacked(name, unpacked(archive, info))
        except DocumentError as error:
            yield Unpacked(name, None, error)
    if empty:
        raise DocumentError(
            "There is no file in it that can be read.",
            code="nothing-in-zip",
            hint="Leave it out, or unpack it and convert what is inside.",
        )


def member_name(info: ZipInfo) -> str:
    """The path inside the archive. Japanese Windows writes it in cp932, and marks only UTF-8 (APPNOTE 4.4.4, bit 11).

    ``orig_filename``, since elsewhere the second byte of 表 in cp932 is taken for a separator.
    """
    name = info.orig_filename
    if not info.flag_bits & _UTF8_NAME:
        name = _decoded(name.encode("cp437"))
    parts = re.split(r"[/\\]", name.split("\0")[0])
    return "/".join(part for part in parts if part not in ("", ".", "..") and not re.fullmatch(r"[A-Za-z]:", part))


def _decoded(name: bytes) -> str:
    for encoding in ("utf-8", "cp932"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("cp437")


def _is_wanted(name: str) -> bool:
    parts = name.split("/")
    return bool(name) and "__MACOSX" not in parts and not any(part.startswith(".") for part in parts)


def _check(info: ZipInfo, ending: str, largest: int) -> None:
    if ending in _NESTED:
        raise DocumentError(
            "A zip file inside a zip file is not read.",
            code="nested-zip",
            hint="Unpack the outer one, and give the folder.",
        )
    if info.file_size > largest:
        raise too_large(info.file_size, largest)


def too_large(size: int, largest: int) -> DocumentError:
    """The error for a file of more bytes than are read."""
    return DocumentError(
        f"The file is too large: {size / 1e6:.1f} MB, and at most {largest / 1e6:g} MB are read.",
        code="too-large",
        hint="Split it, or raise max_file_mb.",
        facts={"size": size / 1e6, "limit": largest / 1e6},
    )
