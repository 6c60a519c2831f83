"""Zip files that strangers made: opened only if what they unpack to is within limits."""

from __future__ import annotations

from io import BytesIO
from zipfile import BadZipFile, LargeZipFile, ZipFile, ZipInfo

from rag.errors import DocumentError

MAX_UNPACKED_MB = 512.0
"""Most that a zip file, or an office document or book that is one inside, may unpack to, in megabytes (10^6 bytes)."""
MAX_MEMBERS = 10_000
"""Most files in one zip file."""
MAX_RATIO = 200.0
"""A zip file that unpacks to more than this many times its size is a bomb, unless it unpacks to next to nothing."""
_HARMLESS_BYTES = 10_000_000
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = 0x1
_ENTRY = b"PK\x01\x02"  # begins each entry of the table of contents


def open_zip(data: bytes, kind: str) -> ZipFile:
    """Open it, after a look at its table of contents; ``zipfile`` never unpacks more than that table says.

    Args:
        kind: what the file is, as an error calls it ("a Word document").

    Raises:
        DocumentError: if it is no zip file, damaged, encrypted as a whole, or a bomb.
    """
    if data.startswith(_OLD_OFFICE):
        raise DocumentError(
            "The file is protected by a password, or of Office 97-2003.",
            code="encrypted",
            hint="Open it in its program and save it without a password, in today's format.",
        )
    # Reading a table of a million files takes a while; files packed in the archive may have such entries too.
    if (entries := data.count(_ENTRY)) > 4 * MAX_MEMBERS:
        raise _too_many(entries)
    try:
        archive = ZipFile(BytesIO(data))
    except (BadZipFile, LargeZipFile, ValueError, OSError, NotImplementedError, EOFError) as error:
        raise damaged(kind) from error
    _check_size(archive.infolist(), len(data))
    return archive


def damaged(kind: str) -> DocumentError:
    """The error for a file that is not what its name says, or no longer."""
    return DocumentError(
        f"The file is damaged, or not {kind}.", code="damaged", hint="Open it in its program and save it again."
    )


def member(archive: ZipFile, name: str, kind: str) -> bytes:
    """The contents of one file of the archive.

    Raises:
        DocumentError: if it is missing, damaged or encrypted.
    """
    try:
        return unpacked(archive, archive.getinfo(name))
    except KeyError:
        raise damaged(kind) from None


def unpacked(archive: ZipFile, info: ZipInfo) -> bytes:
    """The contents of one file of the archive.

    Raises:
        DocumentError: if it is damaged, encrypted, or packed in a way not known here.
    """
    if info.flag_bits & _ENCRYPTED:
        raise DocumentError(
            "The file is protected by a password.", code="encrypted", hint="Unpack it, and give the unpacked file."
        )
    try:
        return archive.read(info)
    except NotImplementedError as error:
        raise DocumentError(
            "The file is packed in a way that is not known.", code="damaged", hint="Pack it again as zip."
        ) from error
    except MemoryError:
        raise
    except Exception as error:  # zlib, lzma, bz2 and zipfile each have their own
        raise DocumentError("The file in the zip file is damaged.", code="damaged", hint="Pack it again.") from error


def _check_size(members: list[ZipInfo], packed: int) -> None:
    total = sum(info.file_size for info in members)
    if len(members) > MAX_MEMBERS:
        raise _too_many(len(members))
    if total > MAX_UNPACKED_MB * 1e6:
        raise DocumentError(
            f"It unpacks to {total / 1e6:,.0f} MB, and at most {MAX_UNPACKED_MB:,.0f} MB are read.",
            code="bomb",
            hint="Remove it if it is a zip bomb; unpack it and give the folder if it is not.",
        )
    if total > max(_HARMLESS_BYTES, MAX_RATIO * packed):
        raise DocumentError(
            f"It unpacks to {total / max(1, packed):,.0f} times its size, as a zip bomb does.",
            code="bomb",
            hint="Remove it; if its contents are real, unpack it and give the folder.",
        )


def _too_many(count: int) -> DocumentError:
    return DocumentError(
        f"There are {count:,} files in it, and at most {MAX_MEMBERS:,} are read.",
        code="too-many-files",
        hint="Unpack it, and give the folder.",
        facts={"count": count, "limit": MAX_MEMBERS},
    )
